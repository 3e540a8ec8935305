//! Identities of the special functions, at points drawn at random: recurrences, reflections,
//! inverses, each between different functions or different regions of one.

use fisherinfo::special::*;
use proptest::prelude::*;

/// Equal up to a relative error.
fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

proptest! {
    #![proptest_config(ProptestConfig { ..ProptestConfig::with_cases(512) })]

    #[test]
    fn digamma_recurs(x in 1e-3..60.0_f64) {
        // ψ(x+1) = ψ(x) + 1/x; the sum cancels near the roots.
        let gap = digamma(x + 1.0) - digamma(x) - 1.0 / x;
        prop_assert!(gap.abs() <= 4e-15 * (1.0 + 1.0 / x));
    }

    #[test]
    fn digamma_duplicates(x in 1e-3..60.0_f64) {
        // ψ(2x) = (ψ(x) + ψ(x+½))/2 + ln 2 (DLMF 5.5.8).
        let half = 0.5 * (digamma(x) + digamma(x + 0.5)) + std::f64::consts::LN_2;
        prop_assert!((digamma(2.0 * x) - half).abs() <= 4e-15 * (1.0 + 1.0 / x));
    }

    #[test]
    fn trigamma_reflects(x in 0.01..0.99_f64) {
        // ψ′(x) + ψ′(1−x) = π²/sin²πx.
        let sine = (std::f64::consts::PI * x.min(1.0 - x)).sin();
        let right = std::f64::consts::PI.powi(2) / (sine * sine);
        prop_assert!(close(trigamma(x) + trigamma(1.0 - x), right, 2e-14));
    }

    #[test]
    fn polygamma_recurs(n in 1_usize..9, x in 1e-2..40.0_f64) {
        // ψ⁽ⁿ⁾(x) = ψ⁽ⁿ⁾(x+1) + (−1)^(n+1) n!/x^(n+1).
        let factorial: f64 = (1..=n).map(|i| i as f64).product();
        let sign = if n % 2 == 1 { 1.0 } else { -1.0 };
        let right = polygamma(n, x + 1.0) + sign * factorial / x.powi(n as i32 + 1);
        prop_assert!(close(polygamma(n, x), right, 1e-14));
    }

    #[test]
    fn beta_is_symmetric_and_additive(a in 0.01..50.0_f64, b in 0.01..50.0_f64) {
        prop_assert_eq!(ln_beta(a, b), ln_beta(b, a));
        // B(a,b) = B(a+1,b) + B(a,b+1).
        let sum = ln_add_exp(ln_beta(a + 1.0, b), ln_beta(a, b + 1.0));
        let size = 1.0 + ln_beta(a, b).abs();
        prop_assert!((sum - ln_beta(a, b)).abs() < 1e-14 * size);
    }

    #[test]
    fn gamma_ratio_goes_back(x in 1e-2..200.0_f64, d in 0.0..200.0_f64) {
        let there = ln_gamma_ratio(x, d);
        let literal = ln_gamma(x + d) - ln_gamma(x);
        let size = 1.0 + ln_gamma(x + d).abs() + ln_gamma(x).abs();
        prop_assert!((there - literal).abs() < 2e-15 * size);
        let back = ln_gamma_ratio(x + d, -d);
        prop_assert!((there + back).abs() < 1e-14 * (size + x.ln().abs() / x));
    }

    #[test]
    fn normal_quantile_inverts(x in -37.0..5.0_f64) {
        // Conditioning: dx = dΦ/φ, and Φ/φ ≤ 1/|x| on the left.
        let p = normal_cdf(x);
        let slack = p * f64::EPSILON / ((-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt());
        prop_assert!((normal_quantile(p) - x).abs() <= 2e-15 * x.abs() + 4.0 * slack);
    }

    #[test]
    fn error_functions_agree(x in -5.0..25.0_f64) {
        prop_assert!((erf(x) + erfc(x) - 1.0).abs() < 3e-16);
        prop_assert!(close(erfcx(x) * (-x * x).exp(), erfc(x), 2e-13));
        prop_assert!((ln_normal_cdf(x).exp() - normal_cdf(x)).abs() < 1e-15);
    }

    #[test]
    fn bessel_ratio_obeys_its_equation(kappa in 1e-3..200.0_f64) {
        let a = bessel_ratio(kappa);
        let literal = 1.0 - a * a - a / kappa;
        prop_assert!((bessel_ratio_derivative(kappa) - literal).abs() < 3e-15);
        let ratio = (ln_bessel_i1(kappa) - ln_bessel_i0(kappa)).exp();
        prop_assert!(close(ratio, a, 1e-15 * (8.0 + kappa)));
    }

    #[test]
    fn incomplete_gamma_recurs(a in 0.1..300.0_f64, fraction in 0.2..3.0_f64) {
        let x = a * fraction;
        prop_assert!((regularised_gamma_p(a, x) + regularised_gamma_q(a, x) - 1.0).abs() < 1e-15);
        // Q(a+1,x) = Q(a,x) + xᵃe^(−x)/Γ(a+1): all terms positive (DLMF 8.8.6).
        let step = (a * x.ln() - x - ln_gamma(a + 1.0)).exp();
        let right = regularised_gamma_q(a, x) + step;
        prop_assert!(close(regularised_gamma_q(a + 1.0, x), right, 1e-12));
        let logarithm = ln_regularised_gamma_q(a, x);
        prop_assert!(close(logarithm.exp(), regularised_gamma_q(a, x), 1e-13));
    }

    #[test]
    fn incomplete_beta_recurs(a in 0.1..200.0_f64, b in 0.1..200.0_f64, x in 0.001..0.999_f64) {
        let here = regularised_incomplete_beta(a, b, x);
        // The reflection is exact but for the rounding of 1 − x.
        let mirrored = regularised_incomplete_beta(b, a, 1.0 - x);
        prop_assert!((here + mirrored - 1.0).abs() < 1e-13);
        // I_x(a,b) = I_x(a+1,b) + xᵃ(1−x)ᵇ/(a B(a,b)) (DLMF 8.17.20).
        let (power, complement) = (a * x.ln(), b * (-x).ln_1p());
        let step = (power + complement - a.ln() - ln_beta(a, b)).exp();
        prop_assume!(step > 1e-290);
        let right = regularised_incomplete_beta(a + 1.0, b, x) + step;
        // The rounding of this step's own exponents.
        let tolerance = 1e-13 + 1e-15 * (power.abs() + complement.abs() + ln_beta(a, b).abs());
        prop_assert!(close(here, right, tolerance));
    }

    #[test]
    fn t_squared_is_f(t in 0.01..30.0_f64, v in 1.0..80.0_f64) {
        prop_assert!(close(student_t_two_sided(t, v), f_survival(t * t, 1.0, v), 1e-12));
    }
}
