//! Wrong input: exit code 2, one message that names the place, nothing on the output.

use crate::{data, fisher};

/// The message, with the wrapping of the terminal taken out.
pub(crate) fn refusal(arguments: &[&str]) -> String {
    let output = fisher(arguments).assert().code(2).get_output().clone();
    assert!(output.stdout.is_empty(), "half an answer: {arguments:?}");
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!message.contains("panicked"), "{message}");
    let words: Vec<&str> = message
        .split_whitespace()
        .filter(|word| !["│", "╰─▶"].contains(word))
        .collect();
    words.join(" ")
}

pub(crate) fn says(arguments: &[&str], parts: &[&str]) {
    let message = refusal(arguments);
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
}

/// Writes a table and fits it.
fn refused_table(csv: &str, formula: &str, family: &str, parts: &[&str]) {
    refused_bytes(csv.as_bytes(), formula, family, parts);
}

fn refused_bytes(csv: &[u8], formula: &str, family: &str, parts: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, csv).unwrap();
    says(
        &["fit", path.to_str().unwrap(), formula, "--family", family],
        parts,
    );
    // Nothing was left behind.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn files() {
    says(
        &["fit", "no-such.csv", "y ~ a", "--family", "poisson"],
        &["no-such.csv", "no such file"],
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    says(
        &["fit", path, "y ~ a", "--family", "poisson"],
        &["this is a folder"],
    );
    refused_table("", "y ~ a", "poisson", &["t.csv", "the file is empty"]);
    refused_table("y,a\n", "y ~ a", "poisson", &["t.csv", "no rows"]);
    refused_table(
        "y,a\n1,2\n3\n",
        "y ~ a",
        "poisson",
        &["t.csv", "line 3", "1 cells"],
    );
    refused_table("y,y\n1,2\n", "y ~ 1", "poisson", &["t.csv", "`y`"]);
    refused_bytes(b"y,a\n1,\xff\n", "y ~ a", "poisson", &["t.csv", "line 2"]);
}

#[test]
fn cells() {
    refused_table(
        "y,a\n1,2\n2,3x\n3,4\n",
        "y ~ a",
        "poisson",
        &["t.csv", "line 3", "column a", "\"3x\" is not a number"],
    );
    refused_table(
        "y,a,b\n1,2,1\n2,,2\n3,4,NA\n",
        "y ~ a + b",
        "poisson",
        &[
            "t.csv",
            "2 of 3 rows",
            "`a`: 1 (first on line 3)",
            "`b`: 1 (first on line 4)",
            "--missing drop",
        ],
    );
    refused_table(
        "y,a\n1,2\n2,inf\n3,4\n",
        "y ~ a",
        "poisson",
        &["t.csv", "line 3", "column a", "inf is not a finite number"],
    );
    refused_table(
        "y,a\n1,2\n2,-3\n3,4\n",
        "y ~ log(a)",
        "poisson",
        &["t.csv", "line 3", "log(a) is NaN where a = -3"],
    );
}

#[test]
fn responses_outside_the_support() {
    for (family, value, why) in [
        ("binomial", "2", "0 or 1"),
        ("binomial", "0.5", "0 or 1"),
        ("poisson", "-1", "poisson response"),
        ("poisson", "1.5", "poisson response"),
        ("gamma", "0", "gamma response"),
    ] {
        let csv = format!("y,a\n1,2\n1,5\n{value},3\n1,4\n1,9\n");
        refused_table(
            &csv,
            "y ~ a",
            family,
            &["t.csv, line 4", &format!("response is {value}"), why],
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, "y,m,a\n1,2,2\n3,2,5\n1,2,3\n").unwrap();
    let path = path.to_str().unwrap();
    says(
        &[
            "fit", path, "y ~ a", "--family", "binomial", "--trials", "m",
        ],
        &["line 3", "response is 3"],
    );
    says(
        &["fit", path, "y ~ a", "--family", "poisson", "--trials", "m"],
        &["trials belong to the binomial family"],
    );
    says(
        &[
            "fit", path, "y ~ a", "--family", "binomial", "--trials", "mm",
        ],
        &["no column `mm`", "`m`"],
    );
}

#[test]
fn fewer_rows_than_terms() {
    refused_table(
        "a,y\n1,2\n2,3\n",
        "y ~ a + I(a**2) + I(a**3)",
        "gaussian",
        &["2 observations", "4 coefficients"],
    );
}

#[test]
fn separation() {
    let complete = "a,b,y\n1,2,0\n2,4,0\n3,7,0\n4,8,1\n5,3,1\n6,9,1\n";
    refused_table(
        complete,
        "y ~ a",
        "binomial",
        &["complete separation", "a tells the response of 6 of 6"],
    );
    let quasi = "a,y\n1,0\n2,0\n3,0\n3,1\n4,1\n5,1\n";
    refused_table(
        quasi,
        "y ~ a",
        "binomial",
        &["quasi", "a tells the response of 4 of 6"],
    );
    // A group without a single event.
    let group = "g,x,y\na,1,0\na,2,0\na,3,0\na,4,0\nb,1,1\nb,2,0\nb,3,1\nb,4,0\n";
    refused_table(group, "y ~ x + g", "binomial", &["separation", "g[b]"]);
    refused_table(group, "y ~ x + g", "poisson", &["g[b]"]);
}

#[test]
fn models() {
    let spector = data("spector.csv");
    let fit = |formula: &str, rest: &[&str], parts: &[&str]| {
        let mut arguments = vec!["fit", &spector, formula];
        arguments.extend(rest);
        says(&arguments, parts);
    };
    let binomial = ["--family", "binomial"];
    fit(
        "grade ~ gpa + tcue",
        &binomial,
        &["no column `tcue`", "tuce"],
    );
    fit("grade ~ gpa +", &binomial, &["column 14", "expected"]);
    fit("~ gpa", &binomial, &["column 1"]);
    fit("grade", &binomial, &["~"]);
    fit(
        "grade ~ gpa",
        &["--family", "binomal"],
        &["no regression family `binomal`", "`binomial`"],
    );
    fit(
        "grade ~ gpa",
        &["--family", "binomial", "--link", "logt"],
        &["no link `logt`", "`logit`"],
    );
    fit("grade ~ foo(gpa)", &binomial, &["unknown function `foo`"]);
    fit(
        "gpa ~ tuce",
        &["--family", "gamma", "--link", "logit"],
        &["spector.csv"],
    );
    let plot = |name: &str, rest: &[&str], parts: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let mut with = vec!["--family", "binomial", "--plot", path.to_str().unwrap()];
        with.extend(rest);
        fit("grade ~ gpa + tuce", &with, parts);
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            0,
            "{name}"
        );
    };
    plot("fit.pdf", &[], &["fit.pdf", ".svg or .png"]);
    plot("none/fit.svg", &[], &["cannot be written", "fit.svg"]);
    plot(
        "fit.svg",
        &["--ellipse", "gpa"],
        &["--ellipse gpa", "name two terms"],
    );
    plot(
        "fit.svg",
        &["--ellipse", "gpa,tcue"],
        &["no term `tcue`", "`tuce`"],
    );
    plot(
        "fit.svg",
        &["--ellipse", "gpa,gpa"],
        &["two different terms"],
    );
}

#[test]
fn points() {
    for (arguments, parts) in [
        (
            &["info", "gauss", "mu=1"][..],
            &["no family `gauss`", "`gaussian`"][..],
        ),
        (&["info", "zzzz"], &["no family `zzzz`", "fisher families"]),
        (&["info", "bernoulli"], &["p is missing", "p=0.3"]),
        (
            &["info", "bernoulli", "q=0.3"],
            &["q is not a parameter of this family, which has: p"],
        ),
        (
            &["info", "bernoulli", "p=0.3", "p=0.4"],
            &["p is given twice"],
        ),
        (
            &["info", "bernoulli", "p"],
            &["`p` is not of the form name=value"],
        ),
        (&["info", "bernoulli", "p=x"], &["`x` is not a value"]),
        (
            &["info", "bernoulli", "p=[0.1,0.2]"],
            &["p has to be a number"],
        ),
        (
            &["info", "bernoulli", "p=1"],
            &[
                "p = 1 is outside its space",
                "(0, 1)",
                "grows without bound, like (distance to 1)^-1",
            ],
        ),
        (&["info", "bernoulli", "p=nan"], &["p = NaN is outside"]),
        (
            &["info", "exponential", "rate=inf"],
            &["rate = inf is outside", "(0, ∞)"],
        ),
        (
            &["info", "exponential", "rate=-1"],
            &["rate = -1 is outside"],
        ),
        (
            &["info", "normal", "mu=0", "sigma=0"],
            &["sigma = 0 is outside"],
        ),
        (
            &["info", "normal-location", "mu=0", "sigma=-1"],
            &["sigma has to be a finite number > 0"],
        ),
        (
            &["info", "binomial", "trials=2.5", "p=0.5"],
            &["whole number"],
        ),
        (
            &["info", "categorical", "p=[0.5,0.6]"],
            &["sum to 1", "1.1"],
        ),
        (
            &["info", "mvnormal", "mean=[0,0]", "cov=[[1,2],[2,1]]"],
            &["not positive definite", "minor 2"],
        ),
        (
            &["info", "mvnormal", "mean=[0,0]", "cov=[[1,2],[3,1]]"],
            &["symmetric", "(2, 1) and (1, 2)"],
        ),
        (
            &["info", "mvnormal", "mean=[0,0]", "cov=[[1]]"],
            &["2 × 2 matrix"],
        ),
        (
            &["info", "bernoulli", "p=0.3", "--n", "-4"],
            &["number of observations"],
        ),
        (
            &["info", "bernoulli", "p=0.3", "--coordinates", "logt"],
            &["no coordinates `logt`", "logit"],
        ),
        (
            &["info", "bernoulli", "p=0.3", "--kl", "0.8"],
            &["--kl", "p = 1.1 is outside"],
        ),
        (
            &["info", "normal", "mu=0", "sigma=1", "--kl", "0.8"],
            &["1 numbers", "2 parameters"],
        ),
        (
            &[
                "info",
                "poisson",
                "rate=3",
                "--method",
                "monte-carlo",
                "--draws",
                "1",
            ],
            &["from two to 10^10 draws"],
        ),
    ] {
        says(arguments, parts);
    }
}

#[test]
fn fits_without_an_answer() {
    // A response computed from the term, and a constant one.
    refused_table(
        "y,a\n3,1\n5,2\n7,3\n9,4\n",
        "y ~ a",
        "gaussian",
        &["the fit is perfect"],
    );
    refused_table(
        "y,a\n2,1\n2,2\n2,3\n2,5\n",
        "y ~ a",
        "gaussian",
        &["the fit is perfect"],
    );
    // Units that no square survives.
    for exponent in ["200", "-200"] {
        let rows: String = [1.0, 2.0, 3.0, 4.0, 5.5]
            .iter()
            .map(|x| format!("{},{x}e{exponent}\n", (x * 3.7_f64).sin()))
            .collect();
        refused_table(
            &format!("y,a\n{rows}"),
            "y ~ a",
            "gaussian",
            &["t.csv", "other units"],
        );
    }
}

/// One row far from all others hides nothing: the rows overlap, so there is an estimate.
#[test]
fn an_outlier_is_no_separation() {
    let mut csv = String::from("y,x\n");
    for i in 0..100 {
        let x = f64::from(i % 17) - 8.0 + 0.1 * f64::from(i % 5);
        let y = u8::from((i * 7 + i / 3) % 3 == 0);
        csv.push_str(&format!("{y},{x}\n"));
    }
    csv.push_str("1,3e10\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, csv).unwrap();
    let output = fisher(&[
        "fit",
        path.to_str().unwrap(),
        "y ~ x",
        "--family",
        "binomial",
    ])
    .output()
    .unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(!message.contains("separation"), "{message}");
}

/// Clusters are another build, and of the options with them those are refused that are not made there.
#[test]
fn a_cluster_that_is_not_built_in_is_said() {
    let message = |arguments: &[&str]| {
        let output = fisher(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, "y,x,g\n1,2,a\n3,4,b\n5,5,a\n").unwrap();
    let fit = |more: &[&str]| {
        let path = path.to_str().unwrap();
        let usual = ["fit", path, "y ~ x", "--family", "poisson"];
        let on = ["--cluster", "df://127.0.0.1:1"];
        message(&[&usual[..], &on, more].concat())
    };
    let said = fit(&["--cluster", "g"]);
    assert!(
        said.contains("cluster-robust") && said.contains("one machine"),
        "{said}"
    );
    let said = fit(&["--firth"]);
    assert!(said.contains("--firth is not made on a cluster"), "{said}");
    if cfg!(not(feature = "cluster")) {
        for said in [fit(&[]), message(&["cluster", "scheduler", "--port", "1"])] {
            assert!(said.contains("--features cluster"), "{said}");
        }
    }
}
