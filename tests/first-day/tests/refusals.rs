//! A page that says what is not so is refused, with the line.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::fs;
use std::process::{Command, Stdio};

use tempfile::TempDir;

const SERVER: &str =
    "```sh server\ngrantline emulator --port 4455\n```\n\n```text\nready http://127.0.0.1:4455\n```\n\n";

/// A clone that has nothing but a page.
struct Clone(TempDir);

impl Clone {
    fn with(page: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("docs")).unwrap();
        fs::write(folder.path().join("docs/first-day.md"), page).unwrap();
        Self(folder)
    }

    /// What the program says of it, and whether it was content.
    fn done(&self) -> (bool, String) {
        let mut day = Command::new(env!("CARGO_BIN_EXE_first-day"));
        let output = day.arg("rust").current_dir(self.0.path()).stdin(Stdio::null()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }
}

fn refused(page: &str) -> String {
    let (is_content, said) = Clone::with(page).done();
    assert!(!is_content, "{said}");
    said
}

#[test]
fn a_page_that_is_so_is_not_refused() {
    let page = "```sh\na=1\nexport b=2\ncd docs\n```\n\n```sh exit=3\necho $a$b $(basename $PWD)\nexit 3\n```\n\n```text\n12 …cs\n```\n";
    let (is_content, said) = Clone::with(page).done();
    assert!(is_content && said.contains("2 steps"), "{said}");
}

#[test]
fn a_command_that_ends_otherwise_is_refused() {
    let said = refused("# A\n\n```sh\nfalse\ntrue\n```\n");
    assert!(said.contains("docs/first-day.md, line 3: it ended with 1, not 0"), "{said}");
    let said = refused("```sh exit=5\ntrue\n```\n");
    assert!(said.contains("line 1: it ended with 0, not 5"), "{said}");
}

#[test]
fn a_command_that_says_otherwise_is_refused() {
    let said = refused("```sh\necho one\n```\n\n```text\ntwo\n```\n");
    assert!(said.contains("line 1: the page shows:\ntwo\nand it said:\none"), "{said}");
}

#[test]
fn a_command_that_nothing_stands_in_for_is_refused() {
    for command in ["cargo install --path cli", "cargo build", "pip install requests", "python3 a.py"] {
        let said = refused(&format!("```sh\n{command}\n```\n"));
        assert!(said.contains(&format!("nothing stands in for: {command}")), "{said}");
    }
}

#[test]
fn a_page_of_a_server_that_shows_otherwise_is_refused() {
    let said = refused(&format!(
        "{SERVER}Open <http://127.0.0.1:4455/portal>. It shows `What to do first` and `roses`.\n"
    ));
    assert!(said.contains("line 9: \"roses\" is not on the page"), "{said}");
    let said = refused(&format!("{SERVER}Open <http://127.0.0.1:4455/nowhere>.\n"));
    assert!(said.contains("line 9: status 404"), "{said}");
}

#[test]
fn a_server_that_ends_before_it_is_ready_is_refused() {
    let said = refused("```sh server\necho broken\n```\n\n```text\nready http://127.0.0.1:4455\n```\n");
    assert!(said.contains("did not get ready") && said.contains("broken"), "{said}");
}

#[test]
fn a_change_of_lines_that_are_nowhere_is_refused() {
    let init = "```sh\ngrantline init --emulator\n```\n\n";
    let nowhere = "```diff\n-client_id = \"isv_nobody\"\n+client_id = \"isv_mine\"\n```\n";
    let said = refused(&format!("{init}{nowhere}"));
    assert!(said.contains("nothing has the line"), "{said}");
    let unreadable = "```diff\n-[profile.emulator-service]\n+[profile.mine]\n+colour = \"blue\"\n```\n";
    let said = refused(&format!("{init}{unreadable}"));
    assert!(said.contains("after the changes for the sandbox") && said.contains("profile_invalid"), "{said}");
    // The profile that the file names as the default has another name after these.
    let renamed = "```diff\n-default = \"emulator-service\"\n-[profile.emulator-service]\n+default = \"emulator-service\"\n+[profile.mine]\n```\n";
    let said = refused(&format!("{init}{renamed}"));
    assert!(said.contains("after the changes for the sandbox"), "{said}");
}
