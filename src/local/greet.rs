//! What the terminal shows once everything is there.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::Path;

/// What is told.
pub(crate) struct Greeting<'a> {
    pub(crate) address: SocketAddr,
    /// The secret of the link; none where a provider signs people in.
    pub(crate) link: Option<&'a str>,
    /// A key that is shown here and nowhere else.
    pub(crate) key: Option<&'a str>,
    pub(crate) models: &'a [String],
    pub(crate) data: &'a Path,
    pub(crate) documents: Option<&'a Path>,
    pub(crate) has_page: bool,
}

impl Greeting<'_> {
    /// Writes it to standard output.
    pub(crate) fn show(&self) -> io::Result<()> {
        io::stdout().lock().write_all(self.text().as_bytes())
    }

    fn text(&self) -> String {
        let mut page = match self.link {
            Some(secret) => {
                format!("http://{}{}{secret}  (signs one browser in, once)", self.address, crate::front::LINK)
            }
            None => format!("http://{}", self.address),
        };
        if !self.has_page {
            page += "\n             This build has no page yet: `cargo xtask web` makes it.";
        }
        let key =
            self.key.unwrap_or("the one that was shown when the folder was new, or one made on the page");
        let models = match self.models {
            [] => "fixture-chat and fixture-embed: no server of models was found, and these only show how it works".to_owned(),
            models => models.join(", "),
        };
        let mut lines = vec![
            ("Page", page),
            ("API", format!("http://{}/v2/serve", self.address)),
            ("API key", key.to_owned()),
            ("Models", models),
        ];
        lines.extend(self.documents.map(|folder| ("Documents", folder.display().to_string())));
        lines.push(("Data", self.data.display().to_string()));
        let mut shown = String::from("\n");
        for (name, text) in lines {
            // Writing to a string cannot fail.
            let _ = writeln!(shown, "  {name:<10} {text}");
        }
        shown + "\n"
    }
}
