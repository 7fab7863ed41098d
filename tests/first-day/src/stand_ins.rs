//! What a test does in the place of commands that take minutes, fetch from registries, or would write to the clone, to the
//! user's own folders, or to the screen:
//!
//! | the page's command | in a test |
//! |---|---|
//! | `cargo install` of the command line | nothing: the `grantline` of this build is on the path |
//! | `cargo run` of an example | the example of this build |
//! | `cargo xtask demo` | the same, with the user's own home and temporary folders, where the toolchains are |
//! | `python3 -m venv` | an environment with nothing in it: that of the suite is on the path |
//! | `pip install` | nothing: all of it is in the environment of the suite |
//! | `xdg-open`, which opens the user's browser | the scripted browser |
//!
//! Each stands in for the command lines below and for no other: one that is changed on the page fails until it is here.

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::failure::{Failure, failure};

const CARGO: &str = r#"
"install --debug --locked --path cli") ;;
"run -p grantline-example-axum") exec "PROGRAMS/grantline-example-axum" ;;
"run -p grantline --example mobile "*) shift 5; exec "PROGRAMS/examples/mobile" "$@" ;;
"xtask demo kotlin" | "xtask demo swift")
  unset DISPLAY TMPDIR; HOME="USERS_HOME" PATH="USERS_PATH" exec cargo "$@" ;;
"#;

const PYTHON3: &str = r#"
"-m venv "*) mkdir -p "$3/bin" && : > "$3/bin/activate" ;;
"#;

const PIP: &str = r#"
"install ./python[httpx] -r examples/fastapi/requirements.txt") ;;
"#;

const XDG_OPEN: &str = r#"
http://*) exec "PROGRAMS/first-day" browse "$1" ;;
"#;

/// Writes them into a folder that is to stand first on the path.
pub(crate) fn write(folder: &Path) -> Result<(), Failure> {
    let own = env::current_exe()?;
    let programs = own.parent().ok_or_else(|| failure("this program lies in no folder"))?;
    let grantline = programs.join("grantline");
    if !grantline.exists() {
        let grantline = grantline.display();
        return Err(failure(format!(
            "{grantline} is missing; cargo test --workspace --exclude grantline-python"
        )));
    }
    symlink(grantline, folder.join("grantline"))?;
    let variable = |name| env::var(name).unwrap_or_default();
    for (name, cases) in [("cargo", CARGO), ("python3", PYTHON3), ("pip", PIP), ("xdg-open", XDG_OPEN)] {
        let otherwise = format!("*) echo \"nothing stands in for: {name} $*\" >&2; exit 70 ;;");
        let script = format!("#!/bin/sh\ncase \"$*\" in{cases}{otherwise}\nesac\n");
        let script = script.replace("PROGRAMS", &programs.to_string_lossy());
        let script = script.replace("USERS_HOME", &variable("HOME")).replace("USERS_PATH", &variable("PATH"));
        let path = folder.join(name);
        fs::write(&path, script)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
