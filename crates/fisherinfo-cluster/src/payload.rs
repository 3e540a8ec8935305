//! What is sent to executors: a pass, or the question whether they know what a pass is.

use fisherinfo_table::distributed::{DistributedError, PartialSums, Request};

/// With which every payload begins, so that others are told apart.
const PROGRAM: &str = concat!("fisherinfo ", env!("CARGO_PKG_VERSION"), "\n");

/// A pass to be made.
#[derive(Debug)]
pub(crate) struct Payload {
    /// None asks only for an answer.
    request: Option<Request>,
    bytes: Vec<u8>,
}

impl Payload {
    /// Of a pass.
    pub(crate) fn new(request: &Request) -> Self {
        let bytes = [PROGRAM.as_bytes(), &request.encode()].concat();
        Self {
            request: Some(request.clone()),
            bytes,
        }
    }

    /// Of no pass: whoever knows what that is answers with sums of nothing.
    pub(crate) fn question() -> Self {
        Self {
            request: None,
            bytes: PROGRAM.as_bytes().to_vec(),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, DistributedError> {
        let other = DistributedError::Bytes { what: "pass" };
        let request = bytes.strip_prefix(PROGRAM.as_bytes()).ok_or(other)?;
        let request = match request {
            [] => None,
            request => Some(Request::decode(request)?),
        };
        Ok(Self {
            request,
            bytes: bytes.to_vec(),
        })
    }

    pub(crate) fn partitions(&self) -> usize {
        self.request.as_ref().map_or(1, Request::partitions)
    }

    /// The sums of a partition as bytes.
    pub(crate) fn sums_of(&self, partition: usize) -> Vec<u8> {
        let sums = match &self.request {
            Some(request) => request.sums_of(partition),
            None => PartialSums::nothing(),
        };
        sums.encode()
    }
}
