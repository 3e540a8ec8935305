//! A client that says exactly what it is told to, also what no browser would.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request; its headers are those named, and no others but what HTTP asks for.
pub(crate) struct Ask {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Ask {
    pub(crate) fn get(path: &str) -> Self {
        Self {
            method: "GET",
            path: path.into(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// Sends JSON, as a page of the server at that port does.
    pub(crate) fn post(path: &str, body: impl ToString, port: u16) -> Self {
        Self {
            method: "POST",
            body: body.to_string(),
            ..Self::get(path)
        }
        .header("content-type", "application/json")
        .header("origin", &format!("http://127.0.0.1:{port}"))
    }

    /// Instead of what was said under that name before.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self
    }

    /// Sends it, and leaves what is answered unread.
    pub(crate) async fn begin(mut self, port: u16) -> TcpStream {
        if !self.headers.iter().any(|(name, _)| name == "host") {
            self = self.header("host", &format!("127.0.0.1:{port}"));
        }
        let mut text = format!(
            "{} {} HTTP/1.1\r\nconnection: close\r\n",
            self.method, self.path
        );
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        text += &format!("content-length: {}\r\n\r\n{}", self.body.len(), self.body);
        let mut stream = TcpStream::connect(("127.0.0.1", port))
            .await
            .expect("the server listens");
        stream
            .write_all(text.as_bytes())
            .await
            .expect("the server reads");
        stream
    }

    pub(crate) async fn send(self, port: u16) -> Answer {
        let mut stream = self.begin(port).await;
        let mut bytes = Vec::new();
        stream
            .read_to_end(&mut bytes)
            .await
            .expect("the server answers");
        let end = bytes
            .windows(4)
            .position(|it| it == b"\r\n\r\n")
            .expect("headers");
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .expect("a status");
        Answer {
            status: status.parse().expect("a status"),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect(),
            body: bytes.split_off(end + 4),
        }
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name)?;
        Some(&found.1)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
