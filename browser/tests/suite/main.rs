//! The page in a real browser: Chromium, driven from outside, against the program `fisher`.
//!
//! Every test starts a server and a browser with an empty profile of its own. Nothing here waits for
//! a fixed time: a condition is asked for until it holds, or until it is too late.
//!
//! Needs Debian's packages `chromium` and `chromium-driver`; without them every test fails and says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accessibility;
mod answers;
mod figures;
mod guard;
mod harness;
mod hostile;
mod notebook;
mod notes;
mod picture;
mod restart;
mod runs;
mod sync;
