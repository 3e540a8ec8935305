//! The names under which this server answers.

use std::net::SocketAddr;

/// The values of `Host` that are answered, in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    names: Vec<String>,
    port: u16,
}

impl Hosts {
    /// Of a server that listens at `address`: the address itself, this machine's own names if it
    /// listens on the loopback, and the names given.
    pub(crate) fn new(address: SocketAddr, names: &[String]) -> Self {
        let port = address.port();
        let mut all = Vec::new();
        if !address.ip().is_unspecified() {
            all.push(address.to_string());
        }
        if address.ip().is_loopback() || address.ip().is_unspecified() {
            all.extend(["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{port}")));
        }
        for name in names {
            let name = name.trim().to_ascii_lowercase();
            all.push(format!("{name}:{port}"));
            // As a browser writes it where a proxy answers at the usual ports, or if the port was
            // given with the name.
            all.push(name);
        }
        Self { names: all, port }
    }

    /// Is a value of `Host` one of the names?
    pub(crate) fn accepts(&self, host: &str) -> bool {
        let host = host.trim().to_ascii_lowercase();
        self.names.contains(&host)
    }

    /// Is a value of `Origin` a page of this server?
    pub(crate) fn is_own(&self, origin: &str) -> bool {
        ["http://", "https://"].iter().any(|scheme| {
            origin
                .strip_prefix(scheme)
                .is_some_and(|host| self.accepts(host))
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Hosts;

    #[test]
    fn only_names_of_the_list_are_answered() {
        let hosts = Hosts::new("127.0.0.1:8417".parse().unwrap(), &[]);
        for own in [
            "127.0.0.1:8417",
            "localhost:8417",
            "LOCALHOST:8417",
            "[::1]:8417",
        ] {
            assert!(hosts.accepts(own), "{own}");
        }
        for other in [
            "evil.example:8417",
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost",
            "localhost.evil.example:8417",
            "",
            "127.0.0.1:8417.evil.example",
            "10.0.0.1:8417",
        ] {
            assert!(!hosts.accepts(other), "{other}");
        }
        assert!(hosts.is_own("http://127.0.0.1:8417"));
        for other in [
            "null",
            "http://evil.example:8417",
            "file://",
            "http://127.0.0.1:8418",
            "127.0.0.1:8417",
        ] {
            assert!(!hosts.is_own(other), "{other}");
        }
    }

    #[test]
    fn names_are_added_and_an_open_address_is_none() {
        let hosts = Hosts::new("0.0.0.0:8417".parse().unwrap(), &["Course.example".into()]);
        assert!(hosts.accepts("course.example:8417") && hosts.accepts("course.example"));
        assert!(!hosts.accepts("0.0.0.0:8417"));
        assert!(!hosts.accepts("192.168.1.5:8417"));
    }
}
