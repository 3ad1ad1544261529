"""What stands on a page beside its text: the way to it, menus, links to moments, comments; and what its head tells programs."""

import gzip
import json
import re
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from lxml import html
from pydantic import ValidationError

from feed.schema.show import OwnerTable
from publisher.load.config_tables import CommentsTable
from publisher.site.html import episode_pages
from publisher.site.html import show_pages as pages
from publisher.site.html.episode_markdown import episode_markdown
from publisher.site.parts.theme import Theme
from tests.support import ROOT, sample_pages
from tests.support.listening import until

SITE = sample_pages.SITE
OWNER = OwnerTable(name="Slow Light", email="hello@light.example", public=True)


def page_of(*, settings=(), show=(), view=(), episode=()):
    made = sample_pages.make_view(sample_pages.make_episode(3, **dict(episode)), **dict(view))
    body = episode_pages.episode_page(Theme(sample_pages.make_settings(**dict(settings))), sample_pages.make_show(**dict(show)), made)
    return html.fromstring(body.decode())


def data_of(page, kind):
    found = [json.loads(script.text) for script in page.xpath("//script[@type='application/ld+json']")]
    return next((item for item in found if item["@type"] == kind), None)


@pytest.mark.parametrize(
    ("seasons", "steps"),
    [
        ((), [("Slow Light", "index.html"), ("The clock that is late on purpose", "episodes/episode-3.html")]),
        (
            ((2, "Things that wait"),),
            [
                ("Slow Light", "index.html"),
                ("Things that wait", "season-2.html"),
                ("The clock that is late on purpose", "episodes/episode-3.html"),
            ],
        ),
        (
            ((2, ""),),
            [("Slow Light", "index.html"), ("Season 2", "season-2.html"), ("The clock that is late on purpose", "episodes/episode-3.html")],
        ),
    ],
)
def test_the_way_from_the_show_to_the_episode_is_seen_and_told_to_search_engines(seasons, steps):
    page = page_of(settings={"seasons": seasons})
    seen = [name for name, _ in steps[1:]]  # the show's name stands above already, and a way of one step leads nowhere
    seen = seen if len(seen) > 1 else []
    assert [item.text_content().strip() for item in page.xpath("//nav[@aria-label='You are here']//li")] == seen
    assert page.xpath("//nav[@aria-label='You are here']//*[@aria-current='page']/text()") == seen[-1:]
    told = data_of(page, "BreadcrumbList")["itemListElement"]
    assert [(item["position"], item["name"], item["item"]) for item in told] == [
        (place, name, f"{SITE}/{key}") for place, (name, key) in enumerate(steps, 1)
    ]


def test_pages_that_are_nowhere_below_the_show_have_no_way():
    page = html.fromstring(pages.not_found_page(Theme(sample_pages.make_settings()), sample_pages.make_show()))
    assert not page.xpath("//nav[@aria-label='You are here']")
    assert data_of(page, "BreadcrumbList") is None


@pytest.mark.parametrize(
    ("show", "episode", "name"),
    [("en-gb", "fr", "French"), ("de", "en", "Englisch"), ("en", "tlh", "Klingon"), ("en", "xx", "xx"), ("nl", None, "Dutch")],
)
def test_another_language_than_the_pages_is_named_in_the_pages_language(show, episode, name):
    page = page_of(show={"language": show}, episode={"written": {"language": episode}})
    facts = [item.text_content().strip().lower() for item in page.xpath("//ul[@class='facts']/li")]
    assert name.lower() in facts


@pytest.mark.parametrize(("show", "episode"), [("en", None), ("de", None), ("pt-br", "pt"), ("en-gb", "en-us")])
def test_the_language_of_the_page_needs_no_name(show, episode):
    page = page_of(show={"language": show}, episode={"written": {"language": episode}})
    facts = {item.text_content().strip().lower() for item in page.xpath("//ul[@class='facts']/li")}
    assert not facts & {"english", "deutsch", "português"}


def test_one_can_subscribe_share_and_download_beside_the_player():
    page = page_of()
    acts = page.xpath("//div[@class='acts']")[0]
    assert acts.xpath(".//summary")[0].text_content() == "Subscribe"
    assert "podcast" in acts.xpath(".//ul[@data-apps]//a/@href")[0]
    assert acts.xpath(".//input[@readonly]/@value") == [f"{SITE}/feed.xml"]
    assert acts.xpath(".//svg[@role='img']")
    assert acts.xpath(".//button[@data-do='share']")
    download = acts.xpath("./a[@download]")[0]
    assert download.get("href") == "../media/minute.mp3"
    assert " ".join(download.text_content().split()) == "Download MP3, 0.5 MB"


def test_the_largest_picture_is_loaded_before_the_style_asks_for_it():
    page = page_of()
    shown, first = page.xpath("//img[@class='cover']")[0], page.xpath("//link[@rel='preload']")[0]
    assert first.get("href") == shown.get("src")
    assert first.get("imagesizes") == shown.get("sizes")
    assert first.get("imagesrcset") == shown.get("srcset")
    home = html.fromstring(pages.home_page(Theme(sample_pages.make_settings()), sample_pages.make_show()))
    assert home.xpath("//link[@rel='preload']/@href") == home.xpath("//img[@class='cover']/@src")


@pytest.mark.parametrize(
    ("values", "said"),
    [({"draft": True}, "Draft"), ({"draft": True, "scheduled": True}, "Due on May 13, 2026")],
)
def test_a_preview_says_what_is_a_draft_and_what_is_only_due(values, said):
    page = page_of(view=values)
    assert said in page.xpath("//p[@class='badge']/text()")
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]


def test_a_summary_that_the_notes_do_not_begin_with_stands_before_them():
    said = "A lamp, a clock and eleven seconds."
    page = page_of(episode={"written": {"summary": said}})
    assert page.xpath("//section[@id='notes']/p[@class='lead']/text()") == [said]
    notes = replace(sample_pages.make_episode().notes, text=f"{said}\n\nMore.")
    assert not page_of(episode={"written": {"summary": said}, "notes": notes}).xpath("//p[@class='lead']")


def test_a_chapter_says_how_long_it_is_and_has_a_link_to_copy():
    page = page_of()
    assert [text.replace("\xa0", " ") for text in page.xpath("//nav[@id='chapters']//*[@class='lasts']/text()")] == [
        "20 sec",
        "21 sec",
        "19 sec",
    ]
    assert page.xpath("//nav[@id='chapters']//button/@data-link") == ["#t=0", "#t=20", "#t=41"]


# ---- Markdown


def test_the_page_is_there_as_markdown_in_which_nothing_written_is_markup():
    episode = sample_pages.make_episode(3, title="*Stars* [and](javascript:x) <b>bold</b>\n# not a heading")
    episode = replace(episode, notes=replace(episode.notes, text="1. one\n- two\n> three `code`\nset\n==="))
    view = sample_pages.make_view(episode, season_name="Things that wait")
    text = episode_markdown(sample_pages.make_show(), view)
    assert text.startswith("# \\*Stars\\* \\[and\\](javascript:x) \\<b\\>bold\\</b\\>")
    assert [line for line in text.splitlines() if line.startswith("### ")] == [
        "### Who keeps the lights on",
        "### A lamp that waits for ships",
        "### What the fog said",
    ]
    from markdown_it import MarkdownIt

    rendered = html.fromstring(f"<div>{MarkdownIt('commonmark').render(text)}</div>")
    assert not rendered.xpath("//b | //blockquote | //code | //ol | //em")
    assert all(link.startswith(SITE) for link in rendered.xpath("//a/@href"))
    assert rendered.xpath("//a[@href=$link]", link=f"{SITE}/episodes/episode-3.html#t=20")
    assert [item.text_content() for item in rendered.xpath("//h2")] == ["Show notes", "Chapters", "Transcript"]


def test_the_head_leads_to_the_markdown():
    page = page_of(view={"markdown": "episodes/episode-3/episode-1a2b3c4d.md"})
    assert page.xpath("//link[@type='text/markdown']/@href") == ["episode-3/episode-1a2b3c4d.md"]
    assert not page_of().xpath("//link[@type='text/markdown']")


# ---- mistakes


@pytest.mark.parametrize(
    ("report", "owner", "start"),
    [
        ("", None, None),
        ("", OWNER.model_copy(update={"public": False}), None),
        ("javascript:alert(1)", None, None),
        ("", OWNER, "mailto:hello@light.example?subject=A%20mistake%20in"),
        ("mailto:words@light.example", OWNER, "mailto:words@light.example?subject="),
        ("https://code.example/new?title={title}&body={link}", None, "https://code.example/new?title=The%20clock%20that"),
        ("https://code.example/edit/{slug}.md", None, "https://code.example/edit/episode-3.md"),
    ],
)
def test_a_mistake_is_told_to_whom_the_show_names(report, owner, start):
    page = page_of(settings={"report": report}, show={"owner": owner})
    links = page.xpath("//a[@data-report]/@href")
    assert [link.startswith(start) for link in links] == ([True] * 2 if start else [])
    if start and "{slug}" not in report:
        assert f"{SITE}/episodes/episode-3.html#t=0" in unquote(links[0])


def test_the_footer_names_an_owner_who_is_public():
    assert page_of(show={"owner": OWNER}).xpath("//footer//a[@href='mailto:hello@light.example']")
    assert not page_of(show={"owner": OWNER.model_copy(update={"public": False})}).xpath("//footer//a[starts-with(@href, 'mailto')]")


@pytest.fixture
def put(site):
    """Writes a page of the made-up show, with settings of one's own, and gives its address."""

    def write(name="episode-3", **values):
        values.setdefault("settings", {})
        made = sample_pages.make_view(sample_pages.make_episode(3, site=site.origin, slug=name, **values.get("episode", {})))
        theme = Theme(sample_pages.make_settings(site=site.origin, **values["settings"]))
        show = sample_pages.make_show(site=site.origin, owner=OWNER)
        for asset in theme.assets:
            (site.folder / asset.key).write_bytes(asset.body)
        (site.folder / f"episodes/{name}.html").write_bytes(episode_pages.episode_page(theme, show, made))
        (site.folder / f"embed/{name}.html").write_bytes(episode_pages.embed_page(theme, show, made))
        for document in (*made.episode.transcripts, made.episode.chapters_document):
            path = site.folder / urlsplit(document.url).path[1:]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"-")
        return f"{site.origin}/episodes/{name}.html"

    return write


def test_a_frame_leads_to_a_transcript_where_there_is_one():
    for cues, ways in ((None, ["Subscribe", "Transcript"]), ((), ["Subscribe"])):
        view = sample_pages.make_view(sample_pages.make_episode(), cues=cues)
        page = html.fromstring(episode_pages.embed_page(Theme(sample_pages.make_settings()), sample_pages.make_show(), view))
        assert page.xpath("//p[@class='ways-on']/a/text()") == ways


def test_an_address_and_a_size_are_read_from_their_left_in_every_language(open_page, site):
    show = sample_pages.make_show(site=site.origin, language="ar")
    view = sample_pages.make_view(sample_pages.make_episode(site=site.origin))
    made = sample_pages.make_site(sample_pages.make_settings(site=site.origin), show, [view])
    (site.folder / "episodes/arabic.html").write_bytes(made["episodes/episode-3.html"])
    page = open_page(f"{site.origin}/episodes/arabic.html", viewport={"width": 320, "height": 700})
    size = page.evaluate("""[...document.querySelectorAll(".files .soft")].filter((one) => one.textContent.endsWith(" MB")).map((one) => {
        const range = document.createRange(), left = (from, to) => {
            range.setStart(one.firstChild, from);
            range.setEnd(one.firstChild, to);
            return range.getBoundingClientRect().left;
        };
        return left(0, 3) < left(4, 6);
    })""")
    assert size == [True], "a size is its number, then its unit"
    way = "[...document.querySelectorAll('input[readonly]')].map((one) => [one.value.slice(0, 7), getComputedStyle(one).direction])"
    assert page.evaluate(way) == [["http://", "ltr"], ["http://", "ltr"], ["<iframe", "ltr"]]


def test_japanese_titles_break_between_phrases(open_page, site):
    view = sample_pages.make_view(sample_pages.make_episode(site=site.origin, title="わざと遅れている時計と、それを直さない人たち"))
    show = sample_pages.make_show(site=site.origin, language="ja")
    made = sample_pages.make_site(sample_pages.make_settings(site=site.origin), show, [view])
    (site.folder / "episodes/japanese.html").write_bytes(made["episodes/episode-3.html"])
    page = open_page(f"{site.origin}/episodes/japanese.html", viewport={"width": 320, "height": 700})
    assert (
        page.evaluate("[...document.querySelectorAll('h1, h2, .acts .chip')].map((one) => getComputedStyle(one).wordBreak)").count(
            "auto-phrase"
        )
        == page.locator("h1, h2, .acts .chip").count()
    )
    assert page.evaluate("getComputedStyle(document.querySelector('p.lead, .notes p')).wordBreak") == "normal"


def test_a_mistake_names_the_second_where_the_reader_is(open_page, put):
    page = open_page(f"{put('mistaken')}#t=27")
    link = page.locator(".policy a[data-report]")
    page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")  # no mail program here
    link.click()
    assert parse_qs(urlsplit(link.get_attribute("href")).query)["body"][0].endswith("/episodes/mistaken.html#t=27")


def test_a_chapters_link_is_copied(open_page, put, browser):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    address = put("copied")
    page = open_page(address, context=context)
    page.locator("[data-link]").nth(1).click()
    until(page, "navigator.clipboard.readText().then((text) => text.endsWith('copied.html#t=20'))")
    context.close()


def test_the_size_of_the_text_is_chosen_and_kept(open_page, put, browser):
    context = browser.new_context()
    address = put("sized")
    page = open_page(address, context=context)
    size = "parseFloat(getComputedStyle(document.querySelector('.said')).fontSize)"
    before = page.evaluate(size)
    page.locator(".toolbar summary").click()
    page.locator("[data-text] >> nth=-1").click()
    larger = page.evaluate(size)
    assert larger > before
    assert open_page(address, context=context).evaluate(size) == larger
    context.close()


def test_a_menu_opens_and_closes_by_key_and_by_pressing_elsewhere(open_page, put):
    page = open_page(put("menus"))
    menu = page.locator(".acts .drop")
    for close in (lambda: page.keyboard.press("Escape"), lambda: page.locator("h1").click()):
        menu.locator("summary").click()
        assert menu.evaluate("(menu) => menu.open")
        close()
        assert not menu.evaluate("(menu) => menu.open")


# ---- in a frame


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [280, 640, 1100])
@pytest.mark.parametrize("height", [112, 200, 420])
def test_the_small_player_fits_each_of_its_sizes(open_page, put, site, width, height, script):
    put("framed", episode={"title": "A title that is rather longer than what fits into a small frame on a telephone"})
    page = open_page(f"{site.origin}/embed/framed.html", viewport={"width": width, "height": height}, java_script_enabled=script)
    page.wait_for_load_state()
    play, title = page.locator(".play" if script else "audio"), page.locator("h1 a")
    for part in (play, title):
        box = part.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height, "it is cut off below"
        assert box["x"] + box["width"] <= width or part is title
    assert page.locator("nav.chapters").is_visible() == (height == 420)
    if script:
        assert page.evaluate("document.documentElement.scrollHeight") <= height
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_around_a_frame_may_ask_for_its_appearance(open_page, put, site):
    put("themed")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    seen = {
        asked: open_page(f"{site.origin}/embed/themed.html{asked}", color_scheme="light").evaluate(ground)
        for asked in ("", "?theme=light", "?theme=dark", "?theme=evil")
    }
    assert seen[""] == seen["?theme=light"] == seen["?theme=evil"] != seen["?theme=dark"]


def test_sharing_offers_three_sizes_of_frame(open_page, put):
    page = open_page(put("shared"))
    page.locator(".acts [data-do=share]").click()
    for label, height in (("Small", 112), ("Large, with chapters", 420), ("Medium", 200)):
        page.locator("#share-size").select_option(label)
        assert f'height="{height}"' in page.locator("#share-embed").input_value()


# ---- comments

SERVICE = "https://comments.example/new"


def test_a_form_is_there_when_somebody_takes_comments_and_only_then():
    page = page_of(settings={"comments": SERVICE})
    form = page.xpath("//section[@id='comments']//form[@class='saying']")[0]
    assert (form.get("action"), form.get("method")) == (SERVICE, "post")
    text, consent = form.xpath(".//textarea")[0], form.xpath(".//input[@name='consent']")[0]
    assert (text.get("minlength"), form.xpath(".//input[@name='name']/@maxlength")) == ("10", ["50"])
    assert "real name" in consent.get("value")
    assert {field.get("name") for field in form.xpath(".//*[@required]")} == {"name", "text", "consent"}
    for silent in (page_of(), page_of(settings={"comments": SERVICE}, episode={"written": {"comments": False}})):
        assert not silent.xpath("//form[@class='saying'] | //script[contains(@src, 'comments')]")


@pytest.mark.parametrize("comments", ["", SERVICE])
def test_the_policy_permits_the_service_alone(comments):
    policies = page_of(settings={"comments": comments}).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    there = " https://comments.example" if comments else ""
    assert f"connect-src 'self'{there};" in policies[0]
    assert policies[1].endswith(f"form-action 'self'{there}")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "comments.example", "https://a.example;script-src 'unsafe-inline'", "mailto:a@b.example"]
)
def test_only_an_address_can_take_comments(url):
    assert CommentsTable(url=SERVICE).least == 10
    with pytest.raises(ValidationError):
        CommentsTable(url=url)


def test_comments_are_text_in_their_order_with_moments_that_play(open_page, put, site):
    address = put("talked", settings={"comments": f"{site.origin}/new"})
    attack = "<img src=x onerror=window.hit=1><script>window.hit=1</script>"
    said = [
        {"id": "a", "name": "Ada", "text": "The hinge!", "date": "2026-05-22T08:00:00Z", "at": 27},
        {"id": "b", "name": attack, "text": attack, "date": attack, "at": attack},
        {"id": "c", "name": "Tilda", "text": "We oiled it.", "date": "2026-05-22T09:00:00Z", "reply_to": "a"},
        {"id": "d", "name": "Ada", "text": "Good.", "reply_to": "c"},
        None,
        {"name": "empty"},
    ]
    (site.folder / "comments").mkdir(exist_ok=True)
    (site.folder / "comments/talked.json").write_text(json.dumps({"comments": said}))
    page = open_page(address)
    page.locator("#comments").scroll_into_view_if_needed()
    page.wait_for_selector("#thread > li:nth-child(2)")
    assert page.locator("#thread > li").count() == 2
    assert page.locator("#thread > li:first-child > ol > li").count() == 2
    assert attack in page.locator("#thread > li:nth-child(2)").text_content()
    assert page.evaluate("window.hit") is None
    assert page.locator("#thread time").first.get_attribute("datetime") == "2026-05-22T08:00:00Z"
    page.locator("#thread a.at").first.click()
    assert page.evaluate("location.hash") == "#t=27"


@pytest.mark.parametrize(
    ("status", "answer", "state", "kept"),
    [
        (201, "{}", "Thank you. Comments are read before they appear.", ""),
        (429, '{"error": "Slower, please."}', "Slower, please.", "The horn has its own opinion."),
        (500, "oops", "The comment was not sent. It may be the network.", "The horn has its own opinion."),
    ],
)
def test_a_comment_is_sent_with_what_it_needs_and_the_recording_plays_on(open_page, put, site, status, answer, state, kept):
    address = put("said", settings={"comments": f"{site.origin}/new"})
    (site.folder / "comments").mkdir(exist_ok=True)
    (site.folder / "comments/said.json").write_text('{"comments": []}')
    page = open_page(address)
    sent = []

    def service(route):
        sent.append(parse_qs(route.request.post_data))
        route.fulfill(status=status, body=answer, content_type="application/json")

    page.route("**/new", service)
    page.locator("#comment-name").fill("Ada")
    page.locator("#comment-text").fill("Too short")
    page.locator(".saying [name=consent]").check()
    page.locator(".saying [type=submit]").click()
    assert sent == []  # the browser says what is missing
    page.locator("#comment-text").fill("The horn has its own opinion.")
    page.locator(".saying [type=submit]").click()
    page.wait_for_selector("#comment-state:is([data-state=held], [data-state=failed])")
    assert page.locator("#comment-state").text_content() == state
    assert page.locator("#comment-text").input_value() == kept
    (form,) = sent
    assert (form["episode"], form["guid"], form["name"], form["language"]) == (["said"], ["guid-said"], ["Ada"], ["en"])
    assert form["text"] == ["The horn has its own opinion."]
    assert "real name" in form["consent"][0]
    assert not {"at", "website"} & form.keys()
    page.troubles[:] = [trouble for trouble in page.troubles if "status of" not in trouble]  # the browser notes refusals itself


def test_selected_words_can_be_commented_at_their_moment(open_page, put, site):
    address = put("pointed", settings={"comments": f"{site.origin}/new"})
    (site.folder / "comments").mkdir(exist_ok=True)
    (site.folder / "comments/pointed.json").write_text('{"comments": []}')
    page = open_page(address)
    page.evaluate("""() => {
        const cue = document.getElementById("t=25");
        getSelection().selectAllChildren(cue);
        cue.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
    }""")
    page.locator("[data-comment]").click()
    assert page.evaluate("document.activeElement.id") == "comment-text"
    assert page.locator("#comment-at").input_value() == "25"
    assert page.locator("#comment-at").is_checked()
    assert "0:25" in page.locator(".at-moment").text_content()


# ---- weight


def test_a_page_without_its_transcript_weighs_at_most_35_kilobytes():
    theme = Theme(sample_pages.make_settings(comments=SERVICE))
    view = sample_pages.make_view(sample_pages.make_episode(3), cues=())
    page = episode_pages.episode_page(theme, sample_pages.make_show(owner=OWNER), view)
    named = re.findall(rb'(?:src|href)="\.\./(assets/[^"]+\.(?:css|js))"', page)
    assert len(named) == 5
    bodies = {asset.key.encode(): asset.body for asset in theme.assets}
    assert sum(len(gzip.compress(body)) for body in (page, *(bodies[name] for name in named))) <= 35_000


# ---- what the manual says of themes

MANUAL = ROOT / "docs/theme.md"


def examples():
    """File and text of each example in the manual."""
    return re.findall(r"`theme/([\w.]+)`:?\n\n```html\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)


def test_three_lines_change_the_footer_of_every_page(tmp_path):
    written = dict(examples())["footer.html"]
    assert written.count("\n") == 3
    (tmp_path / "footer.html").write_text(written)
    site = sample_pages.sample_site(theme=tmp_path)
    framed = [key for key in site if key.startswith("embed/")]
    for key, body in site.items():
        if key.endswith(".html") and key not in framed:
            footers = html.fromstring(body.decode()).xpath("//footer")
            assert [" ".join(footer.text_content().split()) for footer in footers] == [
                "Slow Light is made in a kitchen in Leith. Subscribe"
            ], key
            assert footers[0].xpath(".//a/@href")[0].endswith("subscribe.html")


def test_every_example_of_the_manual_works(tmp_path):
    found = examples()
    assert [name for name, _ in found] == ["footer.html", "message.html", "base.html"]
    (tmp_path / "own.css").write_text("body{}")
    for name, written in found:
        (tmp_path / name).write_text(written)
    site = sample_pages.sample_site(theme=tmp_path)
    assert b"Lost? Write to us." in site["404.html"]
    assert b"There is no such page" in site["404.html"]
    assert b"assets/own-" in site["404.html"]
    assert b"assets/own-" in site["episodes/episode-3.html"]
    assert b'type="text/vtt"' in site["episodes/episode-3.html"]


def test_the_manual_names_every_template_and_token():
    text = MANUAL.read_text(encoding="utf-8")
    files = text.partition("<!-- files -->")[2].partition("<!-- /files -->")[0]
    folder = ROOT / "publisher" / "site" / "templates"
    assert re.findall(r"^\| `([\w.]+)`", files, re.MULTILINE) == sorted(path.name for path in folder.glob("*.html"))
    tokens = text.partition("<!-- tokens -->")[2].partition("<!-- /tokens -->")[0]
    known = set(re.findall(r"(--[\w-]+):", Theme(sample_pages.make_settings()).light.css()))
    assert set(re.findall(r"`(--[\w-]+)`", tokens)) | {f"--speaker-{number}" for number in range(6)} == known
