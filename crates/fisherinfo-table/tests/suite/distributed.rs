//! Sums made in parts, in any order and sent as bytes, against the fit on one machine, bit by bit.

use crate::common::draws;
use crate::source::files;
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::distributed::{PartialSums, Request, Workers};
use fisherinfo_table::glm::{
    ClusterFactor, Family, GlmError, Heteroscedasticity, Regression, RowsError, Weighting,
};
use fisherinfo_table::source::{Labels, RowRoles, SourceError, StreamedDesign, TableFiles};
use fisherinfo_table::{DesignOptions, Formula, Missing, ResponseKind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is done to the parts on their way.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Safe,
    /// One partition of this pass never arrives.
    Lost(usize),
    /// One of this pass arrives twice.
    Twice(usize),
}

/// Workers in this process, whose parts come back in an order of their own and as bytes, some of them
/// merged on the way.
#[derive(Debug)]
struct Shuffled {
    order: u64,
    way: Way,
    passes: AtomicUsize,
}

impl Workers for Shuffled {
    fn sum(&self, _: &str, request: &Request) -> Result<PartialSums, RowsError> {
        let pass = self.passes.fetch_add(1, Ordering::Relaxed);
        let request = Request::decode(&request.encode()).map_err(RowsError::new)?;
        let mut order: Vec<usize> = (0..request.partitions()).collect();
        let mut state = self.order | 1;
        order.sort_by_cached_key(|partition| {
            state = state.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23);
            state ^ *partition as u64
        });
        match self.way {
            Way::Lost(of) if of == pass => drop(order.pop()),
            Way::Twice(of) if of == pass => order.push(order[0]),
            _ => {}
        }
        let sent = |sums: PartialSums| PartialSums::decode(&sums.encode()).map_err(RowsError::new);
        let (mut one, mut other) = (PartialSums::nothing(), PartialSums::nothing());
        for (place, partition) in order.into_iter().enumerate() {
            let part = sent(request.sums_of(partition))?;
            if place % 3 == 0 {
                other.merge(part);
            } else {
                one.merge(part);
            }
        }
        one.merge(sent(other)?);
        sent(one)
    }
}

struct Model<'a> {
    formula: &'a str,
    family: Family,
    link: Link,
    roles: RowRoles,
    weights: Option<&'a str>,
    clusters: Option<&'a str>,
    missing: Missing,
    response: ResponseKind,
}

impl<'a> Model<'a> {
    fn new(formula: &'a str, family: Family) -> Self {
        Self {
            formula,
            family,
            link: family.default_link(),
            roles: RowRoles::default(),
            weights: None,
            clusters: None,
            missing: Missing::Drop,
            response: ResponseKind::Numbers,
        }
    }

    fn design(
        &self,
        paths: &[PathBuf],
        order: Option<(u64, Way)>,
    ) -> Result<StreamedDesign, SourceError> {
        let formula = Formula::parse(self.formula).unwrap();
        let options = DesignOptions {
            missing: self.missing,
            weights: self.weights,
            clusters: self.clusters,
            response: self.response,
            ..DesignOptions::default()
        };
        let (files, roles) = (TableFiles::find(paths)?, self.roles.clone());
        let Some((order, way)) = order else {
            return StreamedDesign::with_roles(files, &formula, &options, roles, None);
        };
        let workers = Arc::new(Shuffled {
            order,
            way,
            passes: AtomicUsize::new(0),
        });
        StreamedDesign::on_workers(files, &formula, &options, roles, workers, None)
    }

    fn regression(
        &self,
        paths: &[PathBuf],
        order: Option<(u64, Way)>,
    ) -> Result<Regression, Error> {
        let design = Arc::new(self.design(paths, order)?);
        if design.is_on_workers() {
            return Ok(Regression::distributed(design, None)?);
        }
        let (terms, intercept) = (design.terms().to_vec(), design.intercept());
        Ok(Regression::streamed(design, &terms, intercept, None)?)
    }

    fn numbers(&self, paths: &[PathBuf], order: Option<(u64, Way)>) -> Result<Vec<u64>, Error> {
        Ok(self.fitted(&self.regression(paths, order)?)?)
    }

    /// Every number of the fit that is made of sums, as bits.
    fn fitted(&self, regression: &Regression) -> Result<Vec<u64>, GlmError> {
        let fit = regression.fit(self.family, self.link)?;
        let errors = fit.standard_errors();
        let mut all = vec![fit.rows() as f64, fit.iterations() as f64];
        all.extend(fit.coefficients());
        all.extend(errors.expected);
        all.extend(errors.observed.unwrap());
        all.extend(errors.empirical.unwrap());
        all.extend(errors.sandwich.unwrap());
        for kind in [
            Heteroscedasticity::Hc1,
            Heteroscedasticity::Hc2,
            Heteroscedasticity::Hc3,
        ] {
            all.extend(fit.heteroscedasticity_consistent(kind)?.standard_errors());
        }
        all.extend([
            fit.deviance(),
            fit.log_likelihood(),
            fit.pearson_chi_squared(),
        ]);
        all.push(fit.null_deviance().unwrap());
        Ok(all.into_iter().map(f64::to_bits).collect())
    }

    fn agrees(&self, paths: &[PathBuf], order: u64) {
        let here = self.numbers(paths, None).unwrap();
        let there = self.numbers(paths, Some((order, Way::Safe))).unwrap();
        assert_eq!(there, here, "{} {}", self.formula, self.family);
    }
}

#[derive(Debug)]
enum Error {
    Source(SourceError),
    Glm(GlmError),
}

impl From<SourceError> for Error {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl From<GlmError> for Error {
    fn from(error: GlmError) -> Self {
        Self::Glm(error)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Source(error) => write!(f, "{error}"),
            Self::Glm(error) => write!(f, "{error}"),
        }
    }
}

/// Rows of several kinds of columns, a few of them with missing cells or without weight.
fn rows(seed: u64, count: usize) -> Vec<String> {
    let mut next = draws(seed);
    (0..count)
        .map(|_| {
            let x = next(4000) as f64 / 1000.0 - 2.0;
            let group = ["north", "south", "été"][next(3) as usize];
            let count = next(4) + u64::from(x > 0.0) + u64::from(group == "south");
            let size = 0.1 + next(900) as f64 / 300.0 + x.abs();
            let trials = 1 + next(5);
            let share = next(trials + 1);
            let alive = ["yes", "no"][usize::from(next(10) > 4 + u64::from(x > 0.0))];
            let (weight, exposure) = (next(5), (1 + next(9)) as f64 / 4.0);
            let cell = if next(40) == 0 {
                "NA".into()
            } else {
                x.to_string()
            };
            format!("{count},{size},{share},{trials},{alive},{cell},{group},{weight},{exposure}\n")
        })
        .collect()
}

const NAMES: &str = "count,size,share,trials,alive,x,group,weight,exposure\n";

fn tables(rows: &[String], parts: usize) -> (tempfile::TempDir, Vec<PathBuf>) {
    let part = rows.len().div_ceil(parts);
    let texts: Vec<(String, Vec<u8>)> = rows
        .chunks(part)
        .enumerate()
        .map(|(i, rows)| {
            let text = format!("{NAMES}{}", rows.concat());
            (format!("part-{i:02}.csv"), text.into_bytes())
        })
        .collect();
    let texts: Vec<(&str, Vec<u8>)> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone()))
        .collect();
    files(&texts)
}

#[test]
fn fits_of_parts_in_any_order_are_those_of_one_machine() {
    let (_folder, paths) = tables(&rows(7, 52_000), 7);
    let weighted = |weighting| RowRoles {
        weighting: Some(weighting),
        ..RowRoles::default()
    };
    let models = [
        Model::new("count ~ x + group + x:group", Family::Poisson),
        // The columns are far from orthogonal, so that they are divided by R.
        Model::new("size ~ x + I(x + 1e-6*size) + group", Family::Gaussian),
        Model {
            link: Link::Log,
            roles: weighted(Weighting::Precision),
            weights: Some("weight"),
            ..Model::new("size ~ x + C(trials)", Family::Gamma)
        },
        Model {
            roles: RowRoles {
                trials: Some("trials".into()),
                ..weighted(Weighting::Frequency)
            },
            weights: Some("weight"),
            ..Model::new("share ~ x + group", Family::Binomial)
        },
        Model {
            link: Link::Probit,
            roles: RowRoles {
                offset: Some("exposure".into()),
                labels: Labels::Successes(Some("no".into())),
                ..RowRoles::default()
            },
            response: ResponseKind::Labels,
            ..Model::new("alive ~ x + log(size)", Family::Binomial)
        },
        Model::new(
            "count ~ x + offset(log(exposure))",
            Family::NegativeBinomial(2.5),
        ),
    ];
    for (order, model) in (1..).zip(&models) {
        model.agrees(&paths, order);
    }
    models[0].agrees(&paths, 99);
}

#[test]
fn one_file_of_few_rows_and_files_without_rows_are_parts_too() {
    let rows = rows(3, 300);
    let (_folder, paths) = tables(&rows, 1);
    Model::new("count ~ x + group", Family::Poisson).agrees(&paths, 5);
    let none = NAMES.as_bytes().to_vec();
    let all = format!("{NAMES}{}", rows.concat()).into_bytes();
    let (_folder, paths) = files(&[("1.csv", none.clone()), ("2.csv", all), ("3.csv", none)]);
    Model::new("count ~ x + group", Family::Poisson).agrees(&paths, 6);
}

#[test]
fn a_part_that_is_lost_or_comes_twice_is_an_error_in_every_pass() {
    let (_folder, paths) = tables(&rows(11, 18_000), 5);
    let model = Model::new("size ~ x + group", Family::Gamma);
    // Levels, scales, an iteration.
    for pass in [0, 1, 4] {
        let lost = model.numbers(&paths, Some((1, Way::Lost(pass))));
        let said = lost.unwrap_err().to_string();
        assert!(
            said.contains("missing") && said.contains("fit again"),
            "{pass}: {said}"
        );
        let twice = model.numbers(&paths, Some((1, Way::Twice(pass))));
        let said = twice.unwrap_err().to_string();
        assert!(
            said.contains("there twice") && said.contains("fit again"),
            "{pass}: {said}"
        );
    }
}

/// Terms that are combinations of others are found by the same sums.
#[test]
fn what_the_data_can_tell_is_that_of_one_machine() {
    let (_folder, paths) = tables(&rows(8, 40_000), 3);
    let model = Model::new("size ~ x + I(0*x) + I(2*x + 1) + group", Family::Gamma);
    let here = model.design(&paths, None).unwrap();
    let (terms, intercept) = (here.terms().to_vec(), here.intercept());
    let here = Regression::streamed_identified(Arc::new(here), &terms, intercept, None).unwrap();
    let there = model.design(&paths, Some((4, Way::Safe))).unwrap();
    let there = Regression::distributed_identified(Arc::new(there), None).unwrap();
    let relations = here.identified_terms().relations();
    assert_eq!(relations.len(), 2);
    assert_eq!(relations[1].text(&terms), "I(2*x + 1) = 2·x + 1");
    assert_eq!(there.identified_terms(), here.identified_terms());
    assert_eq!(model.fitted(&there).unwrap(), model.fitted(&here).unwrap());
}

/// What is wrong with the rows is said as if they had been read here.
#[test]
fn errors_of_rows_are_those_of_one_machine() {
    let mut all = rows(5, 40_000);
    // Beyond the first chunk, in the last file but one.
    all[29_999] = "-1,1,0,1,yes,0.5,north,1,1\n".into();
    let (_folder, paths) = tables(&all, 5);
    let poisson = Model::new("count ~ x", Family::Poisson);
    let missing = Model {
        missing: Missing::Fail,
        ..Model::new("size ~ x", Family::Gamma)
    };
    let text = Model::new("group ~ x", Family::Gaussian);
    let constant = Model::new("size ~ x + I(0*x)", Family::Gamma);
    let collinear = Model::new("size ~ x + I(2*x + 1)", Family::Gamma);
    for model in [&poisson, &missing, &text, &constant, &collinear] {
        let here = model.numbers(&paths, None).unwrap_err();
        let there = model.numbers(&paths, Some((2, Way::Safe))).unwrap_err();
        assert_eq!(there.to_string(), here.to_string());
    }
    let Error::Glm(GlmError::Response { row, .. }) =
        poisson.numbers(&paths, Some((3, Way::Safe))).unwrap_err()
    else {
        panic!("the response of the row is refused");
    };
    let dropped = all[..29_999]
        .iter()
        .filter(|row| row.contains("NA"))
        .count();
    assert_eq!(row, 29_999 - dropped);
}

#[test]
fn what_is_not_made_of_such_sums_is_said() {
    let (_folder, paths) = tables(&rows(5, 2000), 2);
    let model = Model {
        clusters: Some("group"),
        ..Model::new("count ~ x", Family::Poisson)
    };
    let regression = model.regression(&paths, Some((1, Way::Safe))).unwrap();
    let fit = regression.fit(model.family, model.link).unwrap();
    let refused = |error: Option<GlmError>| {
        assert!(
            matches!(error, Some(GlmError::NotOnCluster { .. })),
            "{error:?}"
        );
    };
    refused(fit.cluster_robust_of_rows(ClusterFactor::Cr1).err());
    refused(fit.information_matrix_test().err());
    refused(fit.fitted_means().err());
    refused(regression.fit_firth(model.family, model.link).err());
    refused(regression.fit_negative_binomial(Link::Log).err());
}

#[test]
fn bytes_that_were_cut_are_refused() {
    let said = Request::decode(&[0, 1, 2]).unwrap_err().to_string();
    assert!(said.contains("same version"), "{said}");
    assert!(PartialSums::decode(&[9]).is_err());
    let nothing = PartialSums::nothing().encode();
    assert!(PartialSums::decode(&nothing).is_ok());
    assert!(PartialSums::decode(&[nothing, vec![0]].concat()).is_err());
}
