//! Exercise 6.

use super::{Answer, AnswerKind, Domain, Exercise, Part, Shape, Variable, any, solution};
use crate::solution::Input;

const OPTIONS: &[&str] = &[
    r"Proper: its mass is finite.",
    r"Improper: its mass is infinite.",
];

/// Jeffreys' prior of a coin and of a waiting time.
pub static EXERCISE: Exercise = Exercise {
    number: 6,
    slug: "jeffreys",
    title: "Jeffreys' prior, proper or not",
    topic: "Invariant priors",
    part: Part::Theory,
    stars: 2,
    problem: r"Jeffreys' prior is $\pi_J(\theta) \propto \sqrt{I(\theta)}$ (for several parameters, $\sqrt{\det I(\theta)}$).

1. Derive it for a Bernoulli variable with probability $p$.
2. Derive it for a waiting time with density $\lambda e^{-\lambda x}$ on $(0, \infty)$.
3. A prior is *proper* if its integral over the whole parameter space is finite, so that it can be divided by it. Which of the two is?",
    hints: &[
        r"You know $I(p)$ from Exercise 1. For the waiting time, $\ln f = \ln \lambda - \lambda x$: its second derivative in $\lambda$ does not depend on $x$.",
        r"A prior that is infinite at an end may still have finite mass there: $\int_0 t^{-a}\, dt$ is finite for $a < 1$.",
        r"Substitute $p = \sin^2 t$ in the first integral. For the second, how much mass lies between $\lambda$ and $10\lambda$?",
    ],
    takeaway: r"$\sqrt{I}$ is the same measure in every coordinate, which makes the prior invariant and not always a distribution. The coin's is $\operatorname{Beta}(\tfrac12, \tfrac12)$, with mass $\pi$. The rate's is $1/\lambda$: every decade of rates has the same mass, and there is no end of decades in either direction.",
    inputs: &[
        Input::real(
            "p",
            "p",
            0.3,
            (0.01, 0.99),
            "where the coin's prior is evaluated",
        ),
        Input::real(
            "rate",
            r"\lambda",
            2.0,
            (0.05, 20.0),
            "where the rate's prior is evaluated",
        ),
    ],
    answers: &[
        Answer {
            exercise: 6,
            letter: 'a',
            prompt: r"Jeffreys' prior of the coin, up to a constant factor, in `p`.",
            kind: AnswerKind::Formula {
                shape: Shape::Number,
                variables: &[Variable::probability()],
                up_to_a_constant: true,
            },
        },
        Answer {
            exercise: 6,
            letter: 'b',
            prompt: r"Jeffreys' prior of the rate, up to a constant factor, in `lambda`.",
            kind: AnswerKind::Formula {
                shape: Shape::Number,
                variables: &[Variable::new(
                    "lambda",
                    r"the rate $\lambda$",
                    Domain::Interval {
                        lower: 0.0,
                        upper: f64::INFINITY,
                    },
                )],
                up_to_a_constant: true,
            },
        },
        Answer::choice(
            6,
            'c',
            r"The coin's prior on $(0, 1)$ is …",
            OPTIONS,
            0,
            r"It grows like $p^{-1/2}$ at 0 and like $(1-p)^{-1/2}$ at 1, and both are integrable: $\int_0^1 dp/\sqrt{p(1-p)} = \pi$.",
        ),
        Answer::choice(
            6,
            'd',
            r"The rate's prior on $(0, \infty)$ is …",
            OPTIONS,
            1,
            r"$\int_a^b d\lambda/\lambda = \ln(b/a)$ grows without bound both as $a \to 0$ and as $b \to \infty$.",
        ),
    ],
    solution: solution!(jeffreys, "jeffreys.rs", any),
};
