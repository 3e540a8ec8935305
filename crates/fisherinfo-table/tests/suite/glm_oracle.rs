//! Fits against routes of their own: the derivative of the log-likelihood, a dense Newton
//! iteration by dual numbers, plain loops.

use crate::common::{Table, assert_close, names};
use faer::{
    Mat,
    linalg::solvers::{DenseSolveCore, Solve},
};
use fisherinfo::{coordinates::link::Link, dual::Dual, information::Estimator};
use fisherinfo_table::glm::{
    Compared, Family, GlmError, Heteroscedasticity, NoStandardErrors, Regression,
};
use num_dual::HyperDual64;
use proptest::prelude::*;

/// The log-likelihood of a row at φ = 1, written from the densities and not from the engine.
fn log_likelihood<D: Dual>(family: Family, link: Link, y: f64, m: f64, eta: D) -> D {
    let mean = match link {
        Link::Identity => eta,
        Link::Log => eta.exp(),
        Link::Logit => ((-eta).exp() + 1.0).recip(),
        Link::Cloglog => -(-eta.exp()).exp() + 1.0,
        Link::Inverse => eta.recip(),
        Link::Probit => link.mean(eta),
        Link::Cauchit => eta.atan() / std::f64::consts::PI + 0.5,
        Link::InverseSquared => eta.sqrt().recip(),
        Link::Sqrt => eta * eta,
        Link::Power(p) => (eta.ln() / p).exp(),
    };
    match family {
        // Zero times the logarithm of zero is zero.
        Family::Binomial if y == 0.0 => (-mean + 1.0).ln() * m,
        Family::Binomial if y == m => mean.ln() * m,
        Family::Binomial => mean.ln() * y + (-mean + 1.0).ln() * (m - y),
        Family::Poisson if y == 0.0 => -mean,
        Family::Poisson => mean.ln() * y - mean,
        Family::Gaussian => (mean - y) * (mean - y) * -0.5,
        Family::Gamma => -mean.recip() * y - mean.ln(),
        Family::InverseGaussian => mean.recip() - mean.recip() * mean.recip() * (0.5 * y),
        Family::NegativeBinomial(k) => (mean / (mean + k)).ln() * y - (mean + k).ln() * k,
        Family::Tweedie(p) => mean.powf(1.0 - p) * (y / (1.0 - p)) - mean.powf(2.0 - p) / (2.0 - p),
    }
}

struct Problem {
    family: Family,
    link: Link,
    y: Vec<f64>,
    m: Option<Vec<f64>>,
    x: Vec<Vec<f64>>,
}

impl Problem {
    fn m(&self, i: usize) -> f64 {
        self.m.as_ref().map_or(1.0, |m| m[i])
    }

    /// Score and observed information of every row, by hyper-dual numbers in β itself.
    fn derivatives(&self, beta: &[f64]) -> (Vec<Vec<f64>>, Mat<f64>) {
        let (n, p) = (self.y.len(), beta.len());
        let mut scores = vec![vec![0.0; p]; n];
        let mut information = Mat::zeros(p, p);
        for (i, score) in scores.iter_mut().enumerate() {
            for j in 0..p {
                for k in 0..p {
                    let mut eta = HyperDual64::from(0.0);
                    for (l, b) in beta.iter().enumerate() {
                        let b = HyperDual64::new(*b, f64::from(l == j), f64::from(l == k), 0.0);
                        eta += b * self.x[l][i];
                    }
                    let value = log_likelihood(self.family, self.link, self.y[i], self.m(i), eta);
                    score[j] = value.eps1;
                    information[(j, k)] -= value.eps1eps2;
                }
            }
        }
        (scores, information)
    }

    fn regression(&self) -> Regression {
        let terms: Vec<String> = (0..self.x.len()).map(|j| format!("x{j}")).collect();
        let regression = Regression::new(&self.y, &self.x, &terms, Some(0)).unwrap();
        match &self.m {
            None => regression,
            Some(m) => regression.trials(m).unwrap(),
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let (family, link) = (self.family, self.link);
        let regression = self.regression();
        let fit = match regression.fit(family, link) {
            Ok(fit) => fit,
            // Small samples do separate.
            Err(GlmError::Separation(_)) => return Ok(()),
            Err(other) => panic!("{family} {link}: {other}"),
        };
        let beta = fit.coefficients();
        let p = beta.len();
        let (scores, observed) = self.derivatives(beta);
        // Newton's step from the estimate is nothing, in standard errors.
        let total = Mat::from_fn(p, 1, |j, _| scores.iter().map(|s| s[j]).sum::<f64>());
        let step = observed.partial_piv_lu().solve(&total);
        let errors = fit.standard_errors();
        let root = fit.dispersion().sqrt();
        for j in 0..p {
            prop_assert!(
                step[(j, 0)].abs() <= 1e-8 * errors.expected[j] / root.max(1e-3),
                "{family} {link} {:e}",
                step[(j, 0)]
            );
        }
        // Informations at the dispersion.
        let phi = fit.dispersion();
        let information = fit
            .information()
            .unwrap_or_else(|e| panic!("{family} {link}: {e} {:?}", fit.coefficients()));
        let outer = Mat::from_fn(p, p, |j, k| scores.iter().map(|s| s[j] * s[k]).sum::<f64>());
        let close =
            |found: f64, expected: f64, scale: f64| (found - expected).abs() <= 1e-8 * scale;
        for j in 0..p {
            for k in 0..p {
                let scale = (observed[(j, j)] * observed[(k, k)]).abs().sqrt() / phi;
                prop_assert!(
                    close(
                        information.observed.matrix()[(j, k)],
                        observed[(j, k)] / phi,
                        scale
                    ),
                    "{family} {link}"
                );
                let scale = (outer[(j, j)] * outer[(k, k)]).sqrt() / phi / phi;
                prop_assert!(
                    close(
                        information.empirical.matrix()[(j, k)],
                        outer[(j, k)] / phi / phi,
                        scale
                    ),
                    "{family} {link}"
                );
            }
        }
        // Expected information and leverages from the textbook's weights, by plain loops.
        let means = fit.fitted_means().unwrap();
        let eta = fit.linear_predictor().unwrap();
        let weight = |i: usize| {
            let v = match family {
                Family::Binomial => means[i] * link.complement(eta[i]),
                Family::Poisson => means[i],
                Family::Gaussian => 1.0,
                Family::Gamma => means[i] * means[i],
                Family::InverseGaussian => means[i].powi(3),
                Family::NegativeBinomial(k) => means[i] + means[i] * means[i] / k,
                Family::Tweedie(p) => means[i].powf(p),
            };
            // A mean that has rounded to one has neither variance nor slope.
            if v == 0.0 {
                return 0.0;
            }
            self.m(i) * link.mean_derivative(eta[i]).powi(2) / v
        };
        let expected = Mat::from_fn(p, p, |j, k| {
            (0..self.y.len())
                .map(|i| weight(i) * self.x[j][i] * self.x[k][i])
                .sum::<f64>()
        });
        let bread = expected.partial_piv_lu().inverse();
        let leverages = fit.leverages().unwrap();
        for (i, &leverage) in leverages.iter().enumerate() {
            let mut h = 0.0;
            for j in 0..p {
                for k in 0..p {
                    h += weight(i) * self.x[j][i] * bread[(j, k)] * self.x[k][i];
                }
            }
            prop_assert!(
                (h - leverage).abs() < 1e-7,
                "{family} {link} {h} {leverage}"
            );
        }
        for (kind, power) in [
            (Heteroscedasticity::Hc0, 0),
            (Heteroscedasticity::Hc2, 1),
            (Heteroscedasticity::Hc3, 2),
        ] {
            let Ok(found) = fit.heteroscedasticity_consistent(kind) else {
                continue;
            };
            let meat = Mat::from_fn(p, p, |j, k| {
                scores
                    .iter()
                    .zip(&leverages)
                    .map(|(s, h)| s[j] * s[k] / (1.0 - h).powi(power))
                    .sum::<f64>()
            });
            let covariance = &bread * meat * &bread;
            for (j, error) in found.standard_errors().iter().enumerate() {
                prop_assert!(
                    (error - covariance[(j, j)].sqrt()).abs() <= 1e-6 * error,
                    "{family} {link} {kind:?}"
                );
            }
        }
        Ok(())
    }
}

fn values(n: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-1.0..1.0_f64, n)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn fits_agree_with_the_derivatives_of_the_log_likelihood(
        a in values(40), b in values(40), u in values(40), m in prop::collection::vec(1..9_u32, 40),
    ) {
        let n = a.len();
        let x = vec![vec![1.0; n], a.clone(), b.clone()];
        let eta = |i: usize| 0.2 + 0.5 * a[i] - 0.7 * b[i];
        let m: Vec<f64> = m.into_iter().map(f64::from).collect();
        let part = |i: usize| (0.5 + 0.3 * eta(i) + 0.3 * u[i]).clamp(0.0, 1.0);
        let problem = |family, link, y: Vec<f64>, m| Problem { family, link, y, m, x: x.clone() };
        for link in [Link::Logit, Link::Probit, Link::Cloglog, Link::Cauchit] {
            let y = (0..n).map(|i| f64::from(part(i) > 0.5)).collect();
            problem(Family::Binomial, link, y, None).check()?;
            let y = (0..n).map(|i| (m[i] * part(i)).round()).collect();
            problem(Family::Binomial, link, y, Some(m.clone())).check()?;
        }
        let counts: Vec<f64> = (0..n).map(|i| ((1.0 + eta(i)).exp() * (1.0 + u[i])).round()).collect();
        problem(Family::Poisson, Link::Log, counts.clone(), None).check()?;
        let positive: Vec<f64> = (0..n).map(|i| (0.5 * eta(i)).exp() * (1.05 + u[i])).collect();
        for link in [Link::Log, Link::Inverse] {
            // Where the inverse link's maximum lies at the end of the mean space there is none.
            let gamma = problem(Family::Gamma, link, positive.clone(), None);
            if link == Link::Log || gamma.regression().fit(Family::Gamma, link).is_ok() {
                gamma.check()?;
            }
        }
        // Means near one everywhere, so that no predictor comes near zero.
        let mild: Vec<f64> = (0..n).map(|i| 3.0 + 0.5 * eta(i) + 0.5 * u[i]).collect();
        let whole: Vec<f64> = mild.iter().map(|y| (4.0 * y).round()).collect();
        for link in [Link::Sqrt, Link::Power(0.3), Link::Power(-0.5), Link::InverseSquared] {
            problem(Family::Poisson, link, whole.clone(), None).check()?;
            problem(Family::Gamma, link, mild.clone(), None).check()?;
            problem(Family::InverseGaussian, link, mild.clone(), None).check()?;
            problem(Family::Tweedie(1.5), link, mild.clone(), None).check()?;
        }
        for shape in [0.7, 30.0] {
            problem(Family::NegativeBinomial(shape), Link::Log, counts.clone(), None).check()?;
        }
        for power in [1.2, 1.8, 2.5] {
            let y = if power < 2.0 { &counts } else { &positive };
            problem(Family::Tweedie(power), Link::Log, y.clone(), None).check()?;
        }
        problem(Family::Gaussian, Link::Identity, positive.clone(), None).check()?;
        // With a mean like e^η the log link converges; observed information is not the expected.
        let bent = (0..n).map(|i| eta(i).exp() + 0.1 * u[i]).collect();
        problem(Family::Gaussian, Link::Log, bent, None).check()?;
    }
}

/// nR² of the outer-product regression, by least squares on the columns of the definition.
#[test]
fn information_matrix_test_from_its_definition() {
    let table = Table::read("spector");
    let x = [vec![1.0; 32], table.column("gpa"), table.column("psi")];
    let y = table.column("grade");
    let regression = Regression::new(&y, &x, &names(&["1", "gpa", "psi"]), Some(0)).unwrap();
    let fit = regression.fit(Family::Binomial, Link::Logit).unwrap();
    let means = fit.fitted_means().unwrap();
    // psi is zero or one, so psi² = psi: the entries (psi, psi) and (1, psi) are one column.
    let pairs = [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1)];
    let m = Mat::from_fn(32, 3 + pairs.len(), |i, c| {
        let residual = y[i] - means[i];
        if c < 3 {
            residual * x[c][i]
        } else {
            let (j, k) = pairs[c - 3];
            (residual * residual - means[i] * (1.0 - means[i])) * x[j][i] * x[k][i]
        }
    });
    let ones = Mat::from_fn(32, 1, |_, _| 1.0);
    let gram = m.transpose() * &m;
    let fitted = &m * gram.partial_piv_lu().solve(m.transpose() * &ones);
    let explained: f64 = (0..32).map(|i| fitted[(i, 0)]).sum();
    let test = fit.information_matrix_test().unwrap();
    assert_eq!(
        (test.test.degrees_of_freedom, test.compared),
        (5, Compared::Everything)
    );
    assert_close(&[test.test.statistic], &[explained], 1e-7);
}

/// A variance that grows with the term is what the test looks for, and what the sandwich repairs.
#[test]
fn information_matrix_test_sees_a_variance_that_moves() {
    let n = 4000;
    let noise = |i: usize| {
        // A sum of twelve uniform numbers is nearly normal.
        (0..12)
            .map(|k| {
                let z = ((12 * i + k + 1) as f64 * 12.9898).sin() * 43758.5453;
                z - z.floor() - 0.5
            })
            .sum::<f64>()
    };
    let x: Vec<f64> = (0..n).map(|i| (i % 100) as f64 / 50.0 - 1.0).collect();
    let statistic = |spread: &dyn Fn(f64) -> f64| {
        let y: Vec<f64> = (0..n)
            .map(|i| 1.0 + x[i] + spread(x[i]) * noise(i))
            .collect();
        let model =
            Regression::new(&y, &[vec![1.0; n], x.clone()], &names(&["1", "x"]), Some(0)).unwrap();
        let fit = model.fit(Family::Gaussian, Link::Identity).unwrap();
        fit.information_matrix_test().unwrap().test
    };
    let even = statistic(&|_| 1.0);
    // The entry (1, 1) is the score of the variance, so two entries are left to compare.
    assert_eq!(even.degrees_of_freedom, 2);
    assert!(even.statistic < 13.8, "{even:?}");
    let moving = statistic(&|x| 1.0 + 0.5 * x);
    assert!(moving.statistic > 100.0, "{moving:?}");
}

#[test]
fn a_saturated_fit_has_no_scores_to_judge_by() {
    // Two rows and two terms: the scores are zero, and their products say nothing.
    let two = Regression::new(
        &[1.0, 5.0],
        &[[1.0, 1.0], [0.0, 1.0]],
        &names(&["1", "x"]),
        Some(0),
    )
    .unwrap();
    let fit = two.fit(Family::Poisson, Link::Log).unwrap();
    assert!(matches!(
        fit.standard_errors().empirical,
        Err(NoStandardErrors::Saturated)
    ));
    assert!(matches!(
        fit.heteroscedasticity_consistent(Heteroscedasticity::Hc3),
        Err(GlmError::Saturated { rows: 2 })
    ));
    // With a row to spare, one that alone decides a coefficient is named.
    let three = Regression::new(
        &[1.0, 5.0, 3.0],
        &[[1.0, 1.0, 1.0], [0.0, 1.0, 0.0]],
        &names(&["1", "x"]),
        Some(0),
    )
    .unwrap();
    assert!(matches!(
        three
            .fit(Family::Poisson, Link::Log)
            .unwrap()
            .heteroscedasticity_consistent(Heteroscedasticity::Hc3),
        Err(GlmError::FullLeverage { row: 1 })
    ));
    assert!(fit.information_matrix_test().is_err());
    assert_eq!(
        fit.information().unwrap().expected.provenance().estimator,
        Estimator::Expected
    );
}

#[test]
fn log_likelihood_and_deviance_have_their_constants() {
    let beetle = Table::read("beetle");
    let (n, killed) = (beetle.column("n"), beetle.column("killed"));
    let model = Regression::new(
        &killed,
        &[vec![1.0; 8], beetle.column("dose")],
        &names(&["1", "dose"]),
        Some(0),
    )
    .unwrap()
    .trials(&n)
    .unwrap();
    let fit = model.fit(Family::Binomial, Link::Logit).unwrap();
    let ln_factorial = |k: f64| (1..=k as u32).map(|i| f64::from(i).ln()).sum::<f64>();
    let means = fit.fitted_means().unwrap();
    let expected: f64 = (0..8)
        .map(|i| {
            ln_factorial(n[i]) - ln_factorial(killed[i]) - ln_factorial(n[i] - killed[i])
                + killed[i] * means[i].ln()
                + (n[i] - killed[i]) * (1.0 - means[i]).ln()
        })
        .sum();
    assert_close(&[fit.log_likelihood()], &[expected], 1e-12);
    assert_close(&[fit.aic()], &[4.0 - 2.0 * expected], 1e-12);
    // The null model is the fit with the intercept alone.
    let null = Regression::new(&killed, &[vec![1.0; 8]], &names(&["1"]), Some(0))
        .unwrap()
        .trials(&n)
        .unwrap();
    let null = null.fit(Family::Binomial, Link::Cloglog).unwrap();
    assert_close(&[fit.null_deviance().unwrap()], &[null.deviance()], 1e-11);
    // Longley's log-likelihood at σ² = RSS/n, in exact arithmetic.
    let longley = Table::read("longley");
    let mut columns = longley.columns(&["gnpdefl", "gnp", "unemp", "armed", "pop", "year"]);
    columns.push(vec![1.0; 16]);
    let terms = names(&["gnpdefl", "gnp", "unemp", "armed", "pop", "year", "1"]);
    let model = Regression::new(&longley.column("totemp"), &columns, &terms, Some(6)).unwrap();
    let fit = model.fit(Family::Gaussian, Link::Identity).unwrap();
    assert_close(&[fit.log_likelihood()], &[-109.617_434_808_480_56], 1e-12);
}
