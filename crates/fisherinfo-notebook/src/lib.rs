//! The workbook: ten exercises on Fisher information, with worked solutions that run and checks
//! that can fail.
//!
//! | question | room |
//! |---|---|
//! | what is asked? | [`course`]: the ten exercises in order; [`exercise`]: the text, hints and answers of one |
//! | what can be varied, and what came out? | [`solution`]: inputs, findings, checks, figures |
//! | how is it solved? | [`solutions`]: one file an exercise, shown to the learner as it is run |
//! | is it right? | [`checks`]: every finding held against a route of its own |
//! | what does it look like? | [`figures`]: the data of the figures |
//! | run it | [`run`]: events as they happen, as text or JSON |
//! | as files | [`document`]: `.ipynb` in and out, folders of them, the workbook as one |
//!
//! ```
//! use fisherinfo_notebook::course::course;
//!
//! let exercise = course().exercise(5)?;
//! let inputs = exercise.inputs().with("p", 0.5)?;
//! let outcome = exercise.run(&inputs)?;
//! assert!(outcome.checks.iter().all(|check| check.passed));
//! // At one half the third-order term vanishes.
//! assert!((outcome.findings.number("order of the remainder")? - 4.0).abs() < 0.01);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// The solutions name this crate as a reader of them would.
extern crate self as fisherinfo_notebook;

pub mod checks;
pub mod course;
pub mod document;
pub mod exercise;
pub mod figures;
pub mod grading;
pub mod questions;
pub mod run;
pub mod solution;
pub mod solutions;
