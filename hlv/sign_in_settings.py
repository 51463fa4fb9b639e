"""Settings of sign-in: limits on guesses, and who needs a second factor."""

from __future__ import annotations

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
SECOND_FACTOR_ROLES = env.list("HLV_SECOND_FACTOR_ROLES", default=[])
if _unknown_roles := sorted(set(SECOND_FACTOR_ROLES) - {"owner", "researcher", "annotator", "judge"}):
    raise ImproperlyConfigured(
        f"HLV_SECOND_FACTOR_ROLES names {_unknown_roles[0]!r}; roles are owner, researcher, annotator and judge."
    )
