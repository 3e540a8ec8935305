//! `fisher info --efficiency`: an estimator against the Cramér–Rao bound.

use super::arguments::{Estimator, InfoArguments};
use super::model::{Chosen, choose};
use crate::error::Failure;
use crate::number::{json as number, plain, rough};
use crate::table::aligned;
use fisherinfo::estimate::{Efficiency, EfficiencyError, PointEstimator, simulate_efficiency};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::time::Duration;

pub(super) fn run(arguments: &InfoArguments, estimator: Estimator) -> Result<String, Failure> {
    if !(arguments.n >= 1.0 && arguments.n.fract() == 0.0 && arguments.n <= 1e7) {
        return Err(Failure::WholeSampleSize { n: arguments.n });
    }
    let chosen = choose(arguments)?;
    let coordinates = chosen.coordinates(arguments.coordinates.as_deref())?;
    let estimator = match estimator {
        Estimator::Mle => PointEstimator::MaximumLikelihood,
        Estimator::Mean => PointEstimator::Mean,
        Estimator::Median => PointEstimator::Median,
    };
    let progress = bar(arguments.samples);
    let found = simulate_efficiency(
        chosen.model(),
        chosen.theta(),
        coordinates.as_ref(),
        estimator,
        arguments.n as usize,
        arguments.samples,
        arguments.seed,
        &|done| progress.inc(done as u64),
    );
    progress.finish_and_clear();
    let found = found.map_err(|error| match error {
        EfficiencyError::Expectation(error) => chosen.refused(error),
        other => Failure::Efficiency(other),
    })?;
    let coordinates = coordinates.map_or_else(
        || fisherinfo::information::own_coordinates(&chosen.model().space().names()),
        |coordinates| coordinates.name(),
    );
    Ok(if arguments.json {
        format!("{:#}\n", as_json(&chosen, &coordinates, &found))
    } else {
        text(&chosen, &coordinates, &found)
    })
}

/// On a terminal only, and not for what is over in a moment.
fn bar(samples: usize) -> ProgressBar {
    let bar =
        ProgressBar::with_draw_target(Some(samples as u64), ProgressDrawTarget::stderr_with_hz(10));
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} samples, {eta} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

/// Biases of more standard errors than this are none of chance.
const BIASED: f64 = 4.0;

fn text(chosen: &Chosen, coordinates: &str, found: &Efficiency) -> String {
    let names = chosen.model().space().names();
    let point: Vec<String> = names
        .iter()
        .zip(chosen.theta())
        .map(|(name, value)| format!("{name} = {}", plain(*value)))
        .collect();
    let mut out = format!(
        "{} at {}; coordinates {coordinates}\n{} from n = {} observations; {} samples, seed {}\n\n",
        chosen.model().name(),
        point.join(", "),
        capitalised(&found.estimator.to_string()),
        found.observations,
        found.samples,
        found.seed
    );
    let pair =
        |value: f64, error: f64| format!("{} ± {}", plain(rounded(value, error)), rough(error));
    let rows = found
        .parameters
        .iter()
        .map(|of| {
            vec![
                of.parameter.clone(),
                pair(of.bias.value, of.bias.error),
                pair(of.variance.value, of.variance.error),
                plain(of.bound),
                pair(of.efficiency.value, of.efficiency.error),
            ]
        })
        .collect();
    let header = ["", "bias", "variance", "Cramér–Rao bound", "efficiency"];
    out.push_str(&aligned(header.map(String::from).to_vec(), rows));
    out.push_str(" (± one standard error of the simulation)\n");
    for of in &found.parameters {
        if of.bias.value.abs() > BIASED * of.bias.error {
            let _ = writeln!(
                out,
                "\n{} is estimated with a bias, and the bound is for unbiased estimators.",
                of.parameter
            );
        }
    }
    if found.on_boundary > 0 {
        let _ = writeln!(
            out,
            "\n{} of {} samples have their greatest likelihood on the boundary of the space, and count as it.",
            found.on_boundary, found.samples
        );
    }
    out
}

/// As many digits as the error leaves.
fn rounded(value: f64, error: f64) -> f64 {
    if !(error > 0.0 && error.is_finite()) {
        return value;
    }
    let places = (1.0 - error.log10().floor()).clamp(0.0, 300.0) as usize;
    format!("{value:.places$}").parse().unwrap_or(value)
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn as_json(chosen: &Chosen, coordinates: &str, found: &Efficiency) -> Value {
    let names = chosen.model().space().names();
    let point: Map<String, Value> = names
        .into_iter()
        .zip(chosen.theta().iter().copied().map(number))
        .collect();
    let parameters: Vec<Value> = found
        .parameters
        .iter()
        .map(|of| {
            json!({
                "parameter": of.parameter,
                "truth": number(of.truth),
                "bias": number(of.bias.value),
                "bias_error": number(of.bias.error),
                "variance": number(of.variance.value),
                "variance_error": number(of.variance.error),
                "cramer_rao": number(of.bound),
                "efficiency": number(of.efficiency.value),
                "efficiency_error": number(of.efficiency.error),
            })
        })
        .collect();
    json!({
        "family": chosen.family,
        "model": chosen.model().name(),
        "parameters": point,
        "coordinates": coordinates,
        "estimator": found.estimator.to_string(),
        "n": found.observations,
        "samples": found.samples,
        "seed": found.seed,
        "on_boundary": found.on_boundary,
        "estimates": parameters,
    })
}
