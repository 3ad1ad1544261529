"""The show with every tag is published, imported from its own address and published again: its feed is the same, tag by tag."""

from __future__ import annotations

import difflib
import functools
import http.server
import re
import threading

import pytest
from lxml import etree

from tests.support.every_tag_show import make_every_tag
from tests.support.show_factory import Show


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A folder, served without a word."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """(feed of the old host, feed after the move, where the old one was served, the imported folder, what the import said)."""
    there, here = tmp_path_factory.mktemp("there"), tmp_path_factory.mktemp("here") / "show"
    handler = functools.partial(Quiet, directory=str(there / "public"))
    with pytest.MonkeyPatch.context() as patched, http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            patched.delenv(name, raising=False)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        old = make_every_tag(there, address, "")
        done = old.publish("--yes")
        assert done.status == 0, done.stderr
        options = ("--force", "locked", "--url", "https://new.example", "--json")
        taken = Show(here).run("import", f"{address}/feed.xml", str(here), *options)
        server.shutdown()
    assert taken.status == 0, taken.stderr
    again = Show(here).run("build", "--standalone", "--out", str(here / "site"))
    assert again.status == 0, again.stderr
    return (old.public / "feed.xml").read_bytes(), (here / "site" / "feed.xml").read_bytes(), address, here, taken.document["warnings"]


OF_THE_ADDRESS = {"itunes:new-feed-url"}
"""Tags that are nothing but the show's own address."""


def tags(element, *hosts):
    """Each tag beneath an element with its path, text and attributes, a line each; the addresses of `hosts` without their path."""

    def plain(text):
        return re.sub(rf"({'|'.join(map(re.escape, hosts))})[^\s\"<)]*", "HERE", (text or "").strip())

    def rows(node, path):
        for child in node:
            local = etree.QName(child).localname
            name = local if child.prefix is None else f"{child.prefix}:{local}"
            if name not in OF_THE_ADDRESS:
                yield f"{path}/{name} {sorted((key, plain(value)) for key, value in child.attrib.items())} {plain(child.text)!r}"
                yield from rows(child, f"{path}/{name}") if name != "item" else ()

    return list(rows(element, ""))


def differences(old, new, *hosts):
    return [line for line in difflib.ndiff(tags(old, *hosts), tags(new, *hosts)) if line[:2] in {"- ", "+ "}]


def test_the_show_is_the_same_tag_by_tag(twice):
    old, new, address, _, _ = twice
    assert differences(etree.fromstring(old)[0], etree.fromstring(new)[0], address, "https://new.example") == []


@pytest.mark.parametrize("guid", ["every-tag-bell", "https://every.example/guids/trailer", "every-tag-second"])
def test_an_episode_is_the_same_tag_by_tag(twice, guid):
    old, new, address, _, _ = twice
    items = [next(item for item in etree.fromstring(feed).iter("item") if item.findtext("guid") == guid) for feed in (old, new)]
    assert differences(*items, address, "https://new.example") == []
