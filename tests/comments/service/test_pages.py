"""The pages that the service answers with: in the show's looks and the reader's language, whole without a script, and nothing of a reader's is lost."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re

import pytest

from publisher.comments.pages import Button, ServicePages, ShownComment, pages_of
from publisher.core.console import Console
from publisher.load.config_reader import read_config
from publisher.site.parts.words import words_for
from publisher.workspace import Workspace
from tests.support.show_factory import make_show


def fields_of(form):
    """What a browser would send: of a text field the first line break is only how it is written, which lxml does not know."""
    fields = {**form.fields}
    return fields | {"text": fields["text"].removeprefix("\n")}


def page_of(answer):
    import lxml.html

    return lxml.html.fromstring(answer.text)


def test_what_was_refused_stays_in_the_form_and_can_be_mended_there(reader):
    browser, own = {"accept": "text/html"}, {"accept": "text/html", "origin": "https://comments.small.example"}
    answer = reader.send(reader.fields(text="<b>short", at="7"), **browser)
    assert answer.status_code == 422
    (form,) = page_of(answer).forms
    kept = fields_of(form)
    assert (kept["text"], kept["name"], kept["at"], kept["consent"]) == ("<b>short", "Ada", "7", reader.show.consent)
    reader.clock.now += dt.timedelta(seconds=3)
    answer = reader.send(kept | {"text": "nothing"}, **own)
    (form,) = page_of(answer).forms
    reader.clock.now += dt.timedelta(seconds=3)
    done = reader.send(fields_of(form) | {"text": "Long enough by now."}, **own)
    assert done.status_code == 200
    assert [(comment.text, comment.at) for comment in reader.stored()] == [("Long enough by now.", 7)]


@pytest.mark.parametrize(("field", "value"), [("at", "soon"), ("reply_to", "nobody at all")])
def test_what_cannot_be_seen_in_the_form_does_not_stay_in_its_way(reader, field, value):
    answer = reader.send(reader.fields(**{field: value}), accept="text/html")
    assert answer.status_code == 422
    assert field not in {**page_of(answer).forms[0].fields}


def test_what_cannot_be_mended_has_no_form_and_shows_what_was_written(reader):
    answer = reader.send(reader.fields(episode="second", guid="first-guid", text="Words that took long."), accept="text/html")
    assert answer.status_code == 404
    page = page_of(answer)
    assert not page.forms
    assert "Words that took long." in page.text_content()
    strange = reader.send(reader.fields(text="Words that took long."), accept="text/html", origin="https://evil.example")
    assert "Words that took long." not in strange.text


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt", "ja", "ar"])
def test_a_page_is_in_the_readers_language_and_loads_and_runs_nothing(reader, language):
    words = words_for(language)
    answer = reader.send(reader.fields(text="short", language=language), accept="text/html")
    page = page_of(answer)
    assert (page.get("lang"), page.get("dir")) == (language, "rtl" if language == "ar" else "ltr")
    assert page.xpath("//h1/text()") == [words("comment_new")]
    assert words("comment_refused_short", n=10) in page.text_content()
    assert not page.xpath("//script | //link | //img | //@style | //iframe")
    (style,) = page.xpath("//style/text()")
    known = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert answer.headers["content-security-policy"].startswith(f"default-src 'none'; style-src 'sha256-{known}'; form-action 'self'")


def looks(show):
    return pages_of(Workspace(read_config(show.config), Console()))


def test_pages_have_the_looks_of_the_show(tmp_path):
    show = make_show(tmp_path / "show")
    show.write("theme/site.css", ":root { /* light */ } body { outline: 7px solid teal }</style><script>alert(1)</script>")
    page = looks(show).taken("en", "held", "https://small.example/episodes/first.html")
    text = page.body.decode()
    assert "outline: 7px solid teal" in text
    assert "<script>" not in text.partition("</style>")[2]
    accent = re.search(r"--fill:(#[0-9a-f]{6})", text)[1]
    show.configure("[site]\n", '[site]\naccent = "#005f73"\n')
    assert f"--fill:{accent};" not in looks(show).taken("en", "held", "").body.decode()


def test_a_template_of_the_shows_takes_the_place_of_ours_and_a_broken_one_does_not(tmp_path):
    show = make_show(tmp_path / "show")
    show.write("theme/service.html", "<h1>Own: {{ heading }}</h1>")
    assert looks(show).taken("en", "approved", "").body == b"<h1>Own: Thank you. Your comment is here.</h1>"
    show.write("theme/service.html", "<h1>{{ nobody.knows }}</h1>")
    assert b"<h1>Thank you. Your comment is here.</h1>" in looks(show).taken("en", "approved", "").body


@pytest.mark.parametrize(
    "evil", ["</textarea><script>alert(1)</script>", '" autofocus onfocus="alert(1)', "{{ 7 * 7 }}", "\n\nfirst lines"]
)
def test_what_a_reader_wrote_is_text_wherever_it_stands(tmp_path, evil):
    import lxml.html

    pages = ServicePages(read_config(make_show(tmp_path / "show").config).config)
    shown = ShownComment(name=evil, text=evil, at=7, episode=evil, page="https://small.example/e.html")
    made = (
        pages.confirm("en", {"name": evil, "text": evil, "nonce": evil}, "javascript:alert(1)"),
        pages.refused("en", evil, {"name": evil, "text": evil, "guid": evil}, "", again=True),
        pages.refused("en", evil, {"name": evil, "text": evil}, "", again=False),
        pages.moderation(evil, shown, sentences=(evil,), buttons=(Button(label=evil, to="a.b"),), seen=evil),
    )
    for answer in made:
        page = lxml.html.fromstring(answer.body.decode())
        assert not page.xpath("//script | //@onfocus | //a[starts-with(@href, 'javascript')]")
        assert evil.strip() in page.text_content() or any(evil == value for value in page.xpath("//input/@value"))
    assert fields_of(lxml.html.fromstring(made[1].body.decode()).forms[0])["text"] == evil
