//! The project's own commands: `cargo xtask demo` and `cargo xtask test`.
//!
//! It is the first thing that a newcomer compiles, so it depends on nothing from outside. What the four languages need
//! is installed where that can be done (Debian and Ubuntu, as root) and named where it cannot.

#![allow(clippy::print_stdout, reason = "a command talks to its user")]

mod arguments;
mod bench;
mod bindings;
mod browser;
mod databases;
mod demo;
mod emulator;
mod excerpt;
mod failure;
mod files;
mod interop;
mod processes;
mod programs;
mod report;
mod run;
mod rust;
mod simulate;
mod suites;
mod toolchains;
mod wasm;
mod workspace;

use std::process::ExitCode;

use arguments::Request;
use failure::Failure;
use interop::table::Table;
use workspace::Workspace;

/// As the shells have it: the command was used wrongly.
const MISUSE: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match arguments::parse(&words) {
        Ok(Request::Help) => {
            println!("{}", arguments::HELP);
            ExitCode::SUCCESS
        }
        Ok(request) => carry_out(&request).unwrap_or_else(|failure| {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }),
        Err(misuse) => {
            eprintln!("xtask: {misuse}\n\n{}", arguments::HELP);
            ExitCode::from(MISUSE)
        }
    }
}

fn carry_out(request: &Request) -> Result<ExitCode, Failure> {
    let workspace = Workspace::find()?;
    let passed = |all: bool| if all { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    let report = match request {
        Request::Test(suites) => suites::run(&workspace, suites),
        Request::Demo(languages) => demo::run(&workspace, languages),
        Request::Processes(options) => {
            processes::run(&workspace, options)?;
            return Ok(ExitCode::SUCCESS);
        }
        Request::Simulate(options) => {
            simulate::run(&workspace, options)?;
            return Ok(ExitCode::SUCCESS);
        }
        Request::Bench(options) => {
            bench::run(&workspace, options)?;
            return Ok(ExitCode::SUCCESS);
        }
        Request::Interop(judges) => {
            let tables = interop::run(&workspace, judges)?;
            for table in &tables {
                println!("\n{table}");
            }
            return Ok(passed(tables.iter().all(Table::all_passed)));
        }
        Request::Wasm => {
            wasm::build(&workspace)?;
            return Ok(ExitCode::SUCCESS);
        }
        Request::Help => return Ok(ExitCode::SUCCESS),
    };
    println!("\n{report}");
    Ok(passed(report.all_passed()))
}
