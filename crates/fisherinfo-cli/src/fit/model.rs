//! From the command line and files to a regression that can be fitted.

use super::formula::formula;
use super::options::{not_on_cluster, not_resumed, penalty, require_none_beside_multinomial};
use super::progress::Progress;
use crate::arguments::{ClusterCorrection, FitArguments, Intervals, MissingCells, Robust};
use crate::error::{Failure, nearest};
use fisherinfo::coordinates::link::{Link, LinkError};
use fisherinfo_table::distributed::Workers;
use fisherinfo_table::glm::{
    ClusterFactor, Family, FamilyChoice, FamilyError, GlmError, Heteroscedasticity, Penalty,
    Regression, RowSource, Watch, Weighting,
};
use fisherinfo_table::source::{Labels, RowRoles, SourceError, StreamedDesign, TableFiles};
use fisherinfo_table::{
    Design, DesignOptions, Formula, Levels, Missing, Response, ResponseKind, Table, TermColumns,
};
use std::path::Path;
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

/// What is known of the rows, whether they are in memory or not.
pub(crate) struct Rows {
    pub(crate) intercept: bool,
    pub(crate) dropped_rows: usize,
    pub(crate) rows_without_weight: usize,
    pub(crate) missing: Vec<(String, usize)>,
    /// The response, whose values are with the regression.
    pub(crate) response: Response,
    pub(crate) terms: Vec<String>,
    pub(crate) term_columns: Vec<TermColumns>,
    pub(crate) levels: Vec<Levels>,
    pub(crate) clusters: Option<Clusters>,
    places: Places,
}

/// Rows that belong together.
pub(crate) struct Clusters {
    pub(crate) column: String,
    /// The number of each row's cluster, where the rows do not bring it.
    pub(crate) codes: Option<Vec<usize>>,
}

/// Where rows come from.
enum Places {
    /// The lines of one file.
    Lines(Vec<u64>),
    Streamed(Arc<StreamedDesign>),
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

/// The sum of the offsets that there are.
pub(super) fn total(one: Option<&[f64]>, other: Option<&[f64]>) -> Option<Vec<f64>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.iter().zip(other).map(|(a, b)| a + b).collect()),
        (one, other) => one.or(other).map(<[f64]>::to_vec),
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

/// A regression, what is known of its rows, and what its labels count as.
struct Loaded {
    rows: Rows,
    regression: Regression,
    /// Success and the other level.
    labels: Option<[String; 2]>,
}

/// The table in memory.
fn load(
    arguments: &FitArguments,
    path: &Path,
    formula: &Formula,
    options: &DesignOptions<'_>,
    weighting: Option<Weighting>,
    penalised: bool,
    multinomial: bool,
) -> Result<Loaded, Failure> {
    let data = data(arguments);
    let table = Table::read_csv(path)?;
    let in_file = |error| Failure::Design {
        file: data.clone(),
        error,
    };
    let mut design = Design::new(&table, formula, options).map_err(in_file)?;
    let mut labels = None;
    if design.response.levels.is_some() && !multinomial {
        let success = arguments.success.as_deref();
        let successes = design.response.successes(success).map_err(in_file)?;
        design.response.values = successes.values;
        labels = Some([successes.success, successes.failure]);
    }
    let places = Places::Lines(design.lines);
    let at = |error| failure(&data, &places, None, error);
    let (y, columns) = (&design.response.values, &design.columns);
    let intercept = design.intercept.then_some(0);
    let mut regression = if penalised {
        Regression::for_penalty(y, columns, &design.terms, intercept)
    } else {
        Regression::new(y, columns, &design.terms, intercept)
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
    if let (Some(weighting), Some(values)) = (weighting, &design.weights) {
        regression = regression.weights(weighting, values).map_err(at)?;
    }
    let rows = Rows {
        intercept: design.intercept,
        dropped_rows: design.dropped_rows,
        rows_without_weight: design.rows_without_weight,
        missing: design.missing,
        response: Response {
            values: Vec::new(),
            ..design.response
        },
        terms: design.terms,
        term_columns: design.term_columns,
        levels: design.levels,
        clusters: design.clusters.map(|groups| Clusters {
            column: groups.column,
            codes: Some(groups.codes),
        }),
        places,
    };
    Ok(Loaded {
        rows,
        regression,
        labels,
    })
}

/// The machines that are to add up the rows.
#[cfg(feature = "cluster")]
fn workers(address: &str) -> Result<Arc<dyn Workers>, Failure> {
    let cluster = fisherinfo_cluster::Cluster::connect(address).map_err(Failure::Cluster)?;
    // Until here Ctrl-C ends the process as it ends any other.
    super::progress::listen();
    Ok(Arc::new(cluster.ended_when(super::progress::ended)))
}

/// The machines that are to add up the rows, which this build does not know.
#[cfg(not(feature = "cluster"))]
fn workers(_: &str) -> Result<Arc<dyn Workers>, Failure> {
    Err(Failure::ClusterNotBuiltIn)
}

/// Who adds up streamed rows, and what for.
enum Summed {
    Here,
    ForPenalty,
    By(Arc<dyn Workers>),
}

/// The table in files that are read anew for every pass.
fn stream(
    data: &str,
    files: TableFiles,
    formula: &Formula,
    options: &DesignOptions<'_>,
    roles: RowRoles,
    summed: Summed,
    watch: &Arc<Progress>,
) -> Result<Loaded, Failure> {
    let told = Some(watch.as_ref() as &dyn Watch);
    let penalised = matches!(summed, Summed::ForPenalty);
    let design = match summed {
        Summed::By(workers) => {
            StreamedDesign::on_workers(files, formula, options, roles, workers, told)
        }
        Summed::Here | Summed::ForPenalty => {
            StreamedDesign::with_roles(files, formula, options, roles, told)
        }
    };
    let design = Arc::new(design.map_err(|error| match error {
        SourceError::Interrupted => watch.interrupted(),
        error => Failure::Source(error),
    })?);
    let places = Places::Streamed(Arc::clone(&design));
    let at = |error| failure(data, &places, Some(watch.as_ref()), error);
    let told = Some(Arc::clone(watch) as Arc<dyn Watch>);
    let made = if design.is_on_workers() {
        Regression::distributed(Arc::clone(&design), told)
    } else {
        let make = if penalised {
            Regression::streamed_for_penalty
        } else {
            Regression::streamed
        };
        let source = Arc::clone(&design) as Arc<dyn RowSource>;
        make(source, design.terms(), design.intercept(), told)
    };
    let mut regression = made.map_err(at)?;
    if let Some(checkpoint) = watch.checkpoint() {
        regression = regression.resumed_from(checkpoint).map_err(at)?;
    }
    let rows = Rows {
        intercept: design.intercept().is_some(),
        dropped_rows: design.dropped_rows(),
        rows_without_weight: design.rows_without_weight(),
        missing: design.missing(),
        response: design.response(),
        terms: design.terms().to_vec(),
        term_columns: design.term_columns().to_vec(),
        levels: design.levels().to_vec(),
        clusters: design.clusters().map(|(column, _)| Clusters {
            column: column.to_owned(),
            codes: None,
        }),
        places,
    };
    let labels = design.success();
    Ok(Loaded {
        rows,
        regression,
        labels: labels.map(|labels| labels.map(str::to_owned)),
    })
}

fn failure(data: &str, places: &Places, watch: Option<&Progress>, error: GlmError) -> Failure {
    let place = match (places, error.row()) {
        (Places::Lines(lines), Some(row)) => {
            lines.get(row).map(|line| format!("{data}, line {line}"))
        }
        (Places::Streamed(design), Some(row)) => design.place(row).ok().flatten(),
        (_, None) => None,
    };
    match (error, watch) {
        (GlmError::Interrupted, Some(watch)) => watch.interrupted(),
        (GlmError::Rows(error), _) => Failure::Rows(error),
        (error, _) => Failure::Fit {
            place: place.unwrap_or_else(|| data.to_owned()),
            error,
        },
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
