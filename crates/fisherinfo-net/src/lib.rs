//! Fisher information of networks: layers that can be linearised, estimators, representations, Fisher files.
//!
//! The information of a network is \\(\sum J^\top F J\\): F of the output's [`Output`] family, which is one of the
//! engine's, pulled back through the Jacobian of the layers.
//!
//! ```text
//! backend  →  layer  →  network (+ output)  →  estimator  →  representation, Fisher  →  file, train, EWC
//! ```
//!
//! ```
//! use fisherinfo_net::backend::Cpu;
//! use fisherinfo_net::estimator::{Estimation, Estimator, Reduction, Representation, Settings, Sharing};
//! use fisherinfo_net::representation::Damping;
//! use fisherinfo_net::{Architecture, Dataset, Network};
//!
//! let architecture = Architecture::from_toml("xor.toml", r#"
//!     input = { features = 2 }
//!     output = "categorical"
//!     [[layer]]
//!     kind = "linear"
//!     name = "hidden"
//!     outputs = 3
//!     [[layer]]
//!     kind = "tanh"
//!     [[layer]]
//!     kind = "linear"
//!     name = "classes"
//!     outputs = 2
//! "#)?;
//! let network = Network::initialised(&architecture, Cpu::<f64>::new(), 1)?;
//! let inputs = vec![0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0];
//! let data = Dataset::new(inputs, 2, vec![0.0, 1.0, 1.0, 0.0])?;
//!
//! let settings = Settings {
//!     estimator: Estimator::Exact,
//!     representation: Representation::Kronecker(Sharing::Expand),
//!     reduction: Reduction::Mean,
//! };
//! let fisher = Estimation::whole(&network, &data, settings, 4)?;
//! let gradient = vec![1.0; network.dimension()];
//! let natural = fisher.damped_solve(&gradient, Damping::Absolute(0.01))?;
//! assert!(fisher.quadratic_form(&natural)? > 0.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod audit;
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
pub mod laplace;
pub mod layer;
pub mod merge;
mod network;
mod output;
mod parameters;
pub mod pretrained;
pub mod prune;
pub mod representation;
mod tap;
pub mod tensors;
pub mod text;
pub mod train;

pub use batch::Batch;
pub use checkpoint::{Checkpoint, Tensor};
pub use consolidation::Consolidation;
pub use dataset::Dataset;
pub use description::{
    AdapterDescription, Architecture, InputDescription, LayerDescription, OutputDescription,
    PoolKind, Projection, Projections,
};
pub use error::NetworkError;
pub use fisher::{About, Block, Fisher, FisherError};
pub use network::{Linearised, Network};
pub use output::Output;
pub use parameters::{ParameterId, ParameterInfo, Parameters};
pub use tap::Tap;
