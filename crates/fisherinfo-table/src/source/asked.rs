//! What a formula asks of the columns of a table.

use crate::design::ResponseKind;
use crate::formula::{Factor, FactorKind, Formula};

/// A response that may be labels, its column, and whether its cells are labels whatever they are.
pub(super) fn labels(formula: &Formula, kind: ResponseKind) -> Option<(&Factor, &str, bool)> {
    let response = formula.response()?;
    match (response.kind(), kind) {
        (FactorKind::Number(_), _) | (_, ResponseKind::Numbers) => None,
        (FactorKind::Column(name), ResponseKind::NumbersOrLabels) => Some((response, name, false)),
        (FactorKind::Column(name) | FactorKind::Categories(name), _) => {
            Some((response, name, true))
        }
    }
}

/// The different factors on the right of a formula.
pub(super) fn factors(formula: &Formula) -> Vec<&Factor> {
    let mut factors: Vec<&Factor> = Vec::new();
    for factor in formula.terms().flatten() {
        if !factors.iter().any(|known| known.label() == factor.label()) {
            factors.push(factor);
        }
    }
    factors
}
