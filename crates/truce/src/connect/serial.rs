//! A serial line as a transport: a terminal device opened as the file that it is, eight bits, no
//! parity, one stop bit, nothing translated. `rustix` is in the build anyway, for the terminal's width;
//! crates for serial ports bring device lists that a mission's files do not need.
//!
//! When the feed's queue is full nothing is read. A serial line without handshake then overruns in the
//! kernel, some kilobytes later.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rustix::termios::{ControlModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

use super::backoff::Backoff;
use super::gate::{Closed, Inlet};
use super::link::LinkState;

/// Bytes read at a time: what 38 400 baud bring in a second.
const READ_BYTES: usize = 4_096;

/// A read returns after so many tenths of a second without a byte, so that a stop is noticed.
const READ_TENTHS_MAX: u8 = 5;

/// Reads for ever; ends when the gate is closed.
pub(super) async fn read(inlet: Inlet, device: String, baud: u32) -> Closed {
    let mut backoff = Backoff::of(&inlet.feed);
    let path = PathBuf::from(&device);
    loop {
        let why = match follow(&inlet, &path, baud, &mut backoff).await {
            Ok(closed) => return closed,
            Err(error) => format!("{device}: {error}"),
        };
        inlet.link.set(LinkState::Waiting, why);
        tokio::time::sleep(backoff.next_wait()).await;
    }
}

async fn follow(
    inlet: &Inlet,
    path: &Path,
    baud: u32,
    backoff: &mut Backoff,
) -> io::Result<Closed> {
    let opening = path.to_owned();
    let mut port = tokio::task::spawn_blocking(move || open(&opening, baud)).await??;
    inlet.link.set(
        LinkState::Connected,
        format!("reading {} at {baud} baud", path.display()),
    );
    let mut framer = inlet.framing.framer();
    loop {
        let reading = tokio::task::spawn_blocking(move || {
            let mut chunk = vec![0; READ_BYTES];
            let read = port.read(&mut chunk);
            (port, chunk, read)
        });
        let (back, chunk, read) = reading.await?;
        port = back;
        match read {
            // Nothing within the time, which the line's rest is not told from.
            Ok(0) if path.exists() => continue,
            Ok(0) => return Err(io::ErrorKind::NotFound.into()),
            Ok(n) => {
                backoff.reset();
                let mut messages = Vec::new();
                framer.push(&chunk[..n], &mut |bytes| {
                    messages.push(inlet.message(bytes))
                });
                if inlet.send(messages).await.is_err() {
                    return Ok(Closed);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Opens a terminal device in raw mode (termios(3)).
fn open(path: &Path, baud: u32) -> io::Result<File> {
    let port = File::open(path)?;
    let mut modes = tcgetattr(&port)?;
    modes.make_raw();
    modes.set_speed(baud)?;
    modes.control_modes |= ControlModes::CREAD | ControlModes::CLOCAL;
    modes.control_modes -= ControlModes::CSTOPB | ControlModes::CRTSCTS;
    modes.special_codes[SpecialCodeIndex::VMIN] = 0;
    modes.special_codes[SpecialCodeIndex::VTIME] = READ_TENTHS_MAX;
    tcsetattr(&port, OptionalActions::Now, &modes)?;
    Ok(port)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{InputModes, LocalModes};
    use truce_core::mission::Transport;

    use super::*;
    use crate::connect::stage::Stage;

    /// A line with two ends: the one that writes, and the device at the other.
    fn line() -> (File, PathBuf) {
        let end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&end).unwrap();
        unlockpt(&end).unwrap();
        let device = ptsname(&end, Vec::new()).unwrap();
        (File::from(end), PathBuf::from(device.to_str().unwrap()))
    }

    #[tokio::test]
    async fn what_a_line_brings_is_heard_untranslated() {
        let (mut end, device) = line();
        let mut stage = Stage::start(Transport::Serial {
            device: device.to_str().unwrap().to_owned(),
            baud: 4_800,
        });
        stage.comes_up(LinkState::Connected).await;
        // As receivers write it, cut anywhere; control characters are a terminal's no more.
        for piece in ["!AIVDM,1", ",1\r\n!AIV", "DM,\u{3}\u{4}2\r\n"] {
            end.write_all(piece.as_bytes()).unwrap();
        }
        stage.hears(&["!AIVDM,1,1", "!AIVDM,\u{3}\u{4}2"]).await;
        let modes = tcgetattr(&end).unwrap();
        assert_eq!((modes.input_speed(), modes.output_speed()), (4_800, 4_800));
        assert!(
            !modes
                .local_modes
                .intersects(LocalModes::ICANON | LocalModes::ECHO)
        );
        assert!(!modes.input_modes.contains(InputModes::ICRNL));
    }

    #[tokio::test]
    async fn a_line_that_hangs_up_is_waited_for() {
        let (end, device) = line();
        let stage = Stage::start(Transport::Serial {
            device: device.to_str().unwrap().to_owned(),
            baud: 38_400,
        });
        stage.comes_up(LinkState::Connected).await;
        drop(end);
        stage.comes_up(LinkState::Waiting).await;
        assert!(stage.report().text.starts_with(device.to_str().unwrap()));
    }

    #[tokio::test]
    async fn what_is_no_terminal_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "!AIVDM\r\n").unwrap();
        let stage = Stage::start(Transport::Serial {
            device: file.to_str().unwrap().to_owned(),
            baud: 38_400,
        });
        stage.comes_up(LinkState::Waiting).await;
    }
}
