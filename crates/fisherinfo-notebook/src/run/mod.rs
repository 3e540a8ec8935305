//! Runs exercises and tells what happens as it happens.
//!
//! The same events serve the command, which prints them ([`text`], [`json`]), and a page, which
//! shows them cell by cell. A run can be stopped between cells from another thread.

pub mod json;
pub mod text;

use crate::course::{Course, CourseError};
use crate::exercise::Exercise;
use crate::solution::{Check, Finding, InputError, Inputs, SolutionError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use thiserror::Error;

/// One exercise, with its inputs.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is run.
    pub exercise: &'static Exercise,
    /// With what.
    pub inputs: Inputs,
}

/// What is wrong with a request.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum RequestError {
    /// No such exercise.
    #[error(transparent)]
    Course(#[from] CourseError),
    /// An input that is unknown, out of range, or does not go with the others.
    #[error(transparent)]
    Input(#[from] InputError),
}

impl Request {
    /// An exercise by its number, with some inputs away from their defaults.
    ///
    /// # Errors
    /// A number or a name that is not there; values out of range or that do not go together.
    ///
    /// ```
    /// use fisherinfo_notebook::course::course;
    /// use fisherinfo_notebook::run::Request;
    /// let request = Request::new(course(), 7, &[("n", 3000.0)])?;
    /// assert_eq!(request.inputs.count("n")?, 3000);
    /// assert!(Request::new(course(), 4, &[("s12", 3.0)]).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(course: &Course, number: u8, inputs: &[(&str, f64)]) -> Result<Self, RequestError> {
        let exercise = course.exercise(number)?;
        let inputs = inputs
            .iter()
            .try_fold(exercise.inputs(), |all, (name, value)| {
                all.with(name, *value)
            })?;
        exercise.admissible(&inputs)?;
        Ok(Self { exercise, inputs })
    }

    /// Every exercise of a course with the inputs at their defaults.
    pub fn all(course: &Course) -> Vec<Self> {
        course
            .exercises()
            .map(|exercise| Self {
                exercise,
                inputs: exercise.inputs(),
            })
            .collect()
    }
}

/// A run in progress, as far as stopping it goes. Clones stop the same run.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Not stopped yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the run before its next cell.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Was it stopped?
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Something that happened in a run.
#[derive(Clone, Debug)]
pub enum Event {
    /// An exercise begins.
    Started {
        /// Which.
        exercise: &'static Exercise,
        /// With what.
        inputs: Inputs,
    },
    /// A finding of its solution.
    FigureOfMerit {
        /// The exercise.
        exercise: &'static Exercise,
        /// Name, value and meaning.
        finding: Finding,
    },
    /// A check of its findings.
    Checked {
        /// The exercise.
        exercise: &'static Exercise,
        /// Passed or failed.
        check: Check,
    },
    /// The solution or its checks gave no result: counted as one check failed.
    Broken {
        /// The exercise.
        exercise: &'static Exercise,
        /// Why.
        error: SolutionError,
    },
    /// What to remember of it.
    Takeaway {
        /// The exercise.
        exercise: &'static Exercise,
    },
    /// An exercise has ended.
    Finished {
        /// The exercise.
        exercise: &'static Exercise,
        /// Checks that passed.
        passed: usize,
        /// Checks that failed.
        failed: usize,
        /// How long it took.
        elapsed: Duration,
    },
    /// The run has ended.
    Summary(Summary),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Checks that passed.
    pub passed: usize,
    /// Checks that failed.
    pub failed: usize,
    /// Exercises that were run.
    pub exercises: usize,
    /// Was it stopped before its end?
    pub stopped: bool,
    /// How long it took.
    pub elapsed: Duration,
}

impl Summary {
    /// Did everything pass, to the end?
    pub fn is_success(&self) -> bool {
        self.failed == 0 && !self.stopped
    }

    /// What a command exits with: 0, or 1 when a check failed or the run was stopped.
    pub fn exit_code(&self) -> u8 {
        u8::from(!self.is_success())
    }
}

/// Runs the requests in order, and calls `on_event` with each event as it happens.
///
/// It stops between one exercise and the next, and between solving and checking, once `stop` says
/// so; the summary comes in every case, and last.
///
/// ```
/// use fisherinfo_notebook::course::course;
/// use fisherinfo_notebook::run::{Event, Request, Stop, run};
/// let requests = [Request::new(course(), 9, &[("p", 0.2)])?];
/// let mut names = Vec::new();
/// let summary = run(&requests, &Stop::new(), |event| {
///     if let Event::FigureOfMerit { finding, .. } = event {
///         names.push(finding.name);
///     }
/// });
/// assert!(summary.is_success());
/// assert_eq!(names.last(), Some(&"closed form"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn run(requests: &[Request], stop: &Stop, mut on_event: impl FnMut(Event)) -> Summary {
    let began = Instant::now();
    let mut summary = Summary::default();
    for request in requests {
        if stop.is_stopped() {
            summary.stopped = true;
            break;
        }
        let (passed, failed, stopped) = run_one(request, stop, &mut on_event);
        summary.passed += passed;
        summary.failed += failed;
        if stopped {
            summary.stopped = true;
            break;
        }
        summary.exercises += 1;
    }
    summary.elapsed = began.elapsed();
    on_event(Event::Summary(summary));
    summary
}

/// (passed, failed, stopped midway)
fn run_one(
    request: &Request,
    stop: &Stop,
    on_event: &mut impl FnMut(Event),
) -> (usize, usize, bool) {
    let began = Instant::now();
    let Request { exercise, inputs } = request;
    let exercise = *exercise;
    on_event(Event::Started {
        exercise,
        inputs: inputs.clone(),
    });
    let (mut passed, mut failed) = (0, 0);
    match exercise.solve(inputs) {
        Err(error) => {
            failed += 1;
            on_event(Event::Broken { exercise, error });
        }
        Ok(findings) => {
            for finding in &findings {
                on_event(Event::FigureOfMerit {
                    exercise,
                    finding: finding.clone(),
                });
            }
            if stop.is_stopped() {
                return (passed, failed, true);
            }
            match exercise.checks(inputs, &findings) {
                Err(error) => {
                    failed += 1;
                    on_event(Event::Broken { exercise, error });
                }
                Ok(checks) => {
                    for check in checks {
                        if check.passed {
                            passed += 1;
                        } else {
                            failed += 1;
                        }
                        on_event(Event::Checked { exercise, check });
                    }
                }
            }
        }
    }
    on_event(Event::Takeaway { exercise });
    on_event(Event::Finished {
        exercise,
        passed,
        failed,
        elapsed: began.elapsed(),
    });
    (passed, failed, false)
}
