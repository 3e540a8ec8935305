//! The formula language: precedence, values, derivatives.

use fisherinfo::expression::{Expression, function_names};
use fisherinfo::special;
use num_dual::{Dual2_64, Dual64, HyperDual64, HyperHyperDual64};

mod latex;
mod program_errors;
mod program_properties;
mod programs;

fn value(text: &str, x: f64) -> f64 {
    Expression::parse(text)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .bind(&["x"])
        .unwrap()
        .evaluate(&[x])
}

#[test]
fn a_sign_is_looser_than_a_power() {
    for text in [
        "-x^2", "-x**2", "−x^2", "- x ^ 2", "-(x^2)", "0-x^2", "+-x^2",
    ] {
        assert_eq!(value(text, 2.0), -4.0, "{text}");
    }
    assert_eq!(value("(-x)^2", 2.0), 4.0);
    assert_eq!(value("--x^2", 2.0), 4.0);
    let density = value("exp(-x^2/2)", 2.0);
    assert!((density - 0.135_335_283_236_612_7).abs() < 1e-16);
}

#[test]
fn a_power_goes_from_the_right() {
    assert_eq!(value("2^3^2", 0.0), 512.0);
    assert_eq!(value("2**3**2", 0.0), 512.0);
    assert_eq!(value("2^3**2", 0.0), 512.0);
    assert_eq!(value("(2^3)^2", 0.0), 64.0);
    assert_eq!(value("2^-1", 0.0), 0.5);
    assert_eq!(value("2^−1", 0.0), 0.5);
    assert_eq!(value("2^-1^2", 0.0), 0.5);
    assert_eq!(value("2^-x^2", 2.0), 0.0625);
    assert_eq!(value("x^2*3", 2.0), 12.0);
    assert_eq!(value("3*x^2", 2.0), 12.0);
}

#[test]
fn the_other_operators_go_from_the_left() {
    assert_eq!(value("10 - 4 - 3", 0.0), 3.0);
    assert_eq!(value("10 − 4 + 3", 0.0), 9.0);
    assert_eq!(value("24/4/3", 0.0), 2.0);
    assert_eq!(value("24/4*3", 0.0), 18.0);
    assert_eq!(value("2 + 3*4", 0.0), 14.0);
    assert_eq!(value("2*-3", 0.0), -6.0);
    assert_eq!(value("2--3", 0.0), 5.0);
    assert_eq!(value("-2*3 + 1", 0.0), -5.0);
    assert_eq!(value("1 + 2 < 4", 0.0), 1.0);
    assert_eq!(value("1 + (2 < 4)", 0.0), 2.0);
}

#[test]
fn comparisons_are_one_or_zero() {
    for (operator, below, same, above) in [
        ("<", 1.0, 0.0, 0.0),
        ("<=", 1.0, 1.0, 0.0),
        (">", 0.0, 0.0, 1.0),
        (">=", 0.0, 1.0, 1.0),
        ("==", 0.0, 1.0, 0.0),
        ("!=", 1.0, 0.0, 1.0),
    ] {
        let text = format!("x {operator} 2");
        assert_eq!(value(&text, 1.0), below, "{text}");
        assert_eq!(value(&text, 2.0), same, "{text}");
        assert_eq!(value(&text, 3.0), above, "{text}");
        assert!(value(&text, f64::NAN).is_nan(), "{text}");
    }
}

#[test]
fn numbers_and_names() {
    assert_eq!(value("1", 0.0), 1.0);
    assert_eq!(value(".5", 0.0), 0.5);
    assert_eq!(value("5.", 0.0), 5.0);
    assert_eq!(value("2e-3", 0.0), 0.002);
    assert_eq!(value("2.5E+1", 0.0), 25.0);
    assert_eq!(value("0.1", 0.0), 0.1);
    assert_eq!(value("2*pi", 0.0), std::f64::consts::TAU);
    assert_eq!(value("π", 0.0), std::f64::consts::PI);

    let expression = Expression::parse("θ_1*größe + `grade point` - x₂/θ̂ + θ_1").unwrap();
    let names: Vec<_> = expression.variables().collect();
    assert_eq!(names, ["θ_1", "größe", "grade point", "x₂", "θ̂"]);
    let bound = expression
        .bind(&["grade point", "θ̂", "x₂", "größe", "θ_1"])
        .unwrap();
    assert_eq!(
        bound.evaluate(&[1.0, 2.0, 3.0, 5.0, 7.0]),
        35.0 + 1.0 - 1.5 + 7.0
    );
}

#[test]
fn pi_is_the_constant_unless_quoted() {
    let quoted = Expression::parse("`pi` + pi").unwrap();
    assert_eq!(quoted.variables().collect::<Vec<_>>(), ["pi"]);
    assert_eq!(quoted.to_string(), "`pi` + pi");
    assert_eq!(
        quoted.bind(&["pi"]).unwrap_err().to_string(),
        "`pi` is a value here, but in the formula a bare pi is the number π; write it in back \
         quotes to mean the value"
    );
    let bound = Expression::parse("2*`pi`").unwrap().bind(&["pi"]).unwrap();
    assert_eq!(bound.evaluate(&[0.25]), 0.5);
}

#[test]
fn places_count_from_the_whole_text() {
    let text = "log(y) ~ a + b*log(dose + a)";
    let (expression, end) = Expression::parse_from(text, 13).unwrap();
    assert_eq!(end, text.len());
    assert_eq!(
        expression.variable_places().collect::<Vec<_>>(),
        [("b", 13), ("dose", 19), ("a", 26)]
    );
    let (operand, end) = Expression::parse_operand("  x ** 2 * y", 0).unwrap();
    assert_eq!((operand.to_string().as_str(), end), ("x^2", 8));
    let error = Expression::parse_from("y ~ 3*+", 4).unwrap_err();
    assert_eq!(error.excerpt.offset(), 7);
    assert!(Expression::parse_from("y", 5).is_err());
}

/// A function, a point inside its domain and its value there.
type Case = (&'static str, f64, fn(f64) -> f64);

const FUNCTIONS: &[Case] = &[
    ("exp", 0.7, f64::exp),
    ("exp2", 0.7, f64::exp2),
    ("expm1", 0.7, f64::exp_m1),
    ("log", 0.7, f64::ln),
    ("ln", 1.7, f64::ln),
    ("log2", 0.7, f64::log2),
    ("log10", 0.7, f64::log10),
    ("log1p", 0.7, f64::ln_1p),
    ("sqrt", 0.7, f64::sqrt),
    ("cbrt", 0.7, f64::cbrt),
    ("abs", -0.7, f64::abs),
    ("sin", 0.7, f64::sin),
    ("cos", 0.7, f64::cos),
    ("tan", 0.7, f64::tan),
    ("asin", 0.4, f64::asin),
    ("arcsin", 0.3, f64::asin),
    ("acos", 0.4, f64::acos),
    ("arccos", 0.3, f64::acos),
    ("atan", 0.7, f64::atan),
    ("arctan", 0.6, f64::atan),
    ("sinh", 0.7, f64::sinh),
    ("cosh", 0.7, f64::cosh),
    ("tanh", 0.7, f64::tanh),
    ("asinh", 0.7, f64::asinh),
    ("arsinh", 0.6, f64::asinh),
    ("acosh", 1.7, f64::acosh),
    ("arcosh", 1.6, f64::acosh),
    ("atanh", 0.4, f64::atanh),
    ("artanh", 0.3, f64::atanh),
    ("sigmoid", 0.7, |x| 1.0 / (1.0 + (-x).exp())),
    ("logistic", -0.7, |x| x.exp() / (1.0 + x.exp())),
    ("expit", -1.7, |x| 0.5 + 0.5 * (x / 2.0).tanh()),
    ("logit", 0.7, |x| (x / (1.0 - x)).ln()),
    ("softplus", 0.7, |x| x.exp().ln_1p()),
    ("gamma", 2.7, |x| special::ln_gamma(x).exp()),
    // The values of these are tested where they are made; here, that the name leads to them.
    ("lgamma", 1.7, special::ln_gamma),
    ("lngamma", 2.7, special::ln_gamma),
    ("gammaln", 3.7, special::ln_gamma),
    ("digamma", 1.7, special::digamma),
    ("psi", 2.7, special::digamma),
    ("trigamma", 1.7, special::trigamma),
    ("erf", 0.7, special::erf),
    ("erfc", 0.7, special::erfc),
    ("normcdf", 0.7, special::normal_cdf),
    ("pnorm", -0.7, special::normal_cdf),
    ("norminv", 0.7, special::normal_quantile),
    ("qnorm", 0.6, special::normal_quantile),
    ("probit", 0.3, special::normal_quantile),
    ("lni0", 1.7, special::ln_bessel_i0),
];

/// Names of functions of more than one argument, which have tests of their own.
const SEVERAL_ARGUMENTS: &[&str] = &[
    "pow", "min", "max", "atan2", "arctan2", "lbeta", "lnbeta", "betaln", "lchoose",
];

#[test]
fn beta_and_choose_take_two_arguments() {
    let value = |text: &str| {
        let bound = Expression::parse(text).unwrap().bind::<&str>(&[]).unwrap();
        bound.evaluate::<f64>(&[])
    };
    // B(2, 3) = 1/12, C(10, 3) = 120.
    for name in ["lbeta", "lnbeta", "betaln"] {
        assert!((value(&format!("exp({name}(2, 3))")) - 1.0 / 12.0).abs() < 1e-15);
    }
    assert!((value("exp(lchoose(10, 3))") - 120.0).abs() < 1e-11);
}

#[test]
fn every_function_has_its_value_and_derivatives() {
    for name in function_names() {
        let tested = FUNCTIONS.iter().any(|(known, ..)| *known == name);
        assert!(tested || SEVERAL_ARGUMENTS.contains(&name), "{name}");
    }
    for &(name, x, reference) in FUNCTIONS {
        let bound = Expression::parse(&format!("{name}(x)"))
            .unwrap()
            .bind(&["x"])
            .unwrap();
        let dual = bound.evaluate(&[Dual2_64::from_re(x).derivative()]);
        assert!(
            (bound.evaluate(&[x]) - reference(x)).abs() < 1e-15,
            "{name}"
        );
        assert!((dual.re - reference(x)).abs() < 1e-15, "{name}");
        // Central differences of the reference with an error of order h⁴.
        let h = 1e-3;
        let f = |steps: f64| reference(x + steps * h);
        let first = (8.0 * (f(1.0) - f(-1.0)) - (f(2.0) - f(-2.0))) / (12.0 * h);
        let second =
            (16.0 * (f(1.0) + f(-1.0)) - (f(2.0) + f(-2.0)) - 30.0 * f(0.0)) / (12.0 * h * h);
        assert!(
            (dual.v1 - first).abs() < 3e-9,
            "{name}: {} {first}",
            dual.v1
        );
        assert!(
            (dual.v2 - second).abs() < 3e-8,
            "{name}: {} {second}",
            dual.v2
        );
    }
}

#[test]
fn functions_hold_at_the_ends_of_the_line() {
    let entire = ["tanh", "sigmoid", "atan", "asinh", "sin", "cos", "abs"];
    for &(name, ..) in FUNCTIONS {
        let bound = Expression::parse(&format!("{name}(x)"))
            .unwrap()
            .bind(&["x"])
            .unwrap();
        for size in [0.0, 1e-300, 1e-8, 0.3, 30.0, 700.0, 1e5, 1e150] {
            for x in [size, -size] {
                let real = bound.evaluate(&[x]);
                let dual = bound.evaluate(&[Dual2_64::from_re(x).derivative()]);
                // A quantile at 0 or 1 is infinite with every derivative: no expansion has a value.
                let pole = real.is_infinite() && ["norminv", "qnorm", "probit"].contains(&name);
                assert!(
                    pole || same(real, dual.re) || (real - dual.re).abs() <= 1e-15 * real.abs(),
                    "{name}({x}): {real} {}",
                    dual.re
                );
                if entire.contains(&name) {
                    assert!(
                        !dual.v1.is_nan() && !dual.v2.is_nan(),
                        "{name}({x}): {dual}"
                    );
                }
            }
        }
    }
}

#[test]
fn functions_of_several_arguments() {
    assert_eq!(value("min(3, x, 2)", 1.0), 1.0);
    assert_eq!(value("max(3, x, 2)", 1.0), 3.0);
    assert_eq!(value("min(x, 2)", 5.0), 2.0);
    assert!(value("min(1, x)", f64::NAN).is_nan());
    assert!(value("max(x, 1)", f64::NAN).is_nan());
    assert_eq!(value("atan2(1, x)", 0.0), std::f64::consts::FRAC_PI_2);
    assert_eq!(value("pow(x, 3)", -2.0), -8.0);
    assert_eq!(value("pow(2, x)", -2.0), 0.25);

    let slope = |text: &str, x: f64| {
        let bound = Expression::parse(text).unwrap().bind(&["x"]).unwrap();
        bound.evaluate(&[Dual64::from_re(x).derivative()]).eps
    };
    assert_eq!(slope("min(x^2, 9)", 2.0), 4.0);
    assert_eq!(slope("min(x^2, 9)", 4.0), 0.0);
    assert_eq!(slope("max(x^2, 9)", 4.0), 8.0);
    assert_eq!(slope("abs(x)", -2.0), -1.0);
    assert_eq!(slope("abs(x)", 2.0), 1.0);
    assert!((slope("atan2(x, 3)", 4.0) - 0.12).abs() < 1e-16);
    assert_eq!(slope("pow(x, 3)", -2.0), 12.0);
    assert_eq!(slope("x*(x > 1)", 2.0), 1.0);
    assert_eq!(slope("x*(x > 1)", 0.0), 0.0);
}

#[test]
fn the_logistic_function_does_not_overflow() {
    assert_eq!(value("sigmoid(x)", 1000.0), 1.0);
    assert_eq!(value("sigmoid(x)", -700.0), (-700f64).exp());
    let bound = Expression::parse("sigmoid(x)")
        .unwrap()
        .bind(&["x"])
        .unwrap();
    for x in [-800.0, 800.0] {
        let dual = bound.evaluate(&[Dual2_64::from_re(x).derivative()]);
        assert_eq!((dual.v1, dual.v2), (0.0, 0.0));
    }
}

#[test]
fn constant_powers_have_exact_derivatives() {
    // x^n, n x^(n−1), n (n−1) x^(n−2), n (n−1) (n−2) x^(n−3) by hand.
    for &(exponent, x) in &[
        (0.0, 0.0),
        (1.0, 0.0),
        (2.0, 0.0),
        (3.0, 0.0),
        (4.0, 0.0),
        (3.5, 0.0),
        (2.0, -3.0),
        (3.0, -2.0),
        (-1.0, -2.0),
        (-3.0, 0.5),
        (0.5, 2.0),
        (-2.5, 2.0),
        (64.0, 1.01),
        (65.0, -1.01),
        (3000.0, 1.001),
    ] {
        let bound = Expression::parse(&format!("x^({exponent})"))
            .unwrap()
            .bind(&["x"])
            .unwrap();
        let dual = bound.evaluate(&[HyperHyperDual64::from_re(x)
            .derivative1()
            .derivative2()
            .derivative3()]);
        let mut factor: f64 = 1.0;
        for (order, found) in [dual.re, dual.eps1, dual.eps1eps2, dual.eps1eps2eps3]
            .into_iter()
            .enumerate()
        {
            let order = order as f64;
            let expected = if factor == 0.0 {
                0.0
            } else {
                factor * x.powf(exponent - order)
            };
            let error = (found - expected).abs();
            assert!(
                error <= 2e-13 * expected.abs(),
                "x^{exponent} at {x}, order {order}: {found} {expected}"
            );
            factor *= exponent - order;
        }
    }
    // The value stands where a derivative is infinite.
    let root = Expression::parse("x^0.5").unwrap().bind(&["x"]).unwrap();
    let dual = root.evaluate(&[Dual64::from_re(0.0).derivative()]);
    assert_eq!(dual.re, 0.0);
    assert!(!dual.eps.is_finite());
}

#[test]
fn a_density_has_its_score_and_information() {
    // Gaussian in (μ, σ): ∂²/∂μ∂σ of the log-density is −2(x − μ)/σ³.
    let log_density = Expression::parse("-((x - mu)/sigma)^2/2 - log(sigma) - log(2*pi)/2")
        .unwrap()
        .bind(&["x", "mu", "sigma"])
        .unwrap();
    let (x, mu, sigma) = (1.3, 0.4, 0.8);
    let dual = log_density.evaluate(&[
        HyperDual64::from_re(x),
        HyperDual64::from_re(mu).derivative1(),
        HyperDual64::from_re(sigma).derivative2(),
    ]);
    let z: f64 = (x - mu) / sigma;
    assert!((dual.eps1 - z / sigma).abs() < 1e-14);
    assert!((dual.eps2 - (z * z - 1.0) / sigma).abs() < 1e-14);
    assert!((dual.eps1eps2 + 2.0 * z / (sigma * sigma)).abs() < 1e-14);
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}
