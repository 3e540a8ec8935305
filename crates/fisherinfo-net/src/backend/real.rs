use super::{Activation, single};
use faer::traits::ComplexField;
use std::fmt::Debug;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// `f32` or `f64`.
pub trait Real:
    Copy
    + Debug
    + Default
    + PartialOrd
    + Send
    + Sync
    + Sum
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + MulAssign
    + SubAssign
    + ComplexField
    + 'static
{
    /// Its name in files: `F32` or `F64`.
    const NAME: &'static str;

    /// The nearest number of this type.
    fn from_f64(value: f64) -> Self;

    /// The same number in double precision.
    fn to_f64(self) -> f64;

    /// √x.
    fn square_root(self) -> Self;

    /// exp(x − top) in the place of each x.
    fn exponentials(top: Self, x: &mut [Self]);

    /// y = σ(x).
    fn activate(function: Activation, x: &[Self], y: &mut [Self]);

    /// y = σ′(x) u.
    fn activate_slope(function: Activation, x: &[Self], u: &[Self], y: &mut [Self]);
}

impl Real for f32 {
    const NAME: &'static str = "F32";

    fn from_f64(value: f64) -> Self {
        value as Self
    }

    fn to_f64(self) -> f64 {
        self.into()
    }

    fn square_root(self) -> Self {
        self.sqrt()
    }

    fn exponentials(top: Self, x: &mut [Self]) {
        single::exponentials(top, x);
    }

    fn activate(function: Activation, x: &[Self], y: &mut [Self]) {
        single::activate(function, x, y);
    }

    fn activate_slope(function: Activation, x: &[Self], u: &[Self], y: &mut [Self]) {
        single::activate_slope(function, x, u, y);
    }
}

impl Real for f64 {
    const NAME: &'static str = "F64";

    fn from_f64(value: f64) -> Self {
        value
    }

    fn to_f64(self) -> f64 {
        self
    }

    fn square_root(self) -> Self {
        self.sqrt()
    }

    fn exponentials(top: Self, x: &mut [Self]) {
        x.iter_mut().for_each(|x| *x = (*x - top).exp());
    }

    fn activate(function: Activation, x: &[Self], y: &mut [Self]) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y = function.value(x);
        }
    }

    fn activate_slope(function: Activation, x: &[Self], u: &[Self], y: &mut [Self]) {
        for ((y, &x), &u) in y.iter_mut().zip(x).zip(u) {
            *y = function.slope(x) * u;
        }
    }
}
