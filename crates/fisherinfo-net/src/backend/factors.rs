use super::View;

/// The factors A and B of the products of one part of the examples.
#[derive(Debug)]
pub struct Factors<'a, Buffer> {
    /// How many products.
    pub batch: usize,
    /// A.
    pub left: &'a Buffer,
    /// m × k.
    pub left_view: View,
    /// B.
    pub right: &'a Buffer,
    /// k × n.
    pub right_view: View,
}
