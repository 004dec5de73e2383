//! Objects of S3: URLs by which whoever has one may make one request, and requests that are made by such URLs.
//!
//! Source: "Authenticating Requests: Using Query Parameters" of the S3 API reference: the path is encoded once and not
//! normalized, and the body is not part of the signature.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::Identity;
use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::client::{Answer, Request, Signed};
use crate::endpoint::Endpoint;
use crate::error::{Error, Why};
use crate::service;

/// How long a request that is sent at once may be on its way.
const AT_ONCE: Duration = Duration::from_mins(5);

impl Signed {
    /// A URL by which one request for an object at `/<bucket>/<object>` may be made for as long as it lasts, seven days at
    /// most. The path is encoded.
    pub async fn object_url(&self, method: Method, path: &str, lasts: Duration) -> Result<String, Error> {
        let action = format!("s3:{method}Object");
        let credentials = self.credentials(&action).await?;
        let Endpoint { url, region } = self.endpoint(&service::S3, None, &action)?;
        let unmakeable = |error: BoxError| Error::local(&action, Why::Unmakeable, error);
        let request = http::Request::builder().method(method).uri(format!("{url}{path}")).body(());
        let mut request = request.map_err(|error| unmakeable(error.into()))?;
        let now = self.now();
        add_query(&mut request, &credentials.into(), &region, now, lasts).map_err(unmakeable)?;
        Ok(request.uri().to_string())
    }

    /// Puts, gets or deletes an object of S3 at `/<bucket>/<object>`. A status of 400 and above is an error.
    pub async fn object(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Error> {
        let url = self.object_url(method.clone(), path, AT_ONCE).await?;
        let operation = format!("{method}Object");
        let request = Request { operation, method, path: String::new(), headers, body, endpoint: Some(url) };
        self.send_as_is(&service::S3, request).await
    }
}

fn add_query(
    request: &mut http::Request<()>,
    identity: &Identity,
    region: &str,
    now: SystemTime,
    lasts: Duration,
) -> Result<(), BoxError> {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(lasts);
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    let parameters = v4::SigningParams::builder()
        .identity(identity)
        .region(region)
        .name(service::S3.signed_as)
        .time(now)
        .settings(settings)
        .build()?
        .into();
    let (method, uri) = (request.method().as_str(), request.uri().to_string());
    let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    let headers = std::iter::once(("host", host.as_str()));
    let signable = SignableRequest::new(method, uri, headers, SignableBody::UnsignedPayload)?;
    let (instructions, _) = sign(signable, &parameters)?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use aws_credential_types::Credentials;

    use super::add_query;

    /// The example of the S3 API reference, "Authenticating Requests: Using Query Parameters".
    #[test]
    fn the_published_example_has_the_published_signature() {
        let key =
            Credentials::from_keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None);
        let url = "https://examplebucket.s3.amazonaws.com/test.txt";
        let mut request = http::Request::get(url).body(()).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_hours(380_376);
        let lasts = Duration::from_hours(24);
        add_query(&mut request, &key.into(), "us-east-1", time, lasts).unwrap();
        let signed = request.uri().to_string();
        let signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
        assert!(signed.contains(&format!("X-Amz-Signature={signature}")), "{signed}");
        assert!(
            signed.contains("X-Amz-Expires=86400") && signed.contains("X-Amz-Date=20130524T000000Z"),
            "{signed}"
        );
    }
}
