//! Reads AWS's event streams (`application/vnd.amazon.eventstream`) as they come, however they are cut: frames with a
//! checksum for their prelude and one for all of them. The frames themselves are read by `aws-smithy-eventstream`.

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use bytes::{Bytes, BytesMut};

/// The type of such a body.
pub const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// Bytes that one frame may have. Source: the event stream's specification, 16 MiB of payload and 128 KiB of headers.
const LARGEST_FRAME: usize = 17 * 1024 * 1024;

/// Reads frames.
#[derive(Debug, Default)]
pub struct Reader {
    decoder: MessageFrameDecoder,
    pending: BytesMut,
}

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it is: an event, or an error of the service.
    pub kind: Kind,
    /// The name of the event or the error.
    pub name: String,
    /// What it says.
    pub payload: Bytes,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An event.
    Event,
    /// An error that the service's model knows.
    Exception,
    /// An error that it does not know; its words are in a header.
    Error,
}

/// Bytes that are no event stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event stream is broken: {0}")]
pub struct Broken(String);

impl Reader {
    /// Takes what has come and hands on the frames that are whole with it.
    pub fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(Frame)) -> Result<(), Broken> {
        self.pending.extend_from_slice(bytes);
        loop {
            let decoded = self.decoder.decode_frame(&mut self.pending);
            match decoded.map_err(|error| Broken(error.to_string()))? {
                DecodedFrame::Complete(message) => each(frame(&message)),
                DecodedFrame::Incomplete if self.pending.len() > LARGEST_FRAME => {
                    return Err(Broken(format!("a frame is larger than {LARGEST_FRAME} bytes")));
                }
                DecodedFrame::Incomplete => return Ok(()),
            }
        }
    }
}

fn frame(message: &aws_smithy_types::event_stream::Message) -> Frame {
    let header = |name: &str| {
        let header = message.headers().iter().find(|header| header.name().as_str() == name)?;
        header.value().as_string().ok().map(|value| value.as_str().to_owned())
    };
    let (kind, name) = match header(":message-type").as_deref() {
        Some("exception") => (Kind::Exception, header(":exception-type")),
        Some("error") => (Kind::Error, header(":error-code")),
        _ => (Kind::Event, header(":event-type")),
    };
    let payload = match (kind, header(":error-message")) {
        (Kind::Error, Some(text)) => text.into(),
        _ => message.payload().clone(),
    };
    Frame { kind, name: name.unwrap_or_default(), payload }
}

/// Frames as a service writes them, for whoever plays one.
pub mod written {
    use aws_smithy_eventstream::frame::write_message_to;
    use aws_smithy_types::event_stream::{Header, HeaderValue, Message};

    /// A frame of a type (`event`, `exception`) with a name.
    pub fn frame(kind: &str, name: &str, payload: impl AsRef<[u8]>) -> Vec<u8> {
        let text = |text: &str| HeaderValue::String(text.to_owned().into());
        let mut message = Message::new(bytes::Bytes::copy_from_slice(payload.as_ref()));
        for (header, value) in [
            (format!(":{kind}-type"), name),
            (":content-type".to_owned(), "application/json"),
            (":message-type".to_owned(), kind),
        ] {
            message = message.add_header(Header::new(header, text(value)));
        }
        let mut written = Vec::new();
        // Headers as short as these always fit.
        let _ = write_message_to(&message, &mut written);
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[&[u8]]) -> Result<Vec<Frame>, Broken> {
        let (mut reader, mut frames) = (Reader::default(), Vec::new());
        for part in parts {
            reader.feed(part, |frame| frames.push(frame))?;
        }
        Ok(frames)
    }

    #[test]
    fn frames_are_the_same_at_every_cut() {
        let mut stream = written::frame("event", "messageStart", r#"{"role":"assistant"}"#);
        stream.extend(written::frame("exception", "throttlingException", r#"{"message":"slow"}"#));
        let frames = read(&[&stream]).unwrap();
        assert_eq!((frames.len(), frames[0].name.as_str(), frames[0].kind), (2, "messageStart", Kind::Event));
        assert_eq!(
            (frames[1].kind, &frames[1].payload[..]),
            (Kind::Exception, &br#"{"message":"slow"}"#[..])
        );
        for cut in 0..=stream.len() {
            let (one, other) = stream.split_at(cut);
            assert_eq!(read(&[one, other]).unwrap(), frames, "{cut}");
        }
        assert_eq!(read(&stream.chunks(1).collect::<Vec<_>>()).unwrap(), frames);
    }

    #[test]
    fn a_flipped_bit_is_found() {
        let stream = written::frame("event", "messageStart", r#"{"role":"assistant"}"#);
        for at in 0..stream.len() {
            let mut broken = stream.clone();
            broken[at] ^= 1;
            // A length that is wrong may ask for more than there is; what is never had is a frame.
            assert!(read(&[&broken]).map_or(true, |frames| frames.is_empty()), "{at}");
        }
    }

    #[test]
    fn a_frame_without_end_is_an_error() {
        let mut reader = Reader::default();
        let mut head = vec![0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0];
        head.resize(LARGEST_FRAME + 100, 0);
        assert!(reader.feed(&head, |_| ()).is_err());
    }
}
