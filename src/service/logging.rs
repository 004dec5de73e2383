//! Log lines: JSON on standard output, which Lambda and ECS pass on to CloudWatch.
//!
//! No line holds a header, a query, a body or a panic's computed text: these may be secrets or people's words.

use tracing_subscriber::EnvFilter;

use crate::settings::LogLevel;

/// Starts to log, once for the whole process.
pub(crate) fn start(level: LogLevel) {
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stdout)
        .with_env_filter(filter(level));
    // A second start, as in a test, keeps the first subscriber.
    let _ = subscriber.try_init();
}

/// LISA's own crates at the level, libraries at warnings: some of them log headers below that.
fn filter(level: LogLevel) -> EnvFilter {
    let level = match level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warning => "warn",
        LogLevel::Error => "error",
    };
    let libraries = if level == "error" { "error" } else { "warn" };
    let own = ["service", "serve", "authorizer", "models", "chat", "rag", "store", "weights"];
    let own = own.map(|name| format!("lisa_{name}={level}")).join(",");
    EnvFilter::new(format!("{libraries},{own}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_stay_at_warnings() {
        let shown = filter(LogLevel::Debug).to_string();
        assert!(shown.contains("lisa_service=debug") && shown.contains("warn"), "{shown}");
        assert!(!filter(LogLevel::Error).to_string().contains("warn"));
    }
}
