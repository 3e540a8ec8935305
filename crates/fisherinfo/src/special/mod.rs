//! Special functions over dual numbers.
