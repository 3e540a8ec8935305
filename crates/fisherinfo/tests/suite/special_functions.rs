//! The special functions against values of 25 digits (`make_special_values.py`) and against
//! each other; the identities they satisfy are in `special_identities.rs`.

use fisherinfo::dual::Dual;
use fisherinfo::special::*;
use num_dual::{Dual3, Dual3_64, Dual64, DualNum, HyperDual, HyperDual64, HyperHyperDual64};
use std::collections::BTreeMap;

const VALUES: &str = include_str!("special_values.csv");

/// One line of the table.
struct Reference {
    name: &'static str,
    orders: Vec<usize>,
    arguments: Vec<f64>,
    value: f64,
}

fn references() -> Vec<Reference> {
    VALUES
        .lines()
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            Reference {
                name: fields[0],
                orders: fields[1].split(';').map(|o| o.parse().unwrap()).collect(),
                arguments: fields[2].split(';').map(|a| a.parse().unwrap()).collect(),
                value: fields[3].parse().unwrap(),
            }
        })
        .collect()
}

/// What a function may err by, relative to its value: for the plain value, and for derivatives.
///
/// Derivatives are of third order at most but where said; a few units in the last place are the rounding of the
/// Taylor sum itself.
fn bounds(name: &str, order: usize) -> (f64, f64) {
    match name {
        "ln_gamma" => (5e-16, 2e-15),
        "digamma" => (2e-15, 1e-15),
        "polygamma" => (2e-15, 2e-15),
        // The sixth derivative at 12, where the series begins, feels its eleventh term at 1.5e-14.
        "trigamma_minus_reciprocal" if order == 6 => (0.0, 4e-14),
        "trigamma_minus_reciprocal" => (1e-15, 2e-15),
        "ln_gamma_ratio" => (2e-15, 3e-15),
        "ln_beta" | "ln_binomial" => (5e-15, 5e-15),
        // Beyond ½ the quotient's own derivatives are differences, at 0.51 of terms 40 times as large.
        "ln_1p_quotient" => (1e-15, 4e-14),
        // The logarithm of erfcx is of size 0.1 where −h (x + h) changes to it, and its third
        // derivative the difference of terms of size 1.
        "ln_normal_cdf" => (1e-15, 2e-14),
        // Its third derivative, (x² − 1) φ, has a root next to a point of the table.
        "normal_cdf" => (1e-15, 6e-15),
        "normal_quantile" => (1e-15, 4e-15),
        // e^(−700) with an exponent of that size rounded once or twice.
        "regularised_gamma_p" | "regularised_gamma_q" | "ln_regularised_gamma_q" => (1e-13, 0.0),
        "regularised_incomplete_beta" | "f_survival" | "student_t_two_sided" => (3e-13, 0.0),
        _ => (1e-15, 2e-15),
    }
}

fn univariate<D: Dual>(name: &str, x: D) -> Option<D> {
    Some(match name {
        "ln_gamma" => ln_gamma(x),
        "digamma" => digamma(x),
        "trigamma_minus_reciprocal" => trigamma_minus_reciprocal(x),
        "erf" => erf(x),
        "erfc" => erfc(x),
        "erfcx" => erfcx(x),
        "normal_cdf" => normal_cdf(x),
        "ln_normal_cdf" => ln_normal_cdf(x),
        "normal_quantile" => normal_quantile(x),
        "ln_bessel_i0" => ln_bessel_i0(x),
        "ln_bessel_i1" => ln_bessel_i1(x),
        "bessel_ratio" => bessel_ratio(x),
        "bessel_ratio_derivative" => bessel_ratio_derivative(x),
        "logistic" => logistic(x),
        "softplus" => softplus(x),
        "ln_logistic" => ln_logistic(x),
        "logit" => logit(x),
        "ln_1m_exp" => ln_1m_exp(x),
        "ln_1p_quotient" => ln_1p_quotient(x),
        "arcsine_square_root" => arcsine_square_root(x),
        _ => return None,
    })
}

fn bivariate<D: Dual>(name: &str, x: D, y: D) -> Option<D> {
    Some(match name {
        "ln_gamma_ratio" => ln_gamma_ratio(x, y),
        "ln_beta" => ln_beta(x, y),
        "ln_binomial" => ln_binomial(x, y),
        _ => return None,
    })
}

fn plain(name: &str, arguments: &[f64]) -> Option<f64> {
    Some(match (name, arguments) {
        ("polygamma", &[n, x]) => polygamma(n as usize, x),
        ("ln_multivariate_gamma", &[p, x]) => ln_multivariate_gamma(p as usize, x),
        ("regularised_gamma_p", &[a, x]) => regularised_gamma_p(a, x),
        ("regularised_gamma_q", &[a, x]) => regularised_gamma_q(a, x),
        ("ln_regularised_gamma_q", &[a, x]) => ln_regularised_gamma_q(a, x),
        ("regularised_incomplete_beta", &[a, b, x]) => regularised_incomplete_beta(a, b, x),
        ("student_t_two_sided", &[t, v]) => student_t_two_sided(t, v),
        ("f_survival", &[f, m, n]) => f_survival(f, m, n),
        _ => return None,
    })
}

/// The partial derivative of orders `(i, j)`, `i + j ≤ 3`: the first `i` dual parts go to the first
/// variable, the next `j` to the second.
fn partial(name: &str, orders: [usize; 2], arguments: [f64; 2]) -> Option<f64> {
    let seeded = |value: f64, parts: std::ops::Range<usize>| {
        let mut x = HyperHyperDual64::from_re(value);
        for part in parts {
            match part {
                0 => x.eps1 = 1.0,
                1 => x.eps2 = 1.0,
                _ => x.eps3 = 1.0,
            }
        }
        x
    };
    let [i, j] = orders;
    let result = bivariate(
        name,
        seeded(arguments[0], 0..i),
        seeded(arguments[1], i..i + j),
    )?;
    Some([result.re, result.eps1, result.eps1eps2, result.eps1eps2eps3][i + j])
}

/// A number whose `v3.v3` is the sixth derivative.
fn sixth(x: f64) -> Dual3<Dual3_64> {
    let mut x = Dual3::from_re(Dual3_64::from_re(x).derivative());
    x.v1.re = 1.0;
    x
}

fn evaluate(reference: &Reference) -> f64 {
    let Reference {
        name,
        orders,
        arguments,
        ..
    } = reference;
    let result = match (&orders[..], &arguments[..]) {
        (&[0], &[x]) => univariate(name, x),
        (&[6], &[x]) => univariate(name, sixth(x)).map(|result| result.v3.v3),
        (&[order], &[x]) => univariate(name, Dual3_64::from_re(x).derivative())
            .map(|result| [result.re, result.v1, result.v2, result.v3][order]),
        (&[0, 0], &[x, y]) => bivariate(name, x, y).or_else(|| plain(name, arguments)),
        (&[i, j], &[x, y]) => partial(name, [i, j], [x, y]),
        _ => plain(name, arguments),
    };
    result.unwrap_or_else(|| panic!("no function named {name}"))
}

#[test]
fn values_and_derivatives_match_the_table() {
    let mut worst: BTreeMap<(&str, usize), f64> = BTreeMap::new();
    let mut failures = Vec::new();
    let references = references();
    assert!(references.len() > 1900);
    for reference in references {
        let order: usize = reference.orders.iter().sum();
        let got = evaluate(&reference);
        let error = if reference.value == 0.0 {
            // Exact zeros: one in the symmetry of a binomial coefficient, the others by definition.
            got.abs()
        } else {
            (got / reference.value - 1.0).abs()
        };
        let (value, derivatives) = bounds(reference.name, order);
        let bound = if order == 0 { value } else { derivatives };
        // Written so that NaN fails.
        if !(error <= bound || got == reference.value) {
            failures.push(format!(
                "{} {:?} at {:?}: {got:e}, should be {:e}, off by {error:e}",
                reference.name, reference.orders, reference.arguments, reference.value
            ));
        }
        let entry = worst.entry((reference.name, order)).or_default();
        *entry = entry.max(error);
    }
    for ((name, order), error) in &worst {
        println!("{name}, order {order}: worst relative error {error:.1e}");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The parts of a dual number of total order 4, in which a wrong coefficient shows.
type Fourth = HyperDual<HyperDual64>;

/// A point with every part different from 0, so that every partition of the chain rule counts.
fn fourth(re: f64) -> Fourth {
    HyperDual::new(
        HyperDual64::new(re, 0.7, -0.4, 0.3),
        HyperDual64::new(1.1, 0.2, -0.6, 0.5),
        HyperDual64::new(-0.8, 0.9, 0.1, -0.2),
        HyperDual64::new(0.25, -0.3, 0.45, 0.15),
    )
}

fn parts(x: Fourth) -> [f64; 16] {
    let mut parts = [0.0; 16];
    for (four, inner) in parts.chunks_mut(4).zip([x.re, x.eps1, x.eps2, x.eps1eps2]) {
        four.copy_from_slice(&[inner.re, inner.eps1, inner.eps2, inner.eps1eps2]);
    }
    parts
}

fn assert_close(got: Fourth, want: Fourth, tolerance: f64, what: &str) {
    let size = parts(want).iter().fold(0.0_f64, |m, p| m.max(p.abs()));
    for (i, (got, want)) in parts(got).into_iter().zip(parts(want)).enumerate() {
        assert!(
            (got - want).abs() <= tolerance * size,
            "{what}, part {i}: {got:e} and {want:e}"
        );
    }
}

#[test]
fn taylor_is_the_chain_rule_of_num_dual() {
    let exponential = |a: f64, c: &mut [f64]| {
        let mut term = a.exp();
        for (k, c) in c.iter_mut().enumerate() {
            term /= k.max(1) as f64;
            *c = term;
        }
    };
    let logarithm = |a: f64, c: &mut [f64]| {
        c[0] = a.ln();
        for (k, c) in c.iter_mut().enumerate().skip(1) {
            *c = -(-a).powi(-(k as i32)) / k as f64;
        }
    };
    for re in [0.01, 0.6, 1.0, 2.5, 300.0] {
        let x = fourth(re);
        assert_close(taylor(x, exponential), x.exp(), 4e-16, "exp");
        assert_close(taylor(x, logarithm), x.ln(), 1e-15, "ln");
    }
    // Beyond the order kept on the stack: 3 + 3 + 3 = 9.
    type Ninth = Dual3<Dual3<Dual3_64>>;
    assert_eq!(Ninth::NDERIV, 9);
    let mut x = Ninth::from(0.5);
    x.re.re.v1 = 1.0;
    x.re.v1.re = 1.0;
    x.v1.re.re = 1.0;
    let got = taylor(x, logarithm);
    // The ninth derivative of ln at ½: 8! 2⁹.
    assert!((got.v3.v3.v3 / (40_320.0 * 512.0) - 1.0).abs() < 1e-14);
}

#[test]
fn a_constant_at_the_edge_of_a_domain_keeps_its_value() {
    // √ has an infinite slope at 0.
    let zero = Fourth::from(0.0);
    assert_eq!(parts(arcsine_square_root(zero)), [0.0; 16]);
    let slope = arcsine_square_root(Dual64::new(0.0, 1.0));
    assert_eq!((slope.re, slope.eps), (0.0, f64::INFINITY));
    let nested = arcsine_square_root(HyperDual64::new(0.0, 1.0, 0.0, 0.0));
    assert_eq!((nested.eps1, nested.eps2), (f64::INFINITY, 0.0));
    assert_eq!(parts(xlogy(zero, zero)), [0.0; 16]);
    assert_eq!(parts(xlog1py(zero, Fourth::from(-1.0))), [0.0; 16]);
    // p ln p at p = 0 on the way in: slope −∞.
    let p = Dual64::new(0.0, 1.0);
    assert_eq!(xlogy(p, p).eps, f64::NEG_INFINITY);
}

/// Each function's derivative is
/// another function, evaluated on nested duals to the fourth order.
#[test]
fn derivatives_are_the_neighbouring_functions_to_the_fourth_order() {
    // d/dt f(x + tδ) of a function on `Dual<Fourth>` is f′(x) δ.
    type Fifth = num_dual::Dual<Fourth>;
    let slope = |f: &dyn Fn(Fifth) -> Fifth, x: Fourth| f(Fifth::from_re(x).derivative()).eps;
    for re in [0.2, 0.9, 1.6, 4.0, 13.0, 40.0] {
        let x = fourth(re);
        assert_close(slope(&ln_gamma, x), digamma(x), 1e-13, "ln_gamma");
        assert_close(slope(&digamma, x), trigamma(x), 1e-13, "digamma");
        assert_close(slope(&trigamma, x), polygamma(2, x), 1e-13, "trigamma");
        let literal = trigamma(x) - x.recip();
        assert_close(trigamma_minus_reciprocal(x), literal, 1e-13, "ψ′ − 1/x");
        let density = (-(x * x) * 0.5).exp() / std::f64::consts::TAU.sqrt();
        assert_close(slope(&normal_cdf, x), density, 1e-14, "normal_cdf");
        assert_close(slope(&erf, x), -slope(&erfc, x), 1e-15, "erf");
        let scaled = x * erfcx(x) * 2.0 - std::f64::consts::FRAC_2_SQRT_PI;
        assert_close(slope(&erfcx, x), scaled, 1e-11, "erfcx");
        for x in [x, -x] {
            let h = (-(x * x) * 0.5 - ln_normal_cdf(x)).exp() / std::f64::consts::TAU.sqrt();
            assert_close(slope(&ln_normal_cdf, x), h, 1e-11, "ln_normal_cdf");
        }
        let ratio = bessel_ratio(x);
        assert_close(slope(&ln_bessel_i0, x), ratio, 1e-14, "ln_bessel_i0");
        let slope_of_i1 = ratio.recip() - x.recip();
        assert_close(slope(&ln_bessel_i1, x), slope_of_i1, 1e-12, "ln_bessel_i1");
        let information = bessel_ratio_derivative(x);
        assert_close(slope(&bessel_ratio, x), information, 1e-14, "bessel_ratio");
        let literal = -(ratio * ratio) - ratio / x + 1.0;
        assert_close(information, literal, 1e-11, "1 − A² − A/κ");
        assert_close(slope(&softplus, x), logistic(x), 1e-14, "softplus");
        assert_close(slope(&ln_logistic, x), logistic(-x), 1e-14, "ln_logistic");
        let bose = -((-x).exp() / (-(-x).exp() + 1.0));
        assert_close(slope(&ln_1m_exp, -x), bose, 1e-13, "ln_1m_exp");
        let (nine, one) = (x * 0.0 + 9.0, x * 0.0 + 1.0);
        let falling = ln_gamma_ratio(x, nine);
        let product = (0..9).fold(one, |p, i| p * (x + i as f64));
        assert_close(falling, product.ln(), 1e-13, "ln_gamma_ratio");
        assert_close(ln_beta(x, one), -x.ln(), 1e-13, "ln_beta");
    }
    for re in [0.03, 0.3, 0.5, 0.77, 0.99] {
        let p = fourth(re);
        // The fourth derivatives on the way are of size (p(1−p))^(−4).
        let tolerance = 1e-14 / (re * (1.0 - re)).powi(4);
        assert_close(logistic(logit(p)), p, tolerance, "logit");
        assert_close(normal_cdf(normal_quantile(p)), p, tolerance, "quantile");
        let root = arcsine_square_root(p).sin();
        assert_close(root * root, p, tolerance, "arcsine");
    }
}

#[test]
fn sums_of_exponentials_do_not_overflow() {
    let a = HyperDual64::new(1e3, 1.0, 0.0, 0.0);
    let b = HyperDual64::new(1e3 - 2.0, 0.0, 1.0, 0.0);
    let sum = ln_add_exp(a, b);
    let p = logistic(2.0);
    assert!((sum.re - (1e3 + (-2_f64).exp().ln_1p())).abs() < 1e-12);
    assert!((sum.eps1 - p).abs() < 1e-15 && (sum.eps2 - (1.0 - p)).abs() < 1e-15);
    assert!((sum.eps1eps2 + p * (1.0 - p)).abs() < 1e-15);
    let list = log_sum_exp(&[b, HyperDual64::from(f64::NEG_INFINITY), a]);
    assert!((list.re - sum.re).abs() < 1e-12);
    assert!((list.eps1 - sum.eps1).abs() < 1e-15 && (list.eps2 - sum.eps2).abs() < 1e-15);
    assert!((list.eps1eps2 - sum.eps1eps2).abs() < 1e-15);
    // A term 1e-20 of the largest is not lost beside 0.
    assert!((log_sum_exp(&[0.0, 1e-20_f64.ln()]) / 1e-20 - 1.0).abs() < 1e-14);
    for x in [-1e3, 1e3] {
        let x = HyperDual64::new(x, 1.0, 1.0, 0.0);
        for y in [
            logistic(x),
            softplus(x),
            ln_logistic(x),
            erf(x),
            normal_cdf(x),
        ] {
            assert!(
                [y.re, y.eps1, y.eps2, y.eps1eps2]
                    .iter()
                    .all(|p| p.is_finite())
            );
            assert_eq!(y.eps1eps2, 0.0);
        }
        assert_eq!(
            softplus(x).eps1 + softplus(-x).eps1,
            if x.re > 0.0 { 1.0 } else { -1.0 }
        );
    }
    let infinite = f64::INFINITY;
    assert_eq!(ln_add_exp(-infinite, -infinite), -infinite);
    assert_eq!(log_sum_exp(&[-infinite, -infinite]), -infinite);
    assert_eq!(logistic(Dual64::new(infinite, 1.0)), Dual64::from(1.0));
}

#[test]
fn outside_the_domain_is_not_a_number() {
    for x in [-1.0, -0.5, f64::NAN] {
        for f in [
            ln_gamma,
            digamma,
            trigamma,
            trigamma_minus_reciprocal,
            ln_bessel_i1,
        ] {
            assert!(f(x).is_nan());
        }
        assert!(ln_beta(x, 2.0).is_nan() && ln_beta(2.0, x).is_nan());
        assert!(ln_gamma_ratio(x, 3.0).is_nan() && ln_gamma_ratio(1.0, x - 0.6).is_nan());
        assert!(ln_binomial(3.0, x).is_nan() && ln_binomial(x, 1.0).is_nan());
        assert!(logit(x).is_nan() && normal_quantile(x).is_nan());
        assert!(arcsine_square_root(x).is_nan());
        assert!(regularised_gamma_q(x, 1.0).is_nan() && regularised_gamma_p(1.0, x).is_nan());
        assert!(regularised_incomplete_beta(x, 1.0, 0.5).is_nan());
        assert!(regularised_incomplete_beta(1.0, 1.0, x).is_nan());
        assert!(ln_1m_exp(-x).is_nan());
    }
    assert_eq!(
        (ln_gamma(0.0), digamma(0.0)),
        (f64::INFINITY, f64::NEG_INFINITY)
    );
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
    assert_eq!(ln_normal_cdf(f64::NEG_INFINITY), f64::NEG_INFINITY);
    assert_eq!((logit(0.0), logit(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
    assert_eq!(chi_squared_survival(0.0, 3.0), 1.0);
    assert_eq!(ln_binomial(12.0, 0.0), 0.0);
    assert_eq!(ln_binomial(12.0, 12.0), 0.0);
    assert_eq!(student_t_two_sided(f64::INFINITY, 3.0), 0.0);
}
