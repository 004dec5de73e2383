//! `systemBanner`: the coloured bars above and below the web page.

use crate::words::Colour;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The banner at the top and at the bottom of the web page, for a classification mark for instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SystemBanner {
    /// What it says.
    #[schemars(length(min = 1))]
    pub text: String,
    /// Colour of the bar.
    pub background_color: Colour,
    /// Colour of the text.
    pub font_color: Colour,
}
