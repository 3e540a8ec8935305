//! Tables that nobody would make on purpose: one clear error, or the right answer, in memory and
//! streamed alike.

use crate::refusals::says;
use crate::{data, fisher, json};
use std::fmt::Write;
use std::path::PathBuf;

/// A table in a folder of its own.
struct Written {
    folder: tempfile::TempDir,
    path: PathBuf,
}

impl Written {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, text).unwrap();
        Self { folder, path }
    }

    fn arguments<'a>(&'a self, formula: &'a str, family: &'a str) -> Vec<&'a str> {
        vec![
            "fit",
            self.path.to_str().unwrap(),
            formula,
            "--family",
            family,
        ]
    }

    /// Both ways of reading refuse it, and leave nothing behind.
    fn refused(&self, formula: &str, family: &str, rest: &[&str], parts: &[&str]) {
        for stream in [false, true] {
            let mut arguments = self.arguments(formula, family);
            arguments.extend(rest);
            if stream {
                arguments.push("--stream");
            }
            says(&arguments, parts);
        }
        assert_eq!(std::fs::read_dir(self.folder.path()).unwrap().count(), 1);
    }
}

/// Ten rows of a response, a column and whatever `cell` writes.
fn rows(header: &str, cell: impl Fn(usize) -> String) -> String {
    let mut text = format!("{header}\n");
    for i in 0..10 {
        writeln!(text, "{},{}.5,{}", i % 2, (i * 7) % 10, cell(i)).unwrap();
    }
    text
}

#[test]
fn names() {
    let twice = Written::new(&rows("y,a,a", |i| i.to_string()));
    twice.refused(
        "y ~ a",
        "binomial",
        &[],
        &["columns 2 and 3 are both called `a`", "rename"],
    );
    // Marks, spaces and other alphabets.
    let text = rows("γ,größe (m),名前", |i| {
        ["犬", "猫", "犬"][i % 3].into()
    });
    let foreign = Written::new(&text);
    let plain = Written::new(&text.replace("γ,größe (m),名前", "y,a,b"));
    let foreign = json(&foreign.arguments("γ ~ `größe (m)` + 名前", "gaussian"));
    let plain = json(&plain.arguments("y ~ a + b", "gaussian"));
    assert_eq!(foreign["terms"][2], "名前[猫]");
    assert_eq!(foreign["coefficients"], plain["coefficients"]);
}

#[test]
fn cells() {
    let mixed = Written::new(&rows("y,a,b", |i| {
        if i == 7 { "oops".into() } else { i.to_string() }
    }));
    mixed.refused(
        "y ~ b",
        "binomial",
        &[],
        &["line 9", "column b", "\"oops\" is not a number"],
    );
    let missing = Written::new(&rows("y,a,b", |_| String::new()));
    // Beyond double precision a number is told as it was written, in every row or in one.
    for every in [false, true] {
        let beyond = Written::new(&rows("y,a,b", |i| {
            if every || i == 7 {
                "-1e400".into()
            } else {
                i.to_string()
            }
        }));
        let line = if every { "line 2" } else { "line 9" };
        beyond.refused(
            "y ~ b",
            "binomial",
            &[],
            &[
                line,
                "column b",
                "\"-1e400\" is not a number; double precision ends at 1.8e308",
            ],
        );
    }
    missing.refused(
        "y ~ b",
        "binomial",
        &[],
        &["10 of 10 rows have missing cells"],
    );
    missing.refused(
        "y ~ b",
        "binomial",
        &["--missing", "drop"],
        &["no row is left"],
    );
    let same = Written::new(&rows("y,a,b", |_| "same".into()));
    same.refused(
        "y ~ b",
        "binomial",
        &[],
        &["b has only one category, `same`"],
    );
}

#[test]
fn weights() {
    let none = Written::new(&rows("y,a,w", |_| "0".into()));
    let negative = Written::new(&rows("y,a,w", |i| if i == 4 { "-1" } else { "1" }.into()));
    for flag in ["--weights", "--frequency-weights"] {
        none.refused(
            "y ~ a",
            "gaussian",
            &[flag, "w"],
            &["every weight in column w is 0"],
        );
        negative.refused(
            "y ~ a",
            "gaussian",
            &[flag, "w"],
            &["line 6", "column w", "-1"],
        );
    }
}

#[test]
fn shapes() {
    let short = Written::new("y,a,b,c\n1,2,3,4\n0,1,2,9\n");
    short.refused(
        "y ~ a + b + c",
        "gaussian",
        &[],
        &["2 observations cannot determine 4"],
    );
    let columns = 9_999;
    let names: Vec<String> = (0..columns).map(|j| format!("x{j}")).collect();
    let mut wide = format!("y,{}\n", names.join(","));
    for i in 0..40 {
        let cells: Vec<String> = (0..columns)
            .map(|j| ((i * 31 + j * 17) % 101).to_string())
            .collect();
        writeln!(wide, "{},{}", i % 2, cells.join(",")).unwrap();
    }
    let wide = Written::new(&wide);
    wide.refused(
        "y ~ .",
        "gaussian",
        &[],
        &["40 observations cannot determine 10000"],
    );
    let narrow = json(&wide.arguments("y ~ x3 + x9998", "gaussian"));
    assert_eq!(narrow["n"], 40);
    // A line without an end, of which no more than the longest row is held.
    let endless = Written::new(&format!("y,a\n1,2\n0,{}\n", "7".repeat(40 << 20)));
    let too_long = ["the row of line 3 is longer than 16777216 bytes"];
    endless.refused("y ~ a", "binomial", &[], &too_long);
    // So is what a quotation mark that is never closed makes of the rest of the file.
    let open = Written::new(&format!("y,a\n1,2\n0,\"{}", "7\n".repeat(10 << 20)));
    open.refused("y ~ a", "binomial", &[], &too_long);
}

/// A point is the columns that have no other part, in memory, streamed and in a saved fit.
#[test]
fn all_other_columns() {
    let beetle = data("beetle.csv");
    let fit = |formula: &str, stream: bool| {
        let mut arguments = vec![
            "fit", &beetle, formula, "--family", "binomial", "--trials", "n", "--robust", "hc3",
        ];
        if stream {
            arguments.push("--stream");
        }
        json(&arguments)
    };
    for stream in [false, true] {
        assert_eq!(fit("killed ~ .", stream), fit("killed ~ dose", stream));
    }
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("fit.json");
    let saved = saved.to_str().unwrap();
    let longley = data("longley.csv");
    fisher(&[
        "fit",
        &longley,
        "totemp ~ . - year",
        "--family",
        "gaussian",
        "--save",
        saved,
    ])
    .assert()
    .success();
    fisher(&["predict", saved, &longley]).assert().success();
    says(
        &[
            "fit",
            &longley,
            "totemp ~ . + nothing",
            "--family",
            "gaussian",
        ],
        &["no column `nothing`"],
    );
    says(
        &["fit", "no-such.csv", "totemp ~ . +", "--family", "gaussian"],
        &["no-such.csv"],
    );
}
