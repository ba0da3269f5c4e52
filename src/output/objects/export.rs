//! The bodies of a whole capture.

use std::io;

use super::{Object, ObjectWriter};
use crate::capture::{CaptureError, Reader};
use crate::decode::codec::CodecError;
use crate::decode::{Dissector, Found};
use crate::flow::Side;
use crate::profile::Protocols;

/// Why bodies were not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The capture cannot be read.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// A protocol that no codec can read.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A file cannot be written.
    #[error("cannot write a body: {0}")]
    Write(#[from] io::Error),
}

impl ObjectWriter {
    /// Writes the bodies that one side sent in a capture, and lends each as it is complete: those
    /// of the answers in the recording of a replay.
    ///
    /// # Errors
    ///
    /// The capture cannot be read, a file cannot be written.
    pub fn export(
        &mut self,
        reader: &mut Reader,
        protocols: &Protocols,
        side: Side,
        each: &mut dyn FnMut(&Object),
    ) -> Result<(), ExportError> {
        let mut dissector = Dissector::new(protocols, false)?;
        let mut take = |found: Found<'_>| {
            let Some((frame, stream, event)) = found.of_stream() else { return Ok(()) };
            if event.side() == side {
                self.push(frame, stream, &event)?.iter().for_each(&mut *each);
            }
            Ok::<_, io::Error>(())
        };
        while let Some(frame) = reader.next_frame()? {
            dissector.push(&frame, None, &mut take)?;
        }
        dissector.finish(&mut take)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::profile::Options;
    use crate::replay::Recording;

    #[test]
    fn a_recording_gives_the_bodies_of_its_answers() {
        let folder = tempfile::tempdir().unwrap();
        let (capture, out) = (folder.path().join("live.pcapng"), folder.path().join("out"));
        let recording = Recording::create(&capture).unwrap();
        let ends = ["127.0.0.1:40000", "127.0.0.1:8080"].map(|it| it.parse().unwrap());
        let mut wire = recording.connect(ends[0], ends[1]);
        let upload = b"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nnew";
        wire.sent(Side::Client, upload);
        let image = vec![0x89; 100_000];
        let head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 100000\r\n\r\n";
        wire.sent(Side::Server, &[&head[..], &image].concat());
        recording.finish().unwrap();

        let protocols = Protocols::load(&Options::default()).unwrap();
        let mut writer = ObjectWriter::new(&out, false).unwrap();
        let mut objects = Vec::new();
        let mut reader = Reader::open(&capture).unwrap();
        let each = &mut |it: &Object| objects.push((it.file.clone(), it.len));
        writer.export(&mut reader, &protocols, Side::Server, each).unwrap();
        let [(file, len)] = &objects[..] else { panic!("{objects:?}") };
        assert_eq!((*len, fs::read(out.join(file)).unwrap()), (100_000, image));
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
    }
}
