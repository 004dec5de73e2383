//! Asks a service on this host for its health: what a container engine runs in an image that holds nothing else.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// Less than any sensible time-out of a container's health check.
const PATIENCE: Duration = Duration::from_secs(3);

/// Enough for the line with the status.
const STATUS_LINE: usize = 64;

/// Asks the service that listens on an address; the error says why it is not well.
pub(crate) fn ask(address: SocketAddr) -> Result<(), String> {
    let address = reachable(address);
    let line = status_line(address).map_err(|error| format!("`{address}` does not answer: {error}"))?;
    match line.split(' ').nth(1) {
        Some("200") => Ok(()),
        _ => Err(format!("`{address}` answers `{}`", line.trim())),
    }
}

/// Who listens on every address is asked on loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn status_line(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // In one piece: a server that answers the first of several closes on the others.
    let request = format!("GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut line = Vec::new();
    stream.take(STATUS_LINE as u64).read_to_end(&mut line)?;
    let line = String::from_utf8_lossy(&line);
    Ok(line.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    fn answering(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let read = stream.read(&mut request).unwrap();
            assert!(request[..read].starts_with(b"GET /health HTTP/1.1\r\n"));
            stream.write_all(answer.as_bytes()).unwrap();
        });
        address
    }

    #[test]
    fn only_200_is_well() {
        let well = answering("HTTP/1.1 200 OK\r\n\r\n");
        assert_eq!(ask(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), well.port())), Ok(()));
        let ill = ask(answering("HTTP/1.1 503 Service Unavailable\r\n\r\n"));
        assert!(ill.unwrap_err().contains("503"));
    }

    #[test]
    fn nobody_there_is_not_well() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert!(ask(address).unwrap_err().contains("does not answer"));
    }
}
