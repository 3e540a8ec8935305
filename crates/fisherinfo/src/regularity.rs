//! The certificate: why a Fisher information exists at a point, or what fails.
//!
//! Four signs are looked at: E\[s\] = 0; the two definitions agree, E\[s sᵀ\] = −E\[∂² log f\]; the
//! support does not move with θ, or only where the density vanishes; the information has full rank. Under them the Cramér–Rao bound
//! holds. Source: E. L. Lehmann & G. Casella, Theory of Point Estimation (1998), 2.5.

use crate::expectation::{Ends, ExpectationError, Method, Moments, ends, score_moments};
use crate::family::Model;
use crate::information::{Definition, Direction, Route};

/// One condition: what was found, against what regularity asks, within which error.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What is asked, in symbols.
    pub statement: String,
    /// The worst pair of numbers that should be equal, and the error granted to their difference.
    pub found: f64,
    /// What it should be.
    pub wanted: f64,
    /// The sum of the errors of both.
    pub error: f64,
    /// Whether they are equal within the error.
    pub verdict: Verdict,
}

/// Whether something is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Holds,
    /// It is not.
    Fails,
    /// The errors are of the size of the numbers, and nothing follows.
    Undecided,
}

/// What was checked at a point, and what came out.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// ∫f = 1, E\[s\] = 0, and the agreement of the two definitions, in this order.
    pub conditions: Vec<Condition>,
    /// Whether the support stays where it is as θ moves.
    pub support_is_fixed: bool,
    /// Whether the density vanishes, fast enough, at every end of the support that moves.
    pub moving_ends_vanish: bool,
    /// Why the family itself says that it has no information here.
    pub known_irregularity: Option<String>,
    /// Parameters in which the mean curvature is that of a kink of the density, with its share in
    /// −E\[∂² log f\].
    pub kinks: Vec<(String, f64)>,
    /// Directions about which the information says nothing.
    pub null_directions: Vec<Direction>,
    /// The route of the numbers.
    pub route: Route,
}

impl Certificate {
    /// Is the model regular at the point, so that it has a Fisher information? Singular
    /// information is regular: the null directions say what cannot be estimated. So are densities
    /// with kinks, and supports that move where the density vanishes: [`Certificate::warnings`]
    /// tells of them.
    pub fn verdict(&self) -> Verdict {
        let any = |verdict| {
            self.conditions
                .iter()
                .any(|condition| condition.verdict == verdict)
        };
        if self.known_irregularity.is_some() || !self.moving_ends_vanish || any(Verdict::Fails) {
            Verdict::Fails
        } else if any(Verdict::Undecided) {
            Verdict::Undecided
        } else {
            Verdict::Holds
        }
    }

    /// What one should know about a model all the same, a sentence each.
    ///
    /// ```
    /// use fisherinfo::expectation::Method;
    /// use fisherinfo::family::Laplace;
    /// use fisherinfo::regularity::{Verdict, certify};
    /// let certificate = certify(&Laplace, &[0.0, 2.0], Method::Automatic)?;
    /// assert_eq!(certificate.verdict(), Verdict::Holds);
    /// assert!(certificate.warnings()[0].contains("kink"));
    /// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
    /// ```
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings: Vec<String> = self
            .kinks
            .iter()
            .map(|(name, share)| {
                format!(
                    "the log-density has a kink that moves with {name}: of −E[∂² log f] the kink \
                     carries {share}, which the second derivative at the points of a sample does not show"
                )
            })
            .collect();
        if !self.support_is_fixed && self.moving_ends_vanish {
            warnings.push(
                "the support moves with the parameters; the density vanishes at its moving ends \
                 fast enough for an information to exist"
                    .into(),
            );
        }
        warnings.extend(self.null_directions.iter().map(|direction| {
            format!("the information is singular: the data say nothing about {direction}")
        }));
        warnings
    }
}

/// Errors above this part of the scale decide nothing.
const TOO_WIDE: f64 = 0.25;

/// Checks the regularity of a model at θ.
///
/// # Errors
/// A point outside the space; a density whose moments cannot be computed.
///
/// ```
/// use fisherinfo::expectation::Method;
/// use fisherinfo::family::Gamma;
/// use fisherinfo::regularity::{Verdict, certify};
/// let certificate = certify(&Gamma, &[2.0, 3.0], Method::Automatic)?;
/// assert_eq!(certificate.verdict(), Verdict::Holds);
/// assert!(certificate.null_directions.is_empty());
/// # Ok::<(), fisherinfo::expectation::ExpectationError>(())
/// ```
pub fn certify(
    model: &dyn Model,
    theta: &[f64],
    method: Method,
) -> Result<Certificate, ExpectationError> {
    let moments = score_moments(model, theta, method)?;
    certificate(model, theta, &moments)
}

/// The certificate from moments already computed.
///
/// # Errors
/// When the eigenvalues of the information cannot be computed.
pub fn certificate(
    model: &dyn Model,
    theta: &[f64],
    moments: &Moments,
) -> Result<Certificate, ExpectationError> {
    let names = model.space().names();
    let slack = if matches!(moments.route, Route::MonteCarlo { .. }) {
        4.0
    } else {
        1.0
    };
    let condition = |statement: String, found: f64, wanted: f64, error: f64, scale: f64| {
        let error = slack * error;
        Condition {
            statement,
            found,
            wanted,
            error,
            verdict: if (found - wanted).abs() > error {
                Verdict::Fails
            } else if error > TOO_WIDE * scale {
                Verdict::Undecided
            } else {
                Verdict::Holds
            },
        }
    };
    // Scores and informations are measured by the root of the diagonal; a score that changes ln f by
    // less than this where its parameter changes by all of its size is none, and decides nothing.
    const NO_SCORE: f64 = 1e-9;
    let unit = |index: usize| {
        let (square, _) = moments.entry(Definition::ScoreProduct, index, index);
        let least = NO_SCORE / theta[index].abs();
        square
            .abs()
            .sqrt()
            .max(if least.is_finite() { least } else { 0.0 })
    };
    let (total, error) = moments.total_mass();
    let mut conditions = vec![condition("∫f = 1".into(), total, 1.0, error, 1.0)];
    for (index, name) in names.iter().enumerate() {
        let (score, error) = moments.mean_score(index);
        let statement = format!("E[∂ log f/∂{name}] = 0");
        conditions.push(condition(statement, score, 0.0, error, unit(index)));
    }
    for column in 0..names.len() {
        for row in column..names.len() {
            let (product, product_error) = moments.entry(Definition::ScoreProduct, row, column);
            let (curvature, error) = moments.entry(Definition::NegativeHessian, row, column);
            let statement = format!(
                "E[s sᵀ] = −E[∂² log f] at ({}, {})",
                names[row], names[column]
            );
            let scale = unit(row) * unit(column);
            conditions.push(condition(
                statement,
                product,
                curvature,
                product_error + error,
                scale,
            ));
        }
    }
    let null_directions = moments
        .information(Definition::ScoreProduct, &names, theta)?
        .null_space()?;
    let kinks = names
        .iter()
        .enumerate()
        .map(|(index, name)| (name.clone(), moments.kink_share(index, index)))
        .filter(|(_, share)| *share != 0.0)
        .collect();
    let ends = ends(model, theta)?;
    Ok(Certificate {
        conditions,
        support_is_fixed: ends == Ends::Fixed,
        moving_ends_vanish: ends != Ends::Abrupt,
        known_irregularity: model.known_irregularity(theta).map(|known| known.reason),
        kinks,
        null_directions,
        route: moments.route,
    })
}
