//! `fisher info --log-density`.

use crate::refusals::says;
use crate::{assert_close, json, numbers, text};

const COIN: [&str; 5] = [
    "info",
    "--log-density",
    "x*log(p) + (1-x)*log(1-p)",
    "--support",
    "{0,1}",
];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    COIN.iter().copied().chain(more.iter().copied()).collect()
}

/// Whatever a family of the catalogue says, the same density typed says too.
#[test]
fn a_typed_coin_is_the_coin() {
    let found = json(&with(&["p=0.3", "--n", "20", "--kl", "0.01"]));
    let known = json(&["info", "bernoulli", "p=0.3", "--n", "20", "--kl", "0.01"]);
    assert_eq!(found["family"], "typed");
    for name in ["information", "cramer_rao"] {
        assert_close(&numbers(&found[name][0]), &numbers(&known[name][0]));
    }
    assert_close(
        &[found["kl"]["exact"].as_f64().unwrap()],
        &[known["kl"]["exact"].as_f64().unwrap()],
    );
    assert_eq!(found["method"], "summation (2 terms)");
    assert_eq!(found["regular"], true);
    let prior = json(&with(&["p=0.3", "--domain", "p=0:1", "--jeffreys"]));
    assert_close(
        &[prior["jeffreys"]["mass"].as_f64().unwrap()],
        &[std::f64::consts::PI],
    );
    let open = json(&with(&[
        "p=0.3",
        "--domain",
        "p=0:1",
        "--coordinates",
        "unconstrained",
    ]));
    assert_close(&numbers(&open["information"][0]), &[0.21]);
    let drawn = json(&with(&[
        "p=0.3",
        "--method",
        "monte-carlo",
        "--draws",
        "4000",
    ]));
    assert!((numbers(&drawn["information"][0])[0] * 0.21 - 1.0).abs() < 0.1);
    assert_eq!(drawn["agreement"]["routes"]["agree"], true);
    assert!(
        text(&with(&["p=0.3"])).contains("exp(x*log(p) + (1 - x)*log(1 - p)) on {0,1} at p = 0.3")
    );
}

#[test]
fn supports_known_values_vectors_and_matrices() {
    let trials = json(&[
        "info",
        "--log-density",
        "lchoose(n,x) + x*log(p) + (n-x)*log(1-p)",
        "--support",
        "{0,...,n}",
        "n=10",
        "p=0.3",
    ]);
    assert_close(&numbers(&trials["information"][0]), &[10.0 / 0.21]);
    assert_eq!(trials["names"].as_array().unwrap().len(), 1);
    let normal = json(&[
        "info",
        "--log-density",
        "-((x-mu)/s)^2/2 - log(s) - log(2*pi)/2",
        "--support",
        "(-inf,inf)",
        "mu=-3",
        "s=2",
        "--known",
        "s",
    ]);
    assert_close(&numbers(&normal["information"][0]), &[0.25]);
    let pair = json(&[
        "info",
        "--log-density",
        "sum(log(r)) - dot(r, x)",
        "--support",
        "[0,inf)^2",
        "r=[1,4]",
    ]);
    assert_close(&[numbers(&pair["information"][1])[1]], &[1.0 / 16.0]);
    assert_eq!(pair["names"][1], "r[2]");
    assert!(
        pair["method"]
            .as_str()
            .unwrap()
            .starts_with("cubature on a grid")
    );
    let matrix = json(&[
        "info",
        "--log-density",
        "-x' @ solve(S, x)/2 - log(det(S))/2 - log(2*pi)",
        "--support",
        "R^2",
        "S=[[2,0.5],[0.5,1]]",
    ]);
    // ½ Dᵀ(S⁻¹ ⊗ S⁻¹)D: the entry of S[1,1] is ½ (S⁻¹)₁₁².
    assert_close(
        &[numbers(&matrix["information"][0])[0]],
        &[0.5 / 1.75_f64.powi(2)],
    );
}

#[test]
fn what_is_refused() {
    let normal = [
        "info",
        "--log-density",
        "-(x-m)^2/2",
        "--support",
        "(-inf,inf)",
        "m=1",
    ];
    says(
        &normal,
        &[
            "it has the mass 2.50662827463",
            "instead of 1",
            "0.91893853",
        ],
    );
    let drawn: Vec<&str> = normal
        .iter()
        .copied()
        .chain(["--method", "monte-carlo"])
        .collect();
    says(&drawn, &["2.50662827"]);
    says(
        &with(&["q=0.3"]),
        &["column 7", "p has no value", "p=0.5", "^"],
    );
    says(
        &with(&["p=0.3", "r=1"]),
        &["r has a value", "neither the log-density nor the support"],
    );
    says(
        &with(&["p=1", "--domain", "p=0:1"]),
        &["p = 1 is outside", "(distance to 1)^-1"],
    );
    says(
        &with(&["p=0.3", "--domain", "p=1:0"]),
        &["--domain p=1:0", "p=0:1"],
    );
    says(
        &with(&["p=0.3", "--domain", "q=0:1"]),
        &["no parameter q", "p"],
    );
    says(
        &with(&["p=0.3", "--coordinates", "logit"]),
        &["no coordinates `logit`", "unconstrained"],
    );
    says(&with(&["p"]), &["`p` is not of the form name=value"]);
    says(
        &[
            "info",
            "--log-density",
            "x*log(p",
            "--support",
            "{0,1}",
            "p=0.3",
        ],
        &["the log-density, column 8", "expected"],
    );
    says(
        &[
            "info",
            "--log-density",
            "x*log(p)",
            "--support",
            "{0,1",
            "p=0.3",
        ],
        &["the support, column 5", "found the end"],
    );
    says(
        &[
            "info",
            "--log-density",
            "-log(theta)",
            "--support",
            "[0,theta]",
            "theta=2",
        ],
        &["not regular", "0.25", "-0.25"],
    );
    says(
        &[
            "info",
            "--log-density",
            "0*m",
            "--support",
            "(-inf,inf)",
            "m=2",
        ],
        &["does not fall off"],
    );
    says(
        &["info", "--log-density", "x*p", "p=2"],
        &["--support <SET>"],
    );
}
