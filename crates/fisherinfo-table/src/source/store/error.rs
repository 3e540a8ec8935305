//! What can be wrong with an object, and what to do about it.

use super::registry::Address;
use std::error::Error as _;
use thiserror::Error;

/// Why an object of a store could not be found or read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectError {
    /// An address that is none.
    #[error("{url}: {reason}; write s3://bucket/key, gs://bucket/key or az://container/key")]
    Address {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no such object in its bucket.
    #[error("{url}: no such object; check its name and its bucket")]
    NoSuchObject {
        /// The address.
        url: String,
    },
    /// Objects lie below the name, and none has it.
    #[error("{url}: this is a folder; name objects in it, or put a pattern: {url}/*")]
    Folder {
        /// The address.
        url: String,
    },
    /// There is no such bucket.
    #[error(
        "{url}: there is no bucket `{bucket}`; check its name, and the region or the account it is in"
    )]
    NoSuchBucket {
        /// The address.
        url: String,
        /// Its bucket.
        bucket: String,
    },
    /// The store lets nobody read with these credentials, or with none.
    #[error("{url}: access is denied ({reason}); {remedy}")]
    Denied {
        /// The address.
        url: String,
        /// What the store says.
        reason: String,
        /// Where credentials are taken from.
        remedy: &'static str,
    },
    /// No answer.
    #[error("{url}: the store cannot be reached ({reason}); {remedy}")]
    Unreachable {
        /// The address.
        url: String,
        /// What stands in the way.
        reason: String,
        /// What to look at.
        remedy: &'static str,
    },
    /// An answer that is a refusal.
    #[error("{url}: the store refuses: {reason}")]
    Refused {
        /// The address.
        url: String,
        /// What it says.
        reason: String,
    },
    /// Another object has the name now, or none.
    #[error(
        "{url}: the object was changed or removed while it was read; fit again when nothing writes to it"
    )]
    Changed {
        /// The address.
        url: String,
    },
}

/// The longest message of a store that is passed on.
const LONGEST_REASON: usize = 200;

impl ObjectError {
    /// What a store says, in words that name the place and the remedy.
    pub(super) fn of(address: &Address, error: &object_store::Error) -> Self {
        use object_store::Error;
        let url = address.to_string();
        let whole = error.to_string();
        let reason = innermost(error);
        let (bucket, scheme) = (address.bucket.clone(), address.scheme.as_str());
        let no_bucket = ["NoSuchBucket", "ContainerNotFound", "bucket does not exist"];
        match error {
            _ if no_bucket.iter().any(|text| whole.contains(text)) => {
                Self::NoSuchBucket { url, bucket }
            }
            Error::NotFound { .. } => Self::NoSuchObject { url },
            Error::Precondition { .. } => Self::Changed { url },
            Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => Self::Denied {
                url,
                reason: code(&whole).unwrap_or(reason),
                remedy: credentials(scheme),
            },
            // Without credentials in the environment those of a machine in the cloud are asked for.
            _ if [
                "169.254.169.254",
                "169.254.170.2",
                "metadata.google",
                "credential",
            ]
            .iter()
            .any(|text| whole.contains(text)) =>
            {
                Self::Denied {
                    url,
                    reason: "no credentials were found".into(),
                    remedy: credentials(scheme),
                }
            }
            _ if whole.contains("status code") || whole.contains("redirect") => Self::Refused {
                url,
                reason: code(&whole).unwrap_or(reason),
            },
            _ => Self::Unreachable {
                url,
                reason,
                remedy: connection(scheme),
            },
        }
    }

    /// No thread was to be had, or one ended early.
    pub(super) fn unanswered(url: String) -> Self {
        Self::Refused {
            url,
            reason: "no thread could be started that asks it".into(),
        }
    }
}

/// The code in an answer of XML, as `AccessDenied`.
fn code(text: &str) -> Option<String> {
    let (_, after) = text.split_once("<Code>")?;
    let (code, _) = after.split_once("</Code>")?;
    Some(code.to_owned())
}

/// The last of the causes, on one line.
fn innermost(error: &object_store::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = error.to_string();
        cause = error.source();
    }
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_REASON) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Where credentials of a kind of store are taken from.
fn credentials(scheme: &str) -> &'static str {
    match scheme {
        "s3" => {
            "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION to an account that may read \
             and list it, or AWS_SKIP_SIGNATURE=true for a public bucket"
        }
        "gs" => {
            "set GOOGLE_SERVICE_ACCOUNT to the file of an account that may read and list it, or \
             GOOGLE_SKIP_SIGNATURE=true for a public bucket"
        }
        "az" => {
            "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY to an account that may read \
             and list it"
        }
        _ => "give credentials that may read and list it",
    }
}

/// What to look at where a store does not answer.
fn connection(scheme: &str) -> &'static str {
    match scheme {
        "s3" => {
            "check the network and AWS_REGION, and for a server of your own AWS_ENDPOINT, with \
             AWS_ALLOW_HTTP=true where that begins with http:"
        }
        "az" => "check the network and AZURE_STORAGE_ACCOUNT_NAME",
        _ => "check the network",
    }
}
