//! A toolchain where the system has no package of it and a newer Debian has: a small one of that is laid into a cache
//! folder.
//!
//! The folder is never mounted into for longer than one command: each runs in a mount namespace of its own,
//! which the kernel takes down with the last process in it. Only the toolchain runs in there, and the network is the
//! machine's.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use crate::failure::{Failure, Result, cannot};
use crate::report;
use crate::run;
use crate::toolchains::debian::{self, System};
use crate::workspace::Workspace;

/// What is laid where.
#[derive(Debug)]
pub(crate) struct Contents {
    /// In the user's words.
    pub(crate) missing: &'static str,
    /// What to do instead.
    pub(crate) elsewhere: &'static str,
    /// Debian's name of the release.
    pub(crate) release: &'static str,
    pub(crate) packages: &'static str,
    /// What it costs, in words.
    pub(crate) cost: &'static str,
    /// Its program, after which the folder is called too.
    pub(crate) program: &'static str,
    /// Whether this is what the program says of its version.
    pub(crate) is_version: fn(&str) -> bool,
    /// Names a folder of the user's.
    pub(crate) variable: &'static str,
}

/// Arguments: the root, the folder to start in, how many folders to show inside, these, the command.
const ENTER: &str = r#"
root=$1; folder=$2; shown=$3; shift 3
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$shown" -gt 0 ]; do
  mkdir -p "$root$1"
  mount --bind "$1" "$root$1"
  shift; shown=$((shown - 1))
done
exec chroot "$root" env -u TMPDIR -C "$folder" HOME=/root PATH=/usr/bin:/bin "$@"
"#;

#[derive(Debug)]
pub(crate) struct DebianRoot {
    contents: &'static Contents,
    path: PathBuf,
}

impl DebianRoot {
    /// The one that was made before, or a new one: that takes minutes, gigabytes, and the right to install.
    pub(crate) fn provide(workspace: &Workspace, contents: &'static Contents) -> Result<Self> {
        match Self::find(contents) {
            Some(root) => Ok(root),
            None => Self::make(workspace, contents),
        }
    }

    pub(crate) fn find(contents: &'static Contents) -> Option<Self> {
        let root = Self { contents, path: contents.folder()? };
        root.is_complete().then_some(root)
    }

    pub(crate) fn make(workspace: &Workspace, contents: &'static Contents) -> Result<Self> {
        let path = contents.folder().ok_or_else(|| {
            let variable = contents.variable;
            Failure::new(format!(
                "cannot find the user's cache folder (none of {variable}, XDG_CACHE_HOME and HOME is set)"
            ))
        })?;
        debian::may_install(contents.missing, contents.elsewhere)?;
        may_mount(contents)?;
        if run::find("debootstrap").is_none() {
            debian::install(workspace, &["debootstrap"], contents.missing, contents.elsewhere)?;
        }
        remove_interrupted(&path);
        // Renamed when it is complete, so that an interrupted run is not taken for a toolchain.
        let partial = path.with_extension(format!("partial-{}", process::id()));
        fs::create_dir_all(&partial).map_err(cannot("create", &partial))?;
        let root = Self { contents, path };
        let made = root.fill(workspace, &partial).and_then(|()| root.adopt(&partial));
        if made.is_err() {
            // What stopped the making is the news; what cannot be removed is removed next time.
            let _ = fs::remove_dir_all(&partial);
        }
        made.map(|()| root)
    }

    /// Its program inside the root, in a folder of the workspace. What is shown has the same path there.
    pub(crate) fn command(&self, workspace: &Workspace, folder: &Path, shown: &[&Path]) -> Command {
        let mut command = enter(workspace, &self.path, folder, shown);
        command.arg(self.contents.program);
        command
    }

    /// By the link itself: it leads to a path inside the root, where nothing need be outside.
    fn is_complete(&self) -> bool {
        fs::symlink_metadata(self.path.join("usr/bin").join(self.contents.program)).is_ok()
    }

    fn fill(&self, workspace: &Workspace, partial: &Path) -> Result<()> {
        let Contents { missing, cost, packages, release, program, .. } = self.contents;
        let headline = format!("installing {missing} into {} ({cost})", self.path.display());
        let mut debootstrap = Command::new("unshare");
        debootstrap.args(["--mount", "debootstrap", "--variant=minbase"]);
        debootstrap.arg(format!("--include={packages}")).arg(release).arg(partial);
        debootstrap.args(mirror());
        run::logged(&headline, &mut debootstrap, &workspace.log("debootstrap"))?;
        let hosts = partial.join("etc/hosts");
        fs::write(&hosts, "127.0.0.1 localhost\n::1 localhost\n").map_err(cannot("write", &hosts))?;
        let archives = partial.join("var/cache/apt/archives");
        fs::remove_dir_all(&archives).map_err(cannot("remove", &archives))?;
        let mut version = enter(workspace, partial, Path::new("/"), &[]);
        let says = run::read(version.args([program, "--version"])).unwrap_or_default();
        let runs = (self.contents.is_version)(&says);
        runs.then_some(())
            .ok_or_else(|| Failure::new(format!("the `{program}` in {} does not run", partial.display())))
    }

    fn adopt(&self, partial: &Path) -> Result<()> {
        match fs::rename(partial, &self.path) {
            // Another run was quicker.
            Err(_) if self.is_complete() => fs::remove_dir_all(partial).map_err(cannot("remove", partial)),
            renamed => renamed.map_err(cannot("create", &self.path)),
        }
    }
}

impl Contents {
    fn folder(&self) -> Option<PathBuf> {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = || set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
        let chosen = set(self.variable).and_then(|path| std::path::absolute(path).ok());
        let name = format!("{}-{}", self.program, self.release);
        chosen.or_else(|| cache().map(|cache| cache.join("grantline").join(name)))
    }
}

fn enter(workspace: &Workspace, root: &Path, folder: &Path, shown: &[&Path]) -> Command {
    let mut command =
        workspace.command("unshare", Path::new("/"), &["--mount", "sh", "-euc", ENTER, "enter"]);
    command.arg(root).arg(folder).arg(shown.len().to_string()).args(shown);
    command
}

/// An unprivileged container has a root user who may not mount.
fn may_mount(Contents { missing, elsewhere, release, .. }: &Contents) -> Result<()> {
    let mut probe = Command::new("unshare");
    probe.args(["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
    run::read(&mut probe).map(drop).ok_or_else(|| {
        Failure::new(format!(
            "{missing} is missing, this system has no package of it, and running one from a folder of Debian {release} \
             takes the right to mount, which this container withholds (CAP_SYS_ADMIN): grant it, or {elsewhere}"
        ))
    })
}

/// What earlier runs that were killed have left beside the root.
fn remove_interrupted(path: &Path) {
    let stem = path.file_stem().map(OsStr::to_owned);
    let entries = path.parent().and_then(|parent| fs::read_dir(parent).ok());
    for left in entries.into_iter().flatten().flatten().map(|entry| entry.path()) {
        if left.file_stem().map(OsStr::to_owned) == stem && is_abandoned(&left) {
            report::step(&format!("removing what an interrupted run left: {}", left.display()));
            // Costs disk, nothing else, if it fails.
            let _ = fs::remove_dir_all(&left);
        }
    }
}

fn is_abandoned(partial: &Path) -> bool {
    let extension = partial.extension().and_then(OsStr::to_str).unwrap_or_default();
    extension.strip_prefix("partial-").is_some_and(|process| !Path::new("/proc").join(process).exists())
}

/// The mirror this machine takes its own Debian packages from; none leaves it to debootstrap.
fn mirror() -> Option<String> {
    let system = System::here();
    let folder = fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten();
    let files = folder.map(|entry| entry.path()).chain([PathBuf::from("/etc/apt/sources.list")]);
    let texts = files.filter_map(|path| fs::read_to_string(path).ok()).collect::<Vec<_>>();
    // Other systems' mirrors hold no Debian.
    texts.iter().filter(|_| system.id == "debian").find_map(|text| parse_mirror(text, &system.codename))
}

/// Reads both forms: `deb [options] URI suite component ...` and `URIs:` with `Suites:`.
fn parse_mirror(sources: &str, codename: &str) -> Option<String> {
    let one_line = sources.lines().filter_map(|line| {
        let words = line.strip_prefix("deb ")?.split_whitespace();
        let mut words = words.skip_while(|word| !word.contains("://"));
        let uri = words.next()?;
        (words.next()? == codename).then_some(uri)
    });
    let stanzas = sources.split("\n\n").filter_map(|stanza| {
        let field = |name: &str| stanza.lines().find_map(|line| line.strip_prefix(name));
        let suites = field("Suites:")?;
        suites.split_whitespace().find(|suite| *suite == codename)?;
        field("URIs:")?.split_whitespace().next()
    });
    one_line.chain(stanzas).find(|uri| uri.starts_with("http")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_mirror_from_either_form_of_apt_sources() {
        let line = "# deb http://old.test/debian bookworm main\n\
                    deb [signed-by=/k.gpg arch=amd64] http://mirror.test/debian bookworm main\n";
        assert_eq!(parse_mirror(line, "bookworm").as_deref(), Some("http://mirror.test/debian"));
        let stanzas = "Types: deb\nURIs: http://sec.test/security\nSuites: bookworm-security\n\n\
                       Types: deb\n# a note\nURIs: https://mirror.test/debian\nSuites: bookworm bookworm-updates\n";
        assert_eq!(parse_mirror(stanzas, "bookworm").as_deref(), Some("https://mirror.test/debian"));
    }

    #[test]
    fn takes_no_mirror_of_another_release_or_kind() {
        assert_eq!(parse_mirror("deb http://third.test/apt stable main", "bookworm"), None);
        assert_eq!(parse_mirror("deb cdrom:[Debian]/ bookworm main", "bookworm"), None);
        assert_eq!(parse_mirror("deb mirror+file:///etc/m bookworm main", "bookworm"), None);
        assert_eq!(parse_mirror("", "bookworm"), None);
    }

    #[test]
    fn takes_only_a_dead_run_for_interrupted() {
        assert!(is_abandoned(Path::new("/c/swift-trixie.partial-4194305")));
        let own = format!("/c/swift-trixie.partial-{}", process::id());
        assert!(!is_abandoned(Path::new(&own)));
        assert!(!is_abandoned(Path::new("/c/swift-trixie")));
    }

    #[cfg(unix)]
    const CONTENTS: Contents = Contents {
        missing: "Swift",
        elsewhere: "install it",
        release: "trixie",
        packages: "swiftlang",
        cost: "a while",
        program: "swift",
        is_version: |_| true,
        variable: "GRANTLINE_NOWHERE",
    };

    #[cfg(unix)]
    #[test]
    fn keeps_a_complete_root_and_removes_what_a_dead_run_left() {
        let folder = env::temp_dir().join(format!("xtask-debian-root-{}", process::id()));
        let (root, left) = (folder.join("swift-trixie"), folder.join("swift-trixie.partial-4194305"));
        fs::create_dir_all(root.join("usr/bin")).unwrap();
        fs::create_dir_all(left.join("usr")).unwrap();
        let is_complete = || DebianRoot { contents: &CONTENTS, path: root.clone() }.is_complete();
        let incomplete = is_complete();
        std::os::unix::fs::symlink("/usr/libexec/swift/no-such", root.join("usr/bin/swift")).unwrap();
        remove_interrupted(&root);
        let (kept, removed) = (is_complete(), !left.exists());
        fs::remove_dir_all(&folder).unwrap();
        assert!(!incomplete && kept && removed);
    }
}
