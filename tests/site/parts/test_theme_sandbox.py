"""A show's templates, which may come from anybody: no environment, no file and no import is in their reach."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.support.show_factory import make_show, tree

SECRET = "hunter2-is-the-password"
BUILTINS = "__builtins__['__import__']('os').environ['SHOW_SECRET']"
ESCAPES = [
    "{{ cycler.__init__.__globals__.os.environ['SHOW_SECRET'] }}",
    "{{ cycler['__init__']['__globals__']['os']['environ']['SHOW_SECRET'] }}",
    "{{ joiner.__init__.__globals__.os.environ['SHOW_SECRET'] }}",
    "{{ joiner()._used.__class__.__mro__[-1].__subclasses__() }}",
    "{{ namespace.__init__.__globals__.os.environ['SHOW_SECRET'] }}",
    "{{ lipsum.__globals__.os.environ['SHOW_SECRET'] }}",
    "{{ lipsum['__glo' ~ 'bals__']['os']['environ']['SHOW_SECRET'] }}",
    "{{ (lipsum|attr('__globals__')).os.environ['SHOW_SECRET'] }}",
    "{{ lipsum|attr('__glob' ~ 'als__')|attr('get')('os')|attr('environ') }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ [].__class__.__base__.__subclasses__()|map(attribute='__init__')|map(attribute='__globals__')|list }}",
    "{{ [lipsum]|map(attribute='__globals__.os.environ')|first }}",
    "{{ [lipsum]|map('attr', '__globals__')|first }}",
    "{{ [lipsum]|groupby('__globals__') }}",
    "{{ [lipsum]|sum(attribute='__globals__') }}",
    "{{ [lipsum]|selectattr('__globals__')|map(attribute='__globals__')|list }}",
    "{{ '{0.__globals__[os].environ[SHOW_SECRET]}'.format(lipsum) }}",
    "{{ '{x.__globals__[os].environ[SHOW_SECRET]}'.format_map({'x': lipsum}) }}",
    "{{ ('{0.__globals__[os].environ}'|attr('format'))(lipsum) }}",
    "{% set f = '{0.__globals__[os].environ}'.format %}{{ f(lipsum) }}",
    "{{ ['{0.__globals__[os].environ}']|map('attr', 'format')|map('string')|list }}{{ ('{0.__globals__}'|safe).format(lipsum) }}",
    "{{ self._TemplateReference__context.cycler.__init__.__globals__.os.environ['SHOW_SECRET'] }}",
    "{{ self['_TemplateReference__context'] }}",
    "{{ self.__init__.__globals__ }}",
    "{% block inner %}{{ self.inner.__func__.__globals__ }}{% endblock %}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}x{% endcall %}",
    "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m._environment.loader }}",
    "{% for x in [1] %}{{ loop.__class__.__init__.__globals__ }}{% endfor %}",
    "{{ asset.__globals__.urls }}{{ asset.__closure__[0].cell_contents }}",
    "{{ asset.__code__.co_consts }}",
    "{{ (range(2)|map('string')).gi_frame.f_globals }}",
    "{% set g = [1]|map('string') %}{{ g.gi_frame.f_back.f_globals }}{{ g.gi_code }}",
    "{% set g = [1]|batch(1) %}{{ g.gi_frame.f_builtins }}",
    "{{ links.to.__globals__ }}{{ links.to.__func__ }}{{ links.to.__self__ }}",
    "{{ words.locale.parse.__globals__ }}",
    "{{ words.locale.__class__ }}",
    "{{ words.__call__.__globals__ }}",
    "{{ show.written.parse_file('@FILE@', content_type='pickle', allow_pickle=true) }}",
    "{{ show.written.parse_file('@FILE@') }}",
    "{{ show.written.parse_raw('cos\\nsystem\\n(S\"echo $SHOW_SECRET > @OUT@\"\\ntR.'.encode(), proto='pickle', allow_pickle=true) }}",
    "{{ show.written.model_construct.__func__.__globals__ }}",
    "{{ show.written.model_json_schema.__globals__ }}{{ show.written.model_fields }}",
    "{{ settings.theme.parent.joinpath('@FILE@').read_text() }}",
    "{{ theme.settings.theme.read_text() }}{{ theme.render('@FILE@') }}",
    "{{ theme._environment.loader }}{{ theme._sources }}",
    "{{ theme.keys.__class__ }}{{ theme.render.__globals__ }}",
    "{% include '@FILE@' %}",
    "{% include '../@NAME@' %}",
    "{% include '../../@NAME@' %}",
    "{% include 'ours/../../../../../../../@FILE@' %}",
    "{% include 'ours/@FILE@' %}",
    "{% import '@FILE@' as x %}{{ x }}",
    "{% from '../@NAME@' import x %}",
    "{% extends '@FILE@' %}",
    "{% import 'ours/parts.html' as x with context %}{{ x.__dict__ }}{{ x._body_stream }}",
    "{% import os %}",
    "{{ import('os') }}",
    "{{ __builtins__ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ undefined_thing.__init__.__globals__ }}",
    "{{ (undefined_thing|default(lipsum)).__globals__ }}",
    "{% set ns = namespace() %}{{ ns.__init__.__globals__ }}",
    "{% set ns = namespace(x=lipsum) %}{{ ns.x.__globals__ }}",
    "{{ dict.__base__.__subclasses__() }}{{ dict.mro() }}",
    "{{ range.__class__.__base__ }}",
    "{{ range(100000000)|list }}",
    "{{ show|attr('__class__')|attr('__init__')|attr('__globals__') }}",
    "{{ show|tojson }}{{ show.__dict__ }}",
    "{{ show.__class__.__init__.__globals__['__builtins__'] }}",
    "{{ (1).__class__.__base__ }}{{ 1.0.__class__ }}{{ true.__class__ }}",
    "{{ 'x'.encode().__class__ }}{{ ('x'|safe).__html__.__globals__ }}",
    "{{ ('x'|escape).__class__.escape.__globals__ }}",
    "{{ x.__await__ }}{{ (asset.__call__).__self__ }}",
    "{% for x in lipsum.__globals__ recursive %}{{ x }}{% endfor %}",
    "{% set x = show.written.hosts.__class__ %}{{ x }}",
    "{% filter attr('__class__') %}x{% endfilter %}",
    "{{ [show]|map(attribute='written.__class__.__init__.__globals__')|list }}",
    "{{ ['a']|sort(attribute='__class__.__mro__') }}",
    "{% trans %}x{% endtrans %}",
    "{% do lipsum.__globals__ %}",
    "{% debug %}",
    f"{{{{ lipsum.__globals__.{BUILTINS} }}}}",
    f"{{{{ self.__init__.__globals__.{BUILTINS} }}}}",
]
BETRAYAL = re.compile(rf"{SECRET}|<module|&lt;module|environ\(|<class|&lt;class|<bound|&lt;bound|PosixPath|code object")


@pytest.fixture
def show(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOW_SECRET", SECRET)
    made = make_show(tmp_path / "show")
    made.episode()
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "show/secret.txt").write_text(SECRET)
    return made


@pytest.mark.parametrize("escape", ESCAPES)
def test_a_template_of_the_show_reaches_no_secret(show, tmp_path, escape):
    out = tmp_path / "made-by-a-template"
    filled = escape.replace("@FILE@", str(tmp_path / "secret.txt")).replace("@NAME@", "secret.txt").replace("@OUT@", str(out))
    show.write("theme/footer.html", f"<footer>{filled}</footer>")
    outcome = show.publish("--json")
    said = outcome.stdout + outcome.stderr
    assert outcome.status in (0, 3), said
    assert SECRET not in said
    assert not out.exists()
    for body in tree(show.public).values() if show.public.is_dir() else ():
        assert not BETRAYAL.search(body.decode("utf-8", "replace"))
    if outcome.status:
        assert "theme-template" in said or "theme/footer.html" in said
        assert "this is a bug" not in said


def test_a_fault_in_a_template_is_named_with_its_line(show):
    show.write("theme/footer.html", "<footer>\n{{ nothing_of_the_kind }}\n</footer>")
    outcome = show.publish("--json")
    assert outcome.status == 3
    (found,) = outcome.findings("theme-template")
    assert (found["file"], found["line"]) == ("theme/footer.html", 2)
    assert "nothing_of_the_kind" in found["message"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ('{% include "nope.html" %}', "there is no template `nope.html`"),
        ('{% extends "ours/footr.html" %}', "there is no template `ours/footr.html`"),
        ("{{ asset('own.css') }}", "there is no 'own.css'"),
    ],
)
def test_what_a_template_asks_for_and_is_not_there_is_said_in_words(show, asked, said):
    show.write("theme/footer.html", asked)
    (found,) = show.publish("--json").findings("theme-template")
    assert found["message"].endswith(said)


def test_a_template_that_is_not_jinja_is_named_with_its_line(show):
    show.write("theme/footer.html", "<footer>\n\n{% if %}\n</footer>")
    (found,) = show.publish("--json").findings("theme-template")
    assert (found["file"], found["line"]) == ("theme/footer.html", 3)


def test_a_check_tells_it_too(show):
    show.write("theme/footer.html", "{{ lipsum.__globals__ }}")
    outcome = show.run("check", "--json")
    assert outcome.status == 3
    assert [found["file"] for found in outcome.findings("theme-template")] == ["theme/footer.html"]


def test_every_template_of_ours_renders_the_same_bytes_with_a_theme_folder(show, tmp_path):
    other = show.copy(tmp_path / "other")
    for name in ("home.html", "episode.html", "footer.html"):
        other.write(f"theme/{name}", f'{{% extends "ours/{name}" %}}')
    assert (show.publish().status, other.publish().status) == (0, 0)
    plain, themed = tree(show.public), tree(other.public)
    pages = [name for name in plain if name.endswith(".html")]
    assert len(pages) > 5
    assert [name for name in pages if plain[name] != themed[name]] == []


def test_a_template_may_use_what_the_documentation_names(show):
    show.write("theme/parts/note.html", "<i>{{ words('subscribe') }}</i>")
    show.write(
        "theme/footer.html",
        "{% set ns = namespace(n=0) %}{% for name in 'a,b'.split(',') %}{% set ns.n = ns.n + loop.index %}{% endfor %}"
        "<footer>{{ ns.n }} {{ show.written.title|upper }} {{ '{:03d}'.format(7) }} {{ links.to('people.html') }} {{ settings.pages|length }}"
        " {% for host in show.people %}{{ host.name }}{% endfor %} {{ asset('site.css') }} {% include 'parts/note.html' %}</footer>",
    )
    assert show.publish().status == 0
    page = tree(show.public)["index.html"].decode()
    assert "3 A SMALL SHOW 007 people.html 0" in page
    assert "Ada Field" in page
    assert "<i>" in page


def test_what_templates_are_given_has_no_path_and_no_way_to_read_one(show):
    show.write("theme/footer.html", "{{ settings|pprint }}{{ theme|pprint }}")
    assert show.publish().status in (0, 3)
    made = tree(show.public) if show.public.is_dir() else {}
    assert not [name for name, body in made.items() if str(show.folder).encode() in body]
    assert os.environ["SHOW_SECRET"] == SECRET
    assert Path(show.folder / "secret.txt").read_text() == SECRET
