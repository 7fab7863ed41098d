"""Forms as they came: decoding them first would hide parameters that occur twice."""

from fastapi import HTTPException, Request

LONGEST = 128 * 1024
"""More than the longest callback and logout token, in bytes."""


async def raw(request: Request) -> str:
    """The body. Another content type is answered with 415, a longer body with 413."""
    if request.headers.get("Content-Type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST:
            raise HTTPException(413)
    return body.decode(errors="replace")
