//! Signed messages: whose key a message bears, and whether it is trusted.
//!
//! A feed whose mission file names keys takes signed messages only. Each is one line:
//!
//! ```text
//! signed KEY SIGNATURE PAYLOAD
//! ```
//! KEY is the key's name. SIGNATURE and PAYLOAD are base64 (RFC 4648, clause 4); the payload is one
//! message of the feed's format. What is signed (Ed25519, RFC 8032) is `truce signed message v1`, a line
//! feed, the feed's name, a line feed, and the payload: a message for one feed is none for another.
//!
//! A key is trusted for what is *received* while it is valid, since a thief can write any time into a
//! message but cannot send it earlier. From its revocation on its messages are rejected; what was taken
//! before stays, and is marked in the tables.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use truce_core::mission::{Feed, FeedKey, SensorNetwork};
use truce_core::{FeedChange, FeedEvent, FeedNotice, RawMessage, Slug, Timestamp};

/// What is signed begins so.
const CONTEXT: &[u8] = b"truce signed message v1\n";

/// Why a message was not taken: a class for counting, and words.
pub(super) type Refusal = (&'static str, String);

/// The keys of all feeds that have some.
#[derive(Debug, Default)]
pub(super) struct Signatures(BTreeMap<Slug, BTreeMap<Slug, Key>>);

#[derive(Debug)]
struct Key {
    /// `None` for bytes that are no point of the curve.
    public: Option<VerifyingKey>,
    valid_from: Timestamp,
    revoked_at: Option<Timestamp>,
    /// Whether the revocation was told.
    told: bool,
}

impl Signatures {
    pub(super) fn new(network: &SensorNetwork) -> Self {
        let key = |key: &FeedKey| {
            let trusted = Key {
                public: VerifyingKey::from_bytes(&key.ed25519.0).ok(),
                valid_from: key.valid_from,
                revoked_at: key.revoked_at,
                told: false,
            };
            (key.id.clone(), trusted)
        };
        let keys = |feed: &Feed| (feed.id.clone(), feed.keys.iter().map(key).collect());
        let signed = network.feeds.iter().filter(|feed| !feed.keys.is_empty());
        Self(signed.map(keys).collect())
    }

    /// The message inside a signed one and the key that it bears; `None` for a feed without keys.
    pub(super) fn open(&self, message: &RawMessage) -> Option<Result<(RawMessage, Slug), Refusal>> {
        let keys = self.0.get(&message.source)?;
        Some(open(keys, message))
    }

    /// Takes note of a revocation, which may say an earlier time than one before.
    pub(super) fn note(&mut self, source: &Slug, notice: &FeedNotice) {
        let FeedNotice::KeyRevoked {
            key, revoked_at, ..
        } = notice
        else {
            return;
        };
        let key = self.0.get_mut(source).and_then(|keys| keys.get_mut(key));
        if let Some(key) = key
            && key.revoked_at.is_none_or(|before| *revoked_at < before)
        {
            key.revoked_at = Some(*revoked_at);
            key.told = false;
        }
    }

    /// The keys whose revocation has come.
    pub(super) fn advance(&mut self, now: Timestamp) -> Vec<FeedChange> {
        let mut changes = Vec::new();
        for (source, keys) in &mut self.0 {
            for (id, key) in keys {
                let Some(revoked_at) = key.revoked_at.filter(|at| *at <= now && !key.told) else {
                    continue;
                };
                key.told = true;
                changes.push(FeedChange {
                    source: source.clone(),
                    noticed_at: now,
                    event: FeedEvent::KeyRevoked {
                        key: id.clone(),
                        revoked_at,
                    },
                });
            }
        }
        changes
    }
}

fn open(keys: &BTreeMap<Slug, Key>, message: &RawMessage) -> Result<(RawMessage, Slug), Refusal> {
    let text = std::str::from_utf8(&message.bytes).unwrap_or("");
    let Some(rest) = text.trim_end().strip_prefix("signed ") else {
        let why = "the feed takes signed messages only, and this is none";
        return Err(("unsigned", why.to_owned()));
    };
    let mut parts = rest.split(' ');
    let (Some(id), Some(signature), Some(payload), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        let why = "`signed` is followed by a key, a signature and a payload, each after one space";
        return Err(("signature", why.to_owned()));
    };
    let Some((id, key)) = keys.iter().find(|(name, _)| name.as_str() == id) else {
        return Err(("key_unknown", format!("the feed has no key `{id}`")));
    };
    let not_base64 = |what: &str| ("signature", format!("the {what} is not base64"));
    let payload = STANDARD
        .decode(payload)
        .map_err(|_| not_base64("payload"))?;
    let signature = STANDARD
        .decode(signature)
        .map_err(|_| not_base64("signature"))?;
    let signature = Signature::from_slice(&signature)
        .map_err(|_| ("signature", "a signature has 64 bytes".to_owned()))?;
    let source = message.source.as_str().as_bytes();
    let signed = [CONTEXT, source, b"\n", &payload].concat();
    // Strict: no two signatures of one message, and no key that signs everything.
    let fits = |public: &VerifyingKey| public.verify_strict(&signed, &signature).is_ok();
    if !key.public.as_ref().is_some_and(fits) {
        return Err(("signature", format!("not signed by `{id}`")));
    }
    if message.received_at < key.valid_from {
        let why = format!("`{id}` is valid from {} on", key.valid_from);
        return Err(("key_not_valid", why));
    }
    if let Some(at) = key.revoked_at.filter(|at| *at <= message.received_at) {
        return Err(("key_revoked", format!("`{id}` was revoked at {at}")));
    }
    let inner = RawMessage {
        bytes: payload,
        ..message.clone()
    };
    Ok((inner, id.clone()))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use truce_core::mission::{PublicKey, Transport};

    use super::*;

    const MESSAGE: &str = "!AIVDM,1,1,,A,15M67FC000G?ufbE`FepT@3n00Sa,0*5C";

    fn signing_key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn line(key: &str, feed: &str, payload: &str) -> String {
        let signed = format!("truce signed message v1\n{feed}\n{payload}");
        let signature = signing_key().sign(signed.as_bytes()).to_bytes();
        let (signature, payload) = (STANDARD.encode(signature), STANDARD.encode(payload));
        format!("signed {key} {signature} {payload}")
    }

    fn signatures() -> Signatures {
        let mut feed = crate::connect::stage::network(Transport::HttpPush)
            .feeds
            .remove(0);
        feed.keys.push(FeedKey {
            id: "k1".parse().unwrap(),
            ed25519: PublicKey(signing_key().verifying_key().to_bytes()),
            valid_from: "2025-01-01T00:00:00Z".parse().unwrap(),
            revoked_at: Some("2025-06-01T00:00:00Z".parse().unwrap()),
        });
        Signatures::new(&SensorNetwork {
            feeds: vec![feed],
            ..SensorNetwork::default()
        })
    }

    fn received(text: &str, at: &str) -> RawMessage {
        RawMessage {
            source: "post-1/feed".parse().unwrap(),
            received_at: at.parse().unwrap(),
            bytes: text.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_signed_message_is_opened_and_every_other_is_refused_with_its_reason() {
        let good = line("k1", "post-1/feed", MESSAGE);
        let (spring, summer) = ("2025-03-01T00:00:00Z", "2025-06-01T00:00:00Z");
        let refused: [(&str, String, &str); 9] = [
            ("unsigned", MESSAGE.into(), spring),
            ("key_unknown", line("k2", "post-1/feed", MESSAGE), spring),
            ("signature", line("k1", "post-2/feed", MESSAGE), spring),
            (
                "signature",
                good.replace("signed k1 ", "signed k1  "),
                spring,
            ),
            (
                "signature",
                good.replace(&STANDARD.encode(MESSAGE), "AAAA"),
                spring,
            ),
            ("signature", "signed k1 AAAA AAAA".into(), spring),
            ("signature", "signed k1 !! AAAA".into(), spring),
            ("key_not_valid", good.clone(), "2024-12-31T23:59:59Z"),
            ("key_revoked", good.clone(), summer),
        ];
        let signatures = signatures();
        for (class, text, at) in refused {
            let outcome = signatures.open(&received(&text, at)).unwrap();
            assert_eq!(outcome.unwrap_err().0, class, "{text} {at}");
        }
        let (inner, key) = signatures.open(&received(&good, spring)).unwrap().unwrap();
        assert_eq!(
            (inner.bytes, key.as_str()),
            (MESSAGE.as_bytes().to_vec(), "k1")
        );
    }

    #[test]
    fn a_revocation_is_told_when_it_comes_and_again_when_it_says_an_earlier_time() {
        let mut signatures = signatures();
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        assert_eq!(signatures.advance(at("2025-03-01T00:00:00Z")), []);
        assert_eq!(signatures.advance(at("2025-06-01T00:00:00Z")).len(), 1);
        assert_eq!(signatures.advance(at("2025-06-02T00:00:00Z")), []);
        for (revoked_at, told) in [("2025-07-01T00:00:00Z", 0), ("2025-02-01T00:00:00Z", 1)] {
            let notice = FeedNotice::KeyRevoked {
                key: "k1".parse().unwrap(),
                revoked_at: at(revoked_at),
                by: "an officer".into(),
                reason: "it was seen elsewhere".into(),
            };
            signatures.note(&"post-1/feed".parse().unwrap(), &notice);
            assert_eq!(signatures.advance(at("2025-06-03T00:00:00Z")).len(), told);
        }
        let good = line("k1", "post-1/feed", MESSAGE);
        let outcome = signatures
            .open(&received(&good, "2025-03-01T00:00:00Z"))
            .unwrap();
        assert_eq!(outcome.unwrap_err().0, "key_revoked");
    }
}
