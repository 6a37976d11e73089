//! Receivers of notifications beside a real `truce serve`: one that refuses for a while, one that never
//! answers, and a file; over a server that is killed in between.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::live::{Running, feed, free_port, push, serve, write_mission};
use crate::program::{mission, run, text};

/// Longest time in which anything here happens, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A desk that is told over HTTP. It notes what it hears, whether it takes it or not.
struct Desk {
    url: String,
    takes: Arc<AtomicBool>,
    taken: Arc<Mutex<Vec<Value>>>,
    refused: Arc<Mutex<Vec<Value>>>,
}

impl Desk {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let desk = Self {
            url: format!("http://{}/told", listener.local_addr().unwrap()),
            takes: Arc::default(),
            taken: Arc::default(),
            refused: Arc::default(),
        };
        let takes = Arc::clone(&desk.takes);
        let (taken, refused) = (Arc::clone(&desk.taken), Arc::clone(&desk.refused));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, takes) = (stream.unwrap(), takes.load(Ordering::SeqCst));
                // A server that is killed leaves requests unfinished.
                let Some(note) = read_request(&stream) else {
                    continue;
                };
                let answer = match takes {
                    true => "204 No Content",
                    false => "503 Service Unavailable",
                };
                let list = if takes { &taken } else { &refused };
                list.lock().unwrap().push(note);
                let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n");
                let _ = (&stream).write_all(answer.as_bytes());
            }
        });
        desk
    }
}

/// The notification in a request that shows what it must.
fn read_request(stream: &TcpStream) -> Option<Value> {
    let mut reader = BufReader::new(stream);
    let mut headers = BTreeMap::new();
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    assert!(line.is_empty() || line.starts_with("POST /told "), "{line}");
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().unwrap()];
    reader.read_exact(&mut body).ok()?;
    let note: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(headers["authorization"], "Bearer desk");
    assert_eq!(
        headers["idempotency-key"],
        format!("\"{}\"", note["key"].as_str()?)
    );
    Some(note)
}

fn place(note: &Value) -> (u64, u64) {
    let number = |key: &str| note["record"][key].as_u64().unwrap();
    (number("entry"), number("row"))
}

/// What a list of notifications tells, each once; they must have come in the order of the log.
fn told(notes: &[Value]) -> Vec<String> {
    let mut all = notes.to_vec();
    all.dedup_by_key(|note| note["key"].clone());
    assert!(all.is_sorted_by(|a, b| place(a) < place(b)), "{all:#?}");
    all.iter().map(|note| note["key"].to_string()).collect()
}

fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let parsed = text.lines().map(serde_json::from_str);
    parsed.map_while(Result::ok).collect()
}

fn wait_until(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What the server says of a receiver.
fn receiver(page: &str, id: &str) -> Value {
    let mut stream = TcpStream::connect(page).unwrap();
    let head = format!("GET /api/notify HTTP/1.0\r\nHost: {page}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let mut items = body["items"].as_array().unwrap().iter();
    items.find(|item| item["id"] == id).unwrap().clone()
}

/// A patrol's report of the present, at a place of its own.
fn report(n: u32) -> String {
    let now = truce_core::Timestamp::now();
    let lat_deg = 48.0 + 0.2 * f64::from(n);
    format!(
        "{{\"speaker\":\"patrol\",\"observed_at\":\"{now}\",\"about\":\"movement\",\
         \"lat_deg\":{lat_deg},\"lon_deg\":36.6,\"count\":20,\"object_kind\":\"vehicle\",\
         \"text\":\"column {n}\",\"grade\":\"A1\"}}"
    )
}

/// A receiver of all incidents, as the file of settings has it.
fn receiver_of(id: &str, transport: &str) -> String {
    format!(
        "[[receivers]]\nid = \"{id}\"\ntransport = {{ {transport} }}\n\
         when = {{ events = [\"incident\"], probability_min = 0 }}\n"
    )
}

#[test]
fn everything_arrives_in_order_once_a_receiver_is_back_also_over_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let (mission, data) = (folder.path().join("mission"), folder.path().join("data"));
    write_mission(
        &mission,
        &[feed("live-push", "report-json", "kind = \"http_push\"")],
    );
    let desk = Desk::open();
    // Connections wait in its queue, and nobody ever answers them.
    let hung = TcpListener::bind("127.0.0.1:0").unwrap();
    let hung_url = format!("http://{}/told", hung.local_addr().unwrap());
    let file = folder.path().join("told.jsonl");
    fs::create_dir_all(data.join("credentials")).unwrap();
    fs::write(data.join("credentials/notify_desk.txt"), "Bearer desk\n").unwrap();
    let settings = [
        receiver_of(
            "desk",
            &format!("kind = \"webhook\", url = \"{}\"", desk.url),
        ),
        receiver_of("hung", &format!("kind = \"webhook\", url = \"{hung_url}\"")),
        receiver_of(
            "file",
            &format!("kind = \"file\", path = \"{}\"", text(&file)),
        ),
    ];
    fs::write(data.join("notify.toml"), settings.concat()).unwrap();

    let (server, page, door) = serve(&mission, &data);
    let key = fs::read_to_string(data.join("push-keys/live-push.key")).unwrap();
    for n in 0..3 {
        push(&door, key.trim(), &report(n));
        let count = n as usize + 1;
        wait_until("the file is told", || lines(&file).len() >= count);
    }
    wait_until("the desk refuses", || {
        receiver(&page, "desk")["last_error"]["text"] == "answers 503 Service Unavailable"
    });
    let state = receiver(&page, "desk");
    assert_eq!(
        (&state["state"], &state["delivered"]),
        (&"waiting".into(), &0.into()),
        "{state}"
    );
    assert!(state["entries_waiting"].as_u64() > Some(0), "{state}");
    assert_eq!(receiver(&page, "hung")["delivered"], 0);
    drop(server);

    let (_server, page, door) = serve(&mission, &data);
    for n in 3..5 {
        push(&door, key.trim(), &report(n));
    }
    desk.takes.store(true, Ordering::SeqCst);
    wait_until("the desk is told all", || {
        desk.taken.lock().unwrap().len() >= 5 && lines(&file).len() >= 5
    });
    wait_until("the desk is told to the end", || {
        receiver(&page, "desk")["entries_waiting"] == receiver(&page, "file")["entries_waiting"]
    });
    let (by_desk, by_file) = (told(&desk.taken.lock().unwrap()), told(&lines(&file)));
    assert_eq!(by_desk, by_file);
    assert!(by_desk.len() >= 5);
    // What was refused was always the first that waits.
    assert_eq!(told(&desk.refused.lock().unwrap()), by_desk[..1]);
    assert_eq!(receiver(&page, "desk")["state"], "connected");
}

#[test]
fn mistakes_of_the_file_are_told_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir_all(&data).unwrap();
    let settings = "[[receivers]]\nid = \"desk\"\ntransport = { kind = \"fax\" }\ncolour = 1\n";
    fs::write(data.join("notify.toml"), settings).unwrap();
    let mission = mission();
    let place = ["--data", text(&data), "--mission", text(&mission)];
    let run = run(&[&["serve", "--listen", "127.0.0.1:0"], &place[..]].concat());
    assert_eq!(run.code, Some(1), "{}", run.err);
    for said in [
        "notify.toml:3:22: `kind`: `fax` is not known",
        "notify.toml:4:1: unknown key",
    ] {
        assert!(run.err.contains(said), "{}", run.err);
    }
}

/// A notification's key out of what a broker says.
fn key(said: &str) -> Option<String> {
    let note: Value = serde_json::from_str(said.trim()).ok()?;
    Some(note["key"].to_string())
}

/// A program of someone else, as soon as it listens.
fn running(program: &str, arguments: &[&str], port: u16) -> Running {
    let mut command = Command::new(program);
    let child = command.args(arguments).stderr(Stdio::null()).spawn();
    let running = Running(child.unwrap());
    wait_until(program, || TcpStream::connect(("127.0.0.1", port)).is_ok());
    running
}

/// The lines of a NATS server to somebody who listens.
fn heard_at_nats(port: u16) -> impl Iterator<Item = String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let hello = b"CONNECT {}\r\nSUB told.* 1\r\nPING\r\n";
    stream.write_all(hello).unwrap();
    let mut heard = BufReader::new(stream).lines().map_while(Result::ok);
    assert!(heard.any(|line| line == "PONG"), "it listens");
    heard
}

#[test]
#[ignore = "needs mosquitto, mosquitto-clients and nats-server"]
fn interop_mosquitto_and_nats_are_told_when_they_come_up() {
    let folder = tempfile::tempdir().unwrap();
    let (mission, data) = (folder.path().join("mission"), folder.path().join("data"));
    write_mission(
        &mission,
        &[feed("live-push", "report-json", "kind = \"http_push\"")],
    );
    let (mqtt, nats) = (free_port(), free_port());
    let file = folder.path().join("told.jsonl");
    let at = |port: u16| format!("address = \"127.0.0.1:{port}\"");
    let settings = [
        receiver_of(
            "mqtt",
            &format!("kind = \"mqtt\", {}, topic = \"told/all\"", at(mqtt)),
        ),
        receiver_of(
            "nats",
            &format!("kind = \"nats\", {}, subject = \"told.all\"", at(nats)),
        ),
        receiver_of(
            "file",
            &format!("kind = \"file\", path = \"{}\"", text(&file)),
        ),
    ];
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("notify.toml"), settings.concat()).unwrap();
    let (_server, page, door) = serve(&mission, &data);
    let secret = fs::read_to_string(data.join("push-keys/live-push.key")).unwrap();
    push(&door, secret.trim(), &report(0));
    for id in ["mqtt", "nats"] {
        wait_until("a broker that is not there is waited for", || {
            receiver(&page, id)["state"] == "waiting"
        });
    }

    let _broker = running("mosquitto", &["-p", &mqtt.to_string()], mqtt);
    // From here on the broker keeps for this listener what is told.
    let listen = |more: &[&str]| {
        let mut listener = Command::new("mosquitto_sub");
        listener.args([
            "-p",
            &mqtt.to_string(),
            "-q",
            "1",
            "-t",
            "told/#",
            "-i",
            "desk",
            "-c",
        ]);
        listener.args(more).stdout(Stdio::piped());
        listener.spawn().unwrap()
    };
    assert!(listen(&["-E"]).wait().unwrap().success());

    let _nats = running(
        "nats-server",
        &["-a", "127.0.0.1", "-p", &nats.to_string()],
        nats,
    );
    let mut heard_nats = heard_at_nats(nats);
    push(&door, secret.trim(), &report(1));
    wait_until("all are told all", || {
        let delivered = |id| receiver(&page, id)["delivered"].clone();
        ["mqtt", "nats", "file"].iter().all(|id| delivered(id) == 2)
    });
    // The first may have been told before anybody listened.
    let last = told(&lines(&file))[1].clone();
    let is_last = |said: String| key(&said).as_ref() == Some(&last);
    assert!(heard_nats.any(is_last));
    let mut listener = Running(listen(&["-W", "20"]));
    let heard = BufReader::new(listener.0.stdout.take().unwrap()).lines();
    assert!(heard.map_while(Result::ok).any(is_last));
}
