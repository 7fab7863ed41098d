//! The emulator as a program: how soon it answers, how many tokens it gives, and whether its live view keeps up.

mod connection;
mod live;
mod program;

use std::num::NonZero;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;

use crate::Result;
use crate::effort::Effort;
use crate::parts::program::{milliseconds, path};
use crate::spread::{Spread, calls_per_microsecond, in_turns, real};
use crate::table::{Table, count};
use connection::Connection;
use program::Program;

/// Who asks for tokens at once.
const CONNECTIONS: usize = 8;
/// As long as what an access token is signed over.
const SIGNED_BYTES: usize = 600;
/// Starts that are counted.
const STARTS: usize = 20;

pub(crate) fn measure(effort: &Effort) -> Result<Table> {
    let about = format!(
        "`grantline emulator`, beside the same program that only tells its version; {} tokens on {CONNECTIONS} \
         connections, beside bare RS256 signatures (2048 bits) on all processors, which the emulator shares with those \
         who ask; and {} requests at {} in a second, while somebody follows them on the portal.",
        count(effort.fetches),
        count(live::REQUESTS),
        live::IN_A_SECOND,
    );
    let mut table = Table::new("The emulator", about);
    starts(effort, &mut table)?;
    tokens(effort, &mut table)?;
    live::measure(&mut table)?;
    Ok(table)
}

fn starts(effort: &Effort, table: &mut Table) -> Result<()> {
    let rounds = if effort.rounds < STARTS / 2 { effort.rounds } else { STARTS };
    let [bare, healthy, with_keys] = in_turns(
        rounds,
        [&mut time_of_version, &mut || Program::start()?.until_answer("/health"), &mut || {
            Program::start()?.until_answer("/.well-known/openid-configuration/jwks")
        }],
    )?;
    table.spread("from exec to the end of `grantline --version` (ms)", &Spread::of(bare.clone()), "");
    table.spread("from exec to the answer of /health (ms)", &Spread::of(healthy.clone()), "at most 150");
    table.spread(
        "from exec to the answer with the keys, which are made meanwhile (ms)",
        &Spread::of(with_keys),
        "",
    );
    table.spread("/health / `--version`", &Spread::ratio(&healthy, &bare), "");
    Ok(())
}

fn time_of_version() -> Result<f64> {
    milliseconds(Command::new(path()?).arg("--version").stdout(Stdio::null()))
}

fn tokens(effort: &Effort, table: &mut Table) -> Result<()> {
    let program = Program::start()?;
    let fetches = effort.fetches.next_multiple_of(CONNECTIONS);
    let key = KeyPair::generate(KeySize::Rsa2048)?;
    let [signatures, tokens] = in_turns(
        effort.rounds,
        [&mut || signatures_in_a_second(&key, fetches), &mut || tokens_in_a_second(&program, fetches)],
    )?;
    table.spread("bare signatures (in a second)", &Spread::of(signatures.clone()), "");
    table.spread("service tokens (in a second)", &Spread::of(tokens.clone()), "");
    table.spread("tokens / bare signatures", &Spread::ratio(&tokens, &signatures), "at least 0.6");
    Ok(())
}

fn signatures_in_a_second(key: &KeyPair, signatures: usize) -> Result<f64> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let (input, random) = ([b'a'; SIGNED_BYTES], SystemRandom::new());
    let sign = || {
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &random, &input, &mut signature).map(|()| signature)
    };
    sign()?;
    let each = u32::try_from(signatures / threads)?;
    Ok(calls_per_microsecond(u32::try_from(threads)?, each, sign) * 1e6)
}

fn tokens_in_a_second(program: &Program, tokens: usize) -> Result<f64> {
    let fetch = || {
        let mut connection = Connection::open(program.address())?;
        (0..tokens / CONNECTIONS).try_for_each(|_| connection.token())
    };
    let began = Instant::now();
    thread::scope(|scope| {
        let fetching: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(fetch)).collect();
        fetching.into_iter().try_for_each(|thread| thread.join().map_err(|_| std::io::ErrorKind::Other)?)
    })?;
    Ok(real(tokens) / began.elapsed().as_secs_f64())
}
