//! Formulas that a person types.
