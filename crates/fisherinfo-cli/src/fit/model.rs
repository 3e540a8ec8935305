//! From the command line and files to a regression that can be fitted.

use super::progress::Progress;
use crate::arguments::{FitArguments, MissingCells, Robust};
use crate::error::{Failure, nearest};
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{Family, GlmError, Heteroscedasticity, Regression, RowSource, Watch};
use fisherinfo_table::source::{SourceError, StreamedDesign, TableFiles};
use fisherinfo_table::{Design, DesignOptions, Formula, Missing, Table};
use std::path::Path;
use std::sync::Arc;

pub(crate) struct Model {
    /// The files, as they were named.
    data: String,
    pub(crate) formula: String,
    pub(crate) family: Family,
    pub(crate) link: Link,
    pub(crate) robust: Heteroscedasticity,
    pub(crate) trials: Option<String>,
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
    pub(crate) missing: Vec<(String, usize)>,
    places: Places,
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
        let family = family(&arguments.family)?;
        let link = match &arguments.link {
            Some(name) => link(name)?,
            None => family.default_link(),
        };
        // The formula first: a slip in it should not wait for a long file.
        let formula = Formula::parse(&arguments.formula).map_err(Failure::Formula)?;
        let files = TableFiles::find(&arguments.data)?;
        let also: Vec<String> = arguments.trials.iter().cloned().collect();
        let options = DesignOptions {
            missing: match arguments.missing {
                MissingCells::Fail => Missing::Fail,
                MissingCells::Drop => Missing::Drop,
            },
            also: &also,
        };
        let names: Vec<String> = arguments
            .data
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let data = names.join(" ");
        let streamed = arguments.stream
            || arguments.resume.is_some()
            || files.is_more_than_one_plain_file()
            || files.bytes() > LARGE;
        let (design, regression, watch) = if streamed {
            let identity = format!(
                "{}{formula}\n{family} {link} {:?} {:?}",
                files.fingerprint(),
                arguments.trials,
                options.missing
            );
            let watch = Arc::new(Progress::new(arguments.resume.as_deref(), &identity)?);
            let (rows, regression) = stream(&data, files, &formula, &options, &watch)?;
            (rows, regression, Some(watch))
        } else {
            let (rows, regression) = load(&data, &files.paths()[0], &formula, &options)?;
            (rows, regression, None)
        };
        Ok(Self {
            data,
            formula: formula.to_string(),
            family,
            link,
            robust: match arguments.robust {
                Robust::Hc0 => Heteroscedasticity::Hc0,
                Robust::Hc1 => Heteroscedasticity::Hc1,
                Robust::Hc2 => Heteroscedasticity::Hc2,
                Robust::Hc3 => Heteroscedasticity::Hc3,
            },
            trials: arguments.trials.clone(),
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

/// The table in memory.
fn load(
    data: &str,
    path: &Path,
    formula: &Formula,
    options: &DesignOptions<'_>,
) -> Result<(Rows, Regression), Failure> {
    let table = Table::read_csv(path)?;
    let design = Design::new(&table, formula, options).map_err(|error| Failure::Design {
        file: data.to_owned(),
        error,
    })?;
    let places = Places::Lines(design.lines);
    let at = |error| failure(data, &places, None, error);
    let mut regression = Regression::new(
        &design.response.values,
        &design.columns,
        &design.terms,
        design.intercept.then_some(0),
    )
    .map_err(at)?;
    if let Some((_, trials)) = design.also.first() {
        regression = regression.trials(trials).map_err(at)?;
    }
    let rows = Rows {
        intercept: design.intercept,
        dropped_rows: design.dropped_rows,
        missing: design.missing,
        places,
    };
    Ok((rows, regression))
}

/// The table in files that are read anew for every pass.
fn stream(
    data: &str,
    files: TableFiles,
    formula: &Formula,
    options: &DesignOptions<'_>,
    watch: &Arc<Progress>,
) -> Result<(Rows, Regression), Failure> {
    let design = StreamedDesign::new(files, formula, options, Some(watch.as_ref()));
    let design = Arc::new(design.map_err(|error| match error {
        SourceError::Interrupted => watch.interrupted(),
        error => Failure::Source(error),
    })?);
    let places = Places::Streamed(Arc::clone(&design));
    let at = |error| failure(data, &places, Some(watch.as_ref()), error);
    let mut regression = Regression::streamed(
        Arc::clone(&design) as Arc<dyn RowSource>,
        design.terms(),
        design.intercept(),
        Some(Arc::clone(watch) as Arc<dyn Watch>),
    )
    .map_err(at)?;
    if let Some(checkpoint) = watch.checkpoint() {
        regression = regression.resumed_from(checkpoint).map_err(at)?;
    }
    let rows = Rows {
        intercept: design.intercept().is_some(),
        dropped_rows: design.dropped_rows(),
        missing: design.missing(),
        places,
    };
    Ok((rows, regression))
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
