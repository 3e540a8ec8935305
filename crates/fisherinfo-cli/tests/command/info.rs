use crate::{assert_close, fisher, json, numbers, text};

#[test]
fn a_coin() {
    let value = json(&["info", "bernoulli", "p=0.3"]);
    assert_eq!(value["family"], "bernoulli");
    assert_eq!(value["parameters"]["p"], 0.3);
    assert_eq!(value["coordinates"], "p");
    assert_eq!(value["n"], 1.0);
    assert_close(&numbers(&value["information"][0]), &[1.0 / 0.21]);
    assert_close(&numbers(&value["cramer_rao"][0]), &[0.21]);
    assert_close(&numbers(&value["eigenvalues"]), &[1.0 / 0.21]);
    assert_eq!(value["method"], "closed form");
    assert_eq!(value["agreement"]["routes"]["agree"], true);
    assert_eq!(value["agreement"]["definitions"]["agree"], true);
    assert_eq!(value["regular"], true);
    assert!(value.get("kl").is_none() && value.get("jeffreys").is_none());
}

#[test]
fn other_coordinates_and_more_tosses() {
    let value = json(&[
        "info",
        "bernoulli",
        "p=0.3",
        "--coordinates",
        "logit",
        "--n",
        "20",
    ]);
    assert_eq!(value["coordinates"], "logit");
    assert_eq!(value["names"][0], "logit(p)");
    assert_close(&numbers(&value["information"][0]), &[20.0 * 0.21]);
    assert_close(&numbers(&value["point"]), &[(0.3_f64 / 0.7).ln()]);
    let arcsine = json(&["info", "bernoulli", "p=0.9", "--coordinates", "arcsine"]);
    assert_close(&numbers(&arcsine["information"][0]), &[4.0]);
}

#[test]
fn a_vector() {
    let arguments = ["info", "mvnormal", "mean=[0,0]", "cov=[[2,0.5],[0.5,1]]"];
    let value = json(&arguments);
    assert_close(
        &numbers(&value["information"][0]),
        &[1.0 / 1.75, -0.5 / 1.75],
    );
    assert_close(&numbers(&value["cramer_rao"][1]), &[0.5, 1.0]);
    let root = 0.5_f64.hypot(0.5);
    assert_close(
        &numbers(&value["eigenvalues"]),
        &[1.0 / (1.5 + root), 1.0 / (1.5 - root)],
    );
    let full = json(&[
        "info",
        "mvnormal-full",
        "mean=[0,0]",
        "cov=[[2,0.5],[0.5,1]]",
    ]);
    assert_eq!(full["information"].as_array().unwrap().len(), 5);
    assert_eq!(full["agreement"]["routes"]["with"], "cubature (36 nodes)");
}

#[test]
fn every_route_by_name() {
    for (method, name) in [
        ("closed", "closed form"),
        ("numeric", "summation (2 terms)"),
        ("monte-carlo", "Monte Carlo (5000 draws, seed 9)"),
    ] {
        let value = json(&[
            "info",
            "bernoulli",
            "p=0.3",
            "--method",
            method,
            "--draws",
            "5000",
            "--seed",
            "9",
        ]);
        assert_eq!(value["method"], name);
        let found = numbers(&value["information"][0])[0];
        assert!((found * 0.21 - 1.0).abs() < 0.1, "{method}: {found}");
        // Never compared with itself.
        let other = &value["agreement"]["routes"];
        assert_ne!(other["with"], name);
        assert_eq!(other["agree"], true);
    }
}

#[test]
fn divergence_of_a_step() {
    let value = json(&["info", "bernoulli", "p=0.4", "--kl", "0.01"]);
    // Σ pᵢ ln(pᵢ/qᵢ), whose digits cancel to about 1e-13 here.
    let exact = 0.4 * (0.4_f64 / 0.41).ln() + 0.6 * (0.6_f64 / 0.59).ln();
    assert!((value["kl"]["exact"].as_f64().unwrap() / exact - 1.0).abs() < 1e-11);
    assert_close(
        &[value["kl"]["quadratic"].as_f64().unwrap()],
        &[0.5 * 1e-4 / 0.24],
    );
    assert!((value["kl"]["order"].as_f64().unwrap() - 3.0).abs() < 1e-3);
    let half = json(&["info", "bernoulli", "p=0.5", "--kl", "-0.01"]);
    assert!((half["kl"]["order"].as_f64().unwrap() - 4.0).abs() < 1e-3);
    let none = json(&["info", "normal-location", "mu=1", "sigma=2", "--kl", "0.01"]);
    assert!(none["kl"]["order"].is_null());
    assert_eq!(none["kl"]["remainder"], "none");
}

#[test]
fn jeffreys_of_one_parameter() {
    let one = json(&["info", "normal", "mu=0", "sigma=2", "--jeffreys=sigma"]);
    let prior = &one["jeffreys"];
    assert_eq!(
        (&prior["parameter"], &prior["proper"]),
        (&"sigma".into(), &false.into())
    );
    assert_close(&[prior["density"].as_f64().unwrap()], &[0.5_f64.sqrt()]);
    assert_close(&[prior["tails"][0]["exponent"].as_f64().unwrap()], &[-1.0]);
    assert!(prior["reference_prior"].is_null());
    // Of both it falls like 1/σ², and the prior to use instead is named.
    let both = json(&["info", "normal", "mu=0", "sigma=2", "--jeffreys"]);
    assert_eq!(both["jeffreys"]["reference_prior"]["density"], "1/sigma");
    assert!(text(&["info", "cauchy", "location=0", "scale=1", "--jeffreys"]).contains("1/scale"));
    // ∫√(c/(p(c − p))) dp over (0, c) is π√c.
    let kept = json(&["info", "categorical", "p=[0.2,0.3,0.5]", "--jeffreys=p1"]);
    let mass = kept["jeffreys"]["mass"].as_f64().unwrap();
    assert_close(&[mass], &[std::f64::consts::PI * 0.7_f64.sqrt()]);
    for (arguments, wanted) in [
        (
            vec!["info", "normal", "mu=0", "sigma=2", "--jeffreys=tau"],
            "no parameter `tau`",
        ),
        (
            vec![
                "info",
                "mvnormal-full",
                "mean=[0,0]",
                "cov=[[1,0],[0,1]]",
                "--jeffreys=cov21",
            ],
            "cannot move by itself",
        ),
    ] {
        let output = fisher(&arguments).assert().code(2).get_output().clone();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(message.matches(wanted).count(), 1, "{message}");
    }
}

#[test]
fn jeffreys_is_decided() {
    let coin = json(&["info", "bernoulli", "p=0.5", "--jeffreys"]);
    assert_eq!(coin["jeffreys"]["proper"], true);
    assert_close(
        &[coin["jeffreys"]["mass"].as_f64().unwrap()],
        &[std::f64::consts::PI],
    );
    assert_close(&[coin["jeffreys"]["density"].as_f64().unwrap()], &[2.0]);
    let waiting = json(&["info", "exponential", "rate=2", "--jeffreys"]);
    assert_eq!(waiting["jeffreys"]["proper"], false);
    assert_eq!(waiting["jeffreys"]["mass"], "Infinity");
    let ends: Vec<&str> = waiting["jeffreys"]["tails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tail| tail["end"].as_str().unwrap())
        .collect();
    assert_eq!(ends, ["rate → 0", "rate → ∞"]);
}

#[test]
fn text_names_what_it_did() {
    let shown = text(&["info", "bernoulli", "p=0.4", "--kl", "0.01", "--jeffreys"]);
    for part in [
        "Bernoulli at p = 0.4; n = 1; coordinates p",
        "Cramér–Rao bound",
        "vanishes like δ^3.000",
        "proper: total mass 3.1415927",
        "Computed by   closed form",
        "with summation (2 terms)",
        "Regular       yes",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
}

/// Families that are listed and refused.
const IRREGULAR: [&str; 3] = ["uniform", "pareto-unknown-minimum", "shifted-exponential"];

/// The three numbers that contradict one another are shown, and nothing else.
#[test]
fn an_irregular_family_is_refused_with_its_numbers() {
    let output = fisher(&["info", "uniform", "theta=2"])
        .assert()
        .code(2)
        .get_output()
        .clone();
    assert!(output.stdout.is_empty());
    let message = String::from_utf8(output.stderr).unwrap();
    for part in [
        "not regular",
        "moves with theta",
        "E[s] = -0.5",
        "0.25",
        "-0.25",
    ] {
        assert!(message.contains(part), "{part}\n{message}");
    }
}

#[test]
fn families_lists_what_info_takes() {
    let value: serde_json::Value = serde_json::from_str(&text(&["families", "--json"])).unwrap();
    for family in value.as_array().unwrap() {
        let example = family["example"].as_str().unwrap();
        let words: Vec<&str> = example.split(' ').skip(1).collect();
        if IRREGULAR.contains(&family["name"].as_str().unwrap()) {
            fisher(&words).assert().code(2);
            continue;
        }
        text(&words);
        for coordinates in family["coordinates"].as_array().unwrap() {
            let mut with = words.clone();
            with.extend(["--coordinates", coordinates.as_str().unwrap()]);
            text(&with);
        }
    }
    assert!(text(&["families"]).contains("mvnormal-full"));
    let of = |name: &str| {
        let entry = value
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["name"] == name)
            .unwrap();
        ["information", "distance", "jeffreys"].map(|key| entry[key].as_str().unwrap().to_string())
    };
    assert_eq!(of("binomial"), ["closed", "closed", "proper"]);
    assert_eq!(of("gamma"), ["closed", "numeric", "improper"]);
    assert_eq!(
        of("mvnormal-full"),
        ["closed", "closed in part", "improper"]
    );
    assert_eq!(of("skew-normal"), ["numeric", "numeric", "improper"]);
    assert_eq!(of("uniform"), ["none", "none", "none"]);
}

#[test]
fn shells_and_the_manual() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(text(&["completions", shell]).contains("fisher"));
    }
    assert!(text(&["manual"]).starts_with(".ie"));
    fisher(&[]).assert().code(2);
}

#[test]
fn what_is_not_regular_is_refused_with_its_numbers() {
    // E[s], E[s sᵀ] and −E[∂² log f], which should be 0, equal and equal.
    for (arguments, three) in [
        (
            &["info", "uniform", "theta=2"][..],
            ["-0.5", "0.25", "-0.25"],
        ),
        (
            &["info", "pareto-unknown-minimum", "alpha=3", "minimum=2"],
            ["1.5", "2.25", "0.75"],
        ),
    ] {
        let output = fisher(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8(output.stderr).unwrap();
        let numbers: Vec<f64> = text
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter_map(|word| word.trim_start_matches('(').parse().ok())
            .collect();
        for wanted in three {
            let wanted: f64 = wanted.parse().unwrap();
            assert!(
                numbers.iter().any(|found| (found - wanted).abs() < 1e-12),
                "{wanted}: {text}"
            );
        }
        assert!(text.contains("not regular"), "{text}");
    }
}

#[test]
fn a_kink_and_a_null_direction_are_warned_of() {
    let laplace = text(&["info", "laplace", "location=0", "scale=2"]);
    assert!(laplace.contains("Regular       yes"), "{laplace}");
    assert!(
        laplace.contains("Warning       the log-density has a kink"),
        "{laplace}"
    );
    let skew = json(&["info", "skew-normal", "xi=0", "omega=1", "alpha=0"]);
    let warnings = skew["agreement"]["warnings"].to_string();
    assert!(
        warnings.contains("singular") && warnings.contains("xi") && warnings.contains("alpha"),
        "{warnings}"
    );
    let coin = text(&["info", "bernoulli", "p=0.3"]);
    assert!(!coin.contains("Warning"), "{coin}");
}
