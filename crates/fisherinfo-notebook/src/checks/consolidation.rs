//! Checks of exercise 8.

use super::logistic_score;
use fisherinfo_notebook::solution::{Check, Findings, Inputs, SolutionError};
use fisherinfo_notebook::solutions::draws::{are_published, of_exercise};

/// Penalties of the large and the small move on the published draws.
pub const PUBLISHED_PENALTIES: [f64; 2] = [0.047_206_051_047_425_94, 0.000_379_268_979_679_124_27];

/// Are the moves and the strength those of the published penalties?
fn are_published_moves(inputs: &Inputs) -> bool {
    are_published(inputs) && inputs.iter().all(|(input, value)| input.default == value)
}

/// Importances against squared scores by differences, penalties against the work of the force,
/// forces against slopes.
///
/// # Errors
/// Findings that are missing.
pub fn checks(inputs: &Inputs, findings: &Findings) -> Result<Vec<Check>, SolutionError> {
    let w = inputs.pair("w1", "w2")?;
    let strength = inputs.number("strength")?;
    let rows = of_exercise(8, inputs)?;
    let mut importances = [0.0; 2];
    for row in &rows {
        let score = logistic_score(row.x, row.y, w);
        for i in 0..2 {
            importances[i] += score[i] * score[i] / rows.len() as f64;
        }
    }
    let energy = |at: [f64; 2]| -> f64 {
        (0..2)
            .map(|i| 0.5 * strength * importances[i] * (at[i] - w[i]).powi(2))
            .sum()
    };
    let published = are_published_moves(inputs);

    let mut checks = vec![Check::close_vectors(
        "the importances are mean squared scores",
        "scores by differences of the log-likelihood",
        findings.vector("importances")?,
        &importances,
        1e-6,
    )];
    for (move_name, names, reference) in [
        ("large", ["large1", "large2"], PUBLISHED_PENALTIES[0]),
        ("small", ["small1", "small2"], PUBLISHED_PENALTIES[1]),
    ] {
        let moved = inputs.pair(names[0], names[1])?;
        let step = [moved[0] - w[0], moved[1] - w[1]];
        let penalty = findings.number(&format!("penalty of the {move_name} move"))?;
        let gradient = findings.vector(&format!("gradient at the {move_name} move"))?;
        let slopes = [
            (energy([moved[0] + 0.1, moved[1]]) - energy([moved[0] - 0.1, moved[1]])) / 0.2,
            (energy([moved[0], moved[1] + 0.1]) - energy([moved[0], moved[1] - 0.1])) / 0.2,
        ];
        // The force grows in proportion to the way, so its work is half the way times its end.
        let work: f64 = gradient.iter().zip(step).map(|(g, s)| 0.5 * g * s).sum();
        checks.extend([
            Check::close(
                &format!("the penalty of the {move_name} move weighs each squared shift"),
                "importances by differences",
                penalty,
                energy(moved),
                1e-6,
            ),
            Check::close(
                &format!("the penalty of the {move_name} move is the work against the force"),
                "half the way times the force at its end",
                penalty,
                work,
                1e-9,
            ),
            Check::close_vectors(
                &format!("the gradient at the {move_name} move is the slope of the penalty"),
                "differences of the penalty",
                gradient,
                &slopes,
                1e-6,
            ),
        ]);
        if published {
            checks.push(Check::close(
                &format!("the penalty of the {move_name} move is the published one"),
                "NumPy on the same draws",
                penalty,
                reference,
                1e-12,
            ));
        }
    }
    Ok(checks)
}
