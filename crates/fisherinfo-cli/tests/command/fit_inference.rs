//! Offsets, weights, clusters, tests, intervals and predictions of `fisher fit`.

use crate::{assert_close, fisher, json, numbers, text};
use std::path::PathBuf;

/// A file that lives as long as the folder.
pub(crate) struct File {
    pub(crate) folder: tempfile::TempDir,
    path: PathBuf,
}

impl File {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Self { folder, path }
    }

    pub(crate) fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }

    /// Another file beside it.
    pub(crate) fn beside(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().into()
    }
}

pub(crate) fn refusal(arguments: &[&str]) -> String {
    let output = fisher(arguments).assert().code(2).get_output().clone();
    assert!(output.stdout.is_empty());
    // Lines are broken and framed.
    String::from_utf8(output.stderr)
        .unwrap()
        .replace(['│', '\n'], " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

const COUNTED: &str = "y,x,n,t\n1,0,3,1\n2,1,2,2\n4,2,1,2\n3,3,4,1\n9,5,0,1\n";
const WRITTEN_OUT: &str =
    "y,x,t\n1,0,1\n1,0,1\n1,0,1\n2,1,2\n2,1,2\n4,2,2\n3,3,1\n3,3,1\n3,3,1\n3,3,1\n";

#[test]
fn weights_say_what_they_mean() {
    let (counted, long) = (File::new("a.csv", COUNTED), File::new("b.csv", WRITTEN_OUT));
    let fit = [
        "fit",
        counted.path(),
        "y ~ x + offset(log(t))",
        "--family",
        "poisson",
    ];
    let weighted = |option: &'static str| [&fit[..], &[option, "n"]].concat();
    let frequency = json(&weighted("--frequency-weights"));
    let rows = json(&[
        "fit",
        long.path(),
        "y ~ x + offset(log(t))",
        "--family",
        "poisson",
    ]);
    assert_close(
        &numbers(&frequency["coefficients"]),
        &numbers(&rows["coefficients"]),
    );
    for kind in ["expected", "empirical", "sandwich"] {
        let errors = |value: &serde_json::Value| numbers(&value["standard_errors"][kind]);
        assert_close(&errors(&frequency), &errors(&rows));
    }
    assert_eq!(
        (frequency["n"].as_u64(), frequency["rows"].as_u64()),
        (Some(10), Some(4))
    );
    assert_eq!(frequency["residual_degrees_of_freedom"], 8);
    assert_eq!(frequency["weights"]["meaning"], "frequency");
    assert_eq!(frequency["rows_without_weight"], 1);
    assert_eq!(frequency["offset"], "offset(log(t))");
    let precision = json(&weighted("--weights"));
    assert_eq!(
        (precision["n"].as_u64(), precision["rows"].as_u64()),
        (Some(4), Some(4))
    );
    assert_close(
        &numbers(&precision["coefficients"]),
        &numbers(&rows["coefficients"]),
    );
    let shown = text(&weighted("--frequency-weights"));
    assert!(shown.contains("offset offset(log(t)); n = 10;"), "{shown}");
    assert!(
        shown.contains("frequency weights from n: each row stands for"),
        "{shown}"
    );
    assert!(shown.contains("1 rows of weight 0 left out"), "{shown}");
    assert!(text(&weighted("--weights")).contains("precision weights from n: the variance"));
    // A column as the offset is the same as one in the formula.
    let logs = COUNTED
        .replace("t\n", "l\n")
        .replace(",2\n", ",0.6931471805599453\n");
    let logs = File::new("c.csv", &logs.replace(",1\n", ",0\n"));
    let column = json(&[
        "fit",
        logs.path(),
        "y ~ x",
        "--family",
        "poisson",
        "--offset",
        "l",
        "--frequency-weights",
        "n",
    ]);
    assert_close(
        &numbers(&column["coefficients"]),
        &numbers(&rows["coefficients"]),
    );
    assert_eq!(column["offset"], "l");
}

#[test]
fn weights_are_refused_with_their_place() {
    let negative = File::new("a.csv", "y,x,w\n1,0,1\n2,1,-3\n3,3,1\n");
    let fit = |file: &File, option: &str| {
        refusal(&[
            "fit",
            file.path(),
            "y ~ x",
            "--family",
            "gaussian",
            option,
            "w",
        ])
    };
    let message = fit(&negative, "--weights");
    assert!(
        message.contains("line 3, column w: the weight -3 is negative"),
        "{message}"
    );
    let half = File::new("b.csv", "y,x,w\n1,0,1\n2,1,2\n3,3,1.5\n5,2,1\n");
    let message = fit(&half, "--frequency-weights");
    assert!(
        message.contains("b.csv, line 4: the frequency weight is 1.5"),
        "{message}"
    );
    let both = refusal(&[
        "fit",
        half.path(),
        "y ~ x",
        "--family",
        "gaussian",
        "--weights",
        "w",
        "--frequency-weights",
        "w",
    ]);
    assert!(both.contains("cannot be used with"), "{both}");
}

/// Collett (1991); Venables & Ripley (2002), 8.4.
pub(crate) const BUDWORM: &str = "\
sex,ldose,dead,n
M,0,1,20\nM,1,4,20\nM,2,9,20\nM,3,13,20\nM,4,18,20\nM,5,20,20
F,0,0,20\nF,1,2,20\nF,2,6,20\nF,3,10,20\nF,4,12,20\nF,5,16,20
";

#[test]
fn budworm_terms_and_intervals() {
    let file = File::new("budworm.csv", BUDWORM);
    let base = [
        "fit",
        file.path(),
        "dead ~ sex*ldose",
        "--family",
        "binomial",
        "--trials",
        "n",
    ];
    let ask = |more: &[&'static str]| [&base[..], more].concat();
    let value = json(&ask(&[
        "--test",
        "all",
        "--test",
        "sex,sex:ldose",
        "--intervals",
        "profile",
    ]));
    let falls: Vec<f64> = (0..3)
        .map(|i| value["deviance_table"][i]["deviance"].as_f64().unwrap())
        .map(|fall| (fall * 1e3).round() / 1e3)
        .collect();
    // Their table.
    assert_eq!(falls, [6.077, 112.042, 1.763]);
    assert_eq!(value["deviance_table"][2]["term"], "sex:ldose");
    // Main effects are not tested beside their interaction.
    let tests = value["tests"].as_array().unwrap();
    let names: Vec<&str> = tests
        .iter()
        .map(|test| test["terms"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["sex:ldose", "sex,sex:ldose"]);
    assert_eq!(tests[1]["degrees_of_freedom"], 2);
    let ratio = |i: usize| tests[i]["likelihood_ratio"]["statistic"].as_f64().unwrap();
    assert_close(
        &[ratio(0)],
        &[value["deviance_table"][2]["deviance"].as_f64().unwrap()],
    );
    // The same hypothesis as in a table with dose first: 124.876 − … with sex after dose.
    assert!(ratio(1) > ratio(0));
    // The sexes' coding is M against F, so male slopes and levels differ by these; see the
    // library's test for the values.
    let lower = numbers(&value["intervals"]["lower"]);
    let upper = numbers(&value["intervals"]["upper"]);
    assert_close(
        &lower,
        &[
            -4.186452984722705,
            -1.3709566513025393,
            0.6022785024560848,
            -0.16630338115725332,
        ],
    );
    assert_close(
        &upper,
        &[
            -2.0016910747108967,
            1.7206717231917195,
            1.2627067226837356,
            0.9064561566936099,
        ],
    );
    let shown = text(&ask(&[
        "--test",
        "all",
        "--intervals",
        "profile",
        "--level",
        "0.9",
    ]));
    for line in [
        "Intervals, 90 % (profile likelihood; normal quantile)",
        "Tests that terms are zero, the others refitted",
        "Deviance, each term beside those before it",
        "Wald χ²",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    // Nothing asked for, nothing said.
    let plain = json(&base);
    assert_eq!(plain["intervals"], serde_json::Value::Null);
    assert_eq!(plain["tests"], serde_json::json!([]));
    let wald = json(&ask(&["--intervals", "wald"]));
    let error = plain["standard_errors"]["expected"][2].as_f64().unwrap();
    let estimate = plain["coefficients"][2].as_f64().unwrap();
    assert_close(
        &[wald["intervals"]["upper"][2].as_f64().unwrap()],
        &[estimate + 1.959963984540054 * error],
    );
    let message = refusal(&ask(&["--test", "sexx"]));
    assert!(message.contains("there is no term `sexx`") && message.contains("did you mean `sex`"));
    let message = refusal(&ask(&["--intervals", "profile", "--level", "95"]));
    assert!(
        message.contains("a confidence level lies between 0 and 1"),
        "{message}"
    );
}

#[test]
fn an_interval_without_an_end_says_so() {
    let file = File::new("a.csv", "y\n0.5\n1.5\n-0.7\n1.1\n");
    let base = [
        "fit",
        file.path(),
        "y ~ 1",
        "--family",
        "gaussian",
        "--link",
        "inverse",
        "--intervals",
        "profile",
    ];
    let shown = text(&base);
    assert!(
        shown.contains("∞: on this side the data do not bound"),
        "{shown}"
    );
    assert_eq!(json(&base)["intervals"]["upper"][0], "Infinity");
}

/// Rows with a missing cell of any kind, among them of the weights and the clusters, leave the
/// answer of a table without those rows (statsmodels had them out of step).
#[test]
fn dropped_rows_keep_all_in_step() {
    let header = "y,x,w,g,t,m\n";
    let rows = [
        "2,0.5,1,a,1,4",
        "3,1.5,2,a,2,4",
        ",1,2,b,1,4",
        "1,NA,1,b,1,4",
        "4,2.5,,b,1,5",
        "2,0.1,3,b,1,5",
        "3,1.1,1,,1,5",
        "1,2.1,2,c,1,6",
        "5,3.1,1,c,NA,6",
        "2,1.7,2,c,2,",
        "4,2.7,1,c,2,7",
        "3,0.7,2,d,1,7",
        "5,3.7,1,d,3,8",
        "6,2.2,2,d,2,9",
    ];
    let whole: Vec<&str> = rows
        .iter()
        .copied()
        .filter(|row| !row.split(',').any(|cell| cell.is_empty() || cell == "NA"))
        .collect();
    assert_eq!(whole.len(), 8);
    let holes = File::new("holes.csv", &format!("{header}{}\n", rows.join("\n")));
    let clean = File::new("clean.csv", &format!("{header}{}\n", whole.join("\n")));
    for weights in ["--weights", "--frequency-weights"] {
        let ask = |file: &File, missing: &str| {
            json(&[
                "fit",
                file.path(),
                "y ~ x",
                "--family",
                "binomial",
                "--trials",
                "m",
                "--offset",
                "t",
                weights,
                "w",
                "--cluster",
                "g",
                "--missing",
                missing,
                "--robust",
                "hc3",
                "--link",
                "probit",
                "--test",
                "x",
            ])
        };
        let (found, wanted) = (ask(&holes, "drop"), ask(&clean, "fail"));
        assert_eq!(found["dropped_rows"], 6);
        assert_eq!(
            found["missing"],
            serde_json::json!({ "y": 1, "x": 1, "w": 1, "g": 1, "t": 1, "m": 1 })
        );
        assert_eq!(found["clusters"]["number"], 4);
        for key in [
            "coefficients",
            "standard_errors",
            "information",
            "log_likelihood",
            "deviance",
            "n",
            "tests",
            "clusters",
            "aic",
        ] {
            assert_eq!(found[key], wanted[key], "{key}");
        }
    }
}

#[test]
fn clusters_name_their_factor() {
    let file = File::new("a.csv", "y,x,g\n1,0,a\n3,1,a\n2,2,b\n5,3,b\n4,4,c\n6,5,c\n");
    let base = [
        "fit",
        file.path(),
        "y ~ x",
        "--family",
        "gaussian",
        "--cluster",
        "g",
    ];
    let shown = text(&base);
    assert!(
        shown.contains(
            "3 clusters by g · expected⁻¹ (small-sample factor G/(G − 1)·(n − 1)/(n − p))"
        ),
        "{shown}"
    );
    let (with, without) = (
        json(&base),
        json(&[&base[..], &["--cluster-factor", "none"]].concat()),
    );
    let errors = |value: &serde_json::Value| numbers(&value["standard_errors"]["cluster"]);
    let factor = (3.0_f64 / 2.0 * 5.0 / 4.0).sqrt();
    let scaled: Vec<f64> = errors(&without).iter().map(|e| e * factor).collect();
    assert_close(&errors(&with), &scaled);
    assert_eq!(without["clusters"]["factor"], "1");
    let one = File::new("b.csv", "y,x,g\n1,0,a\n3,1,a\n2,2,a\n5,3,a\n");
    let message = refusal(&[
        "fit",
        one.path(),
        "y ~ x",
        "--family",
        "gaussian",
        "--cluster",
        "g",
    ]);
    assert!(message.contains("all rows are in one cluster"), "{message}");
}

#[test]
fn penalties_are_honest() {
    let spector = crate::data("spector.csv");
    let base = [
        "fit",
        &spector,
        "grade ~ gpa + tuce + psi",
        "--family",
        "binomial",
    ];
    let ask = |more: &[&'static str]| [&base[..], more].concat();
    // scikit-learn 1.9.1, C = 1/(32·0.1).
    let ridge = json(&ask(&["--ridge", "0.1"]));
    assert_close(
        &numbers(&ridge["coefficients"]),
        &[
            -6.19931479365362,
            0.59496367839532,
            0.1517250377046,
            0.61191925210353,
        ],
    );
    assert_eq!(ridge["standard_errors"], serde_json::Value::Null);
    assert!(ridge["bias"][1].as_f64().unwrap() < 0.0);
    let shown = text(&ask(&["--ridge", "0.1"]));
    assert!(
        shown.contains("No interval or test of a coefficient follows"),
        "{shown}"
    );
    let net = json(&ask(&["--elastic-net", "0.1,1"]));
    assert_eq!(net["coefficients"][1], 0.0);
    assert!(net["largest_violation"].as_f64().unwrap() <= 1e-9);
    assert_eq!(net["spread"], serde_json::Value::Null);
    let shown = text(&ask(&["--elastic-net", "0.1,1"]));
    assert!(
        shown.contains("No standard errors") && shown.contains("Certificate"),
        "{shown}"
    );
    let message = refusal(&ask(&["--elastic-net", "0.1"]));
    assert!(message.contains("write λ and α"), "{message}");
    let message = refusal(&ask(&["--elastic-net", "0.1,2"]));
    assert!(message.contains("α = 2"), "{message}");
    let message = refusal(&ask(&["--ridge", "1", "--intervals", "profile"]));
    assert!(message.contains("cannot be used with"), "{message}");
}
