//! The table of LiteLLM's options: what becomes of each.
//!
//! Names are those of LiteLLM 1.106.2: `ConfigGeneralSettings`, the arguments of `Router`, the fields of
//! `LiteLLM_Params` and `ModelInfo`, and the documented attributes of the library.

mod general;
mod library;
mod model_info;
mod params;
mod router;

use serde::Serialize;

/// A part of `litellmConfig` with keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Block {
    /// `general_settings`.
    General,
    /// `litellm_settings`.
    Library,
    /// `router_settings`.
    Router,
    /// `litellm_params` of a model.
    Params,
    /// `model_info` of a model.
    ModelInfo,
}

/// What becomes of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The gateway does what it asks for.
    Honoured,
    /// It is handed to the LiteLLM proxy, and so has an effect on the models that the proxy answers for.
    Proxy,
    /// It is accepted and has no effect.
    Warned,
    /// A deployment with it would not be what its author thinks.
    Refused,
}

impl Verdict {
    /// As a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Honoured => "honoured",
            Self::Proxy => "proxy",
            Self::Warned => "warned",
            Self::Refused => "refused",
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The option's name; a `*` at its beginning or end stands for any letters.
    pub name: &'static str,
    /// What becomes of it.
    pub verdict: Verdict,
    /// What is done, why nothing is, or what to write instead: a fragment.
    pub why: &'static str,
}

const fn honoured(name: &'static str, why: &'static str) -> Key {
    Key { name, verdict: Verdict::Honoured, why }
}

const fn proxy(name: &'static str, why: &'static str) -> Key {
    Key { name, verdict: Verdict::Proxy, why }
}

const fn warned(name: &'static str, why: &'static str) -> Key {
    Key { name, verdict: Verdict::Warned, why }
}

const fn refused(name: &'static str, why: &'static str) -> Key {
    Key { name, verdict: Verdict::Refused, why }
}

impl Block {
    /// Every block.
    pub const ALL: [Self; 5] = [Self::General, Self::Library, Self::Router, Self::Params, Self::ModelInfo];

    /// The block's name in LiteLLM's configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::General => "general_settings",
            Self::Library => "litellm_settings",
            Self::Router => "router_settings",
            Self::Params => "litellm_params",
            Self::ModelInfo => "model_info",
        }
    }

    /// Its rows.
    pub const fn keys(self) -> &'static [Key] {
        match self {
            Self::General => general::KEYS,
            Self::Library => library::KEYS,
            Self::Router => router::KEYS,
            Self::Params => params::KEYS,
            Self::ModelInfo => model_info::KEYS,
        }
    }

    /// The row of an option: the one with its very name before one with a `*`.
    pub fn find(self, name: &str) -> Option<&'static Key> {
        let keys = self.keys();
        keys.iter().find(|key| key.name == name).or_else(|| keys.iter().find(|key| key.stands_for(name)))
    }
}

impl Key {
    fn stands_for(&self, name: &str) -> bool {
        match (self.name.strip_prefix('*'), self.name.strip_suffix('*')) {
            (Some(inner), _) if inner.ends_with('*') => name.contains(inner.trim_end_matches('*')),
            (Some(end), _) => name.ends_with(end),
            (_, Some(start)) => name.starts_with(start),
            (None, None) => false,
        }
    }
}
