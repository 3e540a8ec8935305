//! What columns beside the formula are to rows that are read anew, against the same rows in memory.

use crate::common::draws;
use crate::source::{bits, files};
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{ClusterFactor, Family, Regression, Weighting};
use fisherinfo_table::source::{Labels, RowRoles, StreamedDesign, TableFiles};
use fisherinfo_table::{Design, DesignOptions, Formula, Missing, ResponseKind, Table};
use proptest::prelude::*;
use std::sync::Arc;
/// A table with weights, some of them zero, an offset, clusters of text and labels; missing cells in
/// each.
fn table_with_roles(seed: u64, rows: usize) -> Vec<String> {
    let mut next = draws(seed);
    (0..rows)
        .map(|i| {
            let x = next(2000) as f64 / 500.0 - 2.0;
            let label = if next(100) as f64 > 40.0 - 15.0 * x {
                "yes"
            } else {
                "no"
            };
            // A label, a category and a cluster that only rows of weight zero have.
            let (label, group, weight, cluster) = match i {
                5 => ("maybe", "only", 0, "ghost".into()),
                _ => (
                    label,
                    ["a", "b", "c"][next(3) as usize],
                    next(4),
                    format!("c{}", next(9)),
                ),
            };
            let time = 1.0 + next(50) as f64 / 10.0;
            match next(30) {
                0 => format!("{label},{x},{group},,{time},{cluster}\n"),
                1 => format!("{label},{x},{group},{weight},,{cluster}\n"),
                2 => format!("{label},{x},{group},{weight},{time},\n"),
                3 => format!(",{x},{group},{weight},{time},{cluster}\n"),
                _ => format!("{label},{x},{group},{weight},{time},{cluster}\n"),
            }
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Weights, offsets, clusters and labels stay with their rows, however these are split over files,
    /// and rows that are left out decide nothing.
    #[test]
    fn roles_of_split_files(
        seed in 1..10_000_u64,
        rows in 60..300_usize,
        cuts in prop::collection::vec(0..300_usize, 0..4),
        frequencies in any::<bool>(),
        success in prop::sample::select(vec![None, Some("no")]),
        labels in any::<bool>(),
    ) {
        let rows = table_with_roles(seed, rows);
        let header = "alive,x,g,w,time,ward\n";
        let whole = format!("{header}{}", rows.concat());
        let formula = Formula::parse("alive ~ x + g + offset(log(time))").unwrap();
        let kind = if labels { ResponseKind::Labels } else { ResponseKind::NumbersOrLabels };
        let options = DesignOptions {
            missing: Missing::Drop,
            weights: Some("w"),
            clusters: Some("ward"),
            response: kind,
            ..DesignOptions::default()
        };
        let weighting = if frequencies { Weighting::Frequency } else { Weighting::Precision };
        let table = Table::from_csv_reader(whole.as_bytes(), "whole").unwrap();
        let design = Design::new(&table, &formula, &options).unwrap();
        let successes = design.response.successes(success).unwrap();
        let memory = Regression::new(&successes.values, &design.columns, &design.terms, Some(0))
            .and_then(|r| r.offset(design.offset.as_ref().unwrap()))
            .and_then(|r| r.weights(weighting, design.weights.as_ref().unwrap()));
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(rows.len())).collect();
        cuts.extend([0, rows.len()]);
        cuts.sort_unstable();
        let parts: Vec<(String, Vec<u8>)> = cuts
            .windows(2)
            .enumerate()
            .map(|(i, pair)| (format!("{i}.csv"), format!("{header}{}", rows[pair[0]..pair[1]].concat()).into_bytes()))
            .collect();
        let parts: Vec<(&str, Vec<u8>)> = parts.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
        let (folder, _) = files(&parts);
        let roles = RowRoles {
            weighting: Some(weighting),
            labels: Labels::Successes(success.map(str::to_owned)),
            ..RowRoles::default()
        };
        let files = TableFiles::find(&[folder.path().join("*")]).unwrap();
        let found = StreamedDesign::with_roles(files, &formula, &options, roles, None).unwrap();
        prop_assert_eq!(found.terms(), design.terms.as_slice());
        prop_assert_eq!(found.dropped_rows(), design.dropped_rows);
        prop_assert_eq!(found.rows_without_weight(), design.rows_without_weight);
        prop_assert_eq!(found.missing(), design.missing);
        prop_assert_eq!(found.success().unwrap(), [successes.success.as_str(), successes.failure.as_str()]);
        let groups = design.clusters.as_ref().unwrap();
        prop_assert_eq!(found.clusters().unwrap(), ("ward", groups.levels.len()));
        let terms = found.terms().to_vec();
        let streamed = Regression::streamed(Arc::new(found), &terms, Some(0), None);
        let (Ok(memory), Ok(streamed)) = (&memory, &streamed) else {
            prop_assert_eq!(memory.map(|_| ()), streamed.map(|_| ()));
            return Ok(());
        };
        let fits = [memory, streamed].map(|r| r.fit(Family::Binomial, Link::Logit));
        let [Ok(memory), Ok(streamed)] = &fits else {
            prop_assert_eq!(fits[0].as_ref().err(), fits[1].as_ref().err());
            return Ok(());
        };
        prop_assert_eq!(bits(streamed.coefficients()), bits(memory.coefficients()));
        prop_assert_eq!(streamed.sample_size(), memory.sample_size());
        prop_assert_eq!(streamed.null_deviance().map(f64::to_bits), memory.null_deviance().map(f64::to_bits));
        let wanted = memory.cluster_robust(&groups.codes, ClusterFactor::Cr1).unwrap();
        let found = streamed.cluster_robust_of_rows(ClusterFactor::Cr1).unwrap();
        prop_assert_eq!(bits(&found.standard_errors()), bits(&wanted.standard_errors()));
    }
}

#[test]
fn roles_that_are_wrong() {
    let refused = |text: &str, options: DesignOptions<'_>, roles: RowRoles| {
        let (_folder, paths) = files(&[("t.csv", text.as_bytes().to_vec())]);
        let formula = Formula::parse("y ~ x").unwrap();
        let files = TableFiles::find(&paths).unwrap();
        let error = StreamedDesign::with_roles(files, &formula, &options, roles, None);
        error.unwrap_err().to_string()
    };
    let weights = DesignOptions {
        weights: Some("w"),
        ..DesignOptions::default()
    };
    let message = refused("y,x,w\n1,2,1\n2,3,-2\n", weights, RowRoles::default());
    assert!(message.contains("t.csv, line 3"), "{message}");
    assert!(
        message.contains("-2") || message.contains("−2"),
        "{message}"
    );
    let message = refused("y,x,w\n1,2,0\n2,3,0\n", weights, RowRoles::default());
    assert!(
        message.contains("every weight in column w is 0"),
        "{message}"
    );
    let message = refused("y,x,w\n1,2,1\n2,3,heavy\n", weights, RowRoles::default());
    assert!(message.contains("heavy"), "{message}");
    let message = refused("y,x,w\n1,2,1\n2,3,\n", weights, RowRoles::default());
    assert!(message.contains("missing"), "{message}");
    let offset = RowRoles {
        offset: Some("z".into()),
        ..RowRoles::default()
    };
    let message = refused("y,x\n1,2\n2,3\n", DesignOptions::default(), offset);
    assert!(message.contains("`z`"), "{message}");
    let labels = DesignOptions {
        response: ResponseKind::NumbersOrLabels,
        ..DesignOptions::default()
    };
    let success = |name: Option<&str>| RowRoles {
        labels: Labels::Successes(name.map(str::to_owned)),
        ..RowRoles::default()
    };
    let message = refused("y,x\na,2\nb,3\nc,3\n", labels, success(None));
    assert!(message.contains('c'), "{message}");
    let message = refused("y,x\na,2\nb,3\nb,3\n", labels, success(Some("z")));
    assert!(message.contains('z'), "{message}");
}
