//! What the protocol costs: requests built, answers read, ID tokens verified, a login gone through.

mod ours;
mod signer;
mod theirs;

use std::hint::black_box;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use crate::Result;
use crate::effort::Effort;
use crate::spread::{Spread, in_turns, nanoseconds};
use crate::table::Table;
use ours::Ours;
use signer::Signer;
use theirs::Theirs;

const ABOUT: &str = "The work between two requests, without any I/O, beside the crates `oauth2` 5.0 and `openidconnect` 4.1 \
where they do the same. A login: the URL, the judgement of the callback, the exchange, the ID token (RS256, 2048 bits). An \
answer: a refresh, its request included. Both draw what is random from the system. Times are the thread's own.";

/// The clock of every one of these.
const NOW_S: u64 = 1_795_262_400;
const ISSUER: &str = "https://connect.visma.com";
const CLIENT_ID: &str = "isv_bench";
const REDIRECT_URI: &str = "https://app.example/callback";
const SCOPES: [&str; 3] = ["openid", "offline_access", "visma_api:read"];
const TOKENS: &str = r#"{"access_token":"an-access-token-of-some-length-0123456789","token_type":"Bearer","expires_in":3600,"refresh_token":"a-refresh-token-0123456789","scope":"openid offline_access visma_api:read"}"#;

pub(crate) fn measure(effort: &Effort) -> Result<Table> {
    let signer = Signer::new()?;
    let (ours, theirs) = (Ours::new(&signer)?, Theirs::new(&signer)?);
    let mut table = Table::new("The protocol", ABOUT);
    let steps = effort.steps;
    let [our_url, their_url] = in_turns(
        effort.rounds,
        [&mut || timed(steps, || ours.authorization_url()), &mut || {
            timed(steps, || Ok(theirs.authorization_url()))
        }],
    )?;
    rows(&mut table, "an authorization request", &our_url, "`oauth2`", &their_url, "at most 1.0");
    let [our_answer, their_answer] = in_turns(
        effort.rounds,
        [&mut || timed(steps, || ours.refresh()), &mut || timed(steps, || theirs.refresh())],
    )?;
    rows(&mut table, "a token response", &our_answer, "`oauth2`", &their_answer, "at most 1.0");
    verification(&mut table, effort, &signer, &ours, &theirs)?;
    logins(&mut table, effort, &signer, &ours, &theirs)?;
    Ok(table)
}

fn verification(
    table: &mut Table,
    effort: &Effort,
    signer: &Signer,
    ours: &Ours,
    theirs: &Theirs,
) -> Result<()> {
    let (token, steps) = (signer.id_token("a-nonce")?, effort.steps);
    let (signed, signature) = signer::parts(&token)?;
    let (modulus, exponent) = signer.public_key();
    let bare = || {
        let key = RsaPublicKeyComponents { n: modulus, e: exponent };
        Ok(key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature)?)
    };
    let key = RsaPublicKeyComponents { n: modulus, e: exponent };
    let prepared = key.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)?;
    let with_prepared = || Ok(prepared.verify_sig(signed.as_bytes(), &signature)?);
    let [bare, with_prepared, our, their] = in_turns(
        effort.rounds,
        [
            &mut || timed(steps, &bare),
            &mut || timed(steps, with_prepared),
            &mut || timed(steps, || ours.check_id_token(&token)),
            &mut || timed(steps, || theirs.check_id_token(&token)),
        ],
    )?;
    rows(table, "an ID token verified and checked", &our, "`openidconnect`", &their, "");
    table.spread("the bare RSA verification (ns)", &Spread::of(bare.clone()), "");
    table.spread("an ID token / the bare verification", &Spread::ratio(&our, &bare), "at most 1.15");
    table.spread("the bare verification with a prepared key (ns)", &Spread::of(with_prepared.clone()), "");
    table.spread("an ID token / the same", &Spread::ratio(&our, &with_prepared), "");
    Ok(())
}

fn logins(table: &mut Table, effort: &Effort, signer: &Signer, ours: &Ours, theirs: &Theirs) -> Result<()> {
    let logins = effort.steps.min(100);
    let prepared = ours.prepare(signer, logins)?;
    let token = signer.id_token("a-nonce")?;
    let body = signer::tokens_with(&token);
    let [our, their] = in_turns(
        effort.rounds,
        [
            &mut || {
                let engine = ours.engine(signer)?;
                let mut next = prepared.iter();
                timed(logins, || ours.log_in(&engine, next.next().ok_or("one login each")?))
            },
            &mut || timed(logins, || theirs.log_in(&body)),
        ],
    )?;
    rows(table, "a whole login", &our, "`openidconnect`", &their, "");
    Ok(())
}

/// Nanoseconds for one of so many; fails if one of them does.
fn timed<T>(times: u32, mut work: impl FnMut() -> Result<T>) -> Result<f64> {
    let mut failure = None;
    let took = nanoseconds(times, || {
        for _ in 0..times {
            match black_box(work()) {
                Ok(_) => {}
                Err(error) => failure = Some(error),
            }
        }
    });
    failure.map_or(Ok(took), Err)
}

fn rows(table: &mut Table, what: &str, ours: &[f64], whose: &str, theirs: &[f64], target: &str) {
    table.spread(format!("{what} (ns)"), &Spread::of(ours.to_vec()), "");
    table.spread(format!("{what}, by {whose} (ns)"), &Spread::of(theirs.to_vec()), "");
    table.spread(format!("{what} / {whose}"), &Spread::ratio(ours, theirs), target);
}
