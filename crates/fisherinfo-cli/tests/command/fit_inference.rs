//! Offsets, weights, clusters, tests, intervals and predictions of `fisher fit`.

use crate::{assert_close, fisher, json, numbers, text};
use std::path::PathBuf;

/// A file that lives as long as the folder.
pub(crate) struct File {
    folder: tempfile::TempDir,
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
    for key in ["coefficients"] {
        assert_close(&numbers(&frequency[key]), &numbers(&rows[key]));
    }
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
