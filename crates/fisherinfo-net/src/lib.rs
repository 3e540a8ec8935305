//! Fisher information of networks.
#![allow(missing_docs)]

pub mod backend;
mod batch;
mod checkpoint;
mod consolidation;
mod dataset;
mod description;
mod error;
pub mod estimator;
pub mod file;
mod fisher;
pub mod layer;
mod network;
mod output;
mod parameters;
pub mod representation;
mod tap;
pub mod train;

pub use batch::Batch;
pub use checkpoint::{Checkpoint, Tensor};
pub use consolidation::Consolidation;
pub use dataset::Dataset;
pub use description::{
    Architecture, InputDescription, LayerDescription, OutputDescription, PoolKind,
};
pub use error::NetworkError;
pub use fisher::{About, Block, Fisher, FisherError};
pub use network::{Linearised, Network};
pub use output::Output;
pub use parameters::{ParameterId, ParameterInfo, Parameters};
pub use tap::Tap;
