//! What one row adds, for each pair of family and link.

use super::{
    family::Family,
    kernel::ROWS,
    vector_rows::{Logistic, PoissonLog},
};
use fisherinfo::{
    coordinates::link::Link,
    dual::Dual,
    family::{Bernoulli, Gamma, Normal, Poisson, mean::MeanFamily},
};
use num_dual::Dual64;
use pulp::Arch;
use std::marker::PhantomData;

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

    /// Weight, score and (with `observed`) observed information of `count` rows from `start` on,
    /// at the predictors in `terms`.
    fn fill(
        &self,
        arch: Arch,
        start: usize,
        count: usize,
        observed: bool,
        terms: &mut RowTerms,
    ) -> Tally;
}

/// A link known at compile time.
trait FixedLink: Send + Sync {
    const LINK: Link;
}

macro_rules! fixed_links {
    ($($name:ident),*) => {$(
        struct $name;
        impl FixedLink for $name {
            const LINK: Link = Link::$name;
        }
    )*};
}
fixed_links!(Identity, Log, Logit, Probit, Cloglog, Inverse);

/// Any family with any link, a row at a time.
struct Scalar<'a, F, L> {
    family: F,
    link: PhantomData<L>,
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
        (Family::Poisson, Link::Log, None) => Box::new(PoissonLog { response }),
        (Family::Binomial, ..) => scalar(Bernoulli, link, response, trials),
        (Family::Poisson, ..) => scalar(Poisson, link, response, trials),
        (Family::Gaussian, ..) => scalar(Normal, link, response, trials),
        (Family::Gamma, ..) => scalar(Gamma, link, response, trials),
    }
}

fn scalar<'a, F: MeanFamily + 'a>(
    family: F,
    link: Link,
    response: &'a [f64],
    trials: Option<&'a [f64]>,
) -> Box<dyn RowModel + 'a> {
    fn with<'a, F: MeanFamily + 'a, L: FixedLink + 'a>(
        family: F,
        response: &'a [f64],
        trials: Option<&'a [f64]>,
    ) -> Box<dyn RowModel + 'a> {
        Box::new(Scalar {
            family,
            link: PhantomData::<L>,
            response,
            trials,
        })
    }
    match link {
        Link::Identity => with::<F, Identity>(family, response, trials),
        Link::Log => with::<F, Log>(family, response, trials),
        Link::Logit => with::<F, Logit>(family, response, trials),
        Link::Probit => with::<F, Probit>(family, response, trials),
        Link::Cloglog => with::<F, Cloglog>(family, response, trials),
        Link::Inverse => with::<F, Inverse>(family, response, trials),
    }
}

/// Is the link the family's canonical one?
pub(super) fn is_canonical(family: Family, link: Link) -> bool {
    model(family, link, &[], None).is_canonical()
}

/// dμ/dη = ±V(μ) for the canonical link; the sign.
fn canonical_sign(link: Link) -> f64 {
    if link == Link::Inverse { -1.0 } else { 1.0 }
}

impl<F: MeanFamily, L: FixedLink> Scalar<'_, F, L> {
    /// ∂ log f/∂η = F·(y − μ)·dμ/dη; in the canonical link F·dμ/dη is ±1.
    #[inline]
    fn score<D: Dual>(&self, y: f64, predictor: D, mean: D, complement: D) -> D {
        if self.is_canonical() {
            self.family.residual(y, mean, complement) * canonical_sign(L::LINK)
        } else {
            self.family.score(y, mean, complement) * L::LINK.mean_derivative(predictor)
        }
    }
}

impl<F: MeanFamily, L: FixedLink> RowModel for Scalar<'_, F, L> {
    fn is_canonical(&self) -> bool {
        L::LINK == self.family.canonical_link()
    }

    fn fill(
        &self,
        _: Arch,
        start: usize,
        count: usize,
        observed: bool,
        terms: &mut RowTerms,
    ) -> Tally {
        let canonical = self.is_canonical();
        let mut tally = Tally::NOTHING;
        for i in 0..count {
            let m = self.trials.map_or(1.0, |trials| trials[start + i]);
            let y = self.response[start + i] / m;
            let eta = terms.predictor[i];
            let mean = L::LINK.mean(eta);
            let complement = L::LINK.complement(eta);
            tally.largest = tally.largest.max(eta.abs());
            if !self.family.contains(mean) || !eta.is_finite() {
                tally.outside += 1;
                continue;
            }
            tally.log_kernel += m * self.family.log_kernel(y, mean, complement);
            let information = self.family.information(mean, complement);
            let slope = L::LINK.mean_derivative(eta);
            // A mean that has rounded to the end of its space says nothing more about η.
            let flat = !information.is_finite() || slope == 0.0;
            terms.weight[i] = if canonical {
                m * self.family.variance(mean, complement)
            } else if flat {
                0.0
            } else {
                m * information * slope * slope
            };
            terms.score[i] = if flat && !canonical {
                0.0
            } else {
                m * self.score(y, eta, mean, complement)
            };
            if observed {
                terms.observed[i] = if canonical || flat {
                    terms.weight[i]
                } else {
                    let eta = Dual64::new(eta, 1.0);
                    -m * self
                        .score(y, eta, L::LINK.mean(eta), L::LINK.complement(eta))
                        .eps
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
