//! What a browser derives from its key, as it is written in a request: lower-case hexadecimal of a
//! fixed length, and nothing else.

use sha2::{Digest, Sha256};
use std::fmt;
use std::hint::black_box;

/// An account, by the handle that its key gives: 128 bits, no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AccountId(pub(super) [u8; 16]);

/// What is kept of the token that signs in. The token has 256 random bits, so that a plain hash
/// cannot be searched.
#[derive(Clone, Copy)]
pub(super) struct TokenHash(pub(super) [u8; 32]);

/// An item, by the keyed hash of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ItemName(pub(super) [u8; 32]);

/// A version of an item: random, so that it never comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version(pub(super) [u8; 16]);

impl AccountId {
    pub(super) fn parse(text: &str) -> Option<Self> {
        unhex(text).map(Self)
    }
}

impl ItemName {
    pub(super) fn parse(text: &str) -> Option<Self> {
        unhex(text).map(Self)
    }
}

impl TokenHash {
    /// Of a token as it is sent.
    pub(super) fn of(token: &str) -> Option<Self> {
        let token: [u8; 32] = unhex(token)?;
        Some(Self(Sha256::digest(token).into()))
    }

    /// Compared in a time that does not depend on where they differ.
    pub(super) fn is(&self, other: &Self) -> bool {
        let differences = self
            .0
            .iter()
            .zip(&other.0)
            .fold(0, |all, (a, b)| black_box(all | (a ^ b)));
        black_box(differences) == 0
    }
}

impl Version {
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// From an entity tag: `"…"`.
    pub(super) fn parse(tag: &str) -> Option<Self> {
        unhex(tag.strip_prefix('"')?.strip_suffix('"')?).map(Self)
    }

    /// As an entity tag.
    pub(super) fn tag(&self) -> String {
        format!("\"{self}\"")
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Display for ItemName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{AccountId, TokenHash, Version, hex};

    #[test]
    fn only_the_one_spelling_is_read() {
        let id = "00112233445566778899aabbccddeeff";
        let read = AccountId::parse(id).unwrap();
        assert_eq!((read.0[1], hex(&read.0)), (0x11, id.to_owned()));
        for other in [
            "",
            "00112233445566778899AABBCCDDEEFF",
            "00112233445566778899aabbccddeef",
            "00112233445566778899aabbccddeeff0",
            "g0112233445566778899aabbccddeeff",
            "é0112233445566778899aabbccddeef",
            " 0112233445566778899aabbccddeeff",
        ] {
            assert!(AccountId::parse(other).is_none(), "{other}");
        }
        let version = Version::random().unwrap();
        assert_eq!(Version::parse(&version.tag()), Some(version));
        for other in [
            "*",
            "\"\"",
            "W/\"00112233445566778899aabbccddeeff\"",
            "00112233445566778899aabbccddeeff",
        ] {
            assert!(Version::parse(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_hash_is_only_itself() {
        // SHA-256 of 32 zero bytes.
        let zero = TokenHash::of(&"00".repeat(32)).unwrap();
        assert_eq!(
            hex(&zero.0),
            "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
        );
        assert!(zero.is(&zero));
        for place in 0..32 {
            let mut other = zero;
            other.0[place] ^= 1;
            assert!(!zero.is(&other) && !other.is(&zero));
        }
        assert!(TokenHash::of("").is_none());
    }
}
