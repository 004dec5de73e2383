//! The listener and its threads: one for each processor, each with a listener of its own on the same address.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Either;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use lisa_service::runner;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::task::LocalSet;

use crate::beside::Beside;
use crate::bill;
use crate::body::{Body, Error};
use crate::gateway::{Gateway, Shared};
use crate::pool::{self, Pool};

/// For how long the head of a request may be on its way.
const HEAD: Duration = Duration::from_secs(15);

/// Bytes that a request's head may have, and the fields in it.
const HEAD_BYTES: usize = 64 * 1024;
const HEAD_FIELDS: usize = 100;

/// For how long a caller may not read what is sent to it: a model must not work for somebody who does not listen.
const UNREAD: Duration = Duration::from_secs(90);

/// Connections that wait to be taken.
const BACKLOG: i32 = 4096;

/// For how long requests may take to end once the process is asked to: what is left of the time that it is given belongs to
/// the usage of the last ones, which is written once they have ended.
const DRAIN: Duration = runner::DRAIN.saturating_sub(bill::END).saturating_sub(Duration::from_secs(1));

/// What the server is started with.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Where it listens.
    pub address: SocketAddr,
    /// Threads that serve.
    pub threads: usize,
    /// Bytes of bodies that all of them together may hold.
    pub bodies: usize,
}

/// A server that is running.
pub struct Server {
    threads: Vec<std::thread::JoinHandle<()>>,
    stop: watch::Sender<bool>,
    address: SocketAddr,
}

impl Server {
    /// Binds every listener, so that a port which is taken is known at once, and starts the threads.
    pub fn start(settings: Settings, shared: &Arc<Shared>) -> io::Result<Self> {
        Self::start_beside(settings, shared, None)
    }

    /// As [`Server::start`], with something that takes requests before the gateway does.
    pub fn start_beside(
        settings: Settings,
        shared: &Arc<Shared>,
        beside: Option<&Arc<dyn Beside>>,
    ) -> io::Result<Self> {
        let first = listen(settings.address)?;
        let address = first.local_addr()?;
        let mut listeners = vec![first];
        for _ in 1..settings.threads.max(1) {
            listeners.push(listen(address)?);
        }
        let (stop, stopped) = watch::channel(false);
        let tls = pool::authorities();
        let bodies = settings.bodies / listeners.len();
        let mut threads = Vec::new();
        for (number, listener) in listeners.into_iter().enumerate() {
            let (shared, stopped, tls) = (Arc::clone(shared), stopped.clone(), tls.clone());
            let beside = beside.cloned();
            let run = move || {
                let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
                let gateway = Gateway::new(shared, Pool::new(tls), bodies, seed(number));
                let house = Rc::new(House { gateway, beside });
                LocalSet::new().block_on(&runtime, serve(listener, house, stopped));
            };
            threads.push(std::thread::Builder::new().name(format!("serve-{number}")).spawn(run)?);
        }
        Ok(Self { threads, stop, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more requests, lets those under way end, and returns when all have.
    pub fn stop(self) {
        // Threads that are gone already need no telling.
        let _ = self.stop.send(true);
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

/// Who answers on one thread.
struct House {
    gateway: Gateway,
    beside: Option<Arc<dyn Beside>>,
}

impl House {
    async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Either<Body, UnsyncBoxBody<Bytes, Error>>>, Infallible> {
        let taken = match &self.beside {
            Some(beside) => beside.take(request),
            None => Err(request),
        };
        let request = match taken {
            Ok(answer) => return Ok(answer.await.map(Either::Right)),
            Err(request) => request,
        };
        Ok(self.gateway.answer(request).await?.map(Either::Left))
    }
}

/// Different in every thread and process: ids of requests must not meet.
fn seed(number: usize) -> u64 {
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let nanos = u64::try_from(time.as_nanos() & u128::from(u64::MAX)).unwrap_or_default();
    nanos ^ (u64::from(std::process::id()) << 32) ^ ((number as u64) << 56)
}

fn listen(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

async fn serve(listener: std::net::TcpListener, house: Rc<House>, mut stopped: watch::Receiver<bool>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let open = Rc::new(());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let (house, stopped, open) = (Rc::clone(&house), stopped.clone(), Rc::clone(&open));
                    tokio::task::spawn_local(async move {
                        connection(stream, house, stopped).await;
                        drop(open);
                    });
                }
                // Out of file descriptors, mostly: others will close theirs.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            _ = stopped.changed() => break,
        }
    }
    drop(listener);
    let deadline = tokio::time::Instant::now() + DRAIN;
    while Rc::strong_count(&open) > 1 && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn connection(stream: TcpStream, house: Rc<House>, mut stopped: watch::Receiver<bool>) {
    // A socket that takes no options is about to fail anyway.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(UNREAD));
    let service = service_fn(move |request| {
        let house = Rc::clone(&house);
        async move { house.answer(request).await }
    });
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEAD_FIELDS)
            .serve_connection(TokioIo::new(stream), service)
    );
    tokio::select! {
        // Callers that go away are no news.
        _ = connection.as_mut() => return,
        _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_usage_is_written_before_the_process_has_to_be_gone() {
        assert!(DRAIN + bill::END < runner::DRAIN);
        assert!(DRAIN >= Duration::from_secs(15), "requests under way need time, too");
    }
}
