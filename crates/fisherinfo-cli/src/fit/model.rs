//! From the command line and a file to a regression that can be fitted.

use crate::arguments::{ClusterCorrection, FitArguments, Intervals, MissingCells, Robust};
use crate::error::{Failure, nearest};
use fisherinfo::coordinates::link::{Link, LinkError};
use fisherinfo_table::glm::{
    ClusterFactor, Family, FamilyChoice, FamilyError, GlmError, Heteroscedasticity, Penalty,
    Regression, Weighting,
};
use fisherinfo_table::{Design, DesignOptions, Formula, Missing, ResponseKind, Table};
use std::path::PathBuf;

pub(crate) struct Model {
    pub(crate) data: PathBuf,
    pub(crate) formula: Formula,
    pub(crate) family: FamilyChoice,
    pub(crate) link: Link,
    pub(crate) robust: Heteroscedasticity,
    pub(crate) trials: Option<String>,
    /// Where the predictor is offset: the formula's offsets and the column asked for.
    pub(crate) offset: Option<String>,
    /// The column asked for beside the formula.
    pub(crate) offset_column: Option<String>,
    /// The column of weights, and what they mean.
    pub(crate) weights: Option<(String, Weighting)>,
    pub(crate) cluster_factor: ClusterFactor,
    /// The sets of terms to test.
    pub(crate) tests: Vec<String>,
    pub(crate) intervals: Option<Intervals>,
    pub(crate) penalty: Option<Penalty>,
    pub(crate) level: f64,
    /// The category that the others are held against, where it was named.
    pub(crate) reference: Option<String>,
    /// Of a response of labels: what counts as success, and the other level.
    pub(crate) labels: Option<[String; 2]>,
    pub(crate) design: Design,
    pub(crate) regression: Regression,
}

impl Model {
    pub(crate) fn read(arguments: &FitArguments) -> Result<Self, Failure> {
        let family = choice(&arguments.family)?;
        let link = match (&arguments.link, family) {
            (Some(name), _) => link(name)?,
            (None, FamilyChoice::Of(family)) => family.default_link(),
            (None, FamilyChoice::NegativeBinomial) => Link::Log,
            (None, FamilyChoice::Multinomial) => Link::Logit,
        };
        let penalty = penalty(arguments)?;
        let multinomial = family == FamilyChoice::Multinomial;
        if multinomial {
            require_none_beside_multinomial(arguments, link)?;
        } else if arguments.reference.is_some() {
            return Err(Failure::ReferenceWithoutMultinomial);
        }
        if penalty.is_some() && family == FamilyChoice::NegativeBinomial {
            return Err(Failure::PenaltyWithShape);
        }
        if arguments.firth && family == FamilyChoice::NegativeBinomial {
            return Err(Failure::FirthWithShape);
        }
        let binomial = family == FamilyChoice::Of(Family::Binomial);
        if arguments.success.is_some() && !binomial {
            return Err(Failure::SuccessWithoutBinomial);
        }
        // The formula first: a slip in it should not wait for a long file.
        let formula = Formula::parse(&arguments.formula).map_err(Failure::Formula)?;
        let table = Table::read_csv(&arguments.data)?;
        let also: Vec<String> = [&arguments.trials, &arguments.offset]
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        let weights = match (&arguments.frequency_weights, &arguments.weights) {
            (Some(column), _) => Some((column.clone(), Weighting::Frequency)),
            (None, Some(column)) => Some((column.clone(), Weighting::Precision)),
            (None, None) => None,
        };
        let options = DesignOptions {
            missing: match arguments.missing {
                MissingCells::Fail => Missing::Fail,
                MissingCells::Drop => Missing::Drop,
            },
            also: &also,
            weights: weights.as_ref().map(|(column, _)| column.as_str()),
            clusters: arguments.cluster.as_deref(),
            response: if multinomial {
                ResponseKind::Labels
            } else if !binomial || arguments.trials.is_some() {
                ResponseKind::Numbers
            } else if arguments.success.is_some() {
                ResponseKind::Labels
            } else {
                ResponseKind::NumbersOrLabels
            },
            levels: None,
        };
        let in_file = |error| Failure::Design {
            file: arguments.data.display().to_string(),
            error,
        };
        let mut design = Design::new(&table, &formula, &options).map_err(in_file)?;
        let mut labels = None;
        if design.response.levels.is_some() && !multinomial {
            let success = arguments.success.as_deref();
            let successes = design.response.successes(success).map_err(in_file)?;
            design.response.values = successes.values;
            labels = Some([successes.success, successes.failure]);
        }
        let at = |error| Failure::Fit {
            place: place(&arguments.data, &design, &error),
            error,
        };
        let (y, columns) = (&design.response.values, &design.columns);
        let intercept = design.intercept.then_some(0);
        let mut regression = match penalty {
            None => Regression::new(y, columns, &design.terms, intercept),
            Some(_) => Regression::for_penalty(y, columns, &design.terms, intercept),
        }
        .map_err(at)?;
        let beside = |name: &Option<String>| {
            let name = name.as_ref()?;
            let column = design.also.iter().find(|(column, _)| column == name)?;
            Some(column.1.as_slice())
        };
        if let Some(trials) = beside(&arguments.trials) {
            regression = regression.trials(trials).map_err(at)?;
        }
        if let Some(offset) = total(design.offset.as_deref(), beside(&arguments.offset)) {
            regression = regression.offset(&offset).map_err(at)?;
        }
        if let (Some((_, weighting)), Some(values)) = (&weights, &design.weights) {
            regression = regression.weights(*weighting, values).map_err(at)?;
        }
        Ok(Self {
            data: arguments.data.clone(),
            family,
            link,
            robust: match arguments.robust {
                Robust::Hc0 => Heteroscedasticity::Hc0,
                Robust::Hc1 => Heteroscedasticity::Hc1,
                Robust::Hc2 => Heteroscedasticity::Hc2,
                Robust::Hc3 => Heteroscedasticity::Hc3,
            },
            trials: arguments.trials.clone(),
            offset: {
                let labels = formula.offsets().map(|offset| offset.label().to_owned());
                let labels: Vec<String> = labels.chain(arguments.offset.clone()).collect();
                (!labels.is_empty()).then(|| labels.join(" + "))
            },
            formula,
            weights,
            offset_column: arguments.offset.clone(),
            cluster_factor: match arguments.cluster_factor {
                ClusterCorrection::Cr1 => ClusterFactor::Cr1,
                ClusterCorrection::None => ClusterFactor::None,
            },
            tests: arguments.test.clone(),
            intervals: arguments.intervals,
            penalty,
            level: arguments.level,
            reference: arguments.reference.clone(),
            labels,
            design,
            regression,
        })
    }

    /// A failure of the fit, with the file and, where one row is to blame, its line.
    pub(crate) fn failure(&self, error: GlmError) -> Failure {
        Failure::Fit {
            place: place(&self.data, &self.design, &error),
            error,
        }
    }
}

/// The penalty asked for.
fn penalty(arguments: &FitArguments) -> Result<Option<Penalty>, Failure> {
    let at = |error| Failure::Fit {
        place: arguments.data.display().to_string(),
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

/// The sum of the offsets that there are.
fn total(one: Option<&[f64]>, other: Option<&[f64]>) -> Option<Vec<f64>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.iter().zip(other).map(|(a, b)| a + b).collect()),
        (one, other) => one.or(other).map(<[f64]>::to_vec),
    }
}

fn place(data: &std::path::Path, design: &Design, error: &GlmError) -> String {
    let file = data.display();
    match error.row().and_then(|row| design.lines.get(row)) {
        Some(line) => format!("{file}, line {line}"),
        None => file.to_string(),
    }
}

/// What a multinomial regression does not have.
fn require_none_beside_multinomial(arguments: &FitArguments, link: Link) -> Result<(), Failure> {
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
        (arguments.cluster.is_some(), "--cluster"),
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

pub(crate) fn family(name: &str) -> Result<Family, Failure> {
    name.parse()
        .map_err(|error| no_family(name, error, Family::names()))
}

fn choice(name: &str) -> Result<FamilyChoice, Failure> {
    name.parse()
        .map_err(|error| no_family(name, error, FamilyChoice::names()))
}

fn no_family(name: &str, error: FamilyError, known: Vec<&'static str>) -> Failure {
    match error {
        FamilyError::Unknown { .. } => Failure::UnknownRegressionFamily {
            name: name.into(),
            nearest: nearest(name, known.iter().copied()),
            known: known.join(", "),
        },
        error => Failure::RegressionFamily(error),
    }
}

pub(crate) fn link(name: &str) -> Result<Link, Failure> {
    name.parse().map_err(|error| match error {
        LinkError::Unknown { .. } => Failure::UnknownLink {
            name: name.into(),
            nearest: nearest(name, Link::names()),
            known: Link::names().join(", "),
        },
        error => Failure::Link(error),
    })
}
