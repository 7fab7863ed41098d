//! The command `grantline`.

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
use serde_json::Value;

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
            Self::Emulator(_) | Self::Completions(_) | Self::Man(_) => false,
        }
    }
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&failure, command.answers_in_json());
            ExitCode::from(failure.exit.code())
        }
    }
}

fn tell(failure: &Failure, in_json: bool) {
    let object: Value = failure.to_json();
    Output::new(in_json).note(&format!("grantline: {failure}"), &object);
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn commands_and_arguments_do_not_contradict_each_other() {
        super::Cli::command().debug_assert();
    }
}
