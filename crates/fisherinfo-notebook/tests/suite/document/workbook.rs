//! The workbook as a notebook.

use super::schema::assert_valid;
use fisherinfo_notebook::course::course;
use fisherinfo_notebook::document::{Cell, CellKind, Document, Output, report, workbook, write};
use fisherinfo_notebook::exercise::AnswerKind;
use fisherinfo_notebook::run::{Request, Stop, run, text::lines};
use std::path::PathBuf;
use std::sync::LazyLock;

/// Its solutions take a while to run.
static WORKBOOK: LazyLock<Document> = LazyLock::new(workbook);

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn cell(id: &str) -> &'static Cell {
    let found = WORKBOOK.cells.iter().find(|cell| cell.id == id);
    found.unwrap_or_else(|| panic!("no cell {id}"))
}

fn source(id: &str) -> &'static str {
    match &cell(id).kind {
        CellKind::Markdown { source, .. } | CellKind::Code { source, .. } => source,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_committed_notebook_is_what_is_exported() {
    let path = root().join("notebooks/workbook.ipynb");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let line = |text: &str, number: usize| text.lines().nth(number).map(str::to_string);
    let exported = write(&WORKBOOK);
    if let Some(number) = (0..exported.lines().count().max(committed.lines().count()))
        .find(|&number| line(&exported, number) != line(&committed, number))
    {
        panic!(
            "notebooks/workbook.ipynb is not what is exported. Line {}:\n  {:?}\nexported as:\n  {:?}\n\
             Renew it with: cargo run -p fisherinfo-cli -- export notebooks/workbook.ipynb --force",
            number + 1,
            line(&committed, number),
            line(&exported, number),
        );
    }
    assert_eq!(committed, exported, "the ends of lines");
}

#[test]
fn it_is_valid_and_read_back() {
    let text = write(&WORKBOOK);
    assert_valid(&text);
    assert_eq!(Document::parse(text.as_bytes()).as_ref(), Ok(&*WORKBOOK));
    assert_eq!(WORKBOOK.title, course().title);
    assert_eq!(WORKBOOK.language, "rust");
    assert!(text.contains("\"kernelspec\": {\n   \"display_name\": \"Rust\",\n   \"language\": \"rust\",\n   \"name\": \"rust\""));
}

#[test]
fn every_exercise_is_there_whole() {
    let mut headings = WORKBOOK
        .headings()
        .into_iter()
        .filter(|heading| heading.level == 3);
    for exercise in course().exercises() {
        let part = |name: &str| source(&format!("{}-{name}", exercise.slug));
        let heading = headings.next().unwrap();
        assert_eq!(
            heading.text,
            format!("Exercise {} · {}", exercise.number, exercise.title)
        );
        assert!(part("problem").ends_with(exercise.problem));
        for (hint, block) in exercise.hints.iter().zip(part("hints").split("</details>")) {
            assert!(block.trim_start().starts_with("<details>\n<summary>Hint "));
            assert!(block.contains(&format!("\n\n{hint}\n\n")));
        }
        assert_eq!(
            part("hints").matches("<summary>").count(),
            exercise.hints.len()
        );
        assert!(part("takeaway").ends_with(exercise.takeaway));

        for answer in exercise.answers {
            assert!(part("asked").contains(&format!("- **{answer}** {}\n", answer.prompt)));
            assert!(part("asked").contains(&format!("`fisher check {answer} ")));
            match answer.kind {
                AnswerKind::Formula { variables, .. } => {
                    for variable in variables {
                        let line = format!("  - `{}`, {}\n", variable.name, variable.meaning);
                        assert!(part("asked").contains(&line), "{answer} {line}");
                    }
                }
                AnswerKind::Number => assert!(part("asked").contains("A number.")),
                AnswerKind::Choice {
                    options,
                    right,
                    reason,
                } => {
                    for (index, option) in options.iter().enumerate() {
                        assert!(part("asked").contains(&format!("  {}. {option}\n", index + 1)));
                    }
                    assert!(part("takeaway").contains(&format!("Option {}. {reason}", right + 1)));
                    for earlier in ["problem", "asked", "hints"] {
                        assert!(!part(earlier).contains(reason), "{answer} is given away");
                    }
                }
            }
        }
    }
    assert_eq!(headings.next(), None);
}

/// The code is that of the file, and what stands below it is what `fisher run` prints.
#[test]
fn solutions_and_what_they_print() {
    for exercise in course().exercises() {
        let CellKind::Code {
            source,
            execution_count,
            outputs,
            ..
        } = &cell(&format!("{}-solution", exercise.slug)).kind
        else {
            panic!("{}", exercise.slug);
        };
        let code = |text: &str| -> Vec<String> {
            text.lines()
                .filter(|line| !line.starts_with("//"))
                .map(str::to_string)
                .collect()
        };
        let mut expected = code(exercise.solution.source);
        expected.extend([
            String::new(),
            format!(
                "print!(\"{{}}\", fisherinfo_notebook::document::report({}, solve)?);",
                exercise.number
            ),
        ]);
        assert_eq!(code(source), expected);
        assert_eq!(*execution_count, Some(exercise.number.into()));

        let request = Request {
            exercise,
            inputs: exercise.inputs(),
        };
        let mut printed = String::new();
        run(&[request], &Stop::new(), |event| printed += &lines(&event));
        let printed = printed.replace(&format!("\nTakeaway: {}\n", exercise.takeaway), "");
        assert!(printed.contains("PASS - ") && printed.ends_with(", 0 failed\n"));
        let expected = Output::Stream {
            name: "stdout".into(),
            text: printed.clone(),
        };
        assert_eq!(outputs[..], [expected]);
        assert_eq!(
            report(exercise.number, exercise.solution.solve),
            Ok(printed)
        );
    }
    assert!(report(11, course().exercise(1).unwrap().solution.solve).is_err());
}

/// The versions that the notebook asks for are those that the workspace builds with.
#[test]
fn the_setup_asks_for_what_the_workspace_has() {
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let line = |name: &str| {
        let found = workspace
            .lines()
            .find(|line| line.starts_with(&format!("{name} = ")));
        found.unwrap_or_else(|| panic!("no {name}"))
    };
    let setup = source("setup");
    for name in ["faer", "rand_chacha"] {
        assert!(
            setup.contains(&format!(":dep {}", line(name))),
            "{}",
            line(name)
        );
    }
    for name in ["fisherinfo", "fisherinfo-notebook"] {
        let dependency = format!(":dep {name} = {{ path = \"../crates/{name}\" }}");
        assert!(setup.lines().any(|line| line == dependency), "{dependency}");
        assert!(root().join("notebooks/../crates").join(name).is_dir());
    }
    // Every crate that a solution names is asked for.
    for exercise in course().exercises() {
        for line in exercise.solution.source.lines() {
            let Some(path) = line.strip_prefix("use ") else {
                continue;
            };
            let name = path.split("::").next().unwrap().replace('_', "-");
            let is_there = [name.clone(), name.replace('-', "_")]
                .iter()
                .any(|name| setup.contains(&format!(":dep {name} ")));
            assert!(name == "std" || is_there, "{}: {name}", exercise.slug);
        }
    }
}
