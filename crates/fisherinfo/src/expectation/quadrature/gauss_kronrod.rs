//! The nodes and weights of the rule, and the mean of a function by it.

/// The mean of f over the interval between two ends, by the 21-point rule: for functions that are
/// analytic well beyond the interval, to rounding. With f = F′ it is (F(b) − F(a))/(b − a) without
/// the cancellation.
pub(crate) fn mean_over(a: f64, b: f64, f: impl Fn(f64) -> f64) -> f64 {
    GAUSS_KRONROD
        .iter()
        .enumerate()
        .map(|(index, &(node, weight, _))| {
            let at = |node: f64| f(0.5 * ((a + b) + (b - a) * node));
            let sum = if index == 0 {
                at(0.0)
            } else {
                at(node) + at(-node)
            };
            0.5 * weight * sum
        })
        .sum()
}

/// Nodes in [0, 1], Kronrod weights of the 21-point rule, Gauss weights of the 10-point rule.
/// Source: Piessens et al., QUADPACK (1983), routine QK21.
#[allow(clippy::excessive_precision)]
pub(crate) const GAUSS_KRONROD: [(f64, f64, f64); 11] = [
    (0.0, 0.149_445_554_002_916_905_664_936_468_389_821, 0.0),
    (
        0.148_874_338_981_631_210_884_826_001_129_720,
        0.147_739_104_901_338_491_374_841_515_972_068,
        0.295_524_224_714_752_870_173_815_619_188_769,
    ),
    (
        0.294_392_862_701_460_198_131_126_603_103_866,
        0.142_775_938_577_060_080_797_094_273_138_717,
        0.0,
    ),
    (
        0.433_395_394_129_247_190_799_265_943_165_784,
        0.134_709_217_311_473_325_928_054_001_771_707,
        0.269_266_719_309_996_355_091_226_921_569_469,
    ),
    (
        0.562_757_134_668_604_683_339_000_099_272_694,
        0.123_491_976_262_065_851_077_958_109_585_166,
        0.0,
    ),
    (
        0.679_409_568_299_024_406_234_327_365_114_874,
        0.109_387_158_802_297_641_899_210_590_325_805,
        0.219_086_362_515_982_043_995_534_934_228_163,
    ),
    (
        0.780_817_726_586_416_897_063_717_578_345_042,
        0.093_125_454_583_697_605_535_065_465_083_366,
        0.0,
    ),
    (
        0.865_063_366_688_984_510_732_096_688_423_493,
        0.075_039_674_810_919_952_767_043_140_916_190,
        0.149_451_349_150_580_593_145_863_397_657_697,
    ),
    (
        0.930_157_491_355_708_226_001_207_180_059_508,
        0.054_755_896_574_351_996_031_381_300_244_580,
        0.0,
    ),
    (
        0.973_906_528_517_171_720_077_964_012_084_452,
        0.032_558_162_307_964_727_478_818_972_459_390,
        0.066_671_344_308_688_137_593_568_809_893_332,
    ),
    (
        0.995_657_163_025_808_080_735_527_280_689_003,
        0.011_694_638_867_371_874_278_064_396_062_192,
        0.0,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_of_slopes_is_the_quotient_of_differences() {
        let mean = mean_over(2.0, 3.0, |t| 1.0 / t);
        assert!((mean - 1.5_f64.ln()).abs() < 1e-16);
    }

    /// A mistyped node or weight shows as a monomial that is not integrated exactly.
    #[test]
    fn the_rules_are_exact_for_polynomials_of_their_degree() {
        for (degree, gauss_exact) in (0..=30).step_by(2).map(|d| (d, d <= 19)) {
            let exact = 2.0 / (f64::from(degree) + 1.0);
            let (mut kronrod, mut gauss) = (0.0, 0.0);
            for (index, (node, k, g)) in GAUSS_KRONROD.iter().enumerate() {
                let copies = if index == 0 { 1.0 } else { 2.0 };
                kronrod += copies * k * node.powi(degree);
                gauss += copies * g * node.powi(degree);
            }
            assert!((kronrod - exact).abs() < 1e-15, "Kronrod, x^{degree}");
            assert_eq!(
                (gauss - exact).abs() < 1e-15,
                gauss_exact,
                "Gauss, x^{degree}"
            );
        }
    }
}
