//! `truce timestamp` with openssl as the authority and as the judge.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::log::{newest, small};
use crate::program::{Run, run, text};

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

fn openssl(dir: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new("openssl");
    let output = command.args(arguments).current_dir(dir).output().unwrap();
    output.status.success()
}

/// An authority in a folder of its own.
struct Authority(PathBuf);

impl Authority {
    fn new(dir: PathBuf) -> Authority {
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("tsa.cnf"), AUTHORITY).unwrap();
        fs::write(dir.join("serial"), "01\n").unwrap();
        let request = "req -x509 -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.pem -days 2 \
            -subj /CN=tsa -addext extendedKeyUsage=critical,timeStamping";
        let request: Vec<&str> = request.split_whitespace().collect();
        assert!(openssl(&dir, &request));
        Authority(dir)
    }

    /// The answer to a request.
    fn answer(&self, request: &Path) -> PathBuf {
        let answer = self.0.join("answer.tsr");
        let mut arguments = vec!["ts", "-reply", "-config", "tsa.cnf", "-inkey", "tsa.key"];
        arguments.extend(["-signer", "tsa.pem", "-queryfile", text(request)]);
        arguments.extend(["-out", text(&answer)]);
        assert!(openssl(&self.0, &arguments));
        answer
    }

    fn certificate(&self) -> PathBuf {
        self.0.join("tsa.pem")
    }
}

fn timestamp(data: &Path, arguments: &[&str]) -> Run {
    run(&[&["timestamp", "--data", text(data)], arguments].concat())
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
#[ignore = "interop: needs openssl"]
fn interop_a_token_over_a_checkpoint_is_requested_stored_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let authority = Authority::new(folder.path().join("authority"));
    let asked = timestamp(&data, &["request"]).ok();
    let request = PathBuf::from(asked.out.trim());
    let answer = authority.answer(&request);
    timestamp(&data, &["store", text(&answer), "--by", "officer-1"]).ok();
    let logged = newest(&data);
    assert!(logged.contains(r#""action":"timestamp""#), "{logged}");

    let certificate = authority.certificate();
    let verify = || timestamp(&data, &["verify", "--ca", text(&certificate)]);
    let proven = verify().ok();
    assert!(proven.out.starts_with("proven "), "{}", proven.out);
    let (kept, token) = (
        request.with_extension("checkpoint"),
        request.with_extension("tsr"),
    );
    let judge = [
        "ts",
        "-verify",
        "-data",
        text(&kept),
        "-in",
        text(&token),
        "-CAfile",
    ];
    let judge = || openssl(folder.path(), &[&judge[..], &[text(&certificate)]].concat());
    assert!(judge(), "openssl alone, as docs/verify.md says");

    // Another authority, a changed token, a changed checkpoint.
    let other = Authority::new(folder.path().join("other")).certificate();
    assert_eq!(
        timestamp(&data, &["verify", "--ca", text(&other)]).code,
        Some(4)
    );
    let last = fs::read(&token).unwrap().len() - 1;
    for (file, at) in [(&token, last), (&kept, 20)] {
        flip(file, at);
        assert_eq!(verify().code, Some(4), "{}", file.display());
        assert!(!judge());
        flip(file, at);
    }
    verify().ok();
}

#[test]
#[ignore = "interop: needs openssl"]
fn interop_a_token_over_something_else_is_not_stored() {
    let folder = tempfile::tempdir().unwrap();
    let data = small(folder.path());
    let authority = Authority::new(folder.path().join("authority"));
    timestamp(&data, &["request"]).ok();
    let elsewhere = folder.path().join("elsewhere.tsq");
    let digest = truce_ledger::sha256(b"another checkpoint");
    fs::write(&elsewhere, truce_ledger::timestamp_request(&digest, 7)).unwrap();
    let answer = authority.answer(&elsewhere);
    assert_eq!(timestamp(&data, &["store", text(&answer)]).code, Some(4));
    fs::write(&answer, b"no answer").unwrap();
    assert_eq!(timestamp(&data, &["store", text(&answer)]).code, Some(4));
    assert!(!newest(&data).contains(r#""action":"timestamp""#));
}
