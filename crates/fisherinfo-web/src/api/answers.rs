//! Answers as they are typed: typeset at once, graded when asked.

use super::{ending, refused};
use crate::app::App;
use crate::render::markdown::inline;
use crate::render::math::{Place, mathml};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use fisherinfo::expression::Program;
use fisherinfo_notebook::course::course;
use fisherinfo_notebook::exercise::{Answer, AnswerKind};
use fisherinfo_notebook::grading::Verdict;
use fisherinfo_notebook::questions::question;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The longest answer, in bytes.
pub(crate) const LONGEST: usize = 8_000;

/// A formula as typed.
#[derive(Deserialize)]
pub(crate) struct Typed {
    text: String,
}

/// A formula as it would be printed.
pub(crate) async fn echo(Json(typed): Json<Typed>) -> Response {
    if typed.text.len() > LONGEST {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, too_long());
    }
    Json(echoed(&typed.text)).into_response()
}

fn too_long() -> String {
    format!("An answer may have {LONGEST} bytes at most.")
}

fn echoed(text: &str) -> Value {
    let latex = match Program::parse(text) {
        Ok(program) => program.to_latex(),
        Err(error) => return json!({ "error": error.to_string() }),
    };
    match mathml(&latex, Place::Block) {
        Ok(mathml) => json!({ "mathml": mathml }),
        Err(error) => json!({ "error": error }),
    }
}

/// An answer to a question.
#[derive(Deserialize)]
pub(crate) struct Given {
    answer: String,
    text: String,
}

/// What is said of an answer.
pub(crate) async fn check(State(app): State<Arc<App>>, Json(given): Json<Given>) -> Response {
    let answer = match course().answer(&given.answer) {
        Ok(answer) => answer,
        Err(error) => return refused(StatusCode::NOT_FOUND, error.to_string()),
    };
    if given.text.len() > LONGEST {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, too_long());
    }
    match app.runs.work(move || graded(answer, &given.text)).await {
        Some(verdict) => Json(verdict).into_response(),
        None => ending(),
    }
}

/// The verdict on an answer: `verdict` is a word for programs, `message` a sentence for people, in
/// HTML.
pub(crate) fn graded(answer: &Answer, text: &str) -> Value {
    let said = |word: &str, message: String, right: bool| json!({ "answer": answer.to_string(), "verdict": word, "right": right, "message": message });
    match answer.kind {
        AnswerKind::Choice {
            options,
            right,
            reason,
        } => match text.trim().parse::<usize>() {
            Ok(chosen) if chosen == right + 1 => said(
                "right",
                format!("Right. {}", inline(reason).into_string()),
                true,
            ),
            Ok(chosen) if (1..=options.len()).contains(&chosen) => {
                said("wrong", "Not right.".into(), false)
            }
            _ => said(
                "not understood",
                "Choose one of the statements.".into(),
                false,
            ),
        },
        AnswerKind::Formula { .. } | AnswerKind::Number => {
            let Some(question) = question(answer) else {
                return said(
                    "undecided",
                    "Undecided: this question has no check.".into(),
                    false,
                );
            };
            let verdict = question.check(text);
            let word = match &verdict {
                Verdict::Right => "right",
                Verdict::Wrong { .. } => "wrong",
                Verdict::Undecided { .. } => "undecided",
                Verdict::NotUnderstood(_) => "not understood",
            };
            let message = maud::html! { (verdict.to_string()) }.into_string();
            said(word, message, verdict.is_right())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{echoed, graded};
    use fisherinfo_notebook::course::course;

    #[test]
    fn a_formula_is_typeset_or_its_error_placed() {
        let right = echoed("x/p - (1-x)/(1-p)");
        assert_eq!(
            right["mathml"].as_str().unwrap().matches("<mfrac").count(),
            2
        );
        let wrong = echoed("x/p - (");
        assert!(!wrong["error"].as_str().unwrap().is_empty());
        for hostile in [
            "(".repeat(7_000),
            "<script>".into(),
            "x^".repeat(3_000),
            "-".repeat(7_000),
        ] {
            assert!(echoed(&hostile)["error"].is_string(), "{}", &hostile[..8]);
        }
    }

    #[test]
    fn verdicts_are_escaped_and_do_not_tell() {
        let answer = course().answer("1b").unwrap();
        assert_eq!(graded(answer, "1/(p*(1-p))")["verdict"], "right");
        let wrong = graded(answer, "-1/(p*(1-p))");
        assert_eq!(
            (&wrong["verdict"], &wrong["right"]),
            (&"wrong".into(), &false.into())
        );
        assert!(
            wrong["message"].as_str().unwrap().contains("−1 times"),
            "{wrong}"
        );
        let hostile = graded(answer, "<img src=x>");
        assert!(
            !hostile["message"].as_str().unwrap().contains("<img"),
            "{hostile}"
        );
        let choice = course().answer("6c").unwrap();
        assert_eq!(graded(choice, "1")["verdict"], "right");
        assert_eq!(graded(choice, "2")["message"], "Not right.");
        assert_eq!(graded(choice, "9")["verdict"], "not understood");
    }
}
