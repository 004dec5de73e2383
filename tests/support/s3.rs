//! A server on loopback that speaks as much of S3 as a copy needs, and can go wrong in every way that matters.
#![expect(
    clippy::expect_used,
    reason = "what it is asked is what tests ask, and a thread that stops fails them"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context as _, Result};

use crate::head;

/// Objects on a page of a listing.
const PAGE: usize = 3;

/// When every object was changed: what differs between versions is the tag.
const MODIFIED: &str = "2026-01-01T00:00:00.000Z";

/// What an object holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// These bytes.
    Bytes(Arc<Vec<u8>>),
    /// So many zeros.
    Zeros(u64),
}

/// An object.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What it holds.
    pub content: Content,
    etag: String,
    /// Headers of HEAD, such as checksums.
    pub headers: Vec<(&'static str, String)>,
}

/// What goes wrong: `every` counts requests for bytes, and 0 is never.
#[derive(Clone, Debug, Default)]
pub struct Trouble {
    /// Connections are cut in the middle of a body.
    pub cut_every: u64,
    /// `503 SlowDown`.
    pub throttle_every: u64,
    /// The whole object instead of the range.
    pub whole_every: u64,
    /// Fewer bytes than were asked for, and the answer says so.
    pub short_every: u64,
    /// A byte is another one.
    pub corrupt_every: u64,
    /// The object gets this content after so many requests for bytes.
    pub change: Option<(u64, String, Vec<u8>)>,
    /// Every request is refused.
    pub denied: bool,
}

/// Objects, and what was asked for.
#[derive(Debug, Default)]
pub struct Shop {
    /// Key to object.
    pub objects: BTreeMap<String, Stored>,
    /// What goes wrong.
    pub trouble: Trouble,
    /// Whether reads that do not say which content is meant are refused: they might get a mixture of two.
    pub is_strict: bool,
    /// Requests for bytes so far.
    pub reads: u64,
    versions: u64,
}

impl Shop {
    /// Stores an object, in a version of its own.
    pub fn put(&mut self, key: &str, content: Content) {
        self.versions += 1;
        let etag = format!("\"{:032x}\"", self.versions);
        self.objects.insert(key.to_owned(), Stored { content, etag, headers: Vec::new() });
    }
}

impl Stored {
    fn size(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Zeros(count) => *count,
        }
    }
}

/// A server that runs until the process ends.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where it is.
    pub address: SocketAddr,
    shop: Arc<Mutex<Shop>>,
}

impl Server {
    /// Starts an empty one that refuses reads which do not say what content is meant.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port is free")?;
        let shop = Shop { is_strict: true, ..Shop::default() };
        let server = Self { address: listener.local_addr()?, shop: Arc::new(Mutex::new(shop)) };
        let own = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = own.clone();
                // A client that goes away is no fault of the server.
                thread::spawn(move || drop(server.talk(&stream)));
            }
        });
        Ok(server)
    }

    /// What it has.
    pub fn shop(&self) -> MutexGuard<'_, Shop> {
        self.shop.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn talk(&self, stream: &TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream);
        while let Some(lines) = head::read(&mut reader)? {
            if !self.answer(&Asked::read(&lines), stream)? {
                break;
            }
        }
        Ok(())
    }

    /// Answers; false when the connection is to be closed.
    fn answer(&self, asked: &Asked, to: &TcpStream) -> std::io::Result<bool> {
        let mut shop = self.shop();
        if shop.trouble.denied {
            return refuse(to, asked, "403 Forbidden", "AccessDenied");
        }
        if asked.key.is_empty() {
            let page = listing(&shop.objects, asked);
            return say(to, asked, "200 OK", &[], page.as_bytes());
        }
        let is_read = asked.method == "GET";
        let reads = if is_read { shop.note_read() } else { 0 };
        let (trouble, is_strict) = (shop.trouble.clone(), shop.is_strict);
        let stored = shop.objects.get(&asked.key).cloned();
        drop(shop);
        let hits = |every: u64| is_read && every > 0 && reads.is_multiple_of(every);
        let Some(stored) = stored else { return refuse(to, asked, "404 Not Found", "NoSuchKey") };
        if hits(trouble.throttle_every) {
            return refuse(to, asked, "503 Slow Down", "SlowDown");
        }
        let condition = asked.header("if-match");
        if condition.map_or(is_strict, |etag| etag != stored.etag) {
            return refuse(to, asked, "412 Precondition Failed", "PreconditionFailed");
        }
        if !is_read {
            return describe(to, asked, &stored);
        }
        let size = stored.size();
        let (start, mut end) = asked.range(size).unwrap_or((0, size));
        if hits(trouble.whole_every) {
            return send(to, &stored, "200 OK", (0, size), &[], size).map(|()| false);
        }
        if hits(trouble.short_every) {
            end = start + (end - start) / 2;
        }
        let range = [("Content-Range", format!("bytes {start}-{}/{size}", end.saturating_sub(1)))];
        let sent = if hits(trouble.cut_every) { (end - start).div_ceil(2) } else { end - start };
        let stored = if hits(trouble.corrupt_every) { stored.corrupted(start) } else { stored };
        send(to, &stored, "206 Partial Content", (start, end), &range, sent)?;
        Ok(sent == end - start)
    }
}

impl Shop {
    /// Counts a request for bytes, and changes what is to be changed then.
    fn note_read(&mut self) -> u64 {
        self.reads += 1;
        if let Some((after, key, bytes)) = self.trouble.change.clone()
            && self.reads >= after
        {
            self.trouble.change = None;
            self.put(&key, Content::Bytes(Arc::new(bytes)));
        }
        self.reads
    }
}

impl Stored {
    fn corrupted(&self, at: u64) -> Self {
        let mut other = self.clone();
        if let Content::Bytes(bytes) = &mut other.content {
            Arc::make_mut(bytes)[usize::try_from(at).expect("a small object")] ^= 1;
        }
        other
    }
}

struct Asked {
    method: String,
    /// Empty for the bucket itself.
    key: String,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
}

impl Asked {
    fn read(lines: &[String]) -> Self {
        let mut words = lines[0].split(' ').map(str::to_owned);
        let (method, target) = (words.next().expect("a method"), words.next().expect("a path"));
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let header = |line: &String| {
            line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        };
        Self {
            method,
            key: decoded(path.trim_start_matches('/').split_once('/').map_or("", |(_, key)| key)),
            query: pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect(),
            headers: lines[1..].iter().filter_map(header).collect(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The first byte and the one after the last, of so many; `bytes=5-` goes to the end.
    fn range(&self, size: u64) -> Option<(u64, u64)> {
        let (start, last) = self.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
        let end = if last.is_empty() { size } else { last.parse::<u64>().ok()? + 1 };
        Some((start.parse().ok()?, end.min(size)))
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next(), bytes.next()].map(|digit| char::from(digit.expect("a digit")));
            decoded.push(u8::from_str_radix(&String::from_iter(digits), 16).expect("two digits"));
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).expect("a key in UTF-8")
}

fn listing(objects: &BTreeMap<String, Stored>, asked: &Asked) -> String {
    let after = asked.query.get("continuation-token").cloned().unwrap_or_default();
    let prefix = asked.query.get("prefix").cloned().unwrap_or_default();
    let matching = objects.iter().filter(|(key, _)| **key > after && key.starts_with(&prefix));
    let all: Vec<_> = matching.collect();
    let mut page = String::from("<?xml version=\"1.0\"?><ListBucketResult>");
    for (key, stored) in all.iter().take(PAGE) {
        let (etag, size) = (stored.etag.replace('"', "&quot;"), stored.size());
        write!(
            page,
            "<Contents><Key>{key}</Key><LastModified>{MODIFIED}</LastModified><ETag>{etag}</ETag><Size>{size}</Size></Contents>"
        )
        .expect("a string takes it");
    }
    let more = all.len() > PAGE;
    write!(page, "<IsTruncated>{more}</IsTruncated>").expect("a string takes it");
    if more {
        let token = all[PAGE - 1].0;
        write!(page, "<NextContinuationToken>{token}</NextContinuationToken>").expect("a string takes it");
    }
    page + "</ListBucketResult>"
}

fn describe(to: &TcpStream, asked: &Asked, stored: &Stored) -> std::io::Result<bool> {
    let parted = asked.query.contains_key("partNumber");
    let part = stored.headers.iter().find(|(name, _)| *name == "test-part-size").filter(|_| parted);
    let length = part.map_or_else(|| stored.size().to_string(), |(_, size)| size.clone());
    let mut text = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nETag: {}\r\n", stored.etag);
    for (name, value) in &stored.headers {
        write!(text, "{name}: {value}\r\n").expect("a string takes it");
    }
    (&mut &*to).write_all((text + "\r\n").as_bytes())?;
    Ok(true)
}

fn send(
    mut to: &TcpStream,
    stored: &Stored,
    status: &str,
    (start, end): (u64, u64),
    headers: &[(&str, String)],
    sent: u64,
) -> std::io::Result<()> {
    let mut text =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nETag: {}\r\n", end - start, stored.etag);
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").expect("a string takes it");
    }
    to.write_all((text + "\r\n").as_bytes())?;
    let at = |offset: u64| usize::try_from(offset).expect("this machine counts so far");
    match &stored.content {
        Content::Bytes(bytes) => to.write_all(&bytes[at(start)..at(start + sent)]),
        Content::Zeros(_) => {
            std::io::copy(&mut std::io::Read::take(std::io::repeat(0), sent), &mut to).map(drop)
        }
    }
}

fn refuse(to: &TcpStream, asked: &Asked, status: &str, code: &str) -> std::io::Result<bool> {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>");
    say(to, asked, status, &[("Content-Type", "application/xml")], body.as_bytes())
}

fn say(
    mut to: &TcpStream,
    asked: &Asked,
    status: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<bool> {
    let is_head = asked.method == "HEAD";
    let mut text =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", if is_head { 0 } else { body.len() });
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").expect("a string takes it");
    }
    to.write_all((text + "\r\n").as_bytes())?;
    if !is_head {
        to.write_all(body)?;
    }
    Ok(true)
}
