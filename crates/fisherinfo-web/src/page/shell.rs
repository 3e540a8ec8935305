//! The frame around every page.

use super::account;
use crate::assets::address;
use maud::{DOCTYPE, Markup, html};

/// A page, without its frame.
pub(super) struct Page<'a> {
    /// What the browser calls it.
    pub(super) title: &'a str,
    /// Where it stands, from the outside in; the last is the page itself.
    pub(super) breadcrumb: &'a [(&'a str, Option<&'a str>)],
    /// The key under which its notes and drafts are kept; none for a page that has none.
    pub(super) notebook: Option<&'a str>,
    /// Buttons in the bar at the top.
    pub(super) actions: Markup,
    /// The table of contents.
    pub(super) contents: Option<Markup>,
    /// What it is about.
    pub(super) main: Markup,
    /// The script of the page, besides those of the frame.
    pub(super) script: Option<&'a str>,
    /// Can readers have accounts?
    pub(super) accounts: bool,
}

/// A whole page.
pub(super) fn page(page: &Page<'_>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) }
                link rel="icon" type="image/svg+xml" href=(address("icon.svg"));
                link rel="preload" as="font" type="font/woff2" crossorigin href=(address("vendor/stix-two-math.woff2"));
                link rel="stylesheet" href=(address("page.css"));
                // Not a module: it sets the colours before anything is painted.
                script src=(address("theme.js")) {}
                @if let Some(script) = page.script {
                    script type="module" src=(address(script)) {}
                }
                @if page.accounts {
                    script type="module" src=(address("account.js")) {}
                }
            }
            body data-notebook=[page.notebook] {
                a.skip href="#main" { "Skip to the text" }
                header.bar {
                    nav.breadcrumb aria-label="Breadcrumb" {
                        ol {
                            @for (name, link) in page.breadcrumb {
                                li {
                                    @match link {
                                        Some(link) => { a href=(link) { (name) } }
                                        None => { span { (name) } }
                                    }
                                }
                            }
                        }
                    }
                    div.actions {
                        (page.actions)
                        @if page.accounts {
                            button.quiet #account type="button" aria-haspopup="dialog" { "Account" }
                        }
                        button.quiet #theme type="button" { "Dark" }
                    }
                }
                div.columns {
                    @if let Some(contents) = &page.contents { (contents) }
                    main #main tabindex="-1" { (page.main) }
                    @if page.notebook.is_some() { (notes()) }
                }
                @if page.accounts { (account::dialogs()) }
                noscript {
                    p.notice { "Scripts are off in this browser: the text, the figures and the solutions can be read, and nothing can be run, checked or noted down." }
                }
            }
        }
    }
}

/// Characters that a notebook's notes may have.
pub(crate) const NOTES_LIMIT: usize = 8_000;

fn notes() -> Markup {
    html! {
        aside.notes aria-labelledby="notes-title" {
            details #notes-panel open {
                summary { h2 #notes-title { "Private notes" } }
                label.hidden-label for="notes" { "Your notes on this notebook" }
                textarea #notes rows="14" data-limit=(NOTES_LIMIT) aria-describedby="notes-count notes-place" {}
                p.notes-line {
                    span #notes-count { "0 of " (NOTES_LIMIT) " characters" }
                    " "
                    span #notes-state role="status" {}
                }
                p #notes-place.small { "These notes are kept in this browser only. Nobody else can read them, and clearing the browser's data for this address deletes them." }
                div.row {
                    button type="button" #notes-export { "Export" }
                    button type="button" #notes-import { "Import" }
                    input #notes-file type="file" accept="application/json,.json" hidden aria-label="A file of notes to import";
                }
                p #notes-message role="status" {}
            }
        }
    }
}

/// A page with a message and nothing else.
pub(super) fn message(title: &str, text: &Markup) -> Markup {
    page(&Page {
        title,
        breadcrumb: &[("Fisher Information", None)],
        notebook: None,
        actions: html! {},
        contents: None,
        main: html! { h1 { (title) } (text) },
        script: None,
        accounts: false,
    })
}
