//! A server on loopback that gives recorded answers, one to each request in turn, and keeps what was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, Result};

/// A running server. Its thread ends with the last answer, or with the test.
#[derive(Debug)]
pub struct Replay {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

/// A recorded answer.
#[derive(Clone, Debug)]
pub struct Recorded {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Recorded {
    /// An answer with a status and a body.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// The same answer with one more header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl Replay {
    /// Starts a server with these answers.
    pub fn start(answers: Vec<Recorded>) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        let url = format!("http://{}", listener.local_addr()?);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        thread::spawn(move || {
            for answer in answers {
                let Ok((stream, _)) = listener.accept() else { return };
                let mut reader = BufReader::new(stream);
                let Ok(request) = read(&mut reader) else { continue };
                // Before the answer: who has it may look at once.
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                // Who has asked may have left.
                let _ = give(reader.into_inner(), &answer);
            }
        });
        Ok(Self { url, asked })
    }

    /// Where it is reached.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The requests so far: head, empty line and body of each, as they came.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Reads a request.
fn read(reader: &mut BufReader<TcpStream>) -> Result<String> {
    let (mut request, mut length, mut line) = (String::new(), 0, String::new());
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        request.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    request.push_str(&String::from_utf8_lossy(&body));
    Ok(request)
}

/// Answers it.
fn give(mut stream: TcpStream, answer: &Recorded) -> Result<()> {
    let Recorded { status, headers, body } = answer;
    write!(stream, "HTTP/1.1 {status} Recorded\r\nConnection: close\r\n")?;
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    write!(stream, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    Ok(())
}
