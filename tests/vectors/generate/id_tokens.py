"""Writes ../id_tokens.json. Its output is committed; it is run when a case is added.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python id_tokens.py

What a case is expected to come to is worked out from the standards, not by running grantline.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import published
from jose import (
    DIGESTS,
    ED25519_ORDER,
    PREFIXES,
    Ec,
    Ed,
    Roca,
    Rsa,
    b64,
    compact,
    octets,
    padded,
    pkcs1,
    pss,
    public_der,
    public_pem,
    public_pkcs1,
    unb64,
)

NOW = 1_795_262_400  # 2026-11-21T12:00:00Z
ISSUER = "https://idp.example"
CLIENT = "isv_web"
NONCE = "n-0S6_WzA2Mj"
ACCESS_TOKEN = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"

RSA, OTHER_RSA = Rsa("rsa"), Rsa("other rsa")
P256, OTHER_P256, P384 = Ec("p-256"), Ec("other p-256"), Ec("p-384", "P-384")
ED, OTHER_ED = Ed("ed25519"), Ed("other ed25519")
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
Key = Rsa | Ec | Ed

CORE = "OpenID Connect Core section "
ID_TOKEN = CORE + "3.1.3.7"
LOG_IN_AGAIN = {"id_token_auth_too_old", "id_token_acr_mismatch"}
CONFIGURATION = {
    "id_token_algorithm_mismatch",
    "id_token_audience_untrusted",
    "id_token_expired",
    "id_token_from_the_future",
}
MISUSE = {"clock_tolerance_too_long", "client_id_missing"}
SIGNATURE, UNKNOWN_KEY = "id_token_signature_invalid", "id_token_key_unknown"
MALFORMED, ALGORITHM = "id_token_malformed", "id_token_algorithm_mismatch"
MISSING, WRONG_TYPE = "id_token_claim_missing", "id_token_claim_malformed"

registrations: dict[str, Any] = {}
key_sets: dict[str, str] = {}
cases: list[dict[str, Any]] = []


def key_of(algorithm: str) -> Key:
    return {"RS": RSA, "PS": RSA, "ES": P256 if algorithm == "ES256" else P384, "Ed": ED}[algorithm[:2]]


def kid_of(key: Key) -> str:
    return {RSA: "rsa", OTHER_RSA: "rsa", P256: "p-256", OTHER_P256: "p-256", P384: "p-384"}.get(key, "ed")


def registration(name: str, algorithm: str | None = "EdDSA", **members: Any) -> None:
    if algorithm is not None:
        members["id_token_algorithm"] = algorithm
    registrations[name] = {"provider": {"discover": ISSUER}, "client_id": CLIENT, **members}


def key_set(*keys: Any) -> str:
    """The name of a key set with these keys: the text of a set that was there before is not written again."""
    return key_text(compact({"keys": keys}).decode())


def key_text(text: str) -> str:
    for name, known in key_sets.items():
        if known == text:
            return name
    name = f"keys {len(key_sets) + 1}"
    key_sets[name] = text
    return name


def claims(**changes: Any) -> dict[str, Any]:
    """Anna's, with changes; `None` removes a claim."""
    usual = {"iss": ISSUER, "sub": "anna", "aud": CLIENT, "iat": NOW - 10, "exp": NOW + 300, "nonce": NONCE}
    return {name: value for name, value in {**usual, **changes}.items() if value is not ...}


def signed(key: Key, algorithm: str, header: Any = None, body: Any = None, sign: Callable[[bytes], bytes] | None = None) -> str:
    """A token in the compact form. `header` and `body` may be any text or octets."""
    header = {"alg": algorithm, "kid": kid_of(key)} if header is None else header
    message = f"{b64(compact(header))}.{b64(compact(claims() if body is None else body))}"
    signature = sign(message.encode()) if sign else key.sign(algorithm, message.encode())
    return f"{message}.{b64(signature)}"


def ed(header: Any = None, body: Any = None, **changes: Any) -> str:
    """A token by the key that makes the shortest signatures, for what is not about signatures."""
    return signed(ED, "EdDSA", header, claims(**changes) if body is None else body)


def case(
    name: str,
    source: str,
    token: str,
    error: str | None = None,
    says: dict[str, Any] | None = None,
    registered: str = "EdDSA",
    keys: str = "keys 1",
    expects: dict[str, Any] | None = None,
    now_ms: int = NOW * 1000,
    **members: Any,
) -> None:
    if error is None:
        expect: dict[str, Any] = {"claims": {"issuer": ISSUER, "subject": "anna"} if says is None else says}
    else:
        advice = "fix_configuration" if error in CONFIGURATION | MISUSE else "report_bug"
        advice = "log_in_again" if error in LOG_IN_AGAIN else advice
        fault = "misuse" if error in MISUSE else "server_misbehaved"
        expect = {"error": {"code": error, "fault": fault, "advice": advice}}
    cases.append(
        {
            "name": name,
            "source": source,
            "registration": registered,
            "key_set": keys,
            "token": token,
            **members,
            "expectations": {"nonce": NONCE} if expects is None else expects,
            "now_ms": now_ms,
            "expect": expect,
        }
    )


def changed(token: str, part: int, change: Callable[[str], str]) -> str:
    parts = token.split(".")
    parts[part] = change(parts[part])
    return ".".join(parts)


def other_first(text: str) -> str:
    return ("B" if text[0] == "A" else "A") + text[1:]


def hash_of(algorithm: str, text: str) -> str:
    """CORE section 3.1.3.6; SHA-512 for Ed25519, as deployed providers do."""
    digest = DIGESTS["512" if algorithm == "EdDSA" else algorithm[2:]](text.encode()).digest()
    return b64(digest[: len(digest) // 2])


def tables() -> None:
    key_set(RSA.jwk(kid="rsa"), P256.jwk(kid="p-256"), P384.jwk(kid="p-384"), ED.jwk(kid="ed"))
    for algorithm in ALGORITHMS:
        registration(algorithm, algorithm)
    registration("unset", None)
    registration("trusting", trusted_audiences=["https://api.example", "https://other.example"])
    for seconds in (0, 1, 300, 301):
        registration(f"tolerance of {seconds} s", clock_tolerance_s=seconds)
    registrations["visma"] = {
        "provider": {"profile": "visma_connect"}, "client_id": CLIENT, "id_token_algorithm": "EdDSA",
    }
    registrations["no client id"] = {"provider": {"discover": ISSUER}, "client_id": " "}
    registrations["insecure issuer"] = {"provider": {"discover": "http://idp.example"}, "client_id": CLIENT}


def every_algorithm() -> None:
    for algorithm in ALGORITHMS:
        key, source = key_of(algorithm), "RFC 8037 section 3.1" if algorithm == "EdDSA" else "RFC 7518 section 3"
        at_hash = hash_of(algorithm, ACCESS_TOKEN)
        good = signed(key, algorithm, body=claims(at_hash=at_hash, sid="s-1"))
        expects = {"nonce": NONCE, "access_token": ACCESS_TOKEN}
        says = {"issuer": ISSUER, "subject": "anna", "audience": [CLIENT], "session_id": "s-1"}

        def about(what: str, source: str, token: str, error: str | None = None, algorithm: str = algorithm, **members: Any) -> None:
            case(f"{algorithm}: {what}", source, token, error, registered=algorithm, **members)

        about("a valid token is believed", source, good, expects=expects, says=says)
        about("the hash of another access token is refused", CORE + "3.1.3.8",
              signed(key, algorithm, body=claims(at_hash=hash_of(algorithm, "another"))),
              "id_token_access_token_mismatch", expects=expects)
        about("a changed signature is refused", "RFC 7515 section 5.2", changed(good, 2, other_first), SIGNATURE)
        about("a signature that is cut is refused", "RFC 7515 section 5.2", changed(good, 2, lambda it: b64(unb64(it)[:-3])), SIGNATURE)
        about("a signature that is too long is refused", "RFC 7515 section 5.2",
              changed(good, 2, lambda it: b64(unb64(it) + b"\0")), SIGNATURE)
        about("an empty signature is refused", "RFC 7515 section 5.2", changed(good, 2, lambda it: ""), SIGNATURE)
        about("a signature of nothing but zeros is refused", "RFC 7515 section 5.2",
              changed(good, 2, lambda it: b64(bytes(len(unb64(it))))), SIGNATURE)
        about("the signature of another token is refused", "RFC 7515 section 5.2",
              changed(good, 2, lambda it, k=key, a=algorithm: signed(k, a, body=claims(sub="berit")).split(".")[2]), SIGNATURE)
        about("claims that were changed after they were signed are refused", "RFC 7515 section 5.2",
              changed(good, 1, lambda it: b64(compact(claims(sub="berit")))), SIGNATURE)
        about("a header that was changed after it was signed is refused", "RFC 7515 section 5.2",
              changed(good, 0, lambda it, k=key, a=algorithm: b64(compact({"kid": kid_of(k), "alg": a}))), SIGNATURE)


def other_algorithms() -> None:
    source = "RFC 8725 section 3.1"
    for algorithm in ("none", "None", "nOnE", "NONE", ""):
        header = {"alg": algorithm, "kid": "rsa"}
        empty = f"{b64(compact(header))}.{b64(compact(claims()))}."
        case(f"the algorithm {algorithm!r} without a signature is refused", source, empty, ALGORITHM, registered="RS256")
        case(f"the algorithm {algorithm!r} above a good signature is refused", source,
             signed(RSA, "RS256", header), ALGORITHM, registered="RS256")
    for what, value in (("a number", 5), ("null", None), ("a list", ["RS256"]), ("an object", {"RS256": True}), ("a truth", True)):
        case(f"an algorithm that is {what} is refused", "RFC 7515 section 4.1.1",
             signed(RSA, "RS256", {"alg": value, "kid": "rsa"}), MALFORMED, registered="RS256")
    case("a header without an algorithm is refused", "RFC 7515 section 4.1.1", signed(RSA, "RS256", {"kid": "rsa"}), MALFORMED, registered="RS256")
    for name in ("rs256", "Rs256", "RS256 ", " RS256", "RS1", "ES256K", "ES512", "Ed448", "RSA-OAEP", "dir", "RS\u0660256"):
        case(f"the algorithm {name!r} is not known", "RFC 7515 section 4.1.1",
             signed(RSA, "RS256", {"alg": name, "kid": "rsa"}), ALGORITHM, registered="RS256")
    secrets = {
        "PEM": public_pem(RSA), "PEM of PKCS #1": public_pkcs1(RSA), "DER": public_der(RSA),
        "JWK": compact(RSA.jwk(kid="rsa")), "modulus": RSA.modulus.to_bytes(256, "big"), "nothing": b"",
    }
    for form, secret in secrets.items():
        def by_mac(message: bytes, secret: bytes = secret) -> bytes:
            return hmac.new(secret, message, hashlib.sha256).digest()

        for registered in ("RS256", "unset"):
            case(f"HS256 with the public key as {form} for its secret is refused, where the algorithm is {registered}",
                 "RFC 8725 section 2.1", signed(RSA, "HS256", sign=by_mac), ALGORITHM, registered=registered)
        case(f"RS256 in the header above an HMAC by the public key as {form} is refused", "RFC 8725 section 2.1",
             signed(RSA, "RS256", sign=by_mac), SIGNATURE, registered="RS256")
    for registered in ("RS256", "PS256", "ES256", "EdDSA"):
        for algorithm in (other for other in ALGORITHMS if other != registered):
            case(f"a valid {algorithm} signature is refused where {registered} is registered", source,
                 signed(key_of(algorithm), algorithm), ALGORITHM, registered=registered)
    for registered, algorithm in (
        ("RS256", "PS256"), ("PS256", "RS256"), ("RS256", "RS384"), ("RS256", "RS512"), ("PS256", "PS384"), ("PS512", "PS256"),
    ):
        def sign(message: bytes, algorithm: str = algorithm) -> bytes:
            return RSA.sign(algorithm, message)

        case(f"{registered} in the header above a signature by {algorithm} is refused", "RFC 7515 section 5.2",
             signed(RSA, registered, sign=sign), SIGNATURE, registered=registered)
    case("RS256 is what a registration without an algorithm says", CORE + "2", signed(RSA, "RS256"), registered="unset")
    case("ES256 is refused where the registration says nothing", CORE + "2", signed(P256, "ES256"), ALGORITHM, registered="unset")
    case("EdDSA may be called Ed25519", "RFC 9864 section 2.2", ed({"alg": "Ed25519", "kid": "ed"}))
    case("Ed25519 is refused where RS256 is registered", source, ed({"alg": "Ed25519", "kid": "ed"}), ALGORITHM, registered="RS256")


def ecdsa_signatures() -> None:
    source = "RFC 7518 section 3.4"
    for algorithm, key in (("ES256", P256), ("ES384", P384)):
        def about(what: str, sign: Callable[[bytes], bytes], error: str | None = SIGNATURE, algorithm: str = algorithm, key: Ec = key) -> None:
            case(f"{algorithm}: {what}", source, signed(key, algorithm, sign=sign), error, registered=algorithm)

        def fixed(change: Callable[[int, int], tuple[int, int]], key: Ec = key) -> Callable[[bytes], bytes]:
            return lambda message: key.fixed(*change(*key.numbers(message)))

        order, size = key.order, key.size
        about("a signature in DER is refused", key.der)
        about("an r of zero is refused", fixed(lambda r, s: (0, s)))
        about("an s of zero is refused", fixed(lambda r, s: (r, 0)))
        about("an r of the order is refused", fixed(lambda r, s, n=order: (n, s)))
        about("an s of the order is refused", fixed(lambda r, s, n=order: (r, n)))
        about("r and s of one are refused", fixed(lambda r, s: (1, 1)))
        about("r and s of the order less one are refused", fixed(lambda r, s, n=order: (n - 1, n - 1)))
        about("r and s of nothing but ones are refused", fixed(lambda r, s, z=size: (2 ** (8 * z) - 1,) * 2))
        about("r and s in the other order are refused", fixed(lambda r, s: (s, r)))
        about("an s that is negated is as good", fixed(lambda r, s, n=order: (r, n - s)), None)
        about("an octet too little is refused", lambda message, k=key: k.sign("ES" + k.curve[2:], message)[:-1])
        about("an octet too many is refused", lambda message, k=key: k.sign("ES" + k.curve[2:], message) + b"\0")
        about("an octet too many in front is refused", lambda message, k=key: b"\0" + k.sign("ES" + k.curve[2:], message))
        about("two numbers with a zero in front are refused", lambda message, k=key: b"".join(
            number.to_bytes(k.size + 1, "big") for number in k.numbers(message)))
        about("r alone is refused", lambda message, k=key: k.sign("ES" + k.curve[2:], message)[: k.size])
    case("a signature by P-384 is refused for ES256, whatever the key's name", "RFC 7518 section 3.4",
         signed(P384, "ES256", {"alg": "ES256", "kid": "p-384"}, sign=lambda message: P384.sign("ES384", message)),
         SIGNATURE, registered="ES256")


def ed25519_signatures() -> None:
    source = "RFC 8032 section 5.1.7"

    def with_scalar(change: Callable[[int], int]) -> Callable[[bytes], bytes]:
        def sign(message: bytes) -> bytes:
            signature = ED.sign("EdDSA", message)
            return signature[:32] + change(int.from_bytes(signature[32:], "little")).to_bytes(32, "little")

        return sign

    case("EdDSA: a scalar with the order added is refused", source, signed(ED, "EdDSA", sign=with_scalar(lambda s: s + ED25519_ORDER)), SIGNATURE)
    case("EdDSA: a scalar with eight times the order added is refused", source,
         signed(ED, "EdDSA", sign=with_scalar(lambda s: s + 8 * ED25519_ORDER)), SIGNATURE)
    case("EdDSA: a scalar of zero is refused", source, signed(ED, "EdDSA", sign=with_scalar(lambda s: 0)), SIGNATURE)
    case("EdDSA: a scalar of nothing but ones is refused", source, signed(ED, "EdDSA", sign=with_scalar(lambda s: 2**256 - 1)), SIGNATURE)
    identity = b"\x01" + bytes(31)
    case("EdDSA: the identity for R and a scalar of zero are refused", source, signed(ED, "EdDSA", sign=lambda message: identity + bytes(32)), SIGNATURE)
    case("EdDSA: a signature by another key is refused", source, signed(ED, "EdDSA", sign=lambda message: OTHER_ED.sign("EdDSA", message)), SIGNATURE)
    # With a key of small order, a signature by nobody fits each message, or one of eight of them.
    p = 2**255 - 19
    for what, point in {
        "of order 1": identity, "of order 2": (p - 1).to_bytes(32, "little"), "of order 4": bytes(32),
        "of order 4, negated": bytes(31) + b"\x80",
        "of order 8": bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        "of order 8, the other": bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        "of order 1, written as p + 1": (p + 1).to_bytes(32, "little"),
        "of order 4, written as p": p.to_bytes(32, "little"),
        "of order 1, with a sign": b"\x01" + bytes(30) + b"\x80",
    }.items():
        keys = key_set({"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": b64(point)})
        for count in range(8):
            forged = signed(ED, "EdDSA", body=claims(sub="mallory", jti=str(count)), sign=lambda message: identity + bytes(32))
            case(f"EdDSA: a key {what} is not used, try {count + 1}", "RFC 8032 section 5.1.7, RFC 8725 section 3.3", forged, UNKNOWN_KEY, keys=keys)
            if what.startswith("of order 1"):
                break


def rsa_signatures() -> None:
    source = "RFC 8017 section 8.2.2"

    def about(what: str, encode: Callable[[bytes], bytes], error: str | None = SIGNATURE, algorithm: str = "RS256", source: str = source) -> None:
        case(f"{algorithm}: {what}", source, signed(RSA, algorithm, sign=lambda message: RSA.raw(encode(message))), error, registered=algorithm)

    def info(message: bytes) -> bytes:
        return PREFIXES["256"] + hashlib.sha256(message).digest()

    def replaced(place: int, octet: int) -> Callable[[bytes], bytes]:
        def encode(message: bytes) -> bytes:
            encoded = bytearray(pkcs1(message, "256", 256))
            encoded[place] = octet
            return bytes(encoded)

        return encode

    about("a signature whose padding is right is believed", lambda message: pkcs1(message, "256", 256), None)
    about("a first octet of 1 is refused", replaced(0, 1))
    about("a block type of 0 is refused", replaced(1, 0))
    about("a block type of 2 is refused", replaced(1, 2))
    about("a padding with another octet at its beginning is refused", replaced(2, 0xFE))
    about("a padding with another octet in its middle is refused", replaced(100, 0))
    about("a padding with another octet at its end is refused", replaced(203, 0xFE))
    about("a padding without its end is refused", replaced(204, 0xFF))
    about("a padding that ends with 1 is refused", replaced(204, 1))
    about("a padding of zeros is refused", lambda message: b"\0\1" + bytes(202) + b"\0" + info(message))
    about("a short padding and rubbish behind the hash are refused",
          lambda message: b"\0\1" + b"\xff" * 8 + b"\0" + info(message) + octets("rubbish", 256 - 11 - 51))
    about("a short padding and zeros behind the hash are refused",
          lambda message: b"\0\1" + b"\xff" * 8 + b"\0" + info(message) + bytes(256 - 11 - 51))
    about("no padding at all is refused", lambda message: b"\0\1\0" + info(message) + bytes(256 - 3 - 51))
    about("a bare hash is refused", lambda message: padded(hashlib.sha256(message).digest(), 256))
    about("parameters that are left out are refused",
          lambda message: padded(bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20" + hashlib.sha256(message).digest(), 256))
    about("parameters that hold rubbish are refused",
          lambda message: padded(bytes.fromhex("3037300d06096086480165030402010500") + bytes.fromhex("040400000000") + b"\x04\x20" + hashlib.sha256(message).digest(), 256))
    about("a length in the long form is refused",
          lambda message: padded(bytes.fromhex("308131") + PREFIXES["256"][2:] + hashlib.sha256(message).digest(), 256))
    about("an indefinite length is refused",
          lambda message: padded(b"\x30\x80" + PREFIXES["256"][2:] + hashlib.sha256(message).digest() + b"\0\0", 256))
    about("the identifier of SHA-384 above a hash by SHA-256 is refused",
          lambda message: padded(bytes.fromhex("3031300d060960864801650304020205000420") + hashlib.sha256(message).digest(), 256))
    about("a hash by SHA-1 is refused",
          lambda message: padded(bytes.fromhex("3021300906052b0e03021a05000414") + hashlib.sha1(message).digest(), 256))
    about("a hash by MD5 is refused",
          lambda message: padded(bytes.fromhex("3020300c06082a864886f70d020505000410") + hashlib.md5(message).digest(), 256))
    about("a hash that is cut is refused",
          lambda message: padded(bytes.fromhex("3030300d06096086480165030402010500041f") + hashlib.sha256(message).digest()[:31], 256))
    about("the hash of the claims alone is refused",
          lambda message: pkcs1(message.split(b".")[1], "256", 256))
    about("a message of one is refused", lambda message: bytes(255) + b"\1")
    about("a message of the modulus less one is refused", lambda message: (RSA.modulus - 1).to_bytes(256, "big"))

    for number in range(200):
        token = signed(RSA, "RS256", body=claims(jti=str(number)))
        signature = int.from_bytes(unb64(token.split(".")[2]), "big")
        if signature + RSA.modulus < 2**2048:
            case("RS256: a signature with the modulus added is refused", "RFC 8017 section 5.2.2",
                 changed(token, 2, lambda it, s=signature: b64((s + RSA.modulus).to_bytes(256, "big"))), SIGNATURE, registered="RS256")
            break
    for number in range(2000):
        token = signed(RSA, "RS256", body=claims(jti=str(number)))
        signature = unb64(token.split(".")[2])
        if signature[0] == 0:
            case("RS256: a signature that begins with zero is believed", source, token, registered="RS256")
            case("RS256: a signature without the zero that it begins with is refused", source,
                 changed(token, 2, lambda it, s=signature: b64(s[1:])), SIGNATURE, registered="RS256")
            break

    salted = "RFC 7518 section 3.5"
    about("a signature whose salt is as long as the hash is believed", lambda message: pss(message, "256", 256), None, "PS256", salted)
    for length in (0, 1, 20, 31, 33, 64, 222):
        about(f"a salt of {length} octets is refused", lambda message, n=length: pss(message, "256", 256, n), SIGNATURE, "PS256", salted)
    about("another trailer is refused", lambda message: pss(message, "256", 256, trailer=0xCC), SIGNATURE, "PS256", "RFC 8017 section 9.1.2")
    about("another mask is refused", lambda message: pss(message, "256", 256, mask=hashlib.sha1), SIGNATURE, "PS256", salted)
    about("a mask by SHA-512 is refused", lambda message: pss(message, "256", 256, mask=hashlib.sha512), SIGNATURE, "PS256", salted)
    about("a PKCS #1 padding is refused", lambda message: pkcs1(message, "256", 256), SIGNATURE, "PS256", salted)
    about("a salt as long as SHA-256 is refused under SHA-512", lambda message: pss(message, "512", 256, 32), SIGNATURE, "PS512", salted)


def names_of_keys() -> None:
    source = "RFC 7515 section 4.1.4"
    named = key_set(ED.jwk(kid="../../etc/passwd"), OTHER_ED.jwk(kid="ed"), ED.jwk(kid=""))

    def by(kid: Any) -> str:
        return ed({"alg": "EdDSA", "kid": kid})

    for kid in ("../../etc/passwd", "' OR 1=1 --", "", "ED", "ed ", " ed", "ed\u0000", "\u0435d", "https://evil.example/key", "k" * 2000):
        shown = kid if len(kid) < 100 else f"{kid[:10]}... of {len(kid)} characters"
        case(f"the key {shown!r} is not among the provider's", source, by(kid), UNKNOWN_KEY)
    case("a path is a name like any other", source, by("../../etc/passwd"), keys=named)
    case("an empty name is a name", source, by(""), keys=named)
    case("the key of another name is not tried", source, by("ed"), SIGNATURE, keys=named)
    for what, kid in (("a number", 7), ("null", None), ("an object", {"ed": 1}), ("a list", ["ed"]), ("a truth", True)):
        case(f"a key's name that is {what} is refused", source, by(kid), MALFORMED)
    nameless = ed({"alg": "EdDSA"})
    case("a token without a key's name is by the only key", CORE + "10.1", nameless, keys=key_set(ED.jwk(kid="any")))
    case("a token without a key's name is by a key without one", CORE + "10.1", nameless, keys=key_set(ED.jwk()))
    case("a token without a key's name is by the only one that fits the algorithm", CORE + "10.1", nameless)
    several = key_set(OTHER_ED.jwk(kid="1"), OTHER_P256.jwk(kid="2"), ED.jwk(kid="3"))
    case("a token without a key's name is by one of several that fit", CORE + "10.1", nameless, keys=several)
    strangers = key_set(OTHER_ED.jwk(kid="1"), Ed("third").jwk(kid="2"))
    case("a token without a key's name by none of several is refused", CORE + "10.1", nameless, SIGNATURE, keys=strangers)
    many = key_set(*[Ed(f"decoy {number}").jwk(kid=str(number)) for number in range(4)], ED.jwk(kid="4"))
    case("no more than four keys are tried for one token", "this library", nameless, SIGNATURE, keys=many)
    case("a token that names its key has no use for a key without a name", source, ed(), UNKNOWN_KEY, keys=key_set(ED.jwk()))


def odd_keys() -> None:
    chosen = "RFC 7517 section 4"
    rs = signed(RSA, "RS256", {"alg": "RS256", "kid": "k"})
    es = signed(P256, "ES256", {"alg": "ES256", "kid": "k"})
    eddsa = ed({"alg": "EdDSA", "kid": "k"})
    for what, decoy in {
        "another type": P256.jwk(kid="k"), "another algorithm": OTHER_RSA.jwk(kid="k", alg="PS256"), "another use": OTHER_RSA.jwk(kid="k", use="enc"),
        "an unknown type": {"kty": "future", "kid": "k"}, "a shared secret": {"kty": "oct", "kid": "k", "k": "c2VjcmV0"},
        "the same type": OTHER_RSA.jwk(kid="k"),
    }.items():
        case(f"a decoy of the same name and {what} in front does no harm", chosen, rs, registered="RS256", keys=key_set(decoy, RSA.jwk(kid="k")))
        case(f"a decoy of the same name and {what} behind does no harm", chosen, rs, registered="RS256", keys=key_set(RSA.jwk(kid="k"), decoy))
    for what, members in {
        "says that it is for signatures": {"use": "sig"}, "says that it is for verifying": {"key_ops": ["verify"]},
        "says by which algorithm": {"alg": "RS256"}, "has members that nobody knows": {"x-more": {"a": [1]}},
        "has a certificate": {"x5c": ["MIIB"], "x5t": "AA", "x5u": "https://evil.example/"},
    }.items():
        case(f"a key that {what} is used", chosen, rs, registered="RS256", keys=key_set(RSA.jwk(kid="k", **members)))
    for what, members in {
        "is for encryption": {"use": "enc"}, "is for something else": {"use": "tls"}, "has a use that is a number": {"use": 5},
        "is for signing alone": {"key_ops": ["sign"]}, "is for encrypting alone": {"key_ops": ["encrypt"]}, "is for nothing": {"key_ops": []},
        "has operations that are a text": {"key_ops": "verify"}, "is private": {"d": "AQAB"}, "is for HS256": {"alg": "HS256"},
        "is for none": {"alg": "none"}, "has an algorithm that is null": {"alg": None}, "has a name that is a number": {"kid": 7},
    }.items():
        case(f"a key that {what} is not used", chosen, rs, UNKNOWN_KEY, registered="RS256", keys=key_set({**RSA.jwk(kid="k"), **members}))
    case("a key that is for another algorithm is not used", chosen, rs, SIGNATURE, registered="RS256", keys=key_set(RSA.jwk(kid="k", alg="RS512")))

    strong = "RFC 7518 section 3.3"
    for bits, exponent in ((3072, 65537), (4096, 65537), (2048, 3), (2048, 17)):
        key = Rsa(f"rsa of {bits} and {exponent}", bits, exponent)
        case(f"an RSA key of {bits} bits with the exponent {exponent} is used", strong,
             signed(key, "RS256", {"alg": "RS256", "kid": "k"}), registered="RS256", keys=key_set(key.jwk(kid="k")))
    for bits in (512, 768, 1024, 1536, 2040):
        key = Rsa(f"rsa of {bits}", bits)
        case(f"an RSA key of {bits} bits is not used", strong,
             signed(key, "RS256", {"alg": "RS256", "kid": "k"}), UNKNOWN_KEY, registered="RS256", keys=key_set(key.jwk(kid="k")))
    weak = "RFC 8725 section 3.3"
    regular = Roca("regular")
    case("an RSA key whose primes follow a pattern is not used", "RFC 8725 section 3.3, CVE-2017-15361",
         signed(regular, "RS256", {"alg": "RS256", "kid": "k"}), UNKNOWN_KEY, registered="RS256", keys=key_set(regular.jwk(kid="k")))
    n = RSA.modulus.to_bytes(256, "big")

    def one(message: bytes) -> bytes:
        """What "verifies" under an exponent of 1."""
        return pkcs1(message, "256", 256)

    by_one = signed(RSA, "RS256", {"alg": "RS256", "kid": "k"}, sign=one)
    for what, members, token in (
        ("an exponent of 1", {"e": "AQ"}, by_one), ("an exponent of 1 with a zero in front", {"e": "AAE"}, by_one),
        ("an exponent of 0", {"e": "AA"}, rs), ("an empty exponent", {"e": ""}, rs), ("an even exponent", {"e": "AQAA"}, rs),
        ("an exponent of 2", {"e": "Ag"}, rs), ("an exponent of 40 bits", {"e": b64(bytes.fromhex("0100000001"))}, rs),
        ("an exponent as long as the modulus", {"e": b64(n)}, rs), ("an exponent that is a number", {"e": 65537}, rs), ("no exponent", {"e": None}, rs),
        ("an even modulus", {"n": b64(n[:-1] + b"\xfe")}, rs), ("a modulus of zero", {"n": b64(bytes(256))}, rs),
        ("no modulus", {"n": None}, rs), ("an empty modulus", {"n": ""}, rs), ("a modulus of 2047 bits", {"n": b64(b"\x7f" + n[1:])}, rs),
        ("a modulus of 16384 bits", {"n": b64(n * 8)}, rs), ("a modulus with padding", {"n": b64(n) + "="}, rs),
        ("a modulus in base64", {"n": b64(n).replace("-", "+").replace("_", "/")}, rs), ("a modulus with a line end", {"n": b64(n)[:100] + "\n" + b64(n)[100:]}, rs),
    ):
        case(f"an RSA key with {what} is not used", weak, token, UNKNOWN_KEY, registered="RS256", keys=key_set({**RSA.jwk(kid="k"), **members}))
    case("a modulus with a zero in front is the same modulus", "RFC 7518 section 6.3.1.1", rs, registered="RS256", keys=key_set({**RSA.jwk(kid="k"), "n": b64(b"\0" + n)}))
    case("an exponent with a zero in front is the same exponent", "RFC 7518 section 6.3.1.2", rs, registered="RS256", keys=key_set({**RSA.jwk(kid="k"), "e": "AAEAAQ"}))

    point = "RFC 7518 section 6.2.1"
    x, y = P256.point()
    p384_x, p384_y = P384.point()
    for what, members, error in (
        ("that is not on the curve", {"y": b64(x)}, SIGNATURE), ("whose y is one more", {"y": b64((int.from_bytes(y, "big") + 1).to_bytes(32, "big"))}, SIGNATURE),
        ("beyond the field", {"x": b64(b"\xff" * 32)}, SIGNATURE), ("at infinity", {"x": b64(bytes(32)), "y": b64(bytes(32))}, UNKNOWN_KEY),
        ("with a short x", {"x": b64(x[1:])}, UNKNOWN_KEY), ("with a long x", {"x": b64(b"\0" + x)}, UNKNOWN_KEY), ("with a long y", {"y": b64(y + b"\0")}, UNKNOWN_KEY),
        ("without y", {"y": None}, UNKNOWN_KEY), ("whose x is a number", {"x": 7}, UNKNOWN_KEY), ("of P-384, called P-256", {"x": b64(p384_x), "y": b64(p384_y)}, UNKNOWN_KEY),
        ("on P-521", {"crv": "P-521"}, UNKNOWN_KEY), ("on secp256k1", {"crv": "secp256k1"}, UNKNOWN_KEY), ("on p-256", {"crv": "p-256"}, UNKNOWN_KEY), ("on no curve", {"crv": None}, UNKNOWN_KEY),
        ("on P-384 by its name", {"crv": "P-384"}, UNKNOWN_KEY), ("that is private", {"d": b64(x)}, UNKNOWN_KEY), ("of the type OKP", {"kty": "OKP"}, UNKNOWN_KEY), ("of the type ec", {"kty": "ec"}, UNKNOWN_KEY),
    ):
        case(f"a point {what} verifies nothing", point, es, error, registered="ES256", keys=key_set({**P256.jwk(kid="k"), **members}))
    public = ED.public()
    for what, members, error in (
        ("with a short x", {"x": b64(public[:31])}, UNKNOWN_KEY), ("with a long x", {"x": b64(public + b"\0")}, UNKNOWN_KEY), ("of nothing but ones", {"x": b64(b"\xff" * 32)}, SIGNATURE),
        ("that is no point", {"x": b64(b"\2" + bytes(31))}, SIGNATURE), ("with the other sign", {"x": b64(public[:31] + bytes([public[31] ^ 0x80]))}, SIGNATURE),
        ("of X25519", {"crv": "X25519"}, UNKNOWN_KEY), ("of Ed448", {"crv": "Ed448"}, UNKNOWN_KEY), ("that is private", {"d": b64(public)}, UNKNOWN_KEY), ("of the type EC", {"kty": "EC"}, UNKNOWN_KEY),
        ("without x", {"x": None}, UNKNOWN_KEY),
    ):
        case(f"an Edwards key {what} verifies nothing", "RFC 8037 section 2", eddsa, error, keys=key_set({**ED.jwk(kid="k"), **members}))

    sets = "RFC 7517 section 5"
    good = ED.jwk(kid="k")
    odd = ["no object", None, 7, [], {}, {"kty": 7}, {"kid": "k"}, RSA.jwk(kid="k", n="!")]
    case("odd keys in a set do the good one no harm", sets, eddsa, keys=key_set(*odd, good))
    case("a set with further members is a set", sets, eddsa, keys=key_text(compact({"keys": [good], "issuer": "x", "n": 1.5}).decode()))
    case("a set with white space is a set", sets, eddsa, keys=key_text(json.dumps({"keys": [good]}, indent=1)))
    case("a set without keys knows none", sets, eddsa, UNKNOWN_KEY, keys=key_set())
    case("a set without keys knows none for a token that names none", sets, ed({"alg": "EdDSA"}), UNKNOWN_KEY, keys=key_set())
    case("a hundred keys of a set are looked at", "this library", eddsa, keys=key_set(*[{"kid": "k"}] * 99, good))
    case("no more than a hundred keys of a set are looked at", "this library", eddsa, UNKNOWN_KEY, keys=key_set(*[{"kid": "k"}] * 100, good))
    text = compact(good).decode()
    for what, document in {
        "nothing": "", "no JSON": "<html></html>", "a list": f"[{text}]", "a single key": text, "an object without keys": "{}", "keys that are an object": '{"keys":{}}',
        "keys that are null": '{"keys":null}', "its keys twice": f'{{"keys":[{text}],"keys":[{text}]}}', "a key that repeats a member": f'{{"keys":[{text[:-1]},"kid":"k"}}]}}',
        "something behind it": f'{{"keys":[{text}]}}x', "a comment": f'{{"keys":[{text}] /* all */}}', "a cut": f'{{"keys":[{text}', "a mark in front": f'\ufeff{{"keys":[{text}]}}',
    }.items():
        case(f"a key set that is or has {what} is none", sets, eddsa, "key_set_malformed", keys=key_text(document))


def embedded_keys() -> None:
    source = "RFC 8725 section 3.10"
    mallory = Ed("mallory")
    for name, value in {
        "jku": "https://evil.example/keys", "x5u": "https://evil.example/cert", "jwk": mallory.jwk(kid="ed"), "x5c": ["MIIB"],
        "x5t": "AAAA", "x5t#S256": "AAAA", "iss": "https://evil.example", "url": "https://evil.example", "nonce": "AAAA",
    }.items():
        header = {"alg": "EdDSA", "kid": "ed", name: value}
        case(f"a key that the header gives by {name} is not used", source, signed(mallory, "EdDSA", header), SIGNATURE)
        case(f"a key that the header gives by {name}, under a name of its own, is not used", source, signed(mallory, "EdDSA", {**header, "kid": "mine"}), UNKNOWN_KEY)
        case(f"a good signature is believed, whatever {name} in its header says", source, ed(header))


def kinds() -> None:
    header = {"alg": "EdDSA", "kid": "ed"}
    for value in (["exp"], ["b64"], ["x"], [], None, "exp", 1):
        case(f"crit of {json.dumps(value)} is refused", "RFC 7515 section 4.1.11", ed({**header, "crit": value}), MALFORMED)
    for value in (False, True, "no"):
        case(f"b64 of {json.dumps(value)} is refused", "RFC 7797 section 6", ed({**header, "b64": value}), MALFORMED)
    case("b64 with its crit is refused", "RFC 7797 section 6", ed({**header, "b64": False, "crit": ["b64"]}), MALFORMED)
    case("zip is refused", "RFC 7516 section 4.1.3", ed({**header, "zip": "DEF"}), MALFORMED)
    case("enc is refused", "RFC 7516 section 4.1.2", ed({**header, "enc": "A256GCM"}), MALFORMED)
    kind = "RFC 8725 section 3.11"
    for value in ("JWT", "jwt", "Jwt", "application/jwt", "APPLICATION/JWT"):
        case(f"typ of {value!r} is an ID token's", "RFC 7515 section 4.1.9", ed({**header, "typ": value}))
    for value in ("at+jwt", "application/at+jwt", "AT+JWT", "logout+jwt", "dpop+jwt", "secevent+jwt", "token-introspection+jwt", "oauth-authz-req+jwt", "JOSE", "JWS", "", "jwt "):
        case(f"typ of {value!r} is another kind of token's", kind, ed({**header, "typ": value}), "id_token_of_another_kind")
    for value in (7, None, ["JWT"]):
        case(f"typ of {json.dumps(value)} is refused", "RFC 7515 section 4.1.9", ed({**header, "typ": value}), MALFORMED)
    event = "http://schemas.openid.net/event/backchannel-logout"
    case("a logout token is no ID token", "OpenID Connect Back-Channel Logout section 2.4", ed(nonce=..., events={event: {}}, sid="s-1"), "id_token_of_another_kind", expects={})
    case("a logout token with a nonce is no ID token either", "OpenID Connect Back-Channel Logout section 2.4", ed(events={event: {}}), "id_token_of_another_kind")
    case("other events do an ID token no harm", "RFC 8417 section 2.2", ed(events={"https://a.example/event": {}}))
    inner = ed()
    for depth in (1, 5):
        for _ in range(depth - 1):
            inner = ed({**header, "cty": "JWT"}, inner)
        case(f"a token nested {depth} deep is refused", "RFC 7519 section 5.2", ed({**header, "cty": "JWT"}, inner), MALFORMED)
    encrypted = {"alg": "RSA1_5", "enc": "A128CBC-HS256", "cty": "JWT"}
    five = ".".join([b64(compact(encrypted)), *(b64(octets(part, 32)) for part in "abcd")])
    case("an encrypted token is refused", ID_TOKEN, five, MALFORMED)
    case("an encrypted token with its key in the header is refused", ID_TOKEN, ".".join([b64(compact({"alg": "dir", "enc": "A256GCM", "zip": "DEF"})), "", "AA", "AA", "AA"]), MALFORMED)


def structure() -> None:
    source = "RFC 7515 section 7.1"
    good = ed()
    header, body, signature = good.split(".")
    for what, token in {
        "of nothing": "", "of one part": header, "of two parts": f"{header}.{body}", "of four parts": f"{good}.", "of four parts, the first empty": f".{good}",
        "of five parts": f"{good}.{header}.{body}", "of dots alone": "..", "of four dots": "....", "without a header": f".{body}.{signature}", "without claims": f"{header}..{signature}",
        "with a space in front": f" {good}", "with a space behind": f"{good} ", "with a line end behind": f"{good}\n", "with a space in its claims": f"{header}.{body[:8]} {body[8:]}.{signature}",
        "with a line end in its claims": f"{header}.{body[:8]}\r\n{body[8:]}.{signature}", "with a zero octet behind": f"{good}\u0000", "with quotation marks": f'"{good}"', "with Bearer in front": f"Bearer {good}",
        "with a letter outside ASCII": f"{header}.{body}é.{signature}", "in percent-encoding": good.replace(".", "%2E"), "as JSON": json.dumps({"payload": body, "protected": header, "signature": signature}),
    }.items():
        case(f"a token {what} is none", source, token, MALFORMED)
    case("a token of a million parts is none", source, f"{header}{{padding}}", MALFORMED, padding={"text": ".", "times": 1_000_000})
    case("a token of more than a million octets is none", "this library", f"{header}.{{padding}}.{signature}", MALFORMED, padding={"text": "A", "times": 1_400_000})
    case("a token of 64 KiB and one octet is none", "this library", f"{header}.{{padding}}.{signature}", MALFORMED, padding={"text": "A", "times": 65_537 - len(header) - len(signature) - 2})
    base = "RFC 7515 section 2"
    for part, name in enumerate(("header", "claims", "signature")):
        for count in range(3):
            # Of every length, so that padding is due to one of them.
            token = signed(ED, "EdDSA", {"alg": "EdDSA", "kid": "ed", "x": "x" * count}, claims(jti="j" * count))
            case(f"padding behind the {name} is refused, length {count + 1}", base, changed(token, part, lambda it: it + "=" * (-len(it) % 4 or 1)), MALFORMED)
        case(f"the other alphabet in the {name} is refused", base, changed(good, part, lambda it: it[:-2] + "+/"), MALFORMED)
        case(f"a lone letter at the end of the {name} is refused", base, changed(good, part, lambda it: it + "A" * ((1 - len(it)) % 4)), MALFORMED)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    def trailing(text: str) -> str:
        assert len(text) % 4 in (2, 3)
        return text[:-1] + alphabet[alphabet.index(text[-1]) + 1]

    odd = signed(ED, "EdDSA", {"alg": "EdDSA", "kid": "ed", "x": next(x for x in ("", "x", "xx") if len(b64(compact({"alg": "EdDSA", "kid": "ed", "x": x}))) % 4)},
                 claims(jti=next(j for j in ("", "j", "jj") if len(b64(compact(claims(jti=j)))) % 4)))
    for part, name in enumerate(("header", "claims", "signature")):
        case(f"bits that mean nothing at the end of the {name} are refused", base, changed(odd, part, trailing), MALFORMED)


def json_texts() -> None:
    names, text = "RFC 7515 section 4, RFC 7519 section 4", compact(claims()).decode()
    for what, header in {
        "that repeats a name": '{"alg":"EdDSA","kid":"ed","kid":"ed"}', "that repeats its algorithm": '{"alg":"none","kid":"ed","alg":"EdDSA"}',
        "that repeats a name inside": '{"alg":"EdDSA","kid":"ed","jwk":{"kty":"a","kty":"b"}}', "that repeats a name in other writing": '{"alg":"EdDSA","kid":"ed","\\u006bid":"ed"}',
        "that is a list": '["EdDSA"]', "that is a text": '"EdDSA"', "that is null": "null", "that is cut": '{"alg":"EdDSA"', "with something behind it": '{"alg":"EdDSA","kid":"ed"}x',
        "with a mark in front": '\ufeff{"alg":"EdDSA","kid":"ed"}', "with a comma too many": '{"alg":"EdDSA","kid":"ed",}', "in single quotes": "{'alg':'EdDSA','kid':'ed'}",
    }.items():
        case(f"a header {what} is refused", names, ed(header), MALFORMED)
    case("a header with octets that are no UTF-8 is refused", "RFC 7515 section 5.2", ed(b'{"alg":"EdDSA","kid":"ed","x":"\xff"}'), MALFORMED)
    case("a header with a lone surrogate is refused", "RFC 8259 section 8.2", ed('{"alg":"EdDSA","kid":"ed","x":"\\ud800"}'), MALFORMED)
    case("a header with white space is a header", "RFC 7515 section 3.3", ed('\r\n{ "alg" :\t"EdDSA",\n "kid":"ed" } '))
    case("a header in other writing is a header", "RFC 8259 section 7", ed('{"\\u0061lg":"Ed\\u0044SA","kid":"\\u0065d"}'))
    for what, body in {
        "that repeat a name": text[:-1] + ',"sub":"berit"}', "that repeat a name with the same value": text[:-1] + ',"sub":"anna"}', "that repeat a name inside": text[:-1] + ',"x":{"a":1,"a":2}}',
        "that repeat a name in a list": text[:-1] + ',"x":[{"a":1,"a":2}]}', "that repeat a name in other writing": text[:-1] + ',"\\u0073ub":"berit"}', "that are a list": f"[{text}]",
        "that are a text": json.dumps(text), "that are null": "null", "that are a number": "7", "that are nothing but space": " ", "that are cut": text[:-1], "with something behind them": text + text,
        "with a comment": text[:-1] + "/* all */}", "with a comma too many": text[:-1] + ",}", "with a mark in front": "\ufeff" + text, "with NaN": text[:-1] + ',"x":NaN}',
        "with Infinity": text[:-1] + ',"x":Infinity}', "with a number beyond all": text[:-1] + ',"x":1e400}', "with a number of 10000 digits": text[:-1] + ',"x":1' + "0" * 9999 + "}",
        "with a zero in front of a number": text[:-1] + ',"x":01}', "with a plus in front of a number": text[:-1] + ',"x":+1}', "with a hexadecimal number": text[:-1] + ',"x":0x10}',
        "with a line end in a text": text[:-1] + ',"x":"a\nb"}', "with an unknown escape": text[:-1] + ',"x":"\\x41"}', "nested 200 deep": text[:-1] + ',"x":' + "[" * 200 + "]" * 200 + "}",
        "with a lone high surrogate": text[:-1] + ',"x":"\\ud83d"}', "with a lone low surrogate": text[:-1] + ',"x":"\\ude00"}', "with surrogates in the wrong order": text[:-1] + ',"x":"\\ude00\\ud83d"}',
        "with a lone surrogate in a name": text[:-1] + ',"\\ud800":1}', "with names without quotes": "{iss:1}",
    }.items():
        case(f"claims {what} are refused", names, ed(body=body), MALFORMED)
    for what, raw in {
        "an octet that is none": b"\xff", "a cut sequence": b"\xc3", "an overlong sequence": b"\xc0\xaf", "an encoded surrogate": b"\xed\xa0\x80", "a letter of Latin-1": b"\xe5", "a code point too high": b"\xf4\x90\x80\x80",
    }.items():
        case(f"claims with {what} in UTF-8 are refused", "RFC 7519 section 7.2", ed(body=text[:-1].encode() + b',"x":"' + raw + b'"}'), MALFORMED)
    case("claims in UTF-16 are refused", "RFC 7519 section 7.2", ed(body=text.encode("utf-16")), MALFORMED)


def times() -> None:
    source = ID_TOKEN
    for seconds, registered in ((60, "EdDSA"), (0, "tolerance of 0 s"), (1, "tolerance of 1 s"), (300, "tolerance of 300 s")):
        for offset in (-1, 0, 1):
            def about(what: str, token: str, error: str | None, registered: str = registered, **members: Any) -> None:
                case(f"{what}, with a tolerance of {seconds} s", source, token, error, registered=registered, **members)

            at = seconds + offset
            about(f"a token that expired {at} s ago", ed(exp=NOW - at, iat=NOW - 4000), None if offset < 0 else "id_token_expired")
            about(f"a token that was issued {at} s from now", ed(iat=NOW + at, exp=NOW + 4000), "id_token_from_the_future" if offset > 0 else None)
            about(f"a token that begins {at} s from now", ed(nbf=NOW + at, exp=NOW + 4000), "id_token_from_the_future" if offset > 0 else None)
    case("a tolerance of more than 5 minutes is refused", ID_TOKEN, ed(), "clock_tolerance_too_long", registered="tolerance of 301 s")
    half = NOW * 1000 + 500
    case("half a second counts: not yet expired", "RFC 7519 section 2", ed(exp=NOW + 0.6, iat=NOW - 5), registered="tolerance of 0 s", now_ms=half)
    case("half a second counts: expired", "RFC 7519 section 2", ed(exp=NOW + 0.4, iat=NOW - 5), "id_token_expired", registered="tolerance of 0 s", now_ms=half)
    case("half a second counts: not yet issued", "RFC 7519 section 2", ed(iat=NOW + 0.6), "id_token_from_the_future", registered="tolerance of 0 s", now_ms=half)
    case("a moment may have a fraction", "RFC 7519 section 2", ed(exp=NOW + 300.25, iat=NOW - 0.5), says={"expires_at_ms": NOW * 1000 + 300_250, "issued_at_ms": NOW * 1000 - 500})
    case("a moment may be written with an exponent", "RFC 7519 section 2", ed(body=compact(claims()).decode().replace(str(NOW + 300), "1.7952627e9")), says={"expires_at_ms": 1_795_262_700_000})
    case("a token of years ago that is still good is believed", ID_TOKEN, ed(iat=1), says={"issued_at_ms": 1000})
    case("a moment of zero is a moment", "RFC 7519 section 2", ed(iat=0), says={"issued_at_ms": 0})
    case("a clock two hours slow finds the token from the future", ID_TOKEN, ed(), "id_token_from_the_future", now_ms=(NOW - 7200) * 1000)
    case("a clock two hours fast finds the token expired", ID_TOKEN, ed(), "id_token_expired", now_ms=(NOW + 7200) * 1000)
    case("a clock at its beginning finds the token from the future", ID_TOKEN, ed(), "id_token_from_the_future", now_ms=0)
    kinds_of_moment: dict[str, Any] = {
        "text": str(NOW), "negative": -1, "true": True, "a list": [NOW], "an object": {}, "beyond the year 9999": 253_402_300_800, "huge": 1e300, "a date": "2026-11-21T12:00:00Z",
    }
    for name in ("exp", "iat", "nbf"):
        for what, value in kinds_of_moment.items():
            case(f"{name} that is {what} is refused", "RFC 7519 section 2", ed(**{name: value}), WRONG_TYPE)
    for name in ("exp", "iat"):
        case(f"a token without {name} is refused", CORE + "2", ed(**{name: ...}), MISSING)
        case(f"a token whose {name} is null is refused", CORE + "2", ed(**{name: None}), MISSING)
    case("nbf that is null is none", CORE + "2", ed(nbf=None))


def parties() -> None:
    for issuer in (ISSUER + "/", ISSUER.upper(), "https://IDP.example", "http://idp.example", "https://idp.example:443", "https://evil.example", ISSUER + "#", ISSUER + " ", "idp.example", "", "https://idp.ex\u0430mple"):
        case(f"the issuer {issuer!r} is another one", ID_TOKEN, ed(iss=issuer), "id_token_issuer_mismatch")
    for what, value in (("missing", ...), ("null", None)):
        case(f"an issuer that is {what} is refused", CORE + "2", ed(iss=value), MISSING)
    for what, value in (("a number", 7), ("a list", [ISSUER]), ("an object", {})):
        case(f"an issuer that is {what} is refused", CORE + "2", ed(iss=value), WRONG_TYPE)
    case("a list of just this client is its audience", ID_TOKEN, ed(aud=[CLIENT]), says={"audience": [CLIENT]})
    for audience in ("isv_other", "ISV_WEB", "isv_web ", "", "isv_web,isv_other", ["isv_other"], ["isv_web "]):
        case(f"the audience {audience!r} is somebody else", ID_TOKEN, ed(aud=audience), "id_token_audience_mismatch")
    for what, value in (("missing", ...), ("null", None), ("an empty list", [])):
        case(f"an audience that is {what} is refused", CORE + "2", ed(aud=value), MISSING)
    for what, value in (("a number", 7), ("an object", {CLIENT: True}), ("a list with a number", [CLIENT, 7]), ("a list with null", [CLIENT, None]), ("a list of lists", [[CLIENT]])):
        case(f"an audience that is {what} is refused", CORE + "2", ed(aud=value), WRONG_TYPE)
    two = [CLIENT, "https://api.example"]
    case("a stranger in the audience is refused", ID_TOKEN, ed(aud=two, azp=CLIENT), "id_token_audience_untrusted")
    case("a stranger in front of the client is refused", ID_TOKEN, ed(aud=two[::-1], azp=CLIENT), "id_token_audience_untrusted")
    case("a trusted party in the audience is accepted", ID_TOKEN, ed(aud=two, azp=CLIENT), says={"audience": two}, registered="trusting")
    case("a stranger among trusted parties is refused", ID_TOKEN, ed(aud=[*two, "stranger"], azp=CLIENT), "id_token_audience_untrusted", registered="trusting")
    case("a trusted party alone is not this client", ID_TOKEN, ed(aud="https://api.example"), "id_token_audience_mismatch", registered="trusting")
    case("the client twice is two audiences, and needs azp", ID_TOKEN, ed(aud=[CLIENT, CLIENT]), "id_token_authorized_party_mismatch")
    case("several audiences without azp are refused", ID_TOKEN, ed(aud=two), "id_token_authorized_party_mismatch", registered="trusting")
    case("azp of this client is accepted", ID_TOKEN, ed(azp=CLIENT))
    for party in ("isv_other", "ISV_WEB", "", "https://api.example"):
        case(f"azp of {party!r} is refused", ID_TOKEN, ed(azp=party), "id_token_authorized_party_mismatch", registered="trusting")
    for value in (7, [CLIENT], {}):
        case(f"azp of {json.dumps(value)} is refused", CORE + "2", ed(azp=value), WRONG_TYPE)
    case("an ID token of Visma Connect is believed for its issuer", ID_TOKEN, ed(iss="https://connect.visma.com"), says={"issuer": "https://connect.visma.com"}, registered="visma")
    case("an ID token of Visma Connect's staging is refused in production", ID_TOKEN, ed(iss="https://connect.identity.stagaws.visma.com"), "id_token_issuer_mismatch", registered="visma")
    case("a registration without a client id checks nothing", "RFC 6749 section 2.2", ed(), "client_id_missing", registered="no client id")
    cases.append({**cases[-1], "name": "a provider in clear is not discovered", "source": "OpenID Connect Discovery section 3", "registration": "insecure issuer",
                  "expect": {"error": {"code": "invalid_issuer", "fault": "misuse", "advice": "fix_configuration"}}})


def logins() -> None:
    for nonce in (NONCE.upper(), NONCE + " ", "another", "", NONCE[:-1]):
        case(f"the nonce {nonce!r} is another login's", ID_TOKEN, ed(nonce=nonce), "id_token_nonce_mismatch")
    case("a token without the nonce that was sent is refused", ID_TOKEN, ed(nonce=...), "id_token_nonce_mismatch")
    case("a nonce that is null is none", ID_TOKEN, ed(nonce=None), "id_token_nonce_mismatch")
    case("a nonce that nobody sent is refused", ID_TOKEN, ed(), "id_token_nonce_mismatch", expects={})
    case("a token without a nonce is believed where none was sent", ID_TOKEN, ed(nonce=...), expects={})
    for value in (7, [NONCE], {}):
        case(f"a nonce of {json.dumps(value)} is refused", CORE + "2", ed(nonce=value), WRONG_TYPE)

    hashed, source = {"nonce": NONCE, "access_token": ACCESS_TOKEN}, CORE + "3.1.3.8"
    case("a token without at_hash is believed", source, ed(), expects=hashed)
    case("at_hash that is null is none", source, ed(at_hash=None), expects=hashed)
    case("at_hash without an access token says nothing", source, ed(at_hash="anything"))
    right = hash_of("EdDSA", ACCESS_TOKEN)
    for what, value in (("empty", ""), ("in other case", right.swapcase()), ("the whole hash", b64(hashlib.sha512(ACCESS_TOKEN.encode()).digest())), ("padded", right + "="),
                        ("of another algorithm", hash_of("RS256", ACCESS_TOKEN)), ("cut", right[:-1]), ("the access token", ACCESS_TOKEN)):
        case(f"at_hash that is {what} is refused", source, ed(at_hash=value), "id_token_access_token_mismatch", expects=hashed)
    case("at_hash that is a number is refused", source, ed(at_hash=7), WRONG_TYPE, expects=hashed)

    aged, source = {"nonce": NONCE, "max_age_s": 600}, CORE + "3.1.2.1"
    for offset in (-1, 0, 1):
        case(f"a login {660 + offset} s ago, where 600 s were asked for", source, ed(auth_time=NOW - 660 - offset), "id_token_auth_too_old" if offset > 0 else None, expects=aged)
    case("a login just now is young enough", source, ed(auth_time=NOW), expects=aged, says={"auth_time_ms": NOW * 1000})
    case("max_age of zero asks for a login within the tolerance", source, ed(auth_time=NOW - 61), "id_token_auth_too_old", expects={"nonce": NONCE, "max_age_s": 0})
    case("max_age of zero is met by a login of now", source, ed(auth_time=NOW), expects={"nonce": NONCE, "max_age_s": 0})
    case("a token without auth_time is refused where max_age was asked for", source, ed(), MISSING, expects=aged)
    case("auth_time that is null is none", source, ed(auth_time=None), MISSING, expects=aged)
    case("an old login is no matter where nobody asked", source, ed(auth_time=1), says={"auth_time_ms": 1000})
    case("auth_time may be a text of digits", "Visma Connect, ID token", ed(auth_time=str(NOW - 5)), expects=aged, says={"auth_time_ms": (NOW - 5) * 1000})
    for value in ("soon", "", "-5", "1.5", -1, 1e300, True, [], {}):
        case(f"auth_time of {json.dumps(value)} is refused", CORE + "2", ed(auth_time=value), WRONG_TYPE)

    asked, source = {"nonce": NONCE, "acr_values": "gold silver"}, CORE + "5.5.1.1"
    for acr in ("gold", "silver"):
        case(f"the context {acr} is one of those asked for", source, ed(acr=acr), expects=asked, says={"acr": acr})
    for acr in ("bronze", "GOLD", "gold silver", "", "gol", "0"):
        case(f"the context {acr!r} is none of those asked for", source, ed(acr=acr), "id_token_acr_mismatch", expects=asked)
    case("a token without a context is refused where one was asked for", source, ed(), MISSING, expects=asked)
    case("a context that nobody asked for is told", source, ed(acr="bronze"), says={"acr": "bronze"})
    case("a context may be a number", "deployed providers", ed(acr=3), says={"acr": "3"})
    for value in ([], {}, True):
        case(f"a context of {json.dumps(value)} is refused", CORE + "2", ed(acr=value), WRONG_TYPE)
    mfa = {"nonce": NONCE, "acr_values": "urn:idp:vismaconnect:mfa"}
    visma = {"iss": "https://connect.visma.com"}
    case("Visma Connect's context is a number on a scale of its own", "Visma Connect, authentication contexts", ed(**visma, acr="2"), registered="visma", expects=mfa, says={"acr": "2"})
    case("Visma Connect's context has to be there where one was asked for", "Visma Connect, authentication contexts", ed(**visma), MISSING, registered="visma", expects=mfa)


def subjects_and_claims() -> None:
    source = CORE + "2"
    for what, subject in (("of 255 characters", "a" * 255), ("of one character", "0"), ("with spaces and signs", " a~!|\"\\<b>"), ("in capital letters", "ANNA")):
        case(f"a subject {what} is a subject", source, ed(sub=subject), says={"subject": subject})
    for what, value in (("missing", ...), ("null", None)):
        case(f"a subject that is {what} is refused", source, ed(sub=value), MISSING)
    for what, value in (("empty", ""), ("a number", 7), ("of 256 characters", "a" * 256), ("with a zero octet", "an\u0000na"), ("with a line end", "anna\n"), ("with a letter outside ASCII", "åse"), ("a list", ["anna"]), ("an object", {}), ("with a delete character", "a\u007f")):
        case(f"a subject that is {what} is refused", source, ed(sub=value), WRONG_TYPE)
    everything = {
        "sid": "s-1", "idp": "local", "llt": NOW - 86400, "tenant_id": "11111111-1111-4111-8111-111111111111", "amr": ["pwd", "mfa"], "acr": "2", "auth_time": NOW - 5,
        "name": "Åse Øvergård", "email": "ase@example.com", "email_verified": True, "address": {"country": "NO", "lines": ["a", "b"]}, "nothing": None,
        "whole": 9007199254740993, "lowest": -9223372036854775808, "fraction": 1.5, "negative": -7, "list": [1, "two", False, None, [], {}], "emoji": "\U0001F600", "empty": "",
    }
    known = ("sid", "idp", "llt", "tenant_id", "amr", "acr", "auth_time")
    case("what the standard and Visma Connect name is told apart, and the rest is kept", source, ed(**everything), says={
        "issuer": ISSUER, "subject": "anna", "audience": [CLIENT], "expires_at_ms": (NOW + 300) * 1000, "issued_at_ms": (NOW - 10) * 1000, "auth_time_ms": (NOW - 5) * 1000, "acr": "2",
        "amr": ["pwd", "mfa"], "session_id": "s-1", "identity_provider": "local", "last_login_time": NOW - 86400, "tenant_id": everything["tenant_id"],
        "further": {name: value for name, value in everything.items() if name not in known},
    })
    case("what a token does not say is not there", source, ed(), says={"auth_time_ms": None, "acr": None, "amr": [], "session_id": None, "identity_provider": None, "last_login_time": None, "tenant_id": None, "further": {"name": None}})
    case("amr may be a single text", "deployed providers", ed(amr="pwd"), says={"amr": ["pwd"]})
    for value in (7, {}, ["pwd", 7], True):
        case(f"amr of {json.dumps(value)} is refused", source, ed(amr=value), WRONG_TYPE)
    for name, accessor in (("sid", "session_id"), ("idp", "identity_provider"), ("tenant_id", "tenant_id")):
        case(f"{name} that is a number is a further claim alone", "this library", ed(**{name: 7}), says={accessor: None, "further": {name: 7}})
    case("llt is told as it stands", "Visma Connect, ID token", ed(llt="2026-11-20T12:00:00Z"), says={"last_login_time": "2026-11-20T12:00:00Z"})
    case("a surrogate pair is one letter", "RFC 8259 section 7", ed(body=compact(claims()).decode()[:-1] + ',"x":"\\ud83d\\ude00"}'), says={"further": {"x": "\U0001F600"}})
    case("a claim's name may be any text", "RFC 7519 section 4.3", ed(**{"http://example.com/is_root": True, "": 1, "a b": 2}), says={"further": {"http://example.com/is_root": True, "": 1, "a b": 2}})
    many = {f"c{number}": number for number in range(2000)}
    case("two thousand claims are read", "this library", ed(**many), says={"further": {"c0": 0, "c1999": 1999}})
    case("a claim of 30000 characters is read", "this library", ed(long="x" * 30000), says={"subject": "anna"})


def examples() -> None:
    """What specifications print. A claim that is missed, in a token that never was an ID token, says that its signature is good."""
    for name, source, jwk, token, algorithm, error in published.tokens():
        registered = algorithm if algorithm in ALGORITHMS else "RS256"
        case(name, source, token, error, registered=registered, keys=key_set(jwk), expects={})
        if error == MISSING:
            case(f"{name}, with its signature changed", source, changed(token, 2, other_first), SIGNATURE, registered=registered, keys=key_set(jwk), expects={})
    registrations["OpenID Connect Core appendix A"] = {"provider": {"discover": "https://server.example.com"}, "client_id": "s6BhdRkqt3", "id_token_algorithm": "RS256"}
    keys = key_set(published.OIDC_KEY)
    for section, token in published.OIDC_TOKENS.items():
        def about(what: str, error: str | None = None, **members: Any) -> None:
            members = {"expects": {"nonce": NONCE, "access_token": ACCESS_TOKEN}, "now_ms": 1_311_281_000_000, **members}
            case(f"OpenID Connect Core appendix {section}: {what}", f"OpenID Connect Core appendix {section}", members.pop("token", token), error,
                 registered="OpenID Connect Core appendix A", keys=keys, **members)

        about("the printed token is believed", says={"issuer": "https://server.example.com", "subject": "248289761001", "audience": ["s6BhdRkqt3"], "issued_at_ms": 1_311_280_970_000, "expires_at_ms": 1_311_281_970_000})
        about("the printed token has expired since", "id_token_expired", now_ms=NOW * 1000)
        about("the printed token with its signature changed", SIGNATURE, token=changed(token, 2, other_first))
    about_hash = published.OIDC_TOKENS["A.3"]
    case("OpenID Connect Core appendix A.3: the hash is not that of another access token", "OpenID Connect Core appendix A.3", about_hash, "id_token_access_token_mismatch",
         registered="OpenID Connect Core appendix A", keys=keys, expects={"nonce": NONCE, "access_token": "another"}, now_ms=1_311_281_000_000)


def main() -> None:
    for write in (tables, every_algorithm, other_algorithms, ecdsa_signatures, ed25519_signatures, rsa_signatures, names_of_keys, odd_keys, embedded_keys, kinds, structure, json_texts,
                  times, parties, logins, subjects_and_claims, examples):
        write()
    names = [case["name"] for case in cases]
    assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})
    content = {"schema": 1, "about": "ID tokens, believed or refused. Written by generate/id_tokens.py; the keys are for tests alone."}
    path = Path(__file__).parent.parent / "id_tokens.json"
    # One case a line: the tokens are long, and a change is seen by the line.
    parts = [f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=True)}" for name, value in content.items()]
    for name, table in (("registrations", registrations), ("key_sets", key_sets)):
        rows = ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in table.items())
        parts.append(f'  "{name}": {{\n{rows}\n  }}')
    rows = ",\n".join(f"    {json.dumps(case)}" for case in cases)
    parts.append(f'  "cases": [\n{rows}\n  ]')
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
    print(f"{len(cases)} cases, {len(key_sets)} key sets, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
