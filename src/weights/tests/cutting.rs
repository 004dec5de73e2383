//! A proxy of bytes that cuts connections: after so many bytes of answers a connection ends, on both sides.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::random::Random;

/// What is done once, after so many bytes of answers.
type Deed = Box<dyn FnOnce() + Send>;

#[derive(Clone)]
pub(crate) struct Cutting {
    pub(crate) address: SocketAddr,
    /// Connections that were cut.
    pub(crate) cuts: Arc<AtomicU64>,
    passed: Arc<AtomicU64>,
    deed: Arc<Mutex<Option<(u64, Deed)>>>,
}

impl Cutting {
    /// In front of a server; connections end after 1 to `most` bytes, or never where that is 0.
    pub(crate) fn start(server: SocketAddr, most: u64, seed: u64) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (cuts, passed, deed) = (Arc::default(), Arc::default(), Arc::default());
        let proxy = Self { address, cuts, passed, deed };
        let own = proxy.clone();
        thread::spawn(move || {
            let mut random = Random(seed);
            for client in listener.incoming().flatten() {
                let limit = if most == 0 { u64::MAX } else { random.below(most) + 1 };
                let proxy = own.clone();
                thread::spawn(move || drop(proxy.pass(&client, server, limit)));
            }
        });
        proxy
    }

    /// Does something once, when so many bytes of answers have passed.
    pub(crate) fn after(&self, bytes: u64, deed: impl FnOnce() + Send + 'static) {
        *self.deed.lock().expect("no thread has panicked with it") = Some((bytes, Box::new(deed)));
    }

    fn pass(&self, client: &TcpStream, server: SocketAddr, limit: u64) -> std::io::Result<()> {
        let server = TcpStream::connect(server)?;
        let (mut asks, mut gets) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || {
            let _ = std::io::copy(&mut asks, &mut gets);
            let _ = gets.shutdown(Shutdown::Write);
        });
        let (mut from, mut to, mut left) = (&server, client, limit);
        let mut buffer = [0; 16 * 1024];
        loop {
            let count = from.read(&mut buffer)? as u64;
            let sent = count.min(left);
            self.note(sent);
            to.write_all(&buffer[..usize::try_from(sent).expect("at most a buffer")])?;
            left -= sent;
            if count == 0 || left == 0 {
                break;
            }
        }
        self.cuts.fetch_add(u64::from(left == 0), Ordering::SeqCst);
        let _ = client.shutdown(Shutdown::Both);
        server.shutdown(Shutdown::Both)
    }

    fn note(&self, bytes: u64) {
        let passed = self.passed.fetch_add(bytes, Ordering::SeqCst) + bytes;
        let mut planned = self.deed.lock().expect("no thread has panicked with it");
        if planned.as_ref().is_some_and(|(after, _)| passed >= *after)
            && let Some((_, deed)) = planned.take()
        {
            deed();
        }
    }
}
