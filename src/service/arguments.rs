//! The few arguments that every service takes, and those that one takes beside them.

use std::fmt::Write as _;
use std::net::SocketAddr;

use crate::program::Program;

/// Port that services listen on, as upstream's do.
pub(crate) const PORT: u16 = 8080;

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The usage text.
    Help,
    /// The version.
    Version,
    /// To serve, unless Lambda calls.
    Serve(Given),
    /// To ask the service that listens there for its health.
    HealthCheck(Option<SocketAddr>),
}

/// An argument of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// `--data`.
    pub name: &'static str,
    /// What its value is called in the usage text; empty for one that takes none.
    pub value: &'static str,
    /// What it does.
    pub about: &'static str,
}

/// The arguments that were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// The address of `--listen`.
    pub listen: Option<SocketAddr>,
    flags: Vec<(&'static str, String)>,
}

impl Given {
    /// Whether the flag was given.
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Every value that was given to the flag.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.flags.iter().filter(move |(flag, _)| *flag == name).map(|(_, value)| value.as_str())
    }
}

/// Reads the arguments after the program's name; the error is a sentence for people.
pub(crate) fn parse(arguments: impl IntoIterator<Item = String>, flags: &[Flag]) -> Result<Asked, String> {
    let mut given = Given::default();
    let mut health_check = false;
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (name, inline) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let mut value = |inline: Option<String>| {
            inline.or_else(|| arguments.next()).ok_or_else(|| format!("`{name}` needs a value"))
        };
        match name {
            "--help" | "-h" => return Ok(Asked::Help),
            "--version" | "-V" => return Ok(Asked::Version),
            "--health-check" if inline.is_none() => health_check = true,
            "--listen" => given.listen = Some(address(&value(inline)?)?),
            _ => {
                let known = flags.iter().find(|flag| flag.name == name);
                let known = known.filter(|flag| inline.is_none() || !flag.value.is_empty());
                let flag =
                    known.ok_or_else(|| format!("`{argument}` is not known; `--help` lists what is"))?;
                let value = if flag.value.is_empty() { String::new() } else { value(inline)? };
                given.flags.push((flag.name, value));
            }
        }
    }
    Ok(if health_check { Asked::HealthCheck(given.listen) } else { Asked::Serve(given) })
}

fn address(value: &str) -> Result<SocketAddr, String> {
    value.parse().map_err(|_| format!("`{value}` is no address to listen on; write one as 127.0.0.1:8080"))
}

/// The usage text.
pub(crate) fn help(program: &Program, flags: &[Flag]) -> String {
    let Program { name, about, .. } = program;
    let mut own = String::new();
    for flag in flags {
        let spelt = format!("{} {}", flag.name, flag.value);
        // Writing to a string cannot fail.
        let _ = writeln!(own, "  {:18} {}", spelt.trim_end(), flag.about);
    }
    format!(
        "{about}\n\n\
         Usage: {name} [OPTIONS]\n\n\
         Options:\n{own}  \
           --listen ADDRESS   Listen there [default: 0.0.0.0:{PORT}]; in AWS Lambda it is not used\n  \
           --health-check     Ask the service that listens there for its health; exit 0 if it is well, 1 if not\n  \
           -h, --help         Print this text\n  \
           -V, --version      Print the version\n\n\
         Settings come from the environment; one that is missing or wrong is named at start.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[Flag] = &[
        Flag { name: "--local", value: "", about: "Serve without AWS" },
        Flag { name: "--model", value: "NAME=URL", about: "A model" },
    ];

    fn given(listen: Option<SocketAddr>) -> Given {
        Given { listen, flags: Vec::new() }
    }

    fn parsed(arguments: &[&str]) -> Result<Asked, String> {
        parse(arguments.iter().map(|argument| (*argument).to_owned()), FLAGS)
    }

    #[test]
    fn nothing_means_to_serve_where_it_is_usual() {
        assert_eq!(parsed(&[]), Ok(Asked::Serve(given(None))));
    }

    #[test]
    fn a_services_own_flags_are_gathered() {
        let asked = parsed(&["--local", "--model", "a=http://a", "--model=b=http://b"]);
        let Ok(Asked::Serve(given)) = asked else { panic!("{asked:?}") };
        assert!(given.has("--local") && !given.has("--data"));
        assert_eq!(given.all("--model").collect::<Vec<_>>(), ["a=http://a", "b=http://b"]);
        let program = Program { name: "lisa-x", version: "1", about: "Does x." };
        assert!(
            help(&program, FLAGS).contains("  --model NAME=URL   A model\n"),
            "{}",
            help(&program, FLAGS)
        );
    }

    #[test]
    fn the_address_may_follow_or_be_joined() {
        let there = SocketAddr::from(([127, 0, 0, 1], 9000));
        assert_eq!(parsed(&["--listen", "127.0.0.1:9000"]), Ok(Asked::Serve(given(Some(there)))));
        assert_eq!(parsed(&["--listen=127.0.0.1:9000"]), Ok(Asked::Serve(given(Some(there)))));
        let check = Ok(Asked::HealthCheck(Some(there)));
        assert_eq!(parsed(&["--health-check", "--listen", "127.0.0.1:9000"]), check);
    }

    #[test]
    fn help_and_version_go_before_the_rest() {
        assert_eq!(parsed(&["--health-check", "-h"]), Ok(Asked::Help));
        assert_eq!(parsed(&["--version", "--nonsense"]), Ok(Asked::Version));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (arguments, named) in [
            (&["--port"][..], "`--port`"),
            (&["--listen"], "`--listen`"),
            (&["--listen", "8080"], "`8080`"),
            (&["--health-check=yes"], "`--health-check=yes`"),
            (&["--local=yes"], "`--local=yes`"),
            (&["--model"], "`--model`"),
        ] {
            assert!(parsed(arguments).unwrap_err().contains(named), "{arguments:?}");
        }
    }
}
