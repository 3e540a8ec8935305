use crate::coordinates::link::Link;
use crate::dual::Dual;
use crate::expression::{BindError, BoundExpression, Expression};
use crate::family::mean::MeanFamily;
use num_dual::{Dual64, HyperDual64};
use thiserror::Error;

/// What a model says at a value of its factor: the row F^½J, and its slope there.
#[derive(Clone, Debug, PartialEq)]
pub struct CurvePoint {
    /// One entry a parameter.
    pub row: Vec<f64>,
    /// The derivative of every entry by the factor.
    pub slope: Vec<f64>,
}

/// A model of one continuous factor, at assumed parameters.
///
/// ```
/// use fisherinfo::design::{Criterion, Curve, CurvePoint, optimal_on_interval};
/// /// A cubic.
/// struct Cubic;
/// impl Curve for Cubic {
///     fn parameters(&self) -> Vec<String> {
///         ["a", "b", "c", "d"].map(String::from).to_vec()
///     }
///     fn at(&self, x: f64) -> CurvePoint {
///         CurvePoint {
///             row: vec![1.0, x, x * x, x.powi(3)],
///             slope: vec![0.0, 1.0, 2.0 * x, 3.0 * x * x],
///         }
///     }
/// }
/// let design = optimal_on_interval(&Cubic, [-1.0, 1.0], &Criterion::D)?;
/// // The ends, and the extrema of the Legendre polynomial of degree three: ±1/√5.
/// assert!((design.points()[1] + 0.2f64.sqrt()).abs() < 1e-9);
/// assert!(design.weights().iter().all(|w| (w - 0.25).abs() < 1e-9));
/// # Ok::<(), fisherinfo::design::DesignError>(())
/// ```
pub trait Curve {
    /// The names of the parameters.
    fn parameters(&self) -> Vec<String>;

    /// The row of weighted derivatives at x, and its slope; NaN where the model is not defined.
    fn at(&self, x: f64) -> CurvePoint;
}

/// (dμ/dη)²·F(μ): the information of one observation about its linear predictor η, for a family seen
/// through its mean μ = g⁻¹(η), at dispersion one.
///
/// ```
/// use fisherinfo::coordinates::link::Link;
/// use fisherinfo::design::predictor_information;
/// use fisherinfo::family::Bernoulli;
/// // p(1 − p) in the logit.
/// assert!((predictor_information(&Bernoulli, Link::Logit, 0.0_f64) - 0.25).abs() < 1e-15);
/// ```
pub fn predictor_information<F: MeanFamily, D: Dual>(family: &F, link: Link, predictor: D) -> D {
    let slope = link.mean_derivative(predictor);
    slope * slope * family.information(link.mean(predictor), link.complement(predictor))
}

/// A formula for the predictor of a response, as a [`Curve`]: derivatives by hyper-dual numbers.
#[derive(Clone, Debug)]
pub struct ResponseCurve<F> {
    predictor: BoundExpression,
    parameters: Vec<String>,
    assumed: Vec<f64>,
    family: F,
    link: Link,
}

/// Why a formula is no model of one factor.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum CurveError {
    /// A name that is neither the factor nor a parameter.
    #[error(transparent)]
    Name(#[from] BindError),
    /// A parameter that the formula does not have.
    #[error("the formula does not have the parameter `{name}`, so no design estimates it")]
    Unused {
        /// Its name.
        name: String,
    },
    /// The factor is not in the formula.
    #[error("the formula does not have the factor `{name}`, so all points are alike")]
    NoFactor {
        /// Its name.
        name: String,
    },
}

impl<F: MeanFamily> ResponseCurve<F> {
    /// The model g(μ) = `formula` in the factor and the parameters, each given a value.
    ///
    /// # Errors
    /// Names in the formula that have no value, or values without a name in it.
    ///
    /// ```
    /// use fisherinfo::coordinates::link::Link;
    /// use fisherinfo::design::{Criterion, ResponseCurve, optimal_on_interval};
    /// use fisherinfo::expression::Expression;
    /// use fisherinfo::family::Bernoulli;
    /// let predictor = Expression::parse("a + b*x")?;
    /// let assumed = [("a".to_string(), 0.0), ("b".to_string(), 1.0)];
    /// let curve = ResponseCurve::new(&predictor, "x", &assumed, Bernoulli, Link::Logit)?;
    /// let design = optimal_on_interval(&curve, [-5.0, 5.0], &Criterion::D)?;
    /// assert!((design.points()[1] - 1.54340463841821).abs() < 1e-9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        formula: &Expression,
        factor: &str,
        assumed: &[(String, f64)],
        family: F,
        link: Link,
    ) -> Result<Self, CurveError> {
        let has = |name: &str| formula.variables().any(|variable| variable == name);
        if !has(factor) {
            return Err(CurveError::NoFactor {
                name: factor.into(),
            });
        }
        if let Some((name, _)) = assumed.iter().find(|(name, _)| !has(name)) {
            return Err(CurveError::Unused { name: name.clone() });
        }
        let mut names: Vec<&str> = assumed.iter().map(|(name, _)| name.as_str()).collect();
        names.push(factor);
        Ok(Self {
            predictor: formula.bind(&names)?,
            parameters: assumed.iter().map(|(name, _)| name.clone()).collect(),
            assumed: assumed.iter().map(|(_, value)| *value).collect(),
            family,
            link,
        })
    }
}

impl<F: MeanFamily> Curve for ResponseCurve<F> {
    fn parameters(&self) -> Vec<String> {
        self.parameters.clone()
    }

    fn at(&self, x: f64) -> CurvePoint {
        let mut values: Vec<HyperDual64> = self
            .assumed
            .iter()
            .map(|v| HyperDual64::from_re(*v))
            .collect();
        values.push(HyperDual64::from_re(x).derivative2());
        let mut point = CurvePoint {
            row: Vec::new(),
            slope: Vec::new(),
        };
        for index in 0..self.assumed.len() {
            values[index].eps1 = 1.0;
            let predictor = self.predictor.evaluate(&values);
            values[index].eps1 = 0.0;
            // √information, whose slope in x goes through the predictor.
            let lifted = Dual64::new(predictor.re, predictor.eps2);
            let information = predictor_information(&self.family, self.link, lifted);
            let root = information.re.sqrt();
            let root_slope = if root > 0.0 {
                0.5 * information.eps / root
            } else {
                0.0
            };
            point.row.push(root * predictor.eps1);
            point
                .slope
                .push(root * predictor.eps1eps2 + root_slope * predictor.eps1);
        }
        point
    }
}
