//! How much a person, and all of them together, may leave here.

use super::rate::Limit;
use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// The largest item, encrypted, in bytes. Notes of 8,000 characters have 32 KiB at most in nearly
/// all scripts; characters made of many parts have more.
pub(crate) const ITEM_BYTES: usize = 128 * KIB;

/// The items of an account, with those that were deleted.
pub(crate) const ITEMS_PER_ACCOUNT: usize = 2_000;

/// What the items of an account have together, in bytes.
pub(crate) const BYTES_PER_ACCOUNT: usize = 4 * MIB;

/// The accounts of a server.
pub(crate) const ACCOUNTS_PER_SERVER: usize = 5_000;

/// Requests of an account, from all its browsers.
pub(crate) const REQUESTS_PER_MINUTE_AND_ACCOUNT: u32 = 600;

/// Requests of one browser, signed in or not. A browser that joins sends what it has, one item a
/// request; one in which somebody types sends about forty a minute.
pub(crate) const REQUESTS_PER_MINUTE_AND_BROWSER: u32 = 300;

/// Accounts that one browser may create in an hour.
pub(crate) const ACCOUNTS_PER_HOUR_AND_BROWSER: u32 = 10;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// The limits that hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(super) item_bytes: usize,
    pub(super) items: usize,
    pub(super) account_bytes: usize,
    pub(super) accounts: usize,
    pub(super) account_requests: Limit,
    pub(super) browser_requests: Limit,
    pub(super) creations: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            item_bytes: ITEM_BYTES,
            items: ITEMS_PER_ACCOUNT,
            account_bytes: BYTES_PER_ACCOUNT,
            accounts: ACCOUNTS_PER_SERVER,
            account_requests: Limit {
                requests: REQUESTS_PER_MINUTE_AND_ACCOUNT,
                per: MINUTE,
            },
            browser_requests: Limit {
                requests: REQUESTS_PER_MINUTE_AND_BROWSER,
                per: MINUTE,
            },
            creations: Limit {
                requests: ACCOUNTS_PER_HOUR_AND_BROWSER,
                per: HOUR,
            },
        }
    }
}
