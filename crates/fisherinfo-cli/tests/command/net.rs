//! `fisher net` from a description of layers to penalties, on the digits.

use crate::{data, fisher};
use serde_json::Value;
use std::io::BufRead;
use std::path::Path;
use std::time::Duration;

const MODEL: &str = r#"
input = { features = 64 }
output = "categorical"
weights = "digits.safetensors"
[[layer]]
kind = "linear"
name = "hidden"
outputs = 12
[[layer]]
kind = "tanh"
[[layer]]
kind = "linear"
name = "classes"
outputs = 10
"#;

/// A folder with the model, trained for a few epochs.
fn trained() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("digits.toml"), MODEL).unwrap();
    let answer = net(
        folder.path(),
        &[
            "train",
            "digits.toml",
            "--epochs",
            "6",
            "-o",
            "digits.safetensors",
        ],
        &data("digits.csv"),
    );
    assert!(answer["accuracy"].as_f64().unwrap() > 0.8, "{answer}");
    let losses = answer["losses"].as_array().unwrap();
    assert_eq!(losses.len(), 6);
    assert!(losses[5].as_f64() < losses[0].as_f64());
    folder
}

fn command(folder: &Path, arguments: &[&str], table: &str) -> assert_cmd::Command {
    let mut command = fisher(&["net"]);
    command.args(arguments).current_dir(folder);
    if !table.is_empty() {
        command.args(["--data", table, "--label", "digit"]);
    }
    command
}

pub(crate) fn net(folder: &Path, arguments: &[&str], table: &str) -> Value {
    let mut command = command(folder, arguments, table);
    let output = command
        .arg("--json")
        .assert()
        .success()
        .get_output()
        .clone();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What it says when it fails.
fn refused(folder: &Path, arguments: &[&str], table: &str) -> String {
    let output = command(folder, arguments, table)
        .assert()
        .code(2)
        .get_output()
        .clone();
    assert!(output.stdout.is_empty());
    let text = String::from_utf8(output.stderr).unwrap();
    // As one line, however the terminal wrapped it.
    text.split_whitespace()
        .filter(|word| *word != "│")
        .collect::<Vec<_>>()
        .join(" ")
}

/// The same of a model that is not the digits'.
pub(crate) fn refused_at(folder: &Path, arguments: &[&str]) -> String {
    let mut command = fisher(&["net"]);
    let output = command
        .args(arguments)
        .current_dir(folder)
        .assert()
        .failure();
    let error = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    // Lines are broken to the width of a terminal.
    let words: Vec<&str> = error
        .split_whitespace()
        .filter(|word| *word != "│")
        .collect();
    words.join(" ")
}

#[test]
fn from_training_to_penalties() {
    let folder = trained();
    let at = folder.path();
    let estimate = |output: &str, table: &str, more: &[&str]| {
        net(
            at,
            &[&["estimate", "digits.toml", "-o", output], more].concat(),
            table,
        )
    };
    let whole = estimate("f.safetensors", &data("digits.csv"), &[]);
    assert_eq!(whole["about"]["examples"], 1797);
    let trace = whole["trace"].as_f64().unwrap();
    // The trace does not depend on what is kept of the matrix.
    for representation in ["ekfac", "block-diagonal", "low-rank"] {
        let other = estimate(
            "o.safetensors",
            &data("digits.csv"),
            &["--representation", representation],
        );
        assert!((other["trace"].as_f64().unwrap() / trace - 1.0).abs() < 1e-9);
    }
    let narrow = estimate(
        "o.safetensors",
        &data("digits.csv"),
        &["--precision", "f32"],
    );
    assert!((narrow["trace"].as_f64().unwrap() / trace - 1.0).abs() < 1e-4);
    let drawn = estimate(
        "o.safetensors",
        &data("digits.csv"),
        &["--estimator", "monte-carlo", "--draws", "4"],
    );
    assert!((drawn["trace"].as_f64().unwrap() / trace - 1.0).abs() < 0.1);
    assert!(drawn["median_relative_standard_error"].as_f64().unwrap() > 0.0);
    // What it will take is said first, in bytes and, after the first batch, in seconds.
    let arguments = [
        "estimate",
        "digits.toml",
        "-o",
        "o.safetensors",
        "--batch",
        "100",
    ];
    let ran = command(at, &arguments, &data("digits.csv"))
        .assert()
        .success();
    let said = String::from_utf8_lossy(&ran.get_output().stderr).into_owned();
    let [bytes, time] = ["910 parameters, exact, diagonal: 7.3 kB of sums", " s at "];
    let (first, second) = (said.find(bytes), said.find(time));
    assert!(first.is_some() && first < second, "{said}");
    // Two halves of the data, added.
    let text = std::fs::read_to_string(data("digits.csv")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for (name, rows) in [("a.csv", &lines[1..900]), ("b.csv", &lines[900..])] {
        let part = [&lines[..1], rows].concat().join("\n");
        std::fs::write(at.join(name), part).unwrap();
    }
    estimate("a.safetensors", "a.csv", &[]);
    estimate("b.safetensors", "b.csv", &[]);
    let sum = net(
        at,
        &[
            "add",
            "a.safetensors",
            "b.safetensors",
            "-o",
            "s.safetensors",
        ],
        "",
    );
    assert!((sum["trace"].as_f64().unwrap() / trace - 1.0).abs() < 1e-12);
    assert!(
        refused(
            at,
            &[
                "add",
                "a.safetensors",
                "a.safetensors",
                "-o",
                "s.safetensors"
            ],
            ""
        )
        .contains("twice")
    );
    let shown = command(at, &["inspect", "s.safetensors"], "")
        .assert()
        .success()
        .get_output()
        .clone();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(
        shown.contains("exact information, diagonal, mean over examples")
            && shown.contains("hidden.weight")
    );
    // At its own anchor a penalty is zero; further training leaves it.
    let anchor = "s.safetensors:digits.safetensors:100";
    let here = net(at, &["ewc", "digits.toml", "--anchor", anchor], "");
    assert_eq!(here["penalty"], 0.0);
    let on = |output: &str, more: &[&str]| {
        let arguments = [
            "train",
            "digits.toml",
            "--from",
            "digits.safetensors",
            "--epochs",
            "2",
            "-o",
            output,
        ];
        net(at, &[&arguments, more].concat(), "b.csv");
        let asked = [
            "ewc",
            "digits.toml",
            "--weights",
            output,
            "--anchor",
            anchor,
            "--gradient",
            "g.safetensors",
        ];
        net(at, &asked, "")["penalty"].as_f64().unwrap()
    };
    let (free, held) = (
        on("free.safetensors", &[]),
        on("held.safetensors", &["--anchor", anchor]),
    );
    assert!(0.0 < held && held < 0.5 * free, "{held} {free}");
    let gradient = fisherinfo_net::file::read_checkpoint(&at.join("g.safetensors")).unwrap();
    assert_eq!(gradient["hidden.weight"].shape, [12, 64]);
    let other = "s.safetensors:free.safetensors:1";
    assert!(
        refused(at, &["ewc", "digits.toml", "--anchor", other], "")
            .contains("was not estimated at")
    );
}

#[cfg(unix)]
#[test]
fn an_interrupted_estimate_goes_on() {
    let folder = trained();
    let at = folder.path();
    let run = |output: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_fisher"));
        command.current_dir(at).args([
            "net",
            "estimate",
            "digits.toml",
            "--label",
            "digit",
            "--data",
            &data("digits.csv"),
        ]);
        command.args([
            "--representation",
            "kfac",
            "--batch",
            "1",
            "--save-every",
            "40",
            "-o",
            output,
        ]);
        command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        command
    };
    for signal in ["-INT", "-KILL"] {
        let mut child = run("f.safetensors").spawn().unwrap();
        while !at.join("f.safetensors.partial").exists() {
            std::thread::sleep(Duration::from_millis(2));
        }
        let sent = std::process::Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        let ended = child.wait().unwrap();
        assert_eq!(
            ended.code(),
            if signal == "-INT" { Some(130) } else { None }
        );
        assert!(!at.join("f.safetensors").exists());
        assert!(
            refused(at, &["inspect", "f.safetensors.partial"], "").contains("no finished estimate")
        );
    }
    assert!(run("f.safetensors").status().unwrap().success());
    assert!(!at.join("f.safetensors.partial").exists());
    assert!(run("unbroken.safetensors").status().unwrap().success());
    let read = |name: &str| fisherinfo_net::file::read_fisher(&at.join(name)).unwrap();
    assert_eq!(read("f.safetensors"), read("unbroken.safetensors"));
}

/// An interrupted training leaves the weights of its last whole epoch, from which another goes on.
#[test]
fn an_interrupted_training_leaves_what_it_has() {
    let folder = trained();
    let at = folder.path();
    let digits = data("digits.csv");
    let train = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_fisher"));
        command
            .current_dir(at)
            .args(["net", "train", "digits.toml"]);
        command.args(["--label", "digit", "--data", &digits, "--optimiser", "sgd"]);
        command.args(["--momentum", "0", "--rate", "0.01", "--batch", "2000"]);
        command.args(more).stdout(std::process::Stdio::null());
        command
    };
    let mut child = train(&["--epochs", "100000", "-o", "long.safetensors"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(child.stderr.take().unwrap()).lines();
    // What it takes is said before it begins, and for how long after the first epoch.
    let said = lines.next().unwrap().unwrap();
    assert!(said.contains("100000 epochs of 1797 examples: "), "{said}");
    assert!(lines.next().unwrap().unwrap().starts_with("about "));
    let sent = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!at.join("long.safetensors").exists());
    let rest = rest.join(" ");
    let done = rest.split("interrupted after epoch ").nth(1).unwrap();
    let done: u32 = done.split(' ').next().unwrap().parse().unwrap();
    // Without momentum nothing is lost: as many epochs at once come to the same numbers.
    let epochs = done.to_string();
    let status = train(&["--epochs", &epochs, "-o", "short.safetensors"]).status();
    assert!(status.unwrap().success());
    let read = |name: &str| std::fs::read(at.join(name)).unwrap();
    assert!(read("long.partial.safetensors") == read("short.safetensors"));
    let from = ["--from", "long.partial.safetensors", "--epochs", "1"];
    let status = train(&[&from[..], &["-o", "on.safetensors"]].concat()).status();
    assert!(status.unwrap().success());
}

#[test]
fn wrong_input_gets_one_error_and_leaves_no_file() {
    let folder = trained();
    let at = folder.path();
    let digits = data("digits.csv");
    let estimate = |more: &[&str], table: &str| {
        let text = refused(
            at,
            &[&["estimate", "digits.toml", "-o", "out.safetensors"], more].concat(),
            table,
        );
        assert!(!at.join("out.safetensors").exists());
        text
    };
    assert!(
        estimate(&["--weights", "none.safetensors"], &digits)
            .contains("none.safetensors cannot be read")
    );
    std::fs::write(
        at.join("cut.safetensors"),
        b"\xff\xff\xff\xff\xff\xff\xff\x7f{",
    )
    .unwrap();
    assert!(estimate(&["--weights", "cut.safetensors"], &digits).contains("no checkpoint"));
    std::fs::write(at.join("bad.csv"), "p,digit\n1,2\n").unwrap();
    assert!(estimate(&[], "bad.csv").contains("an example has 64 numbers, and 1 were given"));
    std::fs::write(at.join("c.parquet"), "PAR1").unwrap();
    let message = estimate(&[], "c.parquet");
    if cfg!(feature = "columnar") {
        assert!(message.contains("is no Parquet file"), "{message}");
    } else {
        assert!(message.contains("with the feature `columnar`"), "{message}");
    }
    let text = std::fs::read_to_string(&digits)
        .unwrap()
        .replacen(",0\n", ",10\n", 1);
    std::fs::write(at.join("label.csv"), text).unwrap();
    assert!(estimate(&[], "label.csv").contains("example 0: label 10 is no class from 0 to 9"));
    assert!(estimate(&["--estimator", "monte-carlo", "--draws", "0"], &digits).contains("draw"));
    // Half a million parameters by half a million.
    let wide = MODEL
        .replace("outputs = 12", "outputs = 6000")
        .replace("digits.safetensors", "w.safetensors");
    std::fs::write(at.join("wide.toml"), wide).unwrap();
    net(
        at,
        &["train", "wide.toml", "--epochs", "0", "-o", "w.safetensors"],
        &digits,
    );
    let arguments = [
        "estimate",
        "wide.toml",
        "--representation",
        "dense",
        "-o",
        "out.safetensors",
    ];
    let text = refused(at, &arguments, &digits);
    assert!(
        text.contains("this takes 1.6 TB of memory")
            && text.contains("--representation diagonal --batch 1 takes"),
        "{text}"
    );
}

#[test]
fn models_are_merged_pruned_and_audited() {
    let folder = trained();
    let at = folder.path();
    let table = data("digits.csv");
    let estimate = |weights: &str, file: &str| {
        net(
            at,
            &["estimate", "digits.toml", "--weights", weights, "-o", file],
            &table,
        );
    };
    estimate("digits.safetensors", "fa.safetensors");
    let more = [
        "train",
        "digits.toml",
        "--from",
        "digits.safetensors",
        "--epochs",
        "2",
        "--optimiser",
        "kfac",
        "--rate",
        "0.05",
        "-o",
        "b.safetensors",
    ];
    assert!(net(at, &more, &table)["accuracy"].as_f64().unwrap() > 0.85);
    estimate("b.safetensors", "fb.safetensors");
    let merged = net(
        at,
        &[
            "merge",
            "digits.toml",
            "digits.safetensors:fa.safetensors",
            "b.safetensors:fb.safetensors",
            "-o",
            "merged",
        ],
        &table,
    );
    let far = |i: usize| merged["rules"][i]["divergence"].as_f64().unwrap();
    assert!(far(0) < far(1), "{merged}");
    assert!(at.join("merged/model.toml").exists());
    let outputs = refused_at(
        at,
        &[
            "merge",
            "digits.toml",
            "b.safetensors:fa.safetensors",
            "b.safetensors:fb.safetensors",
            "-o",
            "x",
        ],
    );
    assert!(outputs.contains("was not estimated at"), "{outputs}");
    let pruned = net(
        at,
        &[
            "prune",
            "digits.toml",
            "fa.safetensors",
            "--sparsity",
            "0.7",
            "-o",
            "p.safetensors",
        ],
        &table,
    );
    let right = |i: usize| pruned["ways"][i]["accuracy"].as_f64().unwrap();
    assert!(right(0) >= right(1) && right(1) > 0.4, "{pruned}");
    let audit = net(at, &["audit", "digits.toml", "--batch", "256"], &table);
    assert_eq!(audit["reference"], "exact");
    assert_eq!(audit["estimators"].as_array().unwrap().len(), 3);
}

#[test]
fn arrays_of_numpy_are_the_table_that_they_were_made_of() {
    let folder = trained();
    let at = folder.path();
    let table = std::fs::read_to_string(data("digits.csv")).unwrap();
    let label = table.lines().next().unwrap().split(',');
    let label = label.clone().position(|name| name == "digit").unwrap();
    let (mut inputs, mut labels) = (Vec::new(), Vec::new());
    for line in table.lines().skip(1) {
        for (place, cell) in line.split(',').enumerate() {
            let into = if place == label {
                &mut labels
            } else {
                &mut inputs
            };
            into.push(cell.parse::<u8>().unwrap());
        }
    }
    let save = |name: &str, shape: &str, entries: &[u8]| {
        let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend((header.len() as u16).to_le_bytes());
        file.extend(header.bytes());
        file.extend(entries);
        std::fs::write(at.join(name), file).unwrap();
    };
    save("x.npy", "(1797, 8, 8)", &inputs);
    save("y.npy", "(1797,)", &labels);
    let estimate = ["estimate", "digits.toml", "-o", "f.safetensors"];
    let of_table = net(at, &estimate, &data("digits.csv"));
    let arrays = ["--data", "x.npy", "--label", "y.npy"];
    let of_arrays = net(at, &[&estimate[..], &arrays].concat(), "");
    assert_eq!(of_table["trace"], of_arrays["trace"]);
    assert_eq!(of_table["about"]["data"], of_arrays["about"]["data"]);
    let arguments = ["estimate", "digits.toml", "-o", "g.safetensors"];
    let said = refused(at, &arguments, "x.npy");
    assert!(said.contains("--label labels.npy"), "{said}");
    assert!(!at.join("g.safetensors").exists());
}
