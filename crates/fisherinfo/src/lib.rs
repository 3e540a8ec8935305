//! Fisher information of any density.
pub mod dual;
pub mod expression;
pub mod special;
