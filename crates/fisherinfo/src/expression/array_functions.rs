//! The functions of whole vectors and matrices, in one table.

/// Makes [`ArrayFunction`] from lines `Variant "name" "other name" => arguments;`.
macro_rules! array_functions {
    ($($variant:ident $($name:literal)+ => $arguments:literal;)+) => {
        /// A function of whole vectors and matrices.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum ArrayFunction {
            $($variant),+
        }

        /// Every name a function can be called by, the first of each being the one printed.
        const NAMES: &[(&str, ArrayFunction)] = &[$($(($name, ArrayFunction::$variant)),+),+];

        impl ArrayFunction {
            /// The number of arguments.
            pub(super) fn arguments(self) -> usize {
                match self {
                    $(Self::$variant => $arguments),+
                }
            }
        }
    };
}

array_functions! {
    Sum "sum" => 1;
    Mean "mean" => 1;
    RowSum "rowsum" => 1;
    RowMean "rowmean" => 1;
    ColumnSum "colsum" "columnsum" => 1;
    ColumnMean "colmean" "columnmean" => 1;
    Length "length" "len" => 1;
    Rows "rows" "nrow" => 1;
    Columns "columns" "cols" "ncol" => 1;
    Diagonal "diag" => 1;
    Inverse "inv" "inverse" => 1;
    Solve "solve" => 2;
    Determinant "det" => 1;
    Trace "trace" "tr" => 1;
    Norm "norm" => 1;
    Transpose "transpose" => 1;
    Identity "eye" "identity" => 1;
    Ones "ones" => 1;
    Outer "outer" => 2;
    Dot "dot" => 2;
}

impl ArrayFunction {
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

/// Every name by which a [`Program`](super::Program) can call a function of whole vectors and
/// matrices, other names of the same function included.
///
/// | written | meaning |
/// |---|---|
/// | `sum(x)`, `mean(x)` | over all entries |
/// | `rowsum(X)`, `rowmean(X)` | a vector with an entry for each row |
/// | `colsum(X)`, `colmean(X)` | a vector with an entry for each column |
/// | `length(x)`, `rows(X)`, `columns(X)` | how many; `length(X)` of a matrix is its rows |
/// | `diag(x)` | the diagonal matrix of a vector, the diagonal of a matrix |
/// | `inv(A)`, `solve(A, b)` | A⁻¹ and A⁻¹b; NaN where A is singular |
/// | `det(A)`, `trace(A)` | determinant and trace |
/// | `norm(x)` | √ of the sum of squares of all entries (Euclid, Frobenius) |
/// | `transpose(A)` | `A'` |
/// | `eye(k)`, `ones(k)` | the identity matrix, a vector of ones |
/// | `outer(a, b)`, `dot(a, b)` | a bᵀ and aᵀ b of two vectors |
///
/// ```
/// assert!(fisherinfo::expression::array_function_names().any(|name| name == "inv"));
/// ```
pub fn array_function_names() -> impl ExactSizeIterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}
