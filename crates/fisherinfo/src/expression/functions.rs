//! The functions of the language, in one table.

use super::arithmetic;
use crate::dual::Dual;
use crate::special;

/// How many arguments a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arity {
    Exactly(usize),
    /// Two or more: a function of two, applied from the left.
    TwoOrMore,
}

/// The arity that an argument list of the table stands for.
macro_rules! arity {
    (($x:ident, $y:ident, ..)) => {
        Arity::TwoOrMore
    };
    (($($x:ident),+)) => {
        Arity::Exactly([$(stringify!($x)),+].len())
    };
}

/// The value of a line of the table at the slice `$values`.
macro_rules! apply {
    ($values:ident, ($x:ident, $y:ident, ..), $body:expr) => {
        match $values {
            [first, rest @ ..] => rest.iter().fold(*first, |$x, &$y| $body),
            [] => D::from(f64::NAN),
        }
    };
    ($values:ident, ($($x:ident),+), $body:expr) => {
        match *$values {
            [$($x),+] => $body,
            // The grammar has checked the number of arguments.
            _ => D::from(f64::NAN),
        }
    };
}

/// Makes [`Function`] from lines `Variant "name" "other name" => (arguments) value;`.
macro_rules! functions {
    ($($variant:ident $($name:literal)+ => $arguments:tt $body:expr;)+) => {
        /// A function that a formula can call.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Function {
            $($variant),+
        }

        /// Every name a function can be called by, the first of each being the one printed.
        const NAMES: &[(&str, Function)] = &[$($(($name, Function::$variant)),+),+];

        impl Function {
            /// The number of arguments.
            pub(super) fn arity(self) -> Arity {
                match self {
                    $(Self::$variant => arity!($arguments)),+
                }
            }

            /// The value at `values`, which are as many as [`Function::arity`] says.
            pub(super) fn apply<D: Dual>(self, values: &[D]) -> D {
                match self {
                    $(Self::$variant => apply!(values, $arguments, $body)),+
                }
            }
        }
    };
}

functions! {
    Exp "exp" => (x) x.exp();
    Exp2 "exp2" => (x) x.exp2();
    ExpM1 "expm1" => (x) x.exp_m1();
    Log "log" "ln" => (x) x.ln();
    Log2 "log2" => (x) x.log2();
    Log10 "log10" => (x) x.log10();
    Log1p "log1p" => (x) x.ln_1p();
    Sqrt "sqrt" => (x) x.sqrt();
    Cbrt "cbrt" => (x) x.cbrt();
    Pow "pow" => (x, y) arithmetic::power(x, y);
    Abs "abs" => (x) if x.re() < 0.0 { -x } else { x };
    Min "min" => (x, y, ..) if x.re().is_nan() || x.re() <= y.re() { x } else { y };
    Max "max" => (x, y, ..) if x.re().is_nan() || x.re() >= y.re() { x } else { y };
    Sin "sin" => (x) x.sin();
    Cos "cos" => (x) x.cos();
    Tan "tan" => (x) x.tan();
    Asin "asin" "arcsin" => (x) x.asin();
    Acos "acos" "arccos" => (x) x.acos();
    Atan "atan" "arctan" => (x) x.atan();
    Atan2 "atan2" "arctan2" => (y, x) y.atan2(x);
    Sinh "sinh" => (x) x.sinh();
    Cosh "cosh" => (x) x.cosh();
    Tanh "tanh" => (x) tanh(x);
    Asinh "asinh" "arsinh" => (x) x.asinh();
    Acosh "acosh" "arcosh" => (x) x.acosh();
    Atanh "atanh" "artanh" => (x) x.atanh();
    Sigmoid "sigmoid" "logistic" "expit" => (x) special::logistic(x);
    Logit "logit" => (x) special::logit(x);
    Softplus "softplus" => (x) special::softplus(x);
    Gamma "gamma" => (x) special::ln_gamma(x).exp();
    LogGamma "lgamma" "lngamma" "gammaln" => (x) special::ln_gamma(x);
    Digamma "digamma" "psi" => (x) special::digamma(x);
    Trigamma "trigamma" => (x) special::trigamma(x);
    LogBeta "lbeta" "lnbeta" "betaln" => (x, y) special::ln_beta(x, y);
    LogChoose "lchoose" => (n, k) special::ln_binomial(n, k);
    Erf "erf" => (x) special::erf(x);
    Erfc "erfc" => (x) special::erfc(x);
    NormalCdf "normcdf" "pnorm" => (x) special::normal_cdf(x);
    NormalQuantile "norminv" "qnorm" "probit" => (x) special::normal_quantile(x);
    LogBesselI0 "lni0" => (x) special::ln_bessel_i0(x);
}

impl Function {
    /// The function of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, function)| *function)
    }

    /// The name the function is printed by.
    pub(super) fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(_, function)| *function == self)
            .map_or("", |(name, _)| name)
    }
}

/// Every name by which a formula can call a function, other names of the same function included.
///
/// `log` is the natural logarithm, also called `ln`; angles are in radians; `atan2` takes y first;
/// `min` and `max` take two or more arguments and are NaN where one of them is; `sigmoid(x)` =
/// 1/(1 + exp(−x)), also called `logistic` and `expit`, and `logit` is its inverse; `lgamma` is ln Γ,
/// `lbeta` ln B, `lchoose` the logarithm of a binomial coefficient, `lni0` ln I₀.
///
/// ```
/// assert!(fisherinfo::expression::function_names().any(|name| name == "logit"));
/// ```
pub fn function_names() -> impl ExactSizeIterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

/// The hyperbolic tangent; num-dual's, sinh/cosh, is NaN beyond 710.
fn tanh<D: Dual>(x: D) -> D {
    if D::NDERIV == 0 {
        x.tanh()
    } else if x.re() < 0.0 {
        let m = (x * 2.0).exp_m1();
        m / (m + 2.0)
    } else {
        let m = (x * -2.0).exp_m1();
        -m / (m + 2.0)
    }
}
