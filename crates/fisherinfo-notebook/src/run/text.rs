//! Events as lines of text, for a terminal.

use super::Event;
use std::fmt::Write;

/// The lines of an event, each ended; none for an event that has nothing to show.
///
/// ```
/// use fisherinfo_notebook::course::course;
/// use fisherinfo_notebook::run::{Request, Stop, run, text::lines};
/// let requests = [Request::new(course(), 9, &[])?];
/// let mut shown = String::new();
/// run(&requests, &Stop::new(), |event| shown += &lines(&event));
/// assert!(shown.contains("Exercise 9 [*]"));
/// assert!(shown.contains("PASS - the closed form is the expectation"));
/// assert!(shown.ends_with("5 passed, 0 failed\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lines(event: &Event) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_lines(event, &mut text);
    text
}

fn write_lines(event: &Event, out: &mut String) -> std::fmt::Result {
    match event {
        Event::Started { exercise, inputs } => {
            let stars = "*".repeat(usize::from(exercise.stars));
            let header = format!("Exercise {} [{stars}] {}", exercise.number, exercise.title);
            writeln!(out, "{header}")?;
            writeln!(out, "{}", "=".repeat(header.chars().count()))?;
            writeln!(out, "{inputs}\n")?;
        }
        Event::FigureOfMerit { finding, .. } => {
            writeln!(out, "{} = {}", finding.name, finding.value)?;
            writeln!(out, "    {}", finding.meaning)?;
        }
        Event::Checked { check, .. } => {
            let word = if check.passed { "PASS" } else { "FAIL" };
            writeln!(out, "{word} - {}", check.name)?;
            if !check.passed {
                writeln!(out, "    {}", check.detail)?;
            }
        }
        Event::Broken { error, .. } => writeln!(out, "FAIL - no result: {error}")?,
        Event::Takeaway { exercise } => writeln!(out, "\nTakeaway: {}", exercise.takeaway)?,
        Event::Finished { .. } => writeln!(out)?,
        Event::Summary(summary) => {
            if summary.stopped {
                write!(out, "stopped after {} exercises: ", summary.exercises)?;
            }
            writeln!(out, "{} passed, {} failed", summary.passed, summary.failed)?;
        }
    }
    Ok(())
}
