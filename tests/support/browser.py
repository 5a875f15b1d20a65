"""Which browser the tests drive.

`python -m tests.support.browser` lets Playwright fetch one when the machine has none.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright


def installed_browser() -> str | None:
    """CHROMIUM, or a Chromium or Chrome on this machine."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    mac = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    return str(mac) if mac.exists() else None


def fetched_browser(playwright: Playwright) -> str | None:
    """The one Playwright fetched earlier."""
    path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def main() -> None:
    """Fetch one when there is none. Never fails: without a browser the tests themselves say what is missing."""
    if installed_browser():
        return
    with sync_playwright() as driver:
        if fetched_browser(driver):
            return
    print("no Chromium or Chrome on this machine; fetching one …", flush=True)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=300,
            check=False,
        )
    except subprocess.TimeoutExpired:
        print("that took too long", flush=True)
        return
    if done.returncode:
        print("that did not work", flush=True)


if __name__ == "__main__":
    main()
