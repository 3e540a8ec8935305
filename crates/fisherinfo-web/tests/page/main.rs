//! The server as a browser meets it, over a socket.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod client;
mod door;
mod figures;
mod markup;
mod notebooks;
mod runs;
