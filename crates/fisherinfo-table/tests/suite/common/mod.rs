//! The published tables, and a comparison to a number of digits.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

pub(crate) mod ships;

/// The columns of a table of numbers, with their names.
pub(crate) struct Table {
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
}

impl Table {
    pub(crate) fn read(name: &str) -> Self {
        let path = format!(
            "{}/../../notebooks/data/{name}.csv",
            env!("CARGO_MANIFEST_DIR")
        );
        let mut reader = csv::Reader::from_path(path).unwrap();
        let names: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
        let mut columns = vec![Vec::new(); names.len()];
        for record in reader.records() {
            for (column, field) in columns.iter_mut().zip(record.unwrap().iter()) {
                column.push(field.parse().unwrap());
            }
        }
        Self { names, columns }
    }

    pub(crate) fn column(&self, name: &str) -> Vec<f64> {
        let index = self.names.iter().position(|n| n == name);
        self.columns[index.unwrap_or_else(|| panic!("no column {name}"))].clone()
    }

    pub(crate) fn columns(&self, names: &[&str]) -> Vec<Vec<f64>> {
        names.iter().map(|name| self.column(name)).collect()
    }
}

pub(crate) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).into()).collect()
}

/// Equal to a relative tolerance, entry by entry.
#[track_caller]
pub(crate) fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!(
            (a - b).abs() <= tolerance * b.abs(),
            "entry {i}: {a} instead of {b}, off by {:.1e}",
            (a - b).abs() / b.abs()
        );
    }
}

/// The design of a formula on one of the tables, which may have text in it.
pub(crate) fn data(name: &str, formula: &str) -> fisherinfo_table::Design {
    use fisherinfo_table::{Design, DesignOptions, Formula, ResponseKind};
    let path = format!(
        "{}/../../notebooks/data/{name}.csv",
        env!("CARGO_MANIFEST_DIR")
    );
    let table = fisherinfo_table::Table::read_csv(std::path::Path::new(&path)).unwrap();
    let options = DesignOptions {
        response: ResponseKind::NumbersOrLabels,
        ..DesignOptions::default()
    };
    Design::new(&table, &Formula::parse(formula).unwrap(), &options).unwrap()
}

/// Whole numbers below what is asked for, the same for the same seed.
pub(crate) fn draws(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |most| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % most
    }
}
