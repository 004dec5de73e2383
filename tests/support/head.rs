//! The head of a request, as servers on loopback read it.

use std::io::{BufRead, Result};

/// The lines of the next request's head, the first of which is the request itself; none where the client has gone.
pub(crate) fn read(from: &mut impl BufRead) -> Result<Option<Vec<String>>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim() {
            "" => return Ok(Some(lines)),
            line => lines.push(line.to_owned()),
        }
    }
}
