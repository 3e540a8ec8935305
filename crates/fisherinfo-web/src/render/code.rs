//! Code with its syntax marked by classes.

use maud::{Markup, html};
use std::sync::OnceLock;
use syntect::easy::ScopeRegionIterator;
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};
use syntect::util::LinesWithEndings;

/// Longer code, and longer lines, are shown without colours: the marking is by regular expressions.
const LONGEST: usize = 100_000;
const LONGEST_LINE: usize = 2_000;

/// What is told apart, by the beginning of the names that grammars give it; the first that fits.
const KINDS: &[(&str, &str)] = &[
    ("comment", "s-comment"),
    ("string", "s-string"),
    ("constant", "s-constant"),
    ("keyword.operator", ""),
    ("keyword", "s-keyword"),
    ("storage.type.numeric", "s-constant"),
    ("storage", "s-keyword"),
    ("entity.name.function", "s-function"),
    ("support.function", "s-function"),
    ("support.macro", "s-function"),
];

/// Code in a language, by the name that a notebook gives it; as plain text if it is not known.
pub(crate) fn highlighted(source: &str, language: &str) -> Markup {
    html! {
        // Long lines scroll, so the keyboard has to reach them.
        pre.code tabindex="0" role="group" aria-label={ "code, " (language) } {
            code { @match pieces(source, language) {
                Some(pieces) => {
                    @for (class, text) in pieces {
                        @if class.is_empty() { (text) } @else { span class=(class) { (text) } }
                    }
                }
                None => (source),
            } }
        }
    }
}

/// The source in runs of one kind; `None` where it is shown without.
fn pieces(source: &str, language: &str) -> Option<Vec<(&'static str, String)>> {
    if source.len() > LONGEST || source.lines().any(|line| line.len() > LONGEST_LINE) {
        return None;
    }
    static SYNTAXES: OnceLock<SyntaxSet> = OnceLock::new();
    let syntaxes = SYNTAXES.get_or_init(SyntaxSet::load_defaults_newlines);
    let syntax = syntaxes.find_syntax_by_token(match language {
        "ipython" | "ipython3" => "python",
        other => other,
    })?;
    let kinds = kinds()?;
    let mut state = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    let mut pieces: Vec<(&'static str, String)> = Vec::new();
    for line in LinesWithEndings::from(source) {
        let changes = state.parse_line(line, syntaxes).ok()?;
        for (text, change) in ScopeRegionIterator::new(&changes, line) {
            stack.apply(change).ok()?;
            if text.is_empty() {
                continue;
            }
            let class = class(&stack, kinds);
            match pieces.last_mut() {
                // Spaces join what stands on both sides.
                Some((last, run)) if *last == class || text.trim().is_empty() => run.push_str(text),
                _ => pieces.push((class, text.to_owned())),
            }
        }
    }
    Some(pieces)
}

type Kinds = [(Scope, &'static str)];

fn kinds() -> Option<&'static Kinds> {
    static SCOPES: OnceLock<Option<Vec<(Scope, &'static str)>>> = OnceLock::new();
    SCOPES
        .get_or_init(|| {
            KINDS
                .iter()
                .map(|(name, class)| Some((Scope::new(name).ok()?, *class)))
                .collect()
        })
        .as_deref()
}

/// The kind of the innermost scope that has one.
fn class(stack: &ScopeStack, kinds: &Kinds) -> &'static str {
    stack
        .as_slice()
        .iter()
        .rev()
        .find_map(|scope| {
            kinds
                .iter()
                .find(|(kind, _)| kind.is_prefix_of(*scope))
                .map(|(_, class)| *class)
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{highlighted, pieces};

    #[test]
    fn rust_and_python_are_marked_and_text_is_escaped() {
        let rust = highlighted("let x: f64 = 1.0; // <b>\n", "rust").into_string();
        assert!(rust.contains("<span class=\"s-keyword\">let"), "{rust}");
        assert!(
            rust.contains("<span class=\"s-comment\">// &lt;b&gt;"),
            "{rust}"
        );
        assert!(!rust.contains("<b>"), "{rust}");
        let python = highlighted("import numpy as np\n", "ipython3").into_string();
        assert!(
            python.contains("<span class=\"s-keyword\">import"),
            "{python}"
        );
        let unknown = highlighted("<b>", "no such language").into_string();
        assert!(
            unknown.contains("&lt;b&gt;") && !unknown.contains("s-"),
            "{unknown}"
        );
        let long = highlighted(&"a".repeat(3_000), "rust").into_string();
        assert!(!long.contains("s-"), "{long}");
    }

    #[test]
    fn no_character_is_lost() {
        for (language, source) in [
            ("rust", include_str!("code.rs")),
            (
                "python",
                "def f(x):\n    '''doc'''\n    return x**2  # π\n\n\n",
            ),
        ] {
            let whole: String = pieces(source, language)
                .unwrap()
                .into_iter()
                .map(|(_, text)| text)
                .collect();
            assert_eq!(whole, source);
        }
    }
}
