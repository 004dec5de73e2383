//! `lisa cert`: what it makes is taken by a TLS client that trusts its authority alone, and by AWS.

use anyhow::{Context as _, Result, ensure};
use lisa_testkit::{Emulator, Tool};

use super::{ACCOUNT, Operator};

/// A server and a client in one program: the client verifies the chain, the name and the purpose.
const HANDSHAKE: &str = r#"
import socket, ssl, sys, threading
folder, name = sys.argv[1:]
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
client = ssl.create_default_context(cafile=f"{folder}/ca.pem")
here, there = socket.socketpair()
def serve():
    try: server.wrap_socket(there, server_side=True).close()
    except OSError: pass
threading.Thread(target=serve, daemon=True).start()
client.wrap_socket(here, server_hostname=name)
"#;

fn shakes_hands(folder: &std::path::Path, name: &str) -> Result<bool> {
    let mut python = Tool::Python.command()?;
    Ok(python.args(["-c", HANDSHAKE]).arg(folder).arg(name).output()?.status.success())
}

#[test]
fn a_certificate_is_made_trusted_and_uploaded() -> Result<()> {
    let emulator = Emulator::start()?;
    let operator = Operator::new(&emulator)?;
    operator.lisa(&["cert", "generate"])?;
    let folder = operator.directory.path().join("lisa.cert");
    for name in ["internal-demo-1.us-east-1.elb.amazonaws.com", "localhost"] {
        ensure!(shakes_hands(&folder, name)?, "{name}");
    }
    ensure!(!shakes_hands(&folder, "lisa.example.com")?, "a name that it was not made for");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(folder.join("server.key"))?.permissions());
    ensure!(mode & 0o777 == 0o600, "the key is its owner's: {mode:o}");
    let again = operator.run(&["cert", "generate"])?;
    ensure!(again.status.code() == Some(2), "a key that is there is not replaced by mistake");

    // The emulator has no server certificates of IAM.
    let uploaded = operator.json(&["cert", "upload", "--to", "acm"])?;
    let arn = uploaded["arn"].as_str().context("an ARN")?;
    ensure!(arn.starts_with("arn:aws:acm:") && arn.contains(ACCOUNT), "{arn}");
    Ok(())
}
