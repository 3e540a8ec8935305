//! Coefficients about which the data say nothing.

use crate::number::json as number;
use fisherinfo_table::glm::IdentifiedTerms;
use serde_json::{Value, json};
use std::fmt::Write;

/// Their rows of the table of coefficients.
pub(super) fn rows(terms: &IdentifiedTerms) -> impl Iterator<Item = Vec<String>> + '_ {
    terms.unidentified().into_iter().map(|j| {
        let name = format!("{} alone", terms.given()[j]);
        [&name, "–", "∞", "–", "–"].map(String::from).to_vec()
    })
}

/// Why, below that table.
pub(super) fn text(out: &mut String, terms: &IdentifiedTerms) {
    if terms.relations().is_empty() {
        return;
    }
    let unidentified = terms.unidentified().into_iter();
    let names: Vec<&str> = unidentified.map(|j| terms.given()[j].as_str()).collect();
    let _ = writeln!(
        out,
        "  ∞: about {} alone the data say nothing, only about the sums above, since in every row",
        names.join(", ")
    );
    for relation in terms.relations() {
        let _ = writeln!(out, "     {}", relation.text(terms.given()));
    }
    let determined = terms.relations().iter();
    let determined: Vec<&str> = determined
        .map(|relation| terms.given()[relation.term].as_str())
        .collect();
    let _ = writeln!(
        out,
        "     Without {} in the formula the other terms stand alone",
        determined.join(", ")
    );
}

pub(super) fn json(terms: &IdentifiedTerms) -> Value {
    let names = terms.unidentified().into_iter().map(|j| &terms.given()[j]);
    let relations = terms.relations().iter().map(|relation| {
        let weights = relation.combination.iter();
        json!({
            "term": terms.given()[relation.term],
            "relation": relation.text(terms.given()),
            "weights": weights
                .map(|&(j, weight)| (terms.given()[j].clone(), number(weight)))
                .collect::<serde_json::Map<_, _>>(),
            "constant": number(relation.constant),
        })
    });
    json!({
        "terms": names.collect::<Vec<_>>(),
        "standard_errors": vec![number(f64::INFINITY); terms.unidentified().len()],
        "relations": relations.collect::<Vec<_>>(),
    })
}
