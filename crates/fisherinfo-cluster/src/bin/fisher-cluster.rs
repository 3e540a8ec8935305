//! The processes of a cluster by themselves, for machines that need no more of `fisher`.

use clap::Parser;
use fisherinfo_cluster::Process;
use std::process::ExitCode;

/// The processes of a cluster for `fisher fit … --cluster df://host:port`
#[derive(Parser)]
#[command(name = "fisher-cluster", version)]
struct Arguments {
    #[command(subcommand)]
    process: Process,
}

fn main() -> ExitCode {
    match Arguments::parse().process.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
