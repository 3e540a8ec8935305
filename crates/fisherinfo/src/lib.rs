//! Fisher information of any density.
pub mod dual;
pub mod expression;
pub mod information;
pub mod special;
