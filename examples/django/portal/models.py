"""Which session of Django's has which grant, and which session at the provider it came from."""

from django.db import models


class ProviderSession(models.Model):
    session_key = models.CharField(max_length=40, primary_key=True)
    grant_id = models.CharField(max_length=256)
    subject = models.CharField(max_length=255, db_index=True)
    provider_session = models.CharField(max_length=255, null=True, db_index=True)
