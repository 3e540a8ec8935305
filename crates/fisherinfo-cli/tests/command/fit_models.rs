//! `fisher fit` with families and links of every kind.

use crate::{assert_close, data, fisher, json, numbers, text};
use serde_json::Value;

fn errors(value: &Value, kind: &str) -> Vec<f64> {
    numbers(&value["standard_errors"][kind])
}

fn refused(arguments: &[&str]) -> String {
    let output = fisher(arguments).assert().failure().get_output().clone();
    assert!(output.stdout.is_empty());
    // The message is folded to the width of a terminal.
    let message = String::from_utf8(output.stderr).unwrap();
    message
        .split_whitespace()
        .filter(|word| *word != "│")
        .collect::<Vec<_>>()
        .join(" ")
}

/// The values are those of the library's tests, at 40 digits.
#[test]
fn families_with_a_parameter() {
    let quine = data("quine.csv");
    let fit = |family: &str| {
        json(&[
            "fit",
            &quine,
            "Days ~ Eth + Sex + Age + Lrn",
            "--family",
            family,
        ])
    };
    let counts = fit("negative-binomial(2.5)");
    assert_eq!(
        (&counts["family"], &counts["link"]),
        (&Value::from("negative-binomial(2.5)"), &Value::from("log"))
    );
    assert_close(
        &numbers(&counts["coefficients"])[..2],
        &[2.881514217815188, -0.566550879862557],
    );
    let tweedie = fit("tweedie(1.5)");
    assert_close(
        &[tweedie["log_likelihood"].as_f64().unwrap()],
        &[-551.2302555515721],
    );
    assert_close(
        &[tweedie["dispersion"].as_f64().unwrap()],
        &[3.2941015969731],
    );
    let clotting = data("clotting.csv");
    let wald = text(&[
        "fit",
        &clotting,
        "lot1 ~ log(u)",
        "--family",
        "inverse-gaussian",
    ]);
    assert!(
        wald.contains("inverse-gaussian family, inverse-squared link"),
        "{wald}"
    );
}

#[test]
fn links_with_a_parameter() {
    let clotting = data("clotting.csv");
    let fit = |link: &str| {
        json(&[
            "fit",
            &clotting,
            "lot1 ~ log(u)",
            "--family",
            "gamma",
            "--link",
            link,
        ])
    };
    let (power, inverse) = (fit("power(-1)"), fit("inverse"));
    assert_eq!(power, inverse);
    assert_eq!(fit("power(-0.9)")["link"], "power(-0.9)");
    let refused = refused(&[
        "fit",
        &clotting,
        "lot1 ~ log(u)",
        "--family",
        "gamma",
        "--link",
        "power(0)",
    ]);
    assert!(refused.contains("log link"), "{refused}");
}

/// Labels, either way round: the coefficients change their sign and nothing else.
#[test]
fn labels_as_a_binomial_response() {
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    let spector = std::fs::read_to_string(data("spector.csv")).unwrap();
    let mut lines = spector.lines();
    let header = lines.next().unwrap();
    let grade = header.split(',').position(|name| name == "grade").unwrap();
    let mut labelled = format!("{header}\n");
    for line in lines {
        let mut cells: Vec<&str> = line.split(',').collect();
        let passed = cells[grade].parse::<f64>().unwrap() == 1.0;
        cells[grade] = if passed { "passed" } else { "failed" };
        labelled.push_str(&cells.join(","));
        labelled.push('\n');
    }
    std::fs::write(file.path(), labelled).unwrap();
    let path = file.path().to_str().unwrap();
    let arguments = [
        "fit",
        path,
        "grade ~ gpa + tuce + psi",
        "--family",
        "binomial",
    ];
    let fit = json(&arguments);
    assert_eq!(fit["success"], "passed");
    assert_close(&numbers(&fit["coefficients"])[1..2], &[2.826112594889321]);
    let said = text(&arguments);
    assert!(
        said.contains("grade: «passed» counts as success, «failed» as failure"),
        "{said}"
    );
    let turned = json(&[&arguments[..], &["--success", "failed"]].concat());
    assert_close(
        &numbers(&turned["coefficients"])[1..2],
        &[-2.826112594889321],
    );
    let unknown = refused(&[&arguments[..], &["--success", "late"]].concat());
    assert!(
        unknown.contains("no level `late`; it has 2: `failed`, `passed`"),
        "{unknown}"
    );
    let counts = refused(&["fit", path, "grade ~ gpa", "--family", "poisson"]);
    assert!(
        counts.contains("is categories, where a number is needed"),
        "{counts}"
    );
    let useless = refused(&[
        "fit",
        path,
        "gpa ~ psi",
        "--family",
        "gamma",
        "--success",
        "1",
    ]);
    assert!(useless.contains("--success"), "{useless}");
}

#[test]
fn families_that_are_none() {
    let quine = data("quine.csv");
    for (family, why) in [
        ("negative-binomial(-1)", "μ + μ²/k"),
        ("tweedie(0.5)", "above 1"),
        ("gamma(2)", "no parameter"),
        ("negbinomial(2)", "negative-binomial(k)"),
    ] {
        let said = refused(&["fit", &quine, "Days ~ Sex", "--family", family]);
        assert!(said.contains(why), "{family}: {said}");
    }
}

/// As published for `glm.nb` of R's MASS, and to all digits.
#[test]
fn negative_binomial_with_its_shape_estimated() {
    let quine = data("quine.csv");
    let arguments = [
        "fit",
        &quine,
        "Days ~ Eth + Sex + Age + Lrn",
        "--family",
        "negative-binomial",
    ];
    let fit = json(&arguments);
    let shape = &fit["shape"];
    let errors = &shape["standard_errors"];
    let found = [
        &shape["k"],
        &errors["coefficients_known"],
        &errors["observed"],
        &errors["expected"],
    ];
    assert_close(
        &found.map(|value| value.as_f64().unwrap()),
        &[
            1.2748926450622853,
            0.161035661714981,
            0.161046330692846,
            0.158519868790784,
        ],
    );
    assert_close(
        &[fit["aic"].as_f64().unwrap()],
        &[2.0 * 546.5755091449915 + 16.0],
    );
    let said = text(&arguments);
    assert!(
        said.contains("negative-binomial family, log link"),
        "{said}"
    );
    assert!(
        said.contains("Shape k of the variance μ + μ²/k: 1.27489"),
        "{said}"
    );
}

/// What k is in tests and profiles is said in both forms, of what was asked for alone.
#[test]
fn an_estimated_shape_is_held_and_said_to_be() {
    let quine = data("quine.csv");
    let with = |family, rest: &[&'static str]| {
        let mut arguments = vec!["fit", &quine, "Days ~ Eth + Sex", "--family", family];
        arguments.extend(rest);
        (json(&arguments), text(&arguments))
    };
    let said = "The shape k is held at its estimate in the ";
    for (rest, held, words) in [
        (&["--test", "Eth"][..], vec!["tests"], "tests, and"),
        (
            &["--intervals", "profile"],
            vec!["intervals"],
            "intervals, and",
        ),
        (
            &["--test", "all", "--intervals", "profile"],
            vec!["tests", "deviance_table", "intervals"],
            "tests, the deviance table, the intervals, and",
        ),
        (&["--intervals", "wald"], vec![], ""),
        (&[], vec![], ""),
    ] {
        let (value, page) = with("negative-binomial", rest);
        assert_eq!(value["shape"]["held_fixed_in"], serde_json::json!(held));
        let sentence = format!("{said}{words}");
        assert_eq!(page.contains(&sentence), !held.is_empty(), "{page}");
        assert!(!held.is_empty() || !page.contains(said));
    }
    // And it is: the ratio is that of the same k, given.
    let k = with("negative-binomial", &[]).0["shape"]["k"].to_string();
    let given = format!("negative-binomial({k})");
    let ratio = |value: Value| {
        value["tests"][0]["likelihood_ratio"]["statistic"]
            .as_f64()
            .unwrap()
    };
    let known = json(&[
        "fit",
        &quine,
        "Days ~ Eth + Sex",
        "--family",
        &given,
        "--test",
        "Eth",
    ]);
    let held = with("negative-binomial", &["--test", "Eth"]).0;
    assert_close(&[ratio(held)], &[ratio(known)]);
    let (_, page) = with("poisson", &["--test", "Eth"]);
    assert!(!page.contains(said));
}

/// Heinze & Schemper (2002), table II, and R's logistf.
#[test]
fn firths_correction() {
    let file = data("endometrial.csv");
    let plain = ["fit", &file, "HG ~ NV + PI + EH", "--family", "binomial"];
    let separated = refused(&plain);
    assert!(
        separated.contains("quasi-complete separation") && separated.contains("--firth"),
        "{separated}"
    );
    let arguments = [&plain[..], &["--firth"]].concat();
    let fit = json(&arguments);
    assert_close(&numbers(&fit["coefficients"])[1..2], &[2.92927335319712]);
    assert_close(&errors(&fit, "expected")[1..2], &[1.55076372945305]);
    let firth = &fit["firth"];
    assert_close(
        &numbers(&firth["likelihood_ratios"])[1..2],
        &[6.7984572486661],
    );
    let ends = numbers(&firth["intervals"][1]);
    assert!(
        (ends[0] - 0.60972).abs() < 1e-4 && (ends[1] - 7.85463).abs() < 1e-4,
        "{ends:?}"
    );
    let said = text(&arguments);
    assert!(
        said.contains("½ log det I") && said.contains("95 % from"),
        "{said}"
    );
    let clotting = data("clotting.csv");
    let gamma = refused(&[
        "fit",
        &clotting,
        "lot1 ~ log(u)",
        "--family",
        "gamma",
        "--firth",
    ]);
    assert!(gamma.contains("dispersion"), "{gamma}");
    let quine = data("quine.csv");
    let shape = refused(&[
        "fit",
        &quine,
        "Days ~ Sex",
        "--family",
        "negative-binomial",
        "--firth",
    ]);
    assert!(shape.contains("negative-binomial(2.5)"), "{shape}");
}

/// Agresti's alligators, one a row; the values are those of the library's tests.
#[test]
fn multinomial() {
    let table = data("alligators.csv");
    let path = table.as_str();
    let plain = ["fit", path, "food ~ lake + size", "--family", "multinomial"];
    let arguments = [&plain[..], &["--reference", "fish"]].concat();
    let fit = json(&arguments);
    assert_eq!(
        (&fit["n"], &fit["reference"]),
        (&Value::from(219), &Value::from("fish"))
    );
    assert_eq!(fit["parameters"][9], "invertebrate: size[small]");
    assert_close(&numbers(&fit["coefficients"])[9..10], &[1.4582046197004943]);
    assert_close(&errors(&fit, "expected")[9..10], &[0.395944114270676]);
    assert_close(&errors(&fit, "empirical")[9..10], &[0.429897266710858]);
    assert_close(&errors(&fit, "sandwich")[9..10], &[0.372673842069993]);
    assert_close(
        &[fit["log_likelihood"].as_f64().unwrap()],
        &[-270.0401392479303],
    );
    let said = text(&arguments);
    assert!(
        said.contains("the odds of each category against «fish»")
            && said.contains("\ninvertebrate\n"),
        "{said}"
    );
    // Without a reference the first category is it.
    assert_eq!(json(&plain)["reference"], "bird");
    for (more, why) in [
        (vec!["--reference", "cow"], "no level `cow`"),
        (vec!["--link", "probit"], "--link"),
        (vec!["--firth"], "--firth"),
        (vec!["--robust", "hc3"], "--robust"),
    ] {
        let said = refused(&[&plain[..], &more].concat());
        assert!(said.contains(why), "{said}");
    }
    let useless = refused(&[
        "fit",
        path,
        "food ~ size",
        "--family",
        "binomial",
        "--reference",
        "fish",
    ]);
    assert!(useless.contains("--reference"), "{useless}");
    let several = refused(&["fit", path, "food ~ size", "--family", "binomial"]);
    assert!(
        several.contains("needs two levels, and food has 5"),
        "{several}"
    );
}

/// Levels that take no columns, against the same as indicator columns.
#[test]
fn an_intercept_for_each_level() {
    let quine = data("quine.csv");
    let fit = |formula: &str, rest: &str| {
        let mut arguments = vec!["fit", &quine, formula];
        arguments.extend(rest.split(' '));
        json(&arguments)
    };
    let rest = "--family poisson --robust hc3";
    let dense = fit("Days ~ 0 + Age + Eth + Sex", rest);
    let levels = fit("Days ~ Eth + Sex", &format!("{rest} --each-level-of Age"));
    let (wanted, own) = (numbers(&dense["coefficients"]), &levels["levels"]);
    assert_eq!(own["names"].as_array().unwrap().len(), 4);
    assert_close(&numbers(&own["intercepts"]), &wanted[..4]);
    assert_close(&numbers(&levels["coefficients"]), &wanted[4..]);
    let wanted = errors(&dense, "expected");
    assert_close(&numbers(&own["standard_errors"]), &wanted[..4]);
    assert_close(&errors(&levels, "expected"), &wanted[4..]);
    assert_close(
        &errors(&levels, "sandwich"),
        &errors(&dense, "sandwich")[4..],
    );
    assert_eq!(levels["terms"], serde_json::json!(["Eth[N]", "Sex[M]"]));
    let shown = text(&[
        "fit",
        &quine,
        "Days ~ Eth + Sex",
        "--family",
        "poisson",
        "--each-level-of",
        "Age",
    ]);
    assert!(
        shown.contains("an intercept for each of G = 4 levels of Age"),
        "{shown}"
    );
    assert!(
        shown.contains("least: ") && shown.contains("HC0"),
        "{shown}"
    );
    let message = refused(&[
        "fit",
        &quine,
        "Days ~ Age",
        "--family",
        "poisson",
        "--each-level-of",
        "Age",
    ]);
    assert!(
        message.contains("constant within every level of «Age»"),
        "{message}"
    );
    let arguments = [
        "fit",
        &quine,
        "Days ~ Eth",
        "--family",
        "poisson",
        "--each-level-of",
        "Age",
        "--firth",
    ];
    let message = refused(&arguments);
    assert!(message.contains("--firth"), "{message}");
}
