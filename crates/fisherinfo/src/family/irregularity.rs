/// Why a family has no Fisher information at a point, and the numbers that say so.
///
/// Where a family is regular, E\[s\] = 0 and Var(s) = E\[s²\] = −E\[∂² log f\] are finite. Here they are not, for
/// one parameter at least, and these are its numbers in closed form; an expectation that diverges is +∞ or
/// −∞.
///
/// ```
/// use fisherinfo::family::{GeneralizedExtremeValue, Model};
/// // At ξ = −1 the density is exp(−(μ − x)/σ)/σ below an end that moves with μ.
/// let irregularity = GeneralizedExtremeValue.known_irregularity(&[0.0, 2.0, -1.0]).ok_or("regular")?;
/// assert_eq!(irregularity.parameter, "mu");
/// assert_eq!((irregularity.mean_score, irregularity.score_product), (-0.5, 0.25));
/// assert_eq!(irregularity.negative_hessian, 0.0);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Irregularity {
    /// Why, as a clause: "its support moves with theta".
    pub reason: String,
    /// The parameter, in the family's own coordinates, whose numbers follow.
    pub parameter: String,
    /// E\[s\].
    pub mean_score: f64,
    /// E\[s²\].
    pub score_product: f64,
    /// −E\[∂² log f\].
    pub negative_hessian: f64,
}

impl Irregularity {
    /// From a reason, a parameter and \[E\[s\], E\[s²\], −E\[∂² log f\]\].
    pub fn new(reason: impl Into<String>, parameter: &str, numbers: [f64; 3]) -> Self {
        let [mean_score, score_product, negative_hessian] = numbers;
        Self {
            reason: reason.into(),
            parameter: parameter.into(),
            mean_score,
            score_product,
            negative_hessian,
        }
    }

    /// The numbers of a density that begins like dᵖ⁻¹ at the distance d from an end that moves with
    /// a location, for p ≤ 2: finite at p = 1 alone, where the density jumps by `height` at that end.
    ///
    /// There the score is ∓(p − 1)/d and more, and minus its derivative (p − 1)/d² and more; `side`
    /// is 1 for a lower end and −1 for an upper one.
    pub(super) fn of_location(
        reason: impl Into<String>,
        parameter: &str,
        power: f64,
        side: f64,
        height: f64,
    ) -> Self {
        let infinite = f64::INFINITY;
        let numbers = if power > 1.0 {
            [0.0, infinite, infinite]
        } else if power == 1.0 {
            [side * height, height * height, 0.0]
        } else {
            [side * infinite, infinite, -infinite]
        };
        Self::new(reason, parameter, numbers)
    }
}
