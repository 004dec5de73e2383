//! What may stand beside the gateway on its listener: something that takes some of the requests.

use std::pin::Pin;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;

use crate::body::Error;

/// An answer on its way. It stays on the thread of its connection.
pub type Answering = Pin<Box<dyn Future<Output = Response<UnsyncBoxBody<Bytes, Error>>>>>;

/// Something beside the gateway.
pub trait Beside: Send + Sync {
    /// Answers a request that is not the gateway's, or gives it back, perhaps with other headers.
    #[expect(clippy::result_large_err, reason = "the error is the request itself, handed on at once")]
    fn take(&self, request: Request<Incoming>) -> Result<Answering, Request<Incoming>>;
}
