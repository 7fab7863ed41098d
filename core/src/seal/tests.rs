use super::*;
use crate::store::{Collection, RecordKind};

const NONCE_1: [u8; NONCE] = [1; NONCE];
const PLAIN: &str = r#"{"v":1,"access_token":"hunter2"}"#;

fn key(byte: u8) -> SealingKey {
    SealingKey::from_bytes([byte; 32])
}

fn keys(current: u8) -> Sealing {
    Sealing::Keys(SealingKeys::new(key(current)))
}

fn named(client_id: &str, name: &str) -> RecordKey {
    let collection = Collection::new(RecordKind::Session, "https://a.example", client_id);
    RecordKey { collection, name: name.to_owned() }
}

fn place() -> RecordKey {
    named("app", "alice")
}

fn record(bytes: &[u8], generation: u64) -> Record {
    Record::new(Generation(generation), SecretBytes::new(bytes.to_vec()))
}

/// What the store keeps in the third generation of alice's session.
fn sealed(sealing: &Sealing) -> Record {
    let plain = SecretBytes::new(PLAIN.into());
    let bytes = sealing.seal(&place(), Generation(3), &plain, NONCE_1).unwrap();
    Record::new(Generation(3), bytes)
}

fn refused(sealing: &Sealing, key: &RecordKey, record: &Record) -> String {
    sealing.open(key, record).unwrap_err().code().into_owned()
}

/// The record with one member set to another text.
fn with(record: &Record, member: &str, text: &str) -> Record {
    let mut form: serde_json::Value = serde_json::from_slice(record.bytes.expose_secret()).unwrap();
    assert!(form[member].is_string());
    form[member] = text.into();
    Record::new(record.generation, SecretBytes::new(form.to_string().into()))
}

fn text_of<'a>(record: &'a Record, member: &str) -> Cow<'a, str> {
    let form: SealedV1 = serde_json::from_slice(record.bytes.expose_secret()).unwrap();
    match member {
        "nonce" => form.nonce,
        _ => form.sealed,
    }
}

#[test]
fn a_sealed_record_is_opened_under_its_own_name_and_generation() {
    let kept = sealed(&keys(1));
    assert_eq!(keys(1).open(&place(), &kept).unwrap().expose_secret(), PLAIN.as_bytes());
}

#[test]
fn a_store_sees_nothing_of_what_is_sealed() {
    let kept = sealed(&keys(1));
    let seen = std::str::from_utf8(kept.bytes.expose_secret()).unwrap();
    let base64: Vec<String> =
        (0..3).map(|shift| STANDARD.encode(&PLAIN.as_bytes()[shift..shift + 24])).collect();
    assert!(!seen.contains("hunter2") && !base64.iter().any(|piece| seen.contains(piece)), "{seen}");
}

#[test]
fn a_record_that_was_moved_is_refused() {
    let kept = sealed(&keys(1));
    for elsewhere in [named("app", "bob"), named("other", "alice")] {
        assert_eq!(refused(&keys(1), &elsewhere, &kept), "record_not_authentic");
    }
    for generation in [2, 4] {
        let raised = record(kept.bytes.expose_secret(), generation);
        assert_eq!(refused(&keys(1), &place(), &raised), "record_not_authentic");
    }
}

#[test]
fn no_two_places_have_the_same_associated_data() {
    let apart = [named("app a", "b"), named("app", "a b"), named("app", " a b"), named("app a b", "")];
    let bound: std::collections::BTreeSet<_> =
        apart.iter().map(|key| bound_to(key, Generation::FIRST)).collect();
    assert_eq!(bound.len(), apart.len());
}

#[test]
fn a_change_of_any_bit_is_noticed() {
    let kept = sealed(&keys(1));
    for member in ["nonce", "sealed"] {
        let bytes = STANDARD.decode(&*text_of(&kept, member)).unwrap();
        for bit in 0..8 * bytes.len() {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let changed = with(&kept, member, &STANDARD.encode(changed));
            assert_eq!(refused(&keys(1), &place(), &changed), "record_not_authentic", "{member} bit {bit}");
        }
    }
    for length in [0, 15, 16] {
        let short = with(&kept, "sealed", &STANDARD.encode(vec![0; length]));
        assert_eq!(refused(&keys(1), &place(), &short), "record_not_authentic", "{length} bytes");
    }
}

#[test]
fn a_repeated_nonce_shows_only_that_two_records_are_equal() {
    let seal = |generation, plain: &str| {
        let plain = SecretBytes::new(plain.into());
        keys(1).seal(&place(), Generation(generation), &plain, NONCE_1).unwrap()
    };
    let tail = |plain: &str| text_of(&record(seal(3, plain).expose_secret(), 3), "sealed").into_owned();
    let (one, other) = (tail("same beginning, one"), tail("same beginning, two"));
    assert!(!one.starts_with(&other[..4]), "a stream cipher would repeat its key stream");
    assert_ne!(seal(3, "same"), seal(4, "same"));
    assert_eq!(seal(3, "same"), seal(3, "same"));
}

#[test]
fn an_older_key_opens_and_the_current_one_seals() {
    let rotated = Sealing::Keys(SealingKeys::new(key(2)).older(key(3)).older(key(1)));
    let kept = sealed(&keys(1));
    assert_eq!(rotated.open(&place(), &kept).unwrap().expose_secret(), PLAIN.as_bytes());
    let again = sealed(&rotated);
    assert_eq!(keys(2).open(&place(), &again).unwrap().expose_secret(), PLAIN.as_bytes());
    assert_eq!(
        keys(1).open(&place(), &again),
        Err(Misuse::SealingKeyUnknown { key_id: key(2).id() }.into()),
        "it names the key that is missing"
    );
}

#[test]
fn a_record_that_names_another_of_the_keys_is_not_opened_with_it() {
    let both = Sealing::Keys(SealingKeys::new(key(1)).older(key(2)));
    let renamed = with(&sealed(&both), "key_id", &key(2).id());
    assert_eq!(refused(&both, &place(), &renamed), "record_not_authentic");
}

#[test]
fn with_keys_a_record_in_clear_is_refused_until_the_application_says_otherwise() {
    let in_clear = sealed(&Sealing::DangerousPlaintext);
    assert_eq!(in_clear.bytes.expose_secret(), PLAIN.as_bytes());
    assert_eq!(refused(&keys(1), &place(), &in_clear), "record_in_clear");
    let null = record(br#"{"v":1,"access_token":"x","sealed":null}"#, 3);
    assert_eq!(refused(&keys(1), &place(), &null), "record_in_clear");

    let migrating = Sealing::Keys(SealingKeys::new(key(1)).dangerous_also_open_plaintext());
    assert_eq!(migrating.open(&place(), &in_clear).unwrap().expose_secret(), PLAIN.as_bytes());
    let moved = named("app", "bob");
    assert_eq!(refused(&migrating, &moved, &sealed(&migrating)), "record_not_authentic");
}

#[test]
fn without_a_key_a_sealed_record_says_that_it_is_sealed() {
    assert_eq!(refused(&Sealing::DangerousPlaintext, &place(), &sealed(&keys(1))), "record_sealed");
}

#[test]
fn a_damaged_or_newer_record_is_told_apart_and_refused() {
    let kept = sealed(&keys(1));
    let damaged = kept.bytes.expose_secret();
    let code = |bytes: &[u8]| refused(&keys(1), &place(), &record(bytes, 3));
    assert_eq!(code(&damaged[..damaged.len() - 1]), "record_malformed");
    assert_eq!(code(b""), "record_malformed");
    assert_eq!(code(br#"{"v":1,"sealed":"AAAA"}"#), "record_malformed");
    assert_eq!(code(br#"{"v":0,"sealed":"AAAA"}"#), "record_malformed");
    assert_eq!(code(br#"{"v":2,"sealed":{"in":"another form"}}"#), "record_too_new");
    for (member, text) in [("nonce", "AAAA"), ("nonce", "?"), ("sealed", "?"), ("key_id", "\u{1b}[2J")] {
        assert_eq!(refused(&keys(1), &place(), &with(&kept, member, text)), "record_malformed", "{member}");
    }
}

/// `fixtures/`: the session of the first release, sealed by another implementation of RFC 8452.
const SEALED_V1: &str = include_str!("../../../tests/vectors/fixtures/sealed_v1.json");
const SESSION_V1: &str = include_str!("../../../tests/vectors/fixtures/session_v1.json");

#[test]
fn the_first_release_s_sealed_record_is_opened_and_sealed_again_byte_for_byte() {
    let key = SealingKey::from_bytes(std::array::from_fn(|place| u8::try_from(place).unwrap()));
    let sealing = Sealing::Keys(SealingKeys::new(key));
    let collection = Collection::new(RecordKind::Session, "https://connect.visma.com", "isv_invoices");
    let place = RecordKey { collection, name: "vector-session".to_owned() };
    let (frozen, plain) = (SEALED_V1.trim_end(), SESSION_V1.trim_end());
    let opened = sealing.open(&place, &record(frozen.as_bytes(), 7)).unwrap();
    assert_eq!(opened.expose_secret(), plain.as_bytes());
    let nonce = *b"vector nonce";
    assert_eq!(
        sealing.seal(&place, Generation(7), &opened, nonce).unwrap().expose_secret(),
        frozen.as_bytes()
    );
}
