//! Arithmetic on arrays, behind one small trait.
//!
//! Layers are written in these operations alone, and a buffer is whatever an implementation keeps its
//! numbers in: another device is another implementation of [`Backend`], and no layer changes.

mod activation;
mod array;
mod cpu;
mod factors;
mod greatest;
mod parallel;
mod product;
mod real;
mod single;
mod sums;
mod view;

pub use activation::Activation;
pub use array::Array;
pub use cpu::Cpu;
pub use factors::Factors;
pub use real::Real;
pub use view::View;

use std::fmt::Debug;

/// An index that stands for a zero in [`Backend::gather`]: padding.
pub const PADDING: u32 = u32::MAX;

/// Arrays of numbers and what layers do with them.
///
/// Matrices are row-major where nothing else is said. Shapes are the caller's business: an
/// implementation checks them and panics on a disagreement, which is a mistake in a layer and never in
/// what a user gave, since the shapes of a network are checked when it is built.
///
/// ```
/// use fisherinfo_net::backend::{Backend, Cpu, View};
/// let cpu = Cpu::<f64>::new();
/// let x = cpu.upload(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
/// let mut gram = [0.0; 9];
/// cpu.add_outer_products(1.0, &[(&x, 3)], 3, &mut gram, 3);
/// assert_eq!(gram[..3], [66.0, 78.0, 90.0]);
/// ```
pub trait Backend: Clone + Debug + Send + Sync + 'static {
    /// What the numbers are.
    type Element: Real;
    /// An array of them.
    type Buffer: Clone + Debug + Send + Sync;

    /// An array with these numbers.
    fn upload(&self, values: Vec<Self::Element>) -> Self::Buffer;

    /// The numbers of an array.
    fn download(&self, x: &Self::Buffer) -> Vec<Self::Element>;

    /// How many numbers there are.
    fn length(&self, x: &Self::Buffer) -> usize;

    /// n zeros.
    fn zeros(&self, n: usize) -> Self::Buffer;

    /// A matrix of so many rows, each of them this one.
    fn rows(&self, row: &Self::Buffer, rows: usize) -> Self::Buffer;

    /// Arrays one after the other.
    fn joined(&self, parts: &[&Self::Buffer]) -> Self::Buffer;

    /// How many examples are best taken through all layers together by one worker, when an example has so many
    /// numbers at once. It says nothing of how many workers there are: sums are taken part by part.
    fn examples_of_a_part(&self, numbers: usize) -> usize;

    /// f of every part, by all workers, each part by one of them.
    fn each_part<T: Send>(&self, count: usize, f: impl Fn(usize) -> T + Sync) -> Vec<T>;

    /// C ← C + αAB for `batch` matrices each, A m × k, B k × n and C m × n by their views.
    #[allow(clippy::too_many_arguments)]
    fn add_product(
        &self,
        batch: usize,
        alpha: Self::Element,
        a: &Self::Buffer,
        a_view: View,
        b: &Self::Buffer,
        b_view: View,
        c: &mut Self::Buffer,
        c_view: View,
    );

    /// αAB, m × n, for `batch` matrices each.
    fn product(
        &self,
        batch: usize,
        alpha: Self::Element,
        a: &Self::Buffer,
        a_view: View,
        b: &Self::Buffer,
        b_view: View,
    ) -> Self::Buffer;

    /// Adds weight·x to as many numbers in double precision.
    fn add_to(&self, weight: f64, x: &Self::Buffer, into: &mut [f64]);

    /// Adds weight·ΣAB, m × n, over all parts, in double precision from one call to the next.
    fn add_products(&self, weight: f64, parts: &[Factors<'_, Self::Buffer>], into: &mut [f64]);

    /// Adds weight·Σ(AB)², squared elementwise, over all parts and the matrices of each.
    fn add_squared_products(
        &self,
        weight: f64,
        parts: &[Factors<'_, Self::Buffer>],
        into: &mut [f64],
    );

    /// Adds weight·ΣXᵀX over parts of so many rows and `columns` columns each; the rows of `into` are `stride`
    /// numbers apart, and both triangles are written.
    fn add_outer_products(
        &self,
        weight: f64,
        parts: &[(&Self::Buffer, usize)],
        columns: usize,
        into: &mut [f64],
        stride: usize,
    );

    /// σ(x), elementwise.
    fn activate(&self, function: Activation, x: &Self::Buffer) -> Self::Buffer;

    /// σ′(x) u, elementwise.
    fn activate_slope(
        &self,
        function: Activation,
        x: &Self::Buffer,
        u: &Self::Buffer,
    ) -> Self::Buffer;

    /// x y, elementwise.
    fn multiply(&self, x: &Self::Buffer, y: &Self::Buffer) -> Self::Buffer;

    /// y ← y + αx.
    fn add_scaled(&self, alpha: Self::Element, x: &Self::Buffer, y: &mut Self::Buffer);

    /// 1/√(αx + ε), elementwise.
    fn inverse_root(
        &self,
        alpha: Self::Element,
        epsilon: Self::Element,
        x: &Self::Buffer,
    ) -> Self::Buffer;

    /// Adds a row to every row of x.
    fn add_row(&self, row: &Self::Buffer, x: &mut Self::Buffer);

    /// Multiplies every row of x by a row, elementwise.
    fn multiply_row(&self, row: &Self::Buffer, x: &Self::Buffer) -> Self::Buffer;

    /// Adds α times the i-th number of a column to every number of the i-th row of x.
    fn add_column(&self, alpha: Self::Element, column: &Self::Buffer, x: &mut Self::Buffer);

    /// Multiplies the i-th row of x by the i-th number of a column.
    fn multiply_column(&self, column: &Self::Buffer, x: &Self::Buffer) -> Self::Buffer;

    /// The sum of every row of a matrix with so many columns.
    fn row_sums(&self, x: &Self::Buffer, columns: usize) -> Self::Buffer;

    /// The sum of every column of a matrix with so many columns.
    fn column_sums(&self, x: &Self::Buffer, columns: usize) -> Self::Buffer;

    /// For each of `batch` parts of x, rows of `columns` numbers: column by column the greatest among the rows
    /// that each `group` indices name, the first of several, and where in the whole of x each is.
    fn greatest_of_rows(
        &self,
        x: &Self::Buffer,
        batch: usize,
        columns: usize,
        index: &[u32],
        group: usize,
    ) -> (Self::Buffer, Vec<u32>);

    /// The softmax of every row. Entries of −∞ become zero, and a row of nothing else is zero.
    fn softmax(&self, x: &Self::Buffer, columns: usize) -> Self::Buffer;

    /// The derivative of the softmax along v, which is symmetric: p(v − Σpv) in every row, p its values.
    fn softmax_derivative(
        &self,
        p: &Self::Buffer,
        v: &Self::Buffer,
        columns: usize,
    ) -> Self::Buffer;

    /// For each of `batch` parts of x of equal length: `y[i] = x[index[i]]`, or 0 at [`PADDING`].
    fn gather(&self, x: &Self::Buffer, batch: usize, index: &[u32]) -> Self::Buffer;

    /// The transpose of [`Backend::gather`]: for each of `batch` parts `y[index[i]] += x[i]`, y of so many
    /// numbers a part.
    fn scatter_add(
        &self,
        x: &Self::Buffer,
        batch: usize,
        index: &[u32],
        length: usize,
    ) -> Self::Buffer;
}
