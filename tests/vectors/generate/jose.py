"""Keys and signatures for test data, assembled by hand so that they can be wrong on purpose.

The arithmetic is `cryptography`'s, and Python's own where a library would refuse: nothing of grantline's. The keys follow
from the labels below, so that everybody gets the same ones. They are for tests alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
DIGESTS = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P384_ORDER = int("f" * 48 + "c7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16)
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def compact(value: Any) -> bytes:
    """JSON without white space; a text is taken as it stands, and so are octets."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)).encode()


def octets(label: str, length: int) -> bytes:
    stream = b"".join(hashlib.sha256(f"{label} {block}".encode()).digest() for block in range(length // 32 + 1))
    return stream[:length]


def is_prime(number: int) -> bool:
    if any(number % small == 0 for small in SMALL_PRIMES):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in SMALL_PRIMES[:20]:
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = pow(power, 2, number)
            if power == number - 1:
                break
        else:
            return False
    return True


SMALL_PRIMES = [n for n in range(2, 2000) if all(n % d for d in range(2, int(n**0.5) + 1))]


def prime(label: str, bits: int, exponent: int) -> int:
    candidate = int.from_bytes(octets(label, bits // 8), "big") | (3 << (bits - 2)) | 1
    while (candidate - 1) % exponent == 0 or not is_prime(candidate):
        candidate += 2
    return candidate


@dataclass(frozen=True)
class Rsa:
    label: str
    bits: int = 2048
    exponent: int = 65537

    @property
    def numbers(self) -> tuple[int, int]:
        return rsa_numbers(self.label, self.bits, self.exponent)

    @property
    def modulus(self) -> int:
        return self.numbers[0]

    @property
    def length(self) -> int:
        return self.bits // 8

    def public(self) -> rsa.RSAPublicKey:
        return rsa.RSAPublicNumbers(self.exponent, self.modulus).public_key()

    def jwk(self, **members: Any) -> dict[str, Any]:
        exponent = self.exponent.to_bytes((self.exponent.bit_length() + 7) // 8, "big")
        return {"kty": "RSA", "n": b64(self.modulus.to_bytes(self.length, "big")), "e": b64(exponent), **members}

    def raw(self, encoded: bytes) -> bytes:
        """RSASP1 (RFC 8017 section 5.2.1) of an encoded message."""
        modulus, private = self.numbers
        return pow(int.from_bytes(encoded, "big"), private, modulus).to_bytes(self.length, "big")

    def sign(self, algorithm: str, message: bytes) -> bytes:
        bits = algorithm[2:]
        if algorithm.startswith("RS"):
            signature = self.raw(pkcs1(message, bits, self.length))
            self.public().verify(signature, message, padding.PKCS1v15(), HASHES[bits])
        else:
            signature = self.raw(pss(message, bits, self.length))
            mask = padding.PSS(padding.MGF1(HASHES[bits]), salt_length=padding.PSS.DIGEST_LENGTH)
            self.public().verify(signature, message, mask, HASHES[bits])
        return signature


@cache
def rsa_numbers(label: str, bits: int, exponent: int) -> tuple[int, int]:
    p, q = (prime(f"grantline test key {label} {name}", bits // 2, exponent) for name in "pq")
    return p * q, pow(exponent, -1, (p - 1) * (q - 1))


@dataclass(frozen=True)
class Roca(Rsa):
    """A key of the pattern of CVE-2017-15361 (Nemec et al. 2017), for 2048 bits."""

    @property
    def numbers(self) -> tuple[int, int]:
        p, q = (roca_prime(f"grantline test key {self.label} {name}", self.bits // 2) for name in "pq")
        return p * q, pow(self.exponent, -1, (p - 1) * (q - 1))


@cache
def roca_prime(label: str, bits: int) -> int:
    primorial = math.prod(SMALL_PRIMES[:126])
    power = pow(65537, int.from_bytes(octets(label, 32), "big"), primorial)
    factor = (int.from_bytes(octets(label, bits // 8), "big") | (3 << (bits - 2))) // primorial
    while not is_prime(factor * primorial + power):
        factor += 1
    return factor * primorial + power


# DigestInfo (RFC 8017 section 9.2, note 1).
PREFIXES = {
    "256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "512": bytes.fromhex("3051300d060960864801650304020305000440"),
}


def pkcs1(message: bytes, bits: str, length: int) -> bytes:
    """EMSA-PKCS1-v1_5 (RFC 8017 section 9.2)."""
    return padded(PREFIXES[bits] + DIGESTS[bits](message).digest(), length)


def padded(digest_info: bytes, length: int) -> bytes:
    return b"\x00\x01" + b"\xff" * (length - len(digest_info) - 3) + b"\x00" + digest_info


def mgf1(seed: bytes, length: int, digest: Any) -> bytes:
    blocks = [digest(seed + count.to_bytes(4, "big")).digest() for count in range(length // digest().digest_size + 1)]
    return b"".join(blocks)[:length]


def pss(
    message: bytes, bits: str, length: int, salt_length: int | None = None, trailer: int = 0xBC, mask: Any = None
) -> bytes:
    """EMSA-PSS (RFC 8017 section 9.1.1), with a salt that is always the same."""
    digest = DIGESTS[bits]
    size = digest().digest_size
    salt = octets("salt", size if salt_length is None else salt_length)
    hashed = digest(bytes(8) + digest(message).digest() + salt).digest()
    block = bytes(length - len(salt) - size - 2) + b"\x01" + salt
    masked = bytes(a ^ b for a, b in zip(block, mgf1(hashed, len(block), mask or digest), strict=True))
    return bytes([masked[0] & 0x7F]) + masked[1:] + hashed + bytes([trailer])


@dataclass(frozen=True)
class Ec:
    label: str
    curve: str = "P-256"

    def private(self) -> ec.EllipticCurvePrivateKey:
        scalar = int.from_bytes(octets(f"grantline test key {self.label}", self.size), "big") % (self.order - 1) + 1
        return ec.derive_private_key(scalar, ec.SECP256R1() if self.curve == "P-256" else ec.SECP384R1())

    @property
    def size(self) -> int:
        return 32 if self.curve == "P-256" else 48

    @property
    def order(self) -> int:
        return P256_ORDER if self.curve == "P-256" else P384_ORDER

    def point(self) -> tuple[bytes, bytes]:
        numbers = self.private().public_key().public_numbers()
        return numbers.x.to_bytes(self.size, "big"), numbers.y.to_bytes(self.size, "big")

    def jwk(self, **members: Any) -> dict[str, Any]:
        x, y = self.point()
        return {"kty": "EC", "crv": self.curve, "x": b64(x), "y": b64(y), **members}

    def numbers(self, message: bytes) -> tuple[int, int]:
        digest = HASHES["256" if self.curve == "P-256" else "384"]
        return decode_dss_signature(self.private().sign(message, ec.ECDSA(digest, deterministic_signing=True)))

    def sign(self, algorithm: str, message: bytes) -> bytes:
        assert algorithm[2:] == self.curve[2:]
        return self.fixed(*self.numbers(message))

    def fixed(self, r: int, s: int) -> bytes:
        """RFC 7518 section 3.4."""
        return r.to_bytes(self.size, "big") + s.to_bytes(self.size, "big")

    def der(self, message: bytes) -> bytes:
        return encode_dss_signature(*self.numbers(message))


@dataclass(frozen=True)
class Ed:
    label: str

    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(octets(f"grantline test key {self.label}", 32))

    def public(self) -> bytes:
        return self.private().public_key().public_bytes_raw()

    def jwk(self, **members: Any) -> dict[str, Any]:
        return {"kty": "OKP", "crv": "Ed25519", "x": b64(self.public()), **members}

    def sign(self, algorithm: str, message: bytes) -> bytes:
        assert algorithm in ("EdDSA", "Ed25519")
        return self.private().sign(message)


def public_pem(key: Rsa) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public().public_bytes(serialization.Encoding.PEM, form)


def public_der(key: Rsa) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public().public_bytes(serialization.Encoding.DER, form)


def public_pkcs1(key: Rsa) -> bytes:
    return key.public().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)
