//! A server on a free port, and a client that says exactly what a test wants to say.

use fisherinfo_web::{Options, Server};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A server that ends with the test.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    /// The links it has printed, the newest last.
    pub(crate) links: Arc<Mutex<Vec<String>>>,
    end: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

pub(crate) fn serve(options: Options) -> Served {
    let links = Arc::new(Mutex::new(Vec::new()));
    let (tell, told) = std::sync::mpsc::channel();
    let (end, ended) = tokio::sync::oneshot::channel();
    let seen = links.clone();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let again = seen.clone();
            let options = Options { port: 0, ..options };
            let server = Server::bind(options, move |link| again.lock().unwrap().push(link.into()))
                .await
                .unwrap();
            seen.lock().unwrap().push(server.link());
            tell.send(server.address()).unwrap();
            server
                .run(async {
                    let _ = ended.await;
                })
                .await;
        });
    });
    Served {
        address: told.recv().unwrap(),
        links,
        end: Some(end),
        thread: Some(thread),
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.end.take());
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }
}

impl Served {
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn token(&self) -> String {
        let link = self.links.lock().unwrap().last().unwrap().clone();
        link.split_once("token=").unwrap().1.to_owned()
    }

    /// Sends a request as it is written here.
    pub(crate) fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let mut socket = TcpStream::connect(self.address).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        socket.write_all(head.as_bytes()).unwrap();
        // A server may refuse before it has read everything.
        let _ = socket.write_all(body);
        let mut all = Vec::new();
        let _ = socket.read_to_end(&mut all);
        let split = all
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap_or_else(|| panic!("no answer to {method} {path}"));
        let head = String::from_utf8(all[..split].to_vec()).unwrap();
        let reply = Reply {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            body: all[split + 4..].to_vec(),
            head,
        };
        if reply.header("transfer-encoding") == Some("chunked") {
            let body = unchunked(&reply.body);
            return Reply { body, ..reply };
        }
        reply
    }

    /// A browser that has used the link.
    pub(crate) fn browser(&self) -> Browser<'_> {
        let path = format!("/?token={}", self.token());
        let reply = self.raw("GET", &path, &[("Host", &self.host())], b"");
        assert_eq!(reply.status, 303, "{reply:?}");
        let cookie = reply.header("set-cookie").unwrap();
        Browser {
            server: self,
            cookie: cookie.split(';').next().unwrap().to_owned(),
        }
    }
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let length =
            usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap().trim(), 16).unwrap();
        if length == 0 {
            break;
        }
        out.extend_from_slice(&body[end + 2..end + 2 + length]);
        body = &body[end + 4 + length..];
    }
    out
}

/// A browser that was let in.
pub(crate) struct Browser<'a> {
    pub(crate) server: &'a Served,
    pub(crate) cookie: String,
}

impl Browser<'_> {
    pub(crate) fn get(&self, path: &str) -> Reply {
        let host = self.server.host();
        let headers = [
            ("Host", host.as_str()),
            ("Cookie", &self.cookie),
            ("Accept", "text/html"),
        ];
        self.server.raw("GET", path, &headers, b"")
    }

    pub(crate) fn post(&self, path: &str, body: &serde_json::Value) -> Reply {
        self.post_text(path, &body.to_string())
    }

    pub(crate) fn post_text(&self, path: &str, body: &str) -> Reply {
        let (host, origin) = (self.server.host(), self.server.origin());
        let headers = [
            ("Host", host.as_str()),
            ("Origin", &origin),
            ("Sec-Fetch-Site", "same-origin"),
            ("Cookie", &self.cookie),
            ("Content-Type", "application/json"),
        ];
        self.server.raw("POST", path, &headers, body.as_bytes())
    }

    /// Runs, and reads the stream to its end.
    pub(crate) fn run(&self, asked: &serde_json::Value) -> Vec<serde_json::Value> {
        let reply = self.post("/api/runs", asked);
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply
            .text()
            .lines()
            .filter_map(|line| line.strip_prefix("data: "))
            .map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }
}
