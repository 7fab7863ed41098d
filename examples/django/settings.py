"""What Django has to know. The cookies are the part that matters to logins."""

import os
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
DATA = Path(os.environ["DATA"])
BASE_URL = os.environ["BASE_URL"]

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = [urlsplit(BASE_URL).hostname]
ROOT_URLCONF = "urls"
LOGIN_URL = "/login"

INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "portal"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.pages.Pages",
]
TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [HERE / "templates"]},
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA / "django.db"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The application's own session. Another cookie than the one that binds a browser to a login: this one is what a thief
# wants, and Lax keeps it out of other sites' POSTs. So the callback, such a POST, arrives without it: what a login has to
# remember is in grantline's store, not in `request.session`.
SESSION_COOKIE_NAME = "__Host-portal"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 10 * 3600
CSRF_COOKIE_SECURE = True

# More than the longest callback and logout token, in bytes.
DATA_UPLOAD_MAX_MEMORY_SIZE = 128 * 1024
