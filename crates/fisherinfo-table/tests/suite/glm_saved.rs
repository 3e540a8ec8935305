//! Saved fits and predictions.

use crate::common::{assert_close, ships::SHIPS};
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{
    ClusterFactor, Family, Heteroscedasticity, PredictOptions, Regression, SavedFit, SavedFitError,
};
use fisherinfo_table::{Design, DesignOptions, Formula, Missing, Table};

struct Model {
    table: Table,
    formula: Formula,
    design: Design,
    regression: Regression,
}

fn model(table: Table, formula: &str, clusters: Option<&str>) -> Model {
    let formula = Formula::parse(formula).unwrap();
    let options = DesignOptions {
        missing: Missing::Drop,
        clusters,
        ..DesignOptions::default()
    };
    let design = Design::new(&table, &formula, &options).unwrap();
    let intercept = design.intercept.then_some(0);
    let mut regression = Regression::new(
        &design.response.values,
        &design.columns,
        &design.terms,
        intercept,
    )
    .unwrap();
    if let Some(offset) = &design.offset {
        regression = regression.offset(offset).unwrap();
    }
    Model {
        table,
        formula,
        design,
        regression,
    }
}

fn data(name: &str) -> Table {
    let path = format!(
        "{}/../../notebooks/data/{name}.csv",
        env!("CARGO_MANIFEST_DIR")
    );
    Table::read_csv(path).unwrap()
}

fn drop() -> PredictOptions {
    PredictOptions {
        missing: Missing::Drop,
        ..PredictOptions::default()
    }
}

/// At the rows that were fitted, means are the fitted ones, and with w the weight of a row the
/// variance of its predictor is φh/w: on Longley's years, where the raw covariance has lost nearly
/// all digits of it.
#[test]
fn predictions_at_the_rows_that_were_fitted() {
    let longley = model(
        data("longley"),
        "totemp ~ gnpdefl + gnp + unemp + armed + pop + year",
        None,
    );
    let fit = longley
        .regression
        .fit(Family::Gaussian, Link::Identity)
        .unwrap();
    let saved = SavedFit::new(&fit, &longley.formula, &longley.design.levels);
    let found = saved.predict(&longley.table, &drop()).unwrap();
    assert_close(&found.mean, &fit.fitted_means().unwrap(), 1e-11);
    let expected: Vec<f64> = fit
        .leverages()
        .unwrap()
        .iter()
        .map(|h| (fit.dispersion() * h).sqrt())
        .collect();
    assert_close(&found.predictor_standard_error, &expected, 1e-8);
    let q = 2.262157162740992; // Student's, 9 degrees of freedom
    let (lower, upper) = found.observation.unwrap();
    for i in 0..16 {
        let (mean, error) = (found.mean[i], expected[i]);
        let both = (fit.dispersion() + error * error).sqrt();
        assert_close(
            &[found.lower[i], found.upper[i], lower[i], upper[i]],
            &[
                mean - q * error,
                mean + q * error,
                mean - q * both,
                mean + q * both,
            ],
            1e-9,
        );
    }
    let covariance = saved.covariance("expected").unwrap();
    let wanted = fit.covariance();
    for i in 0..7 {
        for j in 0..7 {
            let scale = (wanted[(i, i)] * wanted[(j, j)]).sqrt();
            assert!((covariance[(i, j)] - wanted[(i, j)]).abs() < 1e-10 * scale);
        }
    }
}

/// Through a link that falls, with offsets and categories.
#[test]
fn predictions_through_links() {
    let clotting = model(data("clotting"), "lot1 ~ log(u)", None);
    let fit = clotting
        .regression
        .fit(Family::Gamma, Link::Inverse)
        .unwrap();
    let saved = SavedFit::new(&fit, &clotting.formula, &clotting.design.levels);
    let found = saved.predict(&clotting.table, &drop()).unwrap();
    assert_close(&found.mean, &fit.fitted_means().unwrap(), 1e-12);
    assert!(found.observation.is_none());
    for i in 0..9 {
        let (eta, error) = (found.predictor[i], found.predictor_standard_error[i]);
        assert!(found.lower[i] < found.mean[i] && found.mean[i] < found.upper[i]);
        assert_close(&[found.standard_error[i]], &[error / (eta * eta)], 1e-12);
        let q = 2.364624251592785; // Student's, 7 degrees of freedom
        assert_close(&[found.lower[i]], &[(eta + q * error).recip()], 1e-10);
    }
    let ships = model(
        Table::from_csv_reader(SHIPS.as_bytes(), "ships.csv").unwrap(),
        "incidents ~ type + C(period, Treatment(75)) + offset(log(service))",
        Some("year"),
    );
    let fit = ships.regression.fit(Family::Poisson, Link::Log).unwrap();
    let saved = SavedFit::new(&fit, &ships.formula, &ships.design.levels);
    let found = saved.predict(&ships.table, &drop()).unwrap();
    assert_close(&found.mean, &fit.fitted_means().unwrap(), 1e-11);
    assert_eq!((found.dropped_rows, found.lines.len()), (6, 34));
    // Twice the months, twice the incidents: the offset counts.
    let one = |months: u32| {
        let text = format!("type,period,service\nC,60,{months}\n");
        let table = Table::from_csv_reader(text.as_bytes(), "new.csv").unwrap();
        saved.predict(&table, &PredictOptions::default()).unwrap()
    };
    let (short, long) = (one(500), one(1000));
    assert_close(&long.mean, &[2.0 * short.mean[0]], 1e-12);
    assert_close(
        &long.predictor_standard_error,
        &short.predictor_standard_error,
        1e-12,
    );
    let new = "type,period,service\nC,60,500\nF,60,500\n";
    let table = Table::from_csv_reader(new.as_bytes(), "new.csv").unwrap();
    let error = saved
        .predict(&table, &PredictOptions::default())
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("line 3, column type: the fit knows no category `F`"),
        "{error}"
    );
    // Roots of the robust covariances are roots of them.
    let groups = &ships.design.clusters.as_ref().unwrap().codes;
    let cluster = fit.cluster_robust(groups, ClusterFactor::Cr1).unwrap();
    let hc3 = fit
        .heteroscedasticity_consistent(Heteroscedasticity::Hc3)
        .unwrap();
    let hc1 = fit
        .heteroscedasticity_consistent(Heteroscedasticity::Hc1)
        .unwrap();
    for (root, covariance) in [
        (&cluster.root, &cluster.covariance),
        (&hc3.root, &hc3.covariance),
        (&hc1.root, &hc1.covariance),
    ] {
        let product = root * root.transpose();
        for i in 0..6 {
            for j in 0..6 {
                let scale = (covariance[(i, i)] * covariance[(j, j)]).sqrt();
                assert!((product[(i, j)] - covariance[(i, j)]).abs() < 1e-11 * scale);
            }
        }
    }
    let robust = saved.with_covariance("cluster", &cluster.root);
    let options = PredictOptions {
        covariance: "cluster".into(),
        ..drop()
    };
    let with_clusters = robust.predict(&ships.table, &options).unwrap();
    // A ship of the first type, in the period compared with: the intercept alone.
    let row = with_clusters
        .lines
        .iter()
        .position(|&line| line == 3)
        .unwrap();
    assert_close(
        &[with_clusters.predictor_standard_error[row]],
        &[cluster.standard_errors()[0]],
        1e-10,
    );
}

#[test]
fn files_survive_and_refuse() {
    let ships = model(
        Table::from_csv_reader(SHIPS.as_bytes(), "ships.csv").unwrap(),
        "incidents ~ type*C(period) + offset(log(service))",
        None,
    );
    let fit = ships.regression.fit(Family::Poisson, Link::Log).unwrap();
    let saved = SavedFit::new(&fit, &ships.formula, &ships.design.levels);
    let text = saved.to_json();
    let read = SavedFit::from_json(&text).unwrap();
    assert_eq!(read.terms, saved.terms);
    assert_eq!(read.levels, saved.levels);
    assert_close(&read.coefficients, &saved.coefficients, 3e-16);
    assert_eq!(
        read.formula,
        "incidents ~ 1 + type + C(period) + type:C(period) + offset(log(service))"
    );
    let refused = |text: &str| SavedFit::from_json(text).unwrap_err();
    let message = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}\n{text}");
        refused(&text.replacen(from, to, 1)).to_string()
    };
    assert!(matches!(refused("{"), SavedFitError::Json(_)));
    assert!(matches!(refused("[1, 2]"), SavedFitError::Format { .. }));
    assert!(message("\"version\": 1", "\"version\": 3").contains("this is version 3"));
    assert!(message("fisherinfo-fit", "a poem").contains("«a poem»"));
    assert!(message("\"family\": \"poisson\"", "\"family\": \"fish\"").contains("fish"));
    assert!(message("\"dispersion\"", "\"disperson\"").contains("unknown field"));
    assert!(message("incidents ~ 1", "incidents ~ ~").contains("formula"));
    assert!(message("\"reference\": 0", "\"reference\": 9").contains("no reference"));
    let fewer = read.coefficients.len() - 1;
    let mut broken = read.clone();
    broken.coefficients.truncate(fewer);
    assert!(
        refused(&broken.to_json())
            .to_string()
            .contains("10 terms and 9 coefficients")
    );
    let mut broken = read.clone();
    broken
        .covariance_roots
        .insert("expected".into(), vec![vec![1.0]]);
    assert!(
        refused(&broken.to_json())
            .to_string()
            .contains("covariance `expected`")
    );
    // Terms that the formula does not make.
    let mut broken = read.clone();
    broken.terms[1] = "other".into();
    let broken = SavedFit::from_json(&broken.to_json()).unwrap();
    assert!(matches!(
        broken.predict(&ships.table, &drop()),
        Err(SavedFitError::Inconsistent(_))
    ));
    let wrong = |options: PredictOptions| read.predict(&ships.table, &options).unwrap_err();
    let error = wrong(PredictOptions {
        covariance: "cluster".into(),
        ..drop()
    });
    assert!(error.to_string().contains("it has expected"), "{error}");
    let error = wrong(PredictOptions {
        level: 2.0,
        ..drop()
    });
    assert!(matches!(error, SavedFitError::Level(_)));
    let error = wrong(PredictOptions::default());
    assert!(error.to_string().contains("`service`: 6"), "{error}");
}
