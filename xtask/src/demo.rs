//! `cargo xtask demo`: the main job from start to end, in each language, against the emulator.

use crate::arguments::Language;
use crate::emulator::Servers;
use crate::failure::Result;
use crate::programs;
use crate::report::{Report, Stop, step};
use crate::run;
use crate::workspace::Workspace;

const PYTHON_DEMO: &str = "examples/demo.py";
const KOTLIN_DEMO: &str = "dev.grantline.examples.DemoKt";
const SWIFT_DEMO: &str = "demo";

pub(crate) fn run(workspace: &Workspace, languages: &[Language]) -> Report {
    let mut report = Report::default();
    for &language in languages {
        report.record(language.name(), || show(workspace, language));
    }
    report
}

/// Each language meets an emulator that nobody has logged in to.
fn show(workspace: &Workspace, language: Language) -> Result<(), Stop> {
    let servers = Servers::for_demo(workspace).map_err(Stop::NotReady)?;
    let mut program = match language {
        Language::Rust => workspace.command(workspace.program("examples/demo"), &workspace.path(""), &[]),
        Language::Python => programs::python(workspace, PYTHON_DEMO)?,
        Language::Kotlin => programs::kotlin(workspace, KOTLIN_DEMO)?,
        Language::Swift => programs::swift(workspace, SWIFT_DEMO)?,
    };
    servers.tell(&mut program);
    step(&format!("running the {} demo", language.name()));
    run::shown("demo", &mut program)?;
    Ok(())
}
