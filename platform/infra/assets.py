"""Copies the named list of third-party files out of `node_modules` into `var/assets`, where staticfiles finds them.

`./dev setup` runs this after `npm ci`. Nothing is changed: the component style sheets are put one after another, each
under the name of its package, with the licences beside them. Templates use `{% static "npm/components.css" %}`,
`npm/theme.css` and `npm/fonts/…`. axe-core is for tests only and goes to `var/assets-test`.
"""

import shutil
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
TARGET: Final = ROOT / "var" / "assets"
TEST_TARGET: Final = ROOT / "var" / "assets-test"

#: Components of NL Design System (community Utrecht, EUPL-1.2), in the order of the style sheet.
COMPONENTS: Final = (
    "root",
    "document",
    "page",
    "page-header",
    "page-body",
    "page-content",
    "page-footer",
    "surface",
    "skip-link",
    "heading-group",
    "heading-1",
    "heading-2",
    "heading-3",
    "heading-4",
    "paragraph",
    "emphasis",
    "article",
    "blockquote",
    "link",
    "link-list",
    "nav-bar",
    "breadcrumb-nav",
    "pagination",
    "ordered-list",
    "unordered-list",
    "separator",
    "alert",
    "spotlight-section",
    "status-badge",
    "data-badge",
    "number-badge",
    "badge-list",
    "action-group",
    "button",
    "button-group",
    "button-link",
    "link-button",
    "form",
    "form-field",
    "form-field-description",
    "form-field-error-message",
    "form-fieldset",
    "form-label",
    "form-toggle",
    "checkbox",
    "radio-button",
    "select",
    "textarea",
    "textbox",
    "table",
    "data-list",
    "currency-data",
    "iban-data",
    "number-data",
    "preserve-data",
    "multiline-data",
    "accordion",
    "figure",
    "column-layout",
)

_THEME: Final = "@nl-design-system-unstable/voorbeeld-design-tokens"
_FONT: Final = "@fontsource-variable/noto-sans"

#: Source under node_modules, and name under var/assets.
FILES: Final = (
    (f"{_THEME}/dist/theme.css", "theme.css"),
    (f"{_THEME}/LICENSE.md", "licences/voorbeeld-design-tokens.md"),
    (f"{_FONT}/files/noto-sans-latin-wght-normal.woff2", "fonts/noto-sans-latin-wght-normal.woff2"),
    (f"{_FONT}/files/noto-sans-latin-ext-wght-normal.woff2", "fonts/noto-sans-latin-ext-wght-normal.woff2"),
    (f"{_FONT}/LICENSE", "licences/noto-sans.txt"),
    ("@utrecht/component-library-css/LICENSE.md", "licences/utrecht-component-library.md"),
)
TEST_FILES: Final = (
    ("axe-core/axe.min.js", "axe.min.js"),
    ("axe-core/LICENSE", "licences/axe-core.txt"),
)


def copy(modules: Path, target: Path = TARGET, test_target: Path = TEST_TARGET) -> None:
    """Make both directories anew. FileNotFoundError names the first file that is missing."""
    for directory, files in ((target, FILES), (test_target, TEST_FILES)):
        fresh = directory.with_name(f"{directory.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        for source, name in files:
            place = fresh / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(modules / source, place)
        if directory == target:
            (fresh / "components.css").write_text(_components(modules), encoding="utf-8")
        shutil.rmtree(directory, ignore_errors=True)
        fresh.rename(directory)


def _components(modules: Path) -> str:
    parts = []
    for name in COMPONENTS:
        sheet = modules / "@utrecht" / f"{name}-css" / "dist" / "index.min.css"
        # The rule that names the encoding may stand only once, at the top.
        text = sheet.read_text(encoding="utf-8").replace('@charset "UTF-8";', "").strip()
        parts.append(f"/* @utrecht/{name}-css, EUPL-1.2 */\n{text}\n")
    return '@charset "UTF-8";\n' + "\n".join(parts)


def main() -> int:
    """Copy from the checkout's node_modules; gives the exit code."""
    # Where `collectstatic` would put files; whitenoise warns when it is absent.
    (ROOT / "var" / "static").mkdir(parents=True, exist_ok=True)
    try:
        copy(ROOT / "node_modules")
    except FileNotFoundError as missing:
        print(f"a file is missing from the npm packages: {missing.filename}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
