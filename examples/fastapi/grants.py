"""The application at the provider. One client serves the whole process."""

import os
from pathlib import Path

from grantline import Client, Provider, SealingKeys, Store, WebApp

BASE_URL = os.environ["BASE_URL"]

client = Client(
    store=Store.sqlite(Path(os.environ["DATA"], "grantline.db")),
    sealing_keys=SealingKeys.from_environment("SEALING_KEY"),
)

app = WebApp(
    Provider.visma_connect_at(os.environ["ISSUER"]),
    os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    redirect_uris=[f"{BASE_URL}/callback"],
    client=client,
)
