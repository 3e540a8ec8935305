//! Which combinations of the terms the data say anything about.

use super::error::GlmError;
use serde::{Deserialize, Serialize};

/// What becomes of a column that is a combination of those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dependent {
    Refused,
    LeftOut,
}

/// A term that is a combination of others: x_term = Σ weight·x + constant, row by row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// The position of the term among those that were given.
    pub term: usize,
    /// Positions of terms that stand before it and are not combinations themselves, with their weights.
    pub combination: Vec<(usize, f64)>,
    /// The multiple of the intercept.
    pub constant: f64,
}

impl Relation {
    /// The relation with the names of the terms, such as `x3 = 2·x1 − 0.5·x2 + 4`.
    pub fn text(&self, terms: &[String]) -> String {
        let parts = self.combination.iter();
        let mut parts: Vec<(f64, Option<&str>)> = parts
            .map(|&(j, weight)| (weight, Some(terms[j].as_str())))
            .collect();
        if self.constant != 0.0 || parts.is_empty() {
            parts.push((self.constant, None));
        }
        format!("{} = {}", terms[self.term], sum_of(&parts))
    }

    /// Whether the relation holds in a row of all terms, but for rounding.
    pub(super) fn holds(&self, value: impl Fn(usize) -> f64) -> bool {
        const ROUNDING: f64 = 1e-8;
        let own = value(self.term);
        let (mut difference, mut size) = (own - self.constant, own.abs() + self.constant.abs());
        for &(j, weight) in &self.combination {
            let part = weight * value(j);
            difference -= part;
            size += part.abs();
        }
        difference.abs() <= ROUNDING * size
    }
}

/// A sum of multiples of names; of none, a number.
fn sum_of(parts: &[(f64, Option<&str>)]) -> String {
    let mut text = String::new();
    for (place, &(weight, name)) in parts.iter().enumerate() {
        text.push_str(match (place, weight < 0.0) {
            (0, true) => "−",
            (0, false) => "",
            (_, true) => " − ",
            (_, false) => " + ",
        });
        let size = six_digits(weight.abs());
        match name {
            None => text.push_str(&size),
            Some(name) if size == "1" => text.push_str(name),
            Some(name) => text.push_str(&format!("{size}·{name}")),
        }
    }
    text
}

/// Six digits, without the zeros that a fixed format would add.
fn six_digits(size: f64) -> String {
    let shown: f64 = format!("{size:.5e}").parse().unwrap_or(size);
    shown.to_string()
}

/// The terms of a regression, and what of their coefficients the data can tell.
///
/// Where x₃ = x₁ + x₂ in every row, Σ βⱼxⱼ = (β₁ + β₃)x₁ + (β₂ + β₃)x₂: the data say as much about
/// β₁ + β₃ and β₂ + β₃ as about any coefficient, and nothing about β₁, β₂ and β₃ by themselves, whose
/// standard errors are infinite. So the coefficients that are estimated are those of the combinations, by
/// the names of [`IdentifiedTerms::names`].
///
/// Source: Searle, Linear Models (1971), ch. 5 (estimable functions).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentifiedTerms {
    given: Vec<String>,
    intercept: Option<usize>,
    relations: Vec<Relation>,
}

impl IdentifiedTerms {
    /// Terms of which all, some or none are combinations of those before them.
    pub(super) fn new(
        given: &[String],
        intercept: Option<usize>,
        relations: Vec<Relation>,
    ) -> Self {
        Self {
            given: given.to_vec(),
            intercept,
            relations,
        }
    }

    /// The terms as they were given.
    pub fn given(&self) -> &[String] {
        &self.given
    }

    /// The combinations among them, in the order of the terms that they determine; none where every
    /// coefficient can be told.
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// Positions of the terms whose columns are kept: those that no relation determines.
    pub fn kept(&self) -> Vec<usize> {
        (0..self.given.len())
            .filter(|&j| self.relations.iter().all(|relation| relation.term != j))
            .collect()
    }

    /// Positions of the terms about whose own coefficients the data say nothing.
    pub fn unidentified(&self) -> Vec<usize> {
        (0..self.given.len())
            .filter(|&j| self.relations.iter().any(|r| self.takes_part(r, j)))
            .collect()
    }

    fn takes_part(&self, relation: &Relation, term: usize) -> bool {
        relation.term == term || self.weight(relation, term) != 0.0
    }

    fn weight(&self, relation: &Relation, term: usize) -> f64 {
        if self.intercept == Some(term) {
            return relation.constant;
        }
        let part = relation.combination.iter().find(|(j, _)| *j == term);
        part.map_or(0.0, |(_, weight)| *weight)
    }

    /// What is estimated, one name a kept term: the term itself, or the combination of coefficients that
    /// its column carries, such as `x1 + x3`.
    pub fn names(&self) -> Vec<String> {
        let name = |j: usize| {
            let mut parts = vec![(1.0, Some(self.given[j].as_str()))];
            for relation in &self.relations {
                let weight = self.weight(relation, j);
                if weight != 0.0 {
                    parts.push((weight, Some(&self.given[relation.term])));
                }
            }
            sum_of(&parts)
        };
        self.kept().into_iter().map(name).collect()
    }

    /// The coefficients that are zero just when those of the given terms at `positions` may be taken for
    /// zero: positions among what is estimated, for [`super::Fit::test_of`].
    ///
    /// # Errors
    /// [`GlmError::NotIdentified`] where other terms make up for these, so that no data can speak
    /// against their being zero.
    pub fn columns_of(&self, positions: &[usize]) -> Result<Vec<usize>, GlmError> {
        let names = || {
            let names: Vec<&str> = positions
                .iter()
                .filter_map(|&j| self.given.get(j).map(String::as_str))
                .collect();
            names.join(", ")
        };
        let is_among = |j: usize| positions.contains(&j);
        let instead = self.relations.iter().find(|relation| {
            !is_among(relation.term)
                && (0..self.given.len()).any(|j| is_among(j) && self.takes_part(relation, j))
        });
        let columns: Vec<usize> = self
            .kept()
            .into_iter()
            .enumerate()
            .filter_map(|(place, j)| is_among(j).then_some(place))
            .collect();
        let relation = match instead {
            None if !columns.is_empty() || self.relations.is_empty() => return Ok(columns),
            None => self.relations.iter().find(|r| is_among(r.term)),
            found => found,
        };
        Err(GlmError::NotIdentified {
            terms: names(),
            relation: relation.map_or_else(String::new, |relation| relation.text(&self.given)),
        })
    }

    /// Where the intercept is among what is estimated.
    pub(super) fn kept_intercept(&self) -> Option<usize> {
        self.kept().iter().position(|&j| Some(j) == self.intercept)
    }

    /// How many of what is estimated belong to the first `end` terms.
    pub fn kept_before(&self, end: usize) -> usize {
        end - self.relations.iter().filter(|r| r.term < end).count()
    }

    /// Whether the data say anything about the predictor of a row of all given terms.
    pub(super) fn identifies(&self, value: impl Fn(usize) -> f64) -> bool {
        self.relations.iter().all(|relation| relation.holds(&value))
    }

    /// What contradicts itself, in terms that were read.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        let width = self.given.len();
        let is_kept =
            |j: usize| j < width && self.relations.iter().all(|relation| relation.term != j);
        let well_formed = |relation: &Relation| {
            relation.term < width
                && Some(relation.term) != self.intercept
                && relation.constant.is_finite()
                && (relation.constant == 0.0 || self.intercept.is_some())
                && relation
                    .combination
                    .iter()
                    .all(|&(j, weight)| is_kept(j) && weight.is_finite())
        };
        let ascend = self
            .relations
            .windows(2)
            .all(|two| two[0].term < two[1].term);
        if self.intercept.is_some_and(|j| j >= width) || !ascend {
            return Some("its relations do not follow the terms");
        }
        (!self.relations.iter().all(well_formed)).then_some("a relation is none between its terms")
    }
}

/// Adds relations found among the terms that were kept so far: those known before are expressed in what is
/// kept now.
pub(super) fn extend(relations: &mut Vec<Relation>, found: Vec<Relation>) {
    for relation in relations.iter_mut() {
        for new in &found {
            let Some(place) = relation
                .combination
                .iter()
                .position(|(j, _)| *j == new.term)
            else {
                continue;
            };
            let (_, weight) = relation.combination.remove(place);
            relation.constant += weight * new.constant;
            for &(j, more) in &new.combination {
                match relation.combination.iter_mut().find(|(k, _)| *k == j) {
                    Some((_, sum)) => *sum += weight * more,
                    None => relation.combination.push((j, weight * more)),
                }
            }
        }
    }
    relations.extend(found);
    relations.sort_by_key(|relation| relation.term);
}

#[cfg(test)]
mod tests {
    use super::{IdentifiedTerms, Relation, extend};
    use crate::glm::GlmError;

    fn relation(term: usize, combination: &[(usize, f64)], constant: f64) -> Relation {
        Relation {
            term,
            combination: combination.to_vec(),
            constant,
        }
    }

    /// x5 = 2·x3 + x1 + 1 was known; then x3 = 3·x1 − x2 + 4 is found.
    #[test]
    fn a_relation_in_what_is_kept_later() {
        let mut relations = vec![relation(5, &[(1, 1.0), (3, 2.0)], 1.0)];
        extend(
            &mut relations,
            vec![relation(3, &[(1, 3.0), (2, -1.0)], 4.0)],
        );
        let wanted = [
            relation(3, &[(1, 3.0), (2, -1.0)], 4.0),
            relation(5, &[(1, 7.0), (2, -2.0)], 9.0),
        ];
        assert_eq!(relations, wanted);
    }

    /// x3 = x1 + x2, and x5 is constant.
    #[test]
    fn what_may_be_tested() {
        let given: Vec<String> = (0..6).map(|j| format!("x{j}")).collect();
        let relations = vec![
            relation(3, &[(1, 1.0), (2, 1.0)], 0.0),
            relation(5, &[], 2.0),
        ];
        let terms = IdentifiedTerms::new(&given, Some(0), relations);
        assert_eq!(terms.kept(), [0, 1, 2, 4]);
        let kept_before: Vec<usize> = (0..=6).map(|end| terms.kept_before(end)).collect();
        assert_eq!(kept_before, [0, 1, 2, 3, 3, 4, 4]);
        assert_eq!(terms.columns_of(&[4]), Ok(vec![3]));
        assert_eq!(terms.columns_of(&[1, 3]), Ok(vec![1]));
        assert_eq!(terms.columns_of(&[1, 2, 3, 4]), Ok(vec![1, 2, 3]));
        for (positions, names, relation) in [
            (&[1][..], "x1", "x3 = x1 + x2"),
            (&[1, 2], "x1, x2", "x3 = x1 + x2"),
            (&[3], "x3", "x3 = x1 + x2"),
            (&[5], "x5", "x5 = 2"),
            (&[0], "x0", "x5 = 2"),
        ] {
            let wanted = GlmError::NotIdentified {
                terms: names.into(),
                relation: relation.into(),
            };
            assert_eq!(terms.columns_of(positions), Err(wanted));
        }
    }
}
