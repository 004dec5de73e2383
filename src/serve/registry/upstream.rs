//! A model server: where it is, what every request to it carries, and what it is known to understand.

use http::{HeaderName, HeaderValue};

/// A server that speaks OpenAI's protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact about the server that stands alone")]
pub struct Upstream {
    /// Whether it is spoken to with TLS.
    pub tls: bool,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Its host, with its port where that is not the usual one: the value of `Host`.
    pub authority: HeaderValue,
    /// What stands before the route, without a slash at the end: `/v1`.
    pub prefix: String,
    /// Headers that every request carries, such as the provider's key.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether it speaks Anthropic's Messages too; they are translated for it otherwise.
    pub speaks_messages: bool,
    /// Whether `stream_options` asks it for the usage of a stream; others may refuse a request that has them.
    pub stream_options: bool,
    /// Whether it is Text Embeddings Inference, which reranks in a way of its own.
    pub is_tei: bool,
}

/// A base URL that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{url}` is no base URL of a model server: {why}")]
pub struct BadUrl {
    pub(super) url: String,
    pub(super) why: &'static str,
}

/// A key that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its key has characters that no header takes")]
pub struct BadKey;

impl Upstream {
    /// The server at a base URL, such as `http://host:8000/v1`.
    pub fn parse(url: &str) -> Result<Self, BadUrl> {
        let bad = |why| BadUrl { url: url.to_owned(), why };
        let uri: http::Uri = url.parse().map_err(|_| bad("it is no URL"))?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(bad("it begins with neither `http://` nor `https://`")),
        };
        let authority = uri.authority().ok_or_else(|| bad("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(bad("it holds a user; a key belongs in `api_key`"));
        }
        if uri.query().is_some() {
            return Err(bad("it has a query"));
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let prefix = uri.path().trim_end_matches('/').to_owned();
        // An address of IPv6 stands in brackets in a URL, and nowhere else.
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let is_usual = port == if tls { 443 } else { 80 };
        let named = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let named = if is_usual { named } else { format!("{named}:{port}") };
        let authority = HeaderValue::from_str(&named).map_err(|_| bad("its host fits into no header"))?;
        let (headers, speaks_messages, stream_options, is_tei) = Default::default();
        Ok(Self { tls, host, port, authority, prefix, headers, speaks_messages, stream_options, is_tei })
    }

    /// With a key, as OpenAI's servers take it.
    pub fn with_key(mut self, key: &str) -> Result<Self, BadKey> {
        let mut value = HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| BadKey)?;
        value.set_sensitive(true);
        self.headers.push((http::header::AUTHORIZATION, value));
        Ok(self)
    }

    /// As a server that takes `stream_options`.
    pub fn with_stream_options(self) -> Self {
        Self { stream_options: true, ..self }
    }

    /// As it stands in a URL.
    pub fn authority(&self) -> &str {
        self.authority.to_str().unwrap_or(&self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls() {
        let upstream = Upstream::parse("http://10.0.0.1:8000/v1/").unwrap();
        assert_eq!((upstream.tls, upstream.port, upstream.prefix.as_str()), (false, 8000, "/v1"));
        assert_eq!(upstream.authority(), "10.0.0.1:8000");
        let six = Upstream::parse("http://[::1]:8000/v1").unwrap();
        assert_eq!((six.host.as_str(), six.authority()), ("::1", "[::1]:8000"));
        assert_eq!(Upstream::parse("https://models.example.com").unwrap().authority(), "models.example.com");
        for bad in ["", "host", "ftp://host", "http://", "http://user:key@host/v1", "http://host/v1?x=1"] {
            assert!(Upstream::parse(bad).is_err(), "{bad}");
        }
    }
}
