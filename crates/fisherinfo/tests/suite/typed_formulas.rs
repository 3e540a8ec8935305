//! What a person types for a density: what is read, and what is refused with its place.

use crate::typed_densities::values;
use fisherinfo::family::{DensityFormula, SupportFormula, TypedError};
use proptest::prelude::*;

fn refusal(density: &str, support: &str, given: &[(&str, &str)]) -> String {
    match DensityFormula::parse(density, support) {
        Err(error) => error.to_string(),
        Ok(formula) => formula.at(&values(given)).unwrap_err().to_string(),
    }
}

#[test]
fn what_is_wrong_has_a_place_and_a_remedy() {
    for (density, support, given, parts) in [
        (
            "x*log(prbo)",
            "{0,1}",
            &[("prob", "0.3")][..],
            &[
                "column 7",
                "prbo has no value",
                "`prob`?",
                "prbo=0.5",
                "^^^^",
            ][..],
        ),
        (
            "x*log(p) + z",
            "{0,1}",
            &[("p", "0.3"), ("r", "2")],
            &["column 12", "z has no value"],
        ),
        (
            "y*log(p)",
            "{0,1}",
            &[("p", "0.3")],
            &["y has no value", "call the observation x"],
        ),
        (
            "x*log(p)",
            "{0,1}",
            &[("p", "0.3"), ("r", "2")],
            &["r has a value", "neither"],
        ),
        (
            "x*log(p",
            "{0,1}",
            &[("p", "0.3")],
            &["the log-density, column 8", "expected"],
        ),
        (
            "x*sgrt(p)",
            "{0,1}",
            &[("p", "0.3")],
            &["unknown function `sgrt`", "`sqrt`"],
        ),
        (
            "log(p, 2)",
            "{0,1}",
            &[("p", "0.3")],
            &["`log` takes 1 argument"],
        ),
        (
            "x*m",
            "{0,1}",
            &[("m", "[1,2]")],
            &["a vector of 2 entries", "has to be a number"],
        ),
        (
            "x @ m",
            "R^2",
            &[("m", "[1,2,3]")],
            &["column 3", "does not fit"],
        ),
        (
            "x*p",
            "{0,1}",
            &[("p", "0.3"), ("x", "1")],
            &["x cannot be given a value"],
        ),
        (
            "x*p",
            "{0,1}",
            &[("p", "0.3"), ("p", "1")],
            &["it has one already"],
        ),
        (
            "x*p",
            "{0,...,n}",
            &[("p", "0.3"), ("n", "2.5")],
            &["the support, column 8", "n = 2.5 is no whole number", "^"],
        ),
        (
            "x*p",
            "{0,...,n}",
            &[("p", "0.3"), ("n", "-1")],
            &["before it begins"],
        ),
        (
            "x*p",
            "{0,...,n}",
            &[("p", "0.3"), ("n", "[1,2]")],
            &["has to be a number, not a list"],
        ),
        (
            "x*p",
            "[p, 0]",
            &[("p", "0.3")],
            &["the interval from 0.3 to 0 is empty"],
        ),
        (
            "x*n",
            "{0,...,n}",
            &[("n", "3")],
            &["there is no parameter"],
        ),
        (
            "x*p",
            "[[0,1]",
            &[("p", "0.3")],
            &[
                "the support, column 2",
                "expected a number, inf or a name, found `[`",
            ],
        ),
        (
            "x*p",
            "{0,2,4}",
            &[("p", "0.3")],
            &["column 4", "follow one another"],
        ),
        (
            "x*p",
            "{0,0.5}",
            &[("p", "0.3")],
            &["whole numbers", "[0, 1]"],
        ),
        (
            "x*p",
            "[1,0]",
            &[("p", "0.3")],
            &["the lower end has to be below"],
        ),
        (
            "x*p",
            "[0,1]^0",
            &[("p", "0.3")],
            &["a number of copies from 1"],
        ),
        ("x*p", "[0,1]^1000", &[("p", "0.3")], &["64 entries"]),
        ("x*p", "", &[("p", "0.3")], &["found the end"]),
        (
            "x*p",
            "[0,1] [0,1]",
            &[("p", "0.3")],
            &["column 7", "`x` and another set"],
        ),
        (
            "x*M[1,1]",
            "{0,1}",
            &[("M", "[[1,2],[3]]")],
            &["of one length"],
        ),
    ] {
        let message = refusal(density, support, given);
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in {message:?}");
        }
    }
    let formula = DensityFormula::parse("x*p", "{0,1}").unwrap();
    let refused = |formula: DensityFormula| formula.at(&values(&[("p", "0.5")])).unwrap_err();
    assert!(matches!(
        refused(formula.clone().known("q")),
        TypedError::NoSuchParameter { .. }
    ));
    assert!(matches!(
        refused(formula.within("q", 0.0, 1.0)),
        TypedError::NoSuchParameter { .. }
    ));
}

#[test]
fn supports_are_read() {
    for (text, printed) in [
        ("{0,1}", "{0, ..., 1}"),
        ("{ 3 }", "{3, ..., 3}"),
        ("{-2, -1, 0}", "{-2, ..., 0}"),
        ("{0,1,2,...}", "{0, ...}"),
        ("{1,…}", "{1, ...}"),
        ("{0..}", ""),
        ("{0,..,20}", "{0, ..., 20}"),
        ("[0,inf)", "(0, inf)"),
        ("(-∞, 1e-3]", "(-inf, 0.001)"),
        ("[0,1] x [0,inf)", "(0, 1) x (0, inf)"),
        ("R^2×{0,1}", "(-inf, inf) x (-inf, inf) x {0, ..., 1}"),
        ("[-a, b]**2", "(-a, b) x (-a, b)"),
        ("(−1, +1)", "(-1, 1)"),
    ] {
        match SupportFormula::parse(text) {
            Ok(support) => assert_eq!(support.to_string(), printed, "{text}"),
            Err(error) => assert_eq!(printed, "", "{text}: {error}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Any text is a support or has an error with a place in it; what is printed is read again.
    #[test]
    fn any_text_is_a_support_or_an_error(text in "[\\[\\](){},.…0-9einfRx×^* \\-−+n_ℝ∞\n]{0,24}|\\PC{0,16}") {
        match SupportFormula::parse(&text) {
            Ok(support) => {
                let again = SupportFormula::parse(&support.to_string());
                prop_assert_eq!(again.as_ref(), Ok(&support), "{}", support);
            }
            Err(error) => {
                prop_assert!(error.excerpt.offset() <= text.len());
                prop_assert!(error.to_string().contains('^'));
            }
        }
    }

    /// Supports that are written as they should be are read.
    #[test]
    fn written_supports_are_read(
        lower in -1e6..1e6_f64, width in 1e-3..1e6_f64, from in -50..50_i64, more in 0..50_i64,
        spaces in " {0,2}", copies in 1..4_usize,
    ) {
        let upper = lower + width;
        let text = format!(
            "[{lower},{spaces}{upper}){spaces}x{spaces}{{{from},{spaces}...{spaces},{}}}^{copies}",
            from + more
        );
        let support = SupportFormula::parse(&text).unwrap();
        let mut wanted = format!("({lower}, {upper})");
        for _ in 0..copies {
            wanted.push_str(&format!(" x {{{from}, ..., {}}}", from + more));
        }
        prop_assert_eq!(support.to_string(), wanted);
    }
}
