//! The commands, one file each.

pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod emulator;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod keyring;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod man;
pub(crate) mod profiles;
pub(crate) mod request;
pub(crate) mod sessions;
pub(crate) mod token;
pub(crate) mod userinfo;
