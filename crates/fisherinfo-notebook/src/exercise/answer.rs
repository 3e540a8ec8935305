use std::fmt;

/// Something that the learner has to give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// The number of its exercise.
    pub exercise: u8,
    /// Its letter: with the number, its name, `1a`.
    pub letter: char,
    /// What is asked; Markdown with LaTeX.
    pub prompt: &'static str,
    /// What form the answer takes.
    pub kind: AnswerKind,
}

impl fmt::Display for Answer {
    /// Its name: `1a`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.exercise, self.letter)
    }
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AnswerKind {
    /// A formula in named variables, in one or several lines.
    Formula {
        /// What it evaluates to.
        shape: Shape,
        /// The names it may use.
        variables: &'static [Variable],
        /// Is a formula as right as any positive multiple of it?
        up_to_a_constant: bool,
    },
    /// A number.
    Number,
    /// One of several statements.
    Choice {
        /// The statements; Markdown with LaTeX.
        options: &'static [&'static str],
        /// The place of the right one, from 0.
        right: usize,
        /// Why it is right; Markdown with LaTeX.
        reason: &'static str,
    },
}

/// What a formula evaluates to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A number.
    Number,
    /// A vector of this length.
    Vector(usize),
    /// A matrix of so many rows and columns.
    Matrix(usize, usize),
}

/// A name that a formula may use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variable {
    /// As it is typed: `sigma2`.
    pub name: &'static str,
    /// What it is; Markdown with LaTeX.
    pub meaning: &'static str,
    /// The values at which a formula has to be right.
    pub domain: Domain,
}

/// A set of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Domain {
    /// Numbers strictly between the two.
    Interval {
        /// Lower end; may be −∞.
        lower: f64,
        /// Upper end; may be ∞.
        upper: f64,
    },
    /// Whole numbers, both ends included.
    Integers {
        /// The least.
        from: i64,
        /// The greatest.
        to: i64,
    },
    /// The number of rows of the data, a whole number.
    RowCount,
    /// Vectors of numbers between the two.
    Vector {
        /// How many.
        length: Length,
        /// Lower end of each.
        lower: f64,
        /// Upper end of each.
        upper: f64,
    },
    /// Labels 0 and 1, one a row of the data.
    Labels,
    /// The covariates: one row an observation, entries standard normal.
    Covariates {
        /// Columns.
        columns: usize,
    },
    /// Symmetric positive definite matrices.
    PositiveDefinite {
        /// Rows and columns.
        size: usize,
    },
    /// Diagonal matrices with positive entries.
    PositiveDiagonal {
        /// Rows and columns.
        size: usize,
    },
}

/// How many entries a vector has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// So many.
    Fixed(usize),
    /// One a row of the data.
    Rows,
}

impl Answer {
    pub(super) const fn formula(
        exercise: u8,
        letter: char,
        prompt: &'static str,
        shape: Shape,
        variables: &'static [Variable],
    ) -> Self {
        let kind = AnswerKind::Formula {
            shape,
            variables,
            up_to_a_constant: false,
        };
        Self {
            exercise,
            letter,
            prompt,
            kind,
        }
    }

    pub(super) const fn choice(
        exercise: u8,
        letter: char,
        prompt: &'static str,
        options: &'static [&'static str],
        right: usize,
        reason: &'static str,
    ) -> Self {
        let kind = AnswerKind::Choice {
            options,
            right,
            reason,
        };
        Self {
            exercise,
            letter,
            prompt,
            kind,
        }
    }
}

impl Variable {
    pub(super) const fn new(name: &'static str, meaning: &'static str, domain: Domain) -> Self {
        Self {
            name,
            meaning,
            domain,
        }
    }

    /// A probability.
    pub(super) const fn probability() -> Self {
        Self::new(
            "p",
            "probability of a success",
            Domain::Interval {
                lower: 0.0,
                upper: 1.0,
            },
        )
    }
}
