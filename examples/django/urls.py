"""Where everything is."""

from django.urls import path
from portal import login, logout, views

urlpatterns = [
    path("", views.home),
    path("invoices", views.invoices),
    path("login", login.begin),
    path("callback", login.complete),
    path("logout", logout.begin),
    path("signed-out", logout.signed_out),
    path("backchannel-logout", logout.told_by_the_provider),
]
