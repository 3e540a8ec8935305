//! A notebook for reading: its text, its code, and what the code printed when it was last run.

use super::shell::{Page, page};
use crate::render::code::highlighted;
use crate::render::html::document as sanitised;
use crate::render::markdown::{inline, markdown, with_attachments};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fisherinfo_notebook::document::{
    Attachment, Cell, CellKind, Document, Entry, Heading, Media, Output,
};
use maud::{Markup, PreEscaped, html};

pub(super) fn render(entry: &Entry, accounts: bool) -> Markup {
    let notebook = format!("notebook:{}", entry.slug);
    let read = entry.open();
    let file = entry.path.file_name().unwrap_or_default().to_string_lossy();
    let title = match &read {
        Ok(document) => document.title.clone(),
        Err(_) => entry.title.clone(),
    };
    let mut breadcrumb: Vec<(&str, Option<&str>)> = vec![("Library", Some("/"))];
    breadcrumb.extend(entry.breadcrumb.iter().map(|name| (name.as_str(), None)));
    breadcrumb.push((&title, None));
    let (contents, main) = match &read {
        Err(error) => (
            None,
            html! { h1 { (title) } p.notice { "This notebook cannot be read: " (error) } },
        ),
        Ok(document) => {
            let headings = document.headings();
            let shown_first = headings
                .first()
                .is_some_and(|first| first.cell == 0 && first.level == 1);
            (
                contents(document, &headings),
                html! {
                    @if !shown_first { h1 { (title) } }
                    p.small { "From " code { (file) } ", for reading: its code is shown with what it printed when it was last run." }
                    @for cell in &document.cells { (cell_block(cell)) }
                },
            )
        }
    };
    page(&Page {
        title: &title,
        breadcrumb: &breadcrumb,
        notebook: Some(&notebook),
        actions: html! {},
        contents,
        main,
        script: Some("reading.js"),
        accounts,
    })
}

fn contents(document: &Document, headings: &[Heading]) -> Option<Markup> {
    const DEEPEST: u8 = 3;
    if headings.len() < 2 {
        return None;
    }
    Some(html! {
        nav.contents aria-label="Contents" {
            details #contents-panel open {
                summary { h2 { "Contents" } }
                ul {
                    @for heading in headings.iter().filter(|heading| heading.level <= DEEPEST) {
                        @if let Some(cell) = document.cells.get(heading.cell) {
                            li class={ "level-" (heading.level) } {
                                a href={ "#cell-" (cell.id) } { (inline(&heading.text)) }
                            }
                        }
                    }
                }
            }
        }
    })
}

fn cell_block(cell: &Cell) -> Markup {
    html! {
        section.cell id={ "cell-" (cell.id) } {
            @match &cell.kind {
                CellKind::Markdown { source, attachments } => {
                    (with_attachments(source, &|name| attached(attachments, name)))
                }
                CellKind::Code { source, language, execution_count, outputs } => {
                    @if let Some(count) = execution_count { p.small { "In [" (count) "]" } }
                    (highlighted(source, language))
                    @for output in outputs { (output_block(output)) }
                }
                CellKind::Raw { source, .. } => { (plain(source)) }
                CellKind::Notice { message, source } => {
                    p.notice { (message) }
                    @if !source.is_empty() { (plain(source)) }
                }
            }
        }
    }
}

fn attached(attachments: &[Attachment], name: &str) -> Option<String> {
    let attachment = attachments.iter().find(|it| it.name == name)?;
    picture(&attachment.media)
}

fn output_block(output: &Output) -> Markup {
    html! {
        div.output {
            @match output {
                Output::Stream { name, text } => {
                    @if name == "stderr" { p.small { "Error stream" } }
                    (plain(text))
                }
                Output::Display { alternatives } => {
                    @match alternatives.iter().find_map(shown) {
                        Some(markup) => (markup),
                        None => {
                            @for media in alternatives {
                                @match media {
                                    Media::Notice(reason) => { p.notice { (reason) } }
                                    other => { p.notice { "An output of the kind " (other.mime()) " is not shown." } }
                                }
                            }
                        }
                    }
                }
                Output::Error { name, value, traceback } => {
                    p.notice { (name) ": " (value) }
                    @if !traceback.is_empty() {
                        details { summary { "Where it happened" } (plain(traceback)) }
                    }
                }
                Output::Notice(reason) => { p.notice { (reason) } }
            }
        }
    }
}

/// A representation that can be shown, safely.
fn shown(media: &Media) -> Option<Markup> {
    match media {
        Media::Html(source) => sanitised(source).map(|clean| {
            html! { div.table tabindex="0" role="group" aria-label="output" { (PreEscaped(clean)) } }
        }),
        Media::Markdown(source) => Some(markdown(source)),
        Media::Latex(source) => {
            let bare = source.trim();
            let has_marks = bare.starts_with('$') || bare.starts_with('\\');
            Some(if has_marks { markdown(bare) } else { markdown(&format!("$${bare}$$")) })
        }
        Media::Svg(_) | Media::Png(_) | Media::Jpeg(_) | Media::Gif(_) => {
            let address = picture(media)?;
            Some(html! { img src=(address) alt="Output of the code above"; })
        }
        Media::Json(text) | Media::Text(text) => Some(plain(text)),
        Media::Other { .. } | Media::Notice(_) => None,
    }
}

/// A picture inside the page. An SVG that is a picture runs nothing and loads nothing.
fn picture(media: &Media) -> Option<String> {
    let bytes = match media {
        Media::Svg(source) => source.as_bytes(),
        Media::Png(bytes) | Media::Jpeg(bytes) | Media::Gif(bytes) => bytes,
        _ => return None,
    };
    Some(format!(
        "data:{};base64,{}",
        media.mime(),
        STANDARD.encode(bytes)
    ))
}

fn plain(text: &str) -> Markup {
    html! { pre.code tabindex="0" role="group" aria-label="text" { (text) } }
}
