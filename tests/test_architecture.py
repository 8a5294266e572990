"""The rules of docs/architecture.md that a machine can check."""

import ast
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from config import MAIL_SETTINGS

ROOT = Path(__file__).parent.parent
APP = ROOT / "app"
SOURCES = sorted(APP.rglob("*.py"))

# Whoever answers a request, a command or the clock decides when a piece of work is whole.
ENTRY_POINTS = {"routes.py", "jobs.py", "cli.py", "server.py"}
# What happens around every request: sessions are kept, and a refused request leaves nothing.
# `db.py` has `reading_first`, with which only entry points divide their own transaction.
ENTRY_POINTS_TOO = {
    "app/accounts/authentication/browser.py",
    "app/core/web/storage_trouble.py",
    "app/core/db.py",
    "app/core/web/error_pages.py",
    "app/letters/delivery/sender.py",
    "app/settings/pieces.py",  # each piece of a job is a transaction of its own
}


def is_entry_point(path: Path) -> bool:
    return (
        path.name in ENTRY_POINTS
        or "routes" in path.parent.parts
        or path.parent.name == "bench"  # it plays the part of routes and jobs, to measure them
        or str(path.relative_to(ROOT)) in ENTRY_POINTS_TOO
    )


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def those(paths: list[Path], broken_by: Callable[[Path], set[str]]) -> dict[str, set[str]]:
    """Every file that breaks a rule, and by what."""
    return {str(path.relative_to(ROOT)): found for path in paths if (found := broken_by(path))}


def methods_called(path: Path) -> set[str]:
    return {
        node.func.attr
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


def attributes(path: Path) -> set[str]:
    return {node.attr for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute)}


def imported(path: Path) -> set[str]:
    return {
        name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [one.name for one in node.names]
        )
    }


def test_only_entry_points_end_a_transaction() -> None:
    others = [path for path in SOURCES if not is_entry_point(path)]
    found = those(others, lambda path: methods_called(path) & {"commit", "rollback"})
    assert not found, found


def test_only_config_reads_the_environment() -> None:
    found = those(SOURCES, lambda path: attributes(path) & {"environ", "getenv"})
    assert not found, found


def test_a_migration_never_imports_the_app() -> None:
    migrations = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    assert migrations
    found = those(
        migrations, lambda path: {name for name in imported(path) if name.startswith("app")}
    )
    assert not found, found


def test_foreign_files_have_one_door() -> None:
    """What decodes them is imported by the door alone, which calls it in another process."""
    doors = {
        "python_calamine": {"app/imports/files/workbook.py"},
        "app.imports.files.workbook": {"app/imports/files/reading.py"},
        "app.imports.files.reading": {"app/imports/files/opening.py"},
        "app.core.disposable.process": {
            "app/imports/files/opening.py",
            "app/core/pictures/checking.py",
            "app/imports/routes.py",  # for its refusal
        },
    }
    for module, expected in doors.items():
        found = {str(p.relative_to(ROOT)) for p in SOURCES if module in imported(p)}
        assert found == expected, module
    callers = {str(p.relative_to(ROOT)) for p in SOURCES if "media_type_of" in p.read_text("utf-8")}
    assert callers == {"app/core/pictures/checking.py", "app/core/pictures/decoding.py"}


# What reads numbers and days that Liaise itself wrote, or that came with it; never a person's.
READ_OUR_OWN = {
    "app/core/from_outside.py": "this is the one place",
    "app/core/web/form_fields.py": "fields that ask that place",
    "app/core/web/form_parts.py": "looks at fields, and reads none",
    "app/core/mail/catcher.py": "mail it kept",
    "app/core/working_days.py": "the bank holidays of a package",
    "app/audit/rules.py": "values of the history, each with what it falls back on",
    "app/bin/rules.py": "rows of the bin",
    "app/calendars/entries.py": "a constant",
    "app/directory/reference.py": "files that come with Liaise",
    "app/documents/reference.py": "files that come with Liaise",
    "app/milestones/reference_rows.py": "files that come with Liaise",
    "app/imports/files/sheets.py": "what the process that reads a sheet answers",
    "app/notifications/hours.py": "a time checked before it was kept",
    "app/reminders/labels.py": "words of our own",
    "app/interactions/patient_data_check.py": "digits of the text it looks through",
}
BARE_FIELDS = {
    f"{kind}Field"
    for kind in (
        *("Integer", "Decimal", "Float", "IntegerRange", "DecimalRange"),
        *("Date", "DateTime", "DateTimeLocal", "Month", "Week", "Time"),
    )
}
PARSERS = {"isdigit", "isdecimal", "isnumeric", "fromisoformat", "strptime"}
WHAT_CAME = {"request", "form", "args", "raw", "data", "raw_data", "getlist"}


def names_in(node: ast.AST) -> set[str]:
    return {
        one.id if isinstance(one, ast.Name) else one.attr
        for one in ast.walk(node)
        if isinstance(one, ast.Name | ast.Attribute)
    }


def by_hand(node: ast.AST) -> bool:
    """Whether this makes numbers of what came, one by one or one of many."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        of = node.args[1:] if node.func.id == "map" else node.args
        makes = node.func.id if node.func.id != "map" else " ".join(names_in(node.args[0]))
        return makes in {"int", "float"} and any(names_in(one) & WHAT_CAME for one in of)
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        came = any(names_in(one.iter) & WHAT_CAME for one in node.generators)
        return came and bool(names_in(node.elt) & {"int", "float"})
    return False


def read_by_hand(path: Path) -> set[str]:
    """Where numbers or days of people are read without their bounds."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("wtforms"):
            found |= {one.name for one in node.names} & BARE_FIELDS
        if isinstance(node, ast.Attribute) and node.attr in PARSERS | BARE_FIELDS:
            found.add(f"{node.attr}, line {node.lineno}")
        if isinstance(node, ast.keyword) and node.arg in {"type", "coerce"}:
            found |= {f"{node.arg}={one}" for one in names_in(node.value) & {"int", "float"}}
        if by_hand(node):
            found.add(f"a number, line {getattr(node, 'lineno', 0)}")
    return found


def test_numbers_and_days_from_outside_are_read_in_one_place() -> None:
    """`app/core/from_outside.py`, and the fields of forms that ask it: they know every bound."""
    others = [one for one in SOURCES if str(one.relative_to(ROOT)) not in READ_OUR_OWN]
    assert not (found := those(others, read_by_hand)), found
    assert not [name for name in READ_OUR_OWN if not read_by_hand(ROOT / name)], "excused for ever"


@pytest.mark.parametrize(
    "source",
    [
        'number = int(request.args["page"])',
        'numbers = [int(one) for one in request.form.getlist("ids")]',
        "found = int(raw) if raw.isdigit() else None",
        'page = request.args.get("page", type=int)',
        'owner = SelectField("Owner", coerce=int)',
        "day = date.fromisoformat(text)",
        "from wtforms import IntegerField",
        "from wtforms.fields import DateField",
        "day = wtforms.DateField()",
        "numbers = list(map(int, form.ids.data))",
    ],
)
def test_a_number_or_a_day_read_by_hand_is_found(tmp_path: Path, source: str) -> None:
    path = tmp_path / "routes.py"
    path.write_text(source)
    assert read_by_hand(path)


NAMES = {"name", "short_name", "family_name", "given_name"}
OF_THE_ALPHABET = {"alphabetical", "folded"}
COMPARES = {"startswith", "contains"}


def called(node: ast.Call) -> str:
    """The last word of what is called."""
    func = node.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def by_code_points(node: ast.AST) -> set[int]:
    """Where names are given to whatever puts them in order as they are."""
    if isinstance(node, ast.Call) and called(node) in OF_THE_ALPHABET | COMPARES:
        return set()
    found = {node.lineno} if isinstance(node, ast.Attribute) and node.attr in NAMES else set()
    return found.union(*map(by_code_points, ast.iter_child_nodes(node)))


def out_of_order(path: Path) -> set[str]:
    """Where names are sorted otherwise than by the alphabet."""
    found: set[int] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and called(node) == "order_by":
            found = found.union(*map(by_code_points, node.args))
        if isinstance(node, ast.Call) and called(node) in {"sort", "sorted"}:
            keys = [one.value for one in node.keywords if one.arg == "key"]
            found = found.union(*map(by_code_points, keys))
    return {f"line {line}" for line in found}


def test_names_are_sorted_by_the_alphabet() -> None:
    """“Ó Brádaigh” comes after “Nunez” and before “Zed”, in lists and in choices alike."""
    assert not (found := those(SOURCES, out_of_order)), found


def test_nothing_is_named_for_nothing() -> None:
    empty_names = {"utils", "helpers", "common", "misc", "manager", "base"}
    assert not {str(path) for path in SOURCES if path.stem in empty_names}


def test_every_template_compiles(app: Flask) -> None:
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


def test_the_readme_explains_every_setting() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    read = set(
        re.findall(
            r'_(?:text|number|flag)\(\s*"([A-Z_]+)"', (ROOT / "config.py").read_text("utf-8")
        )
    )
    for name in {*read, *MAIL_SETTINGS} - {"FLASK_DEBUG"}:
        assert f"`{name}`" in readme


def test_every_package_has_its_reason() -> None:
    decision = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text(encoding="utf-8")
    for file in ("requirements.in", "requirements-dev.in", "requirements-setup.in"):
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-r")):
                name = re.split(r"[=<>\[]", line)[0].strip()
                assert f"`{name}`" in decision, f"{name} of {file} has no reason"


PRODUCT = [
    path
    for folder in ("app", "templates", "migrations", "docs", "tests", "tools", "reference")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".html", ".txt", ".md", ".js", ".css", ".csv"}
]


def test_no_unfinished_work_is_left() -> None:
    words = "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X"))
    for path in PRODUCT:
        found = re.search(rf"\b({words})\b", path.read_text(encoding="utf-8", errors="replace"))
        assert found is None, path
