//! Designs at random: full rank, the span of the terms, numbers unchanged.

use fisherinfo_table::{Column, Design, DesignOptions, Formula, Missing, Table};
use proptest::prelude::*;

/// The rank of a set of columns by elimination with complete pivoting.
fn rank(columns: &[Vec<f64>]) -> usize {
    let mut columns = columns.to_vec();
    let mut rank = 0;
    let rows = columns.first().map_or(0, Vec::len);
    while rank < columns.len() {
        let cells = (rank..columns.len()).flat_map(|c| (0..rows).map(move |r| (c, r)));
        let largest =
            cells.max_by(|&(c, r), &(d, s)| columns[c][r].abs().total_cmp(&columns[d][s].abs()));
        let Some((column, row)) = largest else { break };
        if columns[column][row].abs() < 1e-8 {
            break;
        }
        columns.swap(rank, column);
        let pivot = columns[rank].clone();
        for other in columns.iter_mut().skip(rank + 1) {
            let factor = other[row] / pivot[row];
            for (cell, pivot) in other.iter_mut().zip(&pivot) {
                *cell -= factor * pivot;
            }
            other[row] = 0.0;
        }
        rank += 1;
    }
    rank
}

/// Every combination of the levels of a (2), b (3), c (2), with two numbers in general position,
/// each combination five times.
fn factorial() -> Table {
    let combinations: Vec<(usize, usize, usize)> =
        (0..60).map(|i| (i % 2, i / 2 % 3, i / 6 % 2)).collect();
    let text = |name: &str, levels: Vec<usize>| {
        Column::text(name, levels.iter().map(|level| Some(format!("l{level}"))))
    };
    let number = |step: f64| (0..60).map(|i| (f64::from(i) * step).sin()).collect();
    Table::from_columns(vec![
        Column::numeric("y", (0..60).map(f64::from).collect()),
        text("a", combinations.iter().map(|c| c.0).collect()),
        text("b", combinations.iter().map(|c| c.1).collect()),
        text("c", combinations.iter().map(|c| c.2).collect()),
        Column::numeric("u", number(1.7)),
        Column::numeric("v", number(2.9)),
    ])
    .unwrap()
}

/// All that a term spans, with no thought of rank: products of all indicators and numbers.
fn spanned(design: &impl Fn(&str) -> Vec<Vec<f64>>, term: &[&str]) -> Vec<Vec<f64>> {
    let mut columns = vec![vec![1.0; 60]];
    for factor in term {
        let factor = design(factor);
        columns = columns
            .iter()
            .flat_map(|left| {
                factor.iter().map(move |right| -> Vec<f64> {
                    left.iter().zip(right).map(|(x, y)| x * y).collect()
                })
            })
            .collect();
    }
    columns
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn designs_have_full_rank_and_span_the_terms(
        terms in prop::collection::vec(
            prop::sample::subsequence(vec!["a", "b", "c", "u", "v"], 1..=4).prop_shuffle(),
            1..5,
        ),
        intercept in any::<bool>(),
    ) {
        let table = factorial();
        let texts: Vec<String> = terms.iter().map(|term| term.join(":")).collect();
        let formula = format!("y ~ {} + {}", u8::from(intercept), texts.join(" + "));
        let make = |formula: &str| {
            let formula = Formula::parse(formula).unwrap();
            Design::new(&table, &formula, &DesignOptions::default()).unwrap()
        };
        let design = make(&formula);
        prop_assert_eq!(design.terms.len(), design.columns.len());

        let single = |factor: &str| make(&format!("y ~ 0 + {factor}")).columns;
        let mut naive: Vec<Vec<f64>> = Vec::new();
        if intercept {
            naive.push(vec![1.0; 60]);
        }
        for term in &terms {
            naive.extend(spanned(&single, term));
        }
        let dimension = rank(&naive);
        prop_assert_eq!(design.columns.len(), dimension, "{}: {:?}", formula, design.terms);
        prop_assert_eq!(rank(&design.columns), dimension, "{}: {:?}", formula, design.terms);
        naive.extend(design.columns.iter().cloned());
        prop_assert_eq!(rank(&naive), dimension, "{} spans more than its terms", formula);

        let mut names = design.terms.clone();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), design.terms.len(), "{:?}", design.terms);
    }

    #[test]
    fn a_product_is_its_sum(
        a in prop::sample::select(vec!["a", "b", "u", "log(v + 2)", "I(u > 0)"]),
        b in prop::sample::select(vec!["c", "v", "I(u/2)"]),
        sign in prop::sample::select(vec!["", "0 + "]),
    ) {
        let table = factorial();
        let make = |formula: String| {
            let formula = Formula::parse(&formula).unwrap();
            Design::new(&table, &formula, &DesignOptions::default()).unwrap()
        };
        prop_assert_eq!(
            make(format!("y ~ {sign}{a}*{b}")),
            make(format!("y ~ {sign}{a} + {b} + {a}:{b}"))
        );
    }

    #[test]
    fn numbers_reach_the_design_unchanged(
        rows in prop::collection::vec((any::<f64>(), prop::option::of(-1e9..1e9f64)), 1..30),
    ) {
        let rows: Vec<(f64, Option<f64>)> =
            rows.into_iter().filter(|(y, _)| y.is_finite()).collect();
        let kept: Vec<(usize, f64, f64)> = rows
            .iter()
            .enumerate()
            .filter_map(|(row, (y, x))| x.map(|x| (row, *y, x)))
            .collect();
        prop_assume!(!kept.is_empty());
        let mut csv = "y,x\n".to_owned();
        for (y, x) in &rows {
            csv.push_str(&format!("{y},{}\n", x.map_or(String::new(), |x| x.to_string())));
        }
        let options = DesignOptions { missing: Missing::Drop, ..DesignOptions::default() };
        let table = Table::from_csv_reader(csv.as_bytes(), "t.csv").unwrap();
        let design = Design::new(&table, &Formula::parse("y ~ x").unwrap(), &options).unwrap();
        prop_assert_eq!(&design.response.values, &kept.iter().map(|k| k.1).collect::<Vec<_>>());
        prop_assert_eq!(&design.columns[1], &kept.iter().map(|k| k.2).collect::<Vec<_>>());
        prop_assert_eq!(&design.lines, &kept.iter().map(|k| k.0 as u64 + 2).collect::<Vec<_>>());
        prop_assert_eq!(design.dropped_rows, rows.len() - kept.len());
    }
}
