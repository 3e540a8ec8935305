use crate::{assert_close, data, json, numbers, text};
use serde_json::Value;
use std::io::Write;

/// The entries of one kind of standard error, the intercept first as the command has it.
fn errors(value: &Value, kind: &str) -> Vec<f64> {
    numbers(&value["standard_errors"][kind])
}

#[test]
fn spector() {
    let value = json(&[
        "fit",
        &data("spector.csv"),
        "grade ~ gpa + tuce + psi",
        "--family",
        "binomial",
    ]);
    assert_eq!(
        value["terms"],
        serde_json::json!(["Intercept", "gpa", "tuce", "psi"])
    );
    assert_close(
        &numbers(&value["coefficients"]),
        &[
            -13.02134685811569,
            2.826112594889321,
            0.09515766131790929,
            2.378687655093354,
        ],
    );
    let hessian = [
        4.931324213602758,
        1.262941075629092,
        0.1415542056736947,
        1.064564254497133,
    ];
    assert_close(&errors(&value, "expected"), &hessian);
    assert_close(&errors(&value, "observed"), &hessian);
    assert_close(
        &errors(&value, "empirical"),
        &[4.84384487496, 1.37331022203, 0.178940212947, 1.21421636228],
    );
    assert_close(
        &errors(&value, "sandwich"),
        &[5.1975854103, 1.26754598202, 0.117922267749, 0.964419209653],
    );
    assert_close(
        &[value["log_likelihood"].as_f64().unwrap()],
        &[-12.88963422213142],
    );
    assert_close(
        &[value["deviance"].as_f64().unwrap()],
        &[2.0 * 12.88963422213142],
    );
    assert_eq!(value["n"], 32);
    assert_eq!(value["dispersion"], 1.0);
    assert_eq!(value["dropped_rows"], 0);
    assert_eq!(value["converged"], true);
    assert!(value["iterations"].as_u64().unwrap() < 10);
    // Under the logit link what is observed is what was expected.
    let (expected, observed) = (
        &value["information"]["expected"],
        &value["information"]["observed"],
    );
    for row in 0..4 {
        assert_close(&numbers(&observed[row]), &numbers(&expected[row]));
    }
    assert!(
        value["information_matrix_test"]["p_value"]
            .as_f64()
            .unwrap()
            < 0.01
    );
}

#[test]
fn clotting() {
    let lot = |lot: &str, link: &str| {
        let formula = format!("{lot} ~ log(u)");
        json(&[
            "fit",
            &data("clotting.csv"),
            &formula,
            "--family",
            "gamma",
            "--link",
            link,
        ])
    };
    let first = lot("lot1", "inverse");
    assert_close(
        &numbers(&first["coefficients"]),
        &[-0.0165543817262, 0.0153431149103],
    );
    assert_close(
        &errors(&first, "expected"),
        &[0.000927549138658, 0.000414959642666],
    );
    assert_close(
        &[first["dispersion"].as_f64().unwrap()],
        &[0.00244603624209],
    );
    let second = lot("lot2", "inverse");
    assert_close(
        &numbers(&second["coefficients"]),
        &[-0.0239084697989, 0.0235992135831],
    );
    assert_close(
        &errors(&second, "expected"),
        &[0.00132645739546, 0.000576784170164],
    );
    // Printed to five digits; expected and observed are different answers.
    let log = lot("lot1", "log");
    for (kind, wanted) in [
        ("expected", [0.19030, 0.05531]),
        ("observed", [0.17991, 0.05204]),
    ] {
        for (found, wanted) in errors(&log, kind).iter().zip(wanted) {
            assert!(
                (found - wanted).abs() < 6e-6,
                "{kind}: {found} against {wanted}"
            );
        }
    }
}

#[test]
fn beetles() {
    let value = json(&[
        "fit",
        &data("beetle.csv"),
        "killed ~ dose",
        "--family",
        "binomial",
        "--link",
        "cloglog",
        "--trials",
        "n",
    ]);
    assert_close(
        &numbers(&value["coefficients"]),
        &[-39.572310606, 22.041169821],
    );
    assert_close(&errors(&value, "expected"), &[3.24027261967, 1.79935519098]);
    assert_close(&errors(&value, "observed"), &[3.229045973, 1.793088007]);
    assert_close(&[value["deviance"].as_f64().unwrap()], &[3.446438733]);
}

#[test]
fn longley() {
    let formula = "totemp ~ gnpdefl + gnp + unemp + armed + pop + year";
    let fit = |robust: &str| {
        json(&[
            "fit",
            &data("longley.csv"),
            formula,
            "--family",
            "gaussian",
            "--robust",
            robust,
        ])
    };
    let value = fit("hc3");
    assert_close(
        &numbers(&value["coefficients"]),
        &[
            -3482258.63459582,
            15.0618722713733,
            -0.0358191792925910,
            -2.02022980381683,
            -1.03322686717359,
            -0.0511041056535807,
            1829.15146461355,
        ],
    );
    assert_close(
        &errors(&value, "expected"),
        &[
            890420.383607373,
            84.9149257747669,
            0.0334910077722432,
            0.488399681651699,
            0.214274163161675,
            0.226073200069370,
            455.478499142212,
        ],
    );
    assert_close(
        &errors(&value, "sandwich"),
        &[
            1799477.23066,
            91.1193866011,
            0.0556239883884,
            0.822133502017,
            0.298789257591,
            0.324905821136,
            922.807841715,
        ],
    );
    assert_close(
        &[value["dispersion"].as_f64().unwrap().sqrt()],
        &[304.854073561965],
    );
    assert!(
        value["sandwich"]
            .as_str()
            .unwrap()
            .contains("HC3, small-sample factor 1/(1 − h)²")
    );
    // HC1 is HC0 with the factor n/(n − p), which the output names.
    let (plain, scaled) = (fit("hc0"), fit("hc1"));
    let wanted: Vec<f64> = errors(&plain, "sandwich")
        .iter()
        .map(|e| e * (16.0_f64 / 9.0).sqrt())
        .collect();
    assert_close(&errors(&scaled, "sandwich"), &wanted);
    assert!(scaled["sandwich"].as_str().unwrap().contains("n/(n − p)"));
}

/// The text says what was done; the numbers in it are those of the JSON.
#[test]
fn text_of_a_fit() {
    let shown = text(&[
        "fit",
        &data("spector.csv"),
        "grade ~ gpa + tuce + psi",
        "--family",
        "binomial",
    ]);
    for part in [
        "grade ~ 1 + gpa + tuce + psi",
        "binomial family, logit link; n = 32; dispersion 1",
        "1.2629411   1.2629411   1.3733102    1.267546",
        "expected⁻¹ · outer products · expected⁻¹ (HC0, small-sample factor 1)",
        "Log-likelihood -12.889634",
        "Information-matrix test",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
}

#[test]
fn categories_interactions_and_dropped_rows() {
    let mut file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    writeln!(
        file,
        "y,dose,group\n3,1,a\n5,2,a\n,3,b\n9,4,b\n4,1,b\n12,5,a\n7,3,a\n10,4,b\n6,2,b"
    )
    .unwrap();
    let path = file.path().to_str().unwrap();
    let value = json(&[
        "fit",
        path,
        "y ~ dose*group",
        "--family",
        "poisson",
        "--missing",
        "drop",
    ]);
    assert_eq!(
        value["terms"],
        serde_json::json!(["Intercept", "dose", "group[b]", "dose:group[b]"])
    );
    assert_eq!(value["n"], 8);
    assert_eq!(value["dropped_rows"], 1);
    assert_eq!(value["missing"]["y"], 1);
    // Saturated in group: two separate fits give the same slopes.
    let alone = |group: &str| {
        let mut file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
        writeln!(file, "y,dose,group").unwrap();
        for row in [
            "3,1,a", "5,2,a", "9,4,b", "4,1,b", "12,5,a", "7,3,a", "10,4,b", "6,2,b",
        ] {
            if row.ends_with(group) {
                writeln!(file, "{row}").unwrap();
            }
        }
        let path = file.path().to_str().unwrap();
        numbers(&json(&["fit", path, "y ~ dose", "--family", "poisson"])["coefficients"])
    };
    let (a, b) = (alone("a"), alone("b"));
    let wanted = [a[0], a[1], b[0] - a[0], b[1] - a[1]];
    for (found, wanted) in numbers(&value["coefficients"]).iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-9, "{value} {wanted}");
    }
}

#[test]
fn figures_in_both_formats() {
    let folder = tempfile::tempdir().unwrap();
    let spector = data("spector.csv");
    let draw = |name: &str, rest: &[&str]| {
        let path = folder.path().join(name);
        let mut arguments = vec![
            "fit",
            &spector,
            "grade ~ gpa + tuce + psi",
            "--family",
            "binomial",
            "--plot",
            path.to_str().unwrap(),
        ];
        arguments.extend(rest);
        text(&arguments);
        std::fs::read(path).unwrap()
    };
    assert_eq!(draw("fit.png", &[])[..8], *b"\x89PNG\r\n\x1a\n");
    let figure = String::from_utf8(draw("fit.svg", &["--ellipse", "psi,Intercept"])).unwrap();
    for part in [
        "tuce",
        "sandwich",
        "95 % confidence ellipses",
        "psi",
        "Intercept",
    ] {
        assert!(figure.contains(part), "{part}");
    }
}

/// As many coefficients as rows: the scores are zero, and no standard error is made of them.
#[test]
fn a_saturated_fit_has_no_sandwich() {
    let mut file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    writeln!(file, "y,n,a\n3,10,1\n5,10,2").unwrap();
    let path = file.path().to_str().unwrap();
    for robust in ["hc0", "hc1", "hc3"] {
        let value = json(&[
            "fit", path, "y ~ a", "--family", "binomial", "--trials", "n", "--robust", robust,
        ]);
        assert!(value["standard_errors"]["sandwich"].is_null());
        assert!(value["standard_errors"]["empirical"].is_null());
        assert!(numbers(&value["standard_errors"]["expected"])[0] > 1.0);
        assert!(value["deviance"].as_f64().unwrap() >= 0.0);
    }
}
