//! Fisher information of any density.
pub mod coordinates;
pub mod dual;
pub mod estimate;
pub mod expression;
pub mod family;
pub mod information;
pub mod special;
