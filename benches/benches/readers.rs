//! Two hundred readers at one server: all open the page, all press «Run notebook».
//!
//! Needs the command built beside it: `cargo build --release` first. The readers run on the same
//! cores as the server, so the server alone is a little quicker than this says.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::time::{Duration, Instant};

const READERS: usize = 200;
const PRESSES: usize = 3;

/// `target/release/fisher`, found from `target/release/deps/readers-…`.
fn fisher() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let path = own.ancestors().nth(2).unwrap().join("fisher");
    assert!(
        path.exists(),
        "{} is missing: run `cargo build --release` first",
        path.display()
    );
    path
}

struct Server {
    process: Child,
    address: String,
    token: String,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new(fisher())
            .args(["serve", "--port", "0", "--shared-link"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let link = line.split("http://").nth(1).unwrap().trim();
        let (address, rest) = link.split_once('/').unwrap();
        Self {
            address: address.into(),
            token: rest.split("token=").nth(1).unwrap().into(),
            process,
        }
    }

    /// The most memory that it has had, and the most threads it has now.
    fn status(&self) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))
            .unwrap_or_default();
        let value = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.split_whitespace().nth(1))
                .and_then(|value| value.parse::<f64>().ok())
                .unwrap_or(f64::NAN)
        };
        format!(
            "{:.0} MB at most, {} threads",
            value("VmHWM") / 1024.0,
            value("Threads")
        )
    }

    fn ask(&self, method: &str, path: &str, cookie: &str, body: &str) -> (String, String) {
        let address = &self.address;
        let mut socket = TcpStream::connect(address).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.into(), body.into())
    }

    fn cookie(&self) -> String {
        let (head, _) = self.ask("GET", &format!("/?token={}", self.token), "", "");
        let line = head
            .lines()
            .find(|line| line.starts_with("set-cookie:"))
            .unwrap();
        line["set-cookie:".len()..]
            .split(';')
            .next()
            .unwrap()
            .trim()
            .into()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a reader sends: everything, with an answer; with inputs of their own if `own` says so.
fn request(reader: usize, press: usize, own: bool) -> String {
    let exercises: Vec<String> = (1..=10)
        .map(|number| {
            let p = 0.2 + 1e-4 * (reader * PRESSES + press) as f64;
            let inputs = match number {
                1 | 3 | 5 | 6 | 9 if own => format!("\"p\": {p}"),
                2 if own => format!("\"sigma2\": {p}"),
                4 if own => format!("\"s12\": {p}"),
                7 if own => format!("\"seed\": {}", 1 + reader * PRESSES + press),
                8 | 10 if own => format!("\"{}\": {p}", if number == 8 { "w1" } else { "g1" }),
                _ => String::new(),
            };
            let answers = if number == 1 {
                "\"1b\": \"1/(p*(1-p))\""
            } else {
                ""
            };
            format!(
                "{{\"number\": {number}, \"inputs\": {{{inputs}}}, \"answers\": {{{answers}}}}}"
            )
        })
        .collect();
    format!("{{\"exercises\": [{}]}}", exercises.join(", "))
}

/// Every reader's times, in order.
fn all_at_once(work: impl Fn(usize, usize) -> Duration + Sync, rounds: usize) -> Vec<f64> {
    let start = Barrier::new(READERS);
    let mut times: Vec<f64> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS)
            .map(|reader| {
                let (start, work) = (&start, &work);
                scope.spawn(move || {
                    (0..rounds)
                        .map(|round| {
                            start.wait();
                            work(reader, round).as_secs_f64() * 1e3
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        readers
            .into_iter()
            .flat_map(|reader| reader.join().unwrap())
            .collect()
    });
    times.sort_by(f64::total_cmp);
    times
}

fn report(what: &str, times: &[f64]) {
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    println!(
        "{what:<44} median {:7.0} ms, p99 {:7.0} ms, slowest {:7.0} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

fn main() {
    let server = Server::start();
    let cookies: Vec<String> = (0..READERS).map(|_| server.cookie()).collect();
    // One run by itself tells what each has to tell.
    let lone = Instant::now();
    let (_, alone) = server.ask("POST", "/api/runs", &cookies[0], &request(0, 0, false));
    let lone = lone.elapsed().as_secs_f64() * 1e3;
    let passes = alone.matches("\"passed\":true").count();
    assert!(passes > 50 && alone.contains("\"failed\":0"), "{alone}");
    println!(
        "{READERS} readers, {PRESSES} presses each, {passes} checks a press; alone {lone:.0} ms"
    );
    let opened = all_at_once(
        |reader, _| {
            let began = Instant::now();
            let (_, page) = server.ask("GET", "/workbook", &cookies[reader], "");
            assert!(page.ends_with("</html>") && page.matches("<svg").count() > 10);
            began.elapsed()
        },
        PRESSES,
    );
    report("the page, all at once", &opened);
    for (what, own) in [
        ("Run notebook, all at once", false),
        ("the same, everyone with other inputs", true),
    ] {
        let times = all_at_once(
            |reader, press| {
                let began = Instant::now();
                let body = request(reader, press, own);
                let (head, told) = server.ask("POST", "/api/runs", &cookies[reader], &body);
                assert!(head.starts_with("HTTP/1.1 200"), "{head}");
                assert!(told.contains("\"event\":\"summary\""), "{told}");
                assert!(
                    told.contains("\"failed\":0") && !told.contains("\"passed\":false"),
                    "{told}"
                );
                assert!(told.contains("\"right\":1"), "{told}");
                if !own {
                    assert_eq!(told.matches("\"passed\":true").count(), passes);
                }
                began.elapsed()
            },
            PRESSES,
        );
        report(what, &times);
    }
    println!("server: {}", server.status());
}
