//! A gateway, a model server that does as it is told, and a caller that reads bytes.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use lisa_api::settings::AuthSettings;
use lisa_auth::api_token::Row;
use lisa_auth::sources::{SystemClock, Tokens, Unavailable};
use lisa_auth::{Authenticator, Policy};

use crate::bill::Bills;
use crate::cache::Cache;
use crate::gateway::Shared;
use crate::log::Log;
use crate::metrics::Metrics;
use crate::origin::Origins;
use crate::parallel::Parallel;
use crate::rate::Limits;
use crate::registry::{Endpoint, Kind, Model, Registry, Target, Times, Upstream};
use crate::server::{Server, Settings};

/// A token of a user in the group `users`.
pub(super) const USER: &str = "user-token";
/// A token of an administrator.
pub(super) const ADMIN: &str = "admin-token";

struct Table;

#[async_trait]
impl Tokens for Table {
    async fn get(&self, key: &str) -> Result<Option<Row>, Unavailable> {
        let group = match key {
            USER => "users",
            ADMIN => "admins",
            _ => return Ok(None),
        };
        Ok(Some(Row { groups: [group.to_owned()].into(), ..Row::default() }))
    }
}

/// What a model server does with a connection, after it has read one request from it.
pub(crate) type Reply = Arc<dyn Fn(&Request, &mut TcpStream) -> Keep + Send + Sync>;

/// Whether a connection is read from again.
#[derive(PartialEq, Eq)]
pub(crate) enum Keep {
    Open,
    Closed,
}

/// A request as it arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(super) line: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// A model server.
pub(crate) struct Origin {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    connections: Arc<Mutex<usize>>,
    gone: mpsc::Receiver<()>,
}

impl Origin {
    pub(crate) fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (requests, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let (sender, gone) = mpsc::channel();
        let (kept, counted) = (Arc::clone(&requests), Arc::clone(&connections));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                *counted.lock().unwrap() += 1;
                let (reply, kept, sender) = (Arc::clone(&reply), Arc::clone(&kept), sender.clone());
                thread::spawn(move || converse(stream, &reply, &kept, &sender));
            }
        });
        Self { address, requests, connections, gone }
    }

    /// One that answers every request so.
    pub(super) fn saying(head: &'static str, body: &'static str) -> Self {
        Self::start(Arc::new(move |_, stream| {
            let length = body.len();
            write!(stream, "HTTP/1.1 {head}\r\nContent-Length: {length}\r\n\r\n{body}")
                .expect("the caller is there");
            Keep::Open
        }))
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Forgets the requests that have come.
    pub(super) fn forget(&self) {
        *self.requests.lock().unwrap() = Vec::new();
    }

    pub(super) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    /// Waits until a connection is closed by its other end.
    pub(super) fn wait_until_left(&self, limit: Duration) -> bool {
        self.gone.recv_timeout(limit).is_ok()
    }
}

fn converse(mut stream: TcpStream, reply: &Reply, kept: &Mutex<Vec<Request>>, gone: &mpsc::Sender<()>) {
    while let Some(request) = read_request(&mut stream) {
        kept.lock().unwrap().push(request.clone());
        if reply(&request, &mut stream) == Keep::Closed {
            return;
        }
    }
    // The test may have ended, which is no concern of the server's.
    let _ = gone.send(());
}

fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let head = read_head(stream)?;
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().expect("a length"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Request { line, headers, body })
}

fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

/// The head of a stream in chunks.
pub(super) fn streamed(kind: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n")
}

/// Bytes as a chunk of a stream.
pub(super) fn chunk(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

/// A model with these endpoints.
pub(super) fn model(name: &str, endpoints: Vec<Endpoint>) -> Model {
    Model {
        name: name.to_owned(),
        endpoints: endpoints.into_iter().map(Arc::new).collect(),
        ..Model::default()
    }
}

/// An endpoint that speaks OpenAI's protocol.
pub(super) fn server(id: u64, address: SocketAddr) -> Endpoint {
    let upstream = Upstream::parse(&format!("http://{address}/v1")).expect("a URL").with_stream_options();
    Endpoint::new(id, Target::Http(upstream.with_key("secret").expect("a key")))
}

/// What a caller got.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

/// A gateway with models that these servers answer for.
pub(super) struct Stage {
    pub(super) address: SocketAddr,
    pub(super) shared: Arc<Shared>,
    server: Option<Server>,
}

/// A model, by its name, the groups that may use it, its name at the servers, and where these are.
pub(super) struct Cast<'a>(
    pub(super) &'a str,
    pub(super) &'a [&'a str],
    pub(super) Option<&'a str>,
    pub(super) &'a [SocketAddr],
);

impl Stage {
    pub(super) fn new(cast: &[Cast<'_>]) -> Self {
        Self::patient(cast, Duration::from_secs(20))
    }

    /// One that waits for so long until an answer begins.
    pub(super) fn patient(cast: &[Cast<'_>], first_byte: Duration) -> Self {
        let mut ids = 0..;
        let mut endpoint = |address: &SocketAddr, model: Option<&str>| {
            Arc::new(Endpoint {
                model: model.map(str::to_owned),
                times: Times { connect: Duration::from_secs(2), first_byte, ..Times::default() },
                ..server(ids.next().expect("a number"), *address)
            })
        };
        let models = cast.iter().map(|Cast(name, groups, model, addresses)| Model {
            name: (*name).to_owned(),
            kind: Kind::Textgen,
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            endpoints: addresses.iter().map(|address| endpoint(address, *model)).collect(),
            ..Model::default()
        });
        Self::serving(models.collect(), 1 << 27)
    }

    /// One with these models, which holds so many bytes of bodies.
    pub(super) fn serving(models: Vec<Model>, bodies: usize) -> Self {
        let shared = Arc::new(Shared {
            authenticator: Authenticator::new(policy(), Arc::new(SystemClock)).with_tokens(Arc::new(Table)),
            registry: Registry::new(models),
            metrics: Arc::new(Metrics::default()),
            log: Log::none(),
            origins: Origins::parse("https://page.example.com"),
            limits: Some(Limits::new(200, 0, &serde_json::Map::new())),
            parallel: Parallel::default(),
            cache: Cache::default(),
            tracer: None,
            bills: Bills::default(),
        });
        let address = (Ipv4Addr::LOCALHOST, 0).into();
        let server = Server::start(Settings { address, threads: 1, bodies }, &shared).expect("a server");
        Self { address: server.address(), shared, server: Some(server) }
    }

    pub(super) fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop();
        }
    }

    /// A connection, with a request sent on it.
    pub(super) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).expect("the gateway");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
        let fields: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let fields = fields.concat();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n{fields}Content-Length: {length}\r\n\r\n{body}"
        )
        .expect("the gateway reads");
        stream
    }

    pub(super) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        read_answer(self.send(method, path, headers, body))
    }

    /// What a user asks for.
    pub(super) fn post(&self, path: &str, body: &str) -> Answer {
        let headers = [("Authorization", "Bearer user-token"), ("Content-Type", "application/json")];
        self.ask("POST", path, &headers, body)
    }

    /// A chat completion that a user asks for.
    pub(super) fn chat(&self, body: &str) -> Answer {
        self.ask("POST", "/v2/serve/chat/completions", &[("Authorization", "Bearer user-token")], body)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop();
    }
}

pub(super) fn read_answer(mut stream: TcpStream) -> Answer {
    let head = read_head(&mut stream).expect("an answer");
    let mut rest = Vec::new();
    // A model that breaks off breaks this off, too.
    let _ = stream.read_to_end(&mut rest);
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let head = head.to_lowercase();
    let body = if head.contains("transfer-encoding: chunked") { unchunked(&rest) } else { rest };
    Answer { status, head, body: String::from_utf8_lossy(&body).into_owned() }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let size =
            std::str::from_utf8(&rest[..end]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let Some(size) = size.filter(|size| *size > 0 && rest.len() >= end + 2 + size) else { break };
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[(end + 4 + size).min(rest.len())..];
    }
    body
}

fn policy() -> Policy {
    let some = |text: &str| Some(text.to_owned());
    let settings = AuthSettings {
        use_auth: "true".to_owned(),
        token_table: some("tokens"),
        admin_group: some("admins"),
        authority: None,
        client_id: None,
        user_group: None,
        api_group: None,
        rag_admin_group: None,
        groups_property: None,
        management_secret: None,
    };
    Policy::new(&settings).expect("a policy")
}
