//! The sanitisers: which elements and attributes may reach a page.

use ammonia::{Builder, UrlRelative};
use std::collections::HashSet;
use std::sync::OnceLock;

/// Elements of MathML Core, and what the converter makes besides.
const MATHML: &[&str] = &[
    "math",
    "semantics",
    "annotation",
    "mrow",
    "mi",
    "mn",
    "mo",
    "ms",
    "mtext",
    "mspace",
    "mfrac",
    "msqrt",
    "mroot",
    "mstyle",
    "merror",
    "mpadded",
    "mphantom",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mmultiscripts",
    "mprescripts",
    "mtable",
    "mtr",
    "mtd",
    "menclose",
];

/// Attributes of MathML that only say how a formula looks.
const MATHML_ATTRIBUTES: &[&str] = &[
    "display",
    "displaystyle",
    "scriptlevel",
    "mathvariant",
    "mathsize",
    "form",
    "fence",
    "separator",
    "lspace",
    "rspace",
    "stretchy",
    "symmetric",
    "maxsize",
    "minsize",
    "largeop",
    "movablelimits",
    "width",
    "height",
    "depth",
    "voffset",
    "linethickness",
    "accent",
    "accentunder",
    "columnspan",
    "rowspan",
    "columnalign",
    "notation",
    "encoding",
    "dir",
];

/// Classes that the style sheet knows.
const MATHML_CLASSES: &[&str] = &[
    "math-left",
    "math-right",
    "math-full",
    "math-half",
    "math-tag",
    "math-line-above",
    "math-dash-above",
    "math-line-below",
    "math-line-right",
    "math-line-left",
    "math-back-thin",
    "math-back-medium",
    "math-back-thick",
    "menclose-updiagonalstrike",
    "menclose-downdiagonalstrike",
    "menclose-horizontalstrike",
];

/// How deep elements may nest; the parser's time grows with the square of it.
const DEEPEST: usize = 400;

fn allow_mathml(builder: &mut Builder<'static>) {
    builder.add_tags(MATHML);
    for element in MATHML {
        builder.add_tag_attributes(*element, MATHML_ATTRIBUTES);
        builder.add_allowed_classes(*element, MATHML_CLASSES);
    }
}

/// What is left of MathML.
pub(crate) fn mathml(source: &str) -> String {
    static SANITISER: OnceLock<Builder<'static>> = OnceLock::new();
    SANITISER
        .get_or_init(|| {
            let mut builder = Builder::empty();
            allow_mathml(&mut builder);
            builder
        })
        .clean(source)
        .to_string()
}

/// What is left of the HTML of a document; of nothing at all if it nests too deep.
///
/// Identifiers and names are dropped, so that a document cannot pose as part of the page. Links go
/// to the web or stay inside; pictures come from this server or from the text itself.
pub(crate) fn document(source: &str) -> Option<String> {
    static SANITISER: OnceLock<Builder<'static>> = OnceLock::new();
    if is_too_deep(source) {
        return None;
    }
    let sanitiser = SANITISER.get_or_init(|| {
        let mut builder = Builder::default();
        allow_mathml(&mut builder);
        builder
            .add_tags(["section", "input"])
            .add_tag_attributes("ol", ["start"])
            .add_tag_attributes("code", ["class"])
            .add_tag_attributes("input", ["type", "checked", "disabled"])
            .add_tag_attribute_values("input", "type", ["checkbox"])
            .set_tag_attribute_value("input", "disabled", "")
            .rm_generic_attributes(["title"])
            .add_generic_attributes(["title", "lang"])
            .url_schemes(HashSet::from(["http", "https", "mailto", "data"]))
            .url_relative(UrlRelative::PassThrough)
            .attribute_filter(|element, attribute, value| match (element, attribute) {
                // A picture from elsewhere would tell its server who reads; the policy blocks it
                // too, and says so to nobody.
                ("img", "src") => is_local_picture(value).then(|| value.into()),
                (_, "href" | "src" | "cite") if has_scheme(value, "data") => None,
                _ => Some(value.into()),
            });
        builder
    });
    Some(sanitiser.clean(source).to_string())
}

fn has_scheme(url: &str, scheme: &str) -> bool {
    url.split_once(':')
        .is_some_and(|(before, _)| before.trim().eq_ignore_ascii_case(scheme))
}

fn is_local_picture(url: &str) -> bool {
    let url = url.trim();
    let pictures = [
        "data:image/png;",
        "data:image/jpeg;",
        "data:image/gif;",
        "data:image/webp;",
        "data:image/svg+xml;",
    ];
    let start = url.get(..24).unwrap_or(url).to_ascii_lowercase();
    let is_path = url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\");
    is_path || pictures.iter().any(|picture| start.starts_with(picture))
}

/// Elements that close themselves, and that HTML lets stay open.
const NEVER_NEST: &[&str] = &[
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
    "p",
    "li",
    "td",
    "tr",
    "th",
    "dt",
    "dd",
    "option",
    "mspace",
    "mprescripts",
];

/// An upper bound of the depth: every opening tag counts until one of any name closes.
fn is_too_deep(source: &str) -> bool {
    let mut depth = 0_usize;
    let bytes = source.as_bytes();
    let mut at = 0;
    while let Some(found) = source[at..].find('<') {
        at += found + 1;
        match bytes.get(at) {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(first) if first.is_ascii_alphabetic() => {
                let length = source[at..]
                    .bytes()
                    .take_while(|byte| byte.is_ascii_alphanumeric())
                    .count();
                let name = source[at..at + length].to_ascii_lowercase();
                if !NEVER_NEST.contains(&name.as_str()) {
                    depth += 1;
                }
                if depth > DEEPEST {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::document;

    #[test]
    fn nothing_that_runs_is_left() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\" JaVaScRiPt:alert(1)\">x</a>",
            "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
            "<svg><script>alert(1)</script></svg>",
            "<svg onload=alert(1)></svg>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
            "<iframe src=//evil.example></iframe>",
            "<form action=//evil.example><button>x</button></form>",
            "<style>@import '//evil.example'</style>",
            "<div style=\"background:url(//evil.example)\">x</div>",
            "<p id=\"account\" name=\"notes\">x</p>",
            "<meta http-equiv=refresh content=\"0;url=//evil.example\">",
            "<base href=//evil.example>",
        ] {
            let clean = document(hostile).unwrap().to_ascii_lowercase();
            for bad in [
                "script",
                "onerror",
                "onload",
                "evil.example",
                "style",
                "<form",
                "<button",
                " id=",
                " name=",
                "<base",
                "<meta",
                "data:text",
            ] {
                assert!(!clean.contains(bad), "{hostile} left {clean}");
            }
        }
    }

    #[test]
    fn pictures_come_from_here() {
        let kept = document("<img src=\"data:image/png;base64,iVBORw0=\" alt=\"a\">").unwrap();
        assert!(kept.contains("data:image/png"));
        assert!(
            document("<img src=\"/notebooks/a/1\">")
                .unwrap()
                .contains("/notebooks/a/1")
        );
        for outside in [
            "https://evil.example/a.png",
            "//evil.example/a.png",
            "/\\evil.example",
        ] {
            let clean = document(&format!("<img src=\"{outside}\">")).unwrap();
            assert!(!clean.contains("evil"), "{clean}");
        }
    }

    #[test]
    fn tables_and_formulas_stay() {
        let table =
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>";
        assert_eq!(document(table).unwrap(), table);
        let formula = "<math display=\"block\"><mfrac><mn>1</mn><mi>p</mi></mfrac></math>";
        assert_eq!(document(formula).unwrap(), formula);
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert_eq!(document(&"<div>".repeat(100_000)), None);
        assert_eq!(document(&"<b>".repeat(100_000)), None);
        assert!(document(&"<p>".repeat(10_000)).is_some());
        assert!(document(&"<br>".repeat(10_000)).is_some());
    }
}
