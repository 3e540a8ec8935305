//! What is computed about a model at a point, before anything is shown.

use crate::arguments::{InfoArguments, Route as Choice};
use crate::error::{Failure, nearest};
use fisherinfo::coordinates::Coordinates;
use fisherinfo::divergence::{LocalCurvature, local_curvature};
use fisherinfo::expectation::{
    ExpectationError, Method, Moments, expected_information, score_moments,
};
use fisherinfo::family::{Arguments, CATALOGUE, Entry, Instance, Model, Value, find};
use fisherinfo::information::{CramerRaoBound, Definition, Information, Route, Spectrum};
use fisherinfo::jeffreys::{self, Assessment};
use fisherinfo::regularity::{Certificate, certificate};

pub(crate) struct Report {
    pub(crate) entry: &'static Entry,
    pub(crate) instance: Instance,
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
    /// √det I for one observation at the point, in the coordinates asked for.
    pub(crate) density: f64,
    pub(crate) assessment: Assessment,
}

/// Evaluations that a check beside a closed form may cost, in units of one second derivative: a
/// few milliseconds.
const CHECK_BUDGET: usize = 40_000;

pub(crate) fn compute(arguments: &InfoArguments) -> Result<Report, Failure> {
    if !(arguments.n.is_finite() && arguments.n > 0.0) {
        return Err(Failure::SampleSize { n: arguments.n });
    }
    let entry = find(&arguments.family).ok_or_else(|| unknown_family(&arguments.family))?;
    let instance = build(entry, &arguments.values)?;
    let model = instance.model.as_ref();
    let theta = &instance.theta;
    let coordinates = choose(&instance, entry, arguments.coordinates.as_deref())?;

    let method = match arguments.method {
        Choice::Auto => Method::Automatic,
        Choice::Closed => Method::ClosedForm,
        Choice::Numeric => Method::Numeric,
        Choice::MonteCarlo => Method::MonteCarlo {
            draws: arguments.draws,
            seed: arguments.seed,
        },
    };
    let one = expected_information(model, theta, method)?;
    let check = check(model, theta, &one, method).map_err(|error| error.to_string());

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
    let jeffreys = if arguments.jeffreys {
        Some(Prior {
            density: (0.5 * moved.log_determinant()?).exp(),
            assessment: jeffreys::assess(model),
        })
    } else {
        None
    };
    Ok(Report {
        entry,
        spectrum: information.spectrum()?,
        bound: information.cramer_rao_bound()?,
        condition: information.condition_number()?,
        information,
        check,
        divergence,
        jeffreys,
        instance,
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

/// The family of an entry at the point that texts of the form name=value give.
pub(crate) fn build(entry: &Entry, values: &[String]) -> Result<Instance, Failure> {
    let refused = |error| Failure::Argument {
        family: entry.name.into(),
        error,
        example: entry.example.into(),
    };
    let mut named = Vec::new();
    for text in values {
        let (name, value) = text
            .split_once('=')
            .filter(|(name, _)| !name.trim().is_empty())
            .ok_or_else(|| Failure::NotAnAssignment {
                text: text.clone(),
                example: entry
                    .example
                    .split(' ')
                    .next_back()
                    .unwrap_or_default()
                    .into(),
            })?;
        let value: Value = value.parse().map_err(refused)?;
        named.push((name.trim().to_string(), value));
    }
    Arguments::new(named)
        .and_then(|arguments| entry.instance(arguments))
        .map_err(refused)
}

pub(crate) fn unknown_family(name: &str) -> Failure {
    let known = CATALOGUE
        .iter()
        .flat_map(|entry| entry.aliases.iter().copied().chain([entry.name]));
    Failure::UnknownFamily {
        name: name.into(),
        nearest: nearest(name, known),
    }
}

/// The coordinates called `name`; `None` for the family's own.
pub(crate) fn choose(
    instance: &Instance,
    entry: &Entry,
    name: Option<&str>,
) -> Result<Option<Coordinates>, Failure> {
    let Some(name) = name else { return Ok(None) };
    let own = fisherinfo::information::own_coordinates(&instance.model.space().names());
    if name == own {
        return Ok(None);
    }
    let all = instance.model.alternative_coordinates();
    let known: Vec<String> = all.iter().map(Coordinates::name).collect();
    all.into_iter()
        .find(|coordinates| coordinates.name() == name)
        .map(Some)
        .ok_or_else(|| Failure::UnknownCoordinates {
            family: entry.name.into(),
            name: name.into(),
            known: std::iter::once(own)
                .chain(known)
                .collect::<Vec<_>>()
                .join(", "),
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
