//! The link that lets a browser in, and the browsers that were let in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

/// How often the link that the server prints can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Link {
    /// By one browser; the server then prints another.
    #[default]
    Once,
    /// By everyone who has it, until the server ends.
    Shared,
}

/// Sessions that are remembered; the oldest are forgotten.
const MOST: usize = 20_000;

/// Browsers that were let in, by the hash of what their cookie holds.
pub(crate) struct Sessions {
    link: Link,
    state: Mutex<State>,
}

struct State {
    token: String,
    sessions: HashSet<[u8; 32]>,
    order: VecDeque<[u8; 32]>,
}

/// A browser that was let in: handlers find it among the extensions of its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Browser(pub(crate) [u8; 32]);

/// A browser that has just been let in.
pub(crate) struct Admitted {
    /// What its cookie is to hold.
    pub(crate) session: String,
    /// The token for the next browser, if the one it used is spent.
    pub(crate) next_token: Option<String>,
}

impl Sessions {
    pub(crate) fn new(link: Link) -> Result<Self, getrandom::Error> {
        let state = State {
            token: random_token()?,
            sessions: HashSet::new(),
            order: VecDeque::new(),
        };
        Ok(Self {
            link,
            state: Mutex::new(state),
        })
    }

    /// The token of the link as it stands.
    pub(crate) fn token(&self) -> String {
        self.lock().token.clone()
    }

    /// Lets a browser in that has the token.
    pub(crate) fn admit(&self, token: &str) -> Option<Admitted> {
        let session = random_token().ok()?;
        let fresh = match self.link {
            Link::Once => Some(random_token().ok()?),
            Link::Shared => None,
        };
        let mut state = self.lock();
        if !same(token, &state.token) {
            return None;
        }
        if let Some(fresh) = &fresh {
            state.token.clone_from(fresh);
        }
        let key = hash(&session);
        state.sessions.insert(key);
        state.order.push_back(key);
        if state.order.len() > MOST
            && let Some(oldest) = state.order.pop_front()
        {
            state.sessions.remove(&oldest);
        }
        Some(Admitted {
            session,
            next_token: fresh,
        })
    }

    /// The browser that holds this cookie, if it was let in.
    pub(crate) fn browser(&self, session: &str) -> Option<Browser> {
        // Looked up by hash, so that the time it takes says nothing about what would be right.
        let key = hash(session);
        self.lock().sessions.contains(&key).then_some(Browser(key))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Compares hashes: the time depends on no secret.
fn same(a: &str, b: &str) -> bool {
    hash(a) == hash(b)
}

/// 256 random bits, as text that fits a link.
fn random_token() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Link, Sessions};

    #[test]
    fn a_link_is_good_once() {
        let sessions = Sessions::new(Link::Once).unwrap();
        let token = sessions.token();
        assert!(sessions.admit("no").is_none());
        let admitted = sessions.admit(&token).unwrap();
        assert!(sessions.browser(&admitted.session).is_some());
        assert!(sessions.browser(&token).is_none() && sessions.browser("").is_none());
        assert!(sessions.admit(&token).is_none());
        let second = sessions.admit(&admitted.next_token.unwrap()).unwrap();
        assert_ne!(
            sessions.browser(&second.session).unwrap(),
            sessions.browser(&admitted.session).unwrap()
        );
    }

    #[test]
    fn a_shared_link_is_good_for_everyone() {
        let sessions = Sessions::new(Link::Shared).unwrap();
        let token = sessions.token();
        let first = sessions.admit(&token).unwrap();
        let second = sessions.admit(&token).unwrap();
        assert_ne!(first.session, second.session);
        assert!(first.next_token.is_none());
    }
}
