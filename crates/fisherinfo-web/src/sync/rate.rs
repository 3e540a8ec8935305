//! Token buckets: so many requests at once, and again as many in the time they are given for.

use super::limits::Limits;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many requests in so much time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(super) requests: u32,
    pub(super) per: Duration,
}

/// Who asks, as a hash.
pub(super) type Who = [u8; 32];

/// The buckets of everyone who has asked lately.
pub(super) struct Buckets {
    limit: Limit,
    buckets: Mutex<HashMap<Who, Bucket>>,
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

/// Buckets that are kept before the full ones are thrown away, which are as good as new ones.
const KEPT: usize = 4_096;

impl Buckets {
    fn new(limit: Limit) -> Self {
        Self {
            limit,
            buckets: Mutex::default(),
        }
    }

    /// Takes a token, or says how long it takes until there is one.
    pub(super) fn take(&self, who: Who, now: Instant) -> Result<(), Duration> {
        let most = f64::from(self.limit.requests);
        let rate = most / self.limit.per.as_secs_f64();
        let filled = |bucket: &Bucket| {
            let waited = now.saturating_duration_since(bucket.at).as_secs_f64();
            (bucket.tokens + waited * rate).min(most)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEPT {
            buckets.retain(|_, bucket| filled(bucket) < most);
        }
        let bucket = buckets.entry(who).or_insert(Bucket {
            tokens: most,
            at: now,
        });
        bucket.tokens = filled(bucket);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.tokens) / rate));
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}

/// The buckets of this server.
pub(super) struct Rates {
    pub(super) accounts: Buckets,
    pub(super) browsers: Buckets,
    pub(super) creations: Buckets,
}

impl Rates {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            accounts: Buckets::new(limits.account_requests),
            browsers: Buckets::new(limits.browser_requests),
            creations: Buckets::new(limits.creations),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Buckets, KEPT, Limit, Who};
    use std::time::{Duration, Instant};

    fn buckets(requests: u32) -> Buckets {
        Buckets::new(Limit {
            requests,
            per: Duration::from_secs(60),
        })
    }

    fn who(number: usize) -> Who {
        let mut who = [0; 32];
        who[..8].copy_from_slice(&number.to_be_bytes());
        who
    }

    #[test]
    fn a_bucket_empties_and_fills_at_its_rate() {
        let buckets = buckets(3);
        let start = Instant::now();
        for _ in 0..3 {
            buckets.take(who(1), start).unwrap();
        }
        let wait = buckets.take(who(1), start).unwrap_err();
        assert!((wait.as_secs_f64() - 20.0).abs() < 1e-6, "{wait:?}");
        // Another's bucket is another.
        buckets.take(who(2), start).unwrap();
        assert!(
            buckets
                .take(who(1), start + Duration::from_secs(19))
                .is_err()
        );
        buckets
            .take(who(1), start + Duration::from_secs(21))
            .unwrap();
        assert!(
            buckets
                .take(who(1), start + Duration::from_secs(22))
                .is_err()
        );
        // It never holds more than it can.
        let later = start + Duration::from_secs(600);
        for _ in 0..3 {
            buckets.take(who(1), later).unwrap();
        }
        assert!(buckets.take(who(1), later).is_err());
    }

    #[test]
    fn full_buckets_are_thrown_away_and_empty_ones_kept() {
        let buckets = buckets(1);
        let start = Instant::now();
        for number in 0..KEPT - 1 {
            buckets.take(who(number), start).unwrap();
        }
        let later = start + Duration::from_secs(61);
        buckets.take(who(KEPT), later).unwrap();
        buckets.take(who(KEPT + 1), later).unwrap();
        assert_eq!(buckets.buckets.lock().unwrap().len(), 2);
        assert!(buckets.take(who(KEPT), later).is_err());
    }
}
