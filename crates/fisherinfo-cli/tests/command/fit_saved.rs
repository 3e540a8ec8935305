//! Fits that are saved, and what reads them.

use crate::fit_inference::{BUDWORM, File, refusal};
use crate::{assert_close, json, numbers, text};
#[test]
fn a_fit_is_saved_and_predicts() {
    let file = File::new("budworm.csv", BUDWORM);
    let saved = file.beside("fit.json");
    let fit = json(&[
        "fit",
        file.path(),
        "dead ~ sex*ldose",
        "--family",
        "binomial",
        "--trials",
        "n",
        "--cluster",
        "ldose",
        "--save",
        &saved,
    ]);
    let stored: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&saved).unwrap()).unwrap();
    assert_eq!(stored["version"], 1);
    assert_eq!(stored["source"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(stored["trials"], "n");
    assert_close(
        &numbers(&stored["coefficients"]),
        &numbers(&fit["coefficients"]),
    );
    // Nothing is left beside it.
    let files = std::fs::read_dir(file.folder.path()).unwrap().count();
    assert_eq!(files, 2);

    let new = file.beside("new.csv");
    std::fs::write(&new, "ldose,sex\n0,F\n3.4,M\n").unwrap();
    let predicted = json(&["predict", &saved, &new]);
    let intercept = fit["coefficients"][0].as_f64().unwrap();
    let error = fit["standard_errors"]["expected"][0].as_f64().unwrap();
    let logistic = |eta: f64| 1.0 / (1.0 + (-eta).exp());
    let q = 1.959963984540054;
    let first = |key: &str| predicted[key][0].as_f64().unwrap();
    assert_close(
        &[first("mean"), first("lower"), first("upper")],
        &[
            logistic(intercept),
            logistic(intercept - q * error),
            logistic(intercept + q * error),
        ],
    );
    let b = numbers(&fit["coefficients"]);
    let male = b[0] + b[1] + 3.4 * (b[2] + b[3]);
    assert_close(&[predicted["predictor"][1].as_f64().unwrap()], &[male]);
    let robust = json(&["predict", &saved, &new, "--covariance", "cluster"]);
    assert_close(
        &[robust["predictor_standard_error"][0].as_f64().unwrap()],
        &[fit["standard_errors"]["cluster"][0].as_f64().unwrap()],
    );
    let shown = text(&["predict", &saved, &new]);
    assert!(
        shown.contains("the mean is that of the proportion of successes"),
        "{shown}"
    );
    let csv = text(&["predict", &saved, &new, "--csv"]);
    assert!(
        csv.starts_with("line,predictor,mean,standard_error,lower,upper\n2,"),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 3);

    std::fs::write(&new, "ldose,sex\n0,F\n3.4,X\n").unwrap();
    let message = refusal(&["predict", &saved, &new]);
    assert!(
        message.contains("new.csv, line 3, column sex: the fit knows no category `X`"),
        "{message}"
    );
    std::fs::write(&new, "sex\nF\n").unwrap();
    let message = refusal(&["predict", &saved, &new]);
    assert!(
        message.contains("new.csv has no column `ldose`"),
        "{message}"
    );
    let message = refusal(&["predict", file.path(), &new]);
    assert!(
        message.contains("budworm.csv: this is no saved fit"),
        "{message}"
    );
    let message = refusal(&["predict", &file.beside("none.json"), &new]);
    assert!(message.contains("none.json cannot be read"), "{message}");
}

/// A design at the estimates of a fit is the one at the same values typed.
#[test]
fn a_design_reads_a_saved_fit() {
    let file = File::new("budworm.csv", BUDWORM);
    let saved = file.beside("fit.json");
    let fit = json(&[
        "fit",
        file.path(),
        "dead ~ sex + ldose",
        "--family",
        "binomial",
        "--trials",
        "n",
        "--link",
        "probit",
        "--save",
        &saved,
    ]);
    let b = numbers(&fit["coefficients"]);
    let typed = format!("Intercept={},sex[M]={},ldose={}", b[0], b[1], b[2]);
    let read = json(&["design", file.path(), "~ sex + ldose", "--at", &saved]);
    let wanted = json(&[
        "design",
        file.path(),
        "~ sex + ldose",
        "--at",
        &typed,
        "--family",
        "binomial",
        "--link",
        "probit",
    ]);
    assert_eq!(read["family"], "binomial");
    assert_eq!(read["link"], "probit");
    assert!(read["information"].is_array() && read["certificate"].is_object());
    assert_eq!(read["information"], wanted["information"]);
    assert_eq!(read["certificate"], wanted["certificate"]);
    let message = refusal(&[
        "design",
        file.path(),
        "~ sex + ldose",
        "--at",
        "nothing.json",
    ]);
    assert!(message.contains("nothing.json cannot be read"), "{message}");
}
