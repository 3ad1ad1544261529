from __future__ import annotations

import pytest

from publisher.importing.named_hosts import NamedAddress, addresses_naming

OLD = "old.example"


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("feed.xml", '<enclosure url="https://old.example/a.mp3?x=1&amp;y=2" length="9"/>', "https://old.example/a.mp3?x=1&y=2"),
        ("feed.xml", '<enclosure url="https://count.example/e/media.old.example/a.mp3"/>', "https://count.example/e/media.old.example/a.mp3"),
        ("index.html", '<a href="//OLD.example/x">', "//OLD.example/x"),
        ("index.html", '<a href="https://share.example/?u=https%3A%2F%2Fold.example%2F1&t=x">', "https://share.example/?u=https%3A%2F%2Fold.example%2F1&t=x"),
        ("e/one.md", "See <https://old.example:8080/1>, and (https://old.example/2).", "https://old.example/2 https://old.example:8080/1"),
        ("oembed.json", r'{"html":"<a href=\"https:\/\/old.example\/x\">"}', "https://old.example/x"),
        ("chapters.json", '{"img":"http://www.old.example/1.jpg"}', "http://www.old.example/1.jpg"),
        ("feed.xml", '<guid isPermaLink="false">https://old.example/?p=1</guid>', ""),
        ("e/one.html", '{"guid":"https:\\/\\/old.example\\/?p=1"} <input name="guid" value="https://old.example/?p=1">', ""),
        ("index.html", "We were at old.example before; mail ada@old.example", ""),
        ("index.html", '<a href="https://notold.example/">', ""),
        ("index.html", '<a href="https://old.example.org/">', ""),
        ("index.html", '<a href="https://cold-old.example/">', ""),
        ("a/audio.mp3", "https://old.example/inside-a-tag", ""),
    ],
)  # fmt: skip
def test_each_address_that_names_the_host_is_found_and_nothing_else(file, text, found):
    assert addresses_naming([OLD], [(file, text.encode())]) == tuple(NamedAddress(file=file, address=one) for one in found.split())


def test_several_hosts_are_looked_for_and_an_address_is_told_once_a_file():
    files = [("b.html", b'<a href="https://cdn.example/1"><a href="https://cdn.example/1">'), ("a.html", b"https://old.example/1")]
    found = addresses_naming([OLD, "cdn.example", ""], files)
    assert [(item.file, item.address) for item in found] == [("a.html", "https://old.example/1"), ("b.html", "https://cdn.example/1")]
    assert addresses_naming([], files) == ()
