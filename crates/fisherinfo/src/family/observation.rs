//! Observations that carry their logarithms, and draws that have them.

use super::{Family, SamplingError};
use crate::dual::{Datum, Dual};
use rand::Rng;
use rand_distr::{Distribution, Exp1, Open01};

/// ln x of an observation on the half line: the one it carries, or that of its value.
pub(super) fn logarithm<D: Dual>(x: &[Datum<D>]) -> D {
    x.get(1).map_or_else(|| x[0].ln(), |ln| ln.lift())
}

/// (ln x, ln(1 − x)) of an observation on the unit interval, likewise.
pub(super) fn logarithms<D: Dual>(x: &[Datum<D>]) -> (D, D) {
    match x {
        [_, _, ln, ln_complement, ..] => (ln.lift(), ln_complement.lift()),
        _ => (x[0].ln(), x[1].ln()),
    }
}

/// Writes an observation on the half line, given its logarithm.
pub(super) fn set_half_line(x: &mut [f64], ln: f64) {
    x[0] = ln.exp();
    if let Some(place) = x.get_mut(1) {
        *place = ln;
    }
}

/// Writes an observation on the unit interval, given (ln x, ln(1 − x)).
pub(super) fn set_unit_interval(x: &mut [f64], logarithms: (f64, f64)) {
    let (ln, ln_complement) = logarithms;
    for (place, value) in x
        .iter_mut()
        .zip([ln.exp(), ln_complement.exp(), ln, ln_complement])
    {
        *place = value;
    }
}

/// ln G of a gamma variable with rate 1. Below shape 1 by G(α) = G(α + 1)·U^(1/α), whose factors
/// may lie under the smallest double where their logarithms do not.
pub(super) fn draw_ln_gamma(
    model: &impl Family,
    shape: f64,
    rng: &mut dyn Rng,
) -> Result<f64, SamplingError> {
    let boost = if shape < 1.0 { 1.0 } else { 0.0 };
    let gamma: f64 = rand_distr::Gamma::new(shape + boost, 1.0)
        .map_err(|reason| SamplingError::new(model, reason))?
        .sample(rng);
    if boost == 0.0 {
        return Ok(gamma.ln());
    }
    let unit: f64 = Exp1.sample(rng);
    Ok(gamma.ln() - unit / shape)
}

/// A uniform draw from the open interval (0, 1).
pub(super) fn draw_open_unit(rng: &mut dyn Rng) -> f64 {
    Open01.sample(rng)
}
