//! Designs whose rows others read and add up: what is said of them, and some of their rows.

use super::{Reader, Remote, StreamedDesign};
use crate::design::{DesignOptions, Missing, ResponseKind};
use crate::distributed::Workers;
use crate::formula::Formula;
use crate::glm::{RowBatch, RowReader, RowSource, RowsError, Watch};
use crate::source::batches::{Batches, Piece, Wanted};
use crate::source::scan::{Scan, UnitScans, Uses};
use crate::source::store::Version;
use crate::source::units::{Unit, stretch_of, units_of};
use crate::source::{RowRoles, SourceError, TableFiles};
use crate::wire::wire_fields;
use std::convert::Infallible;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

/// Everything that a design is made of, before anything was read.
#[derive(Clone, Debug)]
pub(crate) struct DesignRequest {
    pub(crate) files: Vec<(String, Option<Version>)>,
    pub(crate) formula: String,
    pub(crate) missing: Missing,
    pub(crate) also: Vec<String>,
    pub(crate) weights: Option<String>,
    pub(crate) clusters: Option<String>,
    pub(crate) response: ResponseKind,
    pub(crate) roles: RowRoles,
}

wire_fields!(DesignRequest {
    files,
    formula,
    missing,
    also,
    weights,
    clusters,
    response,
    roles,
});

/// What the first pass has found, for designs that are made again elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    scan: Scan,
    /// The columns, which have to be the same wherever the design is made.
    terms: Vec<String>,
}

wire_fields!(Settled { scan, terms });

impl DesignRequest {
    fn settle<B>(
        &self,
        scan: impl FnOnce(&TableFiles, &Wanted, &Uses<'_>) -> Result<ControlFlow<B, Scan>, SourceError>,
    ) -> Result<ControlFlow<B, StreamedDesign>, SourceError> {
        let formula = Formula::parse(&self.formula).map_err(|error| SourceError::Elsewhere {
            reason: error.to_string(),
        })?;
        let options = DesignOptions {
            missing: self.missing,
            also: &self.also,
            weights: self.weights.as_deref(),
            clusters: self.clusters.as_deref(),
            response: self.response,
            levels: None,
        };
        let files = TableFiles::known(&self.files)?;
        StreamedDesign::settle(files, &formula, &options, self.roles.clone(), scan)
    }

    /// What is found in one unit of the files.
    pub(crate) fn scan(&self, unit: &Unit) -> Result<UnitScans, SourceError> {
        let scan = |files: &TableFiles, wanted: &Wanted, uses: &Uses<'_>| {
            UnitScans::of_unit(files, wanted, uses, unit).map(ControlFlow::Break)
        };
        match self.settle(scan)? {
            ControlFlow::Break(found) => Ok(found),
            ControlFlow::Continue(_) => Err(SourceError::Interrupted),
        }
    }

    /// The design, whose files were read before.
    pub(crate) fn design(&self, settled: &Settled) -> Result<StreamedDesign, SourceError> {
        let known = |_: &TableFiles, _: &Wanted, _: &Uses<'_>| {
            Ok(ControlFlow::<Infallible, _>::Continue(settled.scan.clone()))
        };
        let ControlFlow::Continue(design) = self.settle(known)?;
        if design.terms != settled.terms {
            return Err(SourceError::Elsewhere {
                reason: "the columns of the design are others there".into(),
            });
        }
        Ok(design)
    }
}

impl StreamedDesign {
    /// As [`StreamedDesign::with_roles`], whose rows others read and add up, this first pass included
    /// (see [`crate::distributed`]).
    ///
    /// # Errors
    /// As there; what stands in the way of the others.
    pub fn on_workers(
        files: TableFiles,
        formula: &Formula,
        options: &DesignOptions<'_>,
        roles: RowRoles,
        workers: Arc<dyn Workers>,
        watch: Option<&dyn Watch>,
    ) -> Result<Self, SourceError> {
        let mut units = units_of(&files)?;
        let request = Self::request(&files, formula, options, &roles)?;
        if let Some(watch) = watch {
            watch.pass("levels and missing cells");
        }
        let found = crate::distributed::scan(&request, &units, workers.as_ref())?;
        for (unit, &(rows, kept)) in units.iter_mut().zip(&found.rows) {
            (unit.rows, unit.kept) = (rows, kept);
        }
        if watch.is_some_and(|watch| watch.rows(found.scan.rows).is_break()) {
            return Err(SourceError::Interrupted);
        }
        let scan = |_: &TableFiles, _: &Wanted, uses: &Uses<'_>| {
            found.scan.require_levels(uses)?;
            Ok(ControlFlow::<Infallible, _>::Continue(found.scan))
        };
        let ControlFlow::Continue(mut design) = Self::settle(files, formula, options, roles, scan)?;
        design.remote = Some(Remote { workers, units });
        Ok(design)
    }

    fn request(
        files: &TableFiles,
        formula: &Formula,
        options: &DesignOptions<'_>,
        roles: &RowRoles,
    ) -> Result<DesignRequest, SourceError> {
        Ok(DesignRequest {
            files: files.names()?,
            formula: formula.to_string(),
            missing: options.missing,
            also: options.also.to_vec(),
            weights: options.weights.map(str::to_owned),
            clusters: options.clusters.map(str::to_owned),
            response: options.response,
            roles: roles.clone(),
        })
    }

    /// Who adds up the rows, what the design is made of, and what was found in its files.
    pub(crate) fn elsewhere(
        &self,
    ) -> Option<(&Remote, Result<DesignRequest, SourceError>, Settled)> {
        let options = DesignOptions {
            missing: self.missing,
            also: &self.also,
            weights: self.weights.as_deref(),
            clusters: self.clusters.as_deref(),
            response: self.response,
            levels: None,
        };
        let request = Self::request(&self.files, &self.formula, &options, &self.roles);
        let settled = Settled {
            scan: self.scan.clone(),
            terms: self.terms.clone(),
        };
        Some((self.remote.as_ref()?, request, settled))
    }

    /// How many rows are kept.
    pub(crate) fn kept(&self) -> usize {
        self.scan.kept
    }

    /// Whether others add up the rows.
    pub fn is_on_workers(&self) -> bool {
        self.remote.is_some()
    }

    /// The rows from one to another, of which units say where they lie.
    pub(crate) fn stretch(
        self: Arc<Self>,
        units: &[Unit],
        rows: Range<usize>,
    ) -> Arc<dyn RowSource> {
        let (pieces, skipped) = stretch_of(units, rows.start);
        Arc::new(Stretch {
            design: self,
            pieces,
            skipped,
            rows: rows.len(),
        })
    }
}

/// Some of the rows of a design.
#[derive(Debug)]
struct Stretch {
    design: Arc<StreamedDesign>,
    pieces: Vec<Piece>,
    /// Kept rows of the pieces before the first of these.
    skipped: usize,
    rows: usize,
}

/// A pass over them.
struct StretchReader<'a> {
    reader: Reader<'a>,
    skipped: usize,
    left: usize,
}

impl RowSource for Stretch {
    fn open(&self) -> Result<Box<dyn RowReader + '_>, RowsError> {
        let StreamedDesign {
            files,
            wanted,
            size,
            ..
        } = &*self.design;
        Ok(Box::new(StretchReader {
            reader: Reader {
                design: &self.design,
                batches: Batches::of_pieces(files, wanted, *size, self.pieces.clone()),
            },
            skipped: self.skipped,
            left: self.rows,
        }))
    }
}

impl RowReader for StretchReader<'_> {
    fn next(&mut self) -> Result<Vec<RowBatch>, RowsError> {
        let mut some = Vec::new();
        // No batch means that there are no more rows, so a batch of none has to be passed over here.
        while some.is_empty() && self.left > 0 {
            self.reader.batches.most = self.skipped + self.left;
            let batches = self.reader.read().map_err(RowsError::new)?;
            if batches.is_empty() {
                break;
            }
            for batch in batches {
                let rows = batch.response.len();
                let start = self.skipped.min(rows);
                let end = rows.min(start + self.left);
                self.skipped -= start;
                self.left -= end - start;
                if end > start {
                    some.push(batch.slice(start..end));
                }
            }
        }
        Ok(some)
    }
}
