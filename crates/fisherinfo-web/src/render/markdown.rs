//! Markdown with LaTeX in it, as notebooks have it.
//!
//! Formulas are taken out first and put back into the text when it has been read, as notebooks do:
//! an underscore in a formula is no emphasis, and `$|x|$` ends no cell of a table.

use super::html;
use super::math::{Place, typeset};
use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd};

/// Longer text is shown as it was written.
pub(crate) const LONGEST: usize = 2_000_000;

/// Text whose blocks or brackets nest deeper is shown as it was written.
const DEEPEST: usize = 60;

/// Where an attached picture is to be found, by its name; none if there is no such picture.
pub(crate) type Attachments<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Markdown as HTML.
pub(crate) fn markdown(source: &str) -> Markup {
    with_attachments(source, &|_| None)
}

/// Markdown as HTML, with `attachment:name` links led to where those pictures are.
pub(crate) fn with_attachments(source: &str, attachments: Attachments<'_>) -> Markup {
    rendered(source, attachments).unwrap_or_else(|| {
        html! {
            p.notice { "This text is too long or nests too deep to be typeset; it is shown as it was written." }
            pre.code tabindex="0" role="group" aria-label="text" { (shortened(source)) }
        }
    })
}

/// Markdown of one paragraph, without the paragraph around it.
pub(crate) fn inline(source: &str) -> Markup {
    let rendered = markdown(source).into_string();
    let trimmed = rendered.trim();
    match trimmed
        .strip_prefix("<p>")
        .and_then(|rest| rest.strip_suffix("</p>"))
    {
        Some(inner) if !inner.contains("<p>") => PreEscaped(inner.to_owned()),
        _ => PreEscaped(rendered),
    }
}

fn shortened(source: &str) -> &str {
    const SHOWN: usize = 100_000;
    let end = source.floor_char_boundary(SHOWN);
    &source[..end]
}

fn rendered(source: &str, attachments: Attachments<'_>) -> Option<Markup> {
    if source.len() > LONGEST || brackets_nest_deep(source) {
        return None;
    }
    let (text, formulas) = set_aside(source);
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    let mut depth = 0_usize;
    let mut deepest = 0;
    let mut in_code = false;
    let mut in_picture = 0_usize;
    let mut events = Vec::new();
    for event in Parser::new_ext(&text, options) {
        match &event {
            Event::Start(tag) => {
                depth += 1;
                deepest = deepest.max(depth);
                in_code |= matches!(tag, Tag::CodeBlock(_));
                in_picture += usize::from(matches!(tag, Tag::Image { .. }));
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                in_code &= !matches!(tag, TagEnd::CodeBlock);
                in_picture = in_picture.saturating_sub(usize::from(matches!(tag, TagEnd::Image)));
            }
            _ => {}
        }
        if deepest > DEEPEST {
            return None;
        }
        match event {
            // The text of a picture becomes an attribute.
            Event::Text(text) if in_code || in_picture > 0 => {
                events.push(Event::Text(formulas.restored(&text)));
            }
            Event::Text(text) => formulas.typeset_into(&text, &mut events),
            other => events.push(formulas.restore(other, attachments)),
        }
    }
    let mut out = String::new();
    pulldown_cmark::html::push_html(&mut out, events.into_iter());
    html::document(&out).map(PreEscaped)
}

/// Unclosed brackets take the parser of Markdown a time that grows with their square.
fn brackets_nest_deep(source: &str) -> bool {
    const MOST: i64 = 2_000;
    let mut open = 0_i64;
    for byte in source.bytes() {
        match byte {
            b'[' | b'(' => open += 1,
            b']' | b')' => open = (open - 1).max(0),
            _ => {}
        }
        if open > MOST {
            return true;
        }
    }
    false
}

/// Around the number of a formula that was taken out; private to whoever uses them, so that text
/// has no business with them, and where it has they are dropped.
const BEFORE: char = '\u{F0000}';
const AFTER: char = '\u{F0001}';

struct Formula {
    latex: String,
    source: String,
    place: Place,
}

struct Formulas(Vec<Formula>);

/// The text without its formulas, and the formulas.
fn set_aside(source: &str) -> (String, Formulas) {
    let mut text = String::with_capacity(source.len());
    let mut formulas = Vec::new();
    let mut scanner = Scanner {
        rest: source,
        line_start: true,
        budget: 40 * source.len() + 1_000_000,
    };
    while let Some(piece) = scanner.next_piece() {
        match piece {
            Piece::Text(piece) => {
                text.extend(piece.chars().filter(|c| *c != BEFORE && *c != AFTER))
            }
            Piece::Formula {
                latex,
                source,
                place,
            } => {
                text.push(BEFORE);
                text.push_str(&formulas.len().to_string());
                text.push(AFTER);
                formulas.push(Formula {
                    latex: latex.to_owned(),
                    source: source.to_owned(),
                    place,
                });
            }
        }
    }
    (text, Formulas(formulas))
}

enum Piece<'a> {
    Text(&'a str),
    Formula {
        latex: &'a str,
        source: &'a str,
        place: Place,
    },
}

/// Splits text at its formulas; code is none.
struct Scanner<'a> {
    rest: &'a str,
    line_start: bool,
    /// Bytes that may yet be looked through for ends of things. Text whose beginnings have no ends
    /// would take a time that grows with its square; past the budget nothing begins any more.
    budget: usize,
}

/// What encloses a formula.
const DELIMITERS: &[(&str, &str, Place)] = &[
    ("$$", "$$", Place::Block),
    (r"\\[", r"\\]", Place::Block),
    (r"\[", r"\]", Place::Block),
    (r"\\(", r"\\)", Place::Inline),
    (r"\(", r"\)", Place::Inline),
    ("$", "$", Place::Inline),
];

/// Environments that stand by themselves.
const ENVIRONMENTS: &[&str] = &["equation", "align", "gather", "multline", "eqnarray"];

impl<'a> Scanner<'a> {
    fn next_piece(&mut self) -> Option<Piece<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        if self.budget > 0 {
            if let Some(length) = self.code() {
                return Some(Piece::Text(self.take(length)));
            }
            if let Some(formula) = self.formula() {
                return Some(formula);
            }
        }
        // An escaped character, or text up to whatever may begin something.
        let mut length = self.rest.chars().next().map_or(0, char::len_utf8);
        if self.rest.starts_with('\\') {
            length += self.rest[1..].chars().next().map_or(0, char::len_utf8);
        } else {
            length += self.rest[length..]
                .find(['$', '\\', '`', '~', '\n'])
                .unwrap_or(self.rest.len() - length);
        }
        Some(Piece::Text(self.take(length)))
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (piece, rest) = self.rest.split_at(length);
        self.line_start = if piece.contains('\n') {
            piece[piece.rfind('\n').map_or(0, |at| at + 1)..]
                .trim()
                .is_empty()
        } else {
            self.line_start && piece.trim().is_empty()
        };
        self.rest = rest;
        piece
    }

    /// The length of a code span or a fenced block that begins here.
    fn code(&mut self) -> Option<usize> {
        let mark = self
            .rest
            .chars()
            .next()
            .filter(|c| matches!(c, '`' | '~'))?;
        let run = self.rest.len() - self.rest.trim_start_matches(mark).len();
        let fence = &self.rest[..run];
        if run >= 3 && self.line_start {
            // To a line that begins with a fence at least as long, or to the end.
            let mut at = self.rest.find('\n').map_or(self.rest.len(), |end| end + 1);
            while at < self.rest.len() {
                let line_end = self.rest[at..]
                    .find('\n')
                    .map_or(self.rest.len(), |end| at + end + 1);
                if self.rest[at..line_end].trim_start().starts_with(fence) {
                    return Some(line_end);
                }
                at = line_end;
            }
            return Some(self.rest.len());
        }
        if mark != '`' {
            return Some(run);
        }
        // A span ends at a run of the same length, in the same paragraph.
        let limit = self.rest.find("\n\n").unwrap_or(self.rest.len());
        self.spend(limit);
        let mut at = run;
        while let Some(found) = self.rest[at..limit].find('`') {
            let start = at + found;
            let closing =
                self.rest[start..].len() - self.rest[start..].trim_start_matches('`').len();
            if closing == run {
                return Some(start + closing);
            }
            at = start + closing;
        }
        Some(run)
    }

    fn spend(&mut self, bytes: usize) {
        self.budget = self.budget.saturating_sub(bytes);
    }

    fn formula(&mut self) -> Option<Piece<'a>> {
        for &(open, close, place) in DELIMITERS {
            let Some(body) = self.rest.strip_prefix(open) else {
                continue;
            };
            let end = closing(body, close);
            self.spend(end.unwrap_or_else(|looked| looked));
            let Ok(end) = end else {
                continue;
            };
            let latex = &body[..end];
            if open == "$" && !is_inline(latex, &body[end + 1..]) {
                return None;
            }
            let source = self.take(open.len() + end + close.len());
            return Some(Piece::Formula {
                latex,
                source,
                place,
            });
        }
        let name = self.rest.strip_prefix(r"\begin{")?;
        let name = &name[..name.find('}')?];
        if !ENVIRONMENTS.contains(&name.trim_end_matches('*')) {
            return None;
        }
        let close = format!(r"\end{{{name}}}");
        let end = self.rest.find(&close);
        self.spend(end.unwrap_or(self.rest.len()));
        let length = end? + close.len();
        let latex = self.take(length);
        Some(Piece::Formula {
            latex,
            source: latex,
            place: Place::Block,
        })
    }
}

/// Where a formula ends: at its closing mark outside braces, in the same paragraph. If it does not,
/// how far was looked.
fn closing(body: &str, close: &str) -> Result<usize, usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < body.len() {
        let rest = &body[at..];
        if depth == 0 && rest.starts_with(close) && at > 0 {
            return Ok(at);
        }
        let first = rest.chars().next().ok_or(at)?;
        match first {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '\n' if rest[1..].trim_start_matches([' ', '\t']).starts_with('\n') => return Err(at),
            '\\' => at += rest[1..].chars().next().map_or(0, char::len_utf8),
            _ => {}
        }
        at += first.len_utf8();
    }
    Err(at)
}

/// `$5 and $6` are prices: a formula begins and ends with something, and no digit follows it.
fn is_inline(latex: &str, after: &str) -> bool {
    !latex.starts_with(char::is_whitespace)
        && !latex.ends_with(char::is_whitespace)
        && !after.starts_with(|c: char| c.is_ascii_digit())
}

impl Formulas {
    /// Splits a text where formulas were, and typesets them.
    fn typeset_into<'a>(&self, text: &str, events: &mut Vec<Event<'a>>) {
        let mut rest = text;
        while let Some((before, number, after)) = split(rest) {
            if !before.is_empty() {
                events.push(Event::Text(CowStr::from(before.to_owned())));
            }
            if let Some(formula) = self.0.get(number) {
                let markup = typeset(&formula.latex, formula.place);
                events.push(Event::InlineHtml(CowStr::from(markup.into_string())));
            }
            rest = after;
        }
        if !rest.is_empty() {
            events.push(Event::Text(CowStr::from(rest.to_owned())));
        }
    }

    /// The text as it was written.
    fn restored<'a>(&self, text: &str) -> CowStr<'a> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, number, after)) = split(rest) {
            out.push_str(before);
            if let Some(formula) = self.0.get(number) {
                out.push_str(&formula.source);
            }
            rest = after;
        }
        out.push_str(rest);
        CowStr::from(out)
    }

    /// Formulas that ended up where there is no text: in code, in HTML, in the address of a link.
    fn restore<'a>(&self, event: Event<'a>, attachments: Attachments<'_>) -> Event<'a> {
        match event {
            Event::Code(text) => Event::Code(self.restored(&text)),
            Event::Html(text) => Event::Html(self.restored(&text)),
            Event::InlineHtml(text) => Event::InlineHtml(self.restored(&text)),
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => Event::Start(Tag::Link {
                link_type,
                dest_url: self.restored(&dest_url),
                title: self.restored(&title),
                id,
            }),
            Event::Start(Tag::Image {
                link_type,
                dest_url,
                title,
                id,
            }) => {
                let place = self.restored(&dest_url);
                let place = match place.strip_prefix("attachment:") {
                    Some(name) => CowStr::from(attachments(name).unwrap_or_default()),
                    None => place,
                };
                Event::Start(Tag::Image {
                    link_type,
                    dest_url: place,
                    title: self.restored(&title),
                    id,
                })
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => Event::Start(
                Tag::CodeBlock(CodeBlockKind::Fenced(self.restored(&language))),
            ),
            other => other,
        }
    }
}

/// The text before a formula that was taken out, its number, and the text after it.
fn split(text: &str) -> Option<(&str, usize, &str)> {
    let (before, rest) = text.split_once(BEFORE)?;
    let (number, after) = rest.split_once(AFTER)?;
    Some((before, number.parse().unwrap_or(usize::MAX), after))
}

#[cfg(test)]
mod tests {
    use super::{inline, markdown};

    fn html(source: &str) -> String {
        markdown(source).into_string()
    }

    #[test]
    fn formulas_of_every_notation_are_typeset() {
        for (source, count) in [
            ("Let $x_i$ and $y_i$ be", 2),
            (r"Let \(x_i\) and \(y_i\) be", 2),
            ("$$\\int_0^1 x\\,dx = \\tfrac12$$", 1),
            ("\\[\nx\n\\]", 1),
            ("\\begin{align}\na &= b \\\\\n c &= d\n\\end{align}", 1),
            ("| norm | of |\n|---|---|\n| $|x|$ | $\\|y\\|$ |", 2),
            ("*$a_1$* and **$b_1$**", 2),
            ("- $x$\n- $y$", 2),
            ("$\\text{a $x$ b}$", 1),
        ] {
            let out = html(source);
            assert_eq!(out.matches("<math").count(), count, "{source}: {out}");
        }
    }

    #[test]
    fn what_is_no_formula_stays() {
        for source in [
            "It costs $5 and $6.",
            r"Two dollars: \$2 and \$3",
            "a $ b $ c",
        ] {
            assert!(!html(source).contains("<math"), "{source}");
        }
        let code = html("`$x$` and\n\n```python\na = '$y$'\n```\n");
        assert!(!code.contains("<math"), "{code}");
        assert!(code.contains("$x$") && code.contains("$y$"), "{code}");
    }

    #[test]
    fn a_formula_in_an_attribute_stays_text() {
        for source in [
            r#"![$\text{" onerror="alert(1)}$](data:image/png;base64,AA)"#,
            r#"[a](/b "$\text{' onclick='alert(1)}$")"#,
            r#"<p title="$\text{x" onclick="alert(1)}$">a</p>"#,
            r"[a](javascript:$x$)",
            r#"[a](<$\text{" onclick="alert(1)}$>)"#,
        ] {
            let out = html(source);
            let document = scan(&out);
            assert!(
                !document.contains("onerror") && !document.contains("onclick"),
                "{out}"
            );
            assert!(!out.contains("javascript:"), "{out}");
        }
    }

    /// The names of the attributes in some HTML.
    fn scan(html: &str) -> String {
        let mut names = String::new();
        let mut quoted = false;
        let mut tag = false;
        for c in html.chars() {
            match c {
                '<' if !quoted => tag = true,
                '>' if !quoted => tag = false,
                '"' if tag => quoted = !quoted,
                c if tag && !quoted => names.push(c),
                _ => {}
            }
        }
        names
    }

    #[test]
    fn raw_html_is_sanitised() {
        let out = html("<script>alert(1)</script>\n\n<b onclick=alert(1)>bold</b>");
        assert!(!out.contains("script") && !out.contains("onclick"), "{out}");
        assert!(out.contains("<b>bold</b>"), "{out}");
    }

    #[test]
    fn private_characters_of_the_text_name_no_formula() {
        let out = html("\u{F0000}0\u{F0001} and $x$");
        assert_eq!(out.matches("<math").count(), 1, "{out}");
        assert!(out.starts_with("<p>0 and "), "{out}");
    }

    #[test]
    fn hostile_nesting_is_shown_as_written() {
        for hostile in [
            ">".repeat(100_000),
            "[".repeat(100_000),
            "- ".repeat(50_000),
            "*a ".repeat(100_000),
            "${".repeat(100_000),
            "`a``".repeat(50_000),
            r"\begin{align}".repeat(50_000),
        ] {
            let out = html(&hostile);
            assert!(out.len() < 3_000_000, "{}", out.len());
        }
        assert!(html(&">".repeat(1_000)).contains("as it was written"));
    }

    #[test]
    fn a_paragraph_inside_a_line_has_no_element_of_its_own() {
        assert_eq!(inline("a *b*").into_string(), "a <em>b</em>");
    }
}
