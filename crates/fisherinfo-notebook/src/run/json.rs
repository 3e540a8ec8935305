//! Events as JSON, for programs: one object an event, each with its `event`.

use super::Event;
use crate::solution::json_number;
use serde_json::{Map, Value, json};

/// An event as an object. ±∞ is the string `"Infinity"` or `"-Infinity"`.
///
/// ```
/// use fisherinfo_notebook::course::course;
/// use fisherinfo_notebook::run::{Request, Stop, json::object, run};
/// let mut last = None;
/// run(&[Request::new(course(), 9, &[])?], &Stop::new(), |event| last = Some(object(&event)));
/// let last = last.unwrap_or_default();
/// assert_eq!(last["event"], "summary");
/// assert_eq!((last["passed"].as_u64(), last["failed"].as_u64()), (Some(5), Some(0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn object(event: &Event) -> Value {
    match event {
        Event::Started { exercise, inputs } => {
            let inputs: Map<String, Value> = inputs
                .iter()
                .map(|(input, value)| (input.name.to_string(), json_number(value)))
                .collect();
            json!({
                "event": "started",
                "exercise": exercise.number,
                "title": exercise.title,
                "stars": exercise.stars,
                "inputs": inputs,
            })
        }
        Event::FigureOfMerit { exercise, finding } => json!({
            "event": "figure_of_merit",
            "exercise": exercise.number,
            "name": finding.name,
            "shape": finding.value.shape(),
            "value": finding.value.json(),
            "meaning": finding.meaning,
        }),
        Event::Checked { exercise, check } => json!({
            "event": "check",
            "exercise": exercise.number,
            "name": check.name,
            "passed": check.passed,
            "route": check.route,
            "detail": check.detail,
        }),
        Event::Broken { exercise, error } => json!({
            "event": "broken",
            "exercise": exercise.number,
            "error": error.to_string(),
        }),
        Event::Takeaway { exercise } => json!({
            "event": "takeaway",
            "exercise": exercise.number,
            "text": exercise.takeaway,
        }),
        Event::Finished {
            exercise,
            passed,
            failed,
            elapsed,
        } => json!({
            "event": "finished",
            "exercise": exercise.number,
            "passed": passed,
            "failed": failed,
            "seconds": elapsed.as_secs_f64(),
        }),
        Event::Summary(summary) => json!({
            "event": "summary",
            "passed": summary.passed,
            "failed": summary.failed,
            "exercises": summary.exercises,
            "stopped": summary.stopped,
            "seconds": summary.elapsed.as_secs_f64(),
        }),
    }
}
