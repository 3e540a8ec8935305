//! What is computed about a design, before anything is shown.

use super::{CriterionName, DesignArguments};
use crate::arguments::MissingCells;
use crate::assignments::{numbers, split};
use crate::error::{Failure, nearest};
use faer::Mat;
use fisherinfo::coordinates::link::Link;
use fisherinfo::design::{
    Candidates, Criterion, Curve, ResponseCurve, optimal_design, optimal_on_interval,
    predictor_information,
};
use fisherinfo::expression::Expression;
use fisherinfo::family::mean::MeanFamily;
use fisherinfo_table::glm::{Family, MeanFamilyTask};
use fisherinfo_table::{Design, DesignOptions, Formula, Levels, Missing, Table};
use std::path::Path;

pub(crate) struct Report {
    /// The formula, as it was understood.
    pub(crate) model: String,
    pub(crate) family: Family,
    pub(crate) link: Link,
    pub(crate) criterion: Criterion,
    pub(crate) parameters: Vec<String>,
    /// The values assumed; `None` where the design does not depend on them.
    pub(crate) assumed: Option<Vec<f64>>,
    /// How the points are named: columns beside the weights.
    pub(crate) columns: Vec<String>,
    pub(crate) support: Vec<Support>,
    /// How many candidates there were, where they were given.
    pub(crate) candidates: Option<usize>,
    pub(crate) value: f64,
    pub(crate) information: Mat<f64>,
    /// The largest sensitivity, and where it is.
    pub(crate) largest: f64,
    pub(crate) at: f64,
    pub(crate) efficiency_bound: f64,
    pub(crate) uniform_efficiency: Option<f64>,
    pub(crate) dropped_rows: usize,
}

/// A point with weight.
pub(crate) struct Support {
    /// One number a column; for a file the first is the line.
    pub(crate) point: Vec<f64>,
    pub(crate) weight: f64,
}

pub(crate) fn compute(arguments: &DesignArguments) -> Result<Report, Failure> {
    let saved = match &arguments.at {
        // A saved fit, by its name; anything else has to be values.
        Some(text) if Path::new(text).is_file() || text.ends_with(".json") => {
            Some(crate::predict::read(Path::new(text))?)
        }
        _ => None,
    };
    if let Some(saved) = &saved
        && let Some(identified) = &saved.identified
        && let Some(relation) = identified.relations().first()
    {
        return Err(Failure::DesignAtUnidentified {
            relation: relation.text(identified.given()),
            term: identified.given()[relation.term].clone(),
        });
    }
    let family = match (&arguments.family, &saved) {
        (Some(name), _) => crate::fit::family(name)?,
        (None, Some(saved)) => crate::fit::family(&saved.family)?,
        (None, None) => Family::Gaussian,
    };
    let link = match (&arguments.link, &saved, &arguments.family) {
        (Some(name), ..) => crate::fit::link(name)?,
        (None, Some(saved), None) => crate::fit::link(&saved.link)?,
        _ => family.default_link(),
    };
    let given = match (&saved, &arguments.at) {
        (Some(saved), _) => saved
            .terms
            .iter()
            .cloned()
            .zip(saved.coefficients.iter().copied())
            .collect(),
        (None, Some(text)) => numbers("--at", text)?,
        (None, None) => Vec::new(),
    };
    let levels = saved.map(|saved| saved.design_levels());
    match (&arguments.model, &arguments.data, &arguments.formula) {
        (Some(model), _, _) => on_interval(arguments, model, family, link, &given),
        (None, Some(data), Some(formula)) => {
            let assumed = Assumed {
                family,
                link,
                given: &given,
                levels: levels.as_deref(),
            };
            on_table(arguments, data, formula, &assumed)
        }
        // The command line does not let this through.
        (None, _, _) => Err(fisherinfo::design::DesignError::NoCandidates.into()),
    }
}

fn criterion(arguments: &DesignArguments, parameters: &[String]) -> Result<Criterion, Failure> {
    let text = arguments.c.as_deref().unwrap_or_default();
    let refused = |reason: String| Failure::Combination {
        text: text.into(),
        reason,
        known: parameters.join(", "),
        example: parameters.last().cloned().unwrap_or_default(),
    };
    match arguments.criterion {
        CriterionName::D | CriterionName::A | CriterionName::E if arguments.c.is_some() => {
            Err(refused("only --criterion c takes a combination".into()))
        }
        CriterionName::D => Ok(Criterion::D),
        CriterionName::A => Ok(Criterion::A),
        CriterionName::E => Ok(Criterion::E),
        CriterionName::C if text.contains('=') => {
            let mut combination = vec![0.0; parameters.len()];
            for (name, value) in numbers("--c", text)? {
                let at = position(parameters, &name)
                    .ok_or_else(|| refused(format!("there is no parameter `{name}`")))?;
                combination[at] = value;
            }
            Ok(Criterion::C(combination))
        }
        CriterionName::C => {
            let combination = split(text)
                .iter()
                .map(|part| part.parse().ok().filter(|value: &f64| value.is_finite()))
                .collect::<Option<Vec<f64>>>()
                .ok_or_else(|| refused("not a list of numbers".into()))?;
            if combination.len() != parameters.len() {
                return Err(refused(format!(
                    "{} numbers for {} parameters",
                    combination.len(),
                    parameters.len()
                )));
            }
            Ok(Criterion::C(combination))
        }
    }
}

/// A parameter by its name, in any case.
fn position(parameters: &[String], name: &str) -> Option<usize> {
    parameters
        .iter()
        .position(|known| known == name)
        .or_else(|| {
            parameters
                .iter()
                .position(|known| known.eq_ignore_ascii_case(name))
        })
}

/// One value a parameter, in their order; `None` where nothing was assumed and nothing depends on it.
fn assumed(
    parameters: &[String],
    given: &[(String, f64)],
    matters: bool,
) -> Result<Option<Vec<f64>>, Failure> {
    let mut values = vec![None; parameters.len()];
    for (name, value) in given {
        let at = position(parameters, name).ok_or_else(|| Failure::NoSuchParameter {
            option: "--at",
            name: name.clone(),
            nearest: nearest(name, parameters.iter().map(String::as_str)),
            known: parameters.join(", "),
        })?;
        values[at] = Some(*value);
    }
    if given.is_empty() && !matters {
        return Ok(None);
    }
    let missing: Vec<&str> = parameters
        .iter()
        .zip(&values)
        .filter(|(_, value)| value.is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    if !missing.is_empty() {
        return Err(Failure::Unassumed {
            names: missing.join(", "),
            several: missing.len() > 1,
            known: parameters.join(", "),
        });
    }
    Ok(Some(values.into_iter().flatten().collect()))
}

/// What is taken for true of the response.
struct Assumed<'a> {
    family: Family,
    link: Link,
    given: &'a [(String, f64)],
    /// The categories of a saved fit.
    levels: Option<&'a [Levels]>,
}

fn on_table(
    arguments: &DesignArguments,
    data: &Path,
    formula: &str,
    assumption: &Assumed<'_>,
) -> Result<Report, Failure> {
    let &Assumed {
        family,
        link,
        given,
        levels,
    } = assumption;
    let formula = if formula.trim_start().starts_with('~') {
        Formula::parse_right_side(formula)
    } else {
        // A formula of `fisher fit` does too; its response says nothing about where to observe.
        Formula::parse(formula)
    }
    .map_err(Failure::Formula)?;
    let table = Table::read_csv(data)?;
    let options = DesignOptions {
        missing: match arguments.missing {
            MissingCells::Fail => Missing::Fail,
            MissingCells::Drop => Missing::Drop,
        },
        levels,
        ..DesignOptions::default()
    };
    let file = data.display().to_string();
    let design = Design::new(&table, &formula, &options).map_err(|error| Failure::Design {
        file: file.clone(),
        error,
    })?;
    // Only an ordinary linear model says the same at all parameters.
    let matters = !(family == Family::Gaussian && link == Link::Identity);
    let assumed = assumed(&design.terms, given, matters)?;
    let criterion = criterion(arguments, &design.terms)?;
    let mut candidates = Candidates::new(&design.terms);
    for (row, line) in design.lines.iter().enumerate() {
        let entries: Vec<f64> = design.columns.iter().map(|column| column[row]).collect();
        let predictor = assumed
            .iter()
            .flatten()
            .zip(&entries)
            .map(|(value, entry)| value * entry)
            .sum::<f64>()
            + design.offset.as_ref().map_or(0.0, |offset| offset[row]);
        let (mean, information) = at_predictor(family, link, predictor);
        candidates.add_row(
            &entries,
            information.ok_or_else(|| Failure::Mean {
                place: format!("{file}, line {line}"),
                mean,
                family: family.to_string(),
            })?,
        )?;
    }
    let optimal = optimal_design(&candidates, &criterion)?;
    let count = candidates.len();
    let goodness = criterion.goodness(optimal.information())?;
    let uniform = candidates.information(&vec![1.0 / count as f64; count])?;
    let shown = usize::from(design.intercept)..design.terms.len();
    let mut columns = vec!["line".to_string()];
    columns.extend_from_slice(&design.terms[shown.clone()]);
    let certificate = optimal.certificate();
    Ok(Report {
        model: formula.to_string(),
        family,
        link,
        parameters: design.terms.clone(),
        assumed: assumed.filter(|_| matters),
        columns,
        support: optimal
            .support()
            .map(|(row, weight)| Support {
                point: std::iter::once(design.lines[row] as f64)
                    .chain(
                        design.columns[shown.clone()]
                            .iter()
                            .map(|column| column[row]),
                    )
                    .collect(),
                weight,
            })
            .collect(),
        candidates: Some(count),
        value: optimal.value(),
        information: optimal.information().to_owned(),
        largest: certificate.largest,
        at: design.lines[certificate.at] as f64,
        efficiency_bound: certificate.efficiency_bound(),
        uniform_efficiency: criterion
            .goodness(uniform.as_ref())
            .ok()
            .map(|uniform| uniform / goodness),
        criterion,
        dropped_rows: design.dropped_rows,
    })
}

/// The mean at a predictor, and the information about the predictor, where the family has the mean.
fn at_predictor(family: Family, link: Link, predictor: f64) -> (f64, Option<f64>) {
    struct At(Link, f64);
    impl MeanFamilyTask for At {
        type Output = (f64, Option<f64>);

        fn with<F: MeanFamily + 'static>(self, family: F) -> Self::Output {
            let Self(link, predictor) = self;
            let mean: f64 = link.mean(predictor);
            let information = predictor_information(&family, link, predictor);
            let allowed = family.contains(mean) && information.is_finite();
            (mean, allowed.then_some(information))
        }
    }
    family.as_mean_family(At(link, predictor))
}

fn on_interval(
    arguments: &DesignArguments,
    model: &str,
    family: Family,
    link: Link,
    given: &[(String, f64)],
) -> Result<Report, Failure> {
    let text = arguments.range.clone().unwrap_or_default();
    let (factor, range) = range(&text).ok_or(Failure::Range { text })?;
    let formula = Expression::parse(model).map_err(Failure::ModelFormula)?;
    let in_formula: Vec<String> = formula
        .variables()
        .filter(|name| *name != factor)
        .map(String::from)
        .collect();
    // In the order in which they were given, or else occur.
    let mut parameters: Vec<String> = given
        .iter()
        .filter_map(|(name, _)| position(&in_formula, name))
        .map(|at| in_formula[at].clone())
        .collect();
    for name in in_formula {
        if !parameters.contains(&name) {
            parameters.push(name);
        }
    }
    let criterion = criterion(arguments, &parameters)?;
    let values = assumed(&parameters, given, true)?.unwrap_or_default();
    let named: Vec<(String, f64)> = parameters
        .iter()
        .cloned()
        .zip(values.iter().copied())
        .collect();
    let curve = family.as_mean_family(Boxed {
        formula: &formula,
        factor: &factor,
        assumed: &named,
        link,
    })?;
    let optimal = optimal_on_interval(curve.as_ref(), range, &criterion)?;
    let certificate = optimal.certificate();
    Ok(Report {
        model: format!("{formula}, {factor} in [{}, {}]", range[0], range[1]),
        family,
        link,
        assumed: Some(values),
        parameters,
        columns: vec![factor],
        support: optimal
            .points()
            .iter()
            .zip(optimal.weights())
            .map(|(point, weight)| Support {
                point: vec![*point],
                weight: *weight,
            })
            .collect(),
        candidates: None,
        value: optimal.value(),
        information: optimal.information().to_owned(),
        largest: certificate.largest,
        at: optimal.places()[certificate.at],
        efficiency_bound: certificate.efficiency_bound(),
        uniform_efficiency: optimal.uniform_efficiency(),
        criterion,
        dropped_rows: 0,
    })
}

/// A curve whose family is still to be known.
struct Boxed<'a> {
    formula: &'a Expression,
    factor: &'a str,
    assumed: &'a [(String, f64)],
    link: Link,
}

impl MeanFamilyTask for Boxed<'_> {
    type Output = Result<Box<dyn Curve>, Failure>;

    fn with<F: MeanFamily + 'static>(self, family: F) -> Self::Output {
        let curve = ResponseCurve::new(self.formula, self.factor, self.assumed, family, self.link);
        Ok(Box::new(curve.map_err(Failure::Curve)?))
    }
}

/// `t=0:30`.
fn range(text: &str) -> Option<(String, [f64; 2])> {
    let (name, ends) = text.split_once('=')?;
    let (lower, upper) = ends.split_once(':')?;
    let name = name.trim();
    (!name.is_empty()).then_some(())?;
    Some((
        name.into(),
        [lower.trim().parse().ok()?, upper.trim().parse().ok()?],
    ))
}
