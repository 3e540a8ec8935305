//! Expressions ready to be evaluated.

use super::arithmetic;
use super::error::{BindError, nearest_names};
use super::functions::Function;
use super::node::{Node, Operator};
use super::{Expression, function_names, tokens};
use crate::dual::Dual;

/// Evaluations of formulas no deeper than this take no memory from the heap.
const STACK_ON_HAND: usize = 16;

/// An [`Expression`] whose names are positions in the slice of values it is evaluated at.
#[derive(Debug, Clone)]
pub struct BoundExpression {
    steps: Vec<Step>,
    /// The largest number of values that wait for an operator at any one time.
    depth: usize,
    names: usize,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Constant(f64),
    Value(usize),
    Negate,
    Binary(Operator),
    ConstantPower(f64),
    Call {
        function: Function,
        arguments: usize,
    },
}

impl BoundExpression {
    /// The value at `values`, in the order of the names given to [`Expression::bind`].
    ///
    /// Outside the domain of a function the result is NaN or infinite, as for `f64`: `log(-1)` is
    /// NaN, `log(0)` is −∞.
    ///
    /// # Panics
    ///
    /// When `values` has not as many entries as there were names.
    ///
    /// ```
    /// use fisherinfo::expression::Expression;
    /// use num_dual::HyperDual64;
    ///
    /// let log_odds = Expression::parse("log(p/(1 - p))")?.bind(&["p"])?;
    /// let p = HyperDual64::from_re(0.2).derivative1().derivative2();
    /// let result = log_odds.evaluate(&[p]);
    /// // 1/(p(1 − p)) and its derivative (2p − 1)/(p(1 − p))².
    /// assert!((result.eps1 - 6.25).abs() < 1e-12);
    /// assert!((result.eps1eps2 + 23.4375).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn evaluate<D: Dual>(&self, values: &[D]) -> D {
        assert_eq!(
            values.len(),
            self.names,
            "one value for each name that the expression was bound to"
        );
        if self.depth <= STACK_ON_HAND {
            self.run(values, &mut [D::zero(); STACK_ON_HAND])
        } else {
            self.run(values, &mut vec![D::zero(); self.depth])
        }
    }

    /// Evaluates on `stack`, which has room for `self.depth` values.
    fn run<D: Dual>(&self, values: &[D], stack: &mut [D]) -> D {
        // The values that wait are stack[..top].
        let mut top = 0;
        for step in &self.steps {
            match *step {
                Step::Constant(number) => {
                    stack[top] = D::from(number);
                    top += 1;
                }
                Step::Value(index) => {
                    stack[top] = values[index];
                    top += 1;
                }
                Step::Negate => stack[top - 1] = -stack[top - 1],
                Step::ConstantPower(exponent) => {
                    stack[top - 1] = arithmetic::constant_power(stack[top - 1], exponent);
                }
                Step::Binary(operator) => {
                    top -= 1;
                    stack[top - 1] = arithmetic::apply(operator, stack[top - 1], stack[top]);
                }
                Step::Call {
                    function,
                    arguments,
                } => {
                    let first = top - arguments;
                    stack[first] = function.apply(&stack[first..top]);
                    top = first + 1;
                }
            }
        }
        stack[0]
    }
}

/// Compiles `expression` for values in the order of `names`.
pub(super) fn bind<S: AsRef<str>>(
    expression: &Expression,
    names: &[S],
) -> Result<BoundExpression, BindError> {
    let positions = positions(expression, names)?;
    let mut compiler = Compiler::default();
    for node in &expression.nodes {
        match *node {
            Node::Number(number) => compiler.push(0, Step::Constant(number)),
            Node::Pi => compiler.push(0, Step::Constant(std::f64::consts::PI)),
            Node::Variable(index) => compiler.push(0, Step::Value(positions[index])),
            Node::Negate => compiler.push(1, Step::Negate),
            Node::Binary(Operator::Power)
            | Node::Call {
                function: Function::Pow,
                ..
            } => compiler.power(),
            Node::Binary(operator) => compiler.push(2, Step::Binary(operator)),
            Node::Call {
                function,
                arguments,
            } => compiler.push(
                arguments,
                Step::Call {
                    function,
                    arguments,
                },
            ),
        }
    }
    Ok(BoundExpression {
        steps: compiler.steps,
        depth: compiler.depth,
        names: names.len(),
    })
}

/// The position in `names` of every variable of the expression.
fn positions<S: AsRef<str>>(expression: &Expression, names: &[S]) -> Result<Vec<usize>, BindError> {
    if expression.nodes.contains(&Node::Pi)
        && let Some(name) = names
            .iter()
            .map(AsRef::as_ref)
            .find(|name| tokens::is_pi(name))
    {
        return Err(BindError::NameOfConstant {
            name: name.to_owned(),
        });
    }
    expression
        .variables
        .iter()
        .map(|variable| {
            names
                .iter()
                .position(|name| name.as_ref() == variable.name)
                .ok_or_else(|| BindError::Unknown {
                    name: variable.name.clone(),
                    offset: variable.offset,
                    is_function: function_names().any(|known| known == variable.name),
                    nearest: nearest_names(&variable.name, names.iter().map(AsRef::as_ref)),
                    available: names.iter().map(|name| name.as_ref().to_owned()).collect(),
                })
        })
        .collect()
}

/// Writes the steps, replacing parts without names by their value.
#[derive(Default)]
struct Compiler {
    steps: Vec<Step>,
    /// The first step of every value that waits for an operator.
    starts: Vec<usize>,
    depth: usize,
}

impl Compiler {
    /// Adds a step that takes the last `operands` values.
    fn push(&mut self, operands: usize, step: Step) {
        let first = self.starts.len().saturating_sub(operands);
        let start = self.starts.get(first).copied().unwrap_or(self.steps.len());
        self.starts.truncate(first);
        self.starts.push(start);
        self.steps.push(step);
        // A constant operand is a single step by now, so more steps mean that there is a name.
        let operand_steps = &self.steps[start..self.steps.len() - 1];
        let is_constant = operands > 0
            && operand_steps.len() == operands
            && operand_steps
                .iter()
                .all(|step| matches!(step, Step::Constant(_)));
        if is_constant {
            let value = BoundExpression {
                steps: self.steps.split_off(start),
                depth: operands,
                names: 0,
            }
            .evaluate::<f64>(&[]);
            self.steps.push(Step::Constant(value));
        }
        self.depth = self.depth.max(self.starts.len());
    }

    /// Adds a power of the last two values: a constant exponent needs no logarithm of the base,
    /// which may then be negative.
    fn power(&mut self) {
        // A step that is a constant is the whole of the last value.
        if let Some(&Step::Constant(exponent)) = self.steps.last() {
            self.steps.pop();
            self.starts.pop();
            self.push(1, Step::ConstantPower(exponent));
        } else {
            self.push(2, Step::Binary(Operator::Power));
        }
    }
}
