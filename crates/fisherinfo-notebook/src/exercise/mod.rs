//! An exercise: what it says, what it asks for, and the solution that belongs to it.

mod answer;

pub mod additivity;
pub mod bernoulli;
pub mod consolidation;
pub mod expectation;
pub mod gaussian_location;
pub mod jeffreys;
pub mod local_divergence;
pub mod logistic_regression;
pub mod natural_gradient;
pub mod reparameterisation;

pub use answer::{Answer, AnswerKind, Domain, Length, Shape, Variable};

use crate::solution::{Check, Figure, Findings, Input, InputError, Inputs, Outcome, SolutionError};

/// The part of the course that an exercise belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Exercises 1 to 3.
    Mechanics,
    /// Exercises 4 to 6.
    Theory,
    /// Exercises 7 to 10.
    Applications,
}

impl Part {
    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Mechanics => "Mechanics",
            Self::Theory => "Theory",
            Self::Applications => "Applications",
        }
    }
}

/// One exercise.
#[derive(Clone, Copy, Debug)]
pub struct Exercise {
    /// Its number, from 1.
    pub number: u8,
    /// Its name in links: `bernoulli`.
    pub slug: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it is about.
    pub topic: &'static str,
    /// The part of the course.
    pub part: Part,
    /// How hard it is, from one star to three.
    pub stars: u8,
    /// The problem, in Markdown with LaTeX between `$` and `$$`.
    pub problem: &'static str,
    /// Up to three hints, to be shown one at a time; Markdown with LaTeX.
    pub hints: &'static [&'static str],
    /// What to remember; Markdown with LaTeX.
    pub takeaway: &'static str,
    /// The numbers that a reader may vary.
    pub inputs: &'static [Input],
    /// What the learner is asked for.
    pub answers: &'static [Answer],
    /// The worked solution.
    pub solution: Solution,
}

/// A worked solution: its source and the same as functions.
#[derive(Clone, Copy, Debug)]
pub struct Solution {
    /// The file that is compiled into `solve`, in Rust.
    pub source: &'static str,
    /// The file that is compiled into `checks`, in Rust.
    pub checks_source: &'static str,
    /// Inputs that are each in range and do not go together are refused here.
    pub admissible: fn(&Inputs) -> Result<(), InputError>,
    /// From inputs to findings.
    pub solve: fn(&Inputs) -> Result<Findings, SolutionError>,
    /// Findings against routes of their own.
    pub checks: fn(&Inputs, &Findings) -> Result<Vec<Check>, SolutionError>,
    /// The data of the figures.
    pub figures: fn(&Inputs, &Findings) -> Result<Vec<Figure>, SolutionError>,
}

/// The files and functions of an exercise, by the name of its modules.
macro_rules! solution {
    ($module:ident, $file:literal, $admissible:expr) => {
        crate::exercise::Solution {
            source: include_str!(concat!("../solutions/", $file)),
            checks_source: include_str!(concat!("../checks/", $file)),
            admissible: $admissible,
            solve: crate::solutions::$module::solve,
            checks: crate::checks::$module::checks,
            figures: crate::figures::$module::figures,
        }
    };
}
use solution;

/// Every combination of inputs goes together.
fn any(_: &Inputs) -> Result<(), InputError> {
    Ok(())
}

/// Inputs that do not go together.
fn refuse(reason: impl Into<String>) -> Result<(), InputError> {
    Err(InputError::Together {
        reason: reason.into(),
    })
}

impl Exercise {
    /// Its inputs, at their defaults.
    pub fn inputs(&self) -> Inputs {
        Inputs::defaults(self.inputs)
    }

    /// Do these inputs go together?
    ///
    /// # Errors
    /// Why not, and what to do.
    pub fn admissible(&self, inputs: &Inputs) -> Result<(), InputError> {
        (self.solution.admissible)(inputs)
    }

    /// The findings of its solution.
    ///
    /// # Errors
    /// Inputs that do not go together, or that the engine refuses.
    pub fn solve(&self, inputs: &Inputs) -> Result<Findings, SolutionError> {
        self.admissible(inputs)?;
        (self.solution.solve)(inputs)
    }

    /// These findings, held against routes of their own.
    ///
    /// # Errors
    /// Findings that no check can be made of; count it as a check that failed.
    ///
    /// ```
    /// use fisherinfo_notebook::course::course;
    /// use fisherinfo_notebook::solution::Value;
    /// let exercise = course().exercise(3)?;
    /// let inputs = exercise.inputs();
    /// let findings = exercise.solve(&inputs)?;
    /// assert!(exercise.checks(&inputs, &findings)?.iter().all(|check| check.passed));
    /// // dφ/dp in the place of dp/dφ is noticed.
    /// let wrong = findings.replaced("slope dp/dphi", Value::Number(1.0 / 0.1875));
    /// assert!(exercise.checks(&inputs, &wrong)?.iter().any(|check| !check.passed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn checks(
        &self,
        inputs: &Inputs,
        findings: &Findings,
    ) -> Result<Vec<Check>, SolutionError> {
        (self.solution.checks)(inputs, findings)
    }

    /// The data of its figures.
    ///
    /// # Errors
    /// Findings that are missing, or inputs that the engine refuses.
    pub fn figures(
        &self,
        inputs: &Inputs,
        findings: &Findings,
    ) -> Result<Vec<Figure>, SolutionError> {
        (self.solution.figures)(inputs, findings)
    }

    /// Findings, checks and figures at once.
    ///
    /// # Errors
    /// As each of them.
    pub fn run(&self, inputs: &Inputs) -> Result<Outcome, SolutionError> {
        let findings = self.solve(inputs)?;
        Ok(Outcome {
            checks: self.checks(inputs, &findings)?,
            figures: self.figures(inputs, &findings)?,
            findings,
        })
    }

    /// The answer with a letter.
    pub fn answer(&self, letter: char) -> Option<&'static Answer> {
        self.answers.iter().find(|answer| answer.letter == letter)
    }
}
