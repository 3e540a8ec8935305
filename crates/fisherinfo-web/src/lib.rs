//! The page of the workbook: a server for one reader on their own machine or for a class, and the
//! front end that it sends.
//!
//! | question | room |
//! |---|---|
//! | who may ask? | `guard`: hosts, origins, the link that lets a browser in, the policy of a page |
//! | how does text become a page? | `render`: Markdown, LaTeX, code, all sanitised |
//! | what does a reader see? | `page`: the workbook, notebooks for reading, the library |
//! | what does a page ask for? | `api`: runs, verdicts, typeset formulas, figures |
//! | who runs first? | `runs`: the queue |
//! | who has an account? | `sync`: accounts and their encrypted items, off unless a folder is named |
//! | what goes along? | `assets`: style sheets, scripts and the font, in the binary |
//!
//! ```no_run
//! use fisherinfo_web::{Options, serve};
//! serve(Options::default(), |link| println!("the workbook is at {link}"))?;
//! # Ok::<(), fisherinfo_web::ServeError>(())
//! ```

mod api;
mod app;
mod assets;
mod guard;
mod page;
mod render;
mod runs;
mod serve;
mod sync;

pub use serve::{Options, ServeError, Server, serve};
pub use sync::SyncError;
