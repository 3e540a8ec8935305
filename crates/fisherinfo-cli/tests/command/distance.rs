use crate::{assert_close, fisher, json, numbers, text};

#[test]
fn two_normals() {
    let value = json(&["distance", "normal", "mu=0,sigma=1", "mu=2,sigma=3"]);
    let distance = 2f64.sqrt() * 2f64.acosh();
    assert_close(&[value["distance"].as_f64().unwrap()], &[distance]);
    assert_eq!(value["method"], "closed form");
    assert_eq!(value["agreement"]["agree"], true);
    assert!(value["agreement"]["error"].as_f64().unwrap() < 1e-10);
    assert_eq!(value["from"]["sigma"], 1.0);
    assert_eq!(value["to"]["mu"], 2.0);
    // ln 3 + (1 + 4)/18 − ½, and ln ⅓ + (9 + 4)/2 − ½.
    let kl = [&value["kl"]["from_to"], &value["kl"]["to_from"]].map(|v| v.as_f64().unwrap());
    assert_close(&kl, &[3f64.ln() + 5.0 / 18.0 - 0.5, 6.0 - 3f64.ln()]);
    for end in 0..2 {
        assert_close(
            &[value["curvature"][end]["scalar"].as_f64().unwrap()],
            &[-1.0],
        );
        assert_close(
            &[value["curvature"][end]["gaussian"].as_f64().unwrap()],
            &[-0.5],
        );
    }
    assert!(value.get("geodesic").is_none());
}

#[test]
fn the_path_in_other_coordinates() {
    let arguments = [
        "distance",
        "exponential",
        "rate=2",
        "rate=8",
        "--geodesic",
        "3",
    ];
    let value = json(&arguments);
    let middle = &value["geodesic"]["points"][1];
    assert_eq!(middle["t"], 0.5);
    assert_close(&numbers(&middle["point"]), &[4.0]);
    let mut with = arguments.to_vec();
    with.extend(["--coordinates", "log-rate"]);
    let value = json(&with);
    assert_eq!(value["geodesic"]["coordinates"], "log-rate");
    assert_close(
        &numbers(&value["geodesic"]["points"][1]["point"]),
        &[4f64.ln()],
    );
    assert!(value["curvature"].is_null());
}

#[test]
fn without_a_formula_and_with_matrices() {
    let shown = text(&["distance", "gamma", "shape=2 rate=1", "shape=5 rate=1"]);
    assert!(shown.contains("path of least energy"));
    assert!(shown.contains("no formula is known"));
    let value = json(&[
        "distance",
        "mvnormal-full",
        "mean=[0,0] cov=[[1,0],[0,1]]",
        "mean=[0,0], cov=[[4,0], [0,1]]",
    ]);
    assert_close(
        &[value["distance"].as_f64().unwrap()],
        &[4f64.ln() / 2f64.sqrt()],
    );
    assert_eq!(value["agreement"]["agree"], true);
}

#[test]
fn refusals() {
    for (arguments, message) in [
        (
            vec!["binomial", "trials=10,p=0.2", "trials=11,p=0.2"],
            "give trials the same value",
        ),
        (
            vec!["normal", "mu=0,sigma=-1", "mu=2,sigma=3"],
            "sigma = -1 is outside",
        ),
        (vec!["normal", "mu=0,sigma", "mu=2,sigma=3"], "name=value"),
        (
            vec![
                "gamma",
                "shape=2,rate=1",
                "shape=5,rate=1",
                "--method",
                "closed",
            ],
            "no closed form",
        ),
        (vec!["poison", "rate=1", "rate=2"], "did you mean `poisson`"),
        (
            vec![
                "normal",
                "mu=0,sigma=1",
                "mu=2,sigma=3",
                "--geodesic",
                "3",
                "--coordinates",
                "logit",
            ],
            "no coordinates",
        ),
    ] {
        let mut all = vec!["distance"];
        all.extend(arguments);
        let output = fisher(&all).assert().code(2).get_output().clone();
        assert!(output.stdout.is_empty());
        let said = String::from_utf8(output.stderr).unwrap();
        let said = said
            .split_whitespace()
            .filter(|w| *w != "│")
            .collect::<Vec<_>>()
            .join(" ");
        assert!(said.contains(message), "{said}");
    }
}
