//! The collector against real witnesses on loopback, against a dead one and a lying one.

use std::net::SocketAddr;
use std::path::Path;

use truce_ledger::{Draft, Ledger, Policy, Reader, Rows, SigningKey, Witness};

use super::{Collector, router};

const ORIGIN: &str = "example.org/log";

fn log_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap()
}

fn witness_key(number: u8) -> SigningKey {
    SigningKey::from_seed(&format!("w{number}.example"), &[number; 32]).unwrap()
}

fn grow(ledger: &mut Ledger, entries: usize) {
    let rows: Rows = ["row"].into_iter().collect();
    for _ in 0..entries {
        ledger
            .append(Draft {
                class: 1,
                log_time_ns: 0,
                agreement: [0; 32],
                policy: [0; 32],
                rows: &rows,
            })
            .unwrap();
    }
    ledger.commit(0).unwrap();
}

/// Serves the witness in a folder under the key of `number`; gives its address.
async fn witness(dir: &Path, number: u8) -> (SocketAddr, tokio::task::JoinHandle<()>) {
    if !dir.exists() {
        Witness::create(dir).unwrap();
    }
    let logs = vec![log_key().verifier()];
    let witness = Witness::open(dir, witness_key(number), logs).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        axum::serve(listener, router(witness)).await.unwrap();
    });
    (address, serving)
}

fn policy(witnesses: &[(u8, SocketAddr)], quorum: &str) -> Policy {
    let mut text = String::new();
    for (number, address) in witnesses {
        let key = witness_key(*number).cosigner();
        text.push_str(&format!("witness w{number} {key} http://{address}/\n"));
    }
    let names: Vec<String> = witnesses
        .iter()
        .map(|(number, _)| format!("w{number}"))
        .collect();
    text.push_str(&format!("group all-of-them {quorum} {}\n", names.join(" ")));
    text.push_str("quorum all-of-them\n");
    Policy::parse(&text).unwrap()
}

fn sizes(reader: &Reader) -> (Option<u64>, Option<u64>) {
    let size = |checkpoint: Option<truce_ledger::Checkpoint>| checkpoint.map(|c| c.size);
    (
        size(reader.cosigned().unwrap()),
        size(reader.witnessed().unwrap()),
    )
}

#[tokio::test]
async fn a_quorum_is_collected_and_a_dead_witness_only_shows() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut ledger = Ledger::create(&log, ORIGIN, log_key()).unwrap();
    let reader = Reader::open(&log).unwrap();
    let (first, _) = witness(&folder.path().join("w1"), 1).await;
    let (second, serving) = witness(&folder.path().join("w2"), 2).await;
    let both = [(1, first), (2, second)];

    let mut collector = Collector::open(&log, policy(&both, "all")).unwrap();
    collector.round().await.unwrap();
    assert_eq!(
        sizes(&reader),
        (None, None),
        "the empty log is not witnessed"
    );
    grow(&mut ledger, 5);
    collector.round().await.unwrap();
    assert_eq!(sizes(&reader), (Some(5), Some(5)));
    let witnessed = reader.witnessed().unwrap().unwrap();
    assert!(policy(&both, "all").judge(&witnessed).met);

    // The second dies: the log goes on, and says how far it is witnessed.
    serving.abort();
    let _ = serving.await;
    grow(&mut ledger, 300);
    collector.round().await.unwrap();
    assert_eq!(sizes(&reader), (Some(305), Some(5)));
    assert_eq!(reader.checkpoint().unwrap().size, 305);

    // A collector that knows nothing yet, and a quorum that one is enough for.
    let mut collector = Collector::open(&log, policy(&both, "any")).unwrap();
    grow(&mut ledger, 1);
    collector.round().await.unwrap();
    assert_eq!(sizes(&reader), (Some(306), Some(306)));
}

#[tokio::test]
async fn a_witness_remembers_over_a_restart_and_refuses_another_history() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    let place = folder.path().join("w1");
    let mut ledger = Ledger::create(&one, ORIGIN, log_key()).unwrap();
    grow(&mut ledger, 9);
    let (address, serving) = witness(&place, 1).await;
    let mut collector = Collector::open(&one, policy(&[(1, address)], "all")).unwrap();
    collector.round().await.unwrap();
    assert_eq!(sizes(&Reader::open(&one).unwrap()), (Some(9), Some(9)));
    serving.abort();
    let _ = serving.await;

    // The same key signs another history, shorter at first and then longer.
    let mut fork = Ledger::create(&other, ORIGIN, log_key()).unwrap();
    let (address, _) = witness(&place, 1).await;
    for entries in [3, 6, 20] {
        grow(&mut fork, entries);
        let mut collector = Collector::open(&other, policy(&[(1, address)], "all")).unwrap();
        collector.round().await.unwrap();
        assert_eq!(sizes(&Reader::open(&other).unwrap()), (None, None));
    }
    assert!(std::fs::read_dir(place.join("forks")).unwrap().count() >= 2);
}

#[tokio::test]
async fn a_signature_of_another_key_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut ledger = Ledger::create(&log, ORIGIN, log_key()).unwrap();
    grow(&mut ledger, 2);
    // It cosigns with key 2, and the policy knows its address under key 1.
    let (address, _) = witness(&folder.path().join("w2"), 2).await;
    let mut collector = Collector::open(&log, policy(&[(1, address)], "all")).unwrap();
    collector.round().await.unwrap();
    assert_eq!(sizes(&Reader::open(&log).unwrap()), (None, None));
}
