//! Names for links.

use std::collections::{HashMap, HashSet};

/// Names that are each given once.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// The number last tried for a name, so that a thousand equal ones take a thousand steps.
    last: HashMap<String, usize>,
}

impl Names {
    /// Takes a name; `false` when it is taken already.
    pub(super) fn take(&mut self, name: &str) -> bool {
        self.taken.insert(name.to_string())
    }

    /// The name itself where it is free, else with `-2`, `-3` and so on.
    pub(super) fn unique(&mut self, name: String) -> String {
        if self.take(&name) {
            return name;
        }
        let mut number = self.last.get(&name).copied().unwrap_or(1);
        loop {
            number += 1;
            let candidate = format!("{name}-{number}");
            if self.take(&candidate) {
                self.last.insert(name, number);
                return candidate;
            }
        }
    }
}

/// Letters and digits in lower case, and one `-` for everything between them; at most so many
/// characters.
pub(super) fn dashed(text: &str, limit: usize, keep: impl Fn(char) -> bool) -> String {
    let mut slug = String::new();
    let mut length = 0;
    for c in text.chars() {
        if length >= limit {
            break;
        }
        if keep(c) {
            for lower in c.to_lowercase().filter(|&c| keep(c)) {
                slug.push(lower);
                length += 1;
            }
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
            length += 1;
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_are_numbered_around_those_that_are_there() {
        let mut names = Names::default();
        let given: Vec<String> = ["a", "a-2", "a", "a", "b"]
            .map(|name| names.unique(name.into()))
            .into();
        assert_eq!(given, ["a", "a-2", "a-3", "a-4", "b"]);
    }

    #[test]
    fn ten_thousand_equal_names_take_no_time() {
        let mut names = Names::default();
        let last = (0..10_000).map(|_| names.unique("a".into())).last();
        assert_eq!(last.as_deref(), Some("a-10000"));
    }

    #[test]
    fn dashes_stand_between_words_only() {
        let slug = |text| dashed(text, 12, char::is_alphanumeric);
        assert_eq!(slug("  What's $I(p)$?  "), "what-s-i-p");
        assert_eq!(slug("Übung 1: Größe"), "übung-1-größ");
        assert_eq!(
            slug("İ"),
            "i",
            "its lower case has a mark that is no letter"
        );
        assert_eq!(slug("— ? —"), "");
    }
}
