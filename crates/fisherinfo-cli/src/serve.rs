//! `fisher serve`: the workbook and notebooks as a page.

use crate::Output;
use crate::error::Failure;
use clap::Args;
use fisherinfo_web::{Options, serve};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// The workbook as a page in the browser, with notebooks beside it
///
/// Prints a link to click. The link lets one browser in; whenever it has been used, the next one
/// is printed. What a reader types is kept in their browser and, unless --sync is given and they make
/// an account, goes nowhere else.
#[derive(Args, Clone, Debug)]
pub(crate) struct ServeArguments {
    /// A notebook (.ipynb), or a folder of them, to be read beside the workbook
    path: Option<PathBuf>,
    /// The port to listen at; 0 takes one that is free
    #[arg(long, default_value_t = Options::default().port)]
    port: u16,
    /// The address to listen at. Anything but 127.0.0.1 lets other machines connect: whoever gets
    /// hold of the link can read the notebooks and use this machine's time, and what they send is
    /// not encrypted on its way unless a proxy with TLS stands in front
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// One more name under which browsers may ask, such as that of a proxy in front; repeatable
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Let everyone in who has the link, until the server ends; for a class
    #[arg(long)]
    shared_link: bool,
    /// Keep accounts in this folder, made if it is missing, so that a reader has the same notes,
    /// answers and progress in several browsers; what they keep is encrypted before it leaves the
    /// browser, and cannot be read here
    #[arg(long, value_name = "DIR")]
    sync: Option<PathBuf>,
    /// Open the link in a browser
    #[arg(long)]
    open: bool,
}

pub(crate) fn run(arguments: &ServeArguments) -> Result<Output, Failure> {
    let options = Options {
        host: arguments.host,
        port: arguments.port,
        allowed_hosts: arguments.allow_host.clone(),
        notebooks: arguments.path.clone(),
        shared_link: arguments.shared_link,
        sync: arguments.sync.clone(),
        ..Options::default()
    };
    if !arguments.host.is_loopback() {
        eprintln!(
            "Other machines can connect: whoever has the link can read what is served here and use \
             this machine's time, and nothing is encrypted on its way."
        );
    }
    let started = AtomicBool::new(false);
    let open = arguments.open;
    let shared = arguments.shared_link;
    serve(options, move |link| {
        if started.swap(true, Ordering::Relaxed) {
            println!("That link has been used; the one for another browser: {link}");
            return;
        }
        println!("The workbook is at {link}");
        println!(
            "{} Ctrl-C ends the server.",
            if shared {
                "The link is good until then."
            } else {
                "The link is good for one browser."
            }
        );
        if open && let Err(error) = open::that(link) {
            eprintln!("No browser could be opened ({error}): open the link yourself.");
        }
    })
    .map_err(Failure::Serve)?;
    Ok(Output::from(String::new()))
}
