//! Files that may be compressed, as the bytes that they hold.

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use std::fs::File;
use std::io::{BufRead, BufReader, Error, Read, Result};
use std::path::Path;

/// Told by the first bytes, whatever the file is called.
pub(super) const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTANDARD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The bytes that gzip or zstd have compressed, or these bytes; and whether they were compressed.
pub(super) fn decompressed(
    reader: impl Read + Send + 'static,
) -> Result<(Box<dyn Read + Send>, bool)> {
    let mut reader = BufReader::with_capacity(1 << 18, reader);
    let first = reader.fill_buf()?;
    Ok(if first.starts_with(&GZIP) {
        (Box::new(MultiGzDecoder::new(reader)), true)
    } else if first.starts_with(&ZSTANDARD) {
        let frames = Frames {
            source: Some(reader),
            frame: None,
        };
        (Box::new(frames), true)
    } else {
        (Box::new(reader), false)
    })
}

/// Whether a file begins as gzip or zstd files do. A pipe is left alone: what is read from it is gone.
pub(super) fn is_compressed(path: &Path) -> bool {
    if !path.is_file() {
        return false;
    }
    let mut first = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read(&mut first));
    read.is_ok_and(|length| first[..length].starts_with(&GZIP) || first == ZSTANDARD)
}

/// The frames of a zstd file, one after the other: the decoder stops after the first.
struct Frames<R: Read> {
    /// While no frame is being read.
    source: Option<R>,
    frame: Option<StreamingDecoder<R, FrameDecoder>>,
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let length = frame.read(buffer)?;
                if length > 0 || buffer.is_empty() {
                    return Ok(length);
                }
            }
            if let Some(frame) = self.frame.take() {
                let decoder = &frame.decoder;
                let (told, found) = (
                    decoder.get_checksum_from_data(),
                    decoder.get_calculated_checksum(),
                );
                if told.is_some() && told != found {
                    return Err(Error::other("the checksum of the data is wrong"));
                }
                self.source = Some(frame.into_inner());
            }
            let Some(mut source) = self.source.take() else {
                return Ok(0);
            };
            if source.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.frame = Some(StreamingDecoder::new(source).map_err(Error::other)?);
        }
    }
}
