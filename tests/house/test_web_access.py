"""One way to the web: every request passes the module that bounds it and judges where it leads."""

from __future__ import annotations

import ast

from tests.house.test_imports import modules

CLIENTS = {"httpx", "httpcore", "urllib3", "requests", "aiohttp", "ftplib", "http.client", "urllib.request", "boto3", "botocore", "socket"}
"""What can open a connection."""
ALLOWED = {
    "publisher.web.web_requests": {"httpx", "socket"},
    "publisher.web.connections": {"httpx", "httpcore", "socket", "urllib.request"},  # of the last the environment's proxies alone
    "publisher.announce.service_requests": {"httpx"},  # its errors: it asks through web.web_requests
    "publisher.thread.calls": {"httpx"},  # the same
    "publisher.announce.cdn_purge": {"boto3", "botocore"},  # CloudFront
    "publisher.core.addresses": {"socket"},  # reads numbers as the system does
    "publisher.preview.server": {"socket"},  # listens
    "publisher.comments.service.server": {"socket"},  # listens
}
STORAGE = {"publisher.stores": {"http.client", "urllib3", "urllib.request", "boto3", "botocore"}, "publisher.bucket": {"boto3", "botocore"}}
"""The storage is what the config names; nothing leads there from outside."""


def clients(text: str) -> set[str]:
    """What a module imports that can open a connection; under TYPE_CHECKING it opens none."""
    tree = ast.parse(text)
    typing = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if node in typing:
            continue
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        found |= {client for client in CLIENTS for name in names if name == client or name.startswith(f"{client}.")}
    return found


def test_only_the_bounded_request_opens_connections() -> None:
    strange = {}
    for name, path in modules().items():
        allowed = ALLOWED.get(name, set()).union(*(given for room, given in STORAGE.items() if name == room or name.startswith(f"{room}.")))
        if more := clients(path.read_text("utf-8")) - allowed:
            strange[name] = more
    assert strange == {}


def test_what_is_allowed_is_needed() -> None:
    found = modules()
    assert [name for name, allowed in ALLOWED.items() if allowed - clients(found[name].read_text("utf-8"))] == []


def test_a_client_is_seen_wherever_it_is_imported() -> None:
    for text in (
        "import httpx\n",
        "from urllib import request\n",
        "def late():\n    from http.client import HTTPConnection\n",
        "import urllib.request as u\n",
    ):
        assert clients(text), text
    assert not clients("if TYPE_CHECKING:\n    import httpx\n")
    assert not clients("from urllib.parse import quote\nfrom http import HTTPStatus\n")
