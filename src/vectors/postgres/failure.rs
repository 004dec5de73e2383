//! Why PostgreSQL did not do what was asked.

use tokio_postgres::error::SqlState;

use super::lacks_pgvector;
use crate::error::{Error, Why};

/// A failure before it is known what the store is called.
#[derive(Debug)]
pub(super) enum Failure {
    Postgres(tokio_postgres::Error),
    /// Nothing came in this many seconds.
    Late(f32),
    Told(Error),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

impl Failure {
    pub(super) fn of(self, name: &str) -> Error {
        let error = match self {
            Self::Told(error) => return error,
            Self::Late(seconds) => {
                return Error::new(name, Why::Slow, format_args!("nothing in {seconds} s"));
            }
            Self::Postgres(error) => error,
        };
        let Some(told) = error.as_db_error() else {
            let why = if error.is_closed() || caused_by_io(&error) { Why::Unreachable } else { Why::Refused };
            return Error::new(name, why, lisa_signed::error_chain(&error));
        };
        let lacking = [SqlState::UNDEFINED_FILE, SqlState::FEATURE_NOT_SUPPORTED, SqlState::UNDEFINED_OBJECT];
        if lacking.contains(told.code()) && told.message().contains("vector") {
            return lacks_pgvector(name, told.message());
        }
        Error::new(name, why(told.code()), told)
    }
}

fn caused_by_io(error: &tokio_postgres::Error) -> bool {
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        if cause.is::<std::io::Error>() {
            return true;
        }
        next = cause.source();
    }
    // `Error::connect` on a name that has no address has no cause of its own kind.
    error.to_string().contains("connect")
}

/// By the class of PostgreSQL's code (its manual, appendix A), or the code where a class says too little.
fn why(code: &SqlState) -> Why {
    match code.code() {
        "28000" | "28P01" | "42501" | "3D000" => Why::Denied,
        "42P01" => Why::NoCollection,
        "40001" | "40P01" | "55P03" => Why::Busy,
        "57014" => Why::Slow,
        code if code.starts_with("53") => Why::Busy,
        code if code.starts_with("57P") || code.starts_with("08") => Why::Unreachable,
        _ => Why::Refused,
    }
}
