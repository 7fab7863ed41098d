//! Finds the tests in the project's sources, so that whoever names one names one that runs.

#![allow(clippy::disallowed_methods, reason = "core does no I/O; its documents and tests are files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use quote::ToTokens;
use serde_json::Value;
use syn::{Attribute, Item};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What a file has.
pub struct Source {
    /// Its tests that run, or its cases, by name. With a test's body where that is known, without comments.
    pub tests: BTreeMap<String, String>,
    /// All that is not a test: what tests call. Without comments where the language is Rust.
    pub rest: String,
}

impl Source {
    /// `file`: its path from the project's root.
    pub fn read(file: &str) -> Self {
        let path = root().join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => {
                assert!(is_built(&path), "{file} is a module of no target");
                Self::rust(&text)
            }
            Some("py") => Self::script(&text, &["def ", "async def "], |marks| {
                !marks.contains("skip") && !marks.contains("xfail")
            }),
            Some("kt") => Self::script(&text, &["fun "], |marks| {
                marks.contains("@Test") && !marks.contains("@Ignore") && !marks.contains("@Disabled")
            }),
            Some("swift") => Self::script(&text, &["func "], |marks| {
                marks.contains("@Test") && !marks.contains(".disabled") && !marks.contains(".enabled")
            }),
            Some("json") => Self::cases(&serde_json::from_str(&text).unwrap()),
            _ => panic!("{file} is in no language that is known here"),
        }
    }

    pub fn rust(text: &str) -> Self {
        let mut source = Self { tests: BTreeMap::new(), rest: String::new() };
        source.collect(parsed(text).items);
        source
    }

    fn collect(&mut self, items: Vec<Item>) {
        for item in items {
            match item {
                Item::Fn(function) if is_test(&function.attrs) => {
                    let body = function.block.to_token_stream().to_string();
                    self.tests.insert(function.sig.ident.to_string(), body);
                }
                // One that is switched off.
                Item::Fn(function) if has(&function.attrs, "test") => {}
                Item::Mod(module) if is_on(&module.attrs) => {
                    self.collect(module.content.map_or_else(Vec::new, |(_, items)| items));
                }
                Item::Mod(_) => {}
                other => self.rest.push_str(&other.to_token_stream().to_string()),
            }
        }
    }

    /// A declaration begins its line, or stands behind marks (annotations, decorators), which may have lines of their own.
    /// The line of a comment begins with the comment's sign.
    pub fn script(text: &str, declares: &[&str], runs: fn(&str) -> bool) -> Self {
        let mut tests = BTreeMap::new();
        let mut marks = String::new();
        for line in code_lines(text) {
            let declared = declares.iter().find_map(|declares| {
                let (before, declared) = line.split_once(declares)?;
                (before.is_empty() || before.starts_with('@')).then_some((before, declared))
            });
            match declared {
                Some((before, declared)) if runs(&format!("{marks}{before}")) => {
                    let name = declared.split('(').next().unwrap_or_default();
                    tests.insert(name.trim_matches('`').to_owned(), String::new());
                }
                None if line.starts_with('@') => {
                    marks.push_str(line);
                    continue;
                }
                _ => {}
            }
            marks.clear();
        }
        Self { tests, rest: text.to_owned() }
    }

    /// A case has a name; a list of cases is a member that has one.
    fn cases(value: &Value) -> Self {
        let mut tests = BTreeMap::new();
        name_cases(value, &mut tests);
        Self { tests, rest: String::new() }
    }

    /// Whether this test, or what it calls in its file, has that text literally.
    pub fn has_literal(&self, test: &str, text: &str) -> bool {
        let literal = format!("\"{text}\"");
        self.tests.get(test).is_some_and(|body| body.contains(&literal) || self.rest.contains(&literal))
    }
}

/// The lines that are not within a comment or a text of several.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    let (mut commented, mut quoted) = (false, false);
    text.lines().map(str::trim_start).filter(move |line| {
        commented |= line.starts_with("/*");
        let is_code = !commented && !quoted;
        commented &= !line.contains("*/");
        quoted ^= line.matches("\"\"\"").count() % 2 == 1;
        is_code
    })
}

fn name_cases(value: &Value, cases: &mut BTreeMap<String, String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| name_cases(item, cases)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(case) if name == "name" => drop(cases.insert(case.clone(), String::new())),
                    Value::Array(list) if !list.is_empty() => drop(cases.insert(name.clone(), String::new())),
                    _ => {}
                }
                name_cases(member, cases);
            }
        }
        _ => {}
    }
}

fn parsed(text: &str) -> syn::File {
    syn::parse_file(text).unwrap_or_else(|error| panic!("{error}"))
}

/// An attribute whose last word is that one, as in `tokio::test`.
fn has(attributes: &[Attribute], name: &str) -> bool {
    let last =
        |attribute: &Attribute| attribute.path().segments.last().is_some_and(|last| last.ident == name);
    attributes.iter().any(last)
}

fn is_test(attributes: &[Attribute]) -> bool {
    has(attributes, "test") && is_on(attributes)
}

/// Whether these switch nothing off where all tests are run, with every feature.
fn is_on(attributes: &[Attribute]) -> bool {
    let condition = |attribute: &&Attribute| attribute.path().is_ident("cfg");
    let mut conditions =
        attributes.iter().filter(condition).map(|one| one.meta.to_token_stream().to_string());
    conditions
        .all(|one| ["cfg (test)", "cfg (unix)"].contains(&one.as_str()) || one.starts_with("cfg (feature ="))
        && !has(attributes, "ignore")
        && !has(attributes, "cfg_attr")
}

/// Whether a Rust file is the root of a target, or a module of one.
fn is_built(file: &Path) -> bool {
    let folder = file.parent().unwrap();
    let is_target = folder.ends_with("tests") && folder.with_file_name("Cargo.toml").exists();
    let (beside, name) = match file.file_stem().unwrap().to_str().unwrap() {
        "main" | "lib" => return true,
        "mod" => (folder.parent().unwrap(), folder.file_name().unwrap().to_str().unwrap()),
        name => (folder, name),
    };
    let parents = ["main.rs", "lib.rs", "mod.rs"].map(|parent| beside.join(parent));
    is_target
        || parents.into_iter().chain([beside.with_extension("rs")]).any(|parent| declares(&parent, name))
}

fn declares(parent: &Path, name: &str) -> bool {
    let Ok(text) = fs::read_to_string(parent) else { return false };
    let is_it =
        |item: &Item| matches!(item, Item::Mod(module) if module.ident == name && is_on(&module.attrs));
    parsed(&text).items.iter().any(is_it) && is_built(parent)
}

#[test]
fn a_rust_test_that_is_commented_out_ignored_or_switched_off_does_not_run() {
    let source = Source::rust(
        r##"
        //! fn in_the_head() {}
        #[test]
        fn plain() { helper("a") /* "b" */ }
        #[cfg(unix)]
        #[tokio::test]
        async fn on_unix() {}
        // #[test] fn commented() {}
        #[test] #[ignore = "slow"] fn ignored() { "c"; }
        #[test] #[cfg_attr(all(), ignore)] fn ignored_elsewhere() {}
        #[test] #[cfg(any())] fn never() {}
        #[cfg(test)] mod inner { #[test] fn nested() {} }
        #[cfg(any())] mod off { #[test] fn nested_off() {} }
        /// "d"
        fn helper(code: &str) { assert_eq!(code, "e"); }
        const QUOTED: &str = "#[test] fn quoted() {}";
        "##,
    );
    assert_eq!(source.tests.keys().collect::<Vec<_>>(), ["nested", "on_unix", "plain"]);
    let literals = ["a", "b", "c", "d", "e"].map(|text| source.has_literal("plain", text));
    assert_eq!(literals, [true, false, false, false, true]);
    assert!(!source.has_literal("ignored", "e"));
}

#[test]
fn a_test_of_another_language_that_is_commented_out_or_skipped_does_not_run() {
    let text = "
        def test_plain():
        @mark
        async def test_marked(x):
        @pytest.mark.skip
        def test_skipped():
        # def test_commented():
        \"\"\"
        def test_quoted():
        \"\"\"";
    let python = Source::script(text, &["def ", "async def "], |marks| !marks.contains("skip"));
    assert_eq!(python.tests.into_keys().collect::<Vec<_>>(), ["test_marked", "test_plain"]);
    let text = "
        @Test
        fun `plain`() {
        @Test fun beside() {
        fun helper() {
        // @Test fun commented() {
        /* now not:
        @Test fun blocked() { */
        @Ignore @Test
        fun ignored() {";
    let kotlin =
        Source::script(text, &["fun "], |marks| marks.contains("@Test") && !marks.contains("@Ignore"));
    assert_eq!(kotlin.tests.into_keys().collect::<Vec<_>>(), ["beside", "plain"]);
}
