//! The command `fisher`: Fisher information at the command line.

// A command fails once, so the size of a failure costs nothing; a box would only be in the way.
#![allow(clippy::result_large_err)]

mod arguments;
mod assignments;
mod check;
mod design;
mod distance;
mod error;
mod export;
mod families;
mod fit;
mod info;
mod net;
mod number;
mod predict;
mod run;
mod serve;
mod table;

use arguments::{Arguments, Command};
use clap::{CommandFactory, Parser};
use error::Failure;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // The same message whether a person or a file reads it; the second call of a hook fails, and
    // this is the first.
    let _ = miette::set_hook(Box::new(|_| {
        Box::new(
            miette::MietteHandlerOpts::new()
                .force_graphical(true)
                // Lines end at spaces alone: not within an option, a file's name or a compound.
                .word_separator(textwrap::WordSeparator::AsciiSpace)
                .word_splitter(textwrap::WordSplitter::NoHyphenation)
                .break_words(false)
                .build(),
        )
    }));
    #[cfg(feature = "columnar")]
    keep_decoders_quiet();
    match answer(arguments.command) {
        Ok(output) => print(&output),
        Err(failure) => {
            // The report goes to the error stream whole; nothing was written before it.
            let code = failure.code();
            eprintln!("{:?}", miette::Report::new(failure));
            ExitCode::from(code)
        }
    }
}

/// Decoders of columnar files panic on some damaged ones. That is caught and becomes the one message
/// that a person sees.
#[cfg(feature = "columnar")]
fn keep_decoders_quiet() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let decoder = panic.location().is_some_and(|place| {
            ["arrow-", "parquet-"]
                .iter()
                .any(|name| place.file().contains(name))
        });
        if !decoder {
            usual(panic);
        }
    }));
}

/// What a command prints, composed whole before any of it is written: a failure leaves no half of
/// an answer behind.
struct Output {
    text: String,
    /// The exit code: 0, or what the command says of what it checked.
    code: u8,
}

impl From<String> for Output {
    fn from(text: String) -> Self {
        Self { text, code: 0 }
    }
}

fn answer(command: Command) -> Result<Output, Failure> {
    match command {
        Command::Info(arguments) => info::run(&arguments).map(Output::from),
        Command::Distance(arguments) => distance::run(&arguments).map(Output::from),
        Command::Design(arguments) => design::run(&arguments).map(Output::from),
        Command::Fit(arguments) => fit::run(&arguments).map(Output::from),
        Command::Predict(arguments) => predict::run(&arguments).map(Output::from),
        #[cfg(feature = "cluster")]
        Command::Cluster(process) => {
            process.run().map_err(Failure::Cluster)?;
            Ok(String::new().into())
        }
        #[cfg(not(feature = "cluster"))]
        Command::Cluster { .. } => Err(Failure::ClusterNotBuiltIn),
        Command::Net(command) => net::run(&command).map(Output::from),
        Command::Run(arguments) => run::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Export(arguments) => export::run(&arguments).map(Output::from),
        Command::Families { json } => families::run(json).map(Output::from),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "fisher", &mut script);
            Ok(String::from_utf8_lossy(&script).into_owned().into())
        }
        Command::Manual => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Arguments::command())
                .render(&mut page)
                .map_err(Failure::Manual)?;
            Ok(String::from_utf8_lossy(&page).into_owned().into())
        }
    }
}

/// A reader that hangs up early (`fisher families | head`) is no failure.
fn print(output: &Output) -> ExitCode {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(output.text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::from(output.code),
    }
}
