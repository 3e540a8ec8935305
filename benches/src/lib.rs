//! Benchmarks: `cargo bench -p fisherinfo-bench`.
//!
//! Each stands beside its floor, measured in the same run: the least work that the answer takes,
//! written as a kernel of its own.
