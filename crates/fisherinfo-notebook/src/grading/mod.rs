//! Checks of answers that are formulas.
//!
//! A [`Question`] knows the value that is wanted, as a function of named values, and where an
//! answer has to have it. An answer is a [`Program`] in the same names; it is right when it has
//! that value at every point tried, whatever its form. Points are drawn from the declared domain,
//! or are data sets: those shown, and fresh ones of the same shape, so that a pasted number fails.
//! A wrong answer gets a point where it fails and, where one is recognised, a [`Diagnosis`]; never
//! the formula that was wanted.
//!
//! ```
//! use fisherinfo::expression::Value;
//! use fisherinfo_notebook::grading::{Diagnosis, Domain, Question, Variable, Verdict};
//!
//! let information = Question::new(
//!     [Variable::new("p", Domain::probability())],
//!     |at| match at.get("p") {
//!         Some(Value::Scalar(p)) => Value::Scalar(1.0 / (p * (1.0 - p))),
//!         _ => Value::Scalar(f64::NAN),
//!     },
//! );
//! assert!(information.check("1/p + 1/(1 - p)").is_right());
//! assert_eq!(
//!     information.check("p*(1-p)").diagnosis(),
//!     Some(&Diagnosis::Reciprocal)
//! );
//! assert!(matches!(information.check("1/(p*(1-p)"), Verdict::NotUnderstood(_)));
//! ```

mod compare;
mod diagnosis;
mod domain;
mod factor;
mod recognise;
mod samples;
mod verdict;

use std::fmt;

use fisherinfo::expression::{Environment, MAXIMUM_OPERATIONS, Program, Value};

pub use diagnosis::Diagnosis;
pub use domain::{Domain, Variable};
pub use factor::Factor;
pub use verdict::{CounterExample, NotUnderstood, Undecided, Verdict};

/// The random numbers that points and data are drawn with.
pub type Random = rand_chacha::ChaCha8Rng;

/// The fewest points an answer is tried at.
pub const FEWEST_POINTS: usize = 40;

/// What may differ between a right answer and the value that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UpTo {
    /// Nothing but rounding.
    #[default]
    Exactly,
    /// A positive factor that is the same everywhere, as for a prior that is not normalised.
    ConstantFactor,
}

/// The value wanted, or that of a known mistake.
type Reference = Box<dyn Fn(&Environment<f64>) -> Value<f64> + Send + Sync>;

/// Draws data.
type Fresh = Box<dyn Fn(&mut Random) -> Environment<f64> + Send + Sync>;

/// Where an answer has to be right.
enum Points {
    /// At values of the variables.
    Domain(Vec<Variable>),
    /// On these data, and on others like them.
    Data {
        given: Environment<f64>,
        fresh: Fresh,
    },
}

/// A wrong answer that is expected, and what to say of it.
struct Mistake {
    says: String,
    value: Reference,
}

/// What is asked for, and where an answer has to be right.
///
/// The same answer gets the same verdict every time: the points are drawn from a seed.
pub struct Question {
    points: Points,
    reference: Reference,
    mistakes: Vec<Mistake>,
    example: Option<Environment<f64>>,
    tolerance: f64,
    up_to: UpTo,
    number_of_points: usize,
    seed: u64,
    operations: u64,
}

impl Question {
    /// A question whose answer is a formula in `variables`, with the value `reference` everywhere.
    pub fn new(
        variables: impl IntoIterator<Item = Variable>,
        reference: impl Fn(&Environment<f64>) -> Value<f64> + Send + Sync + 'static,
    ) -> Self {
        Self::of(
            Points::Domain(variables.into_iter().collect()),
            Box::new(reference),
        )
    }

    /// A question about the data `given`, of which `fresh` draws others with the same names and
    /// shapes.
    pub fn on_data(
        given: Environment<f64>,
        fresh: impl Fn(&mut Random) -> Environment<f64> + Send + Sync + 'static,
        reference: impl Fn(&Environment<f64>) -> Value<f64> + Send + Sync + 'static,
    ) -> Self {
        let points = Points::Data {
            given,
            fresh: Box::new(fresh),
        };
        Self::of(points, Box::new(reference))
    }

    fn of(points: Points, reference: Reference) -> Self {
        Self {
            points,
            reference,
            mistakes: Vec::new(),
            example: None,
            tolerance: 1e-9,
            up_to: UpTo::Exactly,
            number_of_points: FEWEST_POINTS,
            seed: 0,
            operations: MAXIMUM_OPERATIONS,
        }
    }

    /// What may differ.
    #[must_use]
    pub fn up_to(mut self, up_to: UpTo) -> Self {
        self.up_to = up_to;
        self
    }

    /// How far an answer may be off, relative to the largest entry that is wanted; 1e-9 at first.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// At how many points it is tried, [`FEWEST_POINTS`] at least; more are added near the ends of
    /// the domain.
    #[must_use]
    pub fn points(mut self, points: usize) -> Self {
        self.number_of_points = points.max(FEWEST_POINTS);
        self
    }

    /// What the points are drawn from.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many operations a check may take, [`MAXIMUM_OPERATIONS`] at first.
    #[must_use]
    pub fn operations(mut self, operations: u64) -> Self {
        self.operations = operations;
        self
    }

    /// The numbers that the exercise works with: an answer that is right for them only is told so.
    #[must_use]
    pub fn example(mut self, example: Environment<f64>) -> Self {
        self.example = Some(example);
        self
    }

    /// A wrong answer that is expected; `says` is a sentence without its full stop, as in «This is
    /// the Hessian, not the empirical Fisher information».
    #[must_use]
    pub fn mistake(
        mut self,
        says: impl Into<String>,
        value: impl Fn(&Environment<f64>) -> Value<f64> + Send + Sync + 'static,
    ) -> Self {
        self.mistakes.push(Mistake {
            says: says.into(),
            value: Box::new(value),
        });
        self
    }

    /// Checks an answer as typed.
    pub fn check(&self, answer: &str) -> Verdict {
        match Program::parse(answer) {
            Ok(program) => self.check_program(&program),
            Err(error) => Verdict::NotUnderstood(error.into()),
        }
    }

    /// Checks an answer that was read.
    pub fn check_program(&self, answer: &Program) -> Verdict {
        samples::check(self, answer)
    }
}

impl fmt::Debug for Question {
    /// Shows what a reader of a log may see: not the value that is wanted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question")
            .field("tolerance", &self.tolerance)
            .field("up_to", &self.up_to)
            .field("number_of_points", &self.number_of_points)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
