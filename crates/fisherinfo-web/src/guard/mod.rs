//! Who may ask, and what a page may do: every request passes here before anything answers it.
//!
//! A page in another tab, or a name that another site points at this machine, must not be able to
//! use a server that listens on it. So: the name in `Host` is one of a list (never «equal to
//! Origin», which a rebound name is); what changes something comes from a page of this server; and
//! whoever asks has been given the link that the server printed.

mod hosts;
mod layer;
mod policy;
mod sessions;

pub(crate) use hosts::Hosts;
pub(crate) use layer::{Guard, guard};
pub(crate) use sessions::{Browser, Link, Sessions};
