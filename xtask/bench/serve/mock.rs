//! A model server that answers at once, after a second, or with a stream, as the model's name asks for.

use std::io;
use std::time::Duration;

use tokio::net::TcpListener;

use super::wire::Connection;

/// Events of a stream, but for the last.
pub(super) const EVENTS: usize = 65;

/// About the 620 bytes of a short answer.
fn answer() -> Vec<u8> {
    let text = "A short answer, as long as such answers are. ".repeat(8);
    let body = format!(
        "{{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"m\",\"choices\":[{{\"index\":0,\
         \"message\":{{\"role\":\"assistant\",\"content\":\"{text}\"}},\"finish_reason\":\"stop\"}}],\"usage\":{{\"prompt_tokens\":12,\
         \"completion_tokens\":80,\"total_tokens\":92}}}}"
    );
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

const STREAM: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

fn event(text: &str) -> Vec<u8> {
    let data = format!("data: {text}\n\n");
    format!("{:x}\r\n{data}\r\n", data.len()).into_bytes()
}

fn word() -> Vec<u8> {
    event(
        "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"m\",\
         \"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"},\"finish_reason\":null}]}",
    )
}

/// Serves until the process ends.
pub(super) async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let connection = Connection::new(stream)?;
        // A caller that leaves is no news.
        tokio::spawn(async move { drop(converse(connection).await) });
    }
}

async fn converse(mut connection: Connection) -> io::Result<()> {
    let (answer, word, done) = (answer(), word(), event("[DONE]"));
    while let Some(head) = connection.head().await? {
        let body = connection.body(&head).await?;
        let asks = |what: &str| body.windows(what.len()).any(|window| window == what.as_bytes());
        if !head.line.starts_with("POST") {
            connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await?;
        } else if asks("never") {
            if asks("\"stream\":true") {
                connection.write(STREAM).await?;
                connection.write(&word).await?;
            }
            connection.closed().await;
            super::say_gone();
            return Ok(());
        } else if asks("\"stream\":true") {
            connection.write(STREAM).await?;
            let pause = asks("paced").then(|| Duration::from_millis(20));
            for _ in 0..EVENTS {
                connection.write(&word).await?;
                if let Some(pause) = pause {
                    tokio::time::sleep(pause).await;
                }
            }
            connection.write(&done).await?;
            connection.write(b"0\r\n\r\n").await?;
        } else {
            if asks("slow") {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            connection.write(&answer).await?;
        }
    }
    Ok(())
}
