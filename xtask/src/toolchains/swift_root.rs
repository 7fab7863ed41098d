//! Swift where the system has no package of it: Debian 13 has, so a small Debian 13 is laid into a cache folder.
//!
//! The folder is never mounted into for longer than one command: each runs in a mount namespace of its own,
//! which the kernel takes down with the last process in it. Only Swift runs in there; the Rust library is
//! built outside, against an older C library, and the network is the machine's.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use crate::failure::{Failure, Result, cannot};
use crate::report;
use crate::run;
use crate::toolchains::debian::{self, System};
use crate::toolchains::swift::{ELSEWHERE, SWIFT, parse_version};
use crate::workspace::Workspace;

const RELEASE: &str = "trixie";
const PACKAGES: &str = "swiftlang,ca-certificates,libc6-dev,libstdc++-14-dev,libgcc-14-dev";

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
pub(crate) struct SwiftRoot {
    path: PathBuf,
}

impl SwiftRoot {
    pub(crate) fn find() -> Option<Self> {
        let root = Self { path: folder()? };
        root.is_complete().then_some(root)
    }

    /// Takes a minute or two, 3 GB of disk and 700 MB of downloads.
    pub(crate) fn make(workspace: &Workspace) -> Result<Self> {
        let missing =
            "the user's cache folder (none of GRANTLINE_SWIFT_ROOT, XDG_CACHE_HOME and HOME is set)";
        let path = folder().ok_or_else(|| Failure::new(format!("cannot find {missing}")))?;
        may_mount()?;
        if run::find("debootstrap").is_none() {
            debian::install(workspace, &["debootstrap"], SWIFT, ELSEWHERE)?;
        }
        remove_interrupted(&path);
        // Renamed when it is complete, so that an interrupted run is not taken for a toolchain.
        let partial = path.with_extension(format!("partial-{}", process::id()));
        fs::create_dir_all(&partial).map_err(cannot("create", &partial))?;
        let made = fill(workspace, &partial, &path).and_then(|()| adopt(&partial, &path));
        if made.is_err() {
            // What stopped the making is the news; what cannot be removed is removed next time.
            let _ = fs::remove_dir_all(&partial);
        }
        made.map(|()| Self { path })
    }

    /// By the link itself: it leads to a path inside the root, where nothing need be outside.
    fn is_complete(&self) -> bool {
        fs::symlink_metadata(self.path.join("usr/bin/swift")).is_ok()
    }

    /// A command inside the root, in a folder of the workspace, which has the same path there.
    pub(crate) fn command(&self, workspace: &Workspace, folder: &Path) -> Command {
        let mut command = self.enter(workspace, folder, &[&workspace.path(""), &workspace.target("")]);
        command.arg("swift");
        command
    }

    fn enter(&self, workspace: &Workspace, folder: &Path, shown: &[&Path]) -> Command {
        let mut command =
            workspace.command("unshare", Path::new("/"), &["--mount", "sh", "-euc", ENTER, "enter"]);
        command.arg(&self.path).arg(folder).arg(shown.len().to_string()).args(shown);
        command
    }
}

fn folder() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = || set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    let chosen = set("GRANTLINE_SWIFT_ROOT").and_then(|path| std::path::absolute(path).ok());
    chosen.or_else(|| cache().map(|cache| cache.join("grantline").join(format!("swift-{RELEASE}"))))
}

/// An unprivileged container has a root user who may not mount.
fn may_mount() -> Result<()> {
    let mut probe = Command::new("unshare");
    probe.args(["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
    run::read(&mut probe).map(drop).ok_or_else(|| {
        Failure::new(format!(
            "{SWIFT} is missing, this system has no package of it, and running one from a Debian 13 folder takes \
             the right to mount, which this container withholds (CAP_SYS_ADMIN): grant it, or {ELSEWHERE}"
        ))
    })
}

fn fill(workspace: &Workspace, partial: &Path, path: &Path) -> Result<()> {
    let headline = format!("installing Swift into {} (3 GB, a minute or two)", path.display());
    let mut debootstrap = Command::new("unshare");
    debootstrap.args(["--mount", "debootstrap", "--variant=minbase"]);
    debootstrap.arg(format!("--include={PACKAGES}")).arg(RELEASE).arg(partial);
    debootstrap.args(mirror());
    run::logged(&headline, &mut debootstrap, &workspace.log("debootstrap"))?;
    let hosts = partial.join("etc/hosts");
    fs::write(&hosts, "127.0.0.1 localhost\n::1 localhost\n").map_err(cannot("write", &hosts))?;
    let archives = partial.join("var/cache/apt/archives");
    fs::remove_dir_all(&archives).map_err(cannot("remove", &archives))?;
    let root = SwiftRoot { path: partial.to_path_buf() };
    let mut version = root.enter(workspace, Path::new("/"), &[]);
    let says = run::read(version.args(["swift", "--version"])).unwrap_or_default();
    parse_version(&says)
        .map(drop)
        .ok_or_else(|| Failure::new(format!("the Swift in {} does not run", partial.display())))
}

fn adopt(partial: &Path, path: &Path) -> Result<()> {
    match fs::rename(partial, path) {
        // Another run was quicker.
        Err(_) if (SwiftRoot { path: path.to_path_buf() }).is_complete() => {
            fs::remove_dir_all(partial).map_err(cannot("remove", partial))
        }
        renamed => renamed.map_err(cannot("create", path)),
    }
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
    #[test]
    fn keeps_a_complete_root_and_removes_what_a_dead_run_left() {
        let folder = env::temp_dir().join(format!("xtask-swift-root-{}", process::id()));
        let (root, left) = (folder.join("swift-trixie"), folder.join("swift-trixie.partial-4194305"));
        fs::create_dir_all(root.join("usr/bin")).unwrap();
        fs::create_dir_all(left.join("usr")).unwrap();
        let incomplete = SwiftRoot { path: root.clone() }.is_complete();
        std::os::unix::fs::symlink("/usr/libexec/swift/no-such", root.join("usr/bin/swift")).unwrap();
        remove_interrupted(&root);
        let (kept, removed) = (SwiftRoot { path: root }.is_complete(), !left.exists());
        fs::remove_dir_all(&folder).unwrap();
        assert!(!incomplete && kept && removed);
    }
}
