//! What goes together on the command line.

use super::model::data;
use crate::arguments::{FitArguments, Robust};
use crate::error::Failure;
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{FamilyChoice, Penalty};

/// The penalty asked for.
pub(super) fn penalty(arguments: &FitArguments) -> Result<Option<Penalty>, Failure> {
    let at = |error| Failure::Fit {
        place: data(arguments),
        error,
    };
    if let Some(strength) = arguments.ridge {
        return Penalty::ridge(strength).map(Some).map_err(at);
    }
    let Some(text) = &arguments.elastic_net else {
        return Ok(None);
    };
    let numbers: Option<Vec<f64>> = text
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect();
    match numbers.as_deref() {
        Some(&[strength, share]) => Penalty::elastic_net(strength, share).map(Some).map_err(at),
        _ => Err(Failure::ElasticNet { text: text.clone() }),
    }
}

/// What was asked for that makes several searches and no checkpoints, as it is written on the command
/// line.
pub(super) fn not_resumed(arguments: &FitArguments, family: FamilyChoice) -> Option<&'static str> {
    let given = [
        (
            family == FamilyChoice::NegativeBinomial,
            "--family negative-binomial (its shape estimated)",
        ),
        (family == FamilyChoice::Multinomial, "--family multinomial"),
        (arguments.firth, "--firth"),
        (arguments.ridge.is_some(), "--ridge"),
        (arguments.elastic_net.is_some(), "--elastic-net"),
    ];
    let found = given.into_iter().find(|(given, _)| *given);
    found.map(|(_, option)| option)
}

/// What was asked for that the machines of a cluster do not add up, as it is written on the command line.
pub(super) fn not_on_cluster(
    arguments: &FitArguments,
    family: FamilyChoice,
) -> Option<&'static str> {
    let given = [
        (
            family == FamilyChoice::NegativeBinomial,
            "--family negative-binomial (its shape estimated)",
        ),
        (family == FamilyChoice::Multinomial, "--family multinomial"),
        (arguments.firth, "--firth"),
        (
            arguments.cluster().is_some(),
            "cluster-robust standard errors (--cluster COLUMN)",
        ),
        (
            arguments.information_matrix_test,
            "--information-matrix-test",
        ),
    ];
    let found = given.into_iter().find(|(given, _)| *given);
    found.map(|(_, option)| option)
}

/// What a multinomial regression does not have.
pub(super) fn require_none_beside_multinomial(
    arguments: &FitArguments,
    link: Link,
) -> Result<(), Failure> {
    let given = [
        (link != Link::Logit, "--link (it is the logit)"),
        (arguments.trials.is_some(), "--trials"),
        (arguments.success.is_some(), "--success"),
        (arguments.firth, "--firth"),
        (arguments.robust != Robust::Hc0, "--robust"),
        (arguments.plot.is_some(), "--plot"),
        (arguments.offset.is_some(), "--offset"),
        (arguments.weights.is_some(), "--weights"),
        (arguments.frequency_weights.is_some(), "--frequency-weights"),
        (arguments.cluster().is_some(), "--cluster"),
        (!arguments.test.is_empty(), "--test"),
        (arguments.intervals.is_some(), "--intervals"),
        (arguments.ridge.is_some(), "--ridge"),
        (arguments.elastic_net.is_some(), "--elastic-net"),
        (arguments.save.is_some(), "--save"),
    ];
    match given.into_iter().find(|(given, _)| *given) {
        None => Ok(()),
        Some((_, option)) => Err(Failure::NotOfMultinomial {
            option: option.into(),
        }),
    }
}
