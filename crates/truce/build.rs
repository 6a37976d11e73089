//! Embeds the built page (`web/dist`) in the binary: a table of its files, with their media types,
//! digests and compressed forms. Without a built page one page is embedded that says how to build
//! it; the build never fails for that.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// A file is kept compressed too when that saves at least this share.
const SAVED_SHARE_MIN: f64 = 0.1;

const MISSING: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
<title>Truce</title></head><body><h1>The page is not built</h1>\
<p>This binary was built without the operating picture. Build it with \
<code>npm ci &amp;&amp; npm run build</code> in <code>web/</code>, then build the binary again; \
<code>cargo xtask demo</code> does both.</p>\
<p>What works without it: <a href=\"/api/report/daily\">the daily report</a> and \
<a href=\"/api/openapi.json\">the interface</a>.</p></body></html>\n";

fn main() -> io::Result<()> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let dist = root.join("../../web/dist");
    let out = PathBuf::from(variable("OUT_DIR")?);
    // A folder that is not there cannot be watched, and Cargo would build again every time. In a
    // source tree that cannot be written it may do so.
    let _made = fs::create_dir_all(&dist);
    println!("cargo:rerun-if-changed={}", dist.display());
    println!("cargo:rerun-if-changed=build.rs");

    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        collect(&dist, &dist, &mut files)?;
        files.sort();
    } else {
        let page = out.join("missing.html");
        fs::write(&page, MISSING)?;
        files.push(("index.html".to_owned(), page));
    }
    let mut table = String::from("pub(super) static FILES: &[Asset] = &[\n");
    for (index, (name, path)) in files.iter().enumerate() {
        let bytes = fs::read(path)?;
        let packed = compressed(&bytes)?;
        let gzip = match &packed {
            Some(packed) => {
                let file = out.join(format!("asset-{index}.gz"));
                fs::write(&file, packed)?;
                format!("Some(include_bytes!({:?}))", file)
            }
            None => "None".to_owned(),
        };
        let path = path.canonicalize()?;
        // Writing to a String cannot fail.
        let _always = writeln!(
            table,
            "    Asset {{ path: {name:?}, media_type: {:?}, etag: {:?}, \
             bytes: include_bytes!({path:?}), gzip: {gzip} }},",
            media_type(name),
            etag(&bytes),
        );
    }
    table.push_str("];\n");
    fs::write(out.join("assets.rs"), table)
}

fn variable(name: &str) -> io::Result<String> {
    std::env::var(name).map_err(|error| io::Error::other(format!("{name}: {error}")))
}

/// All files below a folder, with their paths as they are served.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for item in fs::read_dir(folder)? {
        let path = item?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
            continue;
        }
        let relative = path.strip_prefix(root).map_err(io::Error::other)?;
        let parts: Option<Vec<&str>> = relative.iter().map(|part| part.to_str()).collect();
        match parts {
            Some(parts) => files.push((parts.join("/"), path.clone())),
            None => println!("cargo:warning={} has no name in UTF-8", path.display()),
        }
    }
    Ok(())
}

fn compressed(bytes: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    let packed = encoder.finish()?;
    let saves = (packed.len() as f64) < bytes.len() as f64 * (1.0 - SAVED_SHARE_MIN);
    Ok(saves.then_some(packed))
}

fn etag(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let hex: String = digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("\"{hex}\"")
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("geojson") => "application/geo+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("wasm") => "application/wasm",
        Some("txt") => "text/plain; charset=utf-8",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}
