//! Connections to model servers, kept by the thread that made them: the last one given back is the first one taken, so
//! that the others can grow old and be closed.

mod connection;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::registry::{Endpoint, Upstream};

pub use connection::Coming;
use connection::Connection;

/// An idle connection older than this is closed: servers close theirs after 60 s (nginx) or 5 s (uvicorn), and a request
/// on one that is closing is lost.
const IDLE: Duration = Duration::from_secs(4);

/// Idle connections of one endpoint and thread.
const KEPT: usize = 64;

/// After which silence a server is asked whether it is still there.
const ALIVE: Duration = Duration::from_secs(15);

/// For how long what was sent may not be acknowledged.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// A request as it is sent.
pub type Outgoing = Request<Full<Bytes>>;

/// The connections of one thread.
#[derive(Clone)]
pub struct Pool {
    idle: Rc<Idle>,
    tls: Option<TlsConnector>,
}

/// Connections that nobody uses, by endpoint; the oldest first.
#[derive(Default)]
struct Idle {
    connections: RefCell<BTreeMap<u64, Vec<(Instant, Connection)>>>,
    /// Whether somebody closes those that have grown old.
    is_swept: Cell<bool>,
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// No connection could be made.
    #[error("no connection: {0}")]
    Connect(#[source] io::Error),
    /// The connection ended before an answer began.
    #[error("the connection ended: {0}")]
    Broken(#[source] hyper::Error),
    /// No answer began in time.
    #[error("no answer in time")]
    Slow,
}

impl Pool {
    /// An empty pool. Without a way to verify certificates, servers that speak TLS are out of reach.
    pub fn new(tls: Option<Arc<rustls::ClientConfig>>) -> Self {
        Self { idle: Rc::default(), tls: tls.map(TlsConnector::from) }
    }

    /// Sends a request on an idle connection or a new one, and waits so long until the answer begins.
    pub async fn send(
        &self,
        endpoint: &Endpoint,
        upstream: &Upstream,
        mut request: Outgoing,
        limit: Duration,
    ) -> Result<Response<Coming>, SendError> {
        let coming = |answer: Response<Incoming>, connection| {
            answer.map(|body| Coming::new(body, connection, endpoint.id, self.clone()))
        };
        while let Some(mut connection) = self.take(endpoint.id) {
            match connection.ask(request, limit).await {
                Ok(answer) => return Ok(coming(answer, connection)),
                // It was closed while it was idle, and the request was not sent: another one may be open.
                Err((_, Some(unsent))) => request = unsent,
                Err((error, None)) => return Err(error),
            }
        }
        let mut connection = self.connect(endpoint, upstream).await.map_err(SendError::Connect)?;
        let answer = connection.ask(request, limit).await.map_err(|(error, _)| error)?;
        Ok(coming(answer, connection))
    }

    fn take(&self, endpoint: u64) -> Option<Connection> {
        let mut idle = self.idle.connections.borrow_mut();
        let (since, connection) = idle.get_mut(&endpoint)?.pop()?;
        // The others are older still, and are swept away.
        (since.elapsed() < IDLE).then_some(connection)
    }

    fn put(&self, endpoint: u64, connection: Connection) {
        let mut idle = self.idle.connections.borrow_mut();
        let connections = idle.entry(endpoint).or_default();
        if connections.len() < KEPT {
            connections.push((Instant::now(), connection));
        }
        if !self.idle.is_swept.replace(true) {
            tokio::task::spawn_local(sweep(Rc::clone(&self.idle)));
        }
    }

    async fn connect(&self, endpoint: &Endpoint, upstream: &Upstream) -> io::Result<Connection> {
        let timed_out = |_| io::Error::new(io::ErrorKind::TimedOut, "no connection in time");
        tokio::time::timeout(endpoint.times.connect, self.dial(upstream)).await.map_err(timed_out)?
    }

    async fn dial(&self, upstream: &Upstream) -> io::Result<Connection> {
        let stream = TcpStream::connect((upstream.host.as_str(), upstream.port)).await?;
        stream.set_nodelay(true)?;
        // A host that is gone without a word takes its connections with it.
        let socket = SockRef::from(&stream);
        socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(ALIVE).with_interval(ALIVE))?;
        socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED))?;
        if !upstream.tls {
            return Connection::over(TokioIo::new(stream)).await;
        }
        let unable = || io::Error::other("no certificate authorities are known to this machine");
        let connector = self.tls.as_ref().ok_or_else(unable)?;
        let name = ServerName::try_from(upstream.host.clone()).map_err(io::Error::other)?;
        Connection::over(TokioIo::new(connector.connect(name, stream).await?)).await
    }
}

/// Closes what grows old, until nothing is idle.
async fn sweep(idle: Rc<Idle>) {
    loop {
        tokio::time::sleep(IDLE / 2).await;
        let now = Instant::now();
        let mut connections = idle.connections.borrow_mut();
        connections.retain(|_, kept| {
            kept.retain(|(since, _)| now.duration_since(*since) < IDLE);
            !kept.is_empty()
        });
        if connections.is_empty() {
            idle.is_swept.set(false);
            return;
        }
    }
}

/// What certificates of model servers are verified by: the machine's authorities, and those of `SSL_CERT_FILE`. `None`
/// where there are none.
pub fn authorities() -> Option<Arc<rustls::ClientConfig>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return None;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    Some(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}
