//! An in-memory stand-in for OpenSearch (osmem): index, text and filter requests; it refuses kNN.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::engine::packages;

/// Longer than a start on a crowded machine takes.
const START_LIMIT: Duration = Duration::from_mins(1);

/// A running server. It ends with the value that stands for it.
#[derive(Debug)]
pub struct OpenSearch {
    process: Child,
    address: SocketAddr,
}

impl OpenSearch {
    /// Starts a server on a free port and waits until it listens.
    pub fn start() -> Result<Self> {
        let program = packages("opensearch")?.join("osmem_server/bin/osmem-server");
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut command = Command::new(&program);
        command.args(["-no-stdin-watch", "-addr", &address.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn();
        let process = process
            .with_context(|| format!("could not start `{}`; run `cargo xtask tools`", program.display()))?;
        let mut server = Self { process, address };
        let deadline = Instant::now() + START_LIMIT;
        while TcpStream::connect(address).is_err() {
            let ended = server.process.try_wait()?;
            if ended.is_some() || Instant::now() > deadline {
                bail!("the stand-in for OpenSearch did not start ({ended:?})");
            }
            sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for OpenSearch {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
