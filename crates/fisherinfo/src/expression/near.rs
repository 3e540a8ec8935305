//! Values that keep the digits of their distance from a number.

use super::evaluate::Item;
use super::functions::Function;
use super::node::{Node, Operator, ProgramNode};
use super::value::Value;
use crate::dual::Dual;

/// A number base + offset that has not been rounded to one double: of x = 1 − 1e-30 the formula `1 - x`
/// is 1e-30.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Near {
    pub(super) base: f64,
    pub(super) offset: f64,
}

/// Integer powers up to this one are products.
const LARGEST_POWER: f64 = 8.0;

impl Near {
    fn of<D: Dual>(item: &Item<'_, D>) -> Option<Self> {
        match (&item.near, &*item.value) {
            (Some(near), _) => Some(*near),
            (None, Value::Scalar(number)) => Some(Self {
                base: number.re(),
                offset: 0.0,
            }),
            (None, _) => None,
        }
    }

    pub(super) fn value(self) -> f64 {
        self.base + self.offset
    }

    fn plus(self, other: Self) -> Self {
        let base = self.base + other.base;
        // What the sum of the bases has lost.
        let part = base - self.base;
        let lost = (self.base - (base - part)) + (other.base - part);
        Self {
            base,
            offset: self.offset + other.offset + lost,
        }
    }

    fn minus(self) -> Self {
        Self {
            base: -self.base,
            offset: -self.offset,
        }
    }

    fn times(self, other: Self) -> Self {
        let base = self.base * other.base;
        let lost = self.base.mul_add(other.base, -base);
        let cross = self.base * other.offset + other.base * self.offset;
        Self {
            base,
            offset: cross + self.offset * other.offset + lost,
        }
    }

    fn over(self, divisor: f64) -> Self {
        let base = self.base / divisor;
        let lost = (-base).mul_add(divisor, self.base) / divisor;
        Self {
            base,
            offset: self.offset / divisor + lost,
        }
    }
}

/// The result of a sum, difference or product of such values, where one of the operands is one.
pub(super) fn result<D: Dual>(node: ProgramNode, operands: &[Item<'_, D>]) -> Option<Near> {
    let ProgramNode::Scalar(node) = node else {
        return None;
    };
    let near = match (node, operands) {
        (Node::Negate, [operand]) => Near::of(operand)?.minus(),
        (Node::Binary(operator), [left, right]) => {
            let (l, r) = (Near::of(left)?, Near::of(right)?);
            match operator {
                Operator::Add => l.plus(r),
                Operator::Subtract => l.plus(r.minus()),
                Operator::Multiply => l.times(r),
                Operator::Divide if r.offset == 0.0 => l.over(r.base),
                Operator::Power => {
                    let power = r.value();
                    let is_product = power.fract() == 0.0 && (1.0..=LARGEST_POWER).contains(&power);
                    if !is_product {
                        return None;
                    }
                    (1..power as u32).fold(l, |product, _| product.times(l))
                }
                _ => return None,
            }
        }
        _ => return None,
    };
    (near.base.is_finite() && near.offset.is_finite()).then_some(near)
}

/// A number with the derivatives of `plain` and the value of `near`.
pub(super) fn with_value<D: Dual>(plain: D, near: Near) -> D {
    plain + (near.value() - plain.re())
}

/// The logarithms of 1 + x and x/(1 − x) next to the x at which they are infinite.
pub(super) fn logarithm<D: Dual>(node: ProgramNode, operands: &[Item<'_, D>]) -> Option<D> {
    let (ProgramNode::Scalar(Node::Call { function, .. }), [operand]) = (node, operands) else {
        return None;
    };
    let (Some(near), Value::Scalar(x)) = (operand.near, &*operand.value) else {
        return None;
    };
    let one = Near {
        base: 1.0,
        offset: 0.0,
    };
    // Of a constant no derivative is taken, which might overflow.
    let ln = |plain: D, near: Near| {
        if operand.is_constant {
            D::from(near.value().ln())
        } else {
            with_value(plain, near).ln()
        }
    };
    match function {
        Function::Log1p if near.base < -0.5 => Some(ln(*x + 1.0, near.plus(one))),
        Function::Logit if near.base > 0.5 => {
            Some(ln(*x, near) - ln(-*x + 1.0, one.plus(near.minus())))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::expression::{Environment, Program, Value};
    use num_dual::Dual64;

    /// Next to 1 at a distance that no double has.
    #[test]
    fn formulas_see_the_distance() {
        let distance = 3e-25_f64;
        for (formula, wanted) in [
            ("1 - x", distance),
            ("log(1 - x)", distance.ln()),
            ("log1p(-x)", distance.ln()),
            ("logit(x)", -distance.ln()),
            ("y = 2*x\n4 - 2*y", 4.0 * distance),
            ("1 - x^2", 2.0 * distance),
            ("(1 - x)*(1 + x)", 2.0 * distance),
            ("sqrt(1 - x*x)", (2.0 * distance).sqrt()),
            ("(3 - 3*x)/3", distance),
            ("abs(x - 1)", distance),
            ("x", 1.0),
        ] {
            let mut environment = Environment::<f64>::new();
            environment.insert_known_near("x", 1.0, -distance);
            let found = Program::parse(formula).unwrap().evaluate(&environment);
            let Value::Scalar(found) = found.unwrap() else {
                unreachable!("a number")
            };
            assert!((found / wanted - 1.0).abs() < 1e-14, "{formula}: {found:e}");
        }
    }

    /// The distance to an end that is itself a parameter, with its derivative.
    #[test]
    fn derivatives_are_those_of_the_formula() {
        let mut environment = Environment::new();
        environment.insert("theta", Dual64::from_re(2.0).derivative());
        environment.insert_known_near("x", 2.0, -1e-30);
        let found = Program::parse("log(theta - x)")
            .unwrap()
            .evaluate(&environment);
        let Value::Scalar(found) = found.unwrap() else {
            unreachable!("a number")
        };
        assert!((found.re - 1e-30_f64.ln()).abs() < 1e-13);
        assert!((found.eps * 1e-30 - 1.0).abs() < 1e-14);
    }
}
