//! `fisher check`: an answer to one of the workbook's questions.

use crate::Output;
use crate::arguments::CheckArguments;
use crate::error::Failure;
use fisherinfo_notebook::course::course;
use fisherinfo_notebook::exercise::{Answer, AnswerKind};
use fisherinfo_notebook::grading::{CounterExample, Verdict};
use fisherinfo_notebook::questions::question;
use serde_json::{Value, json};

/// Exit codes: right, wrong, no verdict.
const RIGHT: u8 = 0;
const WRONG: u8 = 1;
const NO_VERDICT: u8 = 2;

pub(crate) fn run(arguments: &CheckArguments) -> Result<Output, Failure> {
    let answer = course().answer(&arguments.name).map_err(Failure::Course)?;
    let Some(text) = &arguments.answer else {
        return Ok(asked(answer).into());
    };
    match answer.kind {
        AnswerKind::Choice {
            options,
            right,
            reason,
        } => {
            let chosen = text
                .trim()
                .parse()
                .ok()
                .filter(|n| (1..=options.len()).contains(n));
            let chosen: usize = chosen.ok_or_else(|| Failure::Choice {
                text: text.clone(),
                options: numbered(options),
            })?;
            Ok(choice(arguments, chosen == right + 1, reason))
        }
        AnswerKind::Formula { .. } | AnswerKind::Number => {
            // Every answer that is no choice is a question; a test holds the course to it.
            let question = question(answer).ok_or_else(|| Failure::NoQuestion {
                name: arguments.name.clone(),
            })?;
            graded(arguments, &question.check(text))
        }
    }
}

/// The question itself.
fn asked(answer: &Answer) -> String {
    let mut text = format!("{answer}  {}\n", answer.prompt);
    match answer.kind {
        AnswerKind::Choice { options, .. } => text.push_str(&numbered(options)),
        AnswerKind::Formula { variables, .. } => {
            for variable in variables {
                text.push_str(&format!("  {}  {}\n", variable.name, variable.meaning));
            }
        }
        AnswerKind::Number => {}
    }
    text
}

fn numbered(options: &[&str]) -> String {
    options
        .iter()
        .enumerate()
        .map(|(index, option)| format!("  {}  {option}\n", index + 1))
        .collect()
}

fn choice(arguments: &CheckArguments, is_right: bool, reason: &str) -> Output {
    // The reason would give the right one away.
    let reason = is_right.then_some(reason);
    let verdict = if is_right { "right" } else { "wrong" };
    let text = if arguments.json {
        let object = json!({ "answer": arguments.name, "verdict": verdict, "reason": reason });
        format!("{object:#}\n")
    } else {
        match reason {
            Some(reason) => format!("Right. {reason}\n"),
            None => "Not right.\n".into(),
        }
    };
    Output {
        text,
        code: if is_right { RIGHT } else { WRONG },
    }
}

fn graded(arguments: &CheckArguments, verdict: &Verdict) -> Result<Output, Failure> {
    let (word, code) = match verdict {
        Verdict::Right => ("right", RIGHT),
        Verdict::Wrong { .. } => ("wrong", WRONG),
        Verdict::Undecided { .. } => ("undecided", NO_VERDICT),
        Verdict::NotUnderstood(error) => {
            return Err(Failure::NotUnderstood {
                name: arguments.name.clone(),
                reason: error.to_string(),
            });
        }
    };
    let text = if arguments.json {
        let (counter_example, diagnosis) = match verdict {
            Verdict::Wrong {
                counter_example,
                diagnosis,
            } => (
                Some(counter(counter_example)),
                diagnosis.as_ref().map(ToString::to_string),
            ),
            _ => (None, None),
        };
        let object = json!({
            "answer": arguments.name,
            "verdict": word,
            "counter_example": counter_example,
            "diagnosis": diagnosis,
            "message": verdict.to_string(),
        });
        format!("{object:#}\n")
    } else {
        format!("{verdict}\n")
    };
    Ok(Output { text, code })
}

fn counter(example: &CounterExample) -> Value {
    let value = |value: &fisherinfo::expression::Value<f64>| -> Value {
        use fisherinfo::expression::Value as Typed;
        match value {
            Typed::Scalar(number) => crate::number::json(*number),
            Typed::Vector(entries) => crate::number::json_list(entries),
            Typed::Matrix {
                columns, entries, ..
            } => entries
                .chunks((*columns).max(1))
                .map(crate::number::json_list)
                .collect(),
        }
    };
    let point: serde_json::Map<String, Value> = example
        .point
        .iter()
        .map(|(name, entry)| (name.to_string(), value(entry)))
        .collect();
    json!({
        "point": point,
        "fresh_data": example.is_fresh_data,
        "found": value(&example.found),
        "wanted": value(&example.wanted),
    })
}
