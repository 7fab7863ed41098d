//! The command `grantline`.

mod emulator;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tools around grantline, the OAuth 2.x and OpenID Connect client.
#[derive(Debug, Parser)]
#[command(name = "grantline", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run an authorization server on loopback that behaves like Visma Connect.
    Emulator(emulator::Arguments),
}

fn main() -> ExitCode {
    let Command::Emulator(arguments) = Cli::parse().command;
    match emulator::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell the user with when standard error is closed.
            let _ = writeln!(std::io::stderr(), "grantline: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
