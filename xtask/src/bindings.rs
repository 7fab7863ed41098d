//! The code between the Rust library and the Kotlin and Swift shells: generated, and never committed.

use std::fs;
use std::path::Path;

use crate::failure::{Result, cannot};
use crate::files::place;
use crate::run;
use crate::toolchains::jvm;
use crate::workspace::Workspace;

/// Generates for Kotlin from the library that is built, and answers the Maven properties that say where.
pub(crate) fn kotlin(workspace: &Workspace) -> Result<[String; 2]> {
    let sources = workspace.target("kotlin-generated");
    let resources = workspace.target("kotlin-native");
    empty(&sources)?;
    empty(&resources)?;
    generate(workspace, "kotlin", &sources)?;
    place(&workspace.library(), &resources.join(jvm::resource_folder()))?;
    Ok([
        format!("-Dgrantline.generated={}", sources.display()),
        format!("-Dgrantline.native={}", resources.display()),
    ])
}

/// Generates for Swift from the library that is built, into the package, since `SwiftPM` takes no sources from outside.
pub(crate) fn swift(workspace: &Workspace) -> Result<()> {
    let generated = workspace.target("swift-generated");
    empty(&generated)?;
    generate(workspace, "swift", &generated)?;
    let sources = workspace.path("swift/Sources");
    place(&generated.join("GrantlineFFI.h"), &sources.join("GrantlineFFI"))?;
    place(&generated.join("GrantlineGenerated.swift"), &sources.join("GrantlineGenerated"))
}

fn generate(workspace: &Workspace, language: &str, folder: &Path) -> Result<()> {
    let bindgen = workspace.program("uniffi-bindgen");
    let mut command = workspace.command(bindgen, &workspace.path(""), &["generate", "--no-format"]);
    command.args(["--language", language, "--out-dir"]).arg(folder).arg(workspace.library());
    run::shown("uniffi-bindgen", &mut command)
}

fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(cannot("empty", folder))?;
    }
    fs::create_dir_all(folder).map_err(cannot("create", folder))
}
