//! What the repository API and the ingest worker read from their environment.

use lisa_api::settings::RagSettings;
use lisa_service::{Common, Environment, Reader, SettingsError};

/// Characters of a chunk where nothing says, as upstream has it.
const CHUNK_SIZE: usize = 512;

/// Characters that neighbouring chunks share where nothing says.
const CHUNK_OVERLAP: usize = 51;

/// How large chunks are where a request does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Characters of a chunk.
    pub chunk: usize,
    /// Characters that neighbouring chunks share.
    pub overlap: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { chunk: CHUNK_SIZE, overlap: CHUNK_OVERLAP }
    }
}

/// The settings, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// What every service knows.
    pub common: Common,
    /// Whether callers must show who they are.
    pub use_auth: bool,
    /// How large chunks are where a request does not say.
    pub sizes: Sizes,
    /// Everything as it stands in the environment.
    pub settings: RagSettings,
}

impl Config {
    /// Reads the environment; the error names all that is missing or wrong.
    pub fn read(environment: &Environment) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(environment);
        let common = Common::read(&mut reader);
        let use_auth = reader.flag("USE_AUTH");
        let chunk = reader.parse("CHUNK_SIZE", "a whole number").unwrap_or(CHUNK_SIZE);
        let overlap = reader.parse("CHUNK_OVERLAP", "a whole number").unwrap_or(CHUNK_OVERLAP);
        let sizes = Sizes { chunk, overlap };
        let settings = reader.settings(|get| RagSettings::from_env(get));
        let config = common.zip(use_auth).zip(settings);
        reader.finish(config.map(|((common, use_auth), settings)| Self { common, use_auth, sizes, settings }))
    }
}
