use super::tail::{self, Verdict};
use super::{Assessment, Properness, SectionError, mass};
use crate::coordinates::Coordinates;
use crate::expectation::{ExpectationError, Method, expected_information};
use crate::family::{Constraint, Model, Parameter, ParameterSpace};

/// The prior on ℝᵏ, of all parameters or of one with the others fixed.
pub(super) struct OpenedPrior<'a> {
    model: &'a dyn Model,
    /// The one that is free, and the point that the others are fixed at.
    section: Option<(usize, Vec<f64>)>,
    /// The space of what is free, and the coordinates that open it.
    space: ParameterSpace,
    coordinates: Coordinates,
}

impl<'a> OpenedPrior<'a> {
    pub(super) fn new(model: &'a dyn Model) -> Self {
        Self::on(model.regular_space(), model, None)
    }

    pub(super) fn of_one(
        model: &'a dyn Model,
        theta: &[f64],
        index: usize,
    ) -> Result<Self, SectionError> {
        let whole = model.regular_space();
        let count = whole.dimension();
        let own = whole
            .parameters()
            .get(index)
            .ok_or(SectionError::NoParameter { index, count })?;
        whole.check(theta)?;
        let own = match whole.constraint() {
            Constraint::PositiveDefinite { start, dimension }
                if index >= start && dimension > 1 =>
            {
                return Err(SectionError::Tied {
                    name: own.name.clone(),
                });
            }
            // What the others leave.
            Constraint::Simplex => Parameter {
                upper: 1.0 - (theta.iter().sum::<f64>() - theta[index]),
                ..own.clone()
            },
            _ => own.clone(),
        };
        let section = Some((index, theta.to_vec()));
        Ok(Self::on(ParameterSpace::product(vec![own]), model, section))
    }

    fn on(space: ParameterSpace, model: &'a dyn Model, section: Option<(usize, Vec<f64>)>) -> Self {
        Self {
            model,
            section,
            coordinates: space.unconstrained(),
            space,
        }
    }

    pub(super) fn space(&self) -> &ParameterSpace {
        &self.space
    }

    pub(super) fn dimension(&self) -> usize {
        self.space.dimension()
    }

    /// ln g(u).
    pub(super) fn log_density(&self, u: &[f64]) -> Result<f64, ExpectationError> {
        let free = self.coordinates.inverse(u);
        // √det(JᵀIJ) = √det I · |det J|, each determinant by itself: the product of the matrices
        // would mix what is large with what is small.
        let volume = self.coordinates.jacobian(u).determinant().abs().ln();
        let information =
            |theta: &[f64]| expected_information(self.model, theta, Method::Automatic);
        let log_determinant = match &self.section {
            None => information(&free)?.log_determinant()?,
            Some((index, fixed)) => {
                let mut theta = fixed.clone();
                theta[*index] = free[0];
                information(&theta)?.matrix()[(*index, *index)].ln()
            }
        };
        Ok(0.5 * log_determinant + volume)
    }

    pub(super) fn assess(&self) -> Assessment {
        let tails = tail::tails(self);
        let properness = if tails.iter().any(|tail| tail.verdict == Verdict::Diverges) {
            Properness::Improper
        } else if let Some(tail) = tails.iter().find(|tail| tail.verdict == Verdict::Undecided) {
            Properness::Undecided {
                reason: format!(
                    "the tail toward {} could not be read, or falls too close to 1/r",
                    tail.end
                ),
            }
        } else {
            mass::integrate(self, &tails).unwrap_or_else(|error| Properness::Undecided {
                reason: format!("every tail looked at converges, but the integral failed: {error}"),
            })
        };
        Assessment { properness, tails }
    }
}
