//! The maximum of a likelihood in one positive parameter.

/// Steps after which what was reached is taken; each at worst halves the distance in the logarithm.
const MOST_STEPS: usize = 100;

/// The value x at which a function with `slopes(ln x)` = (first, second derivative in ln x) is largest,
/// by Newton's method from `start`, uphill where the function is not concave. Ends beyond
/// `limit` when the function still grows there.
pub(super) fn ascend<E>(
    start: f64,
    limit: f64,
    slopes: impl Fn(f64) -> Result<[f64; 2], E>,
) -> Result<f64, E> {
    let mut place = start.ln();
    for _ in 0..MOST_STEPS {
        let [slope, bend] = slopes(place)?;
        let step = if bend < 0.0 {
            (-slope / bend).clamp(-1.0, 1.0)
        } else {
            slope.signum()
        };
        place += step;
        // No more than rounding; NaN does not move it either.
        let moves = step.abs() > 1e-13 * (1.0 + place.abs());
        if !moves || place > limit.ln() {
            break;
        }
    }
    Ok(place.exp())
}
