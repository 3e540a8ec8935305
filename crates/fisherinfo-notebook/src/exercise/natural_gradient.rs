//! Exercise 10.

use super::{Answer, Domain, Exercise, Length, Part, Shape, Variable, any, solution};
use crate::solution::Input;

const GRADIENT: Variable = Variable::new(
    "g",
    "the gradient",
    Domain::Vector {
        length: Length::Fixed(2),
        lower: -5.0,
        upper: 5.0,
    },
);
const RATE: Variable = Variable::new(
    "eta",
    r"the rate $\eta$",
    Domain::Interval {
        lower: 0.0,
        upper: 1.0,
    },
);
const METRIC: Variable =
    Variable::new("F", "the information", Domain::PositiveDiagonal { size: 2 });

/// One gradient, two steps.
pub static EXERCISE: Exercise = Exercise {
    number: 10,
    slug: "natural-gradient",
    title: "One gradient, two steps",
    topic: "Natural gradient",
    part: Part::Applications,
    stars: 2,
    problem: r"A loss has the gradient $g = (2, 2)$ at a point where the model has the information
$$F = \begin{pmatrix} 10 & 0 \\ 0 & 0.5 \end{pmatrix}.$$

1. With the rate $\eta = 0.1$, what is the ordinary gradient step?
2. What is the natural gradient step?
3. Measure both by the divergence they cause, $\tfrac12 s^\top F s$. Which parameter moves more under each, and why?",
    hints: &[
        r"Ordinary descent minimises $g^\top s + \tfrac{1}{2\eta} \lVert s \rVert^2$: it charges every parameter the same price.",
        r"Natural descent charges by the divergence: it minimises $g^\top s + \tfrac{1}{2\eta} s^\top F s$.",
        r"Solve $F s = -\eta\, g$ rather than inverting $F$; for a diagonal $F$, divide entry by entry.",
    ],
    takeaway: r"The ordinary step treats both parameters alike, whatever they do to the distribution. The natural step divides by the information: a parameter to which the distribution reacts strongly moves little, one to which it hardly reacts moves far. It is the same step in whatever units the parameters are measured.",
    inputs: &[
        Input::real(
            "g1",
            "g_1",
            2.0,
            (-5.0, 5.0),
            "gradient in the first parameter",
        ),
        Input::real(
            "g2",
            "g_2",
            2.0,
            (-5.0, 5.0),
            "gradient in the second parameter",
        ),
        Input::real(
            "f1",
            "F_{11}",
            10.0,
            (0.1, 20.0),
            "information about the first parameter",
        ),
        Input::real(
            "f2",
            "F_{22}",
            0.5,
            (0.1, 20.0),
            "information about the second parameter",
        ),
        Input::real("eta", r"\eta", 0.1, (0.001, 1.0), "rate"),
    ],
    answers: &[
        Answer::formula(
            10,
            'a',
            r"The ordinary step, in `g` and `eta`.",
            Shape::Vector(2),
            &[GRADIENT, RATE],
        ),
        Answer::formula(
            10,
            'b',
            r"The natural step, in `g`, `F` and `eta`.",
            Shape::Vector(2),
            &[GRADIENT, METRIC, RATE],
        ),
    ],
    solution: solution!(natural_gradient, "natural_gradient.rs", any),
};
