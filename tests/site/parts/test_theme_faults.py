"""Every way in which a show's own `theme/` can be wrong: a finding with its file and line, exit status 3, and never "a bug"."""

from __future__ import annotations

import copy

import pytest

from feed.findings import Finding, Severity
from publisher.core.errors import ContentError
from publisher.site.html.show_pages import subscribe_page
from publisher.site.parts.theme import Theme
from tests.support import sample_pages
from tests.support.show_factory import make_show, tree

FOOTER = "theme/footer.html"
TWICE = "\n{% set kept = namespace(x='x') %}{% for _ in range(60) %}TWICE{% endfor %}"
TEMPLATES = [
    # what lies in theme/, the file that is named, its line, words of the message
    ({FOOTER: "<p>\n\n{% if %}"}, FOOTER, 3, "Expected an expression"),
    ({FOOTER: "<p>\n{# never closed"}, FOOTER, 2, "Missing end of comment"),
    ({FOOTER: "<p>\n{{ nothing.here }}"}, FOOTER, 2, "'nothing' is undefined"),
    ({FOOTER: "<p>\n{{ show.wrtten.title }}"}, FOOTER, 2, "there is no `wrtten` in it (Show)"),
    ({FOOTER: "\n{{ lipsum.__globals__ }}"}, FOOTER, 2, "lipsum"),
    ({FOOTER: "\n{{ 'a' + 1 }}"}, FOOTER, 2, "can only concatenate"),
    ({FOOTER: "\n{{ links.to() }}"}, FOOTER, 2, "missing 1 required"),
    ({FOOTER: "\n{{ 'a'|shout }}"}, FOOTER, 2, "No filter named 'shout'"),
    ({FOOTER: "\n{{ [1, 2]|random }}"}, FOOTER, 2, "No filter named 'random'"),
    ({FOOTER: "\n{% do 1 %}"}, FOOTER, 2, "unknown tag 'do'"),
    ({FOOTER: '\n{% include "nope.html" %}'}, FOOTER, 2, "there is no template `nope.html`"),
    ({FOOTER: '\n{% include "x/y.html" %}', "theme/x/y.html": "\n\n{{ 1/0 }}"}, "theme/x/y.html", 3, "division by zero"),
    ({FOOTER: '{% include "footer.html" %}'}, FOOTER, 1, "for ever"),
    ({"theme/base.html": '{% extends "base.html" %}'}, "theme/base.html", 1, "for ever"),
    ({FOOTER: "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"}, FOOTER, 1, "for ever"),
    ({FOOTER: "\n{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"}, FOOTER, 2, "steps"),
    ({FOOTER: "{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(60) }}"}, FOOTER, 1, "steps"),
    ({FOOTER: "\n{{ 'x' * 9999999999 }}"}, FOOTER, 2, "too large"),
    ({FOOTER: "\n{{ 9 ** 9999999 }}"}, FOOTER, 2, "too large"),
    ({FOOTER: "\n{{ 'x' | center(9999999999) }}"}, FOOTER, 2, "too large"),
    ({FOOTER: "\n{{ '{:9999999999}'.format('x') }}"}, FOOTER, 2, "too large"),
    ({FOOTER: "\n{{ '%9999999999s' | format('x') }}"}, FOOTER, 2, "too large"),
    ({FOOTER: TWICE.replace("TWICE", "{% set kept.x = kept.x ~ kept.x %}")}, FOOTER, 2, "too large"),
    ({FOOTER: TWICE.replace("TWICE", "{% set kept.x %}{{ kept.x }}{{ kept.x }}{% endset %}")}, FOOTER, 2, "too large"),
    ({FOOTER: "\n{{ ('x' * 9999999).replace('x', 'x' * 9999) }}"}, FOOTER, 2, "too large"),
    ({FOOTER: "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}"}, FOOTER, 0, "nested too deeply"),
    ({FOOTER: "{% for x in [1] %}" * 30 + "{% endfor %}" * 30}, FOOTER, 0, "nested too deeply"),
    ({FOOTER: "<p>\ncaf\xe9</p>".encode("latin-1")}, FOOTER, 2, "not UTF-8"),
    ({FOOTER: "<p>{{ '\\ud800' }}</p>"}, FOOTER, 0, "surrogates"),
    ({"theme/parts.html": ""}, "theme/parts.html", 0, "does not export"),
    ({"theme/site.css": "body{}\n/*\xe9*/".encode("latin-1")}, "theme/site.css", 2, "not UTF-8"),
    ({"theme/icon.svg": "<svg>\n\xe9</svg>".encode("latin-1")}, "theme/icon.svg", 2, "not UTF-8"),
    ({FOOTER: "\n{{ asset('own.css') }}"}, FOOTER, 2, "there is no 'own.css'"),
]


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    made.episode()
    return made


@pytest.mark.parametrize(("files", "file", "line", "said"), TEMPLATES, ids=[f"{case[1]}: {case[3]}" for case in TEMPLATES])
def test_a_fault_in_the_theme_names_its_file_and_line(files, file, line, said, tmp_path, monkeypatch):
    monkeypatch.setattr("publisher.site.parts.template_environment.STEPS", 30_000)
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    theme = Theme(sample_pages.make_settings(), sample_pages.theme_in(tmp_path / "theme"))
    with pytest.raises(ContentError) as fault:
        subscribe_page(theme, sample_pages.make_show())
    (found,) = fault.value.findings
    assert (found.file, found.line, fault.value.status) == (file, line, 3)
    assert found.code == fault.value.code in ("theme-template", "not-utf8")
    assert said in found.message


def test_a_template_saved_with_a_byte_order_mark_is_a_template(show):
    show.write(FOOTER, b"\xef\xbb\xbf<footer>\r\nx</footer>")
    assert show.publish().status == 0
    assert "\ufeff" not in tree(show.public)["index.html"].decode()


def test_two_renderings_of_a_theme_that_loops_within_reason_are_the_same(show):
    show.write(FOOTER, "{% for a in range(300) %}{% for b in range(300) if b > 298 %}{{ loop.length }}{% endfor %}{% endfor %}")
    assert show.publish().status == 0
    assert b"1" * 300 in tree(show.public)["index.html"]


@pytest.mark.parametrize("command", [(), ("check",), ("build", "--out", "OUT"), ("--dry-run",)])
def test_every_command_that_renders_says_it_alike(show, command, tmp_path):
    show.write("theme/site.css", b"\xff")
    outcome = show.run(*(str(tmp_path / "out") if word == "OUT" else word for word in command), "--json")
    assert outcome.status == 3, outcome.stderr
    assert "bug" not in outcome.stderr
    assert not (show.public.exists() and tree(show.public))
    assert [found["file"] for found in outcome.findings("not-utf8")] == ["theme/site.css"]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("themes", "there is no folder `themes`"),
        ("../themes", "there is no folder `../themes`"),
        ("artwork.jpg", "`artwork.jpg` is no folder"),
        (".", "is the show's folder itself"),
        ("", "is the show's folder itself"),
    ],
)
def test_a_theme_that_is_named_and_is_no_folder_is_an_error_at_its_key(show, written, message):
    show.configure("search = false", f'search = false\ntheme = "{written}"')
    outcome = show.publish("--json")
    assert outcome.status == 3
    (found,) = outcome.findings("theme-folder")
    assert found["file"] == "config.toml"
    assert show.config.read_text().splitlines()[found["line"] - 1].startswith("theme =")
    assert message in found["message"]


def test_a_file_called_theme_is_told(show):
    show.write("theme", "no folder")
    assert [found["message"] for found in show.publish("--json").findings("theme-folder")] == ["`theme` is no folder"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("theme/fotter.html", "no page uses this template"),
        ("theme/img/logo.png", "only templates are taken from folders of a theme"),
        ("theme/clip.mp4", "files of this kind are not published from a theme"),
    ],
)
def test_a_file_of_the_theme_that_nothing_uses_is_told(show, name, message):
    show.write(name, "x")
    outcome = show.publish("--json")
    assert outcome.status == 0
    (found,) = outcome.findings("left-out")
    assert (found["file"], found["severity"]) == (name, "hint")
    assert message in found["message"]
    assert name in show.publish().stderr + show.run("check").stdout


def test_a_template_that_another_one_names_and_what_lies_beside_a_theme_are_not_told(show):
    show.write(FOOTER, '{% include "parts/note.html" %}{% include "small.html" %}<img src="{{ asset("LOGO.PNG") }}">{{ asset("f.woff") }}')
    for name in ("parts/note.html", "small.html", "README.md", "LICENSE", "LOGO.PNG", "f.woff", ".DS_Store"):
        show.write(f"theme/{name}", "x")
    outcome = show.publish("--json")
    assert (outcome.status, outcome.findings("left-out")) == (0, [])
    assert [name for name in tree(show.public) if name.startswith("assets/LOGO-") and name.endswith(".PNG")]


def test_a_fault_of_the_theme_comes_whole_from_another_process():  # pickled as it is copied
    place = Finding(code="theme-template", severity=Severity.ERROR, message="no", file=FOOTER, line=2)
    again = copy.copy(ContentError("at fault", [place], code="theme-template"))
    assert (again.findings, again.code, again.status) == ((place,), "theme-template", 3)
