from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feed.reader import read_feed
from feed.rules import check_feed_bytes
from feed.rules.against_state import AGAINST_STATE, StateContext
from feed.rules.chapters import CHAPTERS, ChaptersContext
from feed.rules.transcripts import TRANSCRIPTS, TranscriptContext

NOW = datetime(2026, 3, 4, tzinfo=UTC)
TRICKY = st.sampled_from(
    [
        "",
        " ",
        "0",
        "-1",
        "NaN",
        "1e999",
        "٣",
        "http://[",
        "https://:99999/",
        "//",
        "urn:x",
        "<b>",
        "]]>",
        "\u202e",
        "9" * 400,
        "Mon, 99 Foo 2026",
        "A" * 3000,
        "true",
        "yes",
        "1/0",
        "0/0",
        "geo:,",
        "geo:999,999",
        "FREQ=;",
        "sha384-",
        "image/",
        "data:,",
        "javascript:x",
        "%",
        "%zz",
        "::",
        "00:99:99",
    ]
)
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUIET
@given(value=TRICKY, data=st.data())
def test_no_value_anywhere_in_a_feed_makes_a_rule_stumble(good_feed, value, data):
    from lxml import etree

    root = etree.fromstring(good_feed.encode())
    nodes = [node for node in root.iter() if isinstance(node.tag, str)]
    for node in data.draw(st.lists(st.sampled_from(nodes), min_size=1, max_size=12)):
        for name in node.attrib:
            node.set(name, value)
        if not len(node):
            node.text = value
    for broken in check_feed_bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True), feed_url="https://a.example/f", now=NOW):
        assert broken.code and broken.severity and broken.field and len(broken.message) < 1000
    AGAINST_STATE.check(StateContext(document=read_feed(etree.tostring(root)), guid="x"))


@QUIET
@given(cut=st.integers(0, 9000), noise=st.binary(max_size=20))
def test_a_damaged_feed_is_findings_and_never_a_traceback(good_feed, cut, noise):
    data = good_feed.encode()
    check_feed_bytes(data[:cut] + noise + data[cut + len(noise) :], now=NOW)
    check_feed_bytes(data[:cut] + noise, now=NOW)
    check_feed_bytes(noise, now=NOW)


@QUIET
@given(
    kind=st.sampled_from(["text/vtt", "application/x-subrip", "application/json", "text/html", "text/plain", ""]),
    lines=st.lists(
        st.sampled_from(
            [
                "WEBVTT",
                "",
                "00:00:00.000 --> 00:00:09.000",
                "00:00:05,000 --> 00:00:01,000",
                "a --> b",
                "<v A & B>x",
                "&",
                "{",
                "[]",
                "null",
            ]
        )
        | st.text(max_size=30),
        max_size=12,
    ),
    duration=st.none() | st.floats(0, 1e6),
)
def test_no_text_makes_the_rules_about_transcripts_stumble(kind, lines, duration):
    TRANSCRIPTS.check(TranscriptContext(text="\n".join(lines), type=kind, duration=duration))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["chapters", "startTime", "segments", "body", "endTime", "version"]), inner)
    ),
    max_leaves=8,
)


@QUIET
@given(value=JSON)
def test_no_json_makes_a_rule_stumble(value):
    import json

    text = json.dumps(value)
    CHAPTERS.check(ChaptersContext(chapters=(), json=text))
    TRANSCRIPTS.check(TranscriptContext(text=text, type="application/json", duration=60))
