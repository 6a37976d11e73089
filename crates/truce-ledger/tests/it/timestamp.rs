//! Outside time: openssl plays the authority and judges our request and its token.

use crate::lifecycle::filled;
use std::fs;
use std::path::Path;
use std::process::Command;
use truce_ledger::{parse_timestamp_response, sha256, timestamp_request};

/// What `openssl ts` wants to know of an authority.
const AUTHORITY: &str = "\
[tsa]
default_tsa = config
[config]
serial = serial
default_policy = 1.2.3.4
digests = sha256
signer_digest = sha256
accuracy = secs:1
ess_cert_id_chain = no
";

fn openssl(dir: &Path, arguments: &str) -> bool {
    let mut command = Command::new("openssl");
    let output = command
        .args(arguments.split(' '))
        .current_dir(dir)
        .output()
        .unwrap();
    output.status.success()
}

#[test]
#[ignore = "interop: needs openssl"]
fn interop_openssl_grants_and_verifies_a_token_over_a_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let (dir, log) = (dir.path(), dir.path().join("log"));
    let checkpoint = filled(&log, 20, 7).published().to_string();
    fs::write(dir.join("checkpoint"), &checkpoint).unwrap();
    let digest = sha256(checkpoint.as_bytes());
    fs::write(dir.join("request.tsq"), timestamp_request(&digest, 77)).unwrap();
    fs::write(dir.join("tsa.cnf"), AUTHORITY).unwrap();
    fs::write(dir.join("serial"), "01\n").unwrap();
    assert!(openssl(
        dir,
        "req -x509 -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.pem -days 2 -subj /CN=tsa \
         -addext extendedKeyUsage=critical,timeStamping"
    ));
    assert!(openssl(
        dir,
        "ts -reply -config tsa.cnf -queryfile request.tsq -inkey tsa.key -signer tsa.pem \
         -out token.tsr"
    ));
    let verify = "ts -verify -data checkpoint -in token.tsr -CAfile tsa.pem";
    assert!(openssl(dir, verify));
    assert!(openssl(
        dir,
        "ts -verify -queryfile request.tsq -in token.tsr -CAfile tsa.pem"
    ));

    let token = fs::read(dir.join("token.tsr")).unwrap();
    let said = parse_timestamp_response(&token).unwrap();
    assert_eq!(said.digest, digest);
    assert_eq!(said.nonce, Some((77u64 | 1 << 63).to_be_bytes().to_vec()));
    assert!(said.time.starts_with("20"), "{}", said.time);

    let other = checkpoint.replace("\n20\n", "\n21\n");
    fs::write(dir.join("checkpoint"), other).unwrap();
    assert!(!openssl(dir, verify), "another checkpoint");
}
