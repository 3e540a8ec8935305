//! LaTeX to MathML, within limits, and sanitised: converters let markup inside `\operatorname` and
//! `\text` through as it is.

use super::html;
use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};
use maud::{Markup, PreEscaped, html};
use std::sync::OnceLock;

/// The longest formula that is typeset, in bytes.
pub(crate) const LONGEST: usize = 20_000;

/// How deep braces, `\left` and environments may nest; the converter recurses.
pub(crate) const DEEPEST: usize = 100;

/// Where a formula stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a line of text.
    Inline,
    /// On lines of its own.
    Block,
}

/// A formula as MathML; one that cannot be typeset is shown as it was written, with the reason.
pub(crate) fn typeset(latex: &str, place: Place) -> Markup {
    match mathml(latex, place) {
        Ok(mathml) => PreEscaped(mathml),
        Err(reason) => html! {
            code.not-typeset title=(reason) { (latex) }
        },
    }
}

/// A formula as MathML.
pub(crate) fn mathml(latex: &str, place: Place) -> Result<String, String> {
    if latex.len() > LONGEST {
        return Err(format!(
            "a formula of {} bytes is not typeset; {LONGEST} is the most",
            latex.len()
        ));
    }
    let depth = depth(latex);
    if depth > DEEPEST {
        return Err(format!(
            "a formula nested {depth} deep is not typeset; {DEEPEST} is the most"
        ));
    }
    let display = match place {
        Place::Inline => MathDisplay::Inline,
        Place::Block => MathDisplay::Block,
    };
    let converted = converter()
        .ok_or("the converter of formulas did not start")?
        .convert_with_local_state(latex, display)
        .map_err(|error| error.to_string())?;
    Ok(html::mathml(&classes_for_styles(&converted.mathml)))
}

fn converter() -> Option<&'static LatexToMathML> {
    static CONVERTER: OnceLock<Option<LatexToMathML>> = OnceLock::new();
    CONVERTER
        .get_or_init(|| {
            let config = MathCoreConfig {
                annotation: true,
                ..MathCoreConfig::default()
            };
            LatexToMathML::new(config).ok()
        })
        .as_ref()
}

/// An upper bound of the nesting: every opening counts, whatever closes it. Scripts and commands
/// that take the next token recurse as well (`x^x^x…` is an error, `\sqrt\sqrt…` is not).
fn depth(latex: &str) -> usize {
    let (mut now, mut most, mut commands) = (0_usize, 0_usize, 0_usize);
    let mut rest = latex;
    while let Some(at) = rest.find(['{', '}', '\\', '[', ']', '^', '_']) {
        // Text between two commands ends a chain of commands.
        if rest[..at].chars().any(|c| !c.is_whitespace()) {
            commands = 0;
        }
        rest = &rest[at..];
        let length = match rest.as_bytes()[0] {
            b'{' | b'[' => {
                now += 1;
                1
            }
            b'}' | b']' => {
                now = now.saturating_sub(1);
                commands = 0;
                1
            }
            b'^' | b'_' => {
                commands += 1;
                1
            }
            _ => {
                let name: usize = rest[1..]
                    .bytes()
                    .take_while(u8::is_ascii_alphabetic)
                    .count();
                match &rest[1..=name] {
                    "left" | "begin" => now += 1,
                    "right" | "end" => now = now.saturating_sub(1),
                    _ => commands += 1,
                }
                if name == 0 {
                    // An escaped character, of however many bytes.
                    1 + rest[1..].chars().next().map_or(0, char::len_utf8)
                } else {
                    1 + name
                }
            }
        };
        most = most.max(now + commands);
        rest = &rest[length..];
    }
    most
}

/// Styles of the converter that mean something, as classes of the style sheet: a strict policy
/// blocks styles in the markup.
const STYLES: &[(&str, &str)] = &[
    ("text-align: left;justify-items: start;", "math-left"),
    ("text-align: right;justify-items: end;", "math-right"),
    ("width: 100%", "math-full"),
    ("width: 50%", "math-half"),
    ("width: 7.5%", "math-tag"),
    ("border-top: 0.05em solid currentcolor;", "math-line-above"),
    ("border-top: 0.05em dashed currentcolor;", "math-dash-above"),
    (
        "border-bottom: 0.05em solid currentcolor;",
        "math-line-below",
    ),
    (
        "border-right: 0.05em solid currentcolor;",
        "math-line-right",
    ),
    ("border-left: 0.05em solid currentcolor;", "math-line-left"),
    ("margin-left:-0.1667em", "math-back-thin"),
    ("margin-left:-0.2222em", "math-back-medium"),
    ("margin-left:-0.2778em", "math-back-thick"),
];

fn classes_for_styles(mathml: &str) -> String {
    const STYLE: &str = " style=\"";
    let mut out = String::with_capacity(mathml.len());
    let mut rest = mathml;
    while let Some(at) = rest.find(STYLE) {
        out.push_str(&rest[..at]);
        let value = &rest[at + STYLE.len()..];
        let Some(end) = value.find('"') else {
            rest = &rest[at..];
            break;
        };
        let classes: Vec<&str> = STYLES
            .iter()
            .filter(|(style, _)| value[..end].contains(style))
            .map(|&(_, class)| class)
            .collect();
        if !classes.is_empty() {
            out.push_str(" class=\"");
            out.push_str(&classes.join(" "));
            out.push('"');
        }
        rest = &value[end + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{DEEPEST, Place, depth, mathml, typeset};

    #[test]
    fn formulas_become_mathml() {
        let out = mathml(r"I(p) = \frac{1}{p(1-p)}", Place::Block).unwrap();
        assert!(out.starts_with("<math") && out.contains("<mfrac>"), "{out}");
        assert!(out.contains("display=\"block\""), "{out}");
        let matrix = r"\begin{pmatrix} 2 & 0.5 \\ 0.5 & 1 \end{pmatrix}";
        assert_eq!(
            mathml(matrix, Place::Inline)
                .unwrap()
                .matches("<mtd")
                .count(),
            4
        );
    }

    #[test]
    fn alignment_is_a_class_and_no_style_is_left() {
        let out = mathml(
            r"\begin{aligned} a &= b \\ &= c \end{aligned}",
            Place::Block,
        )
        .unwrap();
        assert!(
            out.contains("math-right") && out.contains("math-left"),
            "{out}"
        );
        assert!(!out.contains(" style="), "{out}");
    }

    #[test]
    fn markup_in_a_formula_is_text() {
        for hostile in [
            r"\operatorname{<script>alert(1)</script>}",
            r"\text{<img src=x onerror=alert(1)>}",
            r#"\text{" onload="alert(1)}"#,
            r"\mathrm{</math><script>alert(1)</script>}",
            r"\href{javascript:alert(1)}{x}",
        ] {
            let out = typeset(hostile, Place::Inline).into_string();
            assert!(!out.contains("<script") && !out.contains("<img"), "{out}");
            assert!(!out.contains("href="), "{out}");
        }
    }

    #[test]
    fn depth_is_counted_before_the_converter_recurses() {
        assert_eq!(depth(r"\frac{a}{b} + {c}"), 2);
        assert_eq!(depth(r"\{\{"), 2);
        let many = 100_000;
        for hostile in [
            "{".repeat(many),
            format!("{}x{}", "{".repeat(400), "}".repeat(400)),
            r"\left(".repeat(400),
            r"\sqrt".repeat(400),
            r"\begin{matrix}".repeat(400),
            "x^".repeat(400),
            r"\frac\frac".repeat(200),
            r"\sqrt[\sqrt[".repeat(200),
        ] {
            let error = mathml(&hostile, Place::Inline).unwrap_err();
            assert!(!error.is_empty());
        }
        assert!(depth(&r"\sqrt ".repeat(DEEPEST + 1)) > DEEPEST);
        let allowed = format!("{}x{}", "{".repeat(DEEPEST), "}".repeat(DEEPEST));
        assert!(mathml(&allowed, Place::Inline).is_ok());
    }

    #[test]
    fn what_cannot_be_typeset_is_shown_as_written() {
        let out = typeset(r"\frac{a", Place::Inline).into_string();
        assert!(out.contains(r"\frac{a") && out.contains("title="), "{out}");
    }
}
