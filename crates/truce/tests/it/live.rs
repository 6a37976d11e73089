//! Four transports at once into `truce serve`: a real MQTT broker, a TCP stream of AIS, Cursor on
//! Target by UDP and reports pushed over HTTP. Each is seen through the event stream. And a real NATS
//! server that comes and goes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{mission, text, truce};

/// Longest time in which anything here happens, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

const AIS: [&str; 2] = [
    "15M67FC000G?ufbE`FepT@3n00Sa",
    "13u?etPv2;0n:dDPwUM1U1Cb069D",
];

const EVENT: &str = r#"<event version="2.0" uid="POST-1" type="a-u-G" how="h-e"
  time="2025-03-01T12:00:01Z" start="2025-03-01T12:00:00Z" stale="2025-03-01T12:05:00Z">
  <point lat="48.1" lon="37.9" hae="9999999.0" ce="12" le="9999999"/></event>"#;

const REPORT: &str = r#"{"speaker":"patrol","observed_at":"2025-07-10T12:00:00Z","about":"movement","lat_deg":48.15,"lon_deg":36.6,"count":20,"object_kind":"vehicle","text":"a column","grade":"A1"}"#;

/// A process that ends with its test.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn free_port() -> u16 {
    let probe = TcpListener::bind("127.0.0.1:0").unwrap();
    probe.local_addr().unwrap().port()
}

/// One AIS sentence (IEC 61162-1: the checksum is the exclusive or of what stands between).
fn sentence(payload: &str) -> String {
    let body = format!("AIVDM,1,1,,A,{payload},0");
    let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
    format!("!{body}*{sum:02X}\r\n")
}

/// A feed of a mission's file.
pub(crate) fn feed(id: &str, format: &str, transport: &str) -> String {
    format!(
        "\n[[feeds]]\nid = \"{id}\"\nname = \"{id}\"\nformat = \"{format}\"\n\
         transport = {{ {transport} }}\n"
    )
}

fn at(port: u16) -> String {
    format!("address = \"127.0.0.1:{port}\"")
}

/// The example mission with more feeds.
pub(crate) fn write_mission(folder: &Path, feeds: &[String]) {
    fs::create_dir(folder).unwrap();
    for file in fs::read_dir(mission()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.join(file.file_name())).unwrap();
    }
    let path = folder.join("sensors.toml");
    let sensors = fs::read_to_string(&path).unwrap();
    fs::write(path, sensors + &feeds.concat()).unwrap();
}

/// Starts the server; gives the addresses of the page and of the door for pushed messages.
pub(crate) fn serve(mission: &Path, data: &Path) -> (Running, String, String) {
    let mut command = truce(&["serve", "--data", text(data), "--mission", text(mission)]);
    command.args(["--listen", "127.0.0.1:0", "--push", "127.0.0.1:0"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let running = Running(child);
    let mut address = |before: &str| {
        let line = lines
            .by_ref()
            .map_while(Result::ok)
            .find(|line| line.contains(before));
        let line = line.expect("the server tells its addresses");
        let (_, rest) = line.split_once("http://").unwrap();
        rest.split('/').next().unwrap().to_owned()
    };
    let page = address("truce listens on");
    let push = address("truce takes pushed messages on");
    std::thread::spawn(move || lines.count());
    (running, page, push)
}

/// The feeds of the event stream, each time they are told.
fn feeds(page: &str) -> impl Iterator<Item = Value> + use<> {
    let mut stream = TcpStream::connect(page).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!("GET /api/events HTTP/1.1\r\nHost: {page}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let data = lines.filter_map(|line| line.strip_prefix("data:").map(str::to_owned));
    let json = data.filter_map(|data| serde_json::from_str::<Value>(&data).ok());
    json.filter(|event| event["items"][0]["link"].is_object())
}

/// Pushes a report by the feed `live-push`.
pub(crate) fn push(address: &str, key: &str, report: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /feeds/live-push HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{report}",
        report.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
}

/// Publishes a message at a broker; `more` says how it is spoken to.
fn publish(port: u16, more: &[&str]) {
    let port = port.to_string();
    let sentence = sentence(AIS[1]);
    let sent = Command::new("mosquitto_pub")
        .args(["-p", &port, "-q", "1", "-t", "ais/coast"])
        .args(["-m", sentence.trim()])
        .args(more)
        .status();
    assert!(sent.unwrap().success());
}

/// What the server says of a feed, as soon as that is so.
fn wait_for(page: &str, feed: &str, so: impl Fn(&Value) -> bool) {
    let begun = Instant::now();
    let mut item = Value::Null;
    while begun.elapsed() < PATIENCE {
        let mut stream = TcpStream::connect(page).unwrap();
        let head = format!("GET /api/feeds HTTP/1.0\r\nHost: {page}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let body: Value = serde_json::from_str(body).unwrap();
        let mut items = body["items"].as_array().unwrap().iter();
        item = items.find(|item| item["id"] == feed).unwrap().clone();
        if so(&item) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{feed} stays at {item}");
}

/// Waits until a feed's link is in a state.
fn comes_up(page: &str, feed: &str, state: &str) {
    wait_for(page, feed, |item| item["link"]["state"] == state);
}

/// A NATS server that wants to see a user and a password.
fn nats_server(port: u16) -> Running {
    let mut server = Command::new("nats-server");
    let port = port.to_string();
    server.args(["-a", "127.0.0.1", "-p", &port]);
    server.args(["--user", "coast", "--pass", "a secret"]);
    Running(server.stderr(Stdio::null()).spawn().unwrap())
}

/// Publishes a message at it, as its protocol for clients says.
fn publish_at_nats(port: u16, payload: &str) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let hello = r#"CONNECT {"verbose":false,"user":"coast","pass":"a secret"}"#;
    let length = payload.len();
    let said = format!("{hello}\r\nPUB ais.coast {length}\r\n{payload}\r\nPING\r\n");
    stream.write_all(said.as_bytes()).unwrap();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "PONG"), "the server took it");
}

#[test]
#[ignore = "needs nats-server"]
fn interop_nats_server_is_heard_and_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let (mission, data) = (folder.path().join("mission"), folder.path().join("data"));
    let port = free_port();
    let subject = format!("kind = \"nats\", {}, subject = \"ais.*\"", at(port));
    write_mission(&mission, &[feed("live-nats", "aivdm", &subject)]);
    fs::create_dir_all(data.join("credentials")).unwrap();
    fs::write(data.join("credentials/live-nats.txt"), "coast\na secret\n").unwrap();
    let (_server, page, _) = serve(&mission, &data);
    comes_up(&page, "live-nats", "waiting");
    for (count, payload) in (1..).zip(AIS) {
        let running = nats_server(port);
        comes_up(&page, "live-nats", "connected");
        publish_at_nats(port, &sentence(payload));
        wait_for(&page, "live-nats", |item| item["observations"] == count);
        drop(running);
        comes_up(&page, "live-nats", "waiting");
    }
}

/// A broker and a server that speak TLS only and want to see a certificate.
#[cfg(feature = "tls")]
#[test]
#[ignore = "needs mosquitto, mosquitto-clients and nats-server"]
fn interop_mosquitto_and_nats_are_heard_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let (mission, data) = (folder.path().join("mission"), folder.path().join("data"));
    let pem = |name: &str| format!("{}/fixtures/tls/{name}", env!("CARGO_MANIFEST_DIR"));
    let (ca, certificate, key) = (pem("authority.pem"), pem("server.pem"), pem("server.key"));
    let (mqtt, nats) = (free_port(), free_port());
    let tls = format!(
        "tls = {{ ca = \"{ca}\", certificate = \"{}\", key = \"{}\" }}",
        pem("client.pem"),
        pem("client.key")
    );
    let at = |port: u16| format!("address = \"localhost:{port}\", {tls}");
    let topic = format!("kind = \"mqtt\", {}, topic = \"ais/#\"", at(mqtt));
    let subject = format!("kind = \"nats\", {}, subject = \"ais.*\"", at(nats));
    let feeds = [
        feed("live-mqtt", "aivdm", &topic),
        feed("live-nats", "aivdm", &subject),
    ];
    write_mission(&mission, &feeds);

    // Mosquitto gives up its rights when root starts it, and then reads no key of root's alone.
    let settings = format!(
        "user root\nlistener {mqtt} 127.0.0.1\nallow_anonymous true\ncafile {ca}\n\
         certfile {certificate}\nkeyfile {key}\nrequire_certificate true\n"
    );
    let file = folder.path().join("mosquitto.conf");
    fs::write(&file, settings).unwrap();
    let mut broker = Command::new("mosquitto");
    broker.args(["-c", text(&file)]).stderr(Stdio::null());
    let _broker = Running(broker.spawn().unwrap());
    let mut server = Command::new("nats-server");
    server.args(["-a", "127.0.0.1", "-p", &nats.to_string(), "--tlsverify"]);
    server.args(["--tlscacert", &ca, "--tlscert", &certificate]);
    server.args(["--tlskey", &key]).stderr(Stdio::null());
    let _nats = Running(server.spawn().unwrap());

    let (_server, page, _) = serve(&mission, &data);
    comes_up(&page, "live-mqtt", "connected");
    comes_up(&page, "live-nats", "connected");
    let (shown, shown_key) = (pem("client.pem"), pem("client.key"));
    let shows = ["--cert", &shown, "--key", &shown_key];
    publish(
        mqtt,
        &[&["-h", "localhost", "--cafile", &ca], &shows[..]].concat(),
    );
    wait_for(&page, "live-mqtt", |item| item["observations"] == 1);
}

#[test]
#[ignore = "needs mosquitto and mosquitto-clients"]
fn interop_mosquitto_and_three_more_transports_are_seen_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mission, data) = (folder.path().join("mission"), folder.path().join("data"));
    let stream = TcpListener::bind("127.0.0.1:0").unwrap();
    let (udp, mqtt) = (free_port(), free_port());
    let tcp = at(stream.local_addr().unwrap().port());
    let topic = format!("kind = \"mqtt\", {}, topic = \"ais/#\"", at(mqtt));
    let more = [
        feed(
            "live-tcp",
            "aivdm",
            &format!("kind = \"tcp_client\", {tcp}"),
        ),
        feed("live-udp", "cot", &format!("kind = \"udp\", {}", at(udp))),
        feed("live-push", "report-json", "kind = \"http_push\""),
        feed("live-mqtt", "aivdm", &topic),
    ];
    write_mission(&mission, &more);
    let broker = Command::new("mosquitto")
        .args(["-p", &mqtt.to_string()])
        .stderr(Stdio::null())
        .spawn();
    let _broker = Running(broker.unwrap());
    let (_server, page, push_address) = serve(&mission, &data);
    let (mut ship, _) = stream.accept().unwrap();
    comes_up(&page, "live-udp", "listening");
    comes_up(&page, "live-mqtt", "connected");
    let key = fs::read_to_string(data.join("push-keys/live-push.key")).unwrap();
    let told = feeds(&page);

    let sent = Instant::now();
    ship.write_all(sentence(AIS[0]).as_bytes()).unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket
        .send_to(EVENT.as_bytes(), ("127.0.0.1", udp))
        .unwrap();
    push(&push_address, key.trim(), REPORT);
    publish(mqtt, &[]);
    let mut seen: BTreeMap<&str, Duration> = BTreeMap::new();
    for event in told {
        for feed in ["live-tcp", "live-udp", "live-push", "live-mqtt"] {
            let items = event["items"].as_array().unwrap();
            let item = items.iter().find(|item| item["id"] == feed).unwrap();
            if item["observations"].as_u64() > Some(0) {
                seen.entry(feed).or_insert(sent.elapsed());
            }
        }
        if seen.len() == 4 {
            break;
        }
        assert!(sent.elapsed() < PATIENCE, "seen so far: {seen:?}");
    }
    println!("seen after {seen:?}");
    assert_eq!(seen.len(), 4, "{seen:?}");
}
