//! `cargo xtask demo`: the main job from start to end, in each language, against the emulator.

use std::env;
use std::fs;
use std::process::Command;

use crate::arguments::Language;
use crate::bindings;
use crate::emulator::Servers;
use crate::failure::{Failure, Result, cannot};
use crate::report::{Report, Stop, step};
use crate::run;
use crate::suites;
use crate::toolchains::{jvm::Jvm, python::Python, swift::Swift};
use crate::workspace::Workspace;

const KOTLIN_DEMO: &str = "dev.grantline.examples.DemoKt";

pub(crate) fn run(workspace: &Workspace, languages: &[Language]) -> Report {
    let mut report = Report::default();
    for &language in languages {
        report.record(language, || show(workspace, language));
    }
    report
}

/// Each language meets an emulator that nobody has logged in to.
fn show(workspace: &Workspace, language: Language) -> Result<(), Stop> {
    let servers = Servers::for_demo(workspace).map_err(Stop::NotReady)?;
    let mut program = match language {
        Language::Rust => workspace.command(workspace.program("examples/demo"), &workspace.path(""), &[]),
        Language::Python => python(workspace)?,
        Language::Kotlin => kotlin(workspace)?,
        Language::Swift => swift(workspace)?,
    };
    servers.tell(&mut program);
    step(&format!("running the {} demo", language.name()));
    run::shown("demo", &mut program)?;
    Ok(())
}

fn python(workspace: &Workspace) -> Result<Command, Stop> {
    let python = Python::provide(workspace).map_err(Stop::NotReady)?;
    suites::develop(workspace, &python)?;
    Ok(python.script(workspace, "examples/demo.py"))
}

fn kotlin(workspace: &Workspace) -> Result<Command, Stop> {
    let jvm = Jvm::provide(workspace).map_err(Stop::NotReady)?;
    let properties = bindings::kotlin(workspace)?;
    step("building the Kotlin demo");
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
    java.arg("-cp").arg(class_path).arg(KOTLIN_DEMO);
    Ok(java)
}

fn swift(workspace: &Workspace) -> Result<Command, Stop> {
    let swift = Swift::provide(workspace).map_err(Stop::NotReady)?;
    bindings::swift(workspace)?;
    step("building the Swift demo");
    run::shown("swift build", &mut swift.command(workspace, "build", &["--product", "demo"]))?;
    Ok(swift.command(workspace, "run", &["--skip-build", "demo"]))
}
