use super::student_t::{draw_student, student_log_density};
use super::{
    ClosedGeodesic, Entry, Family, Instance, Parameter, ParameterSpace, ReferencePrior,
    SamplingError, Support,
};
use crate::coordinates::{Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use faer::{Mat, mat};
use rand::Rng;

/// Student's t with location μ, scale σ and a known number ν of degrees of freedom.
///
/// Information \\(\mathrm{diag}(\nu+1, 2\nu)/\bigl((\nu+3)\sigma^2\bigr)\\). See [`StudentT`](super::StudentT).
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::StudentTKnownNu;
/// let information = expected_information(&StudentTKnownNu { nu: 5.0 }, &[0.0, 2.0], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 0.1875).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct StudentTKnownNu {
    /// ν > 0, known.
    pub nu: f64,
}

impl Family for StudentTKnownNu {
    fn name(&self) -> String {
        format!("StudentT(ν = {} known)", self.nu)
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![
            Parameter::real("location"),
            Parameter::positive("scale"),
        ])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::REAL
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        student_log_density(theta[0], theta[1], D::from(self.nu), x[0])
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        x[0] = theta[0] + theta[1] * draw_student(self, self.nu, rng)?;
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let unit = theta[1].powi(-2) / (self.nu + 3.0);
        Some(mat![
            [unit * (self.nu + 1.0), 0.0],
            [0.0, unit * 2.0 * self.nu]
        ])
    }

    fn closed_form_geodesic(&self, from: &[f64], to: &[f64]) -> Option<ClosedGeodesic> {
        let (from, to) = ([from[0], from[1]], [to[0], to[1]]);
        Some(ClosedGeodesic::location_scale(
            (self.nu + 1.0) / (self.nu + 3.0),
            2.0 * self.nu / (self.nu + 3.0),
            from,
            to,
        ))
    }

    fn reference_prior(&self) -> Option<ReferencePrior> {
        Some(ReferencePrior::location_scale("scale"))
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![Elementwise::coordinates(
            "log-scale",
            &[Scalar::Identity, Scalar::Log],
        )]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "student-t-known-nu",
    aliases: &[],
    summary: "a bell with power tails, their power known",
    example: "student-t-known-nu location=0 scale=2 nu=5",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let nu = arguments.positive("nu")?;
        let location = arguments.number("location")?;
        Instance::new(
            StudentTKnownNu { nu },
            vec![location, arguments.number("scale")?],
        )
    },
};
