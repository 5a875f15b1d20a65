"""`./dev bench [kernel] [pages] [affordability] [lifecycle [N]] [monthly [N]] [kills [N]]`: figures, nothing passes or fails.

`N`: for how many, where the whole would take too long. `monthly` and `kills` take long and run when asked for.
"""

import os
import subprocess
import sys

from tests.bench import affordability, kernel, kills, lifecycle, monthly
from tests.bench.measure import noise

CASES = ("kernel", "pages", "affordability", "lifecycle")
ON_REQUEST = ("monthly", "kills")
NOISY = 2.0


def main() -> None:
    size = next((int(word) for word in sys.argv[1:] if word.isdecimal()), None)
    wanted = [word for word in sys.argv[1:] if not word.isdecimal()] or CASES
    if unknown := set(wanted) - {*CASES, *ON_REQUEST}:
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join((*CASES, *ON_REQUEST))}")
    before = noise()
    if "kernel" in wanted:
        kernel.run()
    if "pages" in wanted:
        measure_pages()
    if "affordability" in wanted:
        affordability.run()
    if "lifecycle" in wanted:
        lifecycle.run(size or lifecycle.SIZE)
    if "monthly" in wanted:
        monthly.run(size)
    if "kills" in wanted:
        kills.run(size or kills.KILLS)
    worst = max(before, noise())
    print(f'{{"noise": {worst:.2f}, "quiet": {str(worst < NOISY).lower()}}}')


def measure_pages() -> None:
    """On the demo's own data, in throw-away servers (`./dev bench` starts them)."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.demo"
    for role, command in (("owner", "migrate"), ("worker", "load_demo")):
        environment = {**os.environ, "EENPLAN_DB_ROLE": role}
        subprocess.run([sys.executable, "manage.py", command, "--verbosity", "0"], check=True, env=environment)
    import django

    django.setup()
    from accounts.models import User
    from citizen_portal.demo import cast
    from tests.bench import pages

    emails = {
        "citizen": cast.MEHMET.email,
        "creditor": "balie@delinde.example",
        "coach": cast.SAM.email,
    }
    pages.run({role: User.objects.get(email=email) for role, email in emails.items()})


if __name__ == "__main__":
    main()
