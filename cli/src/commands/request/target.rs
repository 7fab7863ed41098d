//! Where a request goes: to an API that the profile names, and nowhere else.

use grantline::ApiOrigins;
use reqwest::Url;

use crate::failure::Failure;
use crate::profile::Profile;

/// `named`: an absolute URL, or a path at the only one of the profile's `api_origins`.
pub(super) fn read(named: &str, profile: Profile<'_>) -> Result<Url, Failure> {
    let allowed = profile.api_origins()?;
    let whole = match named.starts_with('/') {
        true => format!("{}{named}", only_origin(named, profile)?.trim_end_matches('/')),
        false => named.to_owned(),
    };
    let url = Url::parse(&whole).map_err(|error| {
        let advice = "write an absolute URL, such as https://api.example.com/v1/invoices, or a path such as /v1/invoices";
        Failure::usage("url_invalid", format!("the URL cannot be read: {error}"), advice)
    })?;
    refuse_other_origins(&url, &allowed, profile)?;
    Ok(url)
}

fn only_origin<'a>(path: &str, profile: Profile<'a>) -> Result<&'a str, Failure> {
    let (name, origins) = (profile.name, &profile.entry.api_origins);
    match origins.as_slice() {
        [only] => Ok(only),
        [] => {
            let what = format!("{path} is a path, and the profile {name} has no api_origins to join it with");
            let advice = "add the API's origin to them, if it may have the token";
            Err(Failure::configuration("origin_not_allowed", what, advice))
        }
        several => {
            let several = several.join(", ");
            let what = format!("{path} is a path, and the profile {name} has several api_origins: {several}");
            Err(Failure::usage("url_incomplete", what, "write the whole URL, with one of them"))
        }
    }
}

/// A request that would go without a token is not what was asked for.
fn refuse_other_origins(url: &Url, allowed: &ApiOrigins, profile: Profile<'_>) -> Result<(), Failure> {
    if allowed.allows(url.as_str()) {
        return Ok(());
    }
    if !url.username().is_empty() || url.password().is_some() {
        let what = "the URL holds a user name or a password, and the token is what says who asks";
        return Err(Failure::usage("url_invalid", what, "leave them out of the URL"));
    }
    let origin = url.origin().ascii_serialization();
    let what =
        format!("no token goes to {origin}, which is none of api_origins of the profile {}", profile.name);
    let advice = format!("add {origin:?} to api_origins, if it may have the token");
    Err(Failure::configuration("origin_not_allowed", what, advice))
}
