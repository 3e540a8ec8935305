//! Exercise 8: what a first task has learned, as a penalty on forgetting it.

use fisherinfo::ewc::{AnchorKind, Consolidation};
use fisherinfo_notebook::solution::{Findings, Inputs, SolutionError};
use fisherinfo_notebook::solutions::draws::of_exercise;
use fisherinfo_notebook::solutions::logistic_regression::informations;

/// The importances, and the penalty and its gradient for a large and a small move.
pub fn solve(inputs: &Inputs) -> Result<Findings, SolutionError> {
    let w = inputs.pair("w1", "w2")?;
    let (_, empirical) = informations(&of_exercise(8, inputs)?, w)?;

    // The anchor sits at w*, where the first task was learned, and keeps the diagonal only.
    let memory =
        Consolidation::anchor(&empirical, AnchorKind::Diagonal, inputs.number("strength")?)?;
    let large = inputs.pair("large1", "large2")?;
    let small = inputs.pair("small1", "small2")?;

    let matrix = empirical.matrix();
    Ok(Findings::new()
        .with(
            "importances",
            [matrix[(0, 0)], matrix[(1, 1)]],
            "the diagonal of the empirical Fisher at w*",
        )
        .with(
            "penalty of the large move",
            memory.penalty(&large)?,
            "½ λ Σ Fᵢ (wᵢ − wᵢ*)²",
        )
        .with(
            "penalty of the small move",
            memory.penalty(&small)?,
            "the same near w*",
        )
        .with(
            "gradient at the large move",
            memory.gradient(&large)?,
            "minus the force that pulls back to w*",
        )
        .with(
            "gradient at the small move",
            memory.gradient(&small)?,
            "the same near w*",
        ))
}
