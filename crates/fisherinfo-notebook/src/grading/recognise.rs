//! Recognising what a wrong answer is instead.

use fisherinfo::expression::{Budget, Environment, Program, Shape, Value};
use rand::SeedableRng;

use super::compare::{NEAR, distance, largest, plain};
use super::diagnosis::Diagnosis;
use super::domain::draw_point;
use super::factor::Factor;
use super::samples::{Kind, Sample, evaluate, ratio};
use super::{Points, Question, Random, UpTo};

/// How near a pasted number has to be to what is wanted: it may have been rounded.
const PASTED: f64 = 1e-3;

/// What the answer is at these points, at which both values are finite.
pub(super) fn recognise(
    question: &Question,
    program: &Program,
    samples: &[&Sample],
    usual: f64,
    budget: &mut Budget,
) -> Option<Diagnosis> {
    let evidence = Evidence {
        question,
        program,
        samples,
        usual,
    };
    let is_number = program.variables().len() == 0;
    evidence
        .mistake()
        .or_else(|| evidence.shape())
        .or_else(|| evidence.only_on_data())
        .or_else(|| {
            is_number
                .then(|| evidence.only_on_example(budget))
                .flatten()
        })
        .or_else(|| evidence.everywhere())
        .or_else(|| evidence.variable_factor())
        .or_else(|| evidence.only_at(budget))
        .or_else(|| evidence.only_on_example(budget))
        .or_else(|| evidence.factor_in_one_variable())
        .or_else(|| (is_number && evidence.varies()).then_some(Diagnosis::Constant))
}

/// All that a diagnosis is made from.
struct Evidence<'a> {
    question: &'a Question,
    program: &'a Program,
    samples: &'a [&'a Sample],
    usual: f64,
}

impl Evidence<'_> {
    /// Whether what is wanted is not the same at every point.
    fn varies(&self) -> bool {
        self.samples
            .first()
            .is_some_and(|first| self.samples.iter().any(|s| s.wanted != first.wanted))
    }

    /// Whether the answer is `expected` at every point, up to what the question allows.
    fn is(&self, expected: impl Fn(&Sample) -> Option<Vec<f64>>) -> bool {
        let mut factors = Vec::new();
        for sample in self.samples {
            let Some(expected) = expected(sample) else {
                return false;
            };
            let found = sample.found.entries();
            let factor = match self.question.up_to {
                UpTo::Exactly => Some(1.0),
                UpTo::ConstantFactor => ratio(found, &expected),
            };
            let Some(factor) = factor else { return false };
            let scaled: Vec<f64> = expected.iter().map(|entry| factor * entry).collect();
            if distance(found, &scaled, 0.0) > NEAR {
                return false;
            }
            factors.push(factor);
        }
        constant(factors.into_iter()).is_some_and(|factor| factor > 0.0)
    }

    /// As [`Self::is`], for a function of each entry that is wanted.
    fn is_entrywise(&self, function: impl Fn(f64) -> f64) -> bool {
        self.is(|sample| {
            let entries = sample.wanted.entries().iter();
            sample
                .has_one_shape()
                .then(|| entries.map(|entry| function(*entry)).collect())
        })
    }

    fn mistake(&self) -> Option<Diagnosis> {
        self.question
            .mistakes
            .iter()
            .find(|mistake| {
                self.is(|sample| {
                    let value = plain((mistake.value)(&sample.point));
                    let fits = value.shape() == sample.found.shape();
                    fits.then(|| value.entries().to_vec())
                })
            })
            .map(|mistake| Diagnosis::Mistake(mistake.says.clone()))
    }

    fn shape(&self) -> Option<Diagnosis> {
        let misfit = self.samples.iter().find(|sample| !sample.has_one_shape())?;
        if self.is(transposed) {
            return Some(Diagnosis::Transposed);
        }
        let only_diagonal = self.is(|sample| {
            let is_vector = matches!(sample.found, Value::Vector(_));
            is_vector.then(|| diagonal(&sample.wanted)).flatten()
        });
        if only_diagonal {
            return Some(Diagnosis::DiagonalOnly);
        }
        Some(Diagnosis::Shape {
            found: misfit.found.shape(),
            wanted: misfit.wanted.shape(),
        })
    }

    /// Right on the data shown.
    fn only_on_data(&self) -> Option<Diagnosis> {
        let given = self
            .samples
            .iter()
            .find(|sample| sample.kind == Kind::Given)?;
        let another = self.samples.iter().any(|sample| !self.is_pasted(sample));
        (another && self.is_pasted(given)).then_some(Diagnosis::OnlyOnGiven)
    }

    /// Right for the numbers that the exercise works with.
    fn only_on_example(&self, budget: &mut Budget) -> Option<Diagnosis> {
        let example = self.question.example.clone()?;
        let sample = evaluate(self.question, self.program, example, Kind::Inside, budget).ok()?;
        let another = self.samples.iter().any(|sample| !self.is_pasted(sample));
        (another && self.is_pasted(&sample)).then_some(Diagnosis::OnlyOnGiven)
    }

    /// Whether the answer is right at a point, where a number may have been rounded.
    fn is_pasted(&self, sample: &Sample) -> bool {
        let is_number = self.program.variables().len() == 0;
        let tolerance = if is_number { PASTED } else { NEAR };
        sample.has_one_shape()
            && distance(sample.found.entries(), sample.wanted.entries(), 0.0) <= tolerance
    }

    /// A function of the right answer, the same at every point.
    fn everywhere(&self) -> Option<Diagnosis> {
        let is_close = self
            .samples
            .iter()
            .all(|sample| distance(sample.found.entries(), sample.wanted.entries(), 0.0) <= PASTED);
        if is_close {
            return Some(Diagnosis::Close);
        }
        if self.is_entrywise(|x| -x) {
            return Some(Diagnosis::Negated);
        }
        let reciprocal = || {
            self.is_entrywise(f64::recip)
                .then_some(Diagnosis::Reciprocal)
        };
        let inverse = || {
            let is_inverse = self.samples.iter().all(|sample| is_inverse(sample));
            is_inverse.then_some(Diagnosis::Inverse)
        };
        let factor = || {
            let factor = self.constant_factor()?;
            // Any two numbers have a ratio: then only one with a name says something.
            let is_number = !self.varies() && self.samples.first()?.wanted.entries().len() == 1;
            (!is_number || factor.has_name()).then_some(Diagnosis::Factor(factor))
        };
        let one_of = |is: bool, diagnosis| is.then_some(diagnosis);
        inverse()
            .or_else(reciprocal)
            .or_else(factor)
            .or_else(|| {
                one_of(
                    self.is(|sample| sample.has_one_shape().then(|| transposed(sample)).flatten()),
                    Diagnosis::Transposed,
                )
            })
            .or_else(|| one_of(self.is_entrywise(|x| x * x), Diagnosis::Square))
            .or_else(|| one_of(self.is_entrywise(f64::sqrt), Diagnosis::SquareRoot))
            .or_else(|| {
                let is = self.is(|sample| {
                    let entries = diagonal(&sample.wanted)?;
                    let order = entries.len();
                    let mut matrix = vec![0.0; order * order];
                    for (index, entry) in entries.into_iter().enumerate() {
                        matrix[index * (order + 1)] = entry;
                    }
                    Some(matrix)
                });
                one_of(is, Diagnosis::DiagonalOnly)
            })
            .or_else(|| self.offset().map(Diagnosis::Offset))
    }

    /// The factor between the answer and what is wanted at each point where one is not 0.
    fn ratios(&self) -> Option<Vec<(&Sample, f64)>> {
        let mut ratios = Vec::new();
        for sample in self.samples {
            let (found, wanted) = (sample.found.entries(), sample.wanted.entries());
            if largest(wanted) == 0.0 {
                if largest(found) > 0.0 {
                    return None;
                }
                continue;
            }
            let ratio = ratio(found, wanted)?;
            let scaled: Vec<f64> = wanted.iter().map(|entry| ratio * entry).collect();
            if ratio == 0.0 || distance(found, &scaled, 0.0) > NEAR {
                return None;
            }
            ratios.push((*sample, ratio));
        }
        Some(ratios)
    }

    /// The factor, where it is the same everywhere.
    fn constant_factor(&self) -> Option<Factor> {
        if self.question.up_to == UpTo::ConstantFactor {
            return None;
        }
        let number = constant(self.ratios()?.into_iter().map(|(_, ratio)| ratio))?;
        Some(
            self.sample_size(number)
                .unwrap_or(Factor::number(exact(number))),
        )
    }

    /// A number as a power of the number of observations, on data.
    fn sample_size(&self, number: f64) -> Option<Factor> {
        let Points::Data { given, .. } = &self.question.points else {
            return None;
        };
        let sizes = given.iter().filter_map(|(_, value)| match value.shape() {
            Shape::Vector(size) | Shape::Matrix(size, _) if size > 2 => Some(size as f64),
            _ => None,
        });
        let size = sizes.fold(0.0, f64::max);
        [1.0, -1.0, 2.0, -2.0, 0.5, -0.5]
            .into_iter()
            .find(|power| (number / size.powf(*power) - 1.0).abs() <= NEAR)
            .map(|power| Factor::power("n", power))
    }

    /// A factor that is a power of one of several variables.
    ///
    /// Of a number, or where there is one variable only, it would give the formula away.
    fn variable_factor(&self) -> Option<Diagnosis> {
        let ratios = self.ratios_of_a_formula()?;
        self.powers(&ratios, &[|x| x])
            .filter(|(_, _, rest)| (rest - 1.0).abs() <= NEAR)
            .map(|(name, power, _)| Diagnosis::Factor(Factor::power(name, power)))
    }

    /// A factor that is another function of one of several variables, which is not told.
    fn factor_in_one_variable(&self) -> Option<Diagnosis> {
        let ratios = self.ratios_of_a_formula()?;
        self.powers(&ratios, &[|x| x, |x| 1.0 - x, |x| x * (1.0 - x)])
            .map(|(name, ..)| Diagnosis::FactorIn { name })
    }

    fn ratios_of_a_formula(&self) -> Option<Vec<(&Sample, f64)>> {
        let variables = self.samples.first()?.point.iter().len();
        (variables > 1 && self.program.variables().len() > 0)
            .then(|| self.ratios())
            .flatten()
    }

    /// The variable, the power of a function of it and the number that make up the ratios.
    fn powers(
        &self,
        ratios: &[(&Sample, f64)],
        functions: &[fn(f64) -> f64],
    ) -> Option<(String, f64, f64)> {
        let names = self.samples.first()?.point.iter();
        for (name, _) in names.filter(|(_, value)| value.shape() == Shape::Scalar) {
            for function in functions {
                let values: Vec<f64> = ratios
                    .iter()
                    .filter_map(|(sample, _)| number(&sample.point, name))
                    .map(function)
                    .collect();
                if constant(values.iter().copied()).is_some() {
                    continue;
                }
                for power in [1.0, -1.0, 2.0, -2.0, 0.5, -0.5] {
                    let rest = ratios.iter().zip(&values);
                    let rest = rest.map(|((_, ratio), value)| ratio / value.powf(power));
                    if let Some(rest) = constant(rest) {
                        return Some((name.to_owned(), power, rest));
                    }
                }
            }
        }
        None
    }

    /// The number between the answer and what is wanted.
    fn offset(&self) -> Option<f64> {
        if self.question.up_to == UpTo::ConstantFactor || !self.varies() {
            return None;
        }
        let mut offset: Option<f64> = None;
        for sample in self.samples {
            let (found, wanted) = (sample.found.entries(), sample.wanted.entries());
            for (x, y) in found.iter().zip(wanted) {
                let first = *offset.get_or_insert(x - y);
                let scale = x.abs() + y.abs() + first.abs();
                if (x - y - first).abs() > 1e-9 * scale {
                    return None;
                }
            }
        }
        // Rounding of a large answer can hide the number.
        offset.filter(|offset| offset.abs() > NEAR * self.usual)
    }

    /// Values of a variable at which the answer is right.
    fn only_at(&self, budget: &mut Budget) -> Option<Diagnosis> {
        const TRIES: usize = 8;
        let Points::Domain(variables) = &self.question.points else {
            return None;
        };
        if self.question.up_to == UpTo::ConstantFactor {
            return None;
        }
        let mut random = Random::seed_from_u64(self.question.seed.wrapping_add(1));
        for variable in variables {
            let mut values = Vec::new();
            for value in variable.domain.special() {
                let mut tries = (0..TRIES).filter_map(|_| {
                    let point = draw_point(variables, &mut random).with(&variable.name, value);
                    evaluate(self.question, self.program, point, Kind::Inside, budget).ok()
                });
                let is_right = |sample: &Sample| {
                    let (found, wanted) = (sample.found.entries(), sample.wanted.entries());
                    // Where 0 is wanted, many a formula is right.
                    sample.is_finite()
                        && largest(wanted) > 0.0
                        && distance(found, wanted, 0.0) <= NEAR
                };
                if tries.next().is_some_and(|sample| is_right(&sample))
                    && tries.all(|sample| is_right(&sample))
                {
                    values.push(value);
                }
            }
            if !values.is_empty() {
                return Some(Diagnosis::OnlyAt {
                    name: variable.name.clone(),
                    values,
                });
            }
        }
        None
    }
}

/// The number that all are, up to rounding.
fn constant(mut numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let first = numbers.next().filter(|first| first.is_finite())?;
    numbers
        .all(|other| (other - first).abs() <= NEAR * first.abs())
        .then_some(first)
}

/// A ratio of small numbers without the rounding it was found with.
fn exact(number: f64) -> f64 {
    /// The least common multiple of 1, …, 12.
    const MULTIPLE: f64 = 27720.0;
    let ratio = (number * MULTIPLE).round() / MULTIPLE;
    if (ratio - number).abs() <= 1e-11 * number.abs() {
        ratio
    } else {
        number
    }
}

fn number(point: &Environment<f64>, name: &str) -> Option<f64> {
    match point.get(name) {
        Some(Value::Scalar(number)) => Some(*number),
        _ => None,
    }
}

/// The entries of the transpose of what is wanted, where the answer has its shape.
fn transposed(sample: &Sample) -> Option<Vec<f64>> {
    let (rows, columns) = match sample.wanted.shape() {
        Shape::Matrix(rows, columns) => (rows, columns),
        // A row where a vector is wanted.
        Shape::Vector(length) => (length, 1),
        Shape::Scalar => return None,
    };
    if sample.found.shape() != Shape::Matrix(columns, rows) {
        return None;
    }
    let entries = sample.wanted.entries();
    let at = |index: usize| entries[index % rows * columns + index / rows];
    Some((0..entries.len()).map(at).collect())
}

/// The diagonal of a square matrix.
fn diagonal(value: &Value<f64>) -> Option<Vec<f64>> {
    match value {
        Value::Matrix {
            rows,
            columns,
            entries,
        } if rows == columns => Some(entries.iter().step_by(rows + 1).copied().collect()),
        _ => None,
    }
}

/// Whether the answer times what is wanted is the identity matrix.
fn is_inverse(sample: &Sample) -> bool {
    let (Value::Matrix { rows, columns, .. }, true) = (&sample.wanted, sample.has_one_shape())
    else {
        return false;
    };
    if rows != columns {
        return false;
    }
    let (found, wanted) = (sample.found.entries(), sample.wanted.entries());
    (0..rows * rows).all(|index| {
        let (row, column) = (index / rows, index % rows);
        let terms = (0..*rows).map(|k| found[row * rows + k] * wanted[k * rows + column]);
        let expected = if row == column { 1.0 } else { 0.0 };
        (terms.sum::<f64>() - expected).abs() <= NEAR
    })
}
