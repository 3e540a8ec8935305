//! The tests of tables and regressions, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
mod design;
mod design_inputs;
mod design_properties;
mod distributed;
mod formula;
mod glm_certified;
mod glm_design;
mod glm_families;
mod glm_firth;
mod glm_identified;
mod glm_inference;
mod glm_levels;
mod glm_multinomial;
mod glm_negative_binomial;
mod glm_oracle;
mod glm_penalty;
mod glm_published;
mod glm_saved;
mod glm_separation;
mod glm_streamed;
mod glm_streamed_rows;
mod glm_streamed_searches;
mod glm_weights;
mod source;
#[cfg(feature = "columnar")]
mod source_columnar;
mod source_roles;
#[cfg(feature = "object-store")]
mod source_store;
mod table;
