//! Exercise 5.

use super::{Answer, AnswerKind, Domain, Exercise, Part, Shape, Variable, refuse, solution};
use crate::solution::{Input, InputError, Inputs};

/// The information is the curvature of the divergence.
pub static EXERCISE: Exercise = Exercise {
    number: 5,
    slug: "local-divergence",
    title: "The curvature of the divergence",
    topic: "Kullback–Leibler divergence of a small step",
    part: Part::Theory,
    stars: 2,
    problem: r"Move a coin from $p$ to $p + \delta$. The price of mistaking the second for the first is
$$D(p \,\|\, p + \delta) = p \ln \frac{p}{p + \delta} + (1 - p) \ln \frac{1 - p}{1 - p - \delta}.$$

1. Show that $D(p \,\|\, p + \delta) = \tfrac12 I(p)\, \delta^2 + o(\delta^2)$.
2. Verify it at $p = 0.4$ and $\delta = 0.01$.
3. Of which order in $\delta$ is the remainder? What happens at $p = \tfrac12$?",
    hints: &[
        r"Expand $-\ln(1 + u) = -u + \tfrac{u^2}{2} - \tfrac{u^3}{3} + \dots$ with $u = \delta/p$, and likewise for the other term.",
        r"The first-order terms cancel, since $p \cdot \tfrac{\delta}{p} = (1 - p) \cdot \tfrac{\delta}{1 - p}$. That is the mean of the score being zero.",
        r"Halve $\delta$ and see by what factor the remainder falls: $2^q$ means order $q$.",
    ],
    takeaway: r"At the bottom of its valley the divergence is a parabola, and the information is its curvature: $D \approx \tfrac12 I \delta^2$. What is left over is of third order, of fourth at $p = \tfrac12$, and nothing at all for the mean of a Gaussian.",
    inputs: &[
        Input::real("p", "p", 0.4, (0.05, 0.95), "probability of a success"),
        Input::real("delta", r"\delta", 0.01, (-0.04, 0.04), "the step"),
    ],
    answers: &[
        Answer::formula(
            5,
            'a',
            r"The quadratic part of the divergence, in `p` and `delta`.",
            Shape::Number,
            &[
                Variable::probability(),
                Variable::new(
                    "delta",
                    r"the step $\delta$",
                    Domain::Interval {
                        lower: -0.1,
                        upper: 0.1,
                    },
                ),
            ],
        ),
        Answer {
            exercise: 5,
            letter: 'b',
            prompt: r"The order in $\delta$ of the remainder at $p = 0.4$.",
            kind: AnswerKind::Number,
        },
    ],
    solution: solution!(local_divergence, "local_divergence.rs", admissible),
};

/// The step has to be one, and the third order either there or not.
fn admissible(inputs: &Inputs) -> Result<(), InputError> {
    let bend = (inputs.number("p")? - 0.5).abs();
    if inputs.number("delta")?.abs() < 1e-4 {
        return refuse("a step shorter than 0.0001 is lost in rounding; take a longer delta");
    }
    if bend > 0.0 && bend < 1e-3 {
        return refuse(
            "this close to ½ the third order leads only at steps too short for a double; take p = 0.5, or \
             further from it than 0.001",
        );
    }
    Ok(())
}
