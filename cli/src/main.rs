//! The command `grantline`.

mod arguments;
mod commands;
mod exit;
mod failure;
mod moment;
mod opened;
mod output;
mod places;
mod profile;
mod progress;
mod published;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::{
    completions, doctor, emulator, init, inspect, keyring, login, logout, man, profiles, request, sessions,
    token, userinfo,
};
use failure::Failure;
use output::Output;

/// Tokens, logins and sessions on the command line, by OAuth 2.x and OpenID Connect.
///
/// Applications are described in a profile file (`grantline init` makes one). Exit codes: 0 done, 1 unexpected, 2 usage,
/// 3 configuration, 4 log in again, 5 refused, 6 try later, 7 the store; of the doctor also 10 warnings, 11 errors.
#[derive(Debug, Parser)]
#[command(name = "grantline", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Log a user in, with the system's browser or a pasted URL
    Login(login::Arguments),
    /// Print an access token that is good now, of a service or of a session
    Token(token::Arguments),
    /// Print what the provider says of the user
    Userinfo(userinfo::Arguments),
    /// End a session, here and at the provider
    Logout(logout::Arguments),
    /// List the sessions of a profile
    Sessions(sessions::Arguments),
    /// Look into a token or a callback URL, from standard input or a file
    Inspect(inspect::Arguments),
    /// Send a request to an API, with a token
    Request(request::Arguments),
    Doctor(doctor::Arguments),
    /// List the profiles
    Profiles(profiles::Arguments),
    /// Make a profile file with comments to begin from
    Init(init::Arguments),
    /// Keep a secret from standard input in the system's keyring
    Keyring(keyring::Arguments),
    /// Run an authorization server on loopback that behaves like Visma Connect
    Emulator(emulator::Arguments),
    /// Print a script that completes commands and options in a shell
    Completions(completions::Arguments),
    /// Write the manual pages into a folder
    Man(man::Arguments),
}

impl Command {
    fn run(&self) -> Result<(), Failure> {
        match self {
            Self::Login(arguments) => login::run(arguments),
            Self::Token(arguments) => token::run(arguments),
            Self::Userinfo(arguments) => userinfo::run(arguments),
            Self::Logout(arguments) => logout::run(arguments),
            Self::Sessions(arguments) => sessions::run(arguments),
            Self::Inspect(arguments) => inspect::run(arguments),
            Self::Request(arguments) => request::run(arguments),
            Self::Doctor(arguments) => doctor::run(arguments),
            Self::Profiles(arguments) => profiles::run(arguments),
            Self::Init(arguments) => init::run(arguments),
            Self::Keyring(arguments) => keyring::run(arguments),
            Self::Emulator(arguments) => emulator::run(arguments).map_err(Failure::from),
            Self::Completions(arguments) => completions::run(arguments),
            Self::Man(arguments) => man::run(arguments),
        }
    }

    /// Whether the user asked for JSON.
    fn answers_in_json(&self) -> bool {
        match self {
            Self::Login(arguments) => arguments.common.json,
            Self::Token(arguments) => arguments.common.json,
            Self::Userinfo(arguments) => arguments.common.json,
            Self::Logout(arguments) => arguments.common.json,
            Self::Sessions(arguments) => arguments.common.json,
            Self::Inspect(arguments) => arguments.common.json,
            Self::Request(arguments) => arguments.common.json,
            Self::Doctor(arguments) => arguments.common.json,
            Self::Profiles(arguments) => arguments.json,
            Self::Init(arguments) => arguments.json,
            Self::Keyring(arguments) => arguments.json,
            Self::Emulator(arguments) => arguments.json,
            Self::Completions(arguments) => arguments.json,
            Self::Man(arguments) => arguments.json,
        }
    }
}

fn main() -> ExitCode {
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(error) if error.use_stderr() && asks_for_json() => return end(&misread(&error), true),
        Err(error) => error.exit(),
    };
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => end(&failure, command.answers_in_json()),
    }
}

fn end(failure: &Failure, in_json: bool) -> ExitCode {
    Output::new(in_json).note(&format!("grantline: {failure}"), &failure.to_json());
    ExitCode::from(failure.exit.code())
}

/// Of a command line that cannot be read, this can be told all the same.
fn asks_for_json() -> bool {
    std::env::args_os().any(|argument| argument == "--json")
}

fn misread(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let problem = text.split("\n\n").next().unwrap_or(&text).trim_start_matches("error: ");
    Failure::usage(
        "usage_invalid",
        problem,
        "`grantline --help` and `grantline COMMAND --help` say what there is",
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn commands_and_arguments_do_not_contradict_each_other() {
        super::Cli::command().debug_assert();
    }
}
