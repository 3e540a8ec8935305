//! `fisher fit` where terms are combinations of others.

use crate::refusals::refusal;
use crate::{assert_close, data, json, text};
use serde_json::Value;

/// No pupil of the last age learns slowly: the data say nothing of that cell, everything of the others,
/// whose means are those of the cells.
#[test]
fn an_empty_cell_of_two_factors() {
    let quine = data("quine.csv");
    let model = ["fit", &quine, "Days ~ Age * Lrn", "--family", "poisson"];
    let found = json(&[&model[..], &["--test", "all"]].concat());
    let empty = Value::from("Age[F3]:Lrn[SL]");
    assert_eq!(
        found["unidentified"]["terms"],
        Value::from(vec![empty.clone()])
    );
    assert_eq!(found["unidentified"]["standard_errors"][0], "Infinity");
    let relation = &found["unidentified"]["relations"][0];
    assert_eq!(relation["relation"], "Age[F3]:Lrn[SL] = 0");
    assert!(!found["terms"].as_array().unwrap().contains(&empty));
    // Seven cells, each with a mean of its own.
    let (mut cells, mut deviance) = (std::collections::BTreeMap::new(), 0.0);
    let table = std::fs::read_to_string(&quine).unwrap();
    let mut rows = table
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>());
    let header = rows.next().unwrap();
    let at = |name: &str| header.iter().position(|column| *column == name).unwrap();
    for row in rows {
        let cell = format!("{} {}", row[at("Age")], row[at("Lrn")]);
        let days: f64 = row[at("Days")].parse().unwrap();
        cells.entry(cell).or_insert_with(Vec::new).push(days);
    }
    assert_eq!(cells.len(), 7);
    for days in cells.values() {
        let mean = days.iter().sum::<f64>() / days.len() as f64;
        let of = |y: f64| {
            if y == 0.0 {
                mean
            } else {
                y * (y / mean).ln() - (y - mean)
            }
        };
        deviance += 2.0 * days.iter().copied().map(of).sum::<f64>();
    }
    assert_close(&[found["deviance"].as_f64().unwrap()], &[deviance]);
    // Three ages beside the first, one of them without the cell.
    assert_eq!(found["tests"][0]["degrees_of_freedom"], 2);
    let shown = text(&model);
    for part in ["Age[F3]:Lrn[SL] alone", "∞", "Age[F3]:Lrn[SL] = 0"] {
        assert!(shown.contains(part), "{part} {shown}");
    }
}

/// Columns computed from each other, in memory and read anew for every pass.
#[test]
fn terms_that_determine_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let table = "a,b,c,k,y\n1,2,3,7,0\n3,4,7,7,1\n5,6,11,7,1\n7,9,16,7,0\n2,2,4,7,1\n9,1,10,7,0\n";
    std::fs::write(path("t.csv"), table).unwrap();
    let (table, saved) = (path("t.csv"), path("fit.json"));
    let model = ["fit", &table, "y ~ a + b + c + k", "--family", "binomial"];
    let whole = json(&[&model[..], &["--save", &saved]].concat());
    let streamed = json(&[&model[..], &["--stream"]].concat());
    let reduced = json(&["fit", &table, "y ~ a + b", "--family", "binomial"]);
    assert_eq!(
        whole["terms"],
        Value::from(vec!["Intercept + 7·k", "a + c", "b + c"])
    );
    for key in ["coefficients", "standard_errors", "information", "deviance"] {
        assert_eq!(whole[key], reduced[key], "{key}");
        assert_eq!(streamed[key], whole[key], "{key}");
    }
    let names = ["Intercept", "a", "b", "c", "k"];
    assert_eq!(whole["unidentified"]["terms"], Value::from(names.to_vec()));

    std::fs::write(path("new.csv"), "a,b,c,k\n1,1,2,7\n1,1,3,7\n1,1,2,6\n").unwrap();
    let predicted = json(&["predict", &saved, &path("new.csv")]);
    assert!(predicted["mean"][0].as_f64().is_some());
    for row in [1, 2] {
        assert_eq!(predicted["mean"][row], Value::Null);
        assert_eq!(predicted["standard_error"][row], "Infinity");
    }
    let shown = text(&["predict", &saved, &path("new.csv")]);
    assert!(
        shown.contains("of 2 of 3 rows the fit says nothing"),
        "{shown}"
    );

    let said = refusal(&[&model[..], &["--test", "a"]].concat());
    assert!(
        said.contains("can tell a from other terms: c = a + b"),
        "{said}"
    );
    let said = refusal(&["design", &table, "~ a + b + c + k", "--at", &saved]);
    assert!(
        said.contains("no coefficient of c alone, since c = a + b"),
        "{said}"
    );
}
