//! The outline of a confidence ellipse.

/// The 95 % quantile of χ² with two degrees of freedom, −2 log 0.05.
pub(crate) const CHI_SQUARED_QUANTILE: f64 = 5.991_464_547_107_979;

/// How many points an outline has.
const POINTS: usize = 240;

/// The outline of `{d : dᵀ Σ⁻¹ d ≤ χ²}`, d being the deviation from the estimate.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outline {
    /// Points around the ellipse.
    Ellipse(Vec<(f64, f64)>),
    /// The ends of the line that a singular covariance leaves.
    Line([(f64, f64); 2]),
}

impl Outline {
    pub(crate) fn points(&self) -> &[(f64, f64)] {
        match self {
            Self::Ellipse(points) => points,
            Self::Line(ends) => ends,
        }
    }
}

/// Why a covariance has no ellipse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoEllipse {
    NotFinite,
    Indefinite,
}

/// The outline for a covariance matrix of two terms.
///
/// With the standard deviations s, t and the correlation ρ the points are
/// `√χ² (s cos φ, t (ρ cos φ + √(1 − ρ²) sin φ))`: no product of the variances is formed, so the
/// scales of the two terms may be as far apart as they like.
pub(crate) fn outline(covariance: [[f64; 2]; 2]) -> Result<Outline, NoEllipse> {
    if covariance.iter().flatten().any(|entry| !entry.is_finite()) {
        return Err(NoEllipse::NotFinite);
    }
    let [[first, above], [below, second]] = covariance;
    if first < 0.0 || second < 0.0 {
        return Err(NoEllipse::Indefinite);
    }
    let radius = CHI_SQUARED_QUANTILE.sqrt();
    let (width, height) = (first.sqrt(), second.sqrt());
    let off_diagonal = 0.5 * above + 0.5 * below;
    let correlation = if off_diagonal == 0.0 {
        0.0
    } else {
        off_diagonal / width / height
    };
    // Also where a variance is zero and the covariance is not.
    if correlation.abs() > 1.0 + 1e-9 {
        return Err(NoEllipse::Indefinite);
    }
    let correlation = correlation.clamp(-1.0, 1.0);
    let rest = ((1.0 - correlation) * (1.0 + correlation)).sqrt();
    if rest < 1e-7 || width == 0.0 || height == 0.0 {
        let sign = if correlation < 0.0 { -1.0 } else { 1.0 };
        let (x, y) = (radius * width, radius * height * sign);
        return Ok(Outline::Line([(-x, -y), (x, y)]));
    }
    let point = |index: usize| {
        let angle = std::f64::consts::TAU * index as f64 / POINTS as f64;
        let (sine, cosine) = angle.sin_cos();
        (
            radius * width * cosine,
            radius * height * (correlation * cosine + rest * sine),
        )
    };
    Ok(Outline::Ellipse((0..POINTS).map(point).collect()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    /// dᵀ Σ⁻¹ d by the adjugate.
    fn quadratic_form([[a, b], [_, c]]: [[f64; 2]; 2], (x, y): (f64, f64)) -> f64 {
        (c * x * x - 2.0 * b * x * y + a * y * y) / (a * c - b * b)
    }

    proptest! {
        #[test]
        fn every_point_is_at_the_quantile_from_the_centre(
            s in 1e-3..1e3f64,
            t in 1e-3..1e3f64,
            rho in -0.999..0.999f64,
        ) {
            let covariance = [[s * s, rho * s * t], [rho * s * t, t * t]];
            let Ok(Outline::Ellipse(points)) = outline(covariance) else {
                panic!("no ellipse");
            };
            for &point in &points {
                let form = quadratic_form(covariance, point);
                prop_assert!((form / 5.991_464_547_107_979 - 1.0).abs() < 1e-9, "{form}");
            }
            // The farthest point to the right is the end of the joint interval of the first term,
            // and its height is the regression of the second on the first.
            let right = points.iter().copied().fold((0.0, 0.0), |best, p: (f64, f64)| if p.0 > best.0 { p } else { best });
            prop_assert!((right.0 / (2.447_746_830_680_8 * s) - 1.0).abs() < 1e-9);
            prop_assert!((right.1 - rho * t / s * right.0).abs() < 1e-9 * t);
            let top = points.iter().map(|p| p.1).fold(0.0, f64::max);
            prop_assert!((top / (2.447_746_830_680_8 * t) - 1.0).abs() < 2e-4);
        }
    }

    #[test]
    fn the_quantile_is_that_of_two_degrees_of_freedom() {
        assert!((CHI_SQUARED_QUANTILE + 2.0 * 0.05_f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn a_singular_covariance_is_a_line_along_its_null_free_direction() {
        let Ok(Outline::Line([low, high])) = outline([[4.0, -6.0], [-6.0, 9.0]]) else {
            panic!("not a line");
        };
        assert!((high.0 - 2.0 * 2.447_746_830_680_8).abs() < 1e-12);
        assert!((high.1 + 3.0 * 2.447_746_830_680_8).abs() < 1e-12);
        assert_eq!(low, (-high.0, -high.1));
        let Ok(Outline::Line([_, high])) = outline([[0.0, 0.0], [0.0, 1.0]]) else {
            panic!("not a line");
        };
        assert_eq!(high.0, 0.0);
        assert!(high.1 > 2.4);
    }

    #[test]
    fn scales_far_apart_do_no_harm() {
        let found = outline([[1e300, 0.5e10], [0.5e10, 1e-280]]).unwrap();
        assert!(
            found
                .points()
                .iter()
                .all(|p| p.0.is_finite() && p.1.is_finite())
        );
        assert!(matches!(found, Outline::Ellipse(_)));
    }

    #[test]
    fn no_covariance_has_no_ellipse() {
        assert_eq!(
            outline([[1.0, f64::NAN], [0.0, 1.0]]),
            Err(NoEllipse::NotFinite)
        );
        assert_eq!(
            outline([[f64::INFINITY, 0.0], [0.0, 1.0]]),
            Err(NoEllipse::NotFinite)
        );
        assert_eq!(
            outline([[1.0, 2.0], [2.0, 1.0]]),
            Err(NoEllipse::Indefinite)
        );
        assert_eq!(
            outline([[-1.0, 0.0], [0.0, 1.0]]),
            Err(NoEllipse::Indefinite)
        );
        assert_eq!(
            outline([[0.0, 1.0], [1.0, 1.0]]),
            Err(NoEllipse::Indefinite)
        );
    }
}
