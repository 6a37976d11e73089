//! Servers of tests, and plain requests to them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use truce_ledger::Checkpoint;

use crate::program::{text, truce};

/// A server that ends with its test.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Server {
    /// Starts a command and waits until it names the address it listens on.
    pub(crate) fn start(mut command: Command, address: impl Fn(&str) -> Option<String>) -> Server {
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.by_ref().find_map(|line| address(&line.unwrap()));
        // Whatever it says later must have somewhere to go.
        std::thread::spawn(move || lines.count());
        Server {
            child,
            address: address.expect("the server listens"),
        }
    }

    /// The product, on a data folder.
    pub(crate) fn of(data: &Path) -> Server {
        Server::serving(truce(&[
            "serve",
            "--data",
            text(data),
            "--listen",
            "127.0.0.1:0",
        ]))
    }

    /// The product, by a command of its own.
    pub(crate) fn serving(command: Command) -> Server {
        Server::start(command, |line| {
            let rest = line.strip_prefix("truce listens on http://")?;
            Some(rest.trim_end_matches('/').to_owned())
        })
    }

    /// The status line and headers, in small letters, and the body of an answer.
    pub(crate) fn get(&self, path: &str) -> (String, Vec<u8>) {
        self.ask("GET", path, "")
    }

    /// The same for a request with a body.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let host = &self.address;
        let len = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Length: {len}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let at = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let body = answer.split_off(at + 4);
        (String::from_utf8(answer).unwrap().to_lowercase(), body)
    }

    /// The newest checkpoint that met the quorum, as soon as there is one.
    pub(crate) fn witnessed(&self) -> Checkpoint {
        for _ in 0..200 {
            let (head, body) = self.get("/witnessed");
            if head.starts_with("http/1.1 200") {
                return Checkpoint::parse(std::str::from_utf8(&body).unwrap()).unwrap();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("no checkpoint was witnessed");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
