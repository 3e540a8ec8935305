//! Families with a parameter or a link of their own, against values at 40 digits (mpmath 1.3: Fisher
//! scoring on the densities, in the terms of the formula, from the tables beside).

use crate::common::{Table, assert_close, data, names};
use fisherinfo::{
    coordinates::link::Link,
    family::mean::{MeanFamily, Tweedie},
};
use fisherinfo_table::glm::{Family, FamilyError, Fit, GlmError, MeanFamilyTask, Regression};

fn clotting() -> Regression {
    let table = Table::read("clotting");
    let log_u: Vec<f64> = table.column("u").into_iter().map(f64::ln).collect();
    let terms = names(&["(intercept)", "log(u)"]);
    Regression::new(
        &table.column("lot1"),
        &[vec![1.0; 9], log_u],
        &terms,
        Some(0),
    )
    .unwrap()
}

fn quine() -> Regression {
    let design = data("quine", "Days ~ Eth + Sex + Age + Lrn");
    Regression::new(
        &design.response.values,
        &design.columns,
        &design.terms,
        Some(0),
    )
    .unwrap()
}

fn check(fit: &Fit<'_>, beta: &[f64], errors: &[f64], rest: [f64; 3]) {
    // Scoring ends within 1e-10 of a standard error.
    assert_close(fit.coefficients(), beta, 1e-10);
    assert_close(&fit.standard_errors().expected, errors, 1e-10);
    let found = [fit.dispersion(), fit.deviance(), fit.log_likelihood()];
    assert_close(&found, &rest, 1e-10);
}

#[test]
fn inverse_gaussian() {
    let clotting = clotting();
    let canonical = clotting
        .fit(
            Family::InverseGaussian,
            Family::InverseGaussian.default_link(),
        )
        .unwrap();
    check(
        &canonical,
        &[-0.001107977045967631, 0.0007219138969506075],
        &[0.000167541835097063, 9.46866617027284e-5],
        [
            0.001100871974197465,
            0.006931128347234507,
            -27.787426008849852,
        ],
    );
    // Canonical, so the observed information is the expected one.
    let errors = canonical.standard_errors();
    assert_close(&errors.observed.unwrap(), &errors.expected, 1e-10);
    let log = clotting.fit(Family::InverseGaussian, Link::Log).unwrap();
    check(
        &log,
        &[5.290404230671073, -0.5416349144364069],
        &[0.203601736625079, 0.0532315714484544],
        [
            0.0005834443487714824,
            0.0035601507040454125,
            -24.789437160616934,
        ],
    );
}

#[test]
fn negative_binomial_of_known_shape() {
    let quine = quine();
    let fit = quine.fit(Family::NegativeBinomial(2.5), Link::Log).unwrap();
    check(
        &fit,
        &[
            2.881514217815188,
            -0.566550879862557,
            0.08986543880361547,
            -0.4427329981021993,
            0.09601023952808106,
            0.3609565130171348,
            0.29950324521708327,
        ],
        &[
            0.169280859379035,
            0.113596394321347,
            0.118502028921704,
            0.178493803289428,
            0.174579015874172,
            0.183600090311278,
            0.13878816164281,
        ],
        [1.0, 282.79947900191297, -561.871289122933],
    );
}

#[test]
fn tweedie_with_zeros() {
    let quine = quine();
    let fit = quine.fit(Family::Tweedie(1.5), Link::Log).unwrap();
    check(
        &fit,
        &[
            2.813176056110125,
            -0.5474384774463752,
            0.11891902802563316,
            -0.3983347320806806,
            0.16292255815809847,
            0.3812392224910319,
            0.319819560661453,
        ],
        &[
            0.227910950707727,
            0.151430851435292,
            0.157097080129676,
            0.243980820661243,
            0.230017530196434,
            0.243593667555188,
            0.187380244529667,
        ],
        [3.2941015969731, 493.71105272540467, -551.2302555515721],
    );
    // With the score of the dispersion among them, at its own maximum.
    let test = fit.information_matrix_test().unwrap().test;
    assert!(
        test.statistic > 0.0 && test.degrees_of_freedom > 10,
        "{test:?}"
    );
}

/// Special powers are the families that they are known as, up to the way they are computed.
#[test]
fn tweedie_at_two_and_three() {
    let clotting = clotting();
    for (power, family) in [(2.0, Family::Gamma), (3.0, Family::InverseGaussian)] {
        for link in [Link::Log, family.default_link()] {
            let named = clotting.fit(family, link).unwrap();
            let tweedie = clotting.fit(Family::Tweedie(power), link).unwrap();
            check(
                &tweedie,
                named.coefficients(),
                &named.standard_errors().expected,
                [named.dispersion(), named.deviance(), named.log_likelihood()],
            );
            let observed = |fit: &Fit<'_>| fit.standard_errors().observed.unwrap();
            assert_close(&observed(&tweedie), &observed(&named), 1e-9);
            let statistic = |fit: &Fit<'_>| fit.information_matrix_test().unwrap().test.statistic;
            assert_close(&[statistic(&tweedie)], &[statistic(&named)], 1e-6);
        }
    }
}

/// As k grows the negative binomial becomes Poisson.
#[test]
fn negative_binomial_near_poisson() {
    let quine = quine();
    let poisson = quine.fit(Family::Poisson, Link::Log).unwrap();
    let near = quine.fit(Family::NegativeBinomial(1e9), Link::Log).unwrap();
    assert_close(near.coefficients(), poisson.coefficients(), 1e-6);
    assert_close(&[near.log_likelihood()], &[poisson.log_likelihood()], 1e-6);
    assert_close(&[near.deviance()], &[poisson.deviance()], 1e-6);
}

/// Under an odd or bounded link of the same family the null model's mean is the average all the same.
#[test]
fn every_link_finds_the_average() {
    let y = [0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0];
    let null = Regression::new(&y, &[vec![1.0; 8]], &names(&["1"]), Some(0)).unwrap();
    for link in Link::ALL.into_iter().chain([Link::power(1.7).unwrap()]) {
        let fit = null.fit(Family::Binomial, link).unwrap();
        assert_close(&[fit.fitted_means().unwrap()[0]], &[0.625], 1e-12);
        // Var μ̂ = μ(1 − μ)/n, carried by dη/dμ.
        let slope: f64 = link.mean_derivative(link.predictor(0.625));
        let error = (0.625_f64 * 0.375 / 8.0).sqrt() / slope.abs();
        assert_close(&fit.standard_errors().expected, &[error], 1e-10);
    }
}

#[test]
fn separation_under_the_cauchit_link() {
    let x: Vec<f64> = (0..12).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|&x| f64::from(x > 5.5)).collect();
    let model = Regression::new(&y, &[vec![1.0; 12], x], &names(&["1", "x"]), Some(0)).unwrap();
    match model.fit(Family::Binomial, Link::Cauchit).unwrap_err() {
        GlmError::Separation(separation) => assert!(separation.is_complete()),
        other => panic!("{other}"),
    }
}

#[test]
fn names_and_parameters() {
    for text in [
        "binomial",
        "inverse-gaussian",
        "negative-binomial(0.4)",
        "tweedie(1.65)",
    ] {
        assert_eq!(text.parse::<Family>().unwrap().to_string(), text);
    }
    assert_eq!(
        " Tweedie( 2.5 ) ".parse::<Family>().unwrap(),
        Family::Tweedie(2.5)
    );
    for text in [
        "negative-binomial",
        "negative-binomial(0)",
        "negative-binomial(inf)",
        "negative-binomial(a)",
    ] {
        assert!(
            matches!(text.parse::<Family>(), Err(FamilyError::Shape { .. })),
            "{text}"
        );
    }
    for text in [
        "tweedie",
        "tweedie(1)",
        "tweedie(0.5)",
        "tweedie(-1)",
        "tweedie(nan)",
    ] {
        assert!(
            matches!(text.parse::<Family>(), Err(FamilyError::Power { .. })),
            "{text}"
        );
    }
    assert!(matches!(
        "poisson(2)".parse::<Family>(),
        Err(FamilyError::NoParameter { .. })
    ));
    let unknown = "negbin(2)".parse::<Family>().unwrap_err().to_string();
    assert!(unknown.contains("negbin(2)") && unknown.contains("negative-binomial(k)"));
    // A program may write what no text gives.
    let wrong = quine()
        .fit(Family::NegativeBinomial(-1.0), Link::Log)
        .unwrap_err();
    assert!(
        matches!(wrong, GlmError::Family(FamilyError::Shape { .. })),
        "{wrong}"
    );
}

#[test]
fn responses_off_the_support() {
    let fit = |y: [f64; 3], family: Family| {
        let columns = [vec![1.0; 3], vec![0.0, 1.0, 3.0]];
        let model = Regression::new(&y, &columns, &names(&["1", "x"]), Some(0)).unwrap();
        model
            .fit(family, Link::Log)
            .err()
            .and_then(|error| error.row())
    };
    assert_eq!(fit([1.0, 0.0, 2.0], Family::InverseGaussian), Some(1));
    assert_eq!(fit([1.0, 2.0, 0.5], Family::NegativeBinomial(2.0)), Some(2));
    assert_eq!(fit([-1.0, 2.0, 0.5], Family::Tweedie(1.5)), Some(0));
    assert_eq!(fit([1.0, 0.0, 0.5], Family::Tweedie(2.5)), Some(1));
    assert_eq!(fit([1.0, 0.0, 2.5], Family::Tweedie(1.5)), None);
}

/// The engine's family is the one that is fitted.
#[test]
fn mean_families() {
    struct Information(f64);
    impl MeanFamilyTask for Information {
        type Output = f64;
        fn with<F: MeanFamily + 'static>(self, family: F) -> f64 {
            family.information(self.0, 1.0 - self.0)
        }
    }
    let found = Family::Tweedie(1.5).as_mean_family(Information(4.0));
    assert_eq!(found, Tweedie { power: 1.5 }.information(4.0, -3.0));
    assert_close(&[found], &[0.125], 1e-15);
}
