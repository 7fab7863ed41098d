//! `cargo xtask wasm`: the core, with the signatures that it verifies in Rust alone, compiles for browsers.
//!
//! Into a target folder of its own: other features are chosen than in the rest of the workspace.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::report::step;
use crate::run;
use crate::toolchains::debian_root::{Contents, DebianRoot};
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";
const MISSING: &str = "Rust's standard library for wasm32-unknown-unknown";
const ARGUMENTS: [&str; 6] = ["--locked", "--package", "grantline-core", "--lib", "--target", TARGET];

/// Where rustup can fetch none, or is not there. Cargo refuses a compiler that is older than the workspace's
/// `rust-version`.
static ROOT: Contents = Contents {
    missing: MISSING,
    elsewhere: "add the target to the Rust toolchain (`rustup target add wasm32-unknown-unknown`)",
    release: "sid",
    packages: "cargo,rustc,libstd-rust-dev-wasm32,gcc,libc6-dev,ca-certificates",
    cost: "1.5 GB, a few minutes",
    program: "cargo",
    is_version: |says| says.starts_with("cargo "),
    variable: "GRANTLINE_WASM_ROOT",
};

pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let mut cargo = cargo(workspace)?;
    let folder = workspace.target("wasm");
    cargo.args(ARGUMENTS).env("CARGO_TARGET_DIR", &folder);
    run::shown("cargo build", &mut cargo)?;
    let library = folder.join(TARGET).join("debug/libgrantline_core.rlib");
    step(&format!("grantline-core with its default features, for {TARGET}: {}", library.display()));
    Ok(())
}

/// `cargo build` of a toolchain that has the target.
fn cargo(workspace: &Workspace) -> Result<Command> {
    if has_target(workspace) || added(workspace) {
        return Ok(workspace.cargo(&["build"]));
    }
    let root = DebianRoot::provide(workspace, &ROOT)?;
    // The crates come by the cargo outside, with the settings of its user.
    run::shown("cargo fetch", workspace.cargo(&["fetch", "--locked"]).args(["--target", TARGET]))?;
    let home = cargo_home()?;
    let shown = [workspace.path(""), workspace.target(""), home.clone()];
    let shown: Vec<&Path> = shown.iter().map(PathBuf::as_path).collect();
    let mut cargo = root.command(workspace, &workspace.path(""), &shown);
    cargo.args(["build", "--offline"]).env("CARGO_HOME", home);
    step(&format!("with the cargo of Debian {}", ROOT.release));
    Ok(cargo)
}

fn has_target(workspace: &Workspace) -> bool {
    let mut rustc = workspace.command("rustc", &workspace.path(""), &["--print", "target-libdir"]);
    let folder = run::read(rustc.args(["--target", TARGET])).unwrap_or_default();
    Path::new(folder.trim()).is_dir()
}

fn added(workspace: &Workspace) -> bool {
    let log = workspace.log("rustup-target");
    let mut rustup = workspace.command("rustup", &workspace.path(""), &["target", "add", TARGET]);
    if let Err(failure) = run::logged("adding the target by rustup", &mut rustup, &log) {
        println!("     going on without rustup: {failure}");
        return false;
    }
    has_target(workspace)
}

fn cargo_home() -> Result<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = set("CARGO_HOME").or_else(|| set("HOME").map(|home| home.join(".cargo")));
    home.ok_or_else(|| Failure::new("cannot find cargo's home folder (neither CARGO_HOME nor HOME is set)"))
}
