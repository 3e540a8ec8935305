//! From files to rows, in memory or read anew for every pass.

use super::model::data;
use super::progress::Progress;
use crate::arguments::FitArguments;
use crate::error::Failure;
use fisherinfo_table::distributed::Workers;
use fisherinfo_table::glm::{GlmError, Regression, RowSource, Watch, Weighting};
use fisherinfo_table::source::{RowRoles, SourceError, StreamedDesign, TableFiles};
use fisherinfo_table::{Design, DesignOptions, Formula, Levels, Response, Table, TermColumns};
use std::path::Path;
use std::sync::Arc;
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
    pub(super) places: Places,
}

/// Rows that belong together.
pub(crate) struct Clusters {
    pub(crate) column: String,
    /// The number of each row's cluster, where the rows do not bring it.
    pub(crate) codes: Option<Vec<usize>>,
}

/// Where rows come from.
pub(super) enum Places {
    /// The lines of one file.
    Lines(Vec<u64>),
    Streamed(Arc<StreamedDesign>),
}

/// The sum of the offsets that there are.
pub(super) fn total(one: Option<&[f64]>, other: Option<&[f64]>) -> Option<Vec<f64>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.iter().zip(other).map(|(a, b)| a + b).collect()),
        (one, other) => one.or(other).map(<[f64]>::to_vec),
    }
}

/// A regression, what is known of its rows, and what its labels count as.
pub(super) struct Loaded {
    pub(super) rows: Rows,
    pub(super) regression: Regression,
    /// Success and the other level.
    pub(super) labels: Option<[String; 2]>,
}

/// The table in memory.
pub(super) fn load(
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
        Regression::identified(y, columns, &design.terms, intercept)
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
pub(super) fn workers(address: &str) -> Result<Arc<dyn Workers>, Failure> {
    let cluster = fisherinfo_cluster::Cluster::connect(address).map_err(Failure::Cluster)?;
    // Until here Ctrl-C ends the process as it ends any other.
    super::progress::listen();
    Ok(Arc::new(cluster.ended_when(super::progress::ended)))
}

/// The machines that are to add up the rows, which this build does not know.
#[cfg(not(feature = "cluster"))]
pub(super) fn workers(_: &str) -> Result<Arc<dyn Workers>, Failure> {
    Err(Failure::ClusterNotBuiltIn)
}

/// Who adds up streamed rows, and what for.
pub(super) enum Summed {
    Here,
    ForPenalty,
    By(Arc<dyn Workers>),
}

/// The table in files that are read anew for every pass.
pub(super) fn stream(
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
        Regression::distributed_identified(Arc::clone(&design), told)
    } else {
        let make = if penalised {
            Regression::streamed_for_penalty
        } else {
            Regression::streamed_identified
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

pub(super) fn failure(
    data: &str,
    places: &Places,
    watch: Option<&Progress>,
    error: GlmError,
) -> Failure {
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
