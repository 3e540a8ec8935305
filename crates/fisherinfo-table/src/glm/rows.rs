//! What one row adds, for each pair of family and link.

use super::{
    family::{Family, MeanFamilyTask},
    kernel::ROWS,
    vector_rows::{GammaLog, Logistic, PoissonLog, Vector},
};
use fisherinfo::{coordinates::link::Link, dual::Dual, family::mean::MeanFamily};
use num_dual::Dual64;
use pulp::Arch;

/// Weights and scores of the rows of a block, at dispersion one; zero after the last row.
///
/// Aligned to a page: no vector in it spans two cache lines, and the predictor being stored never
/// trails the column being loaded by less than a page, which the processor would take for the same
/// address and wait for.
#[derive(Clone, Debug)]
#[repr(align(4096))]
pub(super) struct RowTerms {
    /// η.
    pub(super) predictor: [f64; ROWS],
    /// Expected information about η.
    pub(super) weight: [f64; ROWS],
    /// ∂ log f/∂η.
    pub(super) score: [f64; ROWS],
    /// Observed information about η; kept up only where it differs from the expected.
    pub(super) observed: [f64; ROWS],
}

impl RowTerms {
    pub(super) fn new() -> Self {
        Self {
            predictor: [0.0; ROWS],
            weight: [0.0; ROWS],
            score: [0.0; ROWS],
            observed: [0.0; ROWS],
        }
    }
}

/// What the rows add besides their terms.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tally {
    /// Σ log f, without what does not depend on η, at dispersion one.
    pub(super) log_kernel: f64,
    /// Rows whose mean is none of the family's.
    pub(super) outside: usize,
    /// The largest |η|.
    pub(super) largest: f64,
}

impl Tally {
    pub(super) const NOTHING: Self = Self {
        log_kernel: 0.0,
        outside: 0,
        largest: 0.0,
    };

    pub(super) fn add(&mut self, other: Self) {
        self.log_kernel += other.log_kernel;
        self.outside += other.outside;
        self.largest = self.largest.max(other.largest);
    }
}

/// A family and a link with their response.
pub(super) trait RowModel: Sync {
    /// Are expected and observed information the same, as they are for the canonical link?
    fn is_canonical(&self) -> bool {
        true
    }

    /// For every row how many equal ones it stands for; none where each stands for itself. Its
    /// terms are those of all of them together.
    fn copies(&self) -> Option<&[f64]> {
        None
    }

    /// Weight, score and (with `observed`) observed information of `count` rows from `start` on,
    /// at the predictors in `terms`, to which an offset is added where the rows have one.
    fn fill(
        &self,
        arch: Arch,
        start: usize,
        count: usize,
        observed: bool,
        terms: &mut RowTerms,
    ) -> Tally;
}

/// A link, known at compile time where it is a usual one.
trait RowLink: Copy + Send + Sync {
    fn link(&self) -> Link;
}

macro_rules! fixed_links {
    ($($name:ident),*) => {$(
        #[derive(Clone, Copy)]
        struct $name;
        impl RowLink for $name {
            #[inline(always)]
            fn link(&self) -> Link {
                Link::$name
            }
        }
    )*};
}
fixed_links!(Identity, Log, Logit, Probit, Cloglog, Inverse);

/// The rarer links share one piece of code.
impl RowLink for Link {
    fn link(&self) -> Link {
        *self
    }
}

/// Any family with any link, a row at a time.
struct Scalar<'a, F, L> {
    family: F,
    link: L,
    /// F·dμ/dη, which is constant in the canonical link; none in any other.
    canonical: Option<f64>,
    /// F·(dμ/dη)², where it is the same everywhere.
    constant: Option<f64>,
    response: &'a [f64],
    trials: Option<&'a [f64]>,
}

/// The model of a family and a link: in vector code where there is some.
pub(super) fn model<'a>(
    family: Family,
    link: Link,
    response: &'a [f64],
    trials: Option<&'a [f64]>,
) -> Box<dyn RowModel + 'a> {
    match (family, link, trials) {
        (Family::Binomial, Link::Logit, None) => Box::new(Logistic { response }),
        (Family::Poisson, Link::Log, None) => Box::new(Vector::<PoissonLog>::new(response)),
        (Family::Gamma, Link::Log, None) => Box::new(Vector::<GammaLog>::new(response)),
        _ => family.as_mean_family(RowByRow {
            link,
            response,
            trials,
        }),
    }
}

/// What is left of a row model when its family is known.
struct RowByRow<'a> {
    link: Link,
    response: &'a [f64],
    trials: Option<&'a [f64]>,
}

/// The information of a row about its predictor, where that is the same for every predictor: the
/// link is then the one that stabilises the family's variance.
pub(super) fn constant_information(family: Family, link: Link) -> Option<f64> {
    struct At(Link);
    impl MeanFamilyTask for At {
        type Output = Option<f64>;

        fn with<F: MeanFamily + 'static>(self, family: F) -> Option<f64> {
            constant_of(family, self.0)
        }
    }
    family.as_mean_family(At(link))
}

fn constant_of(family: impl MeanFamily, link: Link) -> Option<f64> {
    (family.variance_stabilising() == Some(link)).then(|| {
        let slope: f64 = link.mean_derivative(link.predictor(1.0));
        family.information(1.0, 0.0) * slope * slope
    })
}

/// Is the link the family's canonical one?
pub(super) fn is_canonical(family: Family, link: Link) -> bool {
    model(family, link, &[], None).is_canonical()
}

impl<'a> MeanFamilyTask for RowByRow<'a> {
    type Output = Box<dyn RowModel + 'a>;

    fn with<F: MeanFamily + 'static>(self, family: F) -> Self::Output {
        match self.link {
            Link::Identity => self.at(family, Identity),
            Link::Log => self.at(family, Log),
            Link::Logit => self.at(family, Logit),
            Link::Probit => self.at(family, Probit),
            Link::Cloglog => self.at(family, Cloglog),
            Link::Inverse => self.at(family, Inverse),
            rarer => self.at(family, rarer),
        }
    }
}

impl<'a> RowByRow<'a> {
    fn at<F: MeanFamily + 'a, L: RowLink + 'a>(self, family: F, link: L) -> Box<dyn RowModel + 'a> {
        let canonical = family
            .canonical()
            .filter(|canonical| canonical.link == link.link())
            .map(|canonical| canonical.slope);
        Box::new(Scalar {
            constant: constant_of(family, self.link),
            family,
            link,
            canonical,
            response: self.response,
            trials: self.trials,
        })
    }
}

impl<F: MeanFamily, L: RowLink> Scalar<'_, F, L> {
    /// ∂ log f/∂η = F·(y − μ)·dμ/dη.
    #[inline]
    fn score<D: Dual>(&self, y: f64, predictor: D, mean: D, complement: D) -> D {
        match self.canonical {
            Some(slope) => self.family.residual(y, mean, complement) * slope,
            None => {
                self.family.score(y, mean, complement) * self.link.link().mean_derivative(predictor)
            }
        }
    }
}

impl<F: MeanFamily, L: RowLink> RowModel for Scalar<'_, F, L> {
    fn is_canonical(&self) -> bool {
        self.canonical.is_some()
    }

    fn fill(
        &self,
        _: Arch,
        start: usize,
        count: usize,
        observed: bool,
        terms: &mut RowTerms,
    ) -> Tally {
        let canonical = self.canonical;
        let link = self.link.link();
        let mut tally = Tally::NOTHING;
        for i in 0..count {
            let m = self.trials.map_or(1.0, |trials| trials[start + i]);
            let y = self.response[start + i] / m;
            let eta = terms.predictor[i];
            let mean = link.mean(eta);
            let complement = link.complement(eta);
            tally.largest = tally.largest.max(eta.abs());
            if !self.family.contains(mean) || !eta.is_finite() {
                tally.outside += 1;
                continue;
            }
            tally.log_kernel += m * self.family.log_kernel(y, mean, complement);
            let information = self.family.information(mean, complement);
            let slope = link.mean_derivative(eta);
            // A mean that has rounded to the end of its space says nothing more about η.
            let flat = !information.is_finite() || slope == 0.0;
            terms.weight[i] = if let Some(constant) = self.constant {
                m * constant
            } else if let Some(slope) = canonical {
                m * slope * slope * self.family.variance(mean, complement)
            } else if flat {
                0.0
            } else {
                m * information * slope * slope
            };
            terms.score[i] = if flat && canonical.is_none() {
                0.0
            } else {
                m * self.score(y, eta, mean, complement)
            };
            if observed {
                terms.observed[i] = if canonical.is_some() || flat {
                    terms.weight[i]
                } else {
                    let eta = Dual64::new(eta, 1.0);
                    -m * self.score(y, eta, link.mean(eta), link.complement(eta)).eps
                };
            }
        }
        for i in count..ROWS {
            terms.weight[i] = 0.0;
            terms.score[i] = 0.0;
            terms.observed[i] = 0.0;
        }
        tally
    }
}
