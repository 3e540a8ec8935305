//! What is sent to a browser.

use crate::client::{Browser, serve};
use fisherinfo_notebook::course::course;
use fisherinfo_web::Options;
use std::collections::BTreeSet;

/// The values of an attribute in some HTML.
fn values<'a>(html: &'a str, attribute: &str) -> BTreeSet<&'a str> {
    html.split(&format!(" {attribute}=\""))
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[test]
fn everything_that_a_page_names_is_there() {
    let server = serve(Options::default());
    let browser = server.browser();
    let page = browser.get("/workbook").text();
    let mut seen = BTreeSet::new();
    for place in values(&page, "src")
        .into_iter()
        .chain(values(&page, "href"))
    {
        if place.starts_with("/assets/") {
            follow(&browser, place, &mut seen);
        } else if let Some(id) = place.strip_prefix('#') {
            assert!(page.contains(&format!(" id=\"{id}\"")), "{id}");
        } else if place.starts_with("/figures/") {
            assert_eq!(browser.get(place).status, 200, "{place}");
        }
    }
    let names: BTreeSet<&str> = seen
        .iter()
        .filter_map(|place: &String| place.rsplit('/').next())
        .collect();
    for name in [
        "page.css",
        "theme.js",
        "store.js",
        "notes.js",
        "answers.js",
        "run.js",
        "figures.js",
        "stix-two-math.woff2",
    ] {
        assert!(names.contains(name), "{name} of {names:?}");
    }
}

/// A file, and what it imports.
fn follow(browser: &Browser<'_>, place: &str, seen: &mut BTreeSet<String>) {
    if !seen.insert(place.to_owned()) {
        return;
    }
    let reply = browser.get(place);
    assert_eq!(reply.status, 200, "{place}");
    assert!(reply.header("cache-control").unwrap().contains("immutable"));
    let folder = place.rsplit_once('/').unwrap().0;
    if place.ends_with(".js") {
        for import in reply
            .text()
            .split("from \"./")
            .skip(1)
            .chain(reply.text().split("import \"./").skip(1))
        {
            let file = import.split('"').next().unwrap();
            follow(browser, &format!("{folder}/{file}"), seen);
        }
    }
    if place.ends_with(".css") {
        for font in reply.text().split("url(\"").skip(1) {
            follow(
                browser,
                &format!("{folder}/{}", font.split('"').next().unwrap()),
                seen,
            );
        }
    }
}

#[test]
fn nothing_needs_more_than_the_policy_allows() {
    let server = serve(Options::default());
    let page = server.browser().get("/workbook").text();
    assert!(!page.contains("<style"));
    assert!(values(&page, "style").is_empty());
    for script in page.split("<script").skip(1) {
        assert!(
            script.split('>').nth(1).unwrap().starts_with("</script"),
            "{script:.80}"
        );
    }
    for place in values(&page, "src")
        .into_iter()
        .chain(values(&page, "href"))
    {
        assert!(
            !place.contains("//") && !place.starts_with("javascript"),
            "{place}"
        );
    }
}

#[test]
fn the_page_has_the_whole_course_and_no_answer_outside_the_solutions() {
    let server = serve(Options::default());
    let page = server.browser().get("/workbook").text();
    for exercise in course().exercises() {
        assert!(page.contains(&format!("id=\"{}\"", exercise.slug)));
        for answer in exercise.answers {
            assert!(
                page.contains(&format!("data-answer=\"{answer}\"")),
                "{answer}"
            );
        }
        for input in exercise.inputs {
            assert!(page.contains(&format!("id=\"input-{}-{}\"", exercise.number, input.name)));
        }
        assert_eq!(
            page.matches(&format!("data-solution=\"{}\"", exercise.number))
                .count(),
            1
        );
    }
    assert!(page.matches("<math").count() > 100);
    assert!(
        !page.contains("not-typeset"),
        "a formula of the course is not typeset"
    );
    // The reasons of the choices come with a right answer only.
    assert!(!page.contains("both are integrable"));
}
