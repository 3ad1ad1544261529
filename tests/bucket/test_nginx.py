"""What `publish bucket --print nginx` prints, in a real nginx, looked at as `publish verify` does."""

from __future__ import annotations

import os
import subprocess
import urllib.request

import pytest

from tests.support import servers
from tests.support.e2e_show import Bucket
from tests.support.every_tag_show import make_every_tag
from tests.support.needs import needs
from tests.support.show_factory import make_show

pytestmark = needs("nginx", "nginx")


@pytest.fixture
def served(tmp_path):
    """Start nginx with a snippet of a show's own; its address is known before the show is made."""
    (port,) = servers.free_ports(1)
    running = []

    def serve(snippet, **replaced):
        for old, new in replaced.items():
            snippet = snippet.replace(f"/{old.replace('_', '/')}", str(new))
        first, _, server = snippet.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};").rpartition("\nserver {")
        folders = "".join(f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        head = "user root;\n" if os.geteuid() == 0 else ""
        head += f"daemon off; error_log {tmp_path}/error.log; pid {tmp_path}/pid;\nevents {{}}\nhttp {{ access_log off; {folders}\n"
        config = tmp_path / "nginx.conf"
        config.write_text(f"{head}default_type application/octet-stream;\n{first}\nserver {{{server}}}\n")
        command = ["nginx", "-e", str(tmp_path / "error.log"), "-c", str(config)]
        tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert tried.returncode == 0, tried.stderr
        assert "[warn]" not in tried.stderr, tried.stderr
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        try:
            servers.wait_until_answers(f"http://127.0.0.1:{port}/", running[-1], 5)
        except RuntimeError:
            pytest.fail((tmp_path / "error.log").read_text()[-2000:])

    yield serve, f"http://127.0.0.1:{port}"
    for process in running:
        process.terminate()
        process.wait(10)


def test_a_folder_behind_it_is_served_as_apps_and_directories_want_it(served, tmp_path):
    serve, address = served
    show = make_every_tag(tmp_path / "show", address, "")
    assert show.publish("--yes").status == 0
    serve(show.run("bucket", "--print", "nginx").stdout, srv_podcast=show.public)
    looked = show.run("verify", "--json")
    assert looked.status == 0, looked.stderr
    assert looked.document == [] or looked.document["findings"] == []
    kinds = {}
    for path in show.public.rglob("*"):
        key = path.relative_to(show.public).as_posix()
        if path.is_file() and not key.startswith(("airdate-state/", ".")):
            with urllib.request.urlopen(f"{address}/{key}", timeout=10) as answer:
                kinds[path.name] = answer.headers["Content-Type"]
    assert "application/octet-stream" not in kinds.values(), kinds
    assert {kind for name, kind in kinds.items() if name.startswith("chapters-")} == {"application/json+chapters"}
    for hidden in ("airdate-state/state.json", ".airdate/state.json", "nothing.html"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{address}/{hidden}", timeout=10)
        assert caught.value.code == 404
        assert b"<html" in caught.value.read()


def test_a_bucket_behind_it_is_served_from_the_site_and_kept(served, tmp_path, s3_server, bucket):
    serve, address = served
    show = make_show(tmp_path / "show", storage=f"s3://{bucket}/show")
    show.configure("[storage]\n", f'[storage]\nendpoint = "{s3_server.endpoint}"\nprovider = "{s3_server.provider}"\n')
    show.configure("https://small.example", address)
    show.episode()
    assert show.run("bucket").status == 0
    assert show.publish("--yes").status == 0
    serve(show.run("bucket", "--print", "nginx").stdout, var_cache_nginx_podcast=tmp_path / "cache")
    looked = show.run("verify", "--json")
    assert looked.status == 0, looked.stdout
    for key in Bucket(s3_server, bucket).listed():
        s3_server.client().delete_object(Bucket=bucket, Key=key)
    with urllib.request.urlopen(f"{address}/feed.xml", timeout=10) as answer:
        assert b"<rss" in answer.read(), "for five minutes it does without the bucket"
