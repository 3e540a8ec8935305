//! Optimal design: at which points to observe, and how often, so that a model is learned best.
//!
//! A design puts weights w on candidate points; the information of one of its observations is
//! \\(M(w) = \sum_i w_i J_i^\top F_i J_i\\), at assumed parameters where the model is not linear in them.
//! A [`Criterion`] says what is to be learned best: D (all parameters together), A (the sum of their
//! variances), E (the worst combination) or c (one combination). Every answer brings a
//! [`Certificate`] by the equivalence theorem, which does not depend on how the answer was found.
//!
//! | | |
//! |---|---|
//! | weights over given candidates | [`optimal_design`] |
//! | points on an interval | [`optimal_on_interval`] |
//! | is this design optimal, and if not how far off? | [`certify`] |
//!
//! The weights come from interior-point methods over a small working set, to which violators of the
//! certificate are added (D, A: Newton along a barrier; E: a semidefinite program), or from the simplex
//! method (c); all in coordinates in which equal weights have the information 1.
//!
//! ```
//! use fisherinfo::design::{Candidates, Criterion, optimal_design};
//! // A parabola on [−1, 1]: a third of the observations at each end and in the middle.
//! let points: Vec<f64> = (-10..=10).map(|i| f64::from(i) / 10.0).collect();
//! let rows: Vec<Vec<f64>> = points.iter().map(|x| vec![1.0, *x, x * x]).collect();
//! let candidates = Candidates::from_rows(&rows)?;
//! let design = optimal_design(&candidates, &Criterion::D)?;
//! let third = 1.0 / 3.0;
//! let support: Vec<(f64, f64)> = design.support().map(|(i, w)| (points[i], w)).collect();
//! assert!(support.iter().zip([-1.0, 0.0, 1.0]).all(|(s, x)| s.0 == x && (s.1 - third).abs() < 1e-9));
//! assert!(design.certificate().holds(1e-9));
//! # Ok::<(), fisherinfo::design::DesignError>(())
//! ```

mod barrier;
mod candidates;
mod certificate;
mod criterion;
mod curve;
mod elfving;
mod error;
mod interval;
mod semidefinite;
mod solve;

pub use candidates::Candidates;
pub use certificate::{Certificate, certify};
pub use criterion::Criterion;
pub use curve::{Curve, CurveError, CurvePoint, ResponseCurve, predictor_information};
pub use error::DesignError;
pub use interval::{IntervalDesign, optimal_on_interval};
pub use solve::{OptimalDesign, optimal_design, optimal_design_within};
