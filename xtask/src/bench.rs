//! `cargo xtask bench`: names the machine, then runs the benches.

use std::fs;

use crate::child::Child;

/// Prints processor, cores, kernel and compiler, then runs every bench that the arguments leave.
///
/// # Errors
/// When a bench does not build or fails.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let cpu = fs::read_to_string("/proc/cpuinfo").ok();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").ok();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let compiler = Child::new("rustc").args(["--version"]).read()?;
    println!(
        "processor  {}",
        cpu.as_deref().and_then(model).unwrap_or("unknown")
    );
    println!("cores      {cores}");
    println!(
        "kernel     {} {}",
        std::env::consts::OS,
        kernel.as_deref().unwrap_or("").trim()
    );
    println!("compiler   {}", compiler.trim());
    let scope = if arguments.iter().any(|a| a == "-p" || a == "--package") {
        [].as_slice()
    } else {
        ["--workspace"].as_slice()
    };
    // The pattern names bench targets alone; `--benches` would also time every unit test.
    Child::cargo()
        .args(["bench"])
        .args(scope)
        .args(["--bench", "*"])
        .args(arguments)
        .run()
}

/// The processor's name: `model name` on x86, `Model` or nothing on others.
fn model(cpuinfo: &str) -> Option<&str> {
    let mut lines = cpuinfo.lines().filter_map(|line| line.split_once(':'));
    lines
        .find(|(key, _)| matches!(key.trim(), "model name" | "Model"))
        .map(|(_, name)| name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_named() {
        let x86 = "processor\t: 0\nmodel\t\t: 85\nmodel name\t: Some CPU @ 2 GHz\n";
        assert_eq!(model(x86), Some("Some CPU @ 2 GHz"));
        assert_eq!(
            model("processor\t: 0\nModel\t\t: Board 4\n"),
            Some("Board 4")
        );
        assert_eq!(model(""), None);
    }
}
