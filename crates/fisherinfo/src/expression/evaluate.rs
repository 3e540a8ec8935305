//! The evaluation of programs: steps on a stack, entry by entry.

use std::borrow::Cow;

use super::arithmetic;
use super::array_calls::array_call;
use super::array_functions::array_function_names;
use super::arrays;
use super::broadcast::{FITS, broadcast, combine, entry};
use super::budget::{ARITHMETIC, Budget, FUNCTION, Meter, STEP};
use super::error::{Excerpt, nearest_names};
use super::evaluation_error::{EvaluationError, EvaluationProblem as Problem};
use super::functions::{Function, function_names};
use super::near::{self, Near};
use super::node::{Node, Operator, Place, Precedence, ProgramNode};
use super::program::Program;
use super::tokens::is_pi;
use super::value::{Environment, Shape, Value};
use crate::dual::Dual;

/// The value of the last line of `program`.
pub(super) fn evaluate<D: Dual>(
    program: &Program,
    environment: &Environment<D>,
    budget: &mut Budget,
) -> Result<Value<D>, EvaluationError> {
    evaluate_watched(program, environment, budget, None)
}

/// The same; the numbers at whose sign the formula switches are appended to `switches`, always in the
/// same order: see [`watch`].
pub(super) fn evaluate_watched<D: Dual>(
    program: &Program,
    environment: &Environment<D>,
    budget: &mut Budget,
    mut switches: Option<&mut Vec<D>>,
) -> Result<Value<D>, EvaluationError> {
    let located = |problem, place: Place| EvaluationError {
        problem: Box::new(problem),
        excerpt: Excerpt::new(&program.text, place.offset, place.length),
    };
    let mut given: Vec<Option<Item<'_, D>>> = vec![None; program.names.len()];
    for (index, place) in &program.free {
        let value = given_value(program, environment, *index)
            .map_err(|problem| located(problem, *place))?;
        let name = program.name(*index);
        given[*index] = Some(Item {
            value: Cow::Borrowed(value),
            is_constant: environment.is_known(name),
            near: environment.near(name),
        });
    }
    let pi = ProgramNode::Scalar(Node::Pi);
    if let Some(index) = program.nodes.iter().position(|node| *node == pi)
        && let Some((name, _)) = environment.iter().find(|(name, _)| is_pi(name))
    {
        let name = name.to_owned();
        return Err(located(
            Problem::NameOfConstant { name },
            program.places[index],
        ));
    }

    let mut meter = Meter {
        held: 0,
        budget,
        // A dual number of order k holds 2^k numbers, a product of two takes 3^k of theirs.
        weight: 3_u64.saturating_pow(D::NDERIV as u32),
    };
    let mut defined: Vec<Option<Item<'_, D>>> = vec![None; program.names.len()];
    let mut last = None;
    for (line, statement) in program.statements.iter().enumerate() {
        let mut stack = Vec::new();
        for index in statement.nodes.clone() {
            let names = Names {
                given: &given,
                defined: &defined,
            };
            step(
                program.nodes[index],
                &mut stack,
                names,
                switches
                    .as_deref_mut()
                    .filter(|_| is_switch(&program.nodes, index)),
                &mut meter,
            )
            .map_err(|problem| located(problem, program.places[index]))?;
        }
        let Some(result) = stack.pop() else { continue };
        let place = program.places[statement.nodes.end - 1];
        if matches!(result.value, Cow::Borrowed(_)) {
            meter
                .claim(result.value.shape())
                .map_err(|problem| located(problem, place))?;
        }
        let result = Item {
            value: Cow::Owned(result.value.into_owned()),
            ..result
        };
        match statement.target {
            Some(target) if line + 1 < program.statements.len() => {
                if let Some(replaced) = defined[target].replace(result) {
                    meter.release(replaced.value.shape());
                }
            }
            _ => last = Some(result.value.into_owned()),
        }
    }
    // A program has a line, and a line a value.
    Ok(last.unwrap_or_else(|| Value::Scalar(D::from(f64::NAN))))
}

/// The value of a free name.
fn given_value<'a, D>(
    program: &Program,
    environment: &'a Environment<D>,
    index: usize,
) -> Result<&'a Value<D>, Problem> {
    let name = program.name(index);
    let Some(value) = environment.get(name) else {
        let names = environment.iter().map(|(name, _)| name);
        return Err(Problem::UnknownName {
            name: name.to_owned(),
            is_function: function_names()
                .chain(array_function_names())
                .any(|known| known == name),
            nearest: nearest_names(name, names.clone()),
            available: names.map(str::to_owned).collect(),
        });
    };
    if value.entries().len() == value.shape().entries() {
        Ok(value)
    } else {
        Err(Problem::Malformed {
            name: name.to_owned(),
            shape: value.shape(),
            entries: value.entries().len(),
        })
    }
}

/// A value that waits for an operator.
#[derive(Clone)]
pub(super) struct Item<'a, D: Clone> {
    pub(super) value: Cow<'a, Value<D>>,
    /// Whether it is made of numbers and known values alone: no derivative is taken in it, and a
    /// power of such an exponent needs no logarithm of its base.
    pub(super) is_constant: bool,
    /// A number of which more digits are known than one double has.
    pub(super) near: Option<Near>,
}

/// The values of names.
struct Names<'n, 'a, D: Clone> {
    given: &'n [Option<Item<'a, D>>],
    defined: &'n [Option<Item<'a, D>>],
}

/// Does one step: takes its operands from the stack, leaves its result there.
fn step<'n, D: Dual>(
    node: ProgramNode,
    stack: &mut Vec<Item<'n, D>>,
    names: Names<'n, '_, D>,
    switches: Option<&mut Vec<D>>,
    meter: &mut Meter<'_>,
) -> Result<(), Problem> {
    meter.spend(STEP)?;
    let operands = match node {
        ProgramNode::Scalar(Node::Variable(index)) => {
            let item = match (&names.defined[index], &names.given[index]) {
                (Some(item), _) | (None, Some(item)) => Item {
                    value: Cow::Borrowed(&*item.value),
                    is_constant: item.is_constant,
                    near: item.near,
                },
                // A name is defined by an earlier line, or free and then given.
                (None, None) => number(f64::NAN),
            };
            stack.push(item);
            return Ok(());
        }
        ProgramNode::Scalar(Node::Number(value)) => {
            meter.claim(Shape::Scalar)?;
            stack.push(number(value));
            return Ok(());
        }
        ProgramNode::Scalar(Node::Pi) => {
            meter.claim(Shape::Scalar)?;
            stack.push(number(std::f64::consts::PI));
            return Ok(());
        }
        ProgramNode::Scalar(Node::Negate) | ProgramNode::Transpose => 1,
        ProgramNode::Scalar(Node::Binary(_)) | ProgramNode::MatrixProduct => 2,
        ProgramNode::Scalar(Node::Call { arguments, .. }) => arguments,
        ProgramNode::List { entries } => entries,
        ProgramNode::Index { indices } => indices + 1,
        ProgramNode::Call { function } => function.arguments(),
    };
    let first = stack.len() - operands;
    let is_constant = stack[first..].iter().all(|item| item.is_constant);
    if let Some(switches) = switches {
        watch(node, &stack[first..], switches, meter)?;
    }
    let mut value = apply(node, &stack[first..], meter)?;
    let mut near = None;
    if stack[first..].iter().any(|item| item.near.is_some()) {
        near = near::result(node, &stack[first..]);
        if let Value::Scalar(number) = &mut value {
            if let Some(near) = near {
                *number = near::with_value(*number, near);
            } else if let Some(logarithm) = near::logarithm(node, &stack[first..]) {
                *number = logarithm;
            }
        }
    }
    for item in stack.drain(first..) {
        if let Cow::Owned(value) = item.value {
            meter.release(value.shape());
        }
    }
    stack.push(Item {
        value: Cow::Owned(value),
        is_constant,
        near,
    });
    Ok(())
}

/// Does the step at an index switch from one branch to another at the sign of a number?
pub(super) fn is_switch(nodes: &[ProgramNode], index: usize) -> bool {
    match nodes[index] {
        ProgramNode::Scalar(Node::Call { function, .. }) => {
            matches!(function, Function::Abs | Function::Min | Function::Max)
        }
        ProgramNode::Scalar(Node::Binary(operator)) => {
            operator.precedence() == Precedence::Comparison || is_squared_for_a_root(nodes, index)
        }
        _ => false,
    }
}

/// The square of `sqrt(u^2)`, which is `abs(u)`.
fn is_squared_for_a_root(nodes: &[ProgramNode], index: usize) -> bool {
    let root = ProgramNode::Scalar(Node::Call {
        function: Function::Sqrt,
        arguments: 1,
    });
    nodes[index] == ProgramNode::Scalar(Node::Binary(Operator::Power))
        && nodes.get(index + 1) == Some(&root)
        && index > 0
        && nodes[index - 1] == ProgramNode::Scalar(Node::Number(2.0))
}

/// The numbers at whose sign a step switches: what `abs` is taken of, the differences of what is
/// compared, the base of a square of which the root is taken.
fn watch<D: Dual>(
    node: ProgramNode,
    operands: &[Item<'_, D>],
    switches: &mut Vec<D>,
    meter: &mut Meter<'_>,
) -> Result<(), Problem> {
    if let (ProgramNode::Scalar(Node::Binary(Operator::Power)), [base, _]) = (node, operands) {
        switches.extend(base.value.entries());
        return Ok(());
    }
    if let [operand] = operands {
        switches.extend(operand.value.entries());
    }
    for (index, left) in operands.iter().enumerate() {
        for right in &operands[index + 1..] {
            let difference = elementwise(Operator::Subtract, left, right, meter)?;
            switches.extend(difference.entries());
            meter.release(difference.shape());
        }
    }
    Ok(())
}

fn number<D: Dual>(value: f64) -> Item<'static, D> {
    Item {
        value: Cow::Owned(Value::Scalar(D::from(value))),
        is_constant: true,
        near: None,
    }
}

/// The value of an operator or function at its operands, which are as many as it takes.
fn apply<D: Dual>(
    node: ProgramNode,
    operands: &[Item<'_, D>],
    meter: &mut Meter<'_>,
) -> Result<Value<D>, Problem> {
    if D::NDERIV > 0 && !operands.is_empty() && operands.iter().all(|item| item.is_constant) {
        let plain: Vec<Item<'_, f64>> = operands
            .iter()
            .map(|item| Item {
                value: Cow::Owned(item.value.map(|x| x.re())),
                is_constant: true,
                near: None,
            })
            .collect();
        return apply(node, &plain, meter).map(|value| value.map(|x| D::from(*x)));
    }
    match (node, operands) {
        (ProgramNode::Scalar(Node::Negate), [operand]) => {
            meter.claim(operand.value.shape())?;
            Ok(operand.value.map(|x| -*x))
        }
        (ProgramNode::Scalar(Node::Binary(operator)), [left, right]) => {
            elementwise(operator, left, right, meter)
        }
        (
            ProgramNode::Scalar(Node::Call {
                function: Function::Pow,
                ..
            }),
            [left, right],
        ) => elementwise(Operator::Power, left, right, meter),
        (ProgramNode::Scalar(Node::Call { function, .. }), _) => call(function, operands, meter),
        (ProgramNode::MatrixProduct, [left, right]) => {
            arrays::product(&left.value, &right.value, meter)
        }
        (ProgramNode::Transpose, [operand]) => arrays::transpose(&operand.value, meter),
        (ProgramNode::List { .. }, _) => arrays::list(operands, meter),
        (ProgramNode::Index { .. }, [operand, indices @ ..]) => {
            arrays::index(&operand.value, indices, meter)
        }
        (ProgramNode::Call { function }, _) => array_call(function, operands, meter),
        // The grammar has seen to the number of operands.
        _ => Ok(Value::Scalar(D::from(f64::NAN))),
    }
}

/// An operator entry by entry.
fn elementwise<D: Dual>(
    operator: Operator,
    left: &Item<'_, D>,
    right: &Item<'_, D>,
    meter: &mut Meter<'_>,
) -> Result<Value<D>, Problem> {
    let shapes = (left.value.shape(), right.value.shape());
    let Some(shape) = broadcast(shapes.0, shapes.1) else {
        return Err(Problem::Shapes {
            operator: operator.symbol().trim(),
            left: shapes.0,
            right: shapes.1,
            remedy: FITS,
        });
    };
    meter.claim(shape)?;
    let entries = shape.entries() as u64;
    if operator != Operator::Power {
        meter.spend(entries.saturating_mul(ARITHMETIC))?;
        return Ok(combine(&left.value, &right.value, shape, |x, y| {
            arithmetic::apply(operator, x, y)
        }));
    }
    if let (Shape::Matrix(..), Value::Scalar(exponent)) = (shapes.0, &*right.value)
        && exponent.re() == -1.0
    {
        return Err(Problem::InverseByPower);
    }
    meter.spend(entries.saturating_mul(FUNCTION))?;
    Ok(if right.is_constant {
        combine(&left.value, &right.value, shape, |x, y| {
            arithmetic::constant_power(x, y.re())
        })
    } else {
        combine(&left.value, &right.value, shape, arithmetic::power)
    })
}

/// A scalar function entry by entry.
fn call<D: Dual>(
    function: Function,
    operands: &[Item<'_, D>],
    meter: &mut Meter<'_>,
) -> Result<Value<D>, Problem> {
    let mut shape = Shape::Scalar;
    for operand in operands {
        let other = operand.value.shape();
        shape = broadcast(shape, other).ok_or(Problem::Shapes {
            operator: function.name(),
            left: shape,
            right: other,
            remedy: FITS,
        })?;
    }
    meter.claim(shape)?;
    let evaluations = (shape.entries() as u64).saturating_mul(operands.len() as u64);
    meter.spend(evaluations.saturating_mul(FUNCTION))?;
    let mut arguments = Vec::with_capacity(operands.len());
    let mut at = |index| {
        arguments.clear();
        arguments.extend(operands.iter().map(|item| entry(&item.value, shape, index)));
        function.apply(&arguments)
    };
    Ok(match shape {
        Shape::Scalar => Value::Scalar(at(0)),
        _ => Value::of_shape(shape, (0..shape.entries()).map(at).collect()),
    })
}
