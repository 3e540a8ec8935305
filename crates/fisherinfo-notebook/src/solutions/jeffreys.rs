//! Exercise 6: Jeffreys' prior is the square root of the information. Is it a distribution?

use fisherinfo::family::{Bernoulli, Exponential, Model};
use fisherinfo::jeffreys::{Properness, Verdict, assess, log_density};
use fisherinfo_notebook::solution::{Findings, Inputs, SolutionError};

/// What the engine says of the prior of a model: in a word, with its mass and its tails.
struct Decision {
    word: &'static str,
    mass: f64,
    exponents: Vec<f64>,
    diverging_ends: String,
}

fn decide(model: &dyn Model) -> Result<Decision, SolutionError> {
    let assessment = assess(model);
    let (word, mass) = match assessment.properness {
        Properness::Proper { mass, .. } => ("proper", mass),
        Properness::Improper => ("improper", f64::INFINITY),
        Properness::Undecided { .. } => ("undecided", f64::NAN),
    };
    let ends: Vec<String> = assessment
        .tails
        .iter()
        .filter(|tail| tail.verdict == Verdict::Diverges)
        .map(|tail| tail.end.to_string())
        .collect();
    Ok(Decision {
        word,
        mass,
        exponents: assessment
            .tails
            .iter()
            .filter_map(|tail| tail.exponent)
            .collect(),
        diverging_ends: if ends.is_empty() {
            "none".into()
        } else {
            ends.join(" and ")
        },
    })
}

/// Both priors at a point, and the decision on each.
pub fn solve(inputs: &Inputs) -> Result<Findings, SolutionError> {
    let (p, rate) = (inputs.number("p")?, inputs.number("rate")?);
    let coin = decide(&Bernoulli)?;
    let waiting = decide(&Exponential)?;

    Ok(Findings::new()
        .with(
            "Bernoulli: prior at p",
            log_density(&Bernoulli, &[p])?.exp(),
            "1/√(p(1 − p)), not yet divided by its mass",
        )
        .with("Bernoulli: mass", coin.mass, "the integral over (0, 1)")
        .with(
            "Bernoulli: tail exponents",
            coin.exponents,
            "e at each end, where the prior grows like distance^(−e): below 1 is integrable",
        )
        .with(
            "Bernoulli: ends of infinite mass",
            coin.diverging_ends,
            "where the integral diverges",
        )
        .with(
            "Bernoulli: verdict",
            coin.word,
            "whether it is a distribution",
        )
        .with(
            "exponential: prior at the rate",
            log_density(&Exponential, &[rate])?.exp(),
            "1/λ, up to a constant that no integral fixes",
        )
        .with(
            "exponential: tail exponents",
            waiting.exponents,
            "e at each end, where the prior goes like λ^(−e): 1 is integrable at neither",
        )
        .with(
            "exponential: ends of infinite mass",
            waiting.diverging_ends,
            "where the integral diverges",
        )
        .with(
            "exponential: verdict",
            waiting.word,
            "whether it is a distribution",
        ))
}
