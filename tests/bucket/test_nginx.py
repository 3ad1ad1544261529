"""What `publish bucket --print nginx` prints, in a real nginx, looked at as `publish verify` does."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import time
import urllib.request

import pytest

from tests.support import servers
from tests.support.e2e_show import Bucket
from tests.support.every_tag_show import make_every_tag
from tests.support.needs import needs
from tests.support.show_factory import long_recording, make_show

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


def test_what_its_log_tells_is_counted(served, tmp_path):
    """The format that is printed, written by a real nginx, read by the real command: two listeners, one of them in parts."""
    pytest.importorskip("duckdb")
    serve, address = served
    show = make_show(tmp_path / "show")
    show.episode("2026-05-01-long", audio=long_recording(120))
    assert show.publish().status == 0
    printed = show.run("bucket", "--print", "nginx-log").stdout
    log = show.folder / "logs" / "access.log"
    log.parent.mkdir()
    log_format = printed[printed.index("log_format") : printed.index(";") + 1]
    site = show.run("bucket", "--print", "nginx").stdout.replace(
        "\nserver {", f"\n{log_format}\nserver {{\n    access_log {log} podcast;\n"
    )
    serve(site, srv_podcast=show.public)
    [recording] = (show.public / "media").glob("*.mp3")
    half = recording.stat().st_size // 2

    def load(agent, asked=""):
        headers = {"User-Agent": agent} | ({"Range": f"bytes={asked}"} if asked else {})
        with urllib.request.urlopen(urllib.request.Request(f"{address}/media/{recording.name}", headers=headers), timeout=10) as answer:
            return len(answer.read())

    load("AntennaPod/3.4.1")
    load("curl/8.5.0")
    load("Overcast/3.0 (+http://overcast.fm/; iOS podcast app)", "0-1")
    for asked in (f"0-{half - 1}", f"{half}-"):
        load("Overcast/3.0 (+http://overcast.fm/; iOS podcast app)", asked)
    load("Podcasts/1650.20 CFNetwork/1333.0.4 Darwin/21.5.0", f"0-{half - 1000}")
    end = time.monotonic() + 10
    while log.read_text().count("/media/") < 6 and time.monotonic() < end:
        time.sleep(0.05)  # a line is written after its answer
    show.write("config.toml", show.config.read_text() + '\n[stats]\nlogs = "logs/*"\n')
    soon = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).isoformat()
    assert show.run("stats", "--json", now=soon).document["downloads"] == 2
    checked = show.run("stats", "check", "--json", now=soon).document
    left_out = {row["rule"]: row["requests"] for row in checked["left_out"] if row["requests"]}
    assert left_out == {"bot": 1, "two-bytes": 1, "same-download": 1, "below-a-minute": 1, "other-files": log.read_text().count("\n") - 6}
