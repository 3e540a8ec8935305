//! The ten exercises as one notebook.

use super::{Cell, CellKind, Document, Output};
use crate::course::{Course, CourseError, course};
use crate::exercise::{Answer, AnswerKind, Exercise, Shape, Solution};
use crate::run::{Event, Request, Stop, run, text::lines};
use crate::solution::{Findings, Inputs, SolutionError};
use std::fmt::Write;

/// What the solutions need, for a kernel that is started in the folder `notebooks`.
const SETUP: &str = r#":dep fisherinfo = { path = "../crates/fisherinfo" }
:dep fisherinfo-notebook = { path = "../crates/fisherinfo-notebook" }
:dep faer = { version = "0.24.4", default-features = false, features = ["std", "linalg"] }
:dep rand_chacha = "0.10""#;

/// The ten exercises as a notebook: problem, what is asked, hints, the solution with what it
/// prints, and what to remember.
///
/// It is the same every time: cells are named after the exercises (`bernoulli-hints`), and nothing
/// depends on a clock. Its solutions are run to make it, which takes about as long as `fisher run`.
///
/// ```
/// use fisherinfo_notebook::document::{CellKind, Output, workbook};
/// let workbook = workbook();
/// let solution = workbook.cells.iter().find(|cell| cell.id == "expectation-solution");
/// let Some(CellKind::Code { outputs, .. }) = solution.map(|cell| &cell.kind) else {
///     return Err("it is code".into());
/// };
/// assert!(matches!(&outputs[..], [Output::Stream { text, .. }] if text.ends_with("5 passed, 0 failed\n")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn workbook() -> Document {
    let course = course();
    let mut cells = vec![
        markdown("title", title(course)),
        code("setup", SETUP.into(), None, Vec::new()),
    ];
    let mut part = None;
    for exercise in course.exercises() {
        if part != Some(exercise.part) {
            part = Some(exercise.part);
            let name = exercise.part.title();
            let id = format!("part-{}", name.to_lowercase());
            cells.push(markdown(&id, format!("## {name}")));
        }
        cells.extend(self::exercise(exercise));
    }
    Document {
        title: course.title.into(),
        language: "rust".into(),
        cells,
    }
}

/// What a solution of an exercise prints, as `fisher run` does: its findings, and whether they
/// pass the checks. The solution may be the reader's own; the cells of [`workbook()`] end with it.
///
/// # Errors
/// When there is no exercise of this number.
///
/// ```
/// use fisherinfo_notebook::document::report;
/// use fisherinfo_notebook::solution::{Findings, Inputs, SolutionError, Value};
/// use fisherinfo_notebook::solutions::natural_gradient;
///
/// // Without the minus sign it goes uphill.
/// fn solve(inputs: &Inputs) -> Result<Findings, SolutionError> {
///     let right = natural_gradient::solve(inputs)?;
///     Ok(right.replaced("natural step", Value::Vector(vec![0.02, 0.4])))
/// }
/// assert!(report(10, natural_gradient::solve)?.ends_with("8 passed, 0 failed\n"));
/// assert!(report(10, solve)?.contains("FAIL - the natural step balances gradient and price"));
/// # Ok::<(), fisherinfo_notebook::course::CourseError>(())
/// ```
pub fn report(
    number: u8,
    solve: fn(&Inputs) -> Result<Findings, SolutionError>,
) -> Result<String, CourseError> {
    let original = course().exercise(number)?;
    let solution = Solution {
        solve,
        ..original.solution
    };
    // Whoever listens to a run may keep its exercise for ever, so this one is never given back.
    let exercise: &'static Exercise = Box::leak(Box::new(Exercise {
        solution,
        ..*original
    }));
    Ok(printed(exercise))
}

/// What a run prints; what to remember has a cell of its own.
fn printed(exercise: &'static Exercise) -> String {
    let request = Request {
        exercise,
        inputs: exercise.inputs(),
    };
    let mut text = String::new();
    run(&[request], &Stop::new(), |event| {
        if !matches!(event, Event::Takeaway { .. }) {
            text.push_str(&lines(&event));
        }
    });
    text
}

fn markdown(id: &str, source: String) -> Cell {
    let kind = CellKind::Markdown {
        source: source.trim_end().into(),
        attachments: Vec::new(),
    };
    Cell {
        id: id.into(),
        kind,
    }
}

fn code(id: &str, source: String, execution_count: Option<u64>, outputs: Vec<Output>) -> Cell {
    let kind = CellKind::Code {
        source,
        language: "rust".into(),
        execution_count,
        outputs,
    };
    Cell {
        id: id.into(),
        kind,
    }
}

fn title(course: &Course) -> String {
    format!(
        "# {}\n\n*{}*\n\n{}\n\n{}",
        course.title,
        course.breadcrumb.join(" / "),
        course.introduction,
        "The solutions are in Rust. They run where they stand with the Jupyter kernel \
[evcxr](https://github.com/evcxr/evcxr), and without it as `fisher run`; `fisher check` checks an \
answer. The next cell builds what they need, which takes some minutes the first time. Change a solution, \
run its cell, and the checks say what they make of it."
    )
}

fn exercise(exercise: &'static Exercise) -> Vec<Cell> {
    let id = |part: &str| format!("{}-{part}", exercise.slug);
    let number = exercise.number;
    let problem = format!(
        "### Exercise {number} · {}\n\n{} *{}*\n\n{}",
        exercise.title,
        "★".repeat(usize::from(exercise.stars)),
        exercise.topic,
        exercise.problem,
    );
    let mut cells = vec![
        markdown(&id("problem"), problem),
        markdown(&id("asked"), asked(exercise)),
    ];
    if !exercise.hints.is_empty() {
        cells.push(markdown(&id("hints"), hints(exercise)));
    }
    let printed = Output::Stream {
        name: "stdout".into(),
        text: printed(exercise),
    };
    let source = solution(exercise);
    let count = Some(u64::from(number));
    cells.push(code(&id("solution"), source, count, vec![printed]));
    cells.push(markdown(&id("takeaway"), takeaway(exercise)));
    cells
}

/// The questions, and the form of their answers.
fn asked(exercise: &Exercise) -> String {
    let mut text = String::from("**What is asked**\n\n");
    for answer in exercise.answers {
        // Writing to a string cannot fail.
        let _ = question(answer, &mut text);
    }
    text
}

fn question(answer: &Answer, out: &mut String) -> std::fmt::Result {
    writeln!(out, "- **{answer}** {}", answer.prompt)?;
    match answer.kind {
        AnswerKind::Formula {
            shape,
            variables,
            up_to_a_constant,
        } => {
            let shape = match shape {
                Shape::Number => "a number".into(),
                Shape::Vector(length) => format!("a vector of {length}"),
                Shape::Matrix(rows, columns) => format!("a {rows} × {columns} matrix"),
            };
            let multiple = if up_to_a_constant {
                ", right up to a positive factor"
            } else {
                ""
            };
            writeln!(out, "\n  A formula for {shape}{multiple}, in\n")?;
            for variable in variables {
                writeln!(out, "  - `{}`, {}", variable.name, variable.meaning)?;
            }
            writeln!(out, "\n  To check it: `fisher check {answer} 'FORMULA'`\n")
        }
        AnswerKind::Number => {
            writeln!(
                out,
                "\n  A number. To check it: `fisher check {answer} NUMBER`\n"
            )
        }
        AnswerKind::Choice { options, .. } => {
            writeln!(out)?;
            for (index, option) in options.iter().enumerate() {
                writeln!(out, "  {}. {option}", index + 1)?;
            }
            writeln!(out, "\n  To check it: `fisher check {answer} OPTION`\n")
        }
    }
}

fn hints(exercise: &Exercise) -> String {
    exercise
        .hints
        .iter()
        .enumerate()
        .map(|(index, hint)| folded(&format!("Hint {}", index + 1), hint))
        .collect()
}

/// Markdown behind a line to open it. The blank lines make Markdown of what is between the tags.
fn folded(summary: &str, text: &str) -> String {
    format!("<details>\n<summary>{summary}</summary>\n\n{text}\n\n</details>\n\n")
}

/// The very file that is compiled, and a line that runs it.
fn solution(exercise: &Exercise) -> String {
    let mut source = String::new();
    for line in exercise.solution.source.lines() {
        // What is said of a file is a remark in a cell.
        match line.strip_prefix("//!") {
            Some(remark) => source.extend(["//", remark]),
            None => source.push_str(line),
        }
        source.push('\n');
    }
    format!(
        "{source}\nprint!(\"{{}}\", fisherinfo_notebook::document::report({}, solve)?);",
        exercise.number
    )
}

fn takeaway(exercise: &Exercise) -> String {
    let mut text = String::new();
    for answer in exercise.answers {
        if let AnswerKind::Choice { right, reason, .. } = answer.kind {
            let says = format!("Option {}. {reason}", right + 1);
            text.push_str(&folded(&format!("The answer to {answer}"), &says));
        }
    }
    format!("{text}**Takeaway.** {}", exercise.takeaway)
}
