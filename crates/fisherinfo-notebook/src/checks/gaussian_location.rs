//! Checks of exercise 4.

use fisherinfo::expectation::{Method, expected_information};
use fisherinfo::family::MultivariateNormalLocation;
use fisherinfo_notebook::solution::{Check, Findings, Inputs, SolutionError, Value};

/// The inverse against a product, the spectrum against trace, determinant and Σ itself.
///
/// # Errors
/// Findings that are missing.
pub fn checks(inputs: &Inputs, findings: &Findings) -> Result<Vec<Check>, SolutionError> {
    let (s11, s12, s22) = (
        inputs.number("s11")?,
        inputs.number("s12")?,
        inputs.number("s22")?,
    );
    let sigma = [[s11, s12], [s12, s22]];
    let information = findings.matrix("information")?;
    let eigenvalues = findings.vector("eigenvalues")?;
    let errors = findings.vector("standard errors")?;

    let product: Vec<Vec<f64>> = information
        .iter()
        .map(|row| {
            (0..2)
                .map(|j| row.iter().zip(&sigma).map(|(a, b)| a * b[j]).sum())
                .collect()
        })
        .collect();
    let model = MultivariateNormalLocation::new(2, &[s11, s12, s22])?;
    let cubature = expected_information(&model, &[1.0, -1.0], Method::Numeric)?;
    let Value::Matrix(cubature) = Value::from(cubature.matrix()) else {
        return Ok(Vec::new());
    };
    let determinant = s11 * s22 - s12 * s12;

    let mut checks = vec![
        Check::close_matrices(
            "information times covariance is the identity",
            "multiplying the two",
            &product,
            &[vec![1.0, 0.0], vec![0.0, 1.0]],
            1e-9,
        ),
        Check::close_matrices(
            "the information is the mean product of scores, at any mean",
            "cubature of the score at another mean",
            information,
            &cubature,
            1e-7,
        ),
        Check::close(
            "the eigenvalues add up to the trace of Σ⁻¹",
            "trace and determinant of Σ",
            eigenvalues.iter().sum(),
            (s11 + s22) / determinant,
            1e-9,
        ),
        Check::close(
            "their product is the determinant of Σ⁻¹",
            "the determinant of Σ",
            eigenvalues.iter().product(),
            1.0 / determinant,
            1e-9,
        ),
        Check::holds(
            "the weakest comes first",
            "comparing the two",
            eigenvalues.windows(2).all(|pair| pair[0] <= pair[1]),
            format!("{eigenvalues:?}"),
        ),
    ];
    for (index, name) in ["weakest direction", "strongest direction"]
        .into_iter()
        .enumerate()
    {
        let v = findings.vector(name)?;
        let (&[_, _], &[_, _], &[v1, v2]) = (eigenvalues, errors, v) else {
            let counts = format!("{} and {}", eigenvalues.len().max(errors.len()), v.len());
            checks.push(Check::holds(
                "eigenvalues, standard errors and directions have two entries",
                "counting",
                false,
                counts,
            ));
            continue;
        };
        let (eigenvalue, error) = (eigenvalues[index], errors[index]);
        let stretched = [s11 * v1 + s12 * v2, s12 * v1 + s22 * v2];
        // Σ varies along v by 1/λ: this says that v is an eigenvector of Σ, and of Σ⁻¹.
        let along = v1 * stretched[0] + v2 * stretched[1];
        checks.extend([
            Check::close(
                &format!("the {name} has the length one"),
                "Pythagoras",
                v1.hypot(v2),
                1.0,
                1e-9,
            ),
            Check::close_vectors(
                &format!("Σ only stretches the {name}, by 1/eigenvalue"),
                "applying Σ",
                &[v1 / eigenvalue, v2 / eigenvalue],
                &stretched,
                1e-8,
            ),
            Check::close(
                &format!("the standard error along the {name} is that of the observation"),
                "the quadratic form of Σ",
                error,
                along.sqrt(),
                1e-9,
            ),
        ]);
    }
    Ok(checks)
}
