"""The application at the provider. One client serves the whole process, and the workers that fork off it."""

import os

from django.conf import settings

from grantline import Client, Provider, SealingKeys, Store, WebApp

client = Client(
    store=Store.sqlite(settings.DATA / "grantline.db"),
    sealing_keys=SealingKeys.from_environment("SEALING_KEY"),
)

app = WebApp(
    Provider.visma_connect_at(os.environ["ISSUER"]),
    os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    redirect_uris=[f"{settings.BASE_URL}/callback"],
    client=client,
)
