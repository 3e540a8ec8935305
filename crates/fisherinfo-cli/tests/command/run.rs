use crate::{fisher, json, text};
use serde_json::Value;

#[test]
fn all_ten_pass() {
    let shown = text(&["run"]);
    for number in 1..=10 {
        assert!(shown.contains(&format!("Exercise {number} [")), "{number}");
    }
    let last = shown.lines().last().unwrap();
    let passed: usize = last.split(' ').next().unwrap().parse().unwrap();
    assert!(last.ends_with("passed, 0 failed"));
    assert_eq!(
        shown
            .lines()
            .filter(|line| line.starts_with("PASS - "))
            .count(),
        passed
    );
    assert!(!shown.contains("FAIL"));
}

#[test]
fn the_published_figures() {
    let finding = |number: &str, name: &str| -> Value {
        let events = json(&["run", number]);
        let found = events
            .as_array()
            .unwrap()
            .iter()
            .find(|event| event["name"] == name)
            .unwrap_or_else(|| panic!("{events:#}"));
        found["value"].clone()
    };
    let distance = finding("7", "distance").as_f64().unwrap();
    assert!((distance / 0.04051853500395951 - 1.0).abs() < 1e-12);
}

#[test]
fn inputs_move_the_answer() {
    let shown = text(&["run", "1", "--p", "0.1"]);
    assert!(shown.contains("p = 0.1"));
    assert!(
        shown.contains("11.11111111"),
        "1/(p(1 − p)) at 0.1\n{shown}"
    );
}

#[test]
fn wrong_requests() {
    for (arguments, part) in [
        (
            &["run", "11"][..],
            "there is no exercise 11; the exercises are 1 to 10",
        ),
        (
            &["run", "3", "--n", "5"],
            "there is no input «n»; the inputs are p",
        ),
        (&["run", "1", "--p", "1.5"], "p = 1.5 is outside its range"),
        (&["run", "1", "--p", "nan"], "p = "),
        (&["run", "--p", "0.5"], "<EXERCISE>"),
        (&["run", "seven"], "seven"),
    ] {
        let output = fisher(arguments).assert().code(2).get_output().clone();
        assert!(output.stdout.is_empty());
        let message = String::from_utf8(output.stderr).unwrap();
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn figures_of_all_exercises() {
    let folder = tempfile::tempdir().unwrap();
    let figures = folder.path().join("new/figures");
    let shown = text(&["run", "--figures", figures.to_str().unwrap()]);
    assert!(shown.contains("Exercise 10 ["));
    let mut names: Vec<String> = std::fs::read_dir(&figures)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for number in 1..=10 {
        let first = format!("{number}-");
        assert!(
            names.iter().any(|name| name.starts_with(&first)),
            "{names:?}"
        );
    }
    assert!(
        names.contains(&"1-information-p.svg".to_string()),
        "{names:?}"
    );
    for name in names {
        let svg = std::fs::read_to_string(figures.join(&name)).unwrap();
        assert!(
            svg.ends_with("</svg>\n") && svg.contains("<polyline"),
            "{name}"
        );
        assert!(!svg.contains("NaN"), "{name}");
    }
    let file = folder.path().join("taken");
    std::fs::write(&file, "").unwrap();
    let mut refused = fisher(&["run", "1", "--figures", file.to_str().unwrap()]);
    let output = refused.assert().code(2).get_output().clone();
    assert!(output.stdout.is_empty());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.contains("--figures") && message.contains("taken"),
        "{message}"
    );
}
