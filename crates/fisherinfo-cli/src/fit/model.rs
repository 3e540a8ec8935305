//! From the command line and a file to a regression that can be fitted.

use crate::arguments::{ClusterCorrection, FitArguments, Intervals, MissingCells, Robust};
use crate::error::{Failure, nearest};
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{
    ClusterFactor, Family, GlmError, Heteroscedasticity, Penalty, Regression, Weighting,
};
use fisherinfo_table::{Design, DesignOptions, Formula, Missing, Table};
use std::path::PathBuf;

pub(crate) struct Model {
    pub(crate) data: PathBuf,
    pub(crate) formula: Formula,
    pub(crate) family: Family,
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
    pub(crate) design: Design,
    pub(crate) regression: Regression,
}

impl Model {
    pub(crate) fn read(arguments: &FitArguments) -> Result<Self, Failure> {
        let family = family(&arguments.family)?;
        let link = match &arguments.link {
            Some(name) => link(name)?,
            None => family.default_link(),
        };
        let penalty = penalty(arguments)?;
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
            ..DesignOptions::default()
        };
        let design = Design::new(&table, &formula, &options).map_err(|error| Failure::Design {
            file: arguments.data.display().to_string(),
            error,
        })?;
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

pub(crate) fn family(name: &str) -> Result<Family, Failure> {
    let known = Family::ALL.map(Family::name);
    name.parse().map_err(|_| Failure::UnknownRegressionFamily {
        name: name.into(),
        nearest: nearest(name, known),
        known: known.join(", "),
    })
}

pub(crate) fn link(name: &str) -> Result<Link, Failure> {
    let known = Link::ALL.map(Link::name);
    name.parse().map_err(|_| Failure::UnknownLink {
        name: name.into(),
        nearest: nearest(name, known),
        known: known.join(", "),
    })
}
