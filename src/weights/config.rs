//! What the program reads from its environment, and how it works through a copy.

use std::path::PathBuf;
use std::time::Duration;

use lisa_api::settings::WeightsSettings;
use lisa_service::settings::LogLevel;
use lisa_service::{Environment, Reader, SettingsError};

/// One connection to S3 gives some 90 MB/s, so that a host with 10 Gbit/s needs more than a dozen.
const READS_PER_THREAD: usize = 8;

/// Reads at once, at least and at most. Each holds about two buffers of [`crate::part::BUFFER`] at a time.
const READS: (usize, usize) = (8, 32);

/// Which weights, from where, to where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The bucket.
    pub bucket: String,
    /// The folder in it, with a slash at the end.
    pub prefix: String,
    /// The directory that the weights come into.
    pub directory: PathBuf,
    /// How the copy is worked through.
    pub tuning: Tuning,
}

/// Sizes and limits of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// Bytes of one ranged read: what is fetched again at most after the program was killed.
    pub part: u64,
    /// Reads at once, of all objects together.
    pub reads: usize,
    /// How often one read may fail in a row without a byte of progress.
    pub attempts: u32,
    /// The pause after the first failure; it doubles with each further one.
    pub pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// How often the folder may change while it is copied.
    pub rounds: u32,
    /// Time between two lines on progress.
    pub report: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            part: 16 * 1024 * 1024,
            reads: READS.0,
            attempts: 10,
            pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(20),
            rounds: 5,
            report: Duration::from_secs(10),
        }
    }
}

impl Config {
    /// Reads the environment; the error names all that is missing or wrong.
    pub fn read(environment: &Environment) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(environment);
        let expected = "`DEBUG`, `INFO`, `WARNING` or `ERROR`";
        let _: Option<LogLevel> = reader.parse("LOG_LEVEL", expected);
        let threads: Option<usize> = reader.parse("THREADS", "a number of threads");
        let settings = reader.settings(|get| WeightsSettings::from_env(get));
        let config = settings.map(|settings| Self {
            bucket: settings.bucket,
            prefix: format!("{}/", settings.model.trim_end_matches('/')),
            directory: settings.directory.into(),
            tuning: Tuning { reads: reads(threads), ..Tuning::default() },
        });
        reader.finish(config)
    }

    /// The source, as people write it: `s3://bucket/model/`.
    pub fn uri(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.prefix)
    }
}

fn reads(threads: Option<usize>) -> usize {
    let threads = threads.or_else(|| std::thread::available_parallelism().ok().map(Into::into));
    threads.unwrap_or(1).saturating_mul(READS_PER_THREAD).clamp(READS.0, READS.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENVIRONMENT: [(&str, &str); 5] = [
        ("LOCAL_MODEL_PATH", "/nvme/model"),
        ("LOG_LEVEL", "INFO"),
        ("MODEL_NAME", "mistralai/Mistral-7B"),
        ("S3_BUCKET_MODELS", "weights"),
        ("THREADS", "3"),
    ];

    #[test]
    fn the_folder_is_the_models_name() {
        let config = Config::read(&ENVIRONMENT.into_iter().collect()).unwrap();
        assert_eq!(config.uri(), "s3://weights/mistralai/Mistral-7B/");
        assert_eq!((config.directory, config.tuning.reads), ("/nvme/model".into(), 24));
    }

    #[test]
    fn all_that_is_missing_or_wrong_is_named() {
        let error = Config::read(&[("THREADS", "many")].into_iter().collect()).unwrap_err();
        assert_eq!(error.missing, ["LOCAL_MODEL_PATH", "LOG_LEVEL", "MODEL_NAME", "S3_BUCKET_MODELS"]);
        assert_eq!(error.wrong[0].name, "THREADS");
    }

    #[test]
    fn reads_stay_within_what_memory_bears() {
        assert_eq!([reads(Some(0)), reads(Some(2)), reads(Some(96))], [8, 16, 32]);
    }
}
