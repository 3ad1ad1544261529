"""The page with everybody: there where there is anybody."""

from __future__ import annotations

from tests.support.show_factory import make_show


def test_a_show_that_names_nobody_has_no_page_of_people_and_nothing_leads_to_one(tmp_path):
    show = make_show(tmp_path / "show")
    show.configure('hosts = ["ada"]\n', "")
    show.configure('[people.ada]\nname = "Ada Field"\n', "")
    show.episode()
    assert show.publish("--yes").status == 0
    public = tmp_path / "show" / "public"
    assert not (public / "people.html").exists()
    assert "people" not in (public / "sitemap.xml").read_text()
    assert all('people.html"' not in page.read_text() for page in public.rglob("*.html"))


def test_a_guest_brings_it(tmp_path):
    show = make_show(tmp_path / "show")
    show.configure('hosts = ["ada"]\n', "")
    show.configure('[people.ada]\nname = "Ada Field"\n', "")
    show.episode(front='guests = ["Bea Moor"]')
    assert show.publish("--yes").status == 0
    public = tmp_path / "show" / "public"
    assert "Bea Moor" in (public / "people.html").read_text()
    assert "/people.html<" in (public / "sitemap.xml").read_text()
    assert 'people.html"' in (public / "index.html").read_text()
