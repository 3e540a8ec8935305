//! What terms cross: columns and functions of columns.

use fisherinfo::expression::{Expression, quoted_name};

/// A column, a column as categories, or a number computed from columns.
#[derive(Debug, Clone)]
pub struct Factor {
    label: String,
    kind: FactorKind,
    offset: usize,
    reference: Option<String>,
}

/// What a [`Factor`] is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum FactorKind {
    /// A column: numbers or categories, whichever it holds.
    Column(String),
    /// A column as categories: `C(name)`.
    Categories(String),
    /// A number computed from columns.
    Number(Expression),
}

impl Factor {
    /// The column of a name.
    pub(super) fn column(name: &str, offset: usize) -> Self {
        Self {
            label: quoted_name(name),
            kind: FactorKind::Column(name.to_owned()),
            offset,
            reference: None,
        }
    }

    /// A formula of columns; a lone name is the column.
    pub(super) fn number(expression: Expression, offset: usize) -> Self {
        let label = expression.to_string();
        let kind = match expression.as_variable() {
            Some(name) => FactorKind::Column(name.to_owned()),
            None => FactorKind::Number(expression),
        };
        Self {
            label,
            kind,
            offset,
            reference: None,
        }
    }

    /// `offset(expression)`.
    pub(super) fn offset_of(expression: Expression, offset: usize) -> Self {
        let inner = Self::number(expression, offset);
        Self {
            label: format!("offset({})", inner.label),
            ..inner
        }
    }

    /// `I(expression)`.
    pub(super) fn isolated(expression: Expression, offset: usize) -> Self {
        Self {
            label: format!("I({expression})"),
            kind: FactorKind::Number(expression),
            offset,
            reference: None,
        }
    }

    /// `C(name)`, or `C(name, Treatment("reference"))`.
    pub(super) fn categories(name: &str, reference: Option<String>, offset: usize) -> Self {
        let quoted = quoted_name(name);
        Self {
            label: match &reference {
                None => format!("C({quoted})"),
                // A text between quotes holds none of the kind that it stands between.
                Some(level) if level.contains('"') => format!("C({quoted}, Treatment('{level}'))"),
                Some(level) => format!("C({quoted}, Treatment(\"{level}\"))"),
            },
            kind: FactorKind::Categories(name.to_owned()),
            offset,
            reference,
        }
    }

    /// The category that the others are compared with, where the formula names one.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }

    /// The factor as it is printed; two factors are the same when their labels are.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> &FactorKind {
        &self.kind
    }

    /// The byte of the formula at which it first stands.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The columns that it needs, each with the byte of the formula at which it stands.
    #[must_use]
    pub fn columns(&self) -> Vec<(&str, usize)> {
        match &self.kind {
            FactorKind::Column(name) | FactorKind::Categories(name) => {
                vec![(name, self.offset)]
            }
            FactorKind::Number(expression) => expression.variable_places().collect(),
        }
    }
}
