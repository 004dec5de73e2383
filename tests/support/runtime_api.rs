//! Lambda's interface for programs, as far as one function needs it: a server on loopback that hands out invocations
//! one at a time and takes their results.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

/// Longer than a start on a crowded machine takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of an invocation.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What the function returned.
    Returned(Value),
    /// The error that it reported.
    Failed(Value),
}

/// A function that waits for invocations. It ends with the value that stands for it.
#[derive(Debug)]
pub struct Function {
    events: Sender<Value>,
    outcomes: Receiver<Outcome>,
    process: Child,
    log: NamedTempFile,
}

impl Function {
    /// Starts a program as Lambda does, with the handler of its function, and with these variables and no others.
    pub fn start(mut program: Command, handler: &str, environment: &[(&str, &str)]) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        let address = listener.local_addr()?;
        let (events, waiting) = channel();
        let (done, outcomes) = channel();
        thread::spawn(move || serve(&listener, &waiting, &done));
        let log = NamedTempFile::new()?;
        let output = || File::options().append(true).open(log.path()).map(Stdio::from);
        program.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("_HANDLER", handler);
        program.envs(own(address)).envs(environment.iter().copied());
        program.stdin(Stdio::null()).stdout(output()?).stderr(output()?);
        let process = program.spawn().context("could not start the function")?;
        Ok(Self { events, outcomes, process, log })
    }

    /// Invokes the function and waits for the outcome.
    pub fn invoke(&self, event: Value) -> Result<Outcome> {
        // A function that has ended is noticed below.
        let _ = self.events.send(event);
        match self.outcomes.recv_timeout(PATIENCE) {
            Ok(outcome) => Ok(outcome),
            Err(error) => bail!("the function tells no outcome ({error}):\n{}", self.log()),
        }
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap_or_default()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What Lambda tells every function.
fn own(address: SocketAddr) -> [(&'static str, String); 4] {
    [
        ("AWS_LAMBDA_RUNTIME_API", address.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", "function".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
    ]
}

/// Answers the runtime's requests, one after the other, until whoever invokes drops its end.
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

/// A request that API Gateway's REST API passes on: `resource` is the route, `path` what the caller wrote.
pub fn proxied(method: &str, resource: &str, path: &str) -> Value {
    let headers = [
        ("Accept", "application/json"),
        ("Authorization", "Bearer private-token"),
        ("Host", "abcdef123.execute-api.us-east-1.amazonaws.com"),
        ("Origin", "https://page.example"),
        ("User-Agent", "curl/8.5.0"),
        ("X-Amzn-Trace-Id", "Root=1-5e272390-8c398be037738dc042009320"),
        ("X-Forwarded-For", "192.0.2.1"),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
    ];
    let single: Value = headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let several: Value = headers.iter().map(|(name, value)| ((*name).to_owned(), json!([value]))).collect();
    json!({
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": single,
        "multiValueHeaders": several,
        "queryStringParameters": { "query": "two words" },
        "multiValueQueryStringParameters": { "query": ["two words", "ü"] },
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdef123",
            "authorizer": { "principalId": "ada", "username": "ada", "integrationLatency": 3 },
            "domainName": "abcdef123.execute-api.us-east-1.amazonaws.com",
            "extendedRequestId": "GlM8hFHqIAMFfcA=",
            "httpMethod": method,
            "identity": { "sourceIp": "192.0.2.1", "userAgent": "curl/8.5.0" },
            "path": format!("/dev{path}"),
            "protocol": "HTTP/1.1",
            "requestId": "a7b1c2d3-0000-4000-8000-000000000001",
            "requestTimeEpoch": 1_579_622_288_000_u64,
            "resourceId": "x1y2z3",
            "resourcePath": resource,
            "stage": "dev",
        },
        "body": null,
        "isBase64Encoded": false,
    })
}
