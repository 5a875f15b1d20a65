#!/usr/bin/env python
"""Django's command line. `./dev manage …` calls this with the embedded servers running."""

import os
import sys


def main() -> None:
    # The root of the checkout holds a directory `platform/`; `config` lives in it as a top-level package.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    from config.env import role_for_command

    # Migrations run as the owner of the tables and nothing else does.
    os.environ.setdefault("EENPLAN_DB_ROLE", role_for_command(sys.argv[1:2]))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
