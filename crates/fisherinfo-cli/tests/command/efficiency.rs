//! `fisher info --efficiency`.

use crate::refusals::says;
use crate::{json, text};

#[test]
fn the_median_of_a_normal_sample() {
    let arguments = [
        "info",
        "normal",
        "mu=0",
        "sigma=1",
        "--efficiency",
        "median",
        "--n",
        "51",
        "--samples",
        "20000",
        "--seed",
        "1",
    ];
    let value = json(&arguments);
    assert_eq!(value["estimates"].as_array().unwrap().len(), 1);
    let found = &value["estimates"][0];
    let (efficiency, error) = (
        found["efficiency"].as_f64().unwrap(),
        found["efficiency_error"].as_f64().unwrap(),
    );
    // 2/π, and 2 % more at this size of sample.
    assert!((efficiency - 0.6495).abs() < 4.0 * error && error < 0.01);
    assert_eq!(value, json(&arguments));
    let shown = text(&arguments);
    for part in [
        "Median from n = 51 observations; 20000 samples, seed 1",
        "Cramér–Rao bound",
        "±",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
}

#[test]
fn biases_and_boundaries_are_said() {
    let spread = text(&[
        "info",
        "normal",
        "mu=0",
        "sigma=1",
        "--efficiency",
        "mle",
        "--n",
        "5",
        "--samples",
        "4000",
    ]);
    assert!(
        spread.contains("sigma is estimated with a bias"),
        "{spread}"
    );
    let rare = text(&[
        "info",
        "bernoulli",
        "p=0.05",
        "--efficiency",
        "mle",
        "--n",
        "5",
        "--samples",
        "500",
    ]);
    assert!(rare.contains("on the boundary of the space"), "{rare}");
}

#[test]
fn what_is_refused() {
    for (arguments, parts) in [
        (
            &[
                "info",
                "exponential",
                "rate=2",
                "--efficiency",
                "mean",
                "--n",
                "9",
            ][..],
            &["none of its parameters (rate)"][..],
        ),
        (
            &[
                "info",
                "poisson",
                "rate=2",
                "--efficiency",
                "median",
                "--n",
                "9",
            ],
            &["of integers"],
        ),
        (
            &[
                "info",
                "bernoulli",
                "p=0.3",
                "--efficiency",
                "mle",
                "--n",
                "2.5",
            ],
            &["whole number", "--n 50"],
        ),
        (
            &[
                "info",
                "bernoulli",
                "p=0.3",
                "--efficiency",
                "mle",
                "--samples",
                "3",
            ],
            &["number of samples", "from 10"],
        ),
        (
            &["info", "normal", "mu=0", "sigma=1", "--efficiency", "mle"],
            &["sample 1", "no maximum"],
        ),
    ] {
        says(arguments, parts);
    }
}
