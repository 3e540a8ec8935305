//! Exercise 4.

use super::{Answer, Domain, Exercise, Part, Shape, Variable, refuse, solution};
use crate::solution::{Input, InputError, Inputs};

/// The mean of a Gaussian with known covariance.
pub static EXERCISE: Exercise = Exercise {
    number: 4,
    slug: "gaussian-location",
    title: "The mean of a Gaussian, direction by direction",
    topic: "Information matrix, eigenvalues",
    part: Part::Theory,
    stars: 2,
    problem: r"Let $X \sim \mathcal{N}(\boldsymbol\mu, \Sigma)$ with a covariance $\Sigma$ that is known.

1. Derive the information matrix about $\boldsymbol\mu$.
2. Evaluate it for
$$\Sigma = \begin{pmatrix} 2 & 0.5 \\ 0.5 & 1 \end{pmatrix}.$$
3. What does an eigenvalue of it mean?",
    hints: &[
        r"Only one term of the log-density moves with $\boldsymbol\mu$: $-\tfrac12 (x - \boldsymbol\mu)^\top \Sigma^{-1} (x - \boldsymbol\mu)$.",
        r"The score is $\Sigma^{-1}(x - \boldsymbol\mu)$. Its covariance is $\Sigma^{-1} \operatorname{Cov}(X)\, \Sigma^{-1}$.",
        r"For a unit vector $v$, look at the one-dimensional model whose mean moves along $v$: its information is $v^\top I v$.",
    ],
    takeaway: r"Where the mean is the only unknown, information and covariance are inverse to each other: $I = \Sigma^{-1}$, wherever $\boldsymbol\mu$ is. An eigenvalue is the precision along its eigenvector, and one over its root is the standard error there: the data are sharp along some directions and blunt along others.",
    inputs: &[
        Input::real(
            "s11",
            r"\Sigma_{11}",
            2.0,
            (0.1, 10.0),
            "variance of the first component",
        ),
        Input::real(
            "s12",
            r"\Sigma_{12}",
            0.5,
            (-5.0, 5.0),
            "covariance of the two",
        ),
        Input::real(
            "s22",
            r"\Sigma_{22}",
            1.0,
            (0.1, 10.0),
            "variance of the second component",
        ),
    ],
    answers: &[
        Answer::formula(
            4,
            'a',
            r"The information matrix about $\boldsymbol\mu$, in `Sigma`.",
            Shape::Matrix(2, 2),
            &[Variable::new(
                "Sigma",
                r"the covariance $\Sigma$",
                Domain::PositiveDefinite { size: 2 },
            )],
        ),
        Answer::choice(
            4,
            'b',
            r"What is an eigenvalue $\lambda$ of the information matrix, with unit eigenvector $v$?",
            &[
                r"The variance of the observation along $v$.",
                r"The precision along $v$: no unbiased estimate of $v^\top \boldsymbol\mu$ from one observation has a variance below $1/\lambda$.",
                r"The probability that the mean lies along $v$.",
                r"The length of the mean along $v$.",
            ],
            1,
            r"$v^\top I v = \lambda$ is the information about the position of the mean along $v$, and its inverse $1/\lambda = v^\top \Sigma v$ is the variance of the observation along $v$. A large eigenvalue marks a direction that the data pin down.",
        ),
    ],
    solution: solution!(gaussian_location, "gaussian_location.rs", admissible),
};

/// Σ has to be positive definite, and clear of its edge.
fn admissible(inputs: &Inputs) -> Result<(), InputError> {
    let limit = 0.999 * (inputs.number("s11")? * inputs.number("s22")?).sqrt();
    if inputs.number("s12")?.abs() <= limit {
        return Ok(());
    }
    refuse(format!(
        "Σ is not a covariance: two variables never covary by more than the product of their standard \
         deviations; take s12 between −{limit:.4} and {limit:.4}"
    ))
}
