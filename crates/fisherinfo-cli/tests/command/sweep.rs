//! `fisher info --sweep`.

use crate::refusals::says;
use crate::{assert_close, json, text};
use serde_json::Value;

fn at(value: &Value, which: &str) -> f64 {
    value[which]["at"].as_f64().unwrap()
}

/// Exercise 1.3: the answer turns over with the coordinates.
#[test]
fn a_coin_in_its_coordinates() {
    let own = json(&["info", "bernoulli", "--sweep", "p=0.01:0.99"]);
    assert_eq!(own["points"].as_array().unwrap().len(), 50);
    assert!((at(&own, "least") - 0.5).abs() < 1e-6);
    assert_close(&[own["least"]["value"].as_f64().unwrap()], &[4.0]);
    assert_eq!(own["greatest"]["end_of_range"], true);
    for end in own["ends"].as_array().unwrap() {
        assert_eq!(end["behaviour"], "diverges");
        assert!((end["power"].as_f64().unwrap() + 1.0).abs() < 1e-3);
    }
    let logit = json(&[
        "info",
        "bernoulli",
        "--sweep",
        "p=0.01:0.99",
        "--coordinates",
        "logit",
        "--n",
        "3",
    ]);
    assert!((at(&logit, "greatest") - 0.5).abs() < 1e-6);
    assert_close(&[logit["greatest"]["value"].as_f64().unwrap()], &[0.75]);
    assert_eq!(logit["ends"][0]["behaviour"], "vanishes");
    let others = own["other_coordinates"].as_array().unwrap();
    let arcsine = others
        .iter()
        .find(|other| other["coordinates"] == "arcsine")
        .unwrap();
    assert_eq!(arcsine["constant"], true);
    let shown = text(&["info", "bernoulli", "--sweep", "p=0.01:0.99"]);
    for part in [
        "Least     4 at p = 0.5",
        "p → 0: grows without bound, like (distance to 0)^-1",
        "The answer depends on the coordinates",
        "25 of 50 points",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
}

#[test]
fn ends_entries_and_formats() {
    // The ends of the space are left out of the table.
    let whole = json(&["info", "bernoulli", "--sweep", "p=0:1:3"]);
    let places: Vec<f64> = whole["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point["at"].as_f64().unwrap())
        .collect();
    assert_close(&places, &[0.25, 0.5, 0.75]);
    let csv = text(&[
        "info",
        "exponential",
        "--sweep",
        "rate=1:100:3",
        "--log",
        "--csv",
    ]);
    assert!(
        csv.starts_with("rate,I(rate),error\r\n1,1,0\r\n10"),
        "{csv}"
    );
    assert!(csv.ends_with("100,0.0001,0\r\n"), "{csv}");
    let entry = json(&[
        "info",
        "gamma",
        "shape=2",
        "--sweep",
        "rate=1:4:4",
        "--entry",
        "shape,rate",
    ]);
    assert_close(&[entry["points"][3]["value"].as_f64().unwrap()], &[-0.25]);
    let volume = json(&[
        "info",
        "normal",
        "mu=0",
        "--sweep",
        "sigma=1:2:2",
        "--entry",
        "determinant",
        "--n",
        "10",
    ]);
    assert_close(
        &[volume["points"][1]["value"].as_f64().unwrap()],
        &[200.0 / 16.0],
    );
    let vector = json(&[
        "info",
        "categorical",
        "p=[0.2,0.3,0.5]",
        "--sweep",
        "p1=0.1:0.6:4",
    ]);
    assert_eq!(vector["swept"], "p1");
    let coordinate = json(&[
        "info",
        "bernoulli",
        "p=0.5",
        "--coordinates",
        "logit",
        "--sweep",
        "logit(p)=-3:2.5:6",
    ]);
    assert!(at(&coordinate, "greatest").abs() < 1e-6);
    let typed = json(&[
        "info",
        "--log-density",
        "log(p) + x*log1p(-p)",
        "--support",
        "{0,1,...}",
        "--domain",
        "p=0:1",
        "--sweep",
        "p=0.2:0.9:8",
    ]);
    assert!((at(&typed, "least") - 2.0 / 3.0).abs() < 1e-4);
}

#[test]
fn figures() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["sweep.svg", "sweep.png"] {
        let path = folder.path().join(name);
        text(&[
            "info",
            "bernoulli",
            "--sweep",
            "p=0.01:0.99",
            "--plot",
            path.to_str().unwrap(),
        ]);
        let bytes = std::fs::read(path).unwrap();
        if name.ends_with("svg") {
            let figure = String::from_utf8(bytes).unwrap();
            assert!(
                figure.contains("I(p)") && figure.contains("without bound toward both ends"),
                "{figure}"
            );
        } else {
            assert!(bytes.starts_with(b"\x89PNG"));
        }
    }
}

#[test]
fn what_is_refused() {
    for (arguments, parts) in [
        (
            &["info", "bernoulli", "--sweep", "p=0.3"][..],
            &["a range has two ends", "p=0.01:0.99:50"][..],
        ),
        (
            &["info", "bernoulli", "--sweep", "0.3:0.4"],
            &["does not say what runs"],
        ),
        (
            &["info", "bernoulli", "--sweep", "p=0.9:0.1"],
            &["0.9 is not below 0.1"],
        ),
        (
            &["info", "bernoulli", "--sweep", "p=0:x"],
            &["`x` is no finite number"],
        ),
        (
            &["info", "bernoulli", "--sweep", "p=0:inf"],
            &["`inf` is no finite number"],
        ),
        (
            &["info", "bernoulli", "--sweep", "p=0.1:0.2:1"],
            &["from 2 to 100000"],
        ),
        (
            &["info", "bernoulli", "--sweep", "p=0.1:1.5"],
            &["is outside its space"],
        ),
        (
            &["info", "bernoulli", "--sweep", "q=0.1:0.5"],
            &["q is not a parameter"],
        ),
        (
            &["info", "bernoulli", "p=0.3", "--sweep", "q=0.1:0.5"],
            &["no parameter `q`"],
        ),
        (
            &["info", "normal", "mu=0", "--sweep", "sigma=-1:5", "--log"],
            &["positive"],
        ),
        (
            &[
                "info",
                "normal",
                "mu=0",
                "--sweep",
                "sigma=1:5",
                "--entry",
                "mu,tau",
            ],
            &["no parameter `mu,tau`", "determinant"],
        ),
        (&["info", "bernoulli", "p=0.3", "--csv"], &["--sweep"]),
    ] {
        says(arguments, parts);
    }
}
