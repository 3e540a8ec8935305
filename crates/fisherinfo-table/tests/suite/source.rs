//! Tables in files that are read anew for every pass, against the same table in memory.

use crate::common::draws;
use fisherinfo::coordinates::link::Link;
use fisherinfo_table::glm::{Family, GlmError, Regression};
use fisherinfo_table::source::{SourceError, StreamedDesign, TableFiles};
use fisherinfo_table::{Design, DesignOptions, Formula, Missing, Table};
use proptest::prelude::*;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// Files in a folder of their own, in the order of their names.
pub(crate) fn files(texts: &[(&str, Vec<u8>)]) -> (TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let paths = texts
        .iter()
        .map(|(name, bytes)| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        })
        .collect();
    (folder, paths)
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstandard(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

pub(crate) fn streamed(
    paths: &[PathBuf],
    formula: &str,
    missing: Missing,
) -> Result<StreamedDesign, SourceError> {
    let options = DesignOptions {
        missing,
        ..DesignOptions::default()
    };
    let formula = Formula::parse(formula).unwrap();
    StreamedDesign::new(TableFiles::find(paths)?, &formula, &options, None)
}

pub(crate) fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Coefficients and standard errors, streamed.
pub(crate) fn fit_of(design: StreamedDesign, family: Family) -> Result<Vec<f64>, GlmError> {
    let (terms, intercept) = (design.terms().to_vec(), design.intercept());
    let regression = Regression::streamed(Arc::new(design), &terms, intercept, None)?;
    numbers(&regression, family)
}

fn numbers(regression: &Regression, family: Family) -> Result<Vec<f64>, GlmError> {
    let fit = regression.fit(family, family.default_link())?;
    let mut all = fit.coefficients().to_vec();
    all.extend(fit.standard_errors().expected);
    all.extend(fit.standard_errors().sandwich.unwrap());
    all.push(fit.log_likelihood());
    Ok(all)
}

fn in_memory(text: &str, formula: &str, family: Family) -> (Design, Result<Vec<f64>, GlmError>) {
    let table = Table::from_csv_reader(text.as_bytes(), "whole").unwrap();
    let options = DesignOptions {
        missing: Missing::Drop,
        ..DesignOptions::default()
    };
    let formula = Formula::parse(formula).unwrap();
    let design = Design::new(&table, &formula, &options).unwrap();
    let fit = Regression::new(
        &design.response.values,
        &design.columns,
        &design.terms,
        design.intercept.then_some(0),
    )
    .and_then(|regression| numbers(&regression, family));
    (design, fit)
}

/// A table with numbers, text, numbers that are categories, missing cells; some text only late.
pub(crate) fn table(seed: u64, rows: usize) -> Vec<String> {
    let mut next = draws(seed);
    (0..rows)
        .map(|i| {
            let x = next(2000) as f64 / 500.0 - 2.0;
            let group = ["north", "south", "\"e, ast\"", "été"][next(4) as usize];
            let ward = ["7", "10", "7.0", "-2"][next(4) as usize];
            let y = next(6) + u64::from(x > 0.0) + u64::from(group == "south");
            let rare = if i + 1 == rows { "z" } else { "a" };
            match next(12) {
                0 => format!("{y},,{group},{ward},{rare}\n"),
                1 => format!("{y},{x},NA,{ward},{rare}\n"),
                _ => format!("{y},{x},{group},{ward},{rare}\n"),
            }
        })
        .collect()
}

pub(crate) const HEADER: &str = "y,x,group,ward,rare\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// However the rows are split over files and whatever compresses these, terms, counts and every
    /// bit of the fit are those of the table in memory.
    #[test]
    fn splits_change_no_bit(
        seed in 1..10_000_u64,
        rows in 40..300_usize,
        cuts in prop::collection::vec(0..300_usize, 0..4),
        kinds in prop::collection::vec(0..3_usize, 5),
        formula in prop::sample::select(vec![
            "y ~ x + group",
            "y ~ C(ward)*x",
            "y ~ exp(x/4) + group:C(ward)",
            "y ~ 0 + group + C(group) + I(x^2)",
        ]),
    ) {
        let rows = table(seed, rows);
        let (design, wanted) = in_memory(&format!("{HEADER}{}", rows.concat()), formula, Family::Poisson);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(rows.len())).collect();
        cuts.extend([0, rows.len()]);
        cuts.sort_unstable();
        let parts: Vec<(String, Vec<u8>)> = cuts
            .windows(2)
            .enumerate()
            .map(|(i, pair)| {
                let text = format!("{HEADER}{}", rows[pair[0]..pair[1]].concat()).into_bytes();
                match kinds[i] {
                    0 => (format!("{i}.csv"), text),
                    1 => (format!("{i}.csv.gz"), gzip(&text)),
                    _ => (format!("{i}.csv.zst"), zstandard(&text)),
                }
            })
            .collect();
        let parts: Vec<(&str, Vec<u8>)> = parts.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
        let (folder, _) = files(&parts);
        let found = streamed(&[folder.path().join("*")], formula, Missing::Drop).unwrap();
        prop_assert_eq!(found.terms(), design.terms.as_slice());
        prop_assert_eq!(found.dropped_rows(), design.dropped_rows);
        prop_assert_eq!(found.missing(), design.missing);
        match (fit_of(found, Family::Poisson), wanted) {
            (Ok(found), Ok(wanted)) => prop_assert_eq!(bits(&found), bits(&wanted)),
            (found, wanted) => prop_assert_eq!(found, wanted),
        }
    }
}

/// Several segments, chunks and waves of one file, with quoted text from some row on.
#[test]
fn a_file_of_several_segments() {
    let rows = table(3, 60_000);
    let text = format!("{HEADER}{}", rows.concat());
    assert!(text.len() > 1 << 20);
    let formula = "y ~ x + group + C(ward)";
    let (_, wanted) = in_memory(&text, formula, Family::Poisson);
    let wanted = bits(&wanted.unwrap());
    let (_folder, paths) = files(&[("all.csv", text.into_bytes())]);
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let found = pool.install(|| {
            let design = streamed(&paths, formula, Missing::Drop).unwrap();
            fit_of(design, Family::Poisson).unwrap()
        });
        assert_eq!(bits(&found), wanted, "{threads}");
    }
}

#[test]
fn a_category_that_first_occurs_in_the_last_row_of_the_last_file() {
    let (_folder, paths) = files(&[
        ("1.csv", b"y,g\n1,b\n0,a\n1,a\n0,b\n".to_vec()),
        ("2.csv", b"g,y\na,1\nb,1\nc,1\nc,0\n0,1\n".to_vec()),
    ]);
    // A number among text, asked for as categories.
    let design = streamed(&paths, "y ~ C(g)", Missing::Fail).unwrap();
    assert_eq!(
        design.terms(),
        ["Intercept", "C(g)[a]", "C(g)[b]", "C(g)[c]"]
    );
    assert_eq!(
        design.place(4).unwrap().unwrap(),
        format!("{}, line 2", paths[1].display())
    );
}

#[track_caller]
fn refused(parts: &[(&str, Vec<u8>)], formula: &str, missing: Missing) -> String {
    let (folder, paths) = files(parts);
    let message = match streamed(&paths, formula, missing) {
        Err(error) => error.to_string(),
        Ok(design) => fit_of(design, Family::Gaussian).unwrap_err().to_string(),
    };
    assert!(
        !message.contains('\n') || message.contains('^'),
        "{message}"
    );
    message.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn hostile_files() {
    let text = |text: &str| text.as_bytes().to_vec();
    let good = text("y,x\n1,2\n2,3\n3,5\n4,1\n");
    for (parts, formula, wanted) in [
        (
            vec![("a.csv", good.clone()), ("b.csv", text("y,z\n1,2\n"))],
            "y ~ x",
            "b.csv has no column `x`, which a.csv has; give every file the same columns",
        ),
        (
            vec![("a.csv", good.clone()), ("b.csv", text("y,x\n1,\n5,low\n"))],
            "y ~ x",
            "b.csv, line 3, column x: \"low\" is not a number; correct the cell, or leave it empty to mark it as missing; C(x) takes the column as categories",
        ),
        (
            vec![
                ("a.csv", text("y,x\n1,a\n2,b\n")),
                ("b.csv", text("y,x\n1,2\n")),
            ],
            "y ~ x",
            "a.csv, line 2, column x: \"a\" is not a number;",
        ),
        (
            vec![("a.csv", text("y,x\na,1\nb,2\n"))],
            "y ~ x",
            "a.csv, the response y is categories, where a number is needed;",
        ),
        (
            vec![
                ("a.csv", good.clone()),
                ("b.csv", text("y,x\n1,2\n\n3,4,5\n")),
            ],
            "y ~ x",
            "b.csv: line 4 has 3 cells where line 1 names 2 columns;",
        ),
        (
            vec![("a.csv", text("y,x,x\n1,2,3\n"))],
            "y ~ x",
            "a.csv: columns 2 and 3 are both called `x`; rename one of them",
        ),
        (
            vec![("a.csv", text(""))],
            "y ~ x",
            "a.csv: the file is empty;",
        ),
        (
            vec![("a.csv", text("y,x\n"))],
            "y ~ x",
            "a.csv: there are no rows under the column names",
        ),
        (
            vec![("a.csv", text("y,x\n")), ("b.csv", text("y,x\n\n"))],
            "y ~ x",
            "a.csv: there are no rows under the column names",
        ),
        (
            vec![("a.csv", text("y,x\n1,\n2,\n"))],
            "y ~ x",
            "a.csv, no row is left: each has a missing cell (`x`: 2 (first on line 2)); leave out a column",
        ),
        (
            vec![("a.csv", good.clone()), ("b.csv", text("y,x\n1,\n2,3\n"))],
            "y ~ x + q",
            "a.csv has no column `q`; its columns are `y`, `x`",
        ),
        (
            vec![("a.csv", text("y,g\n1,a\n2,a\n"))],
            "y ~ g",
            "a.csv, g has only one category, `a`, in the rows that are used;",
        ),
        (
            vec![("a.csv", text("y,x\n1,2\n"))],
            "y ~ x",
            "1 observations cannot determine 2 coefficients",
        ),
        (
            vec![("a.csv", text("y,x\n1,2\n2,2\n3,2\n"))],
            "y ~ x",
            "the term «x» is constant (2)",
        ),
        (
            vec![("a.csv", text("y,x\n1,0\n2,2\n3,1\n"))],
            "y ~ log(x)",
            "a.csv, line 2: log(x) is -inf where x = 0;",
        ),
        (
            vec![("a.csv", text("y,x\n1,3\n2,inf\n3,1\n"))],
            "y ~ x",
            "a.csv, line 3, column x: inf is not a finite number;",
        ),
        (
            vec![("a.csv", text("y,x\n1,3\n2,\"4\n3,1\n"))],
            "y ~ x",
            "a.csv: a quotation mark in the row of line 3 is never closed; close it there",
        ),
        (
            vec![("a.csv", b"y,x\n1,3\n2,\xff\n".to_vec())],
            "y ~ x",
            "a.csv: line 3, column x: this is not UTF-8; save the table as UTF-8",
        ),
        (
            vec![("a.csv.gz", gzip(b"y;x\n1;3\n"))],
            "y ~ x",
            "a.csv.gz: line 1 has no comma but semicolons;",
        ),
        (
            vec![("a.csv", text("y,x,pi\n1,3,1\n2,4,1\n"))],
            "y ~ sin(pi*x)",
            "a.csv has a column of that name",
        ),
    ] {
        let message = refused(&parts, formula, Missing::Drop);
        assert!(message.contains(wanted), "{message}\nwithout\n{wanted}");
    }
    let missing = [("a.csv", good), ("b.csv", text("y,x\n1,\n2,3\n"))];
    let message = refused(&missing, "y ~ x", Missing::Fail);
    assert!(
        message.contains("1 of 6 rows have missing cells (`x`: 1 (first on line 2 of "),
        "{message}"
    );
}

/// More categories than a design may have columns are refused before they fill the memory.
#[test]
fn an_identifier_taken_for_categories() {
    let mut text = String::from("y,id\n");
    for i in 0..10_001 {
        text.push_str(&format!("{},p{i}\n", i % 7));
    }
    let message = refused(&[("a.csv", text.into_bytes())], "y ~ id", Missing::Fail);
    assert!(
        message.contains("id has more than 10000 categories"),
        "{message}"
    );
}

#[test]
fn patterns() {
    let (folder, _) = files(&[("a[1].csv", b"y,x\n1,2\n2,4\n3,5\n".to_vec())]);
    let find = |name: &str| TableFiles::find(&[folder.path().join(name)]);
    assert!(matches!(
        find("*.parquet"),
        Err(SourceError::NoMatch { .. })
    ));
    assert!(matches!(find("b[.csv"), Err(SourceError::Pattern { .. })));
    let none: [PathBuf; 0] = [];
    assert!(TableFiles::find(&none).is_err());
    // A file's own name counts before what it would stand for.
    assert_eq!(find("a[1].csv").unwrap().paths().len(), 1);
    assert_eq!(find("a*").unwrap().paths().len(), 1);
    let message = find("gone.csv").unwrap_err().to_string();
    assert!(message.contains("no such file"), "{message}");
    let message = find(".").unwrap_err().to_string();
    assert!(message.contains("this is a folder"), "{message}");
    if cfg!(not(feature = "columnar")) {
        let (folder, _) = files(&[("t.parquet", Vec::new())]);
        let error = TableFiles::find(&[folder.path().join("t.parquet")]).unwrap_err();
        assert!(error.to_string().contains("with the feature `columnar`"));
    }
}

/// Cut anywhere, a compressed file is an error and never a shorter table.
#[test]
fn truncated_compressed_files() {
    let text = format!("{HEADER}{}", table(5, 200).concat()).into_bytes();
    for (name, bytes) in [("a.csv.gz", gzip(&text)), ("a.csv.zst", zstandard(&text))] {
        for length in (1..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
            let (_folder, paths) = files(&[(name, bytes[..length].to_vec())]);
            let found = streamed(&paths, "y ~ x", Missing::Drop);
            let error = found.map(|design| design.terms().len()).unwrap_err();
            if length > 4 {
                assert!(
                    error.to_string().contains("the compressed data break off"),
                    "{name} {length} {error}"
                );
            }
        }
        // Two of them in one file are one table.
        let twice = [bytes.clone(), bytes].concat();
        let (_folder, paths) = files(&[(name, twice)]);
        let error = streamed(&paths, "y ~ x", Missing::Drop).unwrap_err();
        assert!(
            error.to_string().contains("\"y\" is not a number"),
            "{error}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    /// A damaged file has an answer or one error.
    #[test]
    fn damaged_files(
        seed in 1..100_u64,
        kind in 0..3_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let text = format!("{HEADER}{}", table(seed, 30).concat()).into_bytes();
        let mut bytes = [text.clone(), gzip(&text), zstandard(&text)][kind].clone();
        for (index, byte) in changes {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        let (_folder, paths) = files(&[("a.csv", bytes)]);
        if let Ok(design) = streamed(&paths, "y ~ x + group", Missing::Drop) {
            let _ = fit_of(design, Family::Poisson);
        }
    }

    #[test]
    fn random_files(bytes in prop::collection::vec(any::<u8>(), 0..200), magic in 0..3_usize) {
        let first: &[u8] = [&b""[..], &[0x1f, 0x8b, 8, 0], &[0x28, 0xb5, 0x2f, 0xfd]][magic];
        let (_folder, paths) = files(&[("a.csv", [first, &bytes].concat())]);
        let _ = streamed(&paths, "y ~ x", Missing::Drop);
    }
}

/// A file that shrinks between two passes is told.
#[test]
fn a_file_that_changes_while_it_is_read() {
    let text = format!("{HEADER}{}", table(9, 100).concat());
    let (_folder, paths) = files(&[("a.csv", text.clone().into_bytes())]);
    let design = streamed(&paths, "y ~ x", Missing::Drop).unwrap();
    let (terms, intercept) = (design.terms().to_vec(), design.intercept());
    let regression = Regression::streamed(Arc::new(design), &terms, intercept, None).unwrap();
    let shorter: Vec<&str> = text.lines().take(50).collect();
    std::fs::write(&paths[0], shorter.join("\n")).unwrap();
    let error = regression.fit(Family::Poisson, Link::Log).unwrap_err();
    assert!(matches!(error, GlmError::RowsChanged { .. }), "{error}");
    std::fs::write(&paths[0], text.replace("south", "west")).unwrap();
    assert!(regression.fit(Family::Poisson, Link::Log).is_ok());
}
