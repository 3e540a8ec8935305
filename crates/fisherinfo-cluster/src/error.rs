//! What stands in the way of a cluster.

use thiserror::Error;

/// What stands in the way of a cluster.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClusterError {
    /// An address that is none.
    #[error("«{text}» is no address of a scheduler; write df://host:port, as df://127.0.0.1:50050")]
    Address {
        /// What was given.
        text: String,
    },
    /// Nobody answers.
    #[error(
        "no scheduler answers at {address}: {reason}; start one there with `fisher cluster scheduler`"
    )]
    NoScheduler {
        /// Where.
        address: String,
        /// What the connection says.
        reason: String,
    },
    /// A scheduler without executors, or with busy ones.
    #[error(
        "the scheduler at {address} has had no answer of an executor for {seconds} s; start some with \
         `fisher cluster executor --scheduler {address}`"
    )]
    NoExecutor {
        /// The scheduler.
        address: String,
        /// How long it was waited.
        seconds: u64,
    },
    /// Processes that do not know these sums.
    #[error(
        "the processes at {address} do not add up what this program asks for ({}); start scheduler \
         and executors with `fisher cluster` of version {}",
        if reason.is_empty() { "they do not say why" } else { reason.as_str() },
        env!("CARGO_PKG_VERSION")
    )]
    OtherProgram {
        /// The scheduler.
        address: String,
        /// What they say.
        reason: String,
    },
    /// A pass that failed again and again.
    #[error(
        "the pass «{pass}» failed {attempts} times on the cluster at {address}, the last time with: \
         {reason}"
    )]
    Pass {
        /// The pass.
        pass: String,
        /// The scheduler.
        address: String,
        /// How often it was begun.
        attempts: usize,
        /// What stood in the way.
        reason: String,
    },
    /// A process that could not be started, or that ended.
    #[error("{what}: {reason}")]
    Process {
        /// Which, and what it was to do.
        what: String,
        /// What stood in the way.
        reason: String,
    },
}
