//! Regression on tables: a [`Table`] of named columns, a [`Formula`] over them, and the [`Design`]
//! that the two make.
//!
//! ```
//! use fisherinfo_table::{Design, DesignOptions, Formula, Table};
//!
//! let csv = "dose,sex,alive\n1,f,1\n2,m,0\n4,f,1\n8,m,0\n";
//! let table = Table::from_csv_reader(csv.as_bytes(), "mice.csv")?;
//! let formula = Formula::parse("alive ~ log2(dose) + sex")?;
//! let design = Design::new(&table, &formula, &DesignOptions::default())?;
//! assert_eq!(design.terms, ["Intercept", "log2(dose)", "sex[m]"]);
//! assert_eq!(design.columns[1], [0.0, 1.0, 2.0, 3.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod design;
pub mod distributed;
pub mod formula;
pub mod glm;
mod parallel;
pub mod source;
mod sums;
pub mod table;
mod wire;

pub use design::{
    Design, DesignError, DesignOptions, Groups, Levels, Missing, Response, ResponseKind,
    TermColumns,
};
pub use formula::{Formula, FormulaError};
pub use table::{Column, Table, TableError};
