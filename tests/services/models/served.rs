//! A real small model as LISA hosts it: made on the emulator with SmolLM2 in its container, and asked through the gateway,
//! which knows it by the deployment's table and finds it by the name of its load balancer.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;

use lisa_stacks::{Naming, parts::MODEL_TABLE};
use lisa_testkit::{engine, programs};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::super::environment;
use super::super::process::{Process, free_address, send};
use super::api::{KEY, keep_key};
use super::place::{Place, SMALL, request};

/// What it is called in the bucket of weights.
const NAME: &str = "HuggingFaceTB/SmolLM2-135M-Instruct";

/// A program runs where the file after this is the list of hosts.
const WHERE_HOSTS_ARE_KNOWN: &str = r#"mount --bind "$1" /etc/hosts && shift && exec "$@""#;

/// The gateway of a deployment.
struct Gateway {
    address: SocketAddr,
    process: Process,
    _hosts: NamedTempFile,
}

impl Gateway {
    /// Starts it with the variables of its task, where a load balancer's name leads to the emulator.
    fn start(place: &Place, balancer: &str) -> Self {
        let hosts = NamedTempFile::new().unwrap();
        let leads = lead(place.proxy.url().trim_start_matches("http://").parse().unwrap());
        fs::write(&hosts, format!("127.0.0.1 localhost\n{leads} {balancer}\n")).unwrap();
        let address = free_address();
        let mut command = Command::new("unshare");
        command
            .args(["--map-root-user", "--mount", "sh", "-c", WHERE_HOSTS_ARE_KNOWN, "sh"])
            .arg(hosts.path());
        command.arg(programs::service("lisa-serve").unwrap()).args(["--listen", &address.to_string()]);
        let (table, url) = (Naming::new(&place.config).table(MODEL_TABLE), place.emulator.url());
        let mut variables = environment::of("lisa-serve");
        variables.extend([("MODEL_TABLE_NAME", table.as_str()), ("AWS_ENDPOINT_URL", &url)]);
        let mut process = Process::start(command, &variables);
        process.listens(address);
        Self { address, process, _hosts: hosts }
    }

    /// Asks until the answer has this status: the gateway looks at the table now and then.
    fn answers(&mut self, status: u16) -> String {
        let (begins, mut answer) = (format!("HTTP/1.1 {status} "), String::new());
        self.process.wait_for(|| {
            answer = ask(self.address, false);
            answer.starts_with(&begins)
        });
        answer
    }
}

/// What the model answers to a question, as the gateway passes it on.
fn ask(gateway: SocketAddr, streams: bool) -> String {
    let messages = json!([{ "role": "user", "content": "What is the capital of France?" }]);
    let body = json!({ "model": "small", "messages": messages, "max_tokens": 16, "stream": streams });
    let bearer = format!("Bearer {KEY}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    send(gateway, "POST", "/v2/serve/chat/completions", &headers, body.to_string().as_bytes())
}

/// Passes on what comes to port 80 of an address of loopback that is this process's own.
fn lead(to: SocketAddr) -> Ipv4Addr {
    let [_, _, high, low] = std::process::id().to_be_bytes();
    let address = Ipv4Addr::new(127, 80, high, low);
    let listener = TcpListener::bind((address, 80)).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A connection that breaks is noticed by both who hold it.
            thread::spawn(move || drop(pass(&stream, to)));
        }
    });
    address
}

fn pass(mut client: &TcpStream, to: SocketAddr) -> io::Result<()> {
    let server = TcpStream::connect(to)?;
    let (mut from, mut onward) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut onward);
        onward.shutdown(Shutdown::Write)
    });
    io::copy(&mut &server, &mut client)?;
    client.shutdown(Shutdown::Write)
}

/// The words of a streamed answer.
fn streamed(answer: &str) -> Vec<String> {
    let events = answer.lines().filter_map(|line| line.trim_end().strip_prefix("data: "));
    let chunks = events.filter_map(|event| serde_json::from_str::<Value>(event).ok());
    chunks.filter_map(|chunk| Some(chunk["choices"][0]["delta"]["content"].as_str()?.to_owned())).collect()
}

#[test]
fn a_real_small_model_is_hosted_and_asked_through_the_gateway() {
    engine::image::build(SMALL).unwrap();
    let place = Place::set();
    place.describe(NAME, "{}");
    keep_key(&place);
    let mut wanted = request("small");
    wanted["modelName"] = json!(NAME);
    wanted["containerConfig"]["baseImage"] = json!(SMALL);
    place.write("model.json", &wanted);
    let added = place.does(&["model", "add", "-f", "model.json", "--wait"]);
    assert_eq!(added["status"], "InService", "{added}");
    let url = added["modelUrl"].as_str().unwrap();
    let balancer = url.trim_start_matches("http://").split('/').next().unwrap();

    let mut gateway = Gateway::start(&place, balancer);
    let whole = gateway.answers(200);
    let (_, body) = whole.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let said = body["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(said.contains("Paris"), "{body}");
    assert!(body["usage"]["completion_tokens"].as_u64().unwrap() > 4, "{body}");
    let answer = ask(gateway.address, true);
    let pieces = streamed(&answer);
    assert!(pieces.len() > 4 && pieces.concat() == said && answer.contains("[DONE]"), "{answer}");

    let changed =
        place.does(&["model", "update", "small", "--environment", "MAX_TOTAL_TOKENS=512", "--wait"]);
    assert_eq!(changed["status"], "InService", "{changed}");
    assert!(gateway.answers(200).contains("Paris"), "the new engine answers");
    assert_eq!(place.does(&["model", "stop", "small", "--wait"])["status"], "Stopped");
    assert!(gateway.answers(404).contains("small"), "what is stopped is not served");
    assert_eq!(place.does(&["model", "start", "small", "--wait"])["status"], "InService");
    assert!(gateway.answers(200).contains("Paris"), "it is served again");
    place.does(&["model", "delete", "small", "--yes", "--wait"]);
    assert!(gateway.answers(404).contains("small"), "what is gone is not served");
}
