"""A web application whose users log in with Visma Connect.

    python manage.py migrate
    BASE_URL=http://localhost:8080 ... python manage.py runserver 8080

Any number of processes may stand behind one address: what they have to know of each other is in Django's database and in
the store, two files of the folder DATA here. `portal.login` and `portal.logout` are the way in and the way out,
`portal.views` is what is protected.

    BASE_URL       where browsers reach it: https, or http://localhost while it is being written
    CLIENT_ID, CLIENT_SECRET
                   the application's, from the Developer Portal, where these are registered: the redirect URI
                   BASE_URL/callback, the post-logout redirect URI BASE_URL/signed-out, and the back-channel logout
                   URI BASE_URL/backchannel-logout
    ISSUER         https://connect.visma.com, or that of `grantline emulator`
    API_URL        the origin of the API that has the invoices
    DATA           a folder for its files, on a local disk
    SEALING_KEY    32 random bytes in base64, which seal what is in the store
    SECRET_KEY     Django's own
"""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
    execute_from_command_line(sys.argv)
