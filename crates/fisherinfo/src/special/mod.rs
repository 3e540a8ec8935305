//! Special functions over dual numbers, to any order of derivative.
//!
//! Every function here takes a [`Dual`](crate::dual::Dual): at `f64` it gives the value, at a dual
//! number its derivatives too, nested dual numbers included. Derivatives come from closed forms
//! or recurrences of the function itself ([`taylor`]), never from differentiating an
//! approximation, so they carry the accuracy of the value. Regions where the textbook formula
//! cancels (both arguments of a beta function large, the far tail of the normal, `1 − A² − A/κ`
//! of a concentrated von Mises) have a formula of their own.
//!
//! Outside its domain a function gives `NaN`; nothing here panics.
//!
//! Sources: NIST Digital Library of Mathematical Functions (DLMF), <https://dlmf.nist.gov>;
//! Abramowitz and Stegun, *Handbook of Mathematical Functions* (1964), cited as A&S.
//!
//! ```
//! use fisherinfo::special::{digamma, ln_gamma};
//! use num_dual::Dual64;
//!
//! let x = Dual64::from_re(2.5).derivative();
//! assert_eq!(ln_gamma(x).eps, digamma(2.5));
//! ```

mod bessel;
mod beta;
pub(crate) mod deviance;
mod double_double;
mod error_function;
mod excess;
mod gamma;
mod incomplete_beta;
mod incomplete_gamma;
mod jet;
mod logistic;
mod normal;
mod quotient;
mod taylor;

pub use bessel::{bessel_ratio, bessel_ratio_derivative, ln_bessel_i0, ln_bessel_i1};
pub use beta::{ln_beta, ln_binomial, ln_gamma_ratio, ln_multivariate_gamma};
pub use error_function::{erf, erfc, erfcx};
pub use excess::{exp_excess, log_excess};
pub(crate) use gamma::zeta;
pub use gamma::{digamma, ln_gamma, polygamma, trigamma, trigamma_minus_reciprocal};
pub use incomplete_beta::{f_survival, regularised_incomplete_beta, student_t_two_sided};
pub use incomplete_gamma::{
    chi_squared_survival, ln_chi_squared_survival, ln_regularised_gamma_q, regularised_gamma_p,
    regularised_gamma_q,
};
pub use logistic::{
    arcsine_square_root, ln_1m_exp, ln_add_exp, ln_logistic, log_sum_exp, logistic, logit,
    softplus, xlog1py, xlogy,
};
pub use normal::{ln_normal_cdf, normal_cdf, normal_quantile};
pub use quotient::ln_1p_quotient;
pub use taylor::taylor;
