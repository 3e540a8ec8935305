//! Passes whose sums are made elsewhere: what is asked for, and the sums of some of the chunks.
//!
//! The chunks are those of a fit on one machine, and what is made of each is made by the same code.

use super::{
    chunk::{Chunk, Chunks},
    collinear::{Triangle, triangle_of},
    covariance::products_less_leverage,
    design::{Design, products_of},
    error::GlmError,
    family::Family,
    leverage::Place,
    likelihood::{Likelihood, Point, log_likelihood_of},
    null_model::At,
    pass::{Extent, Partial, Wanted},
    row_source::RowSource,
    standards::{Spreads, Standard},
    stream::{Stream, spreads_of},
    totals::{Brought, Totals},
    weighted::products_of_weights,
};
use crate::sums::{Additive, Forest, Unfinished};
use crate::wire::{Wire, wire_choices, wire_fields};
use faer::Mat;
use fisherinfo::coordinates::link::Link;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Where sums are made when not here.
pub(crate) trait Elsewhere: fmt::Debug + Send + Sync {
    /// The rows of all chunks.
    fn rows(&self) -> usize;

    /// What the request asks for, of all chunks of so many rows.
    fn sums(&self, pass: &str, chunk: usize, request: Request) -> Result<Sums, GlmError>;
}

/// A pass, and the design that it is made over.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    chunk: usize,
    rows: usize,
    width: usize,
    /// The values of the first row of all.
    first: Vec<f64>,
    standards: Vec<Standard>,
    factor: Option<Mat<f64>>,
    /// The family that responses are held against.
    family: Option<Family>,
    task: Task,
}

/// What is to be added up.
#[derive(Clone, Debug)]
pub(super) enum Task {
    /// Centres and scales of columns of these names, one of which may be the intercept; and totals.
    Spreads(Vec<String>, Option<usize>),
    /// Products of columns.
    Products,
    /// R of the QR decomposition.
    Factor,
    /// Score and information.
    Pass(Wanted),
    /// Every information, and the likelihood.
    Last(Wanted, Point<'static>),
    Likelihood(Point<'static>),
    /// The log-likelihood at a dispersion.
    LogLikelihood(Point<'static>, f64),
    /// The model without terms beside offsets, at an intercept.
    Offsets(Point<'static>, f64),
    /// Outer products of scores over a power of one less the leverage.
    Leverages(Point<'static>, Mat<f64>, usize),
}

/// Sums of some of the chunks that cannot be made.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) chunk: usize,
    pub(crate) error: GlmError,
}

macro_rules! sums {
    ($($kind:ident($sums:ty) = $tag:literal),+ $(,)?) => {
        /// Sums of some of the chunks.
        #[derive(Clone, Debug)]
        pub(crate) enum Sums {
            $($kind(Forest<$sums>)),+
        }

        impl Sums {
            /// Adds those of other chunks of the same pass; whether they are of the same pass.
            pub(crate) fn merge(&mut self, other: Self) -> Result<bool, Unfinished> {
                match (self, other) {
                    $((Self::$kind(sums), Self::$kind(other)) => sums.merge(other)?,)+
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }

        impl Wire for Sums {
            fn write(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$kind(sums) => {
                        u8::write(&$tag, out);
                        sums.write(out);
                    })+
                }
            }

            fn read(bytes: &mut &[u8]) -> Option<Self> {
                Some(match u8::read(bytes)? {
                    $($tag => Self::$kind(Forest::read(bytes)?),)+
                    _ => return None,
                })
            }
        }

        $(impl Summed for $sums {
            fn of(sums: Sums) -> Option<Forest<Self>> {
                match sums {
                    Sums::$kind(sums) => Some(sums),
                    _ => None,
                }
            }

            fn wrap(forest: Forest<Self>) -> Sums {
                Sums::$kind(forest)
            }
        })+
    };
}

/// What a pass adds up.
pub(super) trait Summed: Additive + Wire + Send {
    fn of(sums: Sums) -> Option<Forest<Self>>;

    fn wrap(forest: Forest<Self>) -> Sums;
}

sums! {
    Spreads((Spreads, Totals)) = 0,
    Values(Vec<f64>) = 1,
    Triangle(Triangle) = 2,
    Partial(Partial) = 3,
    Last((Partial, Likelihood)) = 4,
    Likelihood(Likelihood) = 5,
    Number(f64) = 6,
    At(At) = 7,
}

impl Request {
    /// A pass over the chunks of a stream.
    pub(super) fn new(stream: &Stream, family: Option<Family>, task: Task) -> Self {
        Self {
            chunk: stream.chunk,
            rows: stream.rows,
            width: stream.width,
            first: stream.first.clone(),
            standards: stream.standards.clone(),
            factor: stream.factor.clone(),
            family,
            task,
        }
    }

    /// The sums of some chunks, whose rows are all that `source` gives.
    pub(crate) fn answer(
        &self,
        source: Arc<dyn RowSource>,
        chunks: Range<usize>,
    ) -> Result<Sums, Refused> {
        let stream = Stream::of_chunks(
            source,
            self.width,
            self.chunk,
            chunks.start * self.chunk..self.rows.min(chunks.end * self.chunk),
            self.first.clone(),
            self.standards.clone(),
            self.factor.clone(),
        );
        let worst = Mutex::new(None);
        let failed = |chunk: usize| {
            let mut worst = worst.lock().unwrap_or_else(PoisonError::into_inner);
            *worst = Some(worst.map_or(chunk, |other: usize| other.min(chunk)));
        };
        self.sums(&stream, &failed).map_err(|error| {
            let worst = worst.lock().unwrap_or_else(PoisonError::into_inner);
            let chunk = worst.unwrap_or(chunks.start);
            Refused { chunk, error }
        })
    }

    fn sums(&self, stream: &Stream, failed: &(impl Fn(usize) + Sync)) -> Result<Sums, GlmError> {
        if let Task::Spreads(terms, intercept) = &self.task {
            let mut forest = Forest::new();
            let mut added = Ok(());
            stream.drive(
                "",
                |raw| {
                    let chunk = raw.start / self.chunk;
                    let spreads = spreads_of(raw, terms, *intercept);
                    Ok((chunk, spreads.inspect_err(|_| failed(chunk))?))
                },
                |(chunk, sums)| add(&mut added, forest.push(chunk, sums)),
            )?;
            added.map_err(unfinished)?;
            return Ok(Summed::wrap(forest));
        }
        let design = Design::of_stream(stream, None);
        let chunks = Chunks {
            stream: Some(stream),
            family: self.family,
            ..Chunks::of_design(&design)
        };
        match &self.task {
            Task::Spreads(..) | Task::Products => {
                self.forest(chunks, failed, |chunk| Ok(products_of(chunk)))
            }
            Task::Factor => self.forest(chunks, failed, |chunk| Ok(triangle_of(chunk))),
            Task::Pass(wanted) => self.forest(chunks, failed, |chunk| Ok(wanted.of_chunk(chunk))),
            Task::Last(wanted, point) => self.forest(chunks, failed, |chunk| {
                let likelihood = Likelihood::of_chunk(point, chunk);
                Ok((wanted.of_chunk(chunk), likelihood))
            }),
            Task::Likelihood(point) => self.forest(chunks, failed, |chunk| {
                Ok(Likelihood::of_chunk(point, chunk))
            }),
            Task::LogLikelihood(point, dispersion) => self.forest(chunks, failed, |chunk| {
                Ok(log_likelihood_of(point, *dispersion, chunk))
            }),
            Task::Offsets(point, intercept) => self.forest(chunks, failed, |chunk| {
                Ok(At::of_chunk(point, *intercept, chunk))
            }),
            Task::Leverages(point, root, power) => {
                let place = Place {
                    family: point.family,
                    link: point.link,
                    stored: &point.stored,
                    root,
                };
                self.forest(chunks, failed, |chunk| {
                    products_of_weights(chunk, |chunk, block, out| {
                        products_less_leverage(&place, *power, chunk, block, out)
                    })
                })
            }
        }
    }

    fn forest<T: Summed>(
        &self,
        chunks: Chunks<'_>,
        failed: &(impl Fn(usize) + Sync),
        work: impl Fn(&Chunk<'_>) -> Result<T, GlmError> + Sync,
    ) -> Result<Sums, GlmError> {
        let size = self.chunk;
        let work = |chunk: &Chunk<'_>| {
            let sums = work(chunk);
            sums.inspect_err(|_| failed(chunk.start / size))
        };
        let on_refused = |chunk: usize| failed(chunk / size);
        Ok(Summed::wrap(chunks.forest("", size, work, on_refused)?))
    }
}

/// Keeps the first failure.
pub(super) fn add(all: &mut Result<(), Unfinished>, next: Result<(), Unfinished>) {
    if all.is_ok() {
        *all = next;
    }
}

/// Sums that are not those of every chunk, once each, are no sums.
pub(super) fn unfinished(error: Unfinished) -> GlmError {
    let (chunk, how) = match error {
        Unfinished::Missing(chunk) => (chunk, "missing"),
        Unfinished::Twice(chunk) => (chunk, "there twice"),
    };
    GlmError::Incomplete { chunk, how }
}

/// By the name that is parsed again.
macro_rules! wire_names {
    ($($name:ty),+) => {$(
        impl Wire for $name {
            fn write(&self, out: &mut Vec<u8>) {
                self.to_string().write(out);
            }

            fn read(bytes: &mut &[u8]) -> Option<Self> {
                String::read(bytes)?.parse().ok()
            }
        }
    )+};
}

wire_names!(Family, Link);
wire_choices!(Extent {
    Score,
    Step,
    StepAndDispersion,
    StepAndObserved,
    Everything,
});
wire_fields!(Brought {
    trials,
    offset,
    weighting,
    clusters,
});
wire_fields!(Totals {
    response,
    trials,
    weight,
    offset,
    brought,
});
wire_fields!(Standard {
    column,
    centre,
    scale,
    offset
});
wire_fields!(Request {
    chunk,
    rows,
    width,
    first,
    standards,
    factor,
    family,
    task,
});

impl Wire for Task {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Spreads(terms, intercept) => {
                0_u8.write(out);
                terms.write(out);
                intercept.write(out);
            }
            Self::Products => 1_u8.write(out),
            Self::Factor => 2_u8.write(out),
            Self::Pass(wanted) => {
                3_u8.write(out);
                wanted.write(out);
            }
            Self::Last(wanted, point) => {
                4_u8.write(out);
                wanted.write(out);
                point.write(out);
            }
            Self::Likelihood(point) => {
                5_u8.write(out);
                point.write(out);
            }
            Self::LogLikelihood(point, dispersion) => {
                6_u8.write(out);
                point.write(out);
                dispersion.write(out);
            }
            Self::Offsets(point, intercept) => {
                7_u8.write(out);
                point.write(out);
                intercept.write(out);
            }
            Self::Leverages(point, root, power) => {
                8_u8.write(out);
                point.write(out);
                root.write(out);
                power.write(out);
            }
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(match u8::read(bytes)? {
            0 => Self::Spreads(Wire::read(bytes)?, Wire::read(bytes)?),
            1 => Self::Products,
            2 => Self::Factor,
            3 => Self::Pass(Wire::read(bytes)?),
            4 => Self::Last(Wire::read(bytes)?, Wire::read(bytes)?),
            5 => Self::Likelihood(Wire::read(bytes)?),
            6 => Self::LogLikelihood(Wire::read(bytes)?, Wire::read(bytes)?),
            7 => Self::Offsets(Wire::read(bytes)?, Wire::read(bytes)?),
            8 => Self::Leverages(Wire::read(bytes)?, Wire::read(bytes)?, Wire::read(bytes)?),
            _ => return None,
        })
    }
}
