use std::fmt;

/// A direction in parameter space: the combination Σ cᵢ θᵢ that it moves along.
///
/// Shown in words with the largest weight first set to one: `a − 0.5·b`.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    names: Vec<String>,
    weights: Vec<f64>,
}

impl Direction {
    /// The direction with these weights, one a name.
    pub fn new(names: &[String], weights: Vec<f64>) -> Self {
        let largest = weights.iter().copied().fold(0.0, |a: f64, b| {
            if b.abs() > a.abs() * (1.0 + 1e-9) {
                b
            } else {
                a
            }
        });
        let scale = if largest == 0.0 { 1.0 } else { largest };
        Self {
            names: names.to_vec(),
            weights: weights.into_iter().map(|w| w / scale).collect(),
        }
    }

    /// The weights, in the order of the parameters, scaled so that the largest is 1.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Does the parameter at `index` take part in it?
    pub fn involves(&self, index: usize) -> bool {
        self.weights[index].abs() > NEGLIGIBLE
    }
}

/// Weights under this fraction of the largest are rounding of the eigenvectors.
const NEGLIGIBLE: f64 = 1e-7;

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (name, &weight) in self.names.iter().zip(&self.weights) {
            if weight.abs() <= NEGLIGIBLE {
                continue;
            }
            match (first, weight < 0.0) {
                (true, true) => f.write_str("−")?,
                (true, false) => {}
                (false, true) => f.write_str(" − ")?,
                (false, false) => f.write_str(" + ")?,
            }
            first = false;
            let size = weight.abs();
            if (size - 1.0).abs() > 1e-9 {
                // Six digits, without the trailing zeros of a fixed format.
                let text = format!("{size:.5e}");
                let shown: f64 = text.parse().unwrap_or(size);
                write!(f, "{shown}·")?;
            }
            f.write_str(name)?;
        }
        if first {
            f.write_str("0")?;
        }
        Ok(())
    }
}
