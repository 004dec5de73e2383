//! A model hub on loopback that speaks as much of the Hugging Face Hub's interface as a download needs, and can go wrong
//! in every way that matters.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::head;

/// The commit of the first content; each further one counts up.
const COMMIT: u64 = 0xc0ff_ee00;

/// What is appended to addresses of files that are elsewhere: they open the file to whoever has them.
pub const SIGNED: &str = "?X-Amz-Signature=deadbeef";

/// What goes wrong: `every` counts requests for files, and 0 is never.
#[derive(Clone, Debug, Default)]
pub struct Trouble {
    /// Connections are cut in the middle of a body.
    pub cut_every: u64,
    /// `503`.
    pub busy_every: u64,
    /// The next so many listings are `503`.
    pub busy_listings: u64,
    /// Files are at this address, to which what was asked for is appended.
    pub elsewhere: Option<String>,
    /// A byte is another one.
    pub corrupt_every: u64,
    /// The whole file where a range was asked for.
    pub ignores_ranges: bool,
    /// Files have this many bytes more than the listing says.
    pub longer: usize,
    /// The listing tells neither sizes nor checksums, as some mirrors do.
    pub tells_nothing: bool,
    /// Only this token may read.
    pub token: Option<String>,
    /// The token may read once its terms are accepted.
    pub gated: bool,
}

/// What it has and what was asked of it.
#[derive(Debug, Default)]
pub struct Shelves {
    /// Path to content, of every model alike.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What goes wrong.
    pub trouble: Trouble,
    /// Requests for files so far.
    pub reads: u64,
    /// Bytes of files that were sent.
    pub sent: u64,
    changes: u64,
}

/// A hub that runs until the process ends.
#[derive(Clone, Debug)]
pub struct Hub {
    address: SocketAddr,
    shelves: Arc<Mutex<Shelves>>,
}

impl Hub {
    /// Starts an empty one.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port is free")?;
        let hub = Self { address: listener.local_addr()?, shelves: Arc::default() };
        let own = hub.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let hub = own.clone();
                // A client that goes away is no fault of the hub.
                thread::spawn(move || drop(hub.talk(&stream)));
            }
        });
        Ok(hub)
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has.
    pub fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives it a file, in a commit of its own.
    pub fn put(&self, name: &str, bytes: impl Into<Vec<u8>>) {
        let mut shelves = self.shelves();
        shelves.changes += 1;
        shelves.files.insert(name.to_owned(), bytes.into());
    }

    fn talk(&self, stream: &TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream);
        while let Some(lines) = head::read(&mut reader)? {
            if !self.answer(&lines, stream)? {
                break;
            }
        }
        Ok(())
    }

    /// Answers; false when the connection is to be closed.
    fn answer(&self, head: &[String], to: &TcpStream) -> io::Result<bool> {
        let header = |name: &str| {
            let found = head.iter().filter_map(|line| line.split_once(':'));
            found.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
        };
        let mut shelves = self.shelves();
        if let Some(token) = &shelves.trouble.token
            && header("authorization") != Some(&format!("Bearer {token}"))
        {
            return say(to, "401 Unauthorized", &[], b"{\"error\":\"Repository not found\"}");
        }
        if shelves.trouble.gated {
            return say(to, "403 Forbidden", &[], b"{\"error\":\"gated\"}");
        }
        let target = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
        if target.starts_with("/api/models/") {
            if let Some(left) = shelves.trouble.busy_listings.checked_sub(1) {
                shelves.trouble.busy_listings = left;
                return say(to, "503 Service Unavailable", &[], b"");
            }
            let listing = shelves.listing().to_string();
            return say(to, "200 OK", &[("Content-Type", "application/json".to_owned())], listing.as_bytes());
        }
        if let Some(place) = shelves.trouble.elsewhere.as_ref().filter(|_| !target.contains(SIGNED)) {
            let location = format!("{place}{target}{SIGNED}");
            return say(to, "302 Found", &[("Location", location)], b"");
        }
        shelves.reads += 1;
        let name = target
            .trim_end_matches(SIGNED)
            .split_once("/resolve/")
            .and_then(|(_, rest)| rest.split_once('/'));
        let bytes = name.and_then(|(_, name)| shelves.files.get(&name.replace("%20", " ")).cloned());
        let (reads, trouble) = (shelves.reads, shelves.trouble.clone());
        drop(shelves);
        let Some(mut bytes) = bytes else { return say(to, "404 Not Found", &[], b"") };
        bytes.resize(bytes.len() + trouble.longer, b'+');
        self.file(to, &bytes, range(header("range")), reads, &trouble)
    }

    fn file(
        &self,
        mut to: &TcpStream,
        bytes: &[u8],
        from: usize,
        reads: u64,
        trouble: &Trouble,
    ) -> io::Result<bool> {
        let hits = |every: u64| every > 0 && reads.is_multiple_of(every);
        if hits(trouble.busy_every) {
            return say(to, "503 Service Unavailable", &[], b"");
        }
        let from = if trouble.ignores_ranges { 0 } else { from };
        if from > 0 && from >= bytes.len() {
            return say(to, "416 Range Not Satisfiable", &[], b"");
        }
        let mut body = bytes[from..].to_vec();
        if hits(trouble.corrupt_every) && !body.is_empty() {
            let middle = body.len() / 2;
            body[middle] ^= 1;
        }
        let (status, range) = match from {
            0 => ("200 OK", String::new()),
            from => {
                let (last, all) = (bytes.len() - 1, bytes.len());
                ("206 Partial Content", format!("Content-Range: bytes {from}-{last}/{all}\r\n"))
            }
        };
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{range}\r\n", body.len());
        to.write_all(head.as_bytes())?;
        let sent = if hits(trouble.cut_every) { body.len().div_ceil(2) } else { body.len() };
        self.shelves().sent += sent as u64;
        to.write_all(&body[..sent])?;
        Ok(sent == body.len())
    }
}

impl Shelves {
    fn listing(&self) -> Value {
        let sibling = |(name, bytes): (&String, &Vec<u8>)| {
            let sum = Sha256::digest(bytes);
            let sum = sum.iter().fold(String::new(), |mut text, byte| {
                // A string takes everything.
                let _ = write!(text, "{byte:02x}");
                text
            });
            match self.trouble.tells_nothing {
                true => json!({ "rfilename": name }),
                // Small files are in Git itself, which has no SHA-256 of them.
                false if bytes.len() < 1000 => {
                    json!({ "rfilename": name, "size": bytes.len(), "blobId": &sum[..40] })
                }
                false => json!({
                    "rfilename": name, "size": bytes.len(), "blobId": &sum[..40],
                    "lfs": { "sha256": sum, "size": bytes.len(), "pointerSize": 130 },
                }),
            }
        };
        let files: Vec<Value> = self.files.iter().map(sibling).collect();
        json!({ "id": "org/model", "sha": format!("{:040x}", COMMIT + self.changes), "siblings": files })
    }
}

/// The first byte that is asked for.
fn range(header: Option<&str>) -> usize {
    let from = header.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    from.unwrap_or(0)
}

fn say(mut to: &TcpStream, status: &str, headers: &[(&str, String)], body: &[u8]) -> io::Result<bool> {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        // A string takes everything.
        let _ = write!(head, "{name}: {value}\r\n");
    }
    to.write_all((head + "\r\n").as_bytes())?;
    to.write_all(body)?;
    Ok(true)
}
