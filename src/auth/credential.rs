//! What a request shows of its caller, taken from its headers.

use crate::Refusal;

/// Bytes of the longest credential that is looked at.
pub const LONGEST: usize = 16 * 1024;

/// What a request shows of its caller.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential(String);

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credential(..)")
    }
}

impl Credential {
    /// From the values of `Authorization` and then of `Api-Key` or `x-api-key`, the first that is there.
    ///
    /// `Bearer ` before the value, in any case, is no part of it. Another scheme is refused: what follows it is meant for
    /// somebody else.
    pub fn from_headers<'a>(
        authorization: impl IntoIterator<Item = &'a [u8]>,
        api_key: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, Refusal> {
        let mut authorization = authorization.into_iter();
        let mut api_key = api_key.into_iter();
        let shown = authorization.next().or_else(|| api_key.next()).ok_or(Refusal::Missing)?;
        // Two values leave open which of them was meant, and another program may have read the other one.
        if authorization.next().is_some() {
            return Err(Refusal::Invalid("more than one `Authorization` header"));
        }
        Self::parse(shown)
    }

    /// From the value of one header.
    pub fn parse(value: &[u8]) -> Result<Self, Refusal> {
        if value.len() > LONGEST {
            return Err(Refusal::Invalid("longer than any credential"));
        }
        let text = std::str::from_utf8(value).map_err(|_| Refusal::Invalid("not text"))?.trim();
        let secret = match text.split_once(char::is_whitespace) {
            None if text.eq_ignore_ascii_case("bearer") => "",
            None => text,
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim_start(),
            Some(_) => return Err(Refusal::Invalid("a scheme other than Bearer")),
        };
        if secret.is_empty() {
            return Err(Refusal::Missing);
        }
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Refusal::Invalid("characters that no credential has"));
        }
        Ok(Self(secret.to_owned()))
    }

    /// The secret itself.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }

    /// Whether it has the form of a JSON Web Token: three parts that base64url could have written.
    pub(crate) fn looks_like_jwt(&self) -> bool {
        let mut parts = 0;
        let well_formed = self.0.split('.').all(|part| {
            parts += 1;
            part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='))
        });
        well_formed && parts == 3 && self.0.starts_with("ey")
    }
}
