"""Writes ../signatures.json from Project Wycheproof's JSON Web Signature tests, and from what RFCs print.

    python signatures.py .../wycheproof/testvectors_v1/json_web_signature.json

Of Wycheproof, those by an algorithm that grantline has, whose three parts are base64url to the letter: what else a token
may be wrong in, id_tokens.json shows.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import published
from jose import b64, unb64

ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "EdDSA"}
# Beyond these, its variants of one padding differ in nothing that the first ones do not show.
MOST_PADDINGS = 40


def case(name: str, source: str, key: dict[str, Any], token: str, valid: bool) -> dict[str, Any]:
    signing_input, signature = token.rsplit(".", 1)
    public = {name: key[name] for name in ("kty", "n", "e", "x", "y") if name in key}
    algorithm = json.loads(unb64(token.split(".")[0]))["alg"]
    return {
        "name": name,
        "source": source,
        "algorithm": algorithm,
        "key": public,
        "signing_input": signing_input,
        "signature": signature,
        "valid": valid,
    }


def printed() -> Iterator[dict[str, Any]]:
    for name, key, token in (
        ("RFC 7515 appendix A.2", published.RS256_KEY, published.RS256_TOKEN),
        ("RFC 7515 appendix A.3", published.ES256_KEY, published.ES256_TOKEN),
        ("RFC 7520 section 4.1", published.FRODO_RS256_KEY, published.FRODO_RS256_TOKEN),
        ("RFC 7520 section 4.2", published.FRODO_PS384_KEY, published.FRODO_PS384_TOKEN),
        ("RFC 8037 appendix A.4", published.EDDSA_KEY, published.EDDSA_TOKEN),
    ):
        yield case(f"{name} as printed", name, key, token, True)
        signing_input, signature = token.rsplit(".", 1)
        for place in range(0, len(unb64(signature)), 16):
            octets = bytearray(unb64(signature))
            octets[place] ^= 1
            yield case(f"{name} with octet {place} changed", name, key, f"{signing_input}.{b64(bytes(octets))}", False)


def is_clean(token: Any) -> bool:
    parts = token.split(".") if isinstance(token, str) else []
    return len(parts) == 3 and parts[0] != "" and all(
        re.fullmatch(r"[A-Za-z0-9_-]*", part) and len(part) % 4 != 1 and b64(unb64(part)) == part for part in parts
    )


def wycheproof(path: str) -> Iterator[dict[str, Any]]:
    paddings = 0
    for group in json.loads(Path(path).read_text(encoding="utf-8"))["testGroups"]:
        key = group.get("public", group["private"])
        if key["kty"] == "oct" or key.get("use") == "enc" or group.get("comment", "").startswith("rfc7520"):
            continue
        for test in group["tests"]:
            if not is_clean(test["jws"]):
                continue
            algorithm = json.loads(unb64(test["jws"].split(".")[0])).get("alg")
            if algorithm not in ALGORITHMS or algorithm != key.get("alg"):
                continue
            paddings += "ModifiedPadding" in test.get("flags", [])
            if "ModifiedPadding" in test.get("flags", []) and paddings > MOST_PADDINGS:
                continue
            name = f"Wycheproof {test['tcId']}: {algorithm}, {test['comment']}"
            yield case(name, "C2SP/wycheproof, json_web_signature.json (Apache-2.0)", key, test["jws"], test["result"] == "valid")


def main() -> None:
    cases = [*printed(), *wycheproof(sys.argv[1])]
    about = "Published signatures. Written by generate/signatures.py; Wycheproof's are its authors', under Apache-2.0."
    rows = ",\n".join(f"    {json.dumps(case)}" for case in cases)
    path = Path(__file__).parent.parent / "signatures.json"
    path.write_text(f'{{\n  "schema": 1,\n  "about": {json.dumps(about)},\n  "cases": [\n{rows}\n  ]\n}}\n', encoding="utf-8")
    print(f"{len(cases)} cases, {sum(case['valid'] for case in cases)} of them valid")


if __name__ == "__main__":
    main()
