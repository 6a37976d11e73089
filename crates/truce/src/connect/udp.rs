//! UDP as a transport. A datagram is whole: its last message needs no end. Nobody can be held back,
//! so what finds no room is lost and counted.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::{UdpSocket, lookup_host};

use super::backoff::Backoff;
use super::gate::{Closed, Inlet};
use super::link::LinkState;

/// No UDP datagram is longer.
const DATAGRAM_BYTES_MAX: usize = 65_536;

/// Listens for ever.
pub(super) async fn listen(inlet: Inlet, address: String) -> Closed {
    let mut backoff = Backoff::of(&inlet.feed);
    let mut datagram = vec![0; DATAGRAM_BYTES_MAX];
    loop {
        let why = match bind(&address).await {
            Ok(socket) => {
                inlet
                    .link
                    .set(LinkState::Listening, format!("listening on UDP {address}"));
                loop {
                    match socket.recv(&mut datagram).await {
                        Ok(n) => inlet
                            .cut(&datagram[..n])
                            .into_iter()
                            .for_each(|m| inlet.offer(m)),
                        Err(error) => break format!("{address}: {error}"),
                    }
                }
            }
            Err(error) => format!("cannot listen on {address}: {error}"),
        };
        inlet.link.set(LinkState::Waiting, why);
        tokio::time::sleep(backoff.next_wait()).await;
    }
}

/// A socket at an address, which joins the group when it is one of multicast, as Cursor on Target's
/// 239.2.3.1:6969 is.
async fn bind(address: &str) -> std::io::Result<UdpSocket> {
    let nobody = || std::io::Error::from(std::io::ErrorKind::NotFound);
    let address = lookup_host(address).await?.next().ok_or_else(nobody)?;
    let any: IpAddr = match address.ip() {
        group if !group.is_multicast() => return UdpSocket::bind(address).await,
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, address.port())).await?;
    match address.ip() {
        IpAddr::V4(group) => socket.join_multicast_v4(group, Ipv4Addr::UNSPECIFIED)?,
        IpAddr::V6(group) => socket.join_multicast_v6(&group, 0)?,
    }
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use truce_core::mission::Transport;

    use super::*;
    use crate::connect::fair::WAITING_MESSAGES_MAX;
    use crate::connect::stage::{Stage, free_address};

    #[tokio::test]
    async fn a_datagram_is_cut_into_messages() {
        let address = free_address();
        let mut stage = Stage::start(Transport::Udp {
            address: address.clone(),
        });
        stage.comes_up(LinkState::Listening).await;
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.send_to(b"a\r\nb\nc", &address).await.unwrap();
        stage.hears(&["a", "b", "c"]).await;
    }

    #[tokio::test]
    async fn what_finds_no_room_is_counted() {
        let stage = Stage::idle(Transport::Udp {
            address: free_address(),
        });
        let inlet = stage.inlet();
        for _ in 0..WAITING_MESSAGES_MAX + 3 {
            inlet.offer(inlet.message(b"x"));
        }
        let report = stage.report();
        assert_eq!((report.waiting, report.lost), (WAITING_MESSAGES_MAX, 3));
    }
}
