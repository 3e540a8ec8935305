//! The notebook: exercises on Fisher information, and the checks of what is answered.

pub mod grading;
