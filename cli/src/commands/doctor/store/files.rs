//! An SQLite file: its folder, its rights, and the disk that it is on.

use std::path::Path;

use grantline::Store;

use super::unusable;
use crate::commands::doctor::finding::Finding;

/// `is_made`: the folder is made when it is first needed.
pub(super) fn look(path: &Path, is_made: bool, findings: &mut Vec<Finding>) {
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => Path::new("/"),
    };
    match folder.is_dir() {
        true => look_inside(path, folder, findings),
        false if is_made => {
            findings
                .push(Finding::ok("store", format!("{} is made when it is first needed", path.display())));
        }
        false => {
            let words = format!("there is no folder {}", folder.display());
            findings.push(Finding::error("store", words, "make it, or correct store in the profile"));
        }
    }
}

fn look_inside(path: &Path, folder: &Path, findings: &mut Vec<Finding>) {
    // Before it is opened, which takes away what others may do with it.
    let rights = rights(path, folder);
    findings.push(file_system(folder));
    if !path.exists() {
        findings.push(not_made_yet(path, folder));
    } else if let Err(failure) = Store::sqlite(path) {
        findings.push(unusable(failure));
    } else {
        findings.push(Finding::ok("store", format!("{} can be read and written", path.display())));
        let words =
            "a write-ahead log with synchronous=FULL: a power cut loses nothing that was acknowledged";
        findings.push(Finding::ok("durability", words));
    }
    findings.push(rights);
}

#[cfg(unix)]
fn not_made_yet(path: &Path, folder: &Path) -> Finding {
    match rustix::fs::access(folder, rustix::fs::Access::WRITE_OK) {
        Ok(()) => Finding::ok("store", format!("{} is made when it is first needed", path.display())),
        Err(error) => {
            let words = format!("{} cannot be made: {error}", path.display());
            Finding::error("store", words, format!("let this user write to {}", folder.display()))
        }
    }
}

#[cfg(not(unix))]
fn not_made_yet(path: &Path, _: &Path) -> Finding {
    Finding::ok("store", format!("{} is made when it is first needed", path.display()))
}

/// Of the file and of its folder: who may write to that may put another file in its place.
#[cfg(unix)]
fn rights(path: &Path, folder: &Path) -> Finding {
    const CHECK: &str = "permissions";
    let of_file = mode(path);
    if let Some((words, advice)) = folder_s_fault(folder) {
        Finding::error(CHECK, words, advice)
    } else if of_file & 0o077 != 0 {
        let path = path.display();
        let words = format!("others could come at {path} (mode {of_file:o}), which is now taken from them");
        let advice = "find out what made it so (a copy, a restored backup); what was read is sealed, and names are not";
        Finding::warning(CHECK, words, advice)
    } else {
        Finding::ok(CHECK, "the file is this user's alone, and so is the right to replace it")
    }
}

/// What is wrong with the folder, and what to do. Rights are taken away only from a folder of the user's own: one that many
/// share, such as /tmp, would no longer work for the others.
#[cfg(unix)]
fn folder_s_fault(folder: &Path) -> Option<(String, String)> {
    let (mode, shown) = (mode(folder), folder.display());
    let elsewhere = "move the store into a folder of its own, which is this user's alone".to_owned();
    match Folder::of(mode, owner(folder), rustix::process::geteuid().as_raw()) {
        Folder::Private => None,
        Folder::Shared => Some((
            format!("others may write to {shown} (mode {mode:o}), and be first to make a file in it"),
            elsewhere,
        )),
        Folder::AnotherUsers => {
            Some((format!("{shown} is another user's, who may put another file in its place"), elsewhere))
        }
        Folder::Open => {
            let words =
                format!("others may write to {shown} (mode {mode:o}), and so put another file in its place");
            Some((words, format!("chmod 700 {shown}")))
        }
    }
}

/// Whose a folder is.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Folder {
    /// Nobody else writes to it, but for root.
    Private,
    /// Of the user, and open to others.
    Open,
    /// For everybody: nobody takes away what is another's (the sticky bit).
    Shared,
    AnotherUsers,
}

#[cfg(unix)]
impl Folder {
    fn of(mode: u32, owner: u32, user: u32) -> Self {
        let is_writable = mode & 0o022 != 0;
        match owner {
            _ if is_writable && mode & 0o1000 != 0 => Self::Shared,
            owner if owner == user => {
                if is_writable {
                    Self::Open
                } else {
                    Self::Private
                }
            }
            0 if !is_writable => Self::Private,
            _ => Self::AnotherUsers,
        }
    }
}

#[cfg(unix)]
fn owner(path: &Path) -> u32 {
    use std::os::unix::fs::MetadataExt as _;

    std::fs::metadata(path).map_or(0, |metadata| metadata.uid())
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode() & 0o7777)
}

/// Elsewhere a file's rights are a list of its own, and those of a user's folders keep others out.
#[cfg(not(unix))]
fn rights(_: &Path, _: &Path) -> Finding {
    Finding::not_checked("permissions", "on this system the rights of the user's folder decide")
}

/// A write-ahead log needs memory that all processes share, which file systems of a network have not ("Write-Ahead
/// Logging", SQLite's documentation, section 2).
#[cfg(target_os = "linux")]
fn file_system(folder: &Path) -> Finding {
    const CHECK: &str = "file_system";
    match rustix::fs::statfs(folder) {
        Ok(found) => match name_of_network_one(found.f_type) {
            Some(name) => {
                let words =
                    format!("{} is on {name}, where a write-ahead log may be damaged", folder.display());
                Finding::error(
                    CHECK,
                    words,
                    "move it to a local disk; hosts that share sessions use Redis or PostgreSQL",
                )
            }
            None => Finding::ok(CHECK, format!("{} is on a disk of this machine", folder.display())),
        },
        Err(error) => Finding::not_checked(CHECK, format!("{}: {error}", folder.display())),
    }
}

#[cfg(not(target_os = "linux"))]
fn file_system(folder: &Path) -> Finding {
    let words = format!("on this system it is not known whether {} is on a local disk", folder.display());
    Finding::not_checked("file_system", words)
}

/// The numbers of statfs(2).
#[cfg(target_os = "linux")]
fn name_of_network_one(kind: impl Into<i64>) -> Option<&'static str> {
    Some(match kind.into() & 0xffff_ffff {
        0x6969 => "NFS",
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => "SMB",
        0x0102_1997 => "9P",
        0x00c3_6400 => "Ceph",
        0x0bd0_0bd0 => "Lustre",
        0x5346_414f => "AFS",
        0x7375_7245 => "Coda",
        0x4750_4653 | 0x4750_4c53 => "GPFS",
        0x0116_1970 => "GFS2",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    #[test]
    fn rights_are_taken_only_from_a_folder_of_the_user_s_own() {
        use super::Folder;

        let (root, anna, bob) = (0, 1000, 1001);
        for (mode, owner, user, folder) in [
            (0o700, anna, anna, Folder::Private),
            (0o755, root, anna, Folder::Private),
            (0o777, anna, anna, Folder::Open),
            (0o770, anna, anna, Folder::Open),
            (0o1777, root, anna, Folder::Shared),
            (0o1777, root, root, Folder::Shared),
            (0o1777, anna, anna, Folder::Shared),
            (0o700, bob, anna, Folder::AnotherUsers),
            (0o777, bob, anna, Folder::AnotherUsers),
            (0o777, root, anna, Folder::AnotherUsers),
            (0o777, bob, root, Folder::AnotherUsers),
        ] {
            assert_eq!(Folder::of(mode, owner, user), folder, "{mode:o}, of {owner}, for {user}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn file_systems_of_a_network_are_told_from_disks() {
        use super::name_of_network_one;

        assert_eq!(name_of_network_one(0x6969), Some("NFS"));
        // As a 32-bit system has it: below zero.
        assert_eq!(name_of_network_one(0xff53_4d42_u32.cast_signed()), Some("SMB"));
        for of_a_disk in [0xef53_i64, 0x5846_5342, 0x9123_683e, 0x0102_1994] {
            assert_eq!(name_of_network_one(of_a_disk), None, "{of_a_disk:x}");
        }
    }
}
