//! The C2SP tlog-policy file: which logs and witnesses are known, and which of the witnesses must
//! have cosigned a checkpoint.
//!
//! ```text
//! log <vkey> [<url>]
//! witness <name> <vkey> [<url>]
//! group <name> all|any|<k> <name>...
//! quorum <name>|none
//! ```
//!
//! Witnesses cosign with Ed25519 or ML-DSA-44. A log's own ML-DSA-44 line is a cosignature too, so a
//! policy that names its key as a witness asks for it.
//!
//! It decides nothing by itself and waits for nobody: [`Policy::judge`] says whether the quorum is
//! met by the cosignatures that a checkpoint carries.

use crate::checkpoint::Checkpoint;
use crate::error::{Error, Result};
use crate::key::{KeyKind, VerifierKey};
use std::collections::{BTreeMap, BTreeSet};

/// A policy longer than this is refused.
pub const MAX_POLICY_BYTES: usize = 1 << 20;
/// Most logs, witnesses and groups of a policy, each (tlog-policy, "Implementation limits", asks
/// for 32 at least). A note holds no more signatures either.
pub const MAX_POLICY_ITEMS: usize = 64;

/// A log or a witness, as the policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The name inside the policy; a log's is its origin.
    pub name: String,
    /// Its public key.
    pub key: VerifierKey,
    /// Where it is reached: for a witness the submission prefix of tlog-witness.
    pub url: Option<String>,
}

/// A parsed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Peer>,
    witnesses: Vec<Peer>,
    quorum: Rule,
}

/// What must have cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    /// Nobody.
    Nobody,
    /// The witness with this position.
    Witness(usize),
    /// At least `least` of the members.
    Group { least: usize, members: Vec<Rule> },
}

/// What a checkpoint's cosignatures come to under a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The witnesses that cosigned, by name, with the time in seconds since the Unix epoch.
    pub cosigned: Vec<(String, u64)>,
    /// The witnesses that did not, by name.
    pub missing: Vec<String>,
    /// True when the quorum is met. Always true under `quorum none`.
    pub met: bool,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the line's number, [`Error::TooLarge`].
    pub fn parse(text: &str) -> Result<Policy> {
        if text.len() > MAX_POLICY_BYTES {
            let (limit, got) = (MAX_POLICY_BYTES as u64, text.len() as u64);
            let what = "policy in bytes";
            return Err(Error::TooLarge { what, limit, got });
        }
        let mut reading = Reading::default();
        for (number, line) in (1..).zip(text.split('\n')) {
            let bad = |what: String| Error::malformed("policy", format!("line {number}: {what}"));
            if line.bytes().any(|b| (b < 0x20 && b != b'\t') || b == 0x7f) {
                return Err(bad("a control character".into()));
            }
            let items: Vec<&str> = line.split([' ', '\t']).filter(|s| !s.is_empty()).collect();
            if items.first().is_some_and(|first| !first.starts_with('#')) {
                reading.line(&items).map_err(bad)?;
            }
        }
        let quorum = reading
            .quorum
            .ok_or_else(|| Error::malformed("policy", "no quorum line"))?;
        Ok(Policy {
            logs: reading.logs,
            witnesses: reading.witnesses,
            quorum,
        })
    }

    /// A policy by which each of these witnesses must have cosigned.
    #[must_use]
    pub fn all_of(witnesses: Vec<VerifierKey>) -> Policy {
        let members = (0..witnesses.len()).map(Rule::Witness).collect();
        let least = witnesses.len();
        let peer = |key: VerifierKey| Peer {
            name: key.name().to_owned(),
            key,
            url: None,
        };
        Policy {
            logs: Vec::new(),
            witnesses: witnesses.into_iter().map(peer).collect(),
            quorum: Rule::Group { least, members },
        }
    }

    /// The logs it names.
    #[must_use]
    pub fn logs(&self) -> &[Peer] {
        &self.logs
    }

    /// The witnesses it names.
    #[must_use]
    pub fn witnesses(&self) -> &[Peer] {
        &self.witnesses
    }

    /// True under `quorum none`: no cosignature is asked for, so *witnessed* means nothing.
    #[must_use]
    pub fn asks_for_nobody(&self) -> bool {
        self.quorum == Rule::Nobody
    }

    /// Holds a checkpoint's cosignatures against the quorum. The log's own signature is not looked
    /// at.
    #[must_use]
    pub fn judge(&self, checkpoint: &Checkpoint) -> Judgement {
        let (mut cosigned, mut missing, mut there) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (at, witness) in self.witnesses.iter().enumerate() {
            match checkpoint.verify_cosignature(&witness.key) {
                Ok(time_s) => {
                    there.insert(at);
                    cosigned.push((witness.name.clone(), time_s));
                }
                Err(_) => missing.push(witness.name.clone()),
            }
        }
        let met = self.quorum.is_met(&there);
        Judgement {
            cosigned,
            missing,
            met,
        }
    }
}

impl Rule {
    fn is_met(&self, there: &BTreeSet<usize>) -> bool {
        match self {
            Rule::Nobody => true,
            Rule::Witness(at) => there.contains(at),
            Rule::Group { least, members } => {
                members.iter().filter(|member| member.is_met(there)).count() >= *least
            }
        }
    }
}

/// A policy as far as it was read.
#[derive(Default)]
struct Reading {
    logs: Vec<Peer>,
    witnesses: Vec<Peer>,
    /// Witnesses and groups by name.
    named: BTreeMap<String, Rule>,
    /// The names that are a group's member already.
    members: BTreeSet<String>,
    groups: usize,
    quorum: Option<Rule>,
}

impl Reading {
    fn line(&mut self, items: &[&str]) -> Result<(), String> {
        match items {
            ["log", key] => self.log(key, None),
            ["log", key, url] => self.log(key, Some(url)),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some(url)),
            ["group", name, least, members @ ..] => self.group(name, least, members),
            ["quorum", name] => self.quorum(name),
            [word @ ("log" | "witness" | "group" | "quorum"), ..] => {
                Err(format!("a `{word}` line has another shape"))
            }
            [word, ..] => Err(format!("`{word:.40}` is no log, witness, group or quorum")),
            [] => Ok(()),
        }
    }

    fn log(&mut self, key: &str, url: Option<&&str>) -> Result<(), String> {
        let peer = peer(None, key, url, &[KeyKind::Note, KeyKind::MlDsaCosigner])?;
        add(&mut self.logs, peer)
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&&str>) -> Result<(), String> {
        let cosigners = [KeyKind::Cosigner, KeyKind::MlDsaCosigner];
        let peer = peer(Some(name), key, url, &cosigners)?;
        let rule = Rule::Witness(self.witnesses.len());
        add(&mut self.witnesses, peer)?;
        self.name(name, rule)
    }

    fn group(&mut self, name: &str, least: &str, members: &[&str]) -> Result<(), String> {
        let members = members
            .iter()
            .map(|member| self.member(member))
            .collect::<Result<Vec<_>, _>>()?;
        let least = match least {
            "all" => members.len(),
            "any" => 1,
            number => decimal(number).ok_or("the number of a group is not plain decimal")?,
        };
        if !(1..=members.len()).contains(&least) {
            let count = members.len();
            return Err(format!("{least} of {count} members can never be met"));
        }
        self.groups += 1;
        if self.groups > MAX_POLICY_ITEMS {
            return Err(format!("more than {MAX_POLICY_ITEMS} groups"));
        }
        self.name(name, Rule::Group { least, members })
    }

    fn quorum(&mut self, name: &str) -> Result<(), String> {
        if self.quorum.is_some() {
            return Err("a second quorum".into());
        }
        let rule = if name == "none" {
            Rule::Nobody
        } else {
            self.find(name)?.clone()
        };
        self.quorum = Some(rule);
        Ok(())
    }

    fn name(&mut self, name: &str, rule: Rule) -> Result<(), String> {
        if name == "none" || self.named.contains_key(name) {
            return Err(format!("the name `{name:.80}` is taken"));
        }
        self.named.insert(name.to_owned(), rule);
        Ok(())
    }

    fn find(&self, name: &str) -> Result<&Rule, String> {
        let missing = || format!("`{name:.80}` is not defined above");
        self.named.get(name).ok_or_else(missing)
    }

    /// Each name is a member once, so that no witness counts twice.
    fn member(&mut self, name: &str) -> Result<Rule, String> {
        let rule = self.find(name)?.clone();
        if !self.members.insert(name.to_owned()) {
            return Err(format!("`{name:.80}` is a member already"));
        }
        Ok(rule)
    }
}

fn peer(
    name: Option<&str>,
    key: &str,
    url: Option<&&str>,
    kinds: &[KeyKind],
) -> Result<Peer, String> {
    let key = VerifierKey::parse(key).map_err(|e| e.to_string())?;
    if !kinds.contains(&key.kind()) {
        return Err("the key is of the other kind: a log's signs, a witness's cosigns".into());
    }
    Ok(Peer {
        name: name.unwrap_or(key.name()).to_owned(),
        url: url.map(|url| (*url).to_owned()),
        key,
    })
}

fn add(peers: &mut Vec<Peer>, peer: Peer) -> Result<(), String> {
    if peers
        .iter()
        .any(|known| known.key.public() == peer.key.public())
    {
        return Err("this key is there already".into());
    }
    if peers.len() >= MAX_POLICY_ITEMS {
        return Err(format!("more than {MAX_POLICY_ITEMS} of them"));
    }
    peers.push(peer);
    Ok(())
}

fn decimal(text: &str) -> Option<usize> {
    let number: usize = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosignature::cosign;
    use crate::key::SigningKey;
    use crate::mldsa::MlDsaKey;
    use proptest::prelude::*;

    fn witness(number: u8) -> SigningKey {
        SigningKey::from_seed(&format!("w{number}.example"), &[number; 32]).unwrap()
    }

    fn log() -> SigningKey {
        SigningKey::from_seed("example.com/log", &[99; 32]).unwrap()
    }

    /// `W1` to `W6` in a text become witness lines' keys, `LOG` the log's.
    fn policy(text: &str) -> Result<Policy> {
        let mut text = text.replace("LOG", &log().verifier().to_string());
        for number in 1..=6 {
            let key = witness(number).cosigner().to_string();
            text = text.replace(&format!("W{number}"), &key);
        }
        Policy::parse(&text)
    }

    /// The shape of the example in the specification.
    const EXAMPLE: &str = "\
        # two levels\nlog LOG https://log.example/\n\n\
        witness X1 W1 https://w1.example/\nwitness X2 W2\nwitness\tX3 \t W3 \n\
        group X-witnesses 2 X1 X2 X3\n\
        witness Y1 W4\nwitness Y2 W5\nwitness Y3 W6\ngroup Y-witnesses any Y1 Y2 Y3\n\
        group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n";

    fn check(text: &str, cosigners: &[u8], met: bool) {
        let policy = policy(text).unwrap();
        let mut checkpoint = Checkpoint::sign("example.com/log", 5, [1; 32], &log()).unwrap();
        for number in cosigners {
            let line = cosign(checkpoint.note().text(), 7, &witness(*number));
            checkpoint.add_signature(line).unwrap();
        }
        let judged = policy.judge(&checkpoint);
        assert_eq!(judged.met, met, "{cosigners:?} under {text}");
        assert_eq!(
            judged.cosigned.len() + judged.missing.len(),
            policy.witnesses().len()
        );
        assert_eq!(judged.cosigned.len(), cosigners.len());
    }

    #[test]
    fn the_quorum_is_that_of_the_groups() {
        check(EXAMPLE, &[], false);
        check(EXAMPLE, &[1, 2], false);
        check(EXAMPLE, &[1, 4, 5, 6], false);
        check(EXAMPLE, &[1, 3, 5], true);
        check("quorum none", &[], true);
        check("witness a W1\nquorum a", &[], false);
        check("witness a W1\nquorum a", &[1], true);
        let example = policy(EXAMPLE).unwrap();
        assert_eq!(example.logs()[0].name, "example.com/log");
        assert_eq!(
            example.witnesses()[0].url.as_deref(),
            Some("https://w1.example/")
        );
        assert!(!example.asks_for_nobody() && policy("quorum none").unwrap().asks_for_nobody());
    }

    #[test]
    fn a_policy_can_ask_for_the_second_line_of_log_and_witness() {
        let second = MlDsaKey::from_seed("example.com/log", &[8; 32]).unwrap();
        let (pq, a) = (second.cosigner(), witness(1).cosigner());
        let text = format!("witness pq {pq}\nwitness a {a}\ngroup g all pq a\nquorum g");
        let policy = Policy::parse(&text).unwrap();
        let mut checkpoint = Checkpoint::sign("example.com/log", 5, [1; 32], &log()).unwrap();
        let line = cosign(checkpoint.note().text(), 7, &witness(1));
        checkpoint.add_signature(line).unwrap();
        assert_eq!(policy.judge(&checkpoint).missing, ["pq"]);
        let line = second.cosign(&checkpoint, 9).unwrap();
        checkpoint.add_signature(line).unwrap();
        let judged = policy.judge(&checkpoint);
        assert!(
            judged.met && judged.cosigned.contains(&("pq".into(), 9)),
            "{judged:?}"
        );
        let log = Policy::parse(&format!("log {}\nquorum none", second.cosigner())).unwrap();
        checkpoint.verify(&log.logs()[0].key).unwrap();
    }

    #[test]
    fn a_forged_cosignature_counts_for_nobody() {
        let policy = policy("witness a W1\nquorum a").unwrap();
        let mut checkpoint = Checkpoint::sign("example.com/log", 5, [1; 32], &log()).unwrap();
        let line = cosign("another text\n", 7, &witness(1));
        checkpoint.add_signature(line).unwrap();
        assert!(!policy.judge(&checkpoint).met);
    }

    #[test]
    fn other_files_are_refused() {
        for text in [
            "",
            "quorum a",
            "quorum none\nquorum none",
            "witness none W1\nquorum none",
            "witness a W1\nwitness a W2\nquorum a",
            "witness a W1\nwitness b W1\nquorum a",
            "witness a LOG\nquorum a",
            "log W1\nquorum none",
            "log LOG\nlog LOG\nquorum none",
            "witness a W1\ngroup g 2 a\nquorum g",
            "witness a W1\ngroup g 0 a\nquorum g",
            "witness a W1\ngroup g 01 a\nquorum g",
            "witness a W1\ngroup g all\nquorum g",
            "witness a W1\ngroup g all a a\nquorum g",
            "witness a W1\ngroup g all a\ngroup h all a\nquorum h",
            "witness a W1\ngroup g all g\nquorum g",
            "witness a W1 url more\nquorum a",
            "quorum a\nwitness a W1",
            "qourum none",
            "quorum none\u{7}",
            "quorum none\r\n",
        ] {
            assert!(policy(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,120}", cut in 0usize..300) {
            let _ = Policy::parse(&text);
            let cut = EXAMPLE.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(0);
            let _ = policy(&format!("{}{text}{}", &EXAMPLE[..cut], &EXAMPLE[cut..]));
        }
    }
}
