use crate::linear::{cholesky, forward_substitute, half_index};
use faer::{Mat, Side};
use std::fmt;

/// A shortest path between two points of a family, and its Fisher–Rao length, by formula.
///
/// A family declares one in [`Family::closed_form_geodesic`](super::Family::closed_form_geodesic),
/// mostly by one of the constructors here.
///
/// ```
/// use fisherinfo::family::ClosedGeodesic;
/// // Waiting times: the metric 1/λ² makes ln λ the arc length.
/// let path = ClosedGeodesic::scale(1.0, 2.0, 8.0);
/// assert!((path.length() - 4f64.ln()).abs() < 1e-15);
/// assert!((path.at(0.5)[0] - 4.0).abs() < 1e-14);
/// ```
pub struct ClosedGeodesic {
    length: f64,
    error: f64,
    note: Option<&'static str>,
    path: Box<dyn Fn(f64) -> Vec<f64> + Send + Sync>,
}

impl fmt::Debug for ClosedGeodesic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClosedGeodesic")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// The distance of two points of a location-scale family under the metric (a dμ² + b dσ²)/σ²:
/// \\(2\sqrt b\,\operatorname{arsinh}\frac{\sqrt{\Delta\mu^2 a/b+\Delta\sigma^2}}{2\sqrt{\sigma_1\sigma_2}}\\),
/// which is \\(\sqrt b\,\operatorname{arcosh}\bigl(1+\tfrac{(a/b)\Delta\mu^2+\Delta\sigma^2}{2\sigma_1\sigma_2}\bigr)\\)
/// without its cancellation for near points. Points are (μ, σ) with σ > 0.
///
/// Source: C. Atkinson & A. F. S. Mitchell, Sankhyā A 43 (1981), section 6.
///
/// ```
/// use fisherinfo::family::location_scale_distance;
/// // Normal: a = 1, b = 2.
/// let d = location_scale_distance(1.0, 2.0, [0.0, 1.0], [2.0, 3.0]);
/// assert!((d - 2f64.sqrt() * 2f64.acosh()).abs() < 1e-15);
/// ```
pub fn location_scale_distance(a: f64, b: f64, from: [f64; 2], to: [f64; 2]) -> f64 {
    ClosedGeodesic::location_scale(a, b, from, to).length
}

/// ln(to/from).
pub(super) fn logarithm_of_ratio(from: f64, to: f64) -> f64 {
    let near = (to - from) / from;
    // ln(1 + x) keeps the digits of near points, and loses those of far ones.
    if near.abs() < 0.5 {
        near.ln_1p()
    } else {
        to.ln() - from.ln()
    }
}

/// sinh(t·d)/sinh(d) for 0 ≤ t ≤ 1, which is t at d = 0 and never overflows.
fn sinh_ratio(t: f64, d: f64) -> f64 {
    if d == 0.0 {
        t
    } else {
        ((t - 1.0) * d).exp() * (-2.0 * t * d).exp_m1() / (-2.0 * d).exp_m1()
    }
}

impl ClosedGeodesic {
    /// A path t ↦ θ(t) on \[0, 1\], at constant speed, and its length.
    pub fn new(length: f64, path: impl Fn(f64) -> Vec<f64> + Send + Sync + 'static) -> Self {
        Self {
            length,
            error: 0.0,
            note: None,
            path: Box::new(path),
        }
    }

    /// The same of a length that is known within an error, with what should be known about the path.
    #[must_use]
    pub fn within(mut self, error: f64, note: &'static str) -> Self {
        self.error = error;
        self.note = Some(note);
        self
    }

    /// The absolute error of the length beyond rounding.
    pub fn error(&self) -> f64 {
        self.error
    }

    /// What should be known about the path, a sentence.
    pub fn note(&self) -> Option<&'static str> {
        self.note
    }

    /// The Fisher–Rao length.
    pub fn length(&self) -> f64 {
        self.length
    }

    /// θ at the fraction t of the way, 0 ≤ t ≤ 1.
    pub fn at(&self, t: f64) -> Vec<f64> {
        (self.path)(t)
    }

    /// The straight line, for parameters in which the information is constant.
    pub fn straight(length: f64, from: &[f64], to: &[f64]) -> Self {
        let (from, to) = (from.to_vec(), to.to_vec());
        Self::new(length, move |t| {
            from.iter().zip(&to).map(|(a, b)| a + t * (b - a)).collect()
        })
    }

    /// One parameter whose arc length is `arc(θ)`, up to its unit: the line in that coordinate.
    pub fn along(
        length: f64,
        [from, to]: [f64; 2],
        arc: impl Fn(f64) -> f64,
        inverse: impl Fn(f64) -> f64 + Send + Sync + 'static,
    ) -> Self {
        let (start, end) = (arc(from), arc(to));
        Self::new(length, move |t| {
            // The ends are given, not computed there and back.
            vec![if t == 0.0 {
                from
            } else if t == 1.0 {
                to
            } else {
                inverse(start + t * (end - start))
            }]
        })
    }

    /// One positive parameter with the information c/θ²: the length is √c·|ln(θ₂/θ₁)|.
    pub fn scale(c: f64, from: f64, to: f64) -> Self {
        let length = c.sqrt() * logarithm_of_ratio(from, to).abs();
        Self::along(length, [from, to], f64::ln, f64::exp)
    }

    /// One probability with the information n/(p(1 − p)): the length is 2√n·|Δ asin √p|.
    pub fn probability(n: f64, from: f64, to: f64) -> Self {
        let sine = (to - from) / ((to * (1.0 - from)).sqrt() + (from * (1.0 - to)).sqrt());
        Self::along(
            2.0 * n.sqrt() * sine.abs().min(1.0).asin(),
            [from, to],
            // The angle from both legs, so that neither end loses its digits.
            |p| p.sqrt().atan2((1.0 - p).sqrt()),
            |angle| angle.sin().powi(2),
        )
    }

    /// One mean with the information 1/λ: the length is 2·|Δ√λ|.
    pub fn rate(from: f64, to: f64) -> Self {
        let length = 2.0 * (to - from).abs() / (to.sqrt() + from.sqrt());
        Self::along(length, [from, to], f64::sqrt, |root| root * root)
    }

    /// A probability with the information r/(p²(1 − p)): the length is 2√r·|Δ artanh √(1−p)|.
    pub fn waiting(r: f64, from: f64, to: f64) -> Self {
        let (x, y) = ((1.0 - from).sqrt(), (1.0 - to).sqrt());
        // 2·artanh √(1−p) = 2·ln(1 + √(1−p)) − ln p; both differences have one sign.
        let root = (to - from) / (x + y);
        let double = logarithm_of_ratio(from, to) + 2.0 * (root / (1.0 + y)).ln_1p();
        Self::along(
            r.sqrt() * double.abs(),
            [from, to],
            |p| 2.0 * (1.0 - p).sqrt().ln_1p() - p.ln(),
            |arc| (0.5 * arc).cosh().powi(-2),
        )
    }

    /// A location and a scale under the metric (a dμ² + b dσ²)/σ²: half-circles of the upper
    /// half-plane, of the length that [`location_scale_distance`] says.
    pub fn location_scale(a: f64, b: f64, from: [f64; 2], to: [f64; 2]) -> Self {
        let differences = [to[0] - from[0], to[1] - from[1]];
        Self::half_plane(
            [a, b],
            [from[1], to[1]],
            differences,
            move |moved, sigma| vec![from[0] + moved, sigma],
        )
    }

    /// Any two parameters in whose functions (u, v), v > 0, the metric is (a du² + b dv²)/v²: the v of
    /// both ends, the differences \[Δu, Δv\] (given by themselves, so that near points keep their
    /// digits), and the parameters for a given u − u₁ and v.
    ///
    /// ```
    /// use fisherinfo::family::ClosedGeodesic;
    /// // The logarithm of a log-normal variable is normal; its median e^μ goes from 1 to e².
    /// let path = ClosedGeodesic::half_plane([1.0, 2.0], [1.0, 3.0], [2.0, 2.0], |u, v| vec![u.exp(), v]);
    /// assert!((path.length() - 2f64.sqrt() * 2f64.acosh()).abs() < 1e-15);
    /// assert!((path.at(1.0)[0] - 2f64.exp()).abs() < 1e-14);
    /// ```
    pub fn half_plane(
        [a, b]: [f64; 2],
        v: [f64; 2],
        [du, dv]: [f64; 2],
        parameters: impl Fn(f64, f64) -> Vec<f64> + Send + Sync + 'static,
    ) -> Self {
        let chord = ((a / b).sqrt() * du).hypot(dv);
        let d = 2.0 * (0.5 * chord / (v[0].sqrt() * v[1].sqrt())).asinh();
        // A point (x, y) of the half-plane is the matrix ((x² + y², x), (x, 1))/y of determinant one,
        // and on those a geodesic of the length d is (sinh((1 − t)d)·P₁ + sinh(td)·P₂)/sinh d.
        Self::new(b.sqrt() * d, move |t| {
            let near = sinh_ratio(1.0 - t, d) / v[0];
            let far = sinh_ratio(t, d) / v[1];
            let total = near + far;
            parameters(du * (far / total), total.recip())
        })
    }

    /// Probabilities p₁ … p_{K−1} (the last category takes the rest) under n times the information
    /// of one draw: great circles in √p, of the length 2√n·arccos Σ√(pᵢqᵢ).
    pub fn great_circle(n: f64, from: &[f64], to: &[f64]) -> Self {
        let kept = |theta: &[f64]| theta.iter().fold(1.0, |left, p| left - p);
        let moved: f64 = from.iter().zip(to).map(|(p, q)| p - q).sum();
        let mut ends: Vec<(f64, f64)> = from.iter().copied().zip(to.iter().copied()).collect();
        ends.push((kept(from), kept(to)));
        let last = ends.len() - 1;
        let chord = ends
            .iter()
            .enumerate()
            .map(|(i, (p, q))| {
                let difference = if i == last { moved } else { q - p };
                (difference / (p.sqrt() + q.sqrt())).powi(2)
            })
            .sum::<f64>()
            .sqrt();
        let angle = 2.0 * (0.5 * chord).min(1.0).asin();
        let roots: Vec<(f64, f64)> = ends.iter().map(|(p, q)| (p.sqrt(), q.sqrt())).collect();
        Self::new(2.0 * n.sqrt() * angle, move |t| {
            let (near, far) = if angle == 0.0 {
                (1.0 - t, t)
            } else {
                (
                    ((1.0 - t) * angle).sin() / angle.sin(),
                    (t * angle).sin() / angle.sin(),
                )
            };
            roots[..last]
                .iter()
                .map(|(p, q)| (near * p + far * q).powi(2))
                .collect()
        })
    }

    /// Positive definite d × d matrices (lower triangles by columns) under `weight`·tr(V⁻¹dV V⁻¹dV):
    /// the length is √(weight·Σ ln² λᵢ) over the eigenvalues λ of V₁⁻¹V₂, the path
    /// \\(L U \Lambda^t U^\top L^\top\\) for V₁ = LLᵀ and L⁻¹V₂L⁻ᵀ = UΛUᵀ. A covariance with a known
    /// mean has weight ½. `fixed` parameters stand before the matrix.
    ///
    /// `None` where a matrix is not positive definite.
    ///
    /// Source: C. Atkinson & A. F. S. Mitchell, Sankhyā A 43 (1981); L. T. Skovgaard, Scand. J.
    /// Statist. 11 (1984).
    pub fn affine_invariant(
        weight: f64,
        dimension: usize,
        fixed: &[f64],
        from: &[f64],
        to: &[f64],
    ) -> Option<Self> {
        let d = dimension;
        let factor = cholesky(from, d).ok()?;
        // L⁻¹ M L⁻ᵀ: substitute into the columns, transpose, and again.
        let whitened = |matrix: &[f64]| {
            let mut whole = Mat::from_fn(d, d, |i, j| matrix[half_index(i, j, d)]);
            for _ in 0..2 {
                let mut half = Mat::zeros(d, d);
                for column in 0..d {
                    let mut entries: Vec<f64> = (0..d).map(|row| whole[(row, column)]).collect();
                    forward_substitute(&factor, &mut entries);
                    for (row, entry) in entries.into_iter().enumerate() {
                        half[(column, row)] = entry;
                    }
                }
                whole = half;
            }
            whole
        };
        let difference: Vec<f64> = to.iter().zip(from).map(|(b, a)| b - a).collect();
        // Of near matrices the eigenvalues of the difference, whose ln(1 + x) keeps its digits.
        let near = whitened(&difference).self_adjoint_eigen(Side::Lower).ok()?;
        let excess: Vec<f64> = near.S().column_vector().iter().copied().collect();
        let (logarithms, vectors): (Vec<f64>, Mat<f64>) = if excess.iter().all(|x| x.abs() < 0.5) {
            (
                excess.iter().map(|x| x.ln_1p()).collect(),
                near.U().to_owned(),
            )
        } else {
            let far = whitened(to).self_adjoint_eigen(Side::Lower).ok()?;
            let values = far.S().column_vector().iter().map(|x| x.ln()).collect();
            (values, far.U().to_owned())
        };
        let length = weight.sqrt() * logarithms.iter().map(|l| l * l).sum::<f64>().sqrt();
        if !length.is_finite() {
            return None;
        }
        let lower = Mat::from_fn(d, d, |i, j| {
            if i >= j {
                factor[half_index(i, j, d)]
            } else {
                0.0
            }
        });
        let frame = lower * vectors;
        let fixed = fixed.to_vec();
        Some(Self::new(length, move |t| {
            let mut theta = fixed.clone();
            for column in 0..d {
                for row in column..d {
                    theta.push(
                        (0..d)
                            .map(|e| {
                                frame[(row, e)] * (t * logarithms[e]).exp() * frame[(column, e)]
                            })
                            .sum(),
                    );
                }
            }
            theta
        }))
    }
}
