//! One connection to a model server, driven by whoever waits for its answer: a task of its own between the two would cost two
//! wake-ups for each part of an answer.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};

use super::{IDLE, Outgoing, Pool, SendError};

/// A connection. Dropped it closes, so that a server stops working for nobody.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// What reads and writes; gone once the connection has ended.
    driver: Option<Pin<Box<dyn Future<Output = hyper::Result<()>>>>>,
}

impl Connection {
    /// Speaks HTTP over a stream.
    pub(super) async fn over<S>(stream: S) -> io::Result<Self>
    where
        S: hyper::rt::Read + hyper::rt::Write + Unpin + 'static,
    {
        let (sender, driver) = http1::handshake(stream).await.map_err(io::Error::other)?;
        Ok(Self { sender, driver: Some(Box::pin(driver)) })
    }

    /// Asks, and returns the request where it was not sent.
    pub(super) async fn ask(
        &mut self,
        request: Outgoing,
        limit: Duration,
    ) -> Result<Response<Incoming>, (SendError, Option<Outgoing>)> {
        let mut answer = pin!(self.sender.try_send_request(request));
        let driver = &mut self.driver;
        let asked = poll_fn(|context| {
            drive(driver, context);
            answer.as_mut().poll(context)
        });
        match tokio::time::timeout(limit, asked).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(mut error)) => {
                let unsent = error.take_message();
                Err((SendError::Broken(error.into_error()), unsent))
            }
            Err(_) => Err((SendError::Slow, None)),
        }
    }

    /// Whether it can take a request, as far as is known without looking.
    fn is_ready(&self) -> bool {
        self.driver.is_some() && self.sender.is_ready()
    }

    /// Does what the last answer has left to do, as far as that can be done at once; whether it can take a request now. Nobody
    /// is woken for it from now on.
    fn settle(&mut self) -> bool {
        drive(&mut self.driver, &mut Context::from_waker(Waker::noop()));
        self.is_ready()
    }

    /// Does what the last answer has left to do; whether it can take another request.
    async fn settled(&mut self) -> bool {
        poll_fn(|context| {
            drive(&mut self.driver, context);
            if self.driver.is_none() { Poll::Ready(Ok(())) } else { self.sender.poll_ready(context) }
        })
        .await
        .is_ok_and(|()| self.is_ready())
    }
}

/// How a connection ended is told to whoever waits for an answer.
fn drive(driver: &mut Option<Pin<Box<dyn Future<Output = hyper::Result<()>>>>>, context: &mut Context<'_>) {
    if driver.as_mut().is_some_and(|driver| driver.as_mut().poll(context).is_ready()) {
        *driver = None;
    }
}

/// The body of an answer on its way, with the connection that it comes on. Dropped before it is given back it closes the
/// connection.
pub struct Coming {
    body: Incoming,
    connection: Connection,
    endpoint: u64,
    pool: Pool,
}

impl Coming {
    pub(super) fn new(body: Incoming, connection: Connection, endpoint: u64, pool: Pool) -> Self {
        Self { body, connection, endpoint, pool }
    }

    /// Gives the connection back once it can take another request.
    pub fn give_back(self) {
        let Self { mut connection, endpoint, pool, .. } = self;
        if connection.settle() {
            pool.put(endpoint, connection);
            return;
        }
        tokio::task::spawn_local(async move {
            // A server that answers before it has read everything, and then reads no more, is not waited for.
            if tokio::time::timeout(IDLE, connection.settled()).await == Ok(true) {
                pool.put(endpoint, connection);
            }
        });
    }
}

impl Body for Coming {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Self { body, connection, .. } = &mut *self;
        let polled = Pin::new(&mut *body).poll_frame(context);
        if polled.is_ready() {
            return polled;
        }
        drive(&mut connection.driver, context);
        Pin::new(body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
