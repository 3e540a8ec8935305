//! The command `fisher`.
fn main() {}
