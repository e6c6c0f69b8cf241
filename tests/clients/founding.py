"""`python -m tests.clients.founding ALIAS…`: an owner, and a key bound to each of these engines; prints alias → key."""

from __future__ import annotations

import json
import sys

import django


def main() -> None:
    django.setup()
    from django.core.management import call_command

    from generations import keys
    from generations.founding import found

    call_command("migrate", verbosity=0, interactive=False)
    member = found(email="owner@example.org", password="correct horse battery", team="Atelier")
    made = {alias: keys.issue(member, alias, keys.Limits(backend=alias))[1] for alias in sys.argv[1:]}
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main()
