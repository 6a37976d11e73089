//! Running other programs in the open: the command line is printed, its output goes straight on.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program to run, with arguments, a working folder and environment variables.
pub(crate) struct Child {
    command: Command,
    shown: String,
}

impl Child {
    /// A program by name or path.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Child {
        let shown = Path::new(program.as_ref()).file_stem().map(OsString::from);
        let shown = shown.unwrap_or_default().to_string_lossy().into_owned();
        Child {
            command: Command::new(program),
            shown,
        }
    }

    /// The cargo that started this program.
    pub(crate) fn cargo() -> Child {
        Child::new(crate::workspace::cargo())
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Child {
        for arg in args {
            self.shown = format!("{} {}", self.shown, quoted(&arg.as_ref().to_string_lossy()));
            self.command.arg(arg);
        }
        self
    }

    /// Sets an environment variable, shown before the command.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Child {
        let value = value.as_ref();
        self.shown = format!("{name}={} {}", quoted(&value.to_string_lossy()), self.shown);
        self.command.env(name, value);
        self
    }

    /// Runs in this folder.
    pub(crate) fn within(mut self, dir: &Path) -> Child {
        self.command.current_dir(dir);
        self
    }

    /// Prints the command line, runs it, and waits.
    ///
    /// # Errors
    /// When the program cannot start or ends with anything but success.
    pub(crate) fn run(mut self) -> Result<(), String> {
        println!("$ {}", self.shown);
        let status = self
            .command
            .status()
            .map_err(|error| format!("`{}`: {error}", self.shown))?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("`{}` ended with {status}", self.shown))
        }
    }

    /// Runs without printing and gives what the program wrote to standard output.
    ///
    /// # Errors
    /// When the program cannot start or ends with anything but success; its standard error is told.
    pub(crate) fn read(mut self) -> Result<String, String> {
        let output = self
            .command
            .output()
            .map_err(|error| format!("`{}`: {error}", self.shown))?;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(format!(
                "`{}` ended with {}\n{told}",
                self.shown, output.status
            ));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs without printing, with all that the program writes in a file, and says whether it
    /// succeeded.
    ///
    /// # Errors
    /// When the program cannot start.
    pub(crate) fn write_to(mut self, file: File) -> Result<bool, String> {
        let unstarted = |error: io::Error| format!("`{}`: {error}", self.shown);
        let also = file.try_clone().map_err(unstarted)?;
        let status = self.command.stdout(file).stderr(also).status();
        Ok(status.map_err(unstarted)?.success())
    }

    /// Puts the program in this one's place where the system can, so that Ctrl-C reaches it alone;
    /// elsewhere runs it and waits.
    ///
    /// # Errors
    /// When the program cannot start, or was waited for and failed.
    #[cfg(unix)]
    pub(crate) fn take_over(mut self) -> Result<(), String> {
        use std::os::unix::process::CommandExt;
        println!("$ {}", self.shown);
        Err(format!("`{}`: {}", self.shown, self.command.exec()))
    }

    #[cfg(not(unix))]
    pub(crate) fn take_over(self) -> Result<(), String> {
        self.run()
    }
}

/// The argument as one would type it into a shell.
pub(crate) fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=:,+@%".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

/// Where a program lies on the search path, if anywhere.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path)
        .map(|dir| dir.join(&name))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_and_failure_are_told_apart() {
        assert_eq!(Child::new("true").run(), Ok(()));
        let failed = Child::new("false").args(["--x"]).run().unwrap_err();
        assert!(failed.starts_with("`false --x` ended with"), "{failed}");
        let missing = Child::new("no-such-program-here").run().unwrap_err();
        assert!(missing.starts_with("`no-such-program-here`:"), "{missing}");
        assert_eq!(
            Child::new("echo").args(["a", "b"]).read(),
            Ok("a b\n".to_owned())
        );
        assert!(Child::new("false").read().is_err());
    }

    #[test]
    fn arguments_are_shown_as_one_types_them() {
        let check = |argument: &str, shown: &str| assert_eq!(quoted(argument), shown);
        check("--only", "--only");
        check("a b", "'a b'");
        check("*", "'*'");
        check("it's", r"'it'\''s'");
        check("", "''");
        let child = Child::new("/bin/echo")
            .args(["-D", "a b"])
            .env("FLAGS", "-D x");
        assert_eq!(child.shown, "FLAGS='-D x' echo -D 'a b'");
    }

    #[test]
    fn the_search_path_is_searched() {
        assert!(on_path("cargo").is_some());
        assert_eq!(on_path("no-such-program-here"), None);
    }
}
