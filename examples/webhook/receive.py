"""Takes what `[announce.webhook]` sends, looks whether it is signed, and tells Discord, ntfy and a newsletter of it. Needs Python alone.

    AIRDATE_WEBHOOK_SECRET=… DISCORD_WEBHOOK=… NTFY_TOPIC=… BUTTONDOWN_KEY=… python receive.py 8080

Who is told is who has a variable here. It listens on this machine; a web server with a certificate stands before it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LARGEST = 1_000_000
"""Bytes of a document that are read."""
OLDEST = 300
"""Seconds after which a document is refused: somebody may have kept it to send it again."""


def is_signed(headers: Any, body: bytes, secret: str) -> bool:
    """Whether whoever sent this knows the secret: standardwebhooks.com."""
    name, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not at.isdecimal() or abs(time.time() - int(at)) > OLDEST:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    digest = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    wanted = b"v1," + base64.b64encode(digest)
    return any(hmac.compare_digest(wanted, one.encode()) for one in headers.get("webhook-signature", "").split())


def send(address: str, document: dict[str, Any], token: str = "") -> None:
    """POST a document as JSON. Raises OSError unless it is taken."""
    headers = {"Content-Type": "application/json", "User-Agent": "my-show/1"} | ({"Authorization": token} if token else {})
    request = urllib.request.Request(address, json.dumps(document).encode(), headers)
    urllib.request.urlopen(request, timeout=20).close()


def discord(episode: dict[str, Any]) -> None:
    """DISCORD_WEBHOOK is the address that a channel's settings show under Integrations, Webhooks. Nobody is called by name."""
    text = f"**{episode['title']}**\n{episode['summary'][:1500]}\n{episode['page']}"
    send(os.environ["DISCORD_WEBHOOK"], {"content": text, "allowed_mentions": {"parse": []}})


def ntfy(episode: dict[str, Any]) -> None:
    """NTFY_TOPIC is https://ntfy.sh/your-topic: whoever follows it has the episode on the telephone."""
    server, _, topic = os.environ["NTFY_TOPIC"].rpartition("/")
    send(server, {"topic": topic, "title": episode["title"], "message": episode["summary"][:1500], "click": episode["page"]})


def newsletter(episode: dict[str, Any]) -> None:
    """BUTTONDOWN_KEY is the key that Buttondown's settings show; it becomes a draft, which you read and send."""
    address = os.environ.get("BUTTONDOWN_ADDRESS", "https://api.buttondown.com/v1/emails")
    body = f'{episode["notes"]}\n\n<p><a href="{episode["page"]}">Listen to it</a></p>'
    send(address, {"subject": episode["title"], "body": body, "status": "draft"}, f"Token {os.environ['BUTTONDOWN_KEY']}")


WAYS = {"DISCORD_WEBHOOK": discord, "NTFY_TOPIC": ntfy, "BUTTONDOWN_KEY": newsletter}


class Receiver(BaseHTTPRequestHandler):
    """204 when all were told; 401 for what is not signed, 502 when one of them did not take it."""

    def do_POST(self) -> None:
        """Take one document."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length <= LARGEST else b""
        self.send_response(self.status_of(body))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def status_of(self, body: bytes) -> int:
        """Tell everybody, and how it went."""
        if not is_signed(self.headers, body, os.environ["AIRDATE_WEBHOOK_SECRET"]):
            return 401
        document = json.loads(body)
        if document["type"] != "episode.published":
            return 204
        failed = 0
        for variable, tell in WAYS.items():
            if variable in os.environ:
                try:
                    tell(document["data"]["episode"])
                except OSError as error:
                    failed += 1
                    print(f"{tell.__name__}: {error}", file=sys.stderr)
        return 502 if failed else 204


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
