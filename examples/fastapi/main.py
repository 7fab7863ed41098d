"""A web application whose users log in with Visma Connect.

    BASE_URL=http://localhost:8080 ... uvicorn main:site --port 8080 --workers 4

Any number of processes may stand behind one address: what they have to know of each other is in two files of the folder
DATA. `login` and `logout` are the way in and the way out, `portal` is what is protected.

    BASE_URL       where browsers reach it: https, or http://localhost while it is being written
    CLIENT_ID, CLIENT_SECRET
                   the application's, from the Developer Portal, where these are registered: the redirect URI
                   BASE_URL/callback, the post-logout redirect URI BASE_URL/signed-out, and the back-channel logout
                   URI BASE_URL/backchannel-logout
    ISSUER         https://connect.visma.com, or that of `grantline emulator`
    API_URL        the origin of the API that has the invoices
    DATA           a folder for its files, on a local disk
    SEALING_KEY    32 random bytes in base64, which seal what is in the store
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import login
import logout
import pages
import portal
from fastapi import FastAPI
from grants import client

from grantline import GrantlineError


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    # What was sent to the provider is answered and saved before the process ends.
    async with client:
        yield


site = FastAPI(lifespan=lifespan, openapi_url=None)
site.middleware("http")(pages.lock_down)
site.add_exception_handler(GrantlineError, pages.failure)
for part in (login, logout, portal):
    site.include_router(part.routes)
