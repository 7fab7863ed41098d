//! Programs in the other languages, built with the package as it lies in its source folder.

use std::env;
use std::fs;
use std::process::Command;

use crate::bindings;
use crate::failure::{Failure, Result, cannot};
use crate::report::{Stop, step};
use crate::run;
use crate::suites;
use crate::toolchains::{jvm::Jvm, python::Python, swift::Swift};
use crate::workspace::Workspace;

/// A script, by its path from the folder `python`.
pub(crate) fn python(workspace: &Workspace, script: &str) -> Result<Command, Stop> {
    let python = Python::provide(workspace).map_err(Stop::NotReady)?;
    suites::develop(workspace, &python)?;
    Ok(python.script(workspace, script))
}

/// A program of the package's tests and examples, by the name of its main class.
pub(crate) fn kotlin(workspace: &Workspace, main: &str) -> Result<Command, Stop> {
    let jvm = Jvm::provide(workspace).map_err(Stop::NotReady)?;
    let properties = bindings::kotlin(workspace)?;
    step("building the Kotlin programs");
    let mut maven =
        jvm.maven(workspace, &["test-compile", "--batch-mode", "--no-transfer-progress", "--quiet"]);
    run::shown("mvn test-compile", maven.args(properties))?;
    let built = workspace.path("kotlin/target");
    let list = built.join("classpath.txt");
    let libraries = fs::read_to_string(&list).map_err(cannot("read", &list))?;
    let own = [built.join("test-classes"), built.join("classes")];
    let class_path = env::join_paths(own.into_iter().chain(env::split_paths(libraries.trim())))
        .map_err(|error| Failure::new(format!("the class path cannot be written: {error}")))?;
    let mut java = jvm.java(workspace);
    // Whatever the locale: a bare container has none, and Java would print question marks.
    java.args(["-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8"]);
    java.arg("-cp").arg(class_path).arg(main);
    Ok(java)
}

/// An executable target of the package.
pub(crate) fn swift(workspace: &Workspace, product: &str) -> Result<Command, Stop> {
    let swift = Swift::provide(workspace).map_err(Stop::NotReady)?;
    bindings::swift(workspace)?;
    step(&format!("building {product} in Swift"));
    run::shown("swift build", &mut swift.command(workspace, "build", &["--product", product]))?;
    Ok(swift.command(workspace, "run", &["--skip-build", product]))
}
