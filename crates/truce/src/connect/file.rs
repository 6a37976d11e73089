//! Files and standard input as a transport.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use truce_feeds::{Format, Framer};

use crate::line::Error;

/// Bytes read at a time.
const CHUNK_BYTES: usize = 1 << 18;

/// Bytes looked at when guessing a file's format.
pub const GUESS_BYTES: usize = 4096;

/// Opens a file; one that begins like gzip (RFC 1952) is unpacked on the way.
///
/// # Errors
/// When it cannot be opened or read.
pub fn open(path: &Path) -> Result<Box<dyn Read>, Error> {
    let failed = |source| Error::file("read", path, source);
    let mut file = File::open(path).map_err(failed)?;
    let mut magic = [0; 2];
    let n = read_full(&mut file, &mut magic).map_err(failed)?;
    let whole = std::io::Cursor::new(magic[..n].to_vec()).chain(file);
    Ok(if magic == [0x1f, 0x8b] {
        Box::new(MultiGzDecoder::new(whole))
    } else {
        Box::new(whole)
    })
}

/// The first bytes of a file, for guessing its format.
///
/// # Errors
/// When it cannot be opened or read.
pub fn first_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; GUESS_BYTES];
    let n = read_full(&mut open(path)?, &mut bytes).map_err(|e| Error::file("read", path, e))?;
    bytes.truncate(n);
    Ok(bytes)
}

/// Reads a file of a format and hands on its messages one by one.
///
/// # Errors
/// When the file cannot be read, or whatever the receiver of the messages returns.
pub fn messages<E: From<Error>>(
    path: &Path,
    format: Format,
    mut each: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut reader = open(path)?;
    let mut framer = Framer::of(format);
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut result = Ok(());
    let mut deliver = |message: &[u8]| {
        if result.is_ok() {
            result = each(message);
        }
    };
    loop {
        let n = reader
            .read(&mut chunk)
            .map_err(|e| Error::file("read", path, e))?;
        if n == 0 {
            break;
        }
        framer.push(&chunk[..n], &mut deliver);
    }
    framer.finish(&mut deliver);
    result
}

fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match reader.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(k) => n += k,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}
