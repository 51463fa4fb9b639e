"""Settings of sign-in: limits on guesses, and who needs a second factor."""

from __future__ import annotations

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

AXES_HANDLER = "hlv.sign_in.ByPersonAndByAddress"
AXES_FAILURE_LIMIT = 8
# One guess at each of many accounts: above what a building behind one address mistypes in the same time.
FAILURE_LIMIT_OF_ADDRESS = 60
AXES_COOLOFF_TIME = 0.25
# A try while locked does not prolong the lock, or anybody could keep somebody out for ever.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# A stranger with many addresses, against one account: networks that its person used before stay open.
FAILURE_LIMIT_OF_ACCOUNT = 40
AXES_CLIENT_IP_CALLABLE = "hlv.sign_in.network_of_request"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_LOCKOUT_TEMPLATE = "people/too_many_sign_ins.html"
# A refused try is kept with its form: of that nothing secret.
AXES_SENSITIVE_PARAMETERS = [
    "username",
    "ip_address",
    "old_password",
    "new_password1",
    "new_password2",
    "code",
]
AXES_VERBOSE = False

# Who has one of these roles sets up a second factor before anything else.
_ROLES = {"owner", "researcher", "annotator", "judge"}
SECOND_FACTOR_ROLES = env.list("HLV_SECOND_FACTOR_ROLES", default=[])
if _unknown_roles := sorted(set(SECOND_FACTOR_ROLES) - _ROLES):
    raise ImproperlyConfigured(
        f"HLV_SECOND_FACTOR_ROLES names {_unknown_roles[0]!r}; roles are owner, researcher, annotator and judge."
    )

# Sign-in by an identity provider (OpenID Connect); without an issuer there is none.
OIDC_ISSUER = env.str("HLV_OIDC_ISSUER", default="").rstrip("/")
OIDC_CLIENT_ID = env.str("HLV_OIDC_CLIENT_ID", default="")
_secret = env.str("HLV_OIDC_CLIENT_SECRET_FILE", default="")
OIDC_CLIENT_SECRET = Path(_secret).read_text(encoding="utf-8").strip() if _secret else ""
OIDC_ROLES_CLAIM = env.str("HLV_OIDC_ROLES_CLAIM", default="groups")
# "group:study:role", each.
OIDC_ROLES = [tuple(one.rsplit(":", 2)) for one in env.list("HLV_OIDC_ROLES", default=[])]
if OIDC_ISSUER and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    raise ImproperlyConfigured("HLV_OIDC_ISSUER needs HLV_OIDC_CLIENT_ID and HLV_OIDC_CLIENT_SECRET_FILE.")
if _unreadable := [one for one in OIDC_ROLES if len(one) != 3 or one[2] not in _ROLES]:
    raise ImproperlyConfigured(
        f"HLV_OIDC_ROLES has {':'.join(_unreadable[0])!r}; write GROUP:STUDY:ROLE, such as judges:intake:judge."
    )
