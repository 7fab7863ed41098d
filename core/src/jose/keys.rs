//! A server's key set (RFC 7517), and which key of it may verify what.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::SigningAlgorithm;
use super::edwards::is_of_small_order;
use super::json;
use super::roca;
use crate::error::{Error, Violation};

/// How many keys of a set are looked at, and with how many of them one signature is tried.
const MOST_KEYS: usize = 100;
const MOST_TRIES: usize = 4;
/// RSA moduli, in octets: 2048 bits at least (RFC 7518 section 3.3), and no more than is verified in reasonable time.
const SHORTEST_MODULUS: usize = 256;
pub(super) const LONGEST_MODULUS: usize = 1024;

/// The public keys of one server (RFC 7517 section 5), as far as they are of use here. Whatever else there is among them is
/// passed over.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeySet(Vec<Key>);

#[derive(Clone, Debug, PartialEq)]
struct Key {
    id: Option<String>,
    /// What it says that it is for.
    algorithm: Option<SigningAlgorithm>,
    material: VerifyingKey,
}

/// A public key, checked as far as that can be done without arithmetic: big-endian, without leading zeros where it is a
/// number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifyingKey {
    /// RSA (RFC 7518 section 6.3): 2048 bits at least, with an odd exponent above 1.
    Rsa {
        /// The modulus.
        modulus: Vec<u8>,
        /// The public exponent.
        exponent: Vec<u8>,
    },
    /// A point on P-256 (RFC 7518 section 6.2).
    P256([[u8; 32]; 2]),
    /// A point on P-384.
    P384([[u8; 48]; 2]),
    /// A point on Curve25519 (RFC 8037 section 2).
    Ed25519([u8; 32]),
}

impl KeySet {
    /// Reads a set from its JSON text.
    ///
    /// Errors: `key_set_malformed`.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        Ok(Self::read(text.as_bytes()).ok_or(Violation::KeySetMalformed)?)
    }

    /// As [`Self::from_json`]. `None`: it is none.
    pub(crate) fn read(document: &[u8]) -> Option<Self> {
        match json::object(document)?.remove("keys")? {
            Value::Array(keys) => Some(Self(keys.iter().take(MOST_KEYS).filter_map(Key::read).collect())),
            _ => None,
        }
    }

    /// Whether a key of that name is there. A token that names none may be signed by any.
    pub(crate) fn has(&self, id: Option<&str>) -> bool {
        self.0.iter().any(|key| id.is_none() || key.id.as_deref() == id)
    }

    /// The keys that may have made a signature: a name may stand at several keys of different kinds.
    pub(crate) fn candidates(
        &self,
        id: Option<&str>,
        algorithm: SigningAlgorithm,
    ) -> impl Iterator<Item = &VerifyingKey> {
        let named = move |key: &&Key| id.is_none() || key.id.as_deref() == id;
        let fits = move |key: &&Key| key.fits(algorithm);
        self.0.iter().filter(named).filter(fits).map(|key| &key.material).take(MOST_TRIES)
    }
}

impl Key {
    /// `None`: it is of no use here, or should not be used: a private or shared one does not belong into a public set.
    fn read(key: &Value) -> Option<Self> {
        let members = key.as_object()?;
        let text = |name: &str| members.get(name).map(|value| value.as_str());
        let is_private = ["d", "k"].iter().any(|name| members.contains_key(*name));
        let is_for_signatures = text("use").is_none_or(|word| word == Some("sig"));
        if is_private || !is_for_signatures || !verifies(members.get("key_ops")) {
            return None;
        }
        let algorithm = match text("alg") {
            None => None,
            Some(name) => Some(SigningAlgorithm::named(name?)?),
        };
        let id = match text("kid") {
            None => None,
            Some(id) => Some(id?.to_owned()),
        };
        Some(Self { id, algorithm, material: VerifyingKey::read(members)? })
    }

    fn fits(&self, algorithm: SigningAlgorithm) -> bool {
        self.algorithm.is_none_or(|own| own == algorithm) && self.material.fits(algorithm)
    }
}

impl VerifyingKey {
    fn read(members: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| members.get(name)?.as_str();
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        match (text("kty")?, text("crv")) {
            ("RSA", _) => rsa(&bytes("n")?, &bytes("e")?),
            ("EC", Some("P-256")) => Some(Self::P256([octets(&bytes("x")?)?, octets(&bytes("y")?)?])),
            ("EC", Some("P-384")) => Some(Self::P384([octets(&bytes("x")?)?, octets(&bytes("y")?)?])),
            ("OKP", Some("Ed25519")) => {
                octets(&bytes("x")?).filter(|point| !is_of_small_order(point)).map(Self::Ed25519)
            }
            _ => None,
        }
    }

    fn fits(&self, algorithm: SigningAlgorithm) -> bool {
        use SigningAlgorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        match self {
            Self::Rsa { .. } => matches!(algorithm, Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512),
            Self::P256(_) => algorithm == Es256,
            Self::P384(_) => algorithm == Es384,
            Self::Ed25519(_) => algorithm == EdDsa,
        }
    }

    /// How long every signature of this key is, in octets.
    pub(super) fn signature_length(&self) -> usize {
        match self {
            Self::Rsa { modulus, .. } => modulus.len(),
            Self::P256(_) | Self::Ed25519(_) => 64,
            Self::P384(_) => 96,
        }
    }
}

/// Exactly so many: a coordinate is not shortened (RFC 7518 section 6.2.1.2). Nothing but zeros is no point.
fn octets<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok().filter(|octets: &[u8; N]| octets.iter().any(|octet| *octet != 0))
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<VerifyingKey> {
    let trimmed =
        |number: &[u8]| -> Vec<u8> { number.iter().copied().skip_while(|octet| *octet == 0).collect() };
    let (modulus, exponent) = (trimmed(modulus), trimmed(exponent));
    let is_odd = |number: &[u8]| number.last().is_some_and(|octet| octet % 2 == 1);
    let is_long = |number: &[u8]| {
        (SHORTEST_MODULUS..=LONGEST_MODULUS).contains(&number.len())
            && (number.len() > SHORTEST_MODULUS || number.first().is_some_and(|octet| *octet >= 0x80))
    };
    let is_usual = |exponent: &[u8]| exponent.len() <= 4 && exponent != [1];
    let is_sound = is_long(&modulus) && is_odd(&modulus) && !roca::has_fingerprint(&modulus);
    (is_sound && is_odd(&exponent) && is_usual(&exponent)).then_some(VerifyingKey::Rsa { modulus, exponent })
}

/// RFC 7517 section 4.3.
fn verifies(operations: Option<&Value>) -> bool {
    match operations {
        None => true,
        Some(Value::Array(list)) => list.iter().any(|operation| operation == "verify"),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn number(length: usize, first: u8, last: u8) -> String {
        let mut bytes = vec![0x5a; length];
        bytes[0] = first;
        bytes[length - 1] = last;
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn rsa_key(id: &str) -> Value {
        json!({"kty": "RSA", "kid": id, "n": number(256, 0xc0, 1), "e": "AQAB"})
    }

    fn p256_key(id: &str) -> Value {
        json!({"kty": "EC", "crv": "P-256", "kid": id, "x": number(32, 1, 1), "y": number(32, 2, 2)})
    }

    fn set(keys: &[Value]) -> KeySet {
        KeySet::read(json!({"keys": keys}).to_string().as_bytes()).unwrap()
    }

    fn with(mut key: Value, name: &str, value: Value) -> Value {
        key[name] = value;
        key
    }

    fn candidates(set: &KeySet, id: Option<&str>, algorithm: SigningAlgorithm) -> usize {
        set.candidates(id, algorithm).count()
    }

    #[test]
    fn a_key_is_chosen_by_name_and_kind() {
        let set = set(&[rsa_key("one"), p256_key("one"), rsa_key("two")]);
        assert_eq!(candidates(&set, Some("one"), SigningAlgorithm::Rs256), 1);
        assert_eq!(candidates(&set, Some("one"), SigningAlgorithm::Es256), 1);
        assert_eq!(candidates(&set, Some("two"), SigningAlgorithm::Es256), 0);
        assert_eq!(candidates(&set, Some("three"), SigningAlgorithm::Rs256), 0);
        assert!(set.has(Some("two")) && !set.has(Some("three")) && !set.has(Some("ONE")));
    }

    #[test]
    fn a_token_without_a_key_s_name_may_be_of_any_that_fits_but_not_of_hundreds() {
        let keys: Vec<Value> = (0..50).map(|_| rsa_key("same")).collect();
        let set = set(&keys);
        assert_eq!(candidates(&set, None, SigningAlgorithm::Ps512), MOST_TRIES);
        assert_eq!(candidates(&set, Some("same"), SigningAlgorithm::Ps512), MOST_TRIES);
        assert!(set.has(None));
    }

    #[test]
    fn a_key_that_says_what_it_is_for_is_used_for_that_alone() {
        let set = set(&[with(rsa_key("k"), "alg", json!("PS256"))]);
        assert_eq!(candidates(&set, Some("k"), SigningAlgorithm::Ps256), 1);
        assert_eq!(candidates(&set, Some("k"), SigningAlgorithm::Rs256), 0);
    }

    #[test]
    fn odd_keys_are_passed_over_and_the_others_used() {
        let odd = [
            json!("no object"),
            json!({"kty": "oct", "k": "c2VjcmV0"}),
            json!({"kty": "new", "kid": "k"}),
            with(rsa_key("k"), "use", json!("enc")),
            with(rsa_key("k"), "use", json!(5)),
            with(rsa_key("k"), "key_ops", json!(["sign"])),
            with(rsa_key("k"), "alg", json!("HS256")),
            with(rsa_key("k"), "alg", json!(null)),
            with(rsa_key("k"), "kid", json!(7)),
            with(rsa_key("k"), "d", json!("AQAB")),
            with(rsa_key("k"), "n", json!(number(255, 0xff, 1))),
            with(rsa_key("k"), "n", json!(number(256, 0x7f, 1))),
            with(rsa_key("k"), "n", json!(number(256, 0xc0, 2))),
            with(rsa_key("k"), "n", json!(number(1025, 0xc0, 1))),
            with(rsa_key("k"), "n", json!("not base64url!")),
            with(rsa_key("k"), "e", json!("AQ")),
            with(rsa_key("k"), "e", json!("Ag")),
            with(rsa_key("k"), "e", json!("")),
            with(rsa_key("k"), "e", json!(number(5, 1, 1))),
            with(p256_key("k"), "x", json!(number(31, 1, 1))),
            with(p256_key("k"), "y", json!(number(33, 1, 1))),
            with(p256_key("k"), "crv", json!("P-521")),
            with(p256_key("k"), "crv", json!("secp256k1")),
            json!({"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": URL_SAFE_NO_PAD.encode([0_u8; 32])}),
            json!({"kty": "OKP", "crv": "X25519", "kid": "k", "x": number(32, 1, 1)}),
        ];
        for key in odd {
            assert_eq!(set(std::slice::from_ref(&key)), KeySet::default(), "{key}");
            assert!(set(&[key, rsa_key("good")]).has(Some("good")));
        }
    }

    #[test]
    fn a_signing_key_may_say_so() {
        for (name, value) in
            [("use", json!("sig")), ("key_ops", json!(["verify"])), ("x5c", json!(["ignored"]))]
        {
            assert!(set(&[with(rsa_key("k"), name, value)]).has(Some("k")));
        }
        let leading_zero =
            with(rsa_key("k"), "n", json!(URL_SAFE_NO_PAD.encode([&[0][..], &[0xc1; 256][..]].concat())));
        assert!(set(&[leading_zero]).has(Some("k")));
    }

    #[test]
    fn what_is_no_set_is_none_and_of_a_huge_one_the_first_hundred_are_read() {
        for document in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
            assert_eq!(KeySet::read(document.as_bytes()), None, "{document}");
        }
        let keys: Vec<Value> = (0..10_000).map(|number| p256_key(&number.to_string())).collect();
        let set = set(&keys);
        assert!(set.has(Some("99")) && !set.has(Some("100")));
    }
}
