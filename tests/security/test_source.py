"""What no line of the program may do, whoever writes it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted([*(ROOT / "app").rglob("*.py"), ROOT / "config.py", ROOT / "wsgi.py"])
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# Where text becomes markup, and why that is safe.
MAKES_MARKUP = {
    "app/core/text/markdown.py",  # through nh3
    "app/core/web/icons.py",  # our own drawings
    "app/core/web/html_fragments.py",  # escapes each word
    "app/letters/content/rendering.py",  # escapes each word, shades the merged ones
    "app/letters/print/word.py",  # escapes each word for Word’s own XML
    "app/letters/drafting/previewing.py",  # names the type of what rendering made
}
# Constants of the program, filled with words of the program.
FORMATS = {"app/core/web/headers.py", "app/letters/delivery/sender.py"}
MAY_READ_THE_HOST: set[str] = set()
BANNED_MODULES = {"pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml", "code", "pty"}
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
RAW_SQL = {"text", "literal_column", "exec_driver_sql", "TextClause"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def nodes() -> list[tuple[str, ast.AST]]:
    return [
        (name(path), node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]


def called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    for path, node in nodes():
        if isinstance(node, ast.Call):
            yield path, called(node), node


def is_built(node: ast.AST) -> bool:
    """Put together while the program runs, and so perhaps from what somebody typed."""
    if isinstance(node, ast.JoinedStr):
        return True
    return isinstance(node, ast.BinOp) and not isinstance(node.op, ast.BitOr | ast.BitAnd)


def test_templates_never_switch_escaping_off() -> None:
    for path in TEMPLATES:
        words = path.read_text(encoding="utf-8")
        for danger in (r"\|\s*safe\b", r"autoescape", r"\bMarkup\b", r"\|\s*xmlattr\b"):
            assert not re.search(danger, words), f"{name(path)}: {danger}"


def test_attributes_in_templates_are_quoted() -> None:
    """Escaping does not protect an attribute without quotes."""
    for path in TEMPLATES:
        found = re.search(r"\s[\w:-]+=\{\{", path.read_text(encoding="utf-8"))
        assert found is None, f"{name(path)}: {found and found[0]}"


def test_text_becomes_markup_in_the_reviewed_places_only() -> None:
    found = {path for path, what, _ in calls() if what in {"Markup", "SafeString"}}
    assert found <= MAKES_MARKUP
    found = {
        path
        for path, node in nodes()
        if isinstance(node, ast.ImportFrom) and any(one.name == "Markup" for one in node.names)
    }
    assert found == MAKES_MARKUP


def test_nobodys_words_are_ever_a_format_or_a_template() -> None:
    found = {path for path, what, _ in calls() if what in {"format", "format_map", "vformat"}}
    assert found <= FORMATS
    for path, node in nodes():
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            constants = (ast.Constant, ast.JoinedStr)
            assert not isinstance(node.left, constants), f"{path}: % on a text"
        if isinstance(node, ast.ImportFrom):
            imported = {one.name for one in node.names}
            assert not (node.module == "string" and "Template" in imported), path
            assert "render_template_string" not in imported, path
    templates_of_people = {path for path, what, _ in calls() if what == "from_string"}
    assert not templates_of_people


@pytest.mark.parametrize("what", sorted(RAW_SQL))
def test_no_statement_is_put_together_from_words(what: str) -> None:
    for path, which, call in calls():
        if which == what:
            assert not [one for one in call.args if is_built(one)], f"{path}: {what}"


def test_raw_statements_stay_in_the_ground_floor() -> None:
    found = {path for path, what, _ in calls() if what in RAW_SQL}
    known = {
        "app/settings/installation.py",
        "app/settings/place.py",  # what PostgreSQL knows of itself
        "app/overview/health.py",  # likewise: whether it can be written to
        "app/directory/models.py",  # which rows an index holds, here and in the two below
        "app/letters/recipients/final_check.py",  # a separator, or the text is made anew each time
        "app/notifications/models.py",
        "app/reminders/models.py",
        "app/reminders/queries.py",  # said as the index says it, or PostgreSQL would not use it
    }
    assert {one for one in found if not one.startswith(("app/core/", "app/bench"))} <= known


def test_nothing_is_run_or_unpacked_from_text() -> None:
    for path, node in nodes():
        if isinstance(node, ast.Import):
            assert not {one.name.partition(".")[0] for one in node.names} & BANNED_MODULES, path
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").partition(".")[0] not in BANNED_MODULES, path
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in RUNS_TEXT, f"{path}: {node.func.id}"
    for path, _, call in calls():
        assert ast.unparse(call.func) not in {"os.system", "os.popen"}, path
        shells = [k for k in call.keywords if k.arg == "shell" and ast.unparse(k.value) != "False"]
        assert not shells, path


def test_no_record_is_filled_from_a_whole_form() -> None:
    for path, _, call in calls():
        for keyword in call.keywords:
            if keyword.arg is None:
                words = ast.unparse(keyword.value)
                assert not re.search(r"request\.|form\.data\b|\.form\b", words), f"{path}: {words}"
    populates = {path for path, what, _ in calls() if what == "populate_obj"}
    assert not populates


def test_links_are_never_made_from_what_a_visitor_calls_us() -> None:
    reads = {"host", "host_url", "url_root", "base_url", "root_url"}
    for path, node in nodes():
        if isinstance(node, ast.Attribute) and node.attr in reads:
            assert ast.unparse(node.value) != "request", f"{path}: request.{node.attr}"
    for path, what, call in calls():
        if what == "url_for":
            assert not [k for k in call.keywords if k.arg in {"_external", "_scheme"}], path


FLOORS = {"flask": (3, 1, 3), "werkzeug": (3, 1, 6), "jinja2": (3, 1, 6)}


@pytest.mark.parametrize("package", sorted(FLOORS))
def test_packages_are_no_older_than_their_known_holes(package: str) -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        lock = (ROOT / file).read_text(encoding="utf-8").lower()
        found = re.search(rf"^{package}==([\d.]+)", lock, re.MULTILINE)
        if found is None and file != "requirements.txt":
            continue
        assert found, f"{package} is in the lock"
        assert tuple(int(part) for part in found[1].split(".")) >= FLOORS[package]


def test_every_package_is_held_to_the_bytes_it_had() -> None:
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in lock.splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            assert re.match(r"\S+==\S+", line), line[:60]
            assert "--hash=sha256:" in line, line[:60]
