//! `fisher run`: the workbook's solutions, with their checks.

mod figures;

use crate::Output;
use crate::error::Failure;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueHint, value_parser};
use fisherinfo_notebook::course::course;
use fisherinfo_notebook::run::{Request, Stop, json, run as perform, text};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Which exercise, and with what inputs.
///
/// The inputs of all exercises are options of the command, so that its help and the shells know
/// them; an option that the exercise at hand does not have is refused by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunArguments {
    number: Option<u8>,
    inputs: Vec<(String, f64)>,
    json: bool,
    figures: Option<PathBuf>,
}

/// The name of each input, with what it means in the exercises that have it.
fn known_inputs() -> BTreeMap<&'static str, String> {
    let mut known: BTreeMap<&'static str, String> = BTreeMap::new();
    for exercise in course().exercises() {
        for input in exercise.inputs {
            let meaning = format!("{}: {}", exercise.number, input.description);
            known
                .entry(input.name)
                .and_modify(|all| {
                    all.push_str("; ");
                    all.push_str(&meaning);
                })
                .or_insert(meaning);
        }
    }
    known
}

impl Args for RunArguments {
    fn augment_args(command: Command) -> Command {
        let command = command
            .arg(
                Arg::new("number")
                    .value_name("EXERCISE")
                    .value_parser(value_parser!(u8))
                    .help("One exercise, from 1 to 10; without it all of them"),
            )
            .arg(
                Arg::new("json")
                    .long("json")
                    .action(ArgAction::SetTrue)
                    .help("Print JSON: one object an event, in an array"),
            )
            .arg(
                Arg::new("figures")
                    .long("figures")
                    .value_name("FOLDER")
                    .value_parser(value_parser!(PathBuf))
                    .value_hint(ValueHint::DirPath)
                    .help("Write the figures into a folder, as SVG named <number>-<name>.svg"),
            );
        known_inputs()
            .into_iter()
            .fold(command, |command, (name, meaning)| {
                command.arg(
                    Arg::new(name)
                        .long(name)
                        .value_name("NUMBER")
                        .value_parser(value_parser!(f64))
                        .allow_negative_numbers(true)
                        .requires("number")
                        .help(format!("In exercise {meaning}"))
                        .help_heading("Inputs of an exercise"),
                )
            })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for RunArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut arguments = Self::default();
        arguments.update_from_arg_matches(matches)?;
        Ok(arguments)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.number = matches.get_one("number").copied();
        self.json = matches.get_flag("json");
        self.figures = matches.get_one("figures").cloned();
        self.inputs = known_inputs()
            .into_keys()
            .filter_map(|name| Some((name.to_string(), *matches.get_one::<f64>(name)?)))
            .collect();
        Ok(())
    }
}

pub(crate) fn run(arguments: &RunArguments) -> Result<Output, Failure> {
    let requests = match arguments.number {
        None => Request::all(course()),
        Some(number) => {
            let inputs: Vec<(&str, f64)> = arguments
                .inputs
                .iter()
                .map(|(name, value)| (name.as_str(), *value))
                .collect();
            vec![Request::new(course(), number, &inputs).map_err(Failure::Request)?]
        }
    };
    let (mut shown, mut events) = (String::new(), Vec::new());
    let mut gathered = figures::Gathered::default();
    let summary = perform(&requests, &Stop::new(), |event| {
        gathered.note(&event);
        if arguments.json {
            events.push(json::object(&event));
        } else {
            shown.push_str(&text::lines(&event));
        }
    });
    if let Some(folder) = &arguments.figures {
        gathered.write(folder)?;
    }
    if arguments.json {
        shown = format!("{:#}\n", Value::from(events));
    }
    Ok(Output {
        text: shown,
        code: u8::from(!summary.is_success()),
    })
}
