from __future__ import annotations

import http.server
import threading
from functools import partial

import pytest

from publisher.core import layout
from publisher.core.console import Console
from publisher.core.errors import PlanRefused
from publisher.load.config_reader import read_config
from publisher.stats.kept.private_side import FOLDER, private_side
from publisher.workspace import Workspace
from tests.support.show_factory import make_show


@pytest.fixture
def show(tmp_path):
    return make_show(tmp_path / "show")


def opened(show):
    return Workspace(read_config(show.config), Console())


def in_bucket(show, server, bucket, more=""):
    old = 'url = "public"'
    show.configure(old, f'url = "s3://{bucket}/show"\nendpoint = "{server.endpoint}"\nprovider = "{server.provider}"\n{more}')
    return show


def test_of_a_show_in_a_folder_they_lie_beside_it_and_git_leaves_them_alone(show):
    store = private_side(opened(show))
    assert store.root == show.folder / FOLDER
    assert (show.folder / FOLDER / ".gitignore").read_text() == "*\n"
    assert (show.folder / FOLDER).stat().st_mode & 0o077 == 0
    assert private_side(opened(show)).root == store.root


def test_a_private_folder_is_taken_where_one_is_named(show):
    show.configure('url = "public"', 'url = "public"\nprivate = "../kept"')
    store = private_side(opened(show))
    assert store.root.resolve() == show.folder.parent / "kept"
    assert not (show.folder / FOLDER).exists()


@pytest.mark.parametrize(("url", "private"), [("public", "public/inside"), (".", ""), (".", "kept"), ("public", "public")])
def test_a_folder_that_listeners_reach_is_refused(show, url, private):
    show.configure('url = "public"', f'url = "{url}"' + (f'\nprivate = "{private}"' if private else ""))
    with pytest.raises(PlanRefused) as refused:
        private_side(opened(show))
    assert refused.value.code == "refused-readable"
    assert not (show.folder / FOLDER).exists()


def test_a_closed_bucket_is_taken(show, s3_server, bucket):
    store = private_side(opened(in_bucket(show, s3_server, bucket)))
    assert store.head(layout.STATS_PROBE) is not None
    private_side(opened(show))


def test_a_bucket_that_everybody_reads_is_refused(show, s3_server, bucket):
    public = s3_server.make_bucket(public=True)
    with pytest.raises(PlanRefused) as refused:
        private_side(opened(in_bucket(show, s3_server, public)))
    assert refused.value.code == "refused-readable"
    assert "private =" in refused.value.hint
    s3_server.drop_bucket(public)


def test_a_second_bucket_that_is_closed_is_taken(show, s3_server, bucket):
    public = s3_server.make_bucket(public=True)
    store = private_side(opened(in_bucket(show, s3_server, public, f'private = "s3://{bucket}"\n')))
    assert store.settings.bucket == bucket
    s3_server.drop_bucket(public)


class _Hands(http.server.SimpleHTTPRequestHandler):
    """Hands out what a bucket holds to everybody, as a content network with its own key does."""

    def __init__(self, client, bucket, *rest):
        self.client, self.bucket = client, bucket
        super().__init__(*rest)

    def do_GET(self):
        try:
            body = self.client.get_object(Bucket=self.bucket, Key=self.path.lstrip("/"))["Body"].read()
        except self.client.exceptions.NoSuchKey:
            self.send_error(404)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_a_network_that_hands_out_a_closed_bucket_is_seen(show, s3_server, bucket):
    handler = partial(_Hands, s3_server.client(), bucket)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as network:
        threading.Thread(target=network.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{network.server_port}"
        in_bucket(show, s3_server, bucket).configure("https://small.example", f"{address}/show")
        with pytest.raises(PlanRefused) as refused:
            private_side(opened(show))
        show.configure(f"{address}/show", f"{address}/elsewhere")
        private_side(opened(show))
        network.shutdown()
    assert f"{address}/show/" in refused.value.message
