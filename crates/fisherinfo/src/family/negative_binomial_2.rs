use super::negative_binomial::draw_mixed_poisson;
use super::{Entry, Family, Instance, Parameter, ParameterSpace, SamplingError, Support};
use crate::coordinates::{CoordinateMap, Coordinates, Elementwise, Scalar};
use crate::dual::{Datum, Dual};
use crate::expectation::quadrature::mean_over;
use crate::special::{ln_beta, ln_gamma, ln_gamma_ratio};
use faer::{Mat, mat};
use num_dual::{Dual3_64, DualNum};
use rand::Rng;

/// Overdispersed counts with mean μ and shape k (NB2, variance μ + μ²/k):
/// \\(f(x \mid \mu, k) = \frac{\Gamma(k+x)}{\Gamma(k)\,x!}\,p^k(1-p)^x\\) with \\(p = k/(k+\mu)\\), on
/// {0, 1, …}.
///
/// Information diagonal, \\(I_{\mu\mu} = 1/(\mu+\mu^2/k)\\) and
///
/// \\[I_{kk} = \sum_{j\ge0}\frac{P(X>j)}{(k+j)^2} - \frac{\mu}{k(k+\mu)}
/// = \sum_{j\ge2}\frac{q^j\,(j-1)!}{j\,k(k+1)\cdots(k+j-1)},\quad q = \frac{\mu}{k+\mu},\\]
///
/// of which the second form has only positive terms. Sources: R. A. Fisher, Annals of Eugenics 11
/// (1941); F. J. Anscombe, Biometrika 37 (1950).
///
/// ```
/// use fisherinfo::expectation::{Method, expected_information};
/// use fisherinfo::family::NegativeBinomial2;
/// let information = expected_information(&NegativeBinomial2, &[4.0, 2.0], Method::Numeric)?;
/// assert!((information.matrix()[(0, 0)] - 1.0 / 12.0).abs() < 1e-12);
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct NegativeBinomial2;

/// (r, p), as for failures before the r-th success: r = k, p = k/(k + μ).
#[derive(Clone, Copy, Debug)]
struct SizeProbability;

impl CoordinateMap for SizeProbability {
    fn name(&self) -> String {
        "r-p".into()
    }

    fn names(&self, _: &[String]) -> Vec<String> {
        vec!["r".into(), "p".into()]
    }

    fn forward<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        vec![theta[1], theta[1] / (theta[0] + theta[1])]
    }

    fn inverse<D: Dual>(&self, phi: &[D]) -> Vec<D> {
        vec![phi[0] * (-phi[1] + 1.0) / phi[1], phi[0]]
    }
}

/// Terms that are summed one by one, and how many more for each unit of k.
const TERMS: f64 = 1000.0;
const TERMS_BY_SHAPE: f64 = 8.0;

/// I_kk by its series. The ratio of two terms is below q, so what follows a term is below it times
/// q/(1 − q). Where that takes long, the rest goes by Euler and Maclaurin's formula (DLMF 2.10.1).
fn shape_information(mean: f64, shape: f64) -> f64 {
    let q = mean / (shape + mean);
    let rest = mean / shape;
    let mut term = q / shape;
    let mut sum = 0.0;
    let mut j = 1.0;
    while j < TERMS + TERMS_BY_SHAPE * shape {
        // qʲ⁺¹ j!/(k(k + 1)…(k + j)), which the series divides by j + 1.
        term *= q * j / (shape + j);
        let part = term / (j + 1.0);
        sum += part;
        if part * rest <= 0.25 * f64::EPSILON * sum {
            return sum;
        }
        j += 1.0;
    }
    sum + rest_of_series(mean, shape, j + 1.0)
}

/// ln of the series' term times j, qʲ B(j, k).
fn ln_term<D: Dual>(mean: f64, shape: f64, j: D) -> D {
    ln_beta(j, D::from(shape)) - j * (shape / mean).ln_1p()
}

/// Σ g(j) from `first` on, for g(j) = qʲ B(j, k)/j: ∫g + g/2 − g′/12 + g‴/720 at `first`. Its scale
/// of change is j/(k + 1), so that what is left out is below (1/8)⁵/30240 of the first term.
fn rest_of_series(mean: f64, shape: f64, first: f64) -> f64 {
    let at = Dual3_64::from_re(first).derivative();
    let term = ln_term(mean, shape, at).exp() / at;
    // Over ln j, where the power law is an exponential and the cut-off by qʲ a double one.
    let mut integral = 0.0;
    let mut left = first.ln();
    loop {
        let right = left + STEP;
        let part = STEP * mean_over(left, right, |u| ln_term(mean, shape, u.exp()).exp());
        integral += part;
        left = right;
        if part <= 1e-3 * f64::EPSILON * integral || left > MOST_LOGARITHM {
            break;
        }
    }
    integral + 0.5 * term.re - term.v1 / 12.0 + term.v3 / 720.0
}

/// Half a unit of ln j: the 21-point rule is exact to rounding on it.
const STEP: f64 = 0.5;
/// Where j is near the largest double.
const MOST_LOGARITHM: f64 = 700.0;

/// Is a count large beside the shape, so that Γ(k + x)/x! is a short step from one?
fn is_long(shape: f64, count: f64) -> bool {
    count > 100.0 + 4.0 * shape
}

impl Family for NegativeBinomial2 {
    fn name(&self) -> String {
        "NegativeBinomial2".into()
    }

    fn space(&self) -> ParameterSpace {
        ParameterSpace::product(vec![Parameter::positive("mu"), Parameter::positive("k")])
    }

    fn support(&self, _: &[f64]) -> Support {
        Support::NATURAL
    }

    fn log_density<D: Dual>(&self, theta: &[D], x: &[Datum<D>]) -> D {
        let (mean, shape, count) = (theta[0], theta[1], x[0].value());
        // Of the two ways to take the ratio, the one whose step is the shorter.
        let ways = if is_long(shape.re(), count) {
            ln_gamma_ratio(D::from(count + 1.0), shape - 1.0) - ln_gamma(shape)
        } else {
            ln_gamma_ratio(shape, D::from(count)) - ln_gamma(count + 1.0)
        };
        // A logarithm of a vanishing ratio times no count would be NaN.
        let counted = if count > 0.0 {
            (shape / mean).ln_1p() * count
        } else {
            D::from(0.0)
        };
        ways - shape * (mean / shape).ln_1p() - counted
    }

    fn log_density_size(&self, theta: &[f64], x: &[f64]) -> Option<f64> {
        let (mean, shape, count) = (theta[0], theta[1], x[0]);
        let powers = shape * (mean / shape).ln_1p() + count * (shape / mean).ln_1p();
        let ways = if is_long(shape, count) {
            ln_gamma_ratio(count + 1.0, shape - 1.0).abs() + ln_gamma(shape).abs()
        } else {
            // The gamma functions themselves: of the score of k they leave a small part.
            let size = |v: f64| (1.0 + v) * v.ln().abs();
            size(shape) + size(count.max(1.0))
        };
        Some(powers + ways)
    }

    fn sample(&self, theta: &[f64], rng: &mut dyn Rng, x: &mut [f64]) -> Result<(), SamplingError> {
        x[0] = draw_mixed_poisson(self, theta[1], theta[0] / theta[1], rng)?;
        Ok(())
    }

    fn closed_form_information(&self, theta: &[f64]) -> Option<Mat<f64>> {
        let (mean, shape) = (theta[0], theta[1]);
        let of_mean = 1.0 / (mean + mean / shape * mean);
        Some(mat![[of_mean, 0.0], [0.0, shape_information(mean, shape)]])
    }

    fn alternative_coordinates(&self) -> Vec<Coordinates> {
        vec![
            Coordinates::new(SizeProbability),
            Elementwise::coordinates("log", &[Scalar::Log, Scalar::Log]),
            Elementwise::coordinates("dispersion", &[Scalar::Identity, Scalar::Reciprocal]),
        ]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "negative-binomial-2",
    aliases: &["nb2"],
    summary: "overdispersed counts with mean mu and shape k",
    example: "negative-binomial-2 mu=4 k=2",
    jeffreys_is_proper: Some(false),
    build: |arguments| {
        let first = arguments.number("mu")?;
        Instance::new(NegativeBinomial2, vec![first, arguments.number("k")?])
    },
};

#[cfg(test)]
mod tests {
    use super::shape_information;

    /// Values of the definition at forty digits.
    #[test]
    fn the_information_of_the_shape_keeps_its_digits() {
        for (mean, shape, wanted) in [
            (0.3, 2.0, 0.0014833026852590317),
            (5.0, 0.4, 2.1457587816116934),
            (2.0, 7.0, 0.0004562095795762244),
            (1000000.0, 0.7, 1.4052083755492637),
            (1000000000.0, 3.0, 0.061600733014893105),
            (1000000000000.0, 0.05, 294.6771368330005),
            (1e-05, 3.0, 4.629602880776749e-13),
            (100000.0, 40.0, 0.0003148475874948817),
            (3.0, 100000.0, 4.499685017099145e-20),
        ] {
            let found = shape_information(mean, shape);
            assert!(
                (found / wanted - 1.0).abs() < 2e-14,
                "{mean}, {shape}: {found:e}"
            );
        }
    }
}
