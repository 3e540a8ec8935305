//! The data of exercises 7 and 8: the published draws, and fresh ones like them.

use fisherinfo::family::{Bernoulli, Model, NormalLocation};
use fisherinfo::special::logistic;
use fisherinfo_notebook::solution::{Inputs, SolutionError};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Two covariates and a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Covariates.
    pub x: [f64; 2],
    /// 0 or 1.
    pub y: f64,
}

const EXERCISE_7: &str = include_str!("../../../../notebooks/data/exercise7.csv");
const EXERCISE_8: &str = include_str!("../../../../notebooks/data/exercise8.csv");

/// Are these inputs those of the published draws?
pub fn are_published(inputs: &Inputs) -> bool {
    ["n", "w1", "w2", "seed"]
        .iter()
        .all(|name| inputs.is_default(name))
}

/// The data that an exercise is computed on: the published 300 rows as long as n, w and the seed
/// are left alone, and fresh rows otherwise.
///
/// # Errors
/// An input that the exercise does not have.
pub fn of_exercise(number: u8, inputs: &Inputs) -> Result<Vec<Row>, SolutionError> {
    if are_published(inputs) {
        return published(if number == 7 { EXERCISE_7 } else { EXERCISE_8 });
    }
    let seed = inputs.count("seed")? as u64;
    draw(inputs.count("n")?, inputs.pair("w1", "w2")?, seed, 0)
}

/// n rows: x standard normal, and y a Bernoulli variable of probability logistic(x·w).
///
/// Seed and stream fix them.
///
/// # Errors
/// Weights so large that a label is certain to the last digit.
///
/// ```
/// use fisherinfo_notebook::solutions::draws::draw;
/// assert_eq!(draw(5, [0.8, -0.4], 1, 0)?, draw(5, [0.8, -0.4], 1, 0)?);
/// assert_ne!(draw(5, [0.8, -0.4], 1, 0)?, draw(5, [0.8, -0.4], 1, 1)?);
/// # Ok::<(), fisherinfo_notebook::solution::SolutionError>(())
/// ```
pub fn draw(n: usize, w: [f64; 2], seed: u64, stream: u64) -> Result<Vec<Row>, SolutionError> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(stream);
    let standard = NormalLocation { sigma: 1.0 };
    (0..n)
        .map(|_| {
            let (mut x1, mut x2, mut y) = ([0.0], [0.0], [0.0]);
            standard.sample(&[0.0], &mut generator, &mut x1)?;
            standard.sample(&[0.0], &mut generator, &mut x2)?;
            let p = logistic(x1[0] * w[0] + x2[0] * w[1]);
            Bernoulli.sample(&[p], &mut generator, &mut y)?;
            Ok(Row {
                x: [x1[0], x2[0]],
                y: y[0],
            })
        })
        .collect()
}

fn published(csv: &str) -> Result<Vec<Row>, SolutionError> {
    csv.lines()
        .skip(1)
        .enumerate()
        .map(|(index, line)| {
            let cells: Vec<f64> = line
                .split(',')
                .filter_map(|cell| cell.parse().ok())
                .collect();
            match cells[..] {
                [x1, x2, y] => Ok(Row { x: [x1, x2], y }),
                _ => Err(SolutionError::Row {
                    row: index + 1,
                    text: line.into(),
                }),
            }
        })
        .collect()
}
