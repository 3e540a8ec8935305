//! The tests of tables and regressions, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
mod design;
mod design_properties;
mod formula;
mod glm_design;
mod glm_oracle;
mod glm_published;
mod glm_separation;
mod glm_streamed;
mod source;
#[cfg(feature = "columnar")]
mod source_columnar;
mod table;
