//! Inputs of exercises, as requests name them.

use fisherinfo_notebook::course::course;
use fisherinfo_notebook::run::{Request, RequestError};
use std::collections::BTreeMap;

/// An exercise with some inputs away from their defaults.
pub(crate) fn request(number: u8, inputs: &BTreeMap<String, f64>) -> Result<Request, RequestError> {
    let inputs: Vec<(&str, f64)> = inputs
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    Request::new(course(), number, &inputs)
}
