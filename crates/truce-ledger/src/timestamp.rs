//! Outside time: RFC 3161 time-stamp tokens over a checkpoint.
//!
//! Makes the request and reads the response: whether it was granted, for which digest and nonce, and
//! which time it names. Whether the authority's signature and certificates are good is not judged
//! here, since that needs a whole public-key infrastructure; `openssl ts -verify` does.

use crate::error::{Error, Result};
use crate::merkle::Digest;

/// A response longer than this is refused: a token with a chain of certificates has some kilobytes.
pub const MAX_TOKEN_BYTES: usize = 1 << 20;

/// id-sha256, 2.16.840.1.101.3.4.2.1 (RFC 5754 §2.2).
const SHA256_OID: [u8; 9] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// id-signedData, 1.2.840.113549.1.7.2 (RFC 5652 §5.1).
const SIGNED_DATA_OID: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// id-ct-TSTInfo, 1.2.840.113549.1.9.16.1.4 (RFC 3161 §2.4.2).
const TST_INFO_OID: [u8; 11] = [
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
];

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OBJECT: u8 = 0x06;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const EXPLICIT_0: u8 = 0xa0;

/// What a granted token says. Nothing of it is authenticated here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestampToken {
    /// The digest it vouches for.
    pub digest: Digest,
    /// The time it names, as RFC 3161 writes it: `YYYYMMDDhhmmss[.s…]Z`.
    pub time: String,
    /// The nonce of the request, without leading zero bytes.
    pub nonce: Option<Vec<u8>>,
}

/// A request for a token over a digest (RFC 3161 §2.4.1), asking for the authority's certificate.
#[must_use]
pub fn timestamp_request(digest: &Digest, nonce: u64) -> Vec<u8> {
    let algorithm = element(
        SEQUENCE,
        &[element(OBJECT, &[SHA256_OID.to_vec()]), vec![NULL, 0]],
    );
    let imprint = element(
        SEQUENCE,
        &[algorithm, element(OCTET_STRING, &[digest.to_vec()])],
    );
    // A positive integer has a zero in front of a high bit.
    let nonce = element(
        INTEGER,
        &[vec![0], (nonce | 1 << 63).to_be_bytes().to_vec()],
    );
    let parts = [vec![INTEGER, 1, 1], imprint, nonce, vec![BOOLEAN, 1, 0xff]];
    element(SEQUENCE, &parts)
}

/// Reads a response (RFC 3161 §2.4.2).
///
/// # Errors
/// [`Error::Malformed`] when it is none, or the request was not granted; [`Error::TooLarge`].
pub fn parse_timestamp_response(der: &[u8]) -> Result<TimestampToken> {
    if der.len() > MAX_TOKEN_BYTES {
        let (limit, got) = (MAX_TOKEN_BYTES as u64, der.len() as u64);
        let what = "time-stamp response in bytes";
        return Err(Error::TooLarge { what, limit, got });
    }
    parse(der).map_err(|what| Error::malformed("time-stamp response", what))
}

fn parse(der: &[u8]) -> Result<TimestampToken, &'static str> {
    let mut response = Der(der).take(SEQUENCE)?;
    let status = response.take(SEQUENCE)?.take(INTEGER)?;
    if !matches!(status.0, [0 | 1]) {
        return Err("the authority did not grant it");
    }
    let mut content = response.take(SEQUENCE)?;
    content.expect(OBJECT, &SIGNED_DATA_OID)?;
    let mut signed = content.take(EXPLICIT_0)?.take(SEQUENCE)?;
    signed.take(INTEGER)?;
    signed.take(SET)?;
    let mut encapsulated = signed.take(SEQUENCE)?;
    encapsulated.expect(OBJECT, &TST_INFO_OID)?;
    let mut info = encapsulated
        .take(EXPLICIT_0)?
        .take(OCTET_STRING)?
        .take(SEQUENCE)?;
    info.expect(INTEGER, &[1])?;
    info.take(OBJECT)?;
    let mut imprint = info.take(SEQUENCE)?;
    imprint.take(SEQUENCE)?.expect(OBJECT, &SHA256_OID)?;
    let digest = Digest::try_from(imprint.take(OCTET_STRING)?.0);
    info.take(INTEGER)?;
    let time = info.take(GENERALIZED_TIME)?.0;
    let time = std::str::from_utf8(time).ok().filter(|time| is_time(time));
    let mut nonce = None;
    while let Some(tag) = info.0.first().copied() {
        let value = info.take(tag)?;
        if tag == INTEGER {
            let zeros = value.0.iter().take_while(|byte| **byte == 0).count();
            nonce = Some(value.0[zeros..].to_vec());
        }
    }
    Ok(TimestampToken {
        digest: digest.map_err(|_| "the digest is no SHA-256")?,
        time: time.ok_or("the time")?.to_owned(),
        nonce,
    })
}

fn is_time(text: &str) -> bool {
    let digits = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    text.len() >= 15 && text.strip_suffix('Z').is_some_and(digits)
}

/// One element: tag, length, contents.
fn element(tag: u8, contents: &[Vec<u8>]) -> Vec<u8> {
    let contents = contents.concat();
    let len = u8::try_from(contents.len()).ok().filter(|len| *len < 0x80);
    let len = len.expect("the elements of a request are short");
    [vec![tag, len], contents].concat()
}

/// A walk over elements in distinguished encoding (X.690).
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The contents of the next element, which must have this tag.
    fn take(&mut self, tag: u8) -> Result<Der<'a>, &'static str> {
        let cut = "it is cut";
        let ([found, first], mut rest) = self.0.split_first_chunk::<2>().ok_or(cut)?;
        if *found != tag {
            return Err("an element of another kind");
        }
        let len = match first {
            0..=0x7f => usize::from(*first),
            0x81..=0x83 => {
                let count = usize::from(first & 0x7f);
                let (bytes, behind) = rest.split_at_checked(count).ok_or(cut)?;
                rest = behind;
                bytes
                    .iter()
                    .fold(0, |len, byte| len << 8 | usize::from(*byte))
            }
            _ => return Err("a length"),
        };
        let (contents, behind) = rest.split_at_checked(len).ok_or(cut)?;
        self.0 = behind;
        Ok(Der(contents))
    }

    fn expect(&mut self, tag: u8, contents: &[u8]) -> Result<(), &'static str> {
        if self.take(tag)?.0 == contents {
            Ok(())
        } else {
            Err("an element says something else")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn response(status: u8, digest: &[u8]) -> Vec<u8> {
        let algorithm = element(SEQUENCE, &[element(OBJECT, &[SHA256_OID.to_vec()])]);
        let imprint = element(
            SEQUENCE,
            &[algorithm, element(OCTET_STRING, &[digest.to_vec()])],
        );
        let info = element(
            SEQUENCE,
            &[
                vec![INTEGER, 1, 1],
                vec![OBJECT, 2, 0x2a, 3],
                imprint,
                vec![INTEGER, 1, 9],
                element(GENERALIZED_TIME, &[b"20250301120000Z".to_vec()]),
                vec![INTEGER, 3, 0, 0x80, 7],
            ],
        );
        let info = element(EXPLICIT_0, &[element(OCTET_STRING, &[info])]);
        let data = element(SEQUENCE, &[element(OBJECT, &[TST_INFO_OID.to_vec()]), info]);
        let signed = [vec![INTEGER, 1, 3], vec![SET, 0], data].concat();
        let signed = [
            vec![SEQUENCE, 0x81, u8::try_from(signed.len()).unwrap()],
            signed,
        ]
        .concat();
        let signed = [
            vec![EXPLICIT_0, 0x81, u8::try_from(signed.len()).unwrap()],
            signed,
        ]
        .concat();
        let content = [element(OBJECT, &[SIGNED_DATA_OID.to_vec()]), signed].concat();
        let content = [
            vec![SEQUENCE, 0x81, u8::try_from(content.len()).unwrap()],
            content,
        ]
        .concat();
        let status = element(SEQUENCE, &[vec![INTEGER, 1, status]]);
        let all = [status, content].concat();
        [vec![SEQUENCE, 0x81, u8::try_from(all.len()).unwrap()], all].concat()
    }

    #[test]
    fn a_granted_token_tells_digest_time_and_nonce() {
        let token = parse_timestamp_response(&response(0, &[5; 32])).unwrap();
        let expected = TimestampToken {
            digest: [5; 32],
            time: "20250301120000Z".into(),
            nonce: Some(vec![0x80, 7]),
        };
        assert_eq!(token, expected);
        assert!(
            parse_timestamp_response(&response(2, &[5; 32])).is_err(),
            "rejected"
        );
        assert!(
            parse_timestamp_response(&response(0, &[5; 20])).is_err(),
            "SHA-1"
        );
        let whole = response(0, &[5; 32]);
        for end in 0..whole.len() {
            assert!(
                parse_timestamp_response(&whole[..end]).is_err(),
                "{end} bytes"
            );
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..6),
        ) {
            let _ = parse_timestamp_response(&bytes);
            let mut changed = response(0, &[5; 32]);
            for (at, byte) in changes {
                let at = at % changed.len();
                changed[at] = byte;
            }
            let _ = parse_timestamp_response(&changed);
        }
    }
}
