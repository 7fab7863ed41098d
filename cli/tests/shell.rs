//! Completions, manual pages, and docs/cli.md.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use support::Folder;

const GUIDE: &str = include_str!("../../docs/cli.md");
const COMMANDS: [&str; 14] = [
    "login",
    "token",
    "userinfo",
    "logout",
    "sessions",
    "inspect",
    "request",
    "profiles",
    "init",
    "keyring",
    "doctor",
    "emulator",
    "completions",
    "man",
];

#[test]
fn completions_know_the_commands_in_every_shell() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = folder.run(&["completions", shell]).done();
        assert!(script.contains("userinfo") && script.contains("end-session-url"), "{shell}");
    }
    assert_eq!(folder.run(&["completions", "cmd"]).code, 2);
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["man", "pages"]).done(), "");
    for name in COMMANDS {
        let page = fs::read_to_string(folder.path(&format!("pages/grantline-{name}.1"))).unwrap();
        assert!(page.contains(".SH"), "{name}");
    }
    let page = fs::read_to_string(folder.path("pages/grantline.1")).unwrap();
    assert!(page.contains("Exit codes"), "{page}");
    folder.write("a-file", "");
    assert!(folder.run(&["man", "a-file/pages"]).refused(3).contains("name another folder"));
}

#[test]
fn without_a_command_the_commands_are_listed() {
    let folder = Folder::new();
    let ended = folder.run(&[]);
    assert_eq!(ended.code, 2);
    for name in COMMANDS {
        assert!(ended.err.contains(&format!("\n  {name} ")), "{name}: {}", ended.err);
    }
}

#[test]
fn help_is_as_wide_as_the_terminal() {
    let folder = Folder::new();
    for width in [80, 100] {
        for name in COMMANDS {
            let mut command = folder.command(&[name, "--help"]);
            let help = support::ended(command.env("COLUMNS", width.to_string()).output().unwrap()).done();
            let widest = help.lines().max_by_key(|line| line.chars().count()).unwrap();
            assert!(widest.chars().count() <= width, "{name}: {widest}");
        }
    }
}

#[test]
fn what_was_read_enough_of_ends_quietly() {
    let folder = Folder::new();
    let mut command = folder.command(&["completions", "bash"]);
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let ended = support::ended(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
}

#[test]
#[cfg(target_os = "linux")]
fn an_output_that_takes_nothing_is_code_1() {
    let folder = Folder::new();
    let mut command = folder.command(&["init", "--print"]);
    command.stdout(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let refused = support::ended(command.output().unwrap()).refused(1);
    assert!(refused.contains("system_refused"), "{refused}");
}

/// What stands in code in the guide: between back-quotes, and in blocks of the shell.
fn code() -> impl Iterator<Item = &'static str> {
    let blocks =
        GUIDE.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).flat_map(str::lines);
    let prose = GUIDE.split("```").step_by(2);
    blocks.chain(prose.flat_map(|text| text.split('`').skip(1).step_by(2)))
}

#[test]
fn every_command_of_the_guide_is_there_and_every_command_is_in_the_guide() {
    let named = code().filter_map(|code| code.split("grantline ").nth(1)?.split_whitespace().next());
    let named: BTreeSet<_> = named.collect();
    assert_eq!(named, COMMANDS.into_iter().collect(), "the guide's commands, and those there are");
}

#[test]
fn every_option_of_the_guide_is_there() {
    let folder = Folder::new();
    let help = |name: &&str| folder.run(&[name, "--help"]).done();
    let all: String = COMMANDS.iter().map(help).collect();
    let options =
        code().flat_map(str::split_whitespace).filter(|word| word.starts_with("--") && word.len() > 2);
    let mut count = 0;
    for option in options {
        let name = option.split('=').next().unwrap().trim_end_matches([',', '.', ')']);
        assert!(all.contains(name), "{name} of the guide is no option");
        count += 1;
    }
    assert!(count > 20, "{count}");
}

#[test]
fn the_guide_s_profile_file_is_the_one_that_init_prints() {
    let folder = Folder::new();
    let printed = folder.run(&["init", "--print"]).done();
    let shown = GUIDE.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(shown, printed, "docs/cli.md shows cli/profiles.sample.toml");
    folder.write("profiles.toml", shown);
    assert_eq!(folder.run(&["profiles"]).done().lines().count(), 4);
}

#[test]
fn every_exit_code_of_the_guide_is_one() {
    let rows =
        GUIDE.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next()?.parse::<u8>().ok());
    assert_eq!(rows.collect::<Vec<_>>(), (0..=7).chain([10, 11]).collect::<Vec<_>>());
}

#[test]
fn the_codes_of_its_own_are_those_in_the_guide() {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let text = sources(&source);
    // The first text of a failure, behind its exit code if that is named.
    let mut codes = BTreeSet::new();
    for made in ["Failure::new(", "Failure::usage(", "Failure::configuration("] {
        for rest in text.split(made).skip(1) {
            let code = rest.split('"').nth(1).unwrap();
            let before = rest.split('"').next().unwrap();
            if before.len() < 40
                && !code.is_empty()
                && code.chars().all(|c| c.is_ascii_lowercase() || c == '_')
            {
                codes.insert(code);
            }
        }
    }
    let section = GUIDE.split("## Codes of its own").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows: BTreeSet<_> =
        section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let missing: Vec<_> = codes.difference(&rows).collect();
    assert!(codes.len() > 15 && missing.is_empty(), "not in the guide: {missing:?}");
    for code in rows {
        assert!(text.contains(&format!("\"{code}\"")), "{code} of the guide is no code");
    }
}

fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { sources(&path) } else { fs::read_to_string(&path).unwrap() })
        .collect()
}
