//! `fisher fit` on tables that are read anew for every pass.

use crate::{data, fisher, json, numbers, text};
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Everything a fit prints but what says how it was read.
fn same(mut one: Value, mut other: Value) {
    for value in [&mut one, &mut other] {
        value["information_matrix_test"].take();
    }
    assert_eq!(one, other);
}

#[test]
fn streamed_fits_print_the_same() {
    for (file, formula, rest) in [
        (
            "spector.csv",
            "grade ~ gpa + tuce + psi",
            vec!["--family", "binomial"],
        ),
        (
            "longley.csv",
            "totemp ~ gnpdefl + gnp + unemp + armed + pop + year",
            vec!["--family", "gaussian", "--robust", "hc3"],
        ),
        (
            "beetle.csv",
            "killed ~ dose",
            vec![
                "--family", "binomial", "--link", "cloglog", "--trials", "n", "--robust", "hc2",
            ],
        ),
        ("clotting.csv", "lot1 ~ log(u)", vec!["--family", "gamma"]),
    ] {
        let path = data(file);
        let mut arguments = vec!["fit", &path, formula];
        arguments.extend(rest);
        let memory = json(&arguments);
        arguments.push("--stream");
        same(json(&arguments), memory.clone());
        arguments.push("--information-matrix-test");
        assert_eq!(json(&arguments), memory);
    }
}

#[cfg(not(feature = "object-store"))]
#[test]
fn addresses_name_the_feature_that_reads_them() {
    for address in [
        "s3://bucket/*.csv",
        "gs://bucket/a.csv",
        "az://box/a.parquet",
    ] {
        crate::refusals::says(
            &["fit", address, "y ~ x", "--family", "gaussian"],
            &[
                &format!("{address}: objects of a store are read by a build with the feature"),
                "cargo install --path crates/fisherinfo-cli --features object-store",
            ],
        );
    }
}

#[test]
fn a_pattern_of_compressed_files() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read_to_string(data("spector.csv")).unwrap();
    let (header, rows) = whole.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    for (i, rows) in rows.chunks(9).enumerate() {
        let text = format!("{header}\n{}\n", rows.join("\n"));
        let file = std::fs::File::create(folder.path().join(format!("{i}.csv.gz"))).unwrap();
        let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap();
    }
    let pattern = folder.path().join("*.csv.gz");
    let formula = "grade ~ gpa + tuce + psi";
    let rest = ["--family", "binomial"];
    let one = data("spector.csv");
    let memory = json(&[&["fit", &one, formula][..], &rest].concat());
    let streamed = json(&[&["fit", pattern.to_str().unwrap(), formula][..], &rest].concat());
    same(streamed, memory.clone());
    // Named one by one, as a shell names them.
    let paths: Vec<String> = (0..4)
        .map(|i| {
            folder
                .path()
                .join(format!("{i}.csv.gz"))
                .display()
                .to_string()
        })
        .collect();
    let mut arguments = vec!["fit"];
    arguments.extend(paths.iter().map(String::as_str));
    arguments.push(formula);
    arguments.extend(rest);
    same(json(&arguments), memory);
    let shown = text(&arguments);
    assert!(
        shown.contains("Information-matrix test: none; of streamed rows it is made with"),
        "{shown}"
    );
}

fn refused(arguments: &[&str]) -> String {
    let output = fisher(arguments).assert().code(2).get_output().clone();
    assert!(output.stdout.is_empty());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!message.contains("panicked"), "{message}");
    message
        .split_whitespace()
        .filter(|word| *word != "│")
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn one_error_each_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("a.csv"), "y,x\n1,2\n0,3\n1,1\n").unwrap();
    std::fs::write(path("b.csv"), "y,x\n1,2\n0,3\n3,1\n").unwrap();
    let fit = |file: &str| refused(&["fit", file, "y ~ x", "--family", "binomial", "--stream"]);
    let message = fit(&path("[ab].csv"));
    assert!(
        message.contains("b.csv, line 4: the response is 3"),
        "{message}"
    );
    let message = fit(&path("*.parquet"));
    assert!(message.contains("no file matches"), "{message}");
    std::fs::write(path("c.parquet"), "PAR1").unwrap();
    let message = fit(&path("c.parquet"));
    if cfg!(feature = "columnar") {
        assert!(message.contains("is no Parquet file"), "{message}");
    } else {
        assert!(message.contains("with the feature `columnar`"), "{message}");
    }
    std::fs::write(path("d.csv.gz"), [0x1f, 0x8b, 8, 0, 0, 0]).unwrap();
    let message = fit(&path("d.csv.gz"));
    assert!(
        message.contains("the compressed data break off"),
        "{message}"
    );
}

/// A table on which a fit takes a while: several hundred thousand rows.
fn large(path: &Path) {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    writeln!(out, "y,a,b,c").unwrap();
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    for _ in 0..400_000 {
        let (a, b, c) = (next(), next(), next());
        let y = f64::from(next() < 1.0 / (1.0 + (-(a - 2.0 * b + c)).exp()));
        writeln!(out, "{y},{a},{b},{c}").unwrap();
    }
}

/// Ctrl-C after an iteration ends the command with 130 and leaves a state, from which the same command
/// goes on to the same bits; another command is told that the state is not its own.
#[cfg(unix)]
#[test]
fn interrupted_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("large.csv");
    large(&table);
    let (table, state) = (table.to_str().unwrap(), folder.path().join("state.json"));
    let arguments = ["fit", table, "y ~ a + b + c", "--family", "binomial"];
    let resume = [&arguments[..], &["--resume", state.to_str().unwrap()]].concat();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("fisher"))
        .args(&resume)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while !state.exists() {
        assert!(began.elapsed() < Duration::from_secs(120));
        assert!(
            child.try_wait().unwrap().is_none(),
            "ended before it was interrupted"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{message}");
    assert!(output.stdout.is_empty());
    assert!(message.contains("interrupted after"), "{message}");
    let kept: Value = serde_json::from_slice(&std::fs::read(&state).unwrap()).unwrap();
    assert!(kept["iteration"].as_u64().unwrap() >= 1);

    let other = refused(&[
        "fit",
        table,
        "y ~ a + b",
        "--family",
        "binomial",
        "--resume",
        state.to_str().unwrap(),
    ]);
    assert!(other.contains("it is the state of another fit"), "{other}");

    let gone_on = json(&resume);
    assert!(!state.exists(), "a state is left behind");
    let streamed = json(&[&arguments[..], &["--stream"]].concat());
    assert_eq!(gone_on, streamed);
    assert!((numbers(&gone_on["coefficients"])[2] + 2.0).abs() < 0.1);

    std::fs::write(&state, "{}").unwrap();
    let message = refused(&resume);
    assert!(message.contains("it is no state of a fit"), "{message}");
}

/// A table that is piped in is read once, and only in memory.
#[cfg(unix)]
#[test]
fn a_pipe() {
    let spector = std::fs::read(data("spector.csv")).unwrap();
    let fit = |rest: &[&str]| {
        let formula = "grade ~ gpa + tuce + psi";
        let arguments = [
            "fit",
            "/dev/stdin",
            formula,
            "--family",
            "binomial",
            "--json",
        ];
        fisher(&[&arguments[..], rest].concat())
            .write_stdin(spector.clone())
            .assert()
    };
    let output = fit(&[]).success().get_output().stdout.clone();
    let found: Value = serde_json::from_slice(&output).unwrap();
    assert_eq!(found["n"], 32);
    let message = fit(&["--stream"]).code(2).get_output().stderr.clone();
    let message = String::from_utf8(message).unwrap();
    assert!(message.contains("rows of a pipe"), "{message}");
}

/// Tests, intervals and a reference that was named are those of the rows in memory.
#[test]
fn streamed_terms_are_tested_alike() {
    let path = data("spector.csv");
    let formula = "grade ~ gpa + tuce + C(psi, Treatment(1))";
    let rest = "--family binomial --test all --intervals profile --information-matrix-test";
    let mut arguments = vec!["fit", &path, formula];
    arguments.extend(rest.split(' '));
    let memory = json(&arguments);
    assert_eq!(memory["terms"][3], "C(psi, Treatment(\"1\"))[0]");
    arguments.push("--stream");
    assert_eq!(json(&arguments), memory);
}

/// A fit of streamed rows is saved as that of the same rows in memory.
#[test]
fn streamed_fits_are_saved_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = data("spector.csv");
    let saved = |name: &str, more: &[&str]| {
        let file = folder.path().join(name);
        let formula = "grade ~ gpa + C(psi)";
        let mut arguments = vec!["fit", &path, formula, "--family", "binomial", "--save"];
        arguments.push(file.to_str().unwrap());
        arguments.extend(more);
        text(&arguments);
        std::fs::read_to_string(&file).unwrap()
    };
    assert_eq!(saved("streamed", &["--stream"]), saved("memory", &[]));
}

/// What rows bring beside their terms, and fits that estimate more than coefficients, print the same.
#[test]
fn streamed_options_print_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wards.csv").display().to_string();
    let mut table = String::from("count,alive,food,dose,days,mice,half,ward\n");
    let mut state = 12_345_u64;
    let mut next = |most: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % most
    };
    for i in 0..160 {
        let dose = next(40) as f64 / 10.0;
        let count = next(4) * next(5) + u64::from(dose > 2.0);
        let alive = if next(40) as f64 > 10.0 * dose {
            "yes"
        } else {
            "no"
        };
        let food = ["bird", "fish", "snail"][next(3) as usize];
        let missing = if i % 50 == 7 { "" } else { "1.5" };
        table.push_str(&format!(
            "{count},{alive},{food},{dose},{},{},{missing},w{}\n",
            1 + next(9),
            next(3),
            next(11)
        ));
    }
    std::fs::write(&path, table).unwrap();
    let counts = "count ~ dose + offset(log(days))";
    for (formula, rest) in [
        (counts, "--family poisson --cluster ward"),
        (
            counts,
            "--family poisson --offset half --missing drop --weights days",
        ),
        (
            counts,
            "--family negative-binomial --frequency-weights mice",
        ),
        (counts, "--family poisson --ridge 0.1"),
        (
            counts,
            "--family poisson --elastic-net 0.1,0.5 --weights days",
        ),
        (
            "alive ~ dose",
            "--family binomial --frequency-weights mice --cluster ward",
        ),
        ("alive ~ dose", "--family binomial --success no"),
        ("alive ~ dose", "--family binomial --firth"),
        (
            "mice ~ dose",
            "--family binomial --trials days --missing drop",
        ),
        ("food ~ dose", "--family multinomial --reference fish"),
    ] {
        let mut arguments = vec!["fit", &path, formula];
        arguments.extend(rest.split(' '));
        if rest.contains("--trials") {
            // As many trials as there are successes, at least.
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text.replace(",1,2,", ",3,2,")).unwrap();
        }
        let memory = json(&arguments);
        arguments.push("--stream");
        let streamed = json(&arguments);
        same(streamed, memory);
    }
}

/// Checkpoints are of plain fits.
#[test]
fn fits_of_several_searches_do_not_resume() {
    let path = data("spector.csv");
    for (option, rest) in [
        ("--firth", "--family binomial --firth"),
        ("--ridge", "--family binomial --ridge 0.1"),
        ("--elastic-net", "--family binomial --elastic-net 0.1,0.5"),
        ("--family negative-binomial", "--family negative-binomial"),
        ("--family multinomial", "--family multinomial"),
    ] {
        let mut arguments = vec!["fit", &path, "grade ~ gpa", "--resume", "state.json"];
        arguments.extend(rest.split(' '));
        let shown = refused(&arguments);
        assert!(shown.contains(option), "{rest}: {shown}");
        assert!(shown.contains("leave --resume out"), "{rest}: {shown}");
    }
}
