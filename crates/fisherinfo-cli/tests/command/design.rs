use crate::{assert_close, fisher, json, text};
use serde_json::Value;
use std::io::Write;

/// A table of candidates in a file of its own.
fn candidates(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn support(value: &Value, factor: &str) -> Vec<(f64, f64)> {
    value["support"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let point = entry["point"][factor].as_f64().unwrap();
            (point, entry["weight"].as_f64().unwrap())
        })
        .collect()
}

const COMPARTMENTS: [&str; 7] = [
    "design",
    "--model",
    "c*(exp(-a*t) - exp(-b*t))",
    "--range",
    "t=0:30",
    "--at",
    "a=0.05884,b=4.298,c=21.8",
];

#[test]
fn the_published_design_of_a_compartment_model() {
    // Atkinson, Donev & Tobias, Optimum Experimental Designs (2007), example 17.4.
    let value = json(&COMPARTMENTS);
    let found = support(&value, "t");
    for ((point, weight), wanted) in found.iter().zip([0.2288, 1.3886, 18.417]) {
        assert!((point / wanted - 1.0).abs() < 2e-4, "{found:?}");
        assert_close(&[*weight], &[1.0 / 3.0]);
    }
    assert_eq!(found.len(), 3);
    assert!((value["value"].as_f64().unwrap() - 7.3887).abs() < 5e-5);
    let certificate = &value["certificate"];
    assert_close(&[certificate["largest"].as_f64().unwrap()], &[3.0]);
    assert_eq!(certificate["bound"], 3.0);
    assert_eq!(value["names"], serde_json::json!(["a", "b", "c"]));
    // What one parameter alone wants is something else.
    let mut alone = COMPARTMENTS.to_vec();
    alone.extend(["--criterion", "c", "--c", "a=1"]);
    let alone = json(&alone);
    assert!(
        support(&alone, "t")
            .iter()
            .all(|(t, _)| (t - 18.417).abs() > 0.1)
    );
    assert_close(&[alone["certificate"]["largest"].as_f64().unwrap()], &[1.0]);
}

#[test]
fn the_published_design_of_a_logistic_line() {
    let value = json(&[
        "design",
        "--model",
        "a + b*x",
        "--range",
        "x=-5:5",
        "--at",
        "a=0.5,b=2",
        "--family",
        "binomial",
    ]);
    let wanted = [
        (-1.543_404_638_418_21 - 0.5) / 2.0,
        (1.543_404_638_418_21 - 0.5) / 2.0,
    ];
    for ((point, weight), wanted) in support(&value, "x").iter().zip(wanted) {
        assert_close(&[*point, *weight], &[wanted, 0.5]);
    }
}

#[test]
fn rows_of_a_table() {
    let file = candidates("x,batch\n-1,a\n-0.5,a\n0,b\n0.5,b\n1,b\n");
    let path = file.path().to_str().unwrap();
    // Legendre: the ends and the middle of a quadratic, a third each.
    let value = json(&["design", path, "~ x + I(x^2)"]);
    let lines: Vec<u64> = value["support"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [2, 4, 6]);
    for (_, weight) in support(&value, "x") {
        assert_close(&[weight], &[1.0 / 3.0]);
    }
    assert_close(
        &[value["value"].as_f64().unwrap()],
        &[(4.0_f64 / 27.0).ln()],
    );
    assert!(value["assumed"].is_null());
    // Of a line each criterion takes both ends; what they are worth is known.
    for (criterion, wanted) in [("d", 0.0), ("a", 2.0), ("e", 1.0)] {
        let value = json(&["design", path, "~ x", "--criterion", criterion]);
        assert_eq!(support(&value, "x"), [(-1.0, 0.5), (1.0, 0.5)]);
        assert!((value["value"].as_f64().unwrap() - wanted).abs() < 1e-12);
    }
    // Logits of a mean of one half everywhere weigh all rows alike.
    let flat = [
        "design",
        path,
        "~ x",
        "--family",
        "binomial",
        "--at",
        "Intercept=0,x=0",
    ];
    assert_eq!(support(&json(&flat), "x"), [(-1.0, 0.5), (1.0, 0.5)]);
    let shown = text(&["design", path, "~ x + batch"]);
    assert!(
        shown.contains("batch[b]") && shown.contains("Certificate"),
        "{shown}"
    );
    assert!(shown.contains("of 5 candidates"), "{shown}");
}

#[test]
fn what_is_refused() {
    let file = candidates("x,y\n1,1\n1,2\n");
    let path = file.path().to_str().unwrap();
    for (arguments, wanted) in [
        (
            vec!["design", path, "~ x"],
            "estimates the combination Intercept − x",
        ),
        (vec!["design", path, "~ z"], "has no column `z`"),
        (vec!["design", path, "~"], "~"),
        (
            vec!["design", path, "~ y", "--family", "binomial"],
            "Intercept, y are without a value",
        ),
        (
            vec!["design", path, "~ y", "--family", "binomial", "--at", "y=1"],
            "Intercept is without",
        ),
        (
            vec![
                "design",
                path,
                "~ y",
                "--family",
                "binomial",
                "--at",
                "Intercept=0,yy=1",
            ],
            "no parameter `yy`",
        ),
        (
            vec!["design", path, "~ y", "--criterion", "c", "--c", "1"],
            "1 numbers for 2 parameters",
        ),
        (vec!["design", path, "~ y", "--criterion", "c"], "--c"),
        (
            vec![
                "design",
                path,
                "~ y",
                "--family",
                "gamma",
                "--at",
                "Intercept=-9,y=1",
            ],
            "line 2",
        ),
        (
            vec![
                "design", "--model", "a+b*x", "--range", "x=3:1", "--at", "a=0,b=1",
            ],
            "from 3 to 1",
        ),
        (
            vec![
                "design", "--model", "a+b*x", "--range", "x", "--at", "a=0,b=1",
            ],
            "--range x",
        ),
        (
            vec![
                "design", "--model", "a+b*", "--range", "x=0:1", "--at", "a=0,b=1",
            ],
            "column 5",
        ),
        (
            vec![
                "design", "--model", "a/x", "--range", "x=-1:1", "--at", "a=1",
            ],
            "narrow the range",
        ),
        (
            vec!["design", "--model", "a*x", "--range", "x=0:1", "--at", "a"],
            "name=number",
        ),
        (vec!["design"], "DATA"),
    ] {
        let output = fisher(&arguments)
            .assert()
            .failure()
            .code(2)
            .get_output()
            .clone();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(wanted), "{arguments:?}: {message}");
        assert!(
            !message.contains("panicked") && output.stdout.is_empty(),
            "{message}"
        );
    }
}
