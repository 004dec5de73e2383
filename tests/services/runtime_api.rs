//! Lambda's interface for programs, as far as one function needs it: a server on loopback that hands out invocations
//! one at a time and takes their results.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::process::Process;

/// Longer than a start on a crowded machine takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of an invocation.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    /// What the function returned.
    Returned(Value),
    /// The error that it reported.
    Failed(Value),
}

/// A function that waits for invocations.
pub(super) struct Function {
    events: Sender<Value>,
    outcomes: Receiver<Outcome>,
    process: Process,
}

impl Function {
    /// Starts a program as Lambda does, with the handler of its function.
    pub(super) fn start(program: Command, handler: &str, environment: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (events, waiting) = channel();
        let (done, outcomes) = channel();
        thread::spawn(move || serve(&listener, &waiting, &done));
        let process = Process::start(program, &environment_of(address, handler, environment));
        Self { events, outcomes, process }
    }

    /// Invokes the function and waits for the outcome.
    pub(super) fn invoke(&self, event: Value) -> Outcome {
        self.events.send(event).unwrap();
        let outcome = self.outcomes.recv_timeout(PATIENCE);
        outcome.unwrap_or_else(|error| panic!("{error}:\n{}", self.process.log()))
    }

    /// What it has logged so far.
    pub(super) fn log(&self) -> String {
        self.process.log()
    }
}

fn environment_of<'a>(
    address: SocketAddr,
    handler: &'a str,
    environment: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    // The process outlives no test, and a test makes few of these.
    let address: &'static str = address.to_string().leak();
    let own = [
        ("AWS_LAMBDA_RUNTIME_API", address),
        ("AWS_LAMBDA_FUNCTION_NAME", "function"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("_HANDLER", handler),
    ];
    own.into_iter().chain(environment.iter().copied()).collect()
}

/// Answers the runtime's requests, one after the other, until the test drops its end.
fn serve(listener: &TcpListener, events: &Receiver<Value>, done: &Sender<Outcome>) {
    while let Ok((mut stream, _)) = listener.accept() {
        let Some((line, body)) = read(&mut stream) else { continue };
        let sent = if line.starts_with("GET ") && line.contains("/invocation/next") {
            let Ok(event) = events.recv() else { return };
            write!(stream, "{}", next(&event))
        } else {
            let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
            let outcome =
                if line.contains("/response ") { Outcome::Returned(body) } else { Outcome::Failed(body) };
            if done.send(outcome).is_err() {
                return;
            }
            write!(stream, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        };
        // A function that has gone away is noticed by who waits for its outcome.
        let _ = sent;
    }
}

fn next(event: &Value) -> String {
    let body = event.to_string();
    format!(
        "HTTP/1.1 200 OK\r\n\
         Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
         Lambda-Runtime-Deadline-Ms: 4102444800000\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:function\r\n\
         Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n\
         Content-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The first line and the body of a request.
fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        match header.trim().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok()?;
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((first, body))
}
