//! What is computed about a model at a point, before anything is shown.

use super::arguments::{InfoArguments, Route as Choice};
use super::model::{Chosen, choose};
use crate::error::{Failure, nearest};
use fisherinfo::divergence::{LocalCurvature, local_curvature};
use fisherinfo::expectation::{
    ExpectationError, Method, Moments, expected_information, score_moments,
};
use fisherinfo::family::{Model, ReferencePrior};
use fisherinfo::information::{CramerRaoBound, Definition, Information, Route, Spectrum};
use fisherinfo::jeffreys::{self, Assessment};
use fisherinfo::regularity::{Certificate, certificate};

pub(crate) struct Report {
    pub(crate) chosen: Chosen,
    /// Of all n observations, in the coordinates asked for.
    pub(crate) information: Information,
    pub(crate) spectrum: Spectrum,
    pub(crate) bound: CramerRaoBound,
    /// Of the matrix scaled to a unit diagonal.
    pub(crate) condition: f64,
    /// The check, or why there is none.
    pub(crate) check: Result<Check, String>,
    pub(crate) divergence: Option<LocalCurvature>,
    pub(crate) jeffreys: Option<Prior>,
}

/// The second route, and the certificate on it, for one observation in the family's own coordinates.
pub(crate) struct Check {
    pub(crate) certificate: Certificate,
    /// The largest entry of |reported − another route's| on the scale of the diagonal, and the
    /// error granted to it; absent where there is no other route.
    pub(crate) routes: Option<Agreement>,
    /// The same for E\[s sᵀ\] against −E\[∂² log f\].
    pub(crate) definitions: Agreement,
}

pub(crate) struct Agreement {
    /// What was compared with.
    pub(crate) with: String,
    pub(crate) difference: f64,
    pub(crate) error: f64,
    pub(crate) holds: bool,
}

pub(crate) struct Prior {
    /// The parameter it is the prior of, where the others are fixed.
    pub(crate) parameter: Option<String>,
    /// √det I, or √I_jj, for one observation at the point, and the coordinates it is a density in.
    pub(crate) density: f64,
    pub(crate) coordinates: String,
    pub(crate) assessment: Assessment,
    /// What to use instead of the joint prior.
    pub(crate) reference: Option<ReferencePrior>,
}

/// Evaluations that a check beside a closed form may cost, in units of one second derivative: a
/// few milliseconds.
const CHECK_BUDGET: usize = 40_000;

pub(crate) fn compute(arguments: &InfoArguments) -> Result<Report, Failure> {
    let chosen = choose(arguments)?;
    let (model, theta) = (chosen.model(), chosen.theta());
    let coordinates = chosen.coordinates(arguments.coordinates.as_deref())?;

    let method = match arguments.method {
        Choice::Auto => Method::Automatic,
        Choice::Closed => Method::ClosedForm,
        Choice::Numeric => Method::Numeric,
        Choice::MonteCarlo => Method::MonteCarlo {
            draws: arguments.draws,
            seed: arguments.seed,
        },
    };
    let one = expected_information(model, theta, method).map_err(|error| chosen.refused(error))?;
    let check = check(model, theta, &one, method).map_err(|error| error.to_string());

    let single = match arguments.jeffreys.as_deref() {
        None | Some("") => None,
        Some(name) => Some(prior_of_one(&chosen, name, &one)?),
    };
    let moved = match &coordinates {
        Some(coordinates) => coordinates.apply(&one)?,
        None => one,
    };
    let information = moved.repeated(arguments.n)?;
    let divergence = if arguments.kl.is_empty() {
        None
    } else {
        if arguments.kl.len() != theta.len() {
            return Err(Failure::StepLength {
                found: arguments.kl.len(),
                expected: theta.len(),
                names: model.space().names().join(", "),
            });
        }
        Some(local_curvature(model, theta, &arguments.kl).map_err(Failure::Divergence)?)
    };
    let jeffreys = match (&arguments.jeffreys, single) {
        (None, _) => None,
        (_, Some(single)) => Some(single),
        (Some(_), None) => Some(Prior {
            parameter: None,
            density: (0.5 * moved.log_determinant()?).exp(),
            coordinates: moved.coordinates().to_string(),
            assessment: jeffreys::assess(model),
            reference: model.reference_prior(),
        }),
    };
    Ok(Report {
        spectrum: information.spectrum()?,
        bound: information.cramer_rao_bound()?,
        condition: information.condition_number()?,
        information,
        check,
        divergence,
        jeffreys,
        chosen,
    })
}

/// Of the parameter called `name`, the others fixed; `one` is the information in the own coordinates.
fn prior_of_one(chosen: &Chosen, name: &str, one: &Information) -> Result<Prior, Failure> {
    let names = chosen.model().space().names();
    let index =
        names
            .iter()
            .position(|own| own == name)
            .ok_or_else(|| Failure::NoSuchParameter {
                option: "--jeffreys",
                name: name.into(),
                nearest: nearest(name, names.iter().map(String::as_str)),
                known: names.join(", "),
            })?;
    Ok(Prior {
        parameter: Some(name.into()),
        density: one.matrix()[(index, index)].sqrt(),
        coordinates: name.into(),
        assessment: jeffreys::assess_one(chosen.model(), chosen.theta(), index)
            .map_err(Failure::Section)?,
        reference: None,
    })
}

/// The certificate by the moments of the route that was used, or, beside a closed form, of the
/// numeric route; and the comparison with a second route.
fn check(
    model: &dyn Model,
    theta: &[f64],
    information: &Information,
    method: Method,
) -> Result<Check, ExpectationError> {
    let closed = information.provenance().route == Route::ClosedForm;
    let beside = Method::NumericWithin(CHECK_BUDGET / (theta.len() * theta.len()));
    let moments = score_moments(model, theta, if closed { beside } else { method })?;
    let routes = if closed {
        Some(routes(information, &moments, moments.route.to_string()))
    } else {
        // A numeric answer is held against the formula; without one, draws against the rule.
        let other = match expected_information(model, theta, Method::ClosedForm) {
            Err(_) if matches!(method, Method::MonteCarlo { .. }) => {
                expected_information(model, theta, beside)
            }
            other => other,
        };
        other
            .ok()
            .map(|other| routes(&other, &moments, other.provenance().route.to_string()))
    };
    Ok(Check {
        certificate: certificate(model, theta, &moments)?,
        routes,
        definitions: definitions(&moments),
    })
}

/// The largest scaled difference between two matrices, with its error.
fn compare(
    with: String,
    size: usize,
    scale: impl Fn(usize) -> f64,
    pair: impl Fn(usize, usize) -> (f64, f64, f64),
) -> Agreement {
    let mut worst = Agreement {
        with,
        difference: 0.0,
        error: 0.0,
        holds: true,
    };
    for row in 0..size {
        for column in 0..=row {
            let unit = (scale(row) * scale(column)).sqrt();
            let unit = if unit > 0.0 { unit } else { 1.0 };
            let (a, b, error) = pair(row, column);
            let (difference, error) = ((a - b).abs() / unit, error / unit);
            worst.holds &= difference <= error;
            worst.difference = worst.difference.max(difference);
            worst.error = worst.error.max(error);
        }
    }
    worst
}

fn slack(moments: &Moments) -> f64 {
    if matches!(moments.route, Route::MonteCarlo { .. }) {
        4.0
    } else {
        1.0
    }
}

/// Rounding of a closed form, relative to its scale.
const CLOSED_FORM_ROUNDING: f64 = 1e-13;

fn routes(information: &Information, moments: &Moments, with: String) -> Agreement {
    let matrix = information.matrix();
    compare(
        with,
        information.dimension(),
        |i| matrix[(i, i)],
        |i, j| {
            let (value, error) = moments.entry(Definition::ScoreProduct, i, j);
            let own = information.provenance().accuracy.of_entry(i, j);
            let rounding = CLOSED_FORM_ROUNDING * (matrix[(i, i)] * matrix[(j, j)]).sqrt();
            (
                matrix[(i, j)],
                value,
                slack(moments) * (error + own) + rounding,
            )
        },
    )
}

fn definitions(moments: &Moments) -> Agreement {
    compare(
        "−E[∂² log f]".into(),
        moments.parameters(),
        |i| moments.entry(Definition::ScoreProduct, i, i).0,
        |i, j| {
            let (a, first) = moments.entry(Definition::ScoreProduct, i, j);
            let (b, second) = moments.entry(Definition::NegativeHessian, i, j);
            (a, b, slack(moments) * (first + second))
        },
    )
}
