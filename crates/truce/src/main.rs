//! The `truce` command.

fn main() -> std::process::ExitCode {
    truce::cli::main()
}
