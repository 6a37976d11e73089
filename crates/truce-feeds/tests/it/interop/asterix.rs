//! ASTERIX against asterix-decoder 0.7: every field of every item of categories 021, 048 and 062, as
//! they come and as we write them.

use serde_json::Value;
use truce_feeds::{Format, Sheet};

use super::peer::{Seeded, Tally, ask, read};

const PEER: &str = r#"
import json, os, sys
try:
    import asterix
except ImportError:
    sys.exit(77)
for line in sys.stdin:
    # The peer ends its process on some records; each is read in a child.
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        records = asterix.parse(bytes.fromhex(line.strip()), verbose=False)
        os.write(1, (json.dumps(records[0] if records else None, default=str) + "\n").encode())
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        print("null")
"#;

/// Items by their place in the field specification of each category, and the first byte that makes
/// an item with extension bits short. Compound items get all their parts.
const CATEGORIES: [(u8, usize); 3] = [(21, 42), (48, 26), (62, 28)];

/// Random records: each has one item and what identifies it, so that one peer's mistake in an item
/// does not hide the others.
fn corpus(seed: u64) -> Vec<String> {
    let mut random = Seeded::of(seed);
    let mut blocks = Vec::new();
    for (category, items) in CATEGORIES {
        for item in 0..items {
            for _ in 0..40 {
                let octets = item / 7 + 1;
                let mut record = vec![0_u8; octets];
                record[item / 7] |= 0x80 >> (item % 7);
                for octet in &mut record[..octets - 1] {
                    *octet |= 1;
                }
                record.extend(random.bytes(120));
                blocks.push((category, record));
            }
        }
    }
    // A record must end where its item does: the length is what our reader needs, found by trying.
    blocks
        .into_iter()
        .filter_map(|(category, record)| trimmed(category, &record))
        .collect()
}

/// The shortest block of some bytes that reads whole.
fn trimmed(category: u8, record: &[u8]) -> Option<String> {
    (2..record.len()).find_map(|end| {
        let length = (end + 3) as u16;
        let mut block = vec![category];
        block.extend(length.to_be_bytes());
        block.extend(&record[..end]);
        let read = read(Format::Asterix, &block);
        let whole = read
            .first()?
            .as_ref()
            .is_ok_and(|sheets| sheets[0].wrong.is_empty());
        whole.then(|| block.iter().map(|byte| format!("{byte:02X}")).collect())
    })
}

/// Our value under one of their names: the same name, or with a unit behind it.
fn named<'a>(values: &'a serde_json::Map<String, Value>, name: &str) -> Option<&'a Value> {
    let unit = format!("{name}_");
    values.get(name).or_else(|| {
        values
            .iter()
            .find(|(key, _)| key.starts_with(&unit))
            .map(|(_, value)| value)
    })
}

fn hold(
    item: &str,
    ours: (&Value, Option<&Value>),
    theirs: &Value,
    tally: &mut Tally,
    about: &str,
) {
    let (Some(fields), Some(theirs)) = (ours.0.as_object(), theirs.as_object()) else {
        return;
    };
    let given = ours.1.and_then(Value::as_object);
    for (name, value) in theirs {
        if name == "FX" || name == "spare" {
            continue;
        }
        let ours = given
            .and_then(|given| named(given, name))
            .or_else(|| named(fields, name));
        let Some(ours) = ours else { continue };
        let inner = given.and_then(|given| given.get(name));
        match value.get("val").unwrap_or(value) {
            Value::Object(_) => hold(
                &format!("{item} {name}"),
                (ours, inner),
                value,
                tally,
                about,
            ),
            Value::Array(all) if all.iter().all(Value::is_object) => {
                let list = ours.as_array().map_or(&[][..], Vec::as_slice);
                let item = format!("{item} {name}");
                let counts = [list.len(), all.len()].map(Value::from);
                tally.hold(&item, &counts[0], &counts[1], 0.0, about);
                for (index, (ours, theirs)) in list.iter().zip(all).enumerate() {
                    let inner = inner.and_then(|inner| inner.get(index));
                    hold(&item, (ours, inner), theirs, tally, about);
                }
            }
            plain => tally.hold(&format!("{item} {name}"), ours, plain, 1e-6, about),
        }
    }
}

fn compare(sheet: &Sheet, answer: &Value, tally: &mut Tally, about: &str) {
    for (item, fields) in &sheet.fields {
        let Some(theirs) = answer.get(item) else {
            continue;
        };
        let name = format!("{} {item}", sheet.kind);
        hold(&name, (fields, sheet.given.get(item)), theirs, tally, about);
    }
}

fn bytes(block: &str) -> Vec<u8> {
    let byte = |i| u8::from_str_radix(&block[2 * i..2 * i + 2], 16).unwrap();
    (0..block.len() / 2).map(byte).collect()
}

fn sheet(block: &str) -> Sheet {
    let mut read = read(Format::Asterix, &bytes(block));
    read.remove(0).unwrap().remove(0)
}

/// Records that we write of what some blocks say: each alone, and the items of several together.
fn written(corpus: &[String]) -> Vec<String> {
    let mut random = Seeded::of(14);
    let mut blocks = Vec::new();
    for (category, _) in CATEGORIES {
        let own = |block: &&String| bytes(block)[0] == category;
        let mut sheets: Vec<Sheet> = corpus.iter().filter(own).map(|b| sheet(b)).collect();
        let alone = sheets.len();
        for _ in 0..400 {
            let mut together = Sheet::new("");
            for _ in 0..=random.below(8) {
                let one = &sheets[random.below(alone as u64) as usize];
                for (item, fields) in one.fields.clone() {
                    // An item that two sheets have is that of the later one, own values too.
                    together.given.remove(&item);
                    together.given.extend(
                        one.given
                            .get_key_value(&item)
                            .map(|(k, v)| (k.clone(), v.clone())),
                    );
                    together.fields.insert(item, fields);
                }
            }
            sheets.push(together);
        }
        let write = |sheet: &Sheet| {
            let block = truce_feeds::asterix::encode_record(category, sheet).unwrap();
            block.iter().map(|byte| format!("{byte:02X}")).collect()
        };
        blocks.extend(sheets.iter().map(write).collect::<Vec<String>>());
    }
    blocks
}

#[test]
#[ignore = "needs python3 with asterix-decoder 0.7"]
fn interop_items_agree_with_asterix_decoder() {
    let mut corpus = corpus(4);
    corpus.extend(written(&corpus));
    let lines: String = corpus.iter().map(|block| format!("{block}\n")).collect();
    let Some(answers) = ask(PEER, lines.as_bytes()) else {
        return;
    };
    let mut tally = Tally::default();
    for (block, answer) in corpus.iter().zip(&answers) {
        compare(&sheet(block), answer, &mut tally, block);
    }
    tally.settle("asterix-decoder", DIFFERS);
}

/// Reasons that several fields share.
const CHAIN: &str =
    "more octets than the edition defines: the peer reads them as the last one again";
const TEXT: &str = "bytes that are no characters: the peer shows blanks";
const KNOTS: &str = "the peer shows knots, we the specification's NM/s: 1 NM/s is 3,600 kn";

/// Where asterix-decoder reads another thing than the specification says.
const DIFFERS: &[(&str, &str)] = &[
    ("CAT021 I040 MBC_EP", CHAIN),
    ("CAT021 I040 MBC_VAL", CHAIN),
    ("CAT021 I090 PIC", CHAIN),
    ("CAT021 I271 LW", CHAIN),
    ("CAT048 I020 FOEFRI", CHAIN),
    ("CAT048 I020 ME", CHAIN),
    ("CAT048 I020 MI", CHAIN),
    ("CAT048 I020 TST", CHAIN),
    ("CAT048 I020 XPP", CHAIN),
    ("CAT048 I170 GHO", CHAIN),
    ("CAT048 I170 SUP", CHAIN),
    ("CAT048 I170 TCC", CHAIN),
    ("CAT048 I170 TRE", CHAIN),
    ("CAT048 I200 CGS", KNOTS),
    ("CAT048 I210 SigmaV", KNOTS),
    ("CAT062 I080 DUPF", CHAIN),
    ("CAT062 I080 DUPM", CHAIN),
    ("CAT062 I080 DUPT", CHAIN),
    ("CAT062 I080 IDD", CHAIN),
    ("CAT062 I080 IEC", CHAIN),
    ("CAT062 I080 SFC", CHAIN),
    ("CAT062 I270 WIDTH", CHAIN),
    ("CAT062 I380 TIS", CHAIN),
    ("CAT062 I390 AST AS", TEXT),
    ("CAT062 I390 CSN CS", TEXT),
    ("CAT062 I390 DEP DEP", TEXT),
    ("CAT062 I390 DST DES", TEXT),
    ("CAT062 I390 RDS LTR", TEXT),
    ("CAT062 I390 RDS NU1", TEXT),
    ("CAT062 I390 RDS NU2", TEXT),
    ("CAT062 I390 TAC TYPE", TEXT),
    ("CAT062 I390 WTC WTC", TEXT),
];
