//! Connections to model servers, kept by the thread that made them: the last one given back is the first one taken, so
//! that the others can grow old and be closed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;

use crate::registry::{Endpoint, Upstream};

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
    idle: Rc<RefCell<BTreeMap<u64, Vec<Idle>>>>,
    tls: Option<TlsConnector>,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// Ends the task that drives the connection, and with it the connection.
    driver: AbortHandle,
}

/// A connection in use. Dropped before it is given back it closes, so that a server stops working for nobody.
pub struct Lease {
    connection: Option<Connection>,
    endpoint: u64,
    pool: Pool,
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
    ) -> Result<(Response<Incoming>, Lease), SendError> {
        while let Some(connection) = self.take(endpoint.id) {
            let mut lease = Lease { connection: Some(connection), endpoint: endpoint.id, pool: self.clone() };
            match lease.ask(request, limit).await {
                Ok(answer) => return Ok((answer, lease)),
                // It was closed while it was idle, and the request was not sent: another one may be open.
                Err((_, Some(unsent))) => request = unsent,
                Err((error, None)) => return Err(error),
            }
        }
        let connection = self.connect(endpoint, upstream).await.map_err(SendError::Connect)?;
        let mut lease = Lease { connection: Some(connection), endpoint: endpoint.id, pool: self.clone() };
        let answer = lease.ask(request, limit).await.map_err(|(error, _)| error)?;
        Ok((answer, lease))
    }

    fn take(&self, endpoint: u64) -> Option<Connection> {
        let mut idle = self.idle.borrow_mut();
        let connections = idle.get_mut(&endpoint)?;
        while let Some(Idle { connection, since }) = connections.pop() {
            if since.elapsed() < IDLE && connection.sender.is_ready() {
                return Some(connection);
            }
        }
        None
    }

    fn put(&self, endpoint: u64, connection: Connection) {
        let mut idle = self.idle.borrow_mut();
        let connections = idle.entry(endpoint).or_default();
        connections.retain(|idle| idle.since.elapsed() < IDLE);
        if connections.len() < KEPT {
            connections.push(Idle { connection, since: Instant::now() });
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
            return shake_hands(TokioIo::new(stream)).await;
        }
        let unable = || io::Error::other("no certificate authorities are known to this machine");
        let connector = self.tls.as_ref().ok_or_else(unable)?;
        let name = ServerName::try_from(upstream.host.clone()).map_err(io::Error::other)?;
        shake_hands(TokioIo::new(connector.connect(name, stream).await?)).await
    }
}

async fn shake_hands<S>(stream: S) -> io::Result<Connection>
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin + 'static,
{
    let (sender, connection) = http1::handshake(stream).await.map_err(io::Error::other)?;
    // How it ended is told to whoever waits for an answer.
    let driver = tokio::task::spawn_local(async move { drop(connection.await) });
    Ok(Connection { sender, driver: driver.abort_handle() })
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Lease {
    /// Asks, and returns the request where it was not sent.
    async fn ask(
        &mut self,
        request: Outgoing,
        limit: Duration,
    ) -> Result<Response<Incoming>, (SendError, Option<Outgoing>)> {
        let Some(connection) = &mut self.connection else { return Err((SendError::Slow, Some(request))) };
        match tokio::time::timeout(limit, connection.sender.try_send_request(request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(mut error)) => {
                let unsent = error.take_message();
                Err((SendError::Broken(error.into_error()), unsent))
            }
            Err(_) => Err((SendError::Slow, None)),
        }
    }

    /// Gives the connection back once it can take another request.
    pub fn give_back(mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        let (pool, endpoint) = (self.pool.clone(), self.endpoint);
        if connection.sender.is_ready() {
            pool.put(endpoint, connection);
            return;
        }
        tokio::task::spawn_local(async move {
            if connection.sender.ready().await.is_ok() {
                pool.put(endpoint, connection);
            }
        });
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
