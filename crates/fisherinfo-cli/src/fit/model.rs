//! From the command line and files to a regression that can be fitted.

use super::formula::formula;
use super::options::{not_on_cluster, not_resumed, penalty, require_none_beside_multinomial};
use super::progress::Progress;
use super::rows::{Loaded, Rows, Summed, failure, load, stream, workers};
use crate::arguments::{ClusterCorrection, FitArguments, Intervals, MissingCells, Robust};
use crate::error::{Failure, nearest};
use fisherinfo::coordinates::link::{Link, LinkError};
use fisherinfo_table::glm::{
    ClusterFactor, Family, FamilyChoice, FamilyError, GlmError, Heteroscedasticity, Penalty,
    Regression, Weighting,
};
use fisherinfo_table::source::{Labels, RowRoles, TableFiles};
use fisherinfo_table::{DesignOptions, Formula, Missing, ResponseKind};
use std::sync::Arc;

pub(crate) struct Model {
    /// The files, as they were named.
    pub(crate) data: String,
    /// The files, in the order of their rows.
    pub(crate) files: TableFiles,
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
    pub(crate) design: Rows,
    pub(crate) regression: Regression,
    /// Told of every pass, where the rows are streamed.
    watch: Option<Arc<Progress>>,
    pub(crate) information_matrix_test: bool,
}

/// From here on a file is not held in memory.
const LARGE: u64 = 256 << 20;

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
        let (formula, files) = formula(arguments)?;
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
            clusters: arguments.cluster().map(String::as_str),
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
        let data = data(arguments);
        let workers = match arguments.scheduler() {
            Some(address) => {
                if let Some(option) = not_on_cluster(arguments, family) {
                    return Err(Failure::NotOnCluster { option });
                }
                Some(workers(address)?)
            }
            None => None,
        };
        let asked = arguments.stream
            || arguments.resume.is_some()
            || workers.is_some()
            || files.is_more_than_one_plain_file();
        if arguments.resume.is_some()
            && let Some(option) = not_resumed(arguments, family)
        {
            return Err(Failure::NotResumed { option });
        }
        let streamed = asked || files.bytes() > LARGE;
        let weighting = weights.as_ref().map(|(_, weighting)| *weighting);
        let (loaded, watch) = if streamed {
            let identity = format!(
                "{}{formula}\n{family} {link} {:?} {:?} {weights:?} {:?} {:?}",
                files.fingerprint(),
                arguments.trials,
                options.missing,
                arguments.offset,
                arguments.success,
            );
            let watch = Arc::new(Progress::new(arguments.resume.as_deref(), &identity)?);
            let roles = RowRoles {
                trials: arguments.trials.clone(),
                offset: arguments.offset.clone(),
                weighting,
                labels: if multinomial {
                    Labels::Positions
                } else {
                    Labels::Successes(arguments.success.clone())
                },
            };
            let loaded = stream(
                &data,
                files.clone(),
                &formula,
                &options,
                roles,
                match workers {
                    Some(workers) => Summed::By(workers),
                    None if penalty.is_some() => Summed::ForPenalty,
                    None => Summed::Here,
                },
                &watch,
            )?;
            (loaded, Some(watch))
        } else {
            let loaded = load(
                arguments,
                files.paths()[0],
                &formula,
                &options,
                weighting,
                penalty.is_some(),
                multinomial,
            )?;
            (loaded, None)
        };
        let Loaded {
            rows: design,
            regression,
            labels,
        } = loaded;
        let streamed = watch.is_some();
        Ok(Self {
            data,
            files,
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
            watch,
            information_matrix_test: !streamed || arguments.information_matrix_test,
        })
    }

    /// A failure of the fit, with the file and, where one row is to blame, its line.
    pub(crate) fn failure(&self, error: GlmError) -> Failure {
        failure(
            &self.data,
            &self.design.places,
            self.watch.as_deref(),
            error,
        )
    }

    /// The fit is done: nothing is left to go on from.
    pub(crate) fn finish(&self) {
        if let Some(watch) = &self.watch {
            watch.finish();
        }
    }
}

/// The files as they were named.
pub(super) fn data(arguments: &FitArguments) -> String {
    let names: Vec<String> = arguments
        .data
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    names.join(" ")
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
