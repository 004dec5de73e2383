//! Reads in a process of its own: this program once more, which reads one file from its standard input and ends.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use lisa_extract::Chunking;
use nix::sys::resource::{Resource, setrlimit};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::time::timeout;

use super::{Read, Reader, Unreadable};

/// Makes a program read one file and end.
const VARIABLE: &str = "LISA_RAG_READ_ONE_FILE";

/// Memory that a reader may use, in bytes of addresses: what the limits allow, and what the program is.
const MEMORY: u64 = 1 << 30;

/// Time that a reader may take, of a processor and by the clock. The limits end it before.
const SECONDS: u64 = 90;

/// What a reader is told before the file, in one line.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    name: String,
    chunking: Chunking,
}

/// Reads each file in a process of its own.
#[derive(Clone, Debug)]
pub struct Apart {
    program: PathBuf,
}

impl Apart {
    /// With a program that calls [`serve`] first thing: this one, as a rule.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into() }
    }

    async fn ask(&self, order: &Order, bytes: &[u8]) -> Result<Vec<u8>, std::io::Error> {
        let mut reader = Command::new(&self.program)
            .env_clear()
            .env(VARIABLE, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let (stdin, stdout) = (reader.stdin.take(), reader.stdout.take());
        let write = async {
            if let Some(mut stdin) = stdin {
                let mut head = serde_json::to_vec(order).unwrap_or_default();
                head.push(b'\n');
                // A reader that ended early says why on its output, or by saying nothing.
                let _ = stdin.write_all(&head).await;
                let _ = stdin.write_all(bytes).await;
            }
        };
        let mut answer = Vec::new();
        let read = async {
            match stdout {
                Some(mut stdout) => stdout.read_to_end(&mut answer).await.map(drop),
                None => Ok(()),
            }
        };
        let ((), read) = tokio::join!(write, read);
        read?;
        reader.wait().await?;
        Ok(answer)
    }
}

#[async_trait]
impl Reader for Apart {
    async fn read(&self, name: &str, bytes: Bytes, chunking: Chunking) -> Result<Read, Unreadable> {
        let order = Order { name: name.to_owned(), chunking };
        let asked = timeout(Duration::from_secs(SECONDS + 10), self.ask(&order, &bytes)).await;
        let ended = || {
            let message =
                "the file takes more memory or time to read than a document may; split it or save it anew";
            Unreadable::new("FileTooLarge", message)
        };
        let answer = asked.map_err(|_| ended())?;
        let answer = answer.map_err(|error| Unreadable::new("ReaderUnavailable", error.to_string()))?;
        serde_json::from_slice::<Result<Read, Unreadable>>(&answer).unwrap_or_else(|_| Err(ended()))
    }
}

/// Reads one file from standard input, if this process was started to do that; `false` if it was not.
///
/// Memory and time are bounded by the system before the first byte is looked at.
pub fn serve() -> bool {
    if std::env::var_os(VARIABLE).is_none() {
        return false;
    }
    // A system that does not bound a process leaves the limits of the reading itself.
    let _ = setrlimit(Resource::RLIMIT_AS, MEMORY, MEMORY);
    let _ = setrlimit(Resource::RLIMIT_CPU, SECONDS, SECONDS);
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    let answer = read_one().unwrap_or_else(|error| Err(Unreadable::new("ReaderUnavailable", error)));
    let answer = serde_json::to_vec(&answer).unwrap_or_default();
    // Who started it has gone if this fails.
    let _ = std::io::stdout().write_all(&answer);
    true
}

fn read_one() -> Result<Result<Read, Unreadable>, String> {
    let mut input = Vec::new();
    std::io::stdin().lock().read_to_end(&mut input).map_err(|error| error.to_string())?;
    let end = input.iter().position(|byte| *byte == b'\n').ok_or("nothing to read")?;
    let order: Order = serde_json::from_slice(&input[..end]).map_err(|error| error.to_string())?;
    Ok(super::read(&order.name, &input[end + 1..], order.chunking))
}
