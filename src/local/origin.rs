//! Which requests come from this machine's user: pages of other sites reach loopback as well, by a form, a script or a
//! name that they let point here.

use std::net::SocketAddr;

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderName};

/// What browsers say of the page that makes a request.
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The names under which this process may be asked.
#[derive(Clone, Debug)]
pub(crate) struct Names(Vec<String>);

impl Names {
    /// The names of an address of loopback: its own, and `localhost`.
    pub(crate) fn of(address: SocketAddr) -> Self {
        Self(vec![address.to_string(), format!("localhost:{}", address.port())])
    }

    /// Whether the request names this process. A name that another site lets point here is not one of its own.
    pub(crate) fn are_meant(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        hosts.next().is_none() && host.is_some_and(|host| self.0.iter().any(|name| name == host))
    }

    /// Whether a request that shows a cookie was made by the page itself or typed by the user.
    pub(crate) fn made(&self, headers: &HeaderMap) -> bool {
        let site = headers.get(&SITE).map(http::HeaderValue::as_bytes);
        if !matches!(site, None | Some(b"same-origin" | b"none")) {
            return false;
        }
        let Some(origin) = headers.get(ORIGIN) else { return true };
        let origin = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
        origin.is_some_and(|origin| self.0.iter().any(|name| name == origin))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn names() -> Names {
        Names::of(SocketAddr::from(([127, 0, 0, 1], 8080)))
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_request_has_to_name_this_process() {
        for (host, meant) in [
            ("127.0.0.1:8080", true),
            ("localhost:8080", true),
            ("127.0.0.1", false),
            ("127.0.0.1:9000", false),
            ("rebound.example:8080", false),
        ] {
            assert_eq!(names().are_meant(&headers(&[("host", host)])), meant, "{host}");
        }
        assert!(!names().are_meant(&HeaderMap::new()));
    }

    #[test]
    fn a_cookie_of_another_page_counts_for_nothing() {
        for (sent, made) in [
            (&[][..], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "http://127.0.0.1:8080")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("origin", "http://localhost:3000")], false),
            (&[("origin", "https://127.0.0.1:8080")], false),
            (&[("origin", "null")], false),
        ] {
            assert_eq!(names().made(&headers(sent)), made, "{sent:?}");
        }
    }
}
