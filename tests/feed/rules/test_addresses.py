"""What counts as an address, a safe one, and its extension."""

import pytest

from feed.rules.addresses import extension, is_loopback, is_secure, is_web, split

ADDRESSES = [  # address, is one at all, of the web, safe
    ("https://a.example/x", True, True, True),
    ("HTTPS://a.example", True, True, True),
    ("http://a.example", True, True, False),
    ("http://localhost:8000/feed.xml", True, True, True),
    ("http://show.localhost", True, True, True),
    ("http://127.8.9.1", True, True, True),
    ("http://[::1]:8000", True, True, True),
    ("http://128.0.0.1", True, True, False),
    ("http://notlocalhost", True, True, False),
    ("ftp://a.example", True, False, False),
    ("ftp://localhost", True, False, False),
    ("mailto:ada@example.org", True, False, False),
    ("acct:ada@example.org", True, False, False),
    ("https:///path", False, False, False),
    ("http:path", False, False, False),
    ("//a.example/x", False, False, False),
    ("/x", False, False, False),
    ("a.example", False, False, False),
    ("", False, False, False),
    ("https://[a.example", False, False, False),
]


@pytest.mark.parametrize(("address", "one", "web", "secure"), ADDRESSES)
def test_an_address_is_told_from_what_is_none(address, one, web, secure):
    assert (split(address) is not None, is_web(address), is_secure(address)) == (one, web, secure)


def test_only_this_machine_is_this_machine():
    assert [host for host in ("localhost", "a.localhost", "127.0.0.1", "::1") if not is_loopback(host)] == []
    assert [host for host in ("localhost.example", "xlocalhost", "10.0.0.1", "example.org", "") if is_loopback(host)] == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/one.MP3", "mp3"),
        ("https://a.example/one.mp3?v=1.2#t=3.4", "mp3"),
        ("https://a.example/one.tar.gz", "gz"),
        ("https://a.example/one", ""),
        ("https://a.example/v1.2/one", ""),
        ("one.mp3", "mp3"),
        ("", ""),
    ],
)
def test_the_extension_is_that_of_the_files_name(address, expected):
    assert extension(address) == expected
