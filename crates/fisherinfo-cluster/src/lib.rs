//! Fits on many machines.
