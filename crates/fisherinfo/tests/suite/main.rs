//! The tests of the engine, in one binary: linking costs more than most of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod anchors;
mod anchors_families;
mod anchors_irregular;
mod corners;
mod design;
mod estimators;
mod expression;
mod expression_errors;
mod expression_properties;
mod families;
mod geometry;
mod geometry_formulas;
mod information;
mod long_sums;
mod reference_figures;
mod special_functions;
mod special_identities;
mod sweeps;
mod typed_densities;
mod typed_ends_and_kinks;
mod typed_formulas;
mod typed_moving_ends;
