//! Runs as a stream.

use crate::client::serve;
use fisherinfo_notebook::course::course;
use fisherinfo_notebook::run::{Request, Stop, run};
use fisherinfo_web::Options;
use serde_json::{Value, json};
use std::sync::Barrier;

fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events
        .iter()
        .filter(|event| event["event"] == kind)
        .collect()
}

#[test]
fn a_run_of_everything_tells_what_the_command_tells() {
    let server = serve(Options::default());
    let browser = server.browser();
    let all: Vec<Value> = (1..=10).map(|number| json!({ "number": number })).collect();
    let events = browser.run(&json!({ "exercises": all }));
    let mut checks = Vec::new();
    let summary = run(&Request::all(course()), &Stop::new(), |event| {
        if let fisherinfo_notebook::run::Event::Checked { exercise, check } = event {
            checks.push((exercise.number, check.name.to_string(), check.passed));
        }
    });
    let told: Vec<(u8, String, bool)> = of(&events, "check")
        .into_iter()
        .map(|event| {
            let number = u8::try_from(event["exercise"].as_u64().unwrap()).unwrap();
            (
                number,
                event["name"].as_str().unwrap().into(),
                event["passed"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, checks);
    let last = events.last().unwrap();
    assert_eq!(last["event"], "summary");
    assert_eq!(last["passed"], summary.passed);
    assert_eq!(
        (&last["failed"], &last["exercises"]),
        (&json!(0), &json!(10))
    );
    assert_eq!(last["stopped"], false);
    let order: Vec<u64> = of(&events, "finished")
        .iter()
        .map(|event| event["exercise"].as_u64().unwrap())
        .collect();
    assert_eq!(order, (1..=10).collect::<Vec<_>>());
}

#[test]
fn inputs_and_answers_go_along() {
    let server = serve(Options::default());
    let browser = server.browser();
    let events = browser.run(&json!({ "exercises": [{
        "number": 1,
        "inputs": { "p": 0.25 },
        "answers": { "1a": "x/p - (1-x)/(1-p)", "1b": "p*(1-p)", "1c": "2" },
    }] }));
    let information = of(&events, "figure_of_merit")
        .into_iter()
        .find(|event| event["name"] == "information")
        .unwrap();
    assert!((information["value"].as_f64().unwrap() - 1.0 / (0.25 * 0.75)).abs() < 1e-12);
    let verdicts: Vec<(&str, &str)> = of(&events, "answer")
        .into_iter()
        .map(|event| {
            (
                event["answer"].as_str().unwrap(),
                event["verdict"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        verdicts,
        [("1a", "right"), ("1b", "wrong"), ("1c", "right")]
    );
    let summary = events.last().unwrap();
    assert_eq!(
        (&summary["right"], &summary["answers"]),
        (&json!(2), &json!(3))
    );
}

#[test]
fn what_cannot_be_run_is_refused_before_anything_runs() {
    let server = serve(Options::default());
    let browser = server.browser();
    for (asked, says) in [
        (json!({ "exercises": [] }), "between one and ten"),
        (json!({ "exercises": [{ "number": 11 }] }), "1 to 10"),
        (
            json!({ "exercises": [{ "number": 1, "inputs": { "q": 0.5 } }] }),
            "there is no input",
        ),
        (
            json!({ "exercises": [{ "number": 1, "inputs": { "p": 2.0 } }] }),
            "outside its range",
        ),
        (
            json!({ "exercises": [{ "number": 4, "inputs": { "s12": 4.0 } }] }),
            "is not a covariance",
        ),
        (
            json!({ "exercises": [{ "number": 1, "answers": { "2a": "n" } }] }),
            "no answer of exercise 1",
        ),
        (
            json!({ "exercises": [{ "number": 1, "answers": { "1z": "n" } }] }),
            "there is no answer",
        ),
        (
            json!({ "exercises": [{ "number": 1, "answers": { "1a": "x".repeat(9_000) } }] }),
            "bytes at most",
        ),
    ] {
        let reply = browser.post("/api/runs", &asked);
        assert_eq!(reply.status, 422, "{asked}");
        let message = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(message.contains(says), "{asked}: {message}");
    }
    assert_eq!(browser.post("/api/runs/999/stop", &json!({})).status, 404);
}

/// Many readers press the button together; each gets the run that was asked for, with its inputs.
#[test]
fn readers_at_the_same_time_get_each_their_own() {
    const READERS: usize = 24;
    let server = serve(Options {
        shared_link: true,
        ..Options::default()
    });
    let start = Barrier::new(READERS);
    std::thread::scope(|scope| {
        for reader in 0..READERS {
            let (server, start) = (&server, &start);
            scope.spawn(move || {
                let browser = server.browser();
                // Some ask for the same, some for what nobody else asks.
                let p = if reader % 2 == 0 {
                    0.3
                } else {
                    0.1 + 0.01 * reader as f64
                };
                start.wait();
                let events = browser.run(&json!({ "exercises": [
                    { "number": 1, "inputs": { "p": p } },
                    { "number": 5, "inputs": { "p": p } },
                ] }));
                let information = of(&events, "figure_of_merit")
                    .into_iter()
                    .find(|event| event["name"] == "information")
                    .unwrap();
                let value = information["value"].as_f64().unwrap();
                assert!((value * p * (1.0 - p) - 1.0).abs() < 1e-12, "{p} {value}");
                assert_eq!(events.last().unwrap()["failed"], 0);
                assert_eq!(of(&events, "finished").len(), 2);
            });
        }
    });
}
