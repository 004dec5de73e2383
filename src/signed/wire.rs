//! The HTTP client that every call shares: one TLS stack, certificate authorities of one's own, proxies, time-outs.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpConnector as _, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::error::error_chain;

/// A host that does not take a connection in this time is not there.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// A pool of connections with its TLS settings. A clone is the same pool.
#[derive(Clone, Debug)]
pub struct Wire {
    connector: SharedHttpConnector,
}

/// The HTTP client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The bundle of certificate authorities cannot be read.
    #[error("the certificate bundle `{path}` cannot be read: {source}")]
    Unreadable {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The bundle of certificate authorities is not one.
    #[error("the certificate bundle `{path}` is no list of certificates in PEM: {reason}")]
    NotCertificates {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is nothing to verify a server's certificate by.
    #[error(
        "this machine has no certificate authorities; `SSL_CERT_FILE` or `AWS_CA_BUNDLE` names a file of them"
    )]
    NoAuthorities,
    /// The HTTP library refuses, for example because of a wrong address of a proxy.
    #[error("the HTTP client cannot be made: {0}")]
    NoClient(String),
}

/// Why no answer came.
pub(crate) struct NoAnswer(pub(crate) String);

impl Wire {
    /// A client that trusts the machine's certificate authorities and those of a bundle in PEM, and takes the way over the
    /// proxy that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` name.
    pub fn new(bundle: Option<&Path>) -> Result<Self, WireError> {
        // The TLS stack panics where it is to trust the machine's authorities and there are none.
        let has_own = !rustls_native_certs::load_native_certs().certs.is_empty();
        let mut trust = if has_own { TrustStore::default() } else { TrustStore::empty() };
        match bundle {
            Some(path) => {
                trust.add_pem_certificate(read_bundle(path)?);
            }
            None if !has_own => return Err(WireError::NoAuthorities),
            None => {}
        }
        let context = TlsContext::builder().with_trust_store(trust).build().unwrap_or_default();
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_LIMIT).build();
        let connector = Connector::builder()
            .connector_settings(settings)
            .proxy_config(ProxyConfig::from_env())
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(context)
            .build();
        Ok(Self { connector: SharedHttpConnector::new(connector) })
    }

    /// The same client for the SDK's crates.
    pub fn http_client(&self) -> SharedHttpClient {
        let connector = self.connector.clone();
        http_client_fn(move |_, _| connector.clone())
    }

    /// Gets a document, unsigned, whatever its status; redirects are not followed. The error says why no answer came.
    pub async fn get(&self, url: &str) -> Result<http::Response<Bytes>, String> {
        let request = http::Request::get(url).body(Bytes::new()).map_err(|error| error.to_string())?;
        self.send(request).await.map_err(|why| why.0)
    }

    /// Sends any request unsigned and reads its answer whole, whatever its status. The error says why no answer came.
    pub async fn fetch(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, String> {
        self.send(request).await.map_err(|why| why.0)
    }

    /// Sends a request and reads its answer whole.
    pub(crate) async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, NoAnswer> {
        let request = request.map(SdkBody::from).try_into().map_err(|error| no_answer(&error))?;
        let answer = self.connector.call(request).await.map_err(|error| no_answer(&error))?;
        let answer = answer.try_into_http1x().map_err(|error| no_answer(&error))?;
        let (head, body) = answer.into_parts();
        let body = ByteStream::new(body).collect().await.map_err(|error| no_answer(&error))?;
        Ok(http::Response::from_parts(head, body.into_bytes()))
    }
}

fn no_answer(error: &(dyn std::error::Error + 'static)) -> NoAnswer {
    NoAnswer(error_chain(error))
}

/// Reads a bundle and makes sure of each certificate in it: the TLS stack takes it for granted that they are.
fn read_bundle(path: &Path) -> Result<Vec<u8>, WireError> {
    let text = fs::read(path).map_err(|source| WireError::Unreadable { path: path.to_owned(), source })?;
    let wrong = |reason: String| WireError::NotCertificates { path: path.to_owned(), reason };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("it holds none".to_owned()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Wire, WireError};

    #[test]
    fn the_machines_own_bundle_is_taken() {
        Wire::new(Some(Path::new("/etc/ssl/certs/ca-certificates.crt"))).unwrap();
    }

    #[test]
    fn a_bundle_that_is_none_is_refused_with_its_name() {
        let this_file = Path::new(env!("CARGO_MANIFEST_DIR")).join("wire.rs");
        let error = Wire::new(Some(&this_file)).unwrap_err();
        assert!(matches!(&error, WireError::NotCertificates { .. }) && error.to_string().contains("wire.rs"));
        let error = Wire::new(Some(Path::new("/nowhere/bundle.pem"))).unwrap_err();
        assert!(matches!(error, WireError::Unreadable { .. }));
    }
}
