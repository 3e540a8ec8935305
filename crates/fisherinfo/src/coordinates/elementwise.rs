use super::{CoordinateMap, Coordinates};
use crate::dual::Dual;

/// A map of one parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// φ = θ.
    Identity,
    /// φ = ln θ.
    Log,
    /// φ = ln(θ/(1 − θ)).
    Logit,
    /// φ = asin √θ, in which the information of a Bernoulli variable is constant.
    Arcsine,
    /// φ = θ².
    Square,
    /// φ = √θ.
    Root,
    /// φ = 1/θ.
    Reciprocal,
    /// φ = −θ.
    Negative,
    /// φ = a·θ.
    Multiple(f64),
}

impl Scalar {
    /// φ(θ).
    pub fn forward<D: Dual>(self, theta: D) -> D {
        match self {
            Self::Identity => theta,
            Self::Log => theta.ln(),
            Self::Logit => theta.ln() - (-theta).ln_1p(),
            Self::Arcsine => theta.sqrt().asin(),
            Self::Square => theta * theta,
            Self::Root => theta.sqrt(),
            Self::Reciprocal => theta.recip(),
            Self::Negative => -theta,
            Self::Multiple(a) => theta * a,
        }
    }

    /// θ(φ).
    pub fn inverse<D: Dual>(self, phi: D) -> D {
        match self {
            Self::Identity => phi,
            Self::Log => phi.exp(),
            // Each branch exponentiates a number ≤ 0, which cannot overflow.
            Self::Logit if phi.re() < 0.0 => {
                let e = phi.exp();
                e / (e + 1.0)
            }
            Self::Logit => ((-phi).exp() + 1.0).recip(),
            Self::Arcsine => {
                let sine = phi.sin();
                sine * sine
            }
            Self::Square => phi.sqrt(),
            Self::Root => phi * phi,
            Self::Reciprocal => phi.recip(),
            Self::Negative => -phi,
            Self::Multiple(a) => phi / a,
        }
    }

    /// The name of φ, from that of θ.
    pub fn label(self, name: &str) -> String {
        match self {
            Self::Identity => name.into(),
            Self::Log => format!("log({name})"),
            Self::Logit => format!("logit({name})"),
            Self::Arcsine => format!("asin(sqrt({name}))"),
            Self::Square => format!("{name}^2"),
            Self::Root => format!("sqrt({name})"),
            Self::Reciprocal => format!("1/{name}"),
            Self::Negative => format!("-{name}"),
            Self::Multiple(a) => format!("{a}*{name}"),
        }
    }
}

/// Each parameter mapped by itself.
///
/// ```
/// use fisherinfo::coordinates::{Elementwise, Scalar};
/// let logit = Elementwise::coordinates("logit", &[Scalar::Logit]);
/// let phi = logit.forward(&[0.25]);
/// assert!((phi[0] + 3f64.ln()).abs() < 1e-15);
/// assert!((logit.jacobian(&phi)[(0, 0)] - 0.1875).abs() < 1e-15);
/// ```
#[derive(Clone, Debug)]
pub struct Elementwise {
    name: String,
    maps: Vec<Scalar>,
}

impl Elementwise {
    /// One map a parameter, under a name.
    pub fn new(name: impl Into<String>, maps: &[Scalar]) -> Self {
        Self {
            name: name.into(),
            maps: maps.to_vec(),
        }
    }

    /// The same, boxed.
    pub fn coordinates(name: impl Into<String>, maps: &[Scalar]) -> Coordinates {
        Coordinates::new(Self::new(name, maps))
    }
}

impl CoordinateMap for Elementwise {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn names(&self, base: &[String]) -> Vec<String> {
        self.maps
            .iter()
            .zip(base)
            .map(|(map, name)| map.label(name))
            .collect()
    }

    fn forward<D: Dual>(&self, theta: &[D]) -> Vec<D> {
        self.maps
            .iter()
            .zip(theta)
            .map(|(map, &t)| map.forward(t))
            .collect()
    }

    fn inverse<D: Dual>(&self, phi: &[D]) -> Vec<D> {
        self.maps
            .iter()
            .zip(phi)
            .map(|(map, &f)| map.inverse(f))
            .collect()
    }
}
