//! The library: the workbook, and the notebooks of a folder.

use super::shell::{Page, page};
use crate::render::markdown::inline;
use fisherinfo_notebook::course::course;
use fisherinfo_notebook::document::Library;
use maud::{Markup, html};

pub(super) fn render(library: Option<&Library>, accounts: bool) -> Markup {
    let course = course();
    let main = html! {
        h1 { "Library" }
        ul.cards {
            li {
                h2 { a href="/workbook" { (course.title) " — exercises" } }
                p.small { (course.breadcrumb.join(" / ")) }
                p { (course.exercises().len()) " exercises with hints, solutions that run, and answers that are checked." }
            }
            @for entry in library.map(|library| library.entries.as_slice()).unwrap_or_default() {
                li {
                    @match &entry.cells {
                        Ok(cells) => {
                            h2 { a href={ "/notebooks/" (entry.slug) } { (inline(&entry.title)) } }
                            @if !entry.breadcrumb.is_empty() {
                                p.small { (entry.breadcrumb.join(" / ")) }
                            }
                            p { (cells.markdown) " of text, " (cells.code) " of code" }
                        }
                        Err(error) => {
                            h2 { (entry.title) }
                            p.notice { "Cannot be read: " (error) }
                        }
                    }
                }
            }
        }
        @for notice in library.map(|library| library.notices.as_slice()).unwrap_or_default() {
            p.notice { (notice) }
        }
    };
    page(&Page {
        title: "Library — Fisher Information",
        breadcrumb: &[("Library", None)],
        notebook: None,
        actions: html! {},
        contents: None,
        main,
        script: None,
        accounts,
    })
}
