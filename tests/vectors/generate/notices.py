"""Writes ../logout_tokens.json and ../webhooks.json. Their output is committed; it is run when a case is added, as
id_tokens.py is.

What a case is expected to come to is worked out from the standards, not by running grantline.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from jose import Ed, b64, compact

NOW = 1_795_262_400  # 2026-11-21T12:00:00Z
ISSUER = "https://idp.example"
CLIENT = "isv_web"
ED, OTHER = Ed("ed25519"), Ed("other ed25519")
EVENT = "http://schemas.openid.net/event/backchannel-logout"
TENANT = "11111111-1111-4111-8111-111111111111"
SECRET = "a webhook's own secret"
SOURCE = "OpenID Connect Back-Channel Logout section 2."
CONFIGURATION = {"id_token_algorithm_mismatch", "id_token_expired", "id_token_from_the_future", "webhook_signature_invalid", "webhook_secret_missing"}

KEYS = json.dumps({"keys": [ED.jwk(kid="ed", use="sig")]})


def claims(**changes: Any) -> dict[str, Any]:
    """A logout of Anna's, with changes; `...` removes a claim."""
    usual = {"iss": ISSUER, "aud": CLIENT, "iat": NOW - 10, "exp": NOW + 290, "jti": "n-1", "events": {EVENT: {}}, "sub": "anna", "sid": "s-1"}
    return {name: value for name, value in {**usual, **changes}.items() if value is not ...}


def token(header: dict[str, Any] | None = None, key: Ed = ED, **changes: Any) -> str:
    header = {"alg": "EdDSA", "kid": "ed", "typ": "logout+jwt"} if header is None else header
    message = f"{b64(compact(header))}.{b64(compact(claims(**changes)))}"
    return f"{message}.{b64(key.sign('EdDSA', message.encode()))}"


def refusal(code: str) -> dict[str, Any]:
    advice = "fix_configuration" if code in CONFIGURATION else "report_bug"
    fault = "misuse" if code == "webhook_secret_missing" else "server_misbehaved"
    return {"error": {"code": code, "fault": fault, "advice": advice}}


def logout_cases() -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = []

    def case(name: str, section: str, text: str, expect: str | dict[str, Any], now_ms: int = NOW * 1000) -> None:
        outcome = refusal(expect) if isinstance(expect, str) else {"notice": {"issued_at_ms": (NOW - 10) * 1000, **expect}}
        cases.append({"name": name, "source": SOURCE + section, "token": text, "now_ms": now_ms, "expect": outcome})

    def header(**members: Any) -> dict[str, Any]:
        return {name: value for name, value in {"alg": "EdDSA", "kid": "ed", "typ": "logout+jwt", **members}.items() if value is not ...}

    both = {"subject": "anna", "session_id": "s-1"}
    case("a logout token says whose session is over", "4", token(), both)
    case("of a user alone", "4", token(sid=...), {"subject": "anna", "session_id": None})
    case("of a session alone", "4", token(sub=...), {"subject": None, "session_id": "s-1"})
    case("of nobody", "4", token(sub=..., sid=...), "logout_token_names_nobody")
    case("the audience may be a list", "4", token(aud=[CLIENT, "another"]), both)
    case("an event may say more", "4", token(events={EVENT: {"why": "x"}, "https://other.example/event": {}}), both)
    for name, typ in (("no type", ...), ("the type JWT", "JWT"), ("its media type in full", "application/logout+jwt")):
        case(f"with {name}", "4", token(header(typ=typ)), both)
    for typ in ("at+jwt", "dpop+jwt", "secevent+jwt"):
        case(f"a token of the type {typ} is another kind", "6", token(header(typ=typ)), "logout_token_of_another_kind")
    for name, events in (("no events", ...), ("another event", {"https://other.example/event": {}}), ("an event that is text", {EVENT: "x"}),
                         ("an event that is null", {EVENT: None}), ("events that are a list", [EVENT]), ("no event at all", {})):
        case(f"with {name} it is another kind", "6", token(events=events), "logout_token_of_another_kind")
    case("an ID token is no logout token", "6", token(header(typ="JWT"), events=..., nonce="n"), "logout_token_of_another_kind")
    for nonce in ("n", "", None):
        case(f"with the nonce {json.dumps(nonce)} it is another kind", "6", token(nonce=nonce), "logout_token_of_another_kind")
    for name, iss, code in (("another issuer", "https://evil.example", "id_token_issuer_mismatch"), ("a slash more", ISSUER + "/", "id_token_issuer_mismatch"),
                            ("no issuer", ..., "id_token_claim_missing"), ("an issuer that is a number", 7, "id_token_claim_malformed")):
        case(f"from {name}", "6", token(iss=iss), code)
    for name, aud, code in (("another client", "isv_other", "id_token_audience_mismatch"), ("nobody", [], "id_token_claim_missing"),
                            ("no audience", ..., "id_token_claim_missing"), ("a number", 7, "id_token_claim_malformed")):
        case(f"for {name}", "6", token(aud=aud), code)
    for claim in ("iat", "exp", "jti"):
        case(f"without {claim}", "6", token(**{claim: ...}), "id_token_claim_missing")
        case(f"with {claim} of another type", "6", token(**{claim: []}), "id_token_claim_malformed")
    for claim in ("sub", "sid"):
        case(f"with {claim} of another type", "6", token(**{claim: 7}), "id_token_claim_malformed")
    for seconds, expect in ((349, both), (350, "id_token_expired"), (351, "id_token_expired")):
        case(f"{seconds} seconds from now, which is {seconds - 290} after its end", "6", token(), expect, (NOW + seconds) * 1000)
    for seconds, expect in ((-69, both), (-70, both), (-71, "id_token_from_the_future")):
        case(f"{-seconds} seconds ago, which is {-seconds - 10} before it was issued", "6", token(), expect, (NOW + seconds) * 1000)
    case("signed by another key of the same name", "6", token(key=OTHER), "id_token_signature_invalid")
    case("signed by a key that is not published", "6", token(header(kid="unknown"), key=OTHER), "id_token_key_unknown")
    for algorithm in ("none", "None", "HS256", "RS256"):
        case(f"with the algorithm {algorithm}", "6", token(header(alg=algorithm)), "id_token_algorithm_mismatch")
    case("with a header that has to be understood", "6", token(header(crit=["exp"])), "id_token_malformed")
    for name, text in (("text", "logout"), ("two parts", token().rsplit(".", 1)[0]), ("nothing", ""), ("a part more", token() + ".x")):
        case(f"{name} is no token", "6", text, "id_token_malformed")
    return cases


def webhook_cases() -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = []

    def case(name: str, body: str, expect: str | dict[str, Any], secret: str = SECRET, signature: str | None = None, signed: str | None = None) -> None:
        digest = hmac.new(SECRET.encode(), (body if signed is None else signed).encode(), hashlib.sha256).digest()
        signature = base64.b64encode(digest).decode() if signature is None else signature
        source = "RFC 2104" if expect == "webhook_signature_invalid" else "Visma Developer Portal, webhooks"
        outcome = refusal(expect) if isinstance(expect, str) else {"event": expect}
        cases.append({"name": name, "source": source, "secret": secret, "body": body, "signature": signature, "expect": outcome})

    invalid, malformed = "webhook_signature_invalid", "webhook_malformed"
    added = json.dumps({"event": "tenant_application_added", "tenant_id": TENANT, "client_id": "isv_service"}, separators=(",", ":"))
    known = {"name": "tenant_application_added", "tenant_id": TENANT}
    case("a tenant that approved the application is told", added, known)
    case("white space around the signature does no harm", added, known, signature=" " + base64.b64encode(hmac.new(SECRET.encode(), added.encode(), hashlib.sha256).digest()).decode() + "\n")
    for names in (("eventType", "tenantId"), ("event_type", "tenant_id"), ("type", "tenantId"), ("name", "tenant_id")):
        case(f"with the members {names[0]} and {names[1]}", json.dumps({names[0]: "tenant_application_added", names[1]: TENANT}), known)
    for member in ("data", "payload"):
        case(f"with the tenant in {member}", json.dumps({"event": "tenant_application_added", member: {"tenantId": TENANT}}), known)
    case("an event that nobody knows yet is handed over", json.dumps({"event": "tenant_application_removed", "tenant_id": TENANT}), {"name": "tenant_application_removed", "tenant_id": None})
    case("an event without a name is handed over", json.dumps({"x": 1}), {"name": None, "tenant_id": None})
    case("letters beyond ASCII are signed as they travel", json.dumps({"event": "e", "who": "Åse"}, ensure_ascii=False), {"name": "e", "tenant_id": None})
    case("a body that is changed by one space", added + " ", invalid, signed=added)
    case("a body whose members changed places", json.dumps(dict(reversed(json.loads(added).items()))), invalid, signed=added)
    case("another secret", added, invalid, secret="another")
    for name, secret in (("an empty secret", ""), ("a blank secret", " ")):
        of_nobody = base64.b64encode(hmac.new(secret.encode(), added.encode(), hashlib.sha256).digest()).decode()
        case(f"{name}, with which anybody can sign", added, "webhook_secret_missing", secret=secret, signature=of_nobody)
    for name, signature in (("no signature", ""), ("text that is no base64", "not base64!"), ("hexadecimal digits", hmac.new(SECRET.encode(), added.encode(), hashlib.sha256).hexdigest()),
                            ("half of it", base64.b64encode(hmac.new(SECRET.encode(), added.encode(), hashlib.sha256).digest()[:16]).decode()),
                            ("SHA-1 in the place of SHA-256", base64.b64encode(hmac.new(SECRET.encode(), added.encode(), hashlib.sha1).digest()).decode())):
        case(f"{name} as the signature", added, invalid, signature=signature)
    case("a genuine event without its tenant", json.dumps({"event": "tenant_application_added"}), malformed)
    case("a tenant that is a number", json.dumps({"event": "tenant_application_added", "tenant_id": 7}), malformed)
    for name, body in (("a list", "[]"), ("text", '"x"'), ("nothing", ""), ("half an object", "{"), ("a repeated member", '{"event":"a","event":"b"}')):
        case(f"{name} that is genuine is no event", body, malformed)
    return cases


def write(name: str, about: str, cases: list[dict[str, Any]], **tables: Any) -> None:
    names = [case["name"] for case in cases]
    assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})
    parts = [f'  "schema": 1', f'  "about": {json.dumps(about)}']
    parts += [f"  {json.dumps(table)}: {json.dumps(value)}" for table, value in tables.items()]
    rows = ",\n".join(f"    {json.dumps(case)}" for case in cases)
    parts.append(f'  "cases": [\n{rows}\n  ]')
    (Path(__file__).parent.parent / name).write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
    print(f"{name}: {len(cases)} cases")


def main() -> None:
    registration = {"provider": {"discover": ISSUER}, "client_id": CLIENT, "id_token_algorithm": "EdDSA"}
    about = "Logout tokens, taken or refused. Written by generate/notices.py; the keys are for tests alone."
    write("logout_tokens.json", about, logout_cases(), registration=registration, key_set=KEYS)
    write("webhooks.json", "Webhooks of the Developer Portal, genuine or not. Written by generate/notices.py.", webhook_cases())


if __name__ == "__main__":
    main()
