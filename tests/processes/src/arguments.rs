//! The command line of the harness.

use crate::failure::{Failure, Result, cannot};
use crate::places::Kind;
use crate::scenarios::Scenario;

pub(crate) const HELP: &str = "\
usage: grantline-processes [--rounds N] [--stops N] [--seed S] [--stores NAME,...] [--scenarios NAME,...]

  --rounds     rounds of each scenario (2)
  --stops      rounds of the scenario `stop`, each of which lasts longer than a lease (1)
  --seed       what the random moments come from; printed when it is left out
  --stores     sqlite, redis, postgresql (all)
  --scenarios  undisturbed, kill, stop (all)";

pub(crate) struct Arguments {
    pub(crate) rounds: usize,
    pub(crate) stops: usize,
    pub(crate) seed: u64,
    pub(crate) stores: Vec<Kind>,
    pub(crate) scenarios: Vec<Scenario>,
}

impl Arguments {
    /// `seed`: the one to take unless another is given.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>, seed: u64) -> Result<Self> {
        let (stores, scenarios) = (Kind::ALL.to_vec(), Scenario::ALL.to_vec());
        let mut arguments = Self { rounds: 2, stops: 1, seed, stores, scenarios };
        while let Some(name) = words.next() {
            let value = words.next().ok_or_else(|| misuse(&format!("{name} lacks its value")))?;
            match name.as_str() {
                "--rounds" => arguments.rounds = value.parse().map_err(cannot("read --rounds"))?,
                "--stops" => arguments.stops = value.parse().map_err(cannot("read --stops"))?,
                "--seed" => arguments.seed = value.parse().map_err(cannot("read --seed"))?,
                "--stores" => arguments.stores = named(&value, &Kind::ALL, Kind::name)?,
                "--scenarios" => arguments.scenarios = named(&value, &Scenario::ALL, Scenario::name)?,
                _ => return Err(misuse(&format!("there is no {name}"))),
            }
        }
        Ok(arguments)
    }
}

fn named<T: Copy>(list: &str, all: &[T], name: impl Fn(T) -> &'static str) -> Result<Vec<T>> {
    let find = |word| all.iter().copied().find(|item| name(*item) == word);
    list.split(',').map(|word| find(word).ok_or_else(|| misuse(&format!("there is no `{word}`")))).collect()
}

fn misuse(what: &str) -> Failure {
    Failure::new(format!("{what}\n\n{HELP}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Arguments> {
        Arguments::parse(line.split_whitespace().map(str::to_owned), 7)
    }

    #[test]
    fn everything_has_a_short_form_without_arguments() {
        let all = parsed("").unwrap();
        assert_eq!((all.rounds, all.stops, all.seed), (2, 1, 7));
        assert_eq!((all.stores, all.scenarios), (Kind::ALL.to_vec(), Scenario::ALL.to_vec()));
    }

    #[test]
    fn takes_what_it_is_told() {
        let some = parsed("--rounds 200 --seed 9 --stores redis,sqlite --scenarios kill").unwrap();
        assert_eq!((some.rounds, some.seed, some.scenarios), (200, 9, vec![Scenario::Kill]));
        assert_eq!(some.stores, [Kind::Redis, Kind::Sqlite]);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for line in ["--rounds", "--rounds x", "--stores mysql", "--loud yes"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
