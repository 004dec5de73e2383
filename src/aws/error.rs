//! What a failed call means: errors of the SDK and of signed requests in the engine's terms.
//!
//! Codes come from the services' API references, and from what the services are seen to answer.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use lisa_deploy::ports::{CallError, CallErrorKind};
use lisa_signed::Why;

use CallErrorKind as Kind;

/// What is known of a refusal.
struct Refusal<'a> {
    status: u16,
    code: &'a str,
    message: &'a str,
}

/// An error of an SDK call. For use in `map_err(sdk("cloudformation:DeleteStack"))`.
pub(crate) fn sdk<E>(action: &'static str) -> impl Fn(SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    move |error| {
        let status = error.raw_response().map(|answer| answer.status().as_u16());
        if let (SdkError::ServiceError(_), Some(status)) = (&error, status) {
            let code = error.code().map_or_else(|| code_of(status), str::to_owned);
            let message = error.message().map_or_else(|| words_of(status, &error), str::to_owned);
            let kind = kind(&Refusal { status, code: &code, message: &message });
            return CallError { action, kind, code, message };
        }
        let kind = match &error {
            SdkError::ConstructionFailure(_) => Kind::Invalid,
            _ if is_about_credentials(&error) => Kind::Expired,
            _ => Kind::Unanswered,
        };
        CallError { action, kind, code: String::new(), message: lisa_signed::error_chain(&error) }
    }
}

/// An error of a signed request.
pub(crate) fn signed(action: &'static str) -> impl Fn(lisa_signed::Error) -> CallError {
    move |error| {
        let lisa_signed::Error { why, status, code, message, .. } = error;
        let status = status.unwrap_or_default();
        let code = if code.is_empty() && why == Why::Refused { code_of(status) } else { code };
        let kind = match why {
            Why::Refused => kind(&Refusal { status, code: &code, message: &message }),
            Why::Unanswered => Kind::Unanswered,
            Why::NoCredentials => Kind::Expired,
            // Something else than the service answered, a proxy's page for example.
            Why::Unreadable => Kind::Service,
            Why::Unmakeable => Kind::Invalid,
        };
        CallError { action, kind, code, message }
    }
}

/// An answer of success that lacks what it has to hold.
pub(crate) fn incomplete(action: &'static str, what: &str) -> CallError {
    let message = format!("the answer holds no {what}");
    CallError { action, kind: Kind::Service, code: "IncompleteAnswer".to_owned(), message }
}

/// An error that an answer of success lists, as those that work on many things do.
pub(crate) fn listed(action: &'static str, code: &str, message: &str) -> CallError {
    let kind = kind(&Refusal { status: 200, code, message });
    CallError { action, kind, code: code.to_owned(), message: message.to_owned() }
}

/// A code for an answer that has none: S3 answers HEAD without a body.
fn code_of(status: u16) -> String {
    match status {
        301 => "PermanentRedirect".to_owned(),
        400 => "BadRequest".to_owned(),
        403 => "AccessDenied".to_owned(),
        404 => "NotFound".to_owned(),
        status => format!("Http{status}"),
    }
}

fn words_of<E>(status: u16, error: &SdkError<E, HttpResponse>) -> String {
    let header = |name| error.raw_response().and_then(|answer| answer.headers().get(name));
    match (status, header("x-amz-bucket-region")) {
        (301 | 400, Some(region)) => format!("the bucket lies in region `{region}`"),
        _ => format!("status {status} without a word"),
    }
}

/// Whether no credentials were found, or they could not be renewed: the SDK tells it like a lost connection.
fn is_about_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<CredentialsError>() {
            return true;
        }
        next = error.source();
    }
    false
}

fn kind(refusal: &Refusal<'_>) -> Kind {
    by_message(refusal).or_else(|| by_code(refusal.code)).unwrap_or_else(|| by_status(refusal.status))
}

/// CloudFormation says most things with one code, `ValidationError`, and other words.
fn by_message(refusal: &Refusal<'_>) -> Option<Kind> {
    let Refusal { code, message, .. } = *refusal;
    if !matches!(code, "ValidationError" | "InvalidInput" | "InvalidParameterValue") {
        return None;
    }
    let has = |text: &str| message.contains(text);
    match message {
        _ if has("Rate exceeded") => Some(Kind::Throttled),
        _ if has("does not exist") => Some(Kind::NotFound),
        _ if has("has been taken in this account") => Some(Kind::Conflict),
        _ if has("TerminationProtection is enabled") => Some(Kind::Conflict),
        _ if has(" is in ") && has(" state") => Some(Kind::Conflict),
        _ if has("already exists") => Some(Kind::Conflict),
        _ if has("nknown parameter") || has("not supported in this region") => Some(Kind::Unsupported),
        _ => None,
    }
}

/// Codes whose meaning is not told by their form.
const CODES: &[(Kind, &[&str])] = &[
    (
        Kind::Throttled,
        &[
            "EC2ThrottledException",
            "PriorRequestNotComplete",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "ThrottledException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
        ],
    ),
    (Kind::Unanswered, &["IDPCommunicationError", "RequestTimeout", "RequestTimeoutException"]),
    (
        Kind::Expired,
        &[
            "AuthFailure",
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidToken",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "RequestExpired",
            "TokenRefreshRequired",
            "UnrecognizedClientException",
        ],
    ),
    (
        Kind::Denied,
        &[
            "AccessDenied",
            "AccessDeniedException",
            "AccountProblem",
            "AllAccessDisabled",
            "AuthorizationError",
            "InvalidSignatureException",
            "NotAuthorized",
            "NotAuthorizedException",
            "OptInRequired",
            "RequestTimeTooSkewed",
            "SignatureDoesNotMatch",
            "SubscriptionRequiredException",
            "UnauthorizedException",
            "UnauthorizedOperation",
        ],
    ),
    (
        Kind::Unsupported,
        &[
            "InvalidAction",
            "MethodNotAllowed",
            "NotImplemented",
            "UnknownOperation",
            "UnknownOperationException",
            "UnknownParameter",
            "UnsupportedOperation",
            "UnsupportedOperationException",
        ],
    ),
    (
        Kind::Conflict,
        &[
            "BucketNotEmpty",
            "InvalidChangeSetStatus",
            "InvalidOperationException",
            "OperationAborted",
            "PreconditionFailed",
            "TokenAlreadyExistsException",
        ],
    ),
    (
        Kind::Service,
        &[
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "InternalServiceError",
            "ServerException",
            "ServiceUnavailable",
            "ServiceUnavailableException",
        ],
    ),
];

fn by_code(code: &str) -> Option<Kind> {
    let listed = CODES.iter().find(|(_, codes)| codes.contains(&code));
    listed.map(|(kind, _)| *kind).or_else(|| by_form(code))
}

/// The services name the same things alike.
fn by_form(code: &str) -> Option<Kind> {
    let code = code.strip_suffix("Exception").unwrap_or(code);
    let has = |text: &str| code.contains(text);
    if code.ends_with("NotFound") || code.starts_with("NoSuch") {
        return Some(Kind::NotFound);
    }
    let conflict = has("AlreadyExist") || has("AlreadyOwned") || has("InUse") || has("InProgress");
    (conflict || code.ends_with("Conflict") || has("ResourceExists")).then_some(Kind::Conflict)
}

fn by_status(status: u16) -> Kind {
    match status {
        401 | 403 => Kind::Denied,
        404 => Kind::NotFound,
        405 | 501 => Kind::Unsupported,
        408 => Kind::Unanswered,
        409 | 412 => Kind::Conflict,
        429 => Kind::Throttled,
        500.. => Kind::Service,
        _ => Kind::Invalid,
    }
}

#[cfg(test)]
pub(crate) mod tests;
