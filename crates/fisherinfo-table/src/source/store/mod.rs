//! Objects of S3, Google Cloud Storage and Azure: `s3://bucket/key`, `gs://…`, `az://…`.

mod ahead;
#[cfg(feature = "columnar")]
mod chunks;
mod error;
mod find;
mod object;
mod registry;
mod runtime;

#[cfg(feature = "columnar")]
pub(super) use chunks::{Chunks, Tail};
pub use error::ObjectError;
pub(super) use find::find;
pub(crate) use object::Version;
pub(super) use object::{Object, Trouble};
pub use registry::register_object_store;
