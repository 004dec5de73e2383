//! A service on a socket: what it says at start, how it ends.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use lisa_testkit::programs;

use super::environment::{self, SERVICES};
use super::process::{Process, ask, free_address};

fn listening(service: &str) -> (Process, std::net::SocketAddr) {
    let address = free_address();
    let mut command = Command::new(programs::service(service).unwrap());
    command.args(["--listen", &address.to_string()]);
    let mut process = Process::start(command, &environment::of(service));
    process.listens(address);
    (process, address)
}

#[test]
fn requests_under_way_are_finished_at_the_end() {
    let (mut process, address) = listening("lisa-models");
    let mut stream = TcpStream::connect(address).unwrap();
    // Half of a request: it is under way, and its answer is not.
    write!(stream, "GET /openapi.json HTTP/1.1\r\nHost: x\r\n").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(200));
    process.terminate();
    let log = |process: &Process| process.log();
    for _ in 0..500 {
        if log(&process).contains("finishes the requests under way") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    write!(stream, "Connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("\"3.1.0\""), "{answer}");
    assert!(process.ended().success(), "{}", process.log());
}

#[test]
fn a_log_line_has_the_route_and_nothing_of_the_caller() {
    let (process, address) = listening("lisa-rag");
    let answer = ask(address, "GET", "/repository/private-name/similaritySearch?query=private-words");
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    let log = process.log();
    assert!(log.contains("/repository/{repositoryId}/similaritySearch"), "{log}");
    assert!(!log.contains("private"), "{log}");
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
}

#[test]
fn all_that_is_missing_is_named_at_start() {
    for service in SERVICES {
        let mut process = Process::start(Command::new(programs::service(service).unwrap()), &[]);
        assert_eq!(process.ended().code(), Some(1));
        for (name, _) in environment::required(service) {
            assert!(process.log().contains(&format!("`{name}` is missing")), "{service}:\n{}", process.log());
        }
    }
}

#[test]
fn a_service_of_events_has_nothing_to_listen_for() {
    let command = Command::new(programs::service("lisa-authorizer").unwrap());
    let mut process = Process::start(command, &environment::of("lisa-authorizer"));
    assert_eq!(process.ended().code(), Some(1));
    assert!(process.log().contains("handles events of AWS Lambda"), "{}", process.log());
}

#[test]
fn every_program_names_itself() {
    for service in SERVICES {
        let program = programs::service(service).unwrap();
        let said = |argument: &str| {
            let output = Command::new(&program).arg(argument).env_clear().output().unwrap();
            assert!(output.status.success() && output.stderr.is_empty(), "{service} {argument}");
            String::from_utf8(output.stdout).unwrap()
        };
        assert_eq!(said("--version"), format!("{service} {}\n", env!("CARGO_PKG_VERSION")));
        assert!(said("--help").contains("--health-check"));
    }
}
