//! The ten exercises on one page.

use super::exercise;
use super::shell::{Page, page};
use crate::render::markdown::markdown;
use fisherinfo_notebook::course::{ContentsEntry, course};
use maud::{Markup, html};

pub(super) fn render(in_library: bool, accounts: bool) -> Markup {
    let course = course();
    let mut breadcrumb: Vec<(&str, Option<&str>)> = Vec::new();
    if in_library {
        breadcrumb.push(("Library", Some("/")));
    }
    breadcrumb.extend(course.breadcrumb.iter().map(|name| (*name, None)));
    let main = html! {
        h1 { (course.title) " — exercises" }
        (markdown(course.introduction))
        section.run aria-label="Run of the notebook" {
            p #run-status role="status" {}
            progress #run-progress max=(course.exercises().len()) value="0" aria-label="Exercises run" hidden {}
        }
        @for exercise in course.exercises() {
            (exercise::render(exercise))
        }
    };
    page(&Page {
        title: "Fisher Information — exercises",
        breadcrumb: &breadcrumb,
        notebook: Some("workbook"),
        actions: html! {
            button.primary type="button" #run-all { "Run notebook" }
            button type="button" #run-stop hidden { "Stop" }
        },
        contents: Some(contents()),
        main,
        script: Some("workbook.js"),
        accounts,
    })
}

fn contents() -> Markup {
    let entries: Vec<ContentsEntry> = course().contents().collect();
    html! {
        nav.contents aria-label="Contents" {
            details #contents-panel open {
                summary { h2 { "Contents" } }
                @for part in entries.chunk_by(|a, b| a.part == b.part) {
                    h3 { (part[0].part) }
                    ol start=(part[0].number) {
                        @for entry in part {
                            li value=(entry.number) {
                                a href={ "#" (entry.slug) } { (entry.title) }
                                " "
                                span.state data-state-of=(entry.number) {}
                            }
                        }
                    }
                }
                p.small #progress-summary {}
            }
        }
    }
}
