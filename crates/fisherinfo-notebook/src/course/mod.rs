//! The course: its title, where it stands, and its exercises in order.

use crate::exercise::{
    Answer, Exercise, additivity, bernoulli, consolidation, expectation, gaussian_location,
    jeffreys, local_divergence, logistic_regression, natural_gradient, reparameterisation,
};
use thiserror::Error;

/// The ten exercises and what stands around them.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    /// Its title.
    pub title: &'static str,
    /// Where it stands, from the outside in; the last is the course itself.
    pub breadcrumb: &'static [&'static str],
    /// What it is, in Markdown.
    pub introduction: &'static str,
    exercises: [&'static Exercise; 10],
}

static COURSE: Course = Course {
    title: "Fisher Information",
    breadcrumb: &["Information Theory", "Fisher Information"],
    introduction: "Ten exercises on Fisher information: scores, information in one and in several \
parameters, the curvature of the divergence, Jeffreys' prior, and what regression, continual learning and \
optimisation make of them. Exercises 1 to 3 practise the mechanics, 4 to 6 the theory, 7 to 10 apply both. \
Each has hints, a worked solution that runs, and checks that hold every result against another way to it.",
    exercises: [
        &bernoulli::EXERCISE,
        &additivity::EXERCISE,
        &reparameterisation::EXERCISE,
        &gaussian_location::EXERCISE,
        &local_divergence::EXERCISE,
        &jeffreys::EXERCISE,
        &logistic_regression::EXERCISE,
        &consolidation::EXERCISE,
        &expectation::EXERCISE,
        &natural_gradient::EXERCISE,
    ],
};

/// The course.
///
/// ```
/// use fisherinfo_notebook::course::course;
/// assert_eq!(course().breadcrumb.join(" / "), "Information Theory / Fisher Information");
/// assert_eq!(course().exercises().count(), 10);
/// assert_eq!(course().answer("7b")?.prompt, course().exercise(7)?.answers[1].prompt);
/// # Ok::<(), fisherinfo_notebook::course::CourseError>(())
/// ```
pub fn course() -> &'static Course {
    &COURSE
}

/// A line of the table of contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentsEntry {
    /// The exercise's number.
    pub number: u8,
    /// Its name in links.
    pub slug: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The heading of its part.
    pub part: &'static str,
    /// How hard it is, from 1 to 3.
    pub stars: u8,
}

/// An exercise or an answer that is not there.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CourseError {
    /// No exercise of this number.
    #[error("there is no exercise {number}; the exercises are 1 to 10")]
    NoExercise {
        /// What was asked for.
        number: u8,
    },
    /// No answer of this name.
    #[error("there is no answer «{name}»; the answers are {names}")]
    NoAnswer {
        /// What was asked for.
        name: String,
        /// The names that there are.
        names: String,
    },
}

impl Course {
    /// The exercises, in order.
    pub fn exercises(&self) -> impl ExactSizeIterator<Item = &'static Exercise> + '_ {
        self.exercises.iter().copied()
    }

    /// An exercise by its number.
    ///
    /// # Errors
    /// When there is none.
    pub fn exercise(&self, number: u8) -> Result<&'static Exercise, CourseError> {
        self.exercises()
            .find(|exercise| exercise.number == number)
            .ok_or(CourseError::NoExercise { number })
    }

    /// All answers, in order.
    pub fn answers(&self) -> impl Iterator<Item = &'static Answer> + '_ {
        self.exercises().flat_map(|exercise| exercise.answers)
    }

    /// An answer by its name: `1a`.
    ///
    /// # Errors
    /// When there is none; the message lists the names.
    pub fn answer(&self, name: &str) -> Result<&'static Answer, CourseError> {
        self.answers()
            .find(|answer| answer.to_string().eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| CourseError::NoAnswer {
                name: name.chars().take(40).collect(),
                names: self
                    .answers()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// The table of contents.
    pub fn contents(&self) -> impl ExactSizeIterator<Item = ContentsEntry> + '_ {
        self.exercises().map(|exercise| ContentsEntry {
            number: exercise.number,
            slug: exercise.slug,
            title: exercise.title,
            part: exercise.part.title(),
            stars: exercise.stars,
        })
    }
}
