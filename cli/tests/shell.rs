//! Completions, manual pages, and docs/cli.md.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
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
fn completions_and_manual_pages_answer_in_json_too() {
    let folder = Folder::new();
    let object = folder.run(&["completions", "fish", "--json"]).json();
    assert_eq!(object["shell"], "fish");
    assert_eq!(object["script"], folder.run(&["completions", "fish"]).done());
    assert_eq!(folder.run(&["man", "pages", "--json"]).json()["folder"], "pages");
    assert!(folder.path("pages/grantline.1").exists());
    folder.write("a-file", "");
    let error = folder.run(&["man", "a-file/pages", "--json"]).refused_in_json(3);
    let advice = "let this user make it, or name another folder";
    assert_eq!((&error["code"], &error["advice"]), (&json!("file_unusable"), &json!(advice)));
}

#[test]
fn every_command_answers_in_json_and_so_does_a_command_line_that_cannot_be_read() {
    let folder = Folder::new();
    for name in COMMANDS {
        assert!(folder.run(&[name, "--help"]).done().contains("--json"), "{name}");
        let error = folder.run(&[name, "--json", "--colour"]).refused_in_json(2);
        let said = error["message"].as_str().unwrap();
        assert!(
            error["code"] == "usage_invalid" && said.contains("unexpected argument '--colour'"),
            "{error}"
        );
    }
    assert_eq!(folder.run(&["--json", "token"]).refused_in_json(2)["code"], "usage_invalid");
    let missing = folder.run(&["request", "--json"]).refused_in_json(2);
    assert!(missing["message"].as_str().unwrap().contains("<URL>"), "{missing}");
    assert!(folder.run(&["token", "--json", "--help"]).done().contains("Usage"), "help is text");
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

/// The rows of a section's table, by the code that each is about.
fn rows(section: &str) -> BTreeMap<&'static str, Vec<&'static str>> {
    let (_, rest) = GUIDE.split_once(section).unwrap();
    let rows = rest.split("\n## ").next().unwrap().lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| (row.split('`').next().unwrap(), row.split(" | ").collect())).collect()
}

/// The text that stands first, which has to be there: a code that is made elsewhere would be seen by nobody.
#[track_caller]
fn literal(text: &'static str) -> &'static str {
    text.trim_start().strip_prefix('"').and_then(|text| text.split('"').next()).expect(text)
}

/// The exit codes by their names in the source: `Refused = 5,`
fn exits() -> BTreeMap<&'static str, &'static str> {
    let (_, variants) = source().split_once("pub(crate) enum Exit {").unwrap();
    let lines = variants.split('}').next().unwrap().lines();
    let pair = |line: &'static str| line.trim().trim_end_matches(',').split_once(" = ");
    lines.filter_map(pair).collect()
}

#[test]
fn the_codes_of_its_own_are_those_in_the_guide_with_their_exit_codes() {
    let (source, exits) = (source(), exits());
    let behind = |made: &'static str| source.split(made).skip(1);
    let mut codes: BTreeMap<&str, &str> = BTreeMap::new();
    codes.extend(behind("Failure::usage(").map(|rest| (literal(rest), "2")));
    codes.extend(behind("Failure::configuration(").map(|rest| (literal(rest), "3")));
    for (exit, rest) in behind("Failure::new(").map(|rest| rest.trim_start().split_once(',').unwrap()) {
        codes.insert(literal(rest), exits[exit.trim_start_matches("Exit::")]);
    }
    // What stands in the constructors themselves, and in a pair; elsewhere the library's codes stand behind an exit.
    codes.extend(behind("Self::configuration(").map(|rest| (literal(rest), "3")));
    for (exit, rest) in behind("Exit::").filter_map(|rest| rest.split_once(", \"")) {
        if let Some(number) = exits.get(exit) {
            codes.insert(rest.split('"').next().unwrap(), number);
        }
    }
    let guide = rows("## Codes of its own");
    let of_guide: BTreeMap<_, _> = guide.iter().map(|(code, row)| (*code, row[1])).collect();
    assert_eq!(codes, of_guide, "the source's codes, and the guide's");
}

#[test]
fn the_warnings_of_the_guide_are_those_there_are() {
    let guide: BTreeSet<_> = rows("### Warnings").into_keys().collect();
    assert_eq!(source().split(".warn(").skip(1).map(literal).collect::<BTreeSet<_>>(), guide);
}

fn source() -> &'static str {
    sources(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")).leak()
}

fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { sources(&path) } else { fs::read_to_string(&path).unwrap() })
        .collect()
}
