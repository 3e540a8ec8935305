use crate::expectation::quadrature::mean_over;
use crate::special::{polygamma, trigamma};

/// ψ′(x) − ψ′(x + h) for x, h > 0, which keeps its digits where h is small beside x: the entry of
/// the information of a shape beside others, of which little is left when the two are subtracted.
pub(super) fn trigamma_difference(x: f64, h: f64) -> f64 {
    if h <= 0.5 * x {
        h * mean_over(x, x + h, |t| -polygamma(2, t))
    } else {
        trigamma(x) - trigamma(x + h)
    }
}

#[cfg(test)]
mod tests {
    use super::trigamma_difference;

    #[test]
    fn it_keeps_its_digits() {
        // By sixty digits.
        for (x, h, wanted) in [
            (1e6, 1e-3, 1.000_000_999_000_498_5e-15),
            (1e6, 5e5, 3.333_336_111_112_284e-7),
            (1e6, 5.1e5, 3.377_486_250_823_515e-7),
            (3.0, 1.5, 0.146_208_963_809_216_06),
            (3.0, 1.6, 0.152_216_661_633_647_27),
            (2.0, 1e-12, 4.041_138_063_189_416e-13),
            (1e-3, 1e-9, 1.999_997_002_401_632_3),
        ] {
            let found = trigamma_difference(x, h);
            assert!(
                (found / wanted - 1.0).abs() < 1e-14,
                "{x}, {h}: {found} {wanted}"
            );
        }
    }
}
