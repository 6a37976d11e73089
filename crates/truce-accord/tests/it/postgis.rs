//! A database with geometry, run for one test in a folder of its own.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What PostGIS says of a fix and a zone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// The fix is inside the zone or on its border.
    pub(crate) inside: bool,
    /// The straight way from the fix before meets the zone.
    pub(crate) meets: bool,
}

type Ring = Vec<(f64, f64)>;

/// Asks PostGIS about every track, zone and fix. Zones are given as rings, the first the outer one.
pub(crate) fn look(
    zones: &[Vec<Ring>],
    tracks: &[Vec<(f64, f64)>],
) -> BTreeMap<(usize, usize, usize), Look> {
    let server = Server::start();
    let answer = server.ask(&question(zones, tracks));
    let number = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    let row = |line: &str| {
        let mut cells = line.split('|');
        let mut next = || number(cells.next()).expect("three numbers in front");
        let key = (next(), next(), next());
        let mut is = || cells.next() == Some("t");
        let (inside, meets) = (is(), is());
        (key, Look { inside, meets })
    };
    answer.lines().map(row).collect()
}

fn question(zones: &[Vec<Ring>], tracks: &[Vec<(f64, f64)>]) -> String {
    let ring = |ring: &Ring| {
        let corners = ring.iter().chain(ring.first());
        let corners: Vec<String> = corners.map(|(x, y)| format!("{x} {y}")).collect();
        format!("({})", corners.join(","))
    };
    let mut sql = String::from(
        "\\set QUIET on\nset client_min_messages = warning;\ncreate extension postgis;\n\
         create table zone (id int, shape geometry);\n\
         create table fix (track int, id int, place geometry);\n",
    );
    for (id, rings) in zones.iter().enumerate() {
        let rings: Vec<String> = rings.iter().map(ring).collect();
        let text = format!("POLYGON({})", rings.join(","));
        sql += &format!("insert into zone values ({id}, ST_GeomFromText('{text}'));\n");
    }
    for (track, fixes) in tracks.iter().enumerate() {
        for (id, (x, y)) in fixes.iter().enumerate() {
            sql += &format!("insert into fix values ({track}, {id}, ST_MakePoint({x}, {y}));\n");
        }
    }
    sql + "select fix.track, zone.id, fix.id, ST_Intersects(shape, fix.place), \
           coalesce(ST_Intersects(shape, ST_MakeLine(before.place, fix.place)), false) \
           from fix cross join zone left join fix before \
           on before.track = fix.track and before.id = fix.id - 1;\n"
}

/// A server that listens on a socket in its own folder only, stopped when dropped.
struct Server {
    bin: PathBuf,
    folder: PathBuf,
    is_root: bool,
}

impl Server {
    fn start() -> Self {
        let name = format!("truce-postgis-{}", std::process::id());
        let server = Self {
            bin: newest_version(Path::new("/usr/lib/postgresql")),
            folder: std::env::temp_dir().join(name),
            is_root: output(Command::new("id").arg("-u")).trim() == "0",
        };
        std::fs::create_dir_all(&server.folder).unwrap();
        if server.is_root {
            // PostgreSQL refuses to run as root; Debian's package brings a user for it.
            output(Command::new("chown").arg("postgres").arg(&server.folder));
        }
        let data = server.folder.join("data");
        let initdb = ["--no-sync", "--auth=trust", "--username=postgres"];
        output(server.program("initdb").args(initdb).arg(&data));
        let folder = server.folder.display();
        let options = format!("-k {folder} -c listen_addresses='' -c fsync=off");
        let log = server.folder.join("log");
        let start = ["-w", "-o", &options, "start", "-l"];
        output(
            server
                .program("pg_ctl")
                .arg("-D")
                .arg(&data)
                .args(start)
                .arg(log),
        );
        server
    }

    /// A program of PostgreSQL, under the user that may run it.
    fn program(&self, name: &str) -> Command {
        let path = self.bin.join("bin").join(name);
        let mut command = if self.is_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(&self.folder).stdin(Stdio::null());
        command
    }

    fn ask(&self, sql: &str) -> String {
        let mut psql = self
            .program("psql")
            .args(["-U", "postgres", "-v", "ON_ERROR_STOP=1", "-qtA", "-h"])
            .arg(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = psql.stdin.take().unwrap();
        pipe.write_all(sql.as_bytes()).unwrap();
        drop(pipe);
        let out = psql.wait_with_output().unwrap();
        assert!(out.status.success(), "psql failed");
        String::from_utf8(out.stdout).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let stop = ["-m", "immediate", "stop", "-D"];
        // A panic while dropping would hide the test's own.
        let _ = self.program("pg_ctl").args(stop).arg(data).output();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn newest_version(folder: &Path) -> PathBuf {
    let versions = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let newest = versions
        .filter(|path| path.join("bin/initdb").is_file())
        .max();
    newest.expect("PostgreSQL is installed")
}

fn output(command: &mut Command) -> String {
    let out = command.output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{command:?}: {said}");
    String::from_utf8(out.stdout).unwrap()
}
