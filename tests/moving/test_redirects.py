"""Redirects of old pages: right in each form, and nothing of a feed of others gets out of its place in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import httpx
import pytest

from publisher.moving.redirects import FORMS, Redirect, redirects_of
from tests.support import servers
from tests.support.needs import needs

NEW = "https://new.example/e/one.html"
USUAL = [
    ("https://old.example/one", NEW),
    ("https://old.example/two/", "https://new.example/e/two.html"),
    ("https://old.example/?p=3&x=1", "https://new.example/e/three.html"),
    ("http://www.old.example/4.html", "https://new.example/e/four.html"),
]


@pytest.mark.parametrize(
    ("pairs", "left"),
    [
        ([("https://old.example", NEW)], ["https://old.example"]),
        ([("https://old.example/", NEW)], ["https://old.example/"]),
        ([("ftp://old.example/x", NEW)], ["ftp://old.example/x"]),
        ([("https://old.example/same", NEW), ("https://old.example/same#top", "https://new.example/e/2.html")], ["https://old.example/same#top"]),
        ([(NEW, NEW)], [NEW]),
        ([("https://[broken/x", NEW)], ["https://[broken/x"]),
        ([("https://old.example/x", "javascript:alert(1)")], ["https://old.example/x"]),
    ],
)  # fmt: skip
def test_what_cannot_be_redirected_is_named_and_left_out(pairs, left):
    assert redirects_of(pairs) == ([], left)


def test_one_page_with_one_target_is_redirected_once():
    found, left = redirects_of([("https://old.example/one", NEW), ("https://old.example/one#t=5", NEW)])
    assert (found, left) == ([Redirect(host="old.example", path="/one", target=NEW)], [])


@pytest.mark.parametrize("form", FORMS)
def test_what_a_feed_of_others_writes_ends_nothing(form):
    evil = "https://old.example/a\";$}\n//*`'<script>\\x:y"
    found, left = redirects_of([(evil, NEW + '";${x}\n}'), ('https://old.exam"ple;}/x', NEW)])
    assert left == ['https://old.exam"ple;}/x']
    (only,) = found
    assert not re.search(r"[\s\"'$`{}\\<>*]|:(?!//)", only.path + only.target.removeprefix("https:"))
    text = FORMS[form](found)
    assert "<script>" not in text and '";$' not in text
    assert only.target in text


def test_the_redirects_file_has_a_line_for_each_page():
    found, left = redirects_of(USUAL)
    assert left == []
    lines = [line for line in FORMS["redirects"](found).split("\n") if line and not line.startswith("#")]
    assert lines == [
        f"/one {NEW} 301",
        "/two/ https://new.example/e/two.html 301",
        "/ p=3 x=1 https://new.example/e/three.html 301",
        "/4.html https://new.example/e/four.html 301",
    ]


ASKED = {
    "old.example/one": NEW,
    "old.example/one/": NEW,
    "old.example/two": "https://new.example/e/two.html",
    "old.example/two/": "https://new.example/e/two.html",
    "old.example/?p=3&x=1": "https://new.example/e/three.html",
    "www.old.example/4.html": "https://new.example/e/four.html",
    "old.example/": "",
    "www.old.example/one": "",
    "old.example/one/more": "",
}
NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="node is missing")
@pytest.mark.parametrize("form", ["cloudfront", "worker"])
def test_what_runs_at_the_edge_answers_301_for_old_pages_and_nothing_else(form):
    text = FORMS[form](redirects_of(USUAL)[0])
    if form == "worker":
        ask = """
const fetch = async () => ({status: 200, headers: new Map()});
const found = {};
for (const key of asked) {
  const answer = await worker.fetch(new Request("https://" + key));
  found[key] = answer.status === 301 ? answer.headers.get("location") : "";
}"""
        text = text.replace("export default", "const worker =")
    else:
        ask = """
const found = {};
for (const key of asked) {
  const url = new URL("https://" + key);
  const querystring = {};
  url.searchParams.forEach((value, name) => { querystring[name] = {value}; });
  const answer = handler({request: {uri: url.pathname, querystring, headers: {host: {value: url.host}}}});
  found[key] = answer.statusCode === 301 ? answer.headers.location.value : "";
}"""
    script = f"(async () => {{\n{text}\nconst asked = {json.dumps(list(ASKED))};{ask}\nconsole.log(JSON.stringify(found));\n}})();"
    done = subprocess.run([str(NODE), "-e", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ASKED


@needs("nginx", "nginx")
def test_nginx_answers_301_for_old_pages_and_nothing_else(tmp_path):
    (port,) = servers.free_ports(1)
    outside, _, inside = FORMS["nginx"](redirects_of(USUAL)[0]).partition("# nginx, into the server")
    inside = inside.partition("\n")[2]
    folders = "".join(f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.geteuid() == 0 else ""
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"{user}daemon off; error_log {tmp_path}/error.log; pid {tmp_path}/pid;\nevents {{}}\nhttp {{ access_log off; {folders}\n{outside}"
        f"server {{ listen 127.0.0.1:{port}; {inside} location / {{ return 204; }} }} }}\n"
    )
    with subprocess.Popen(["nginx", "-e", f"{tmp_path}/error.log", "-c", str(config)], stderr=subprocess.DEVNULL) as server:
        try:
            servers.wait_until_answers(f"http://127.0.0.1:{port}/", server, 10)
            found = {}
            for key in ASKED:
                host, slash, path = key.partition("/")
                answer = httpx.get(f"http://127.0.0.1:{port}{slash}{path}", headers={"Host": host}, trust_env=False)
                found[key] = answer.headers["location"] if answer.status_code == 301 else ""
        finally:
            server.terminate()
    assert found == ASKED


def test_the_map_of_nginx_has_each_page_with_and_without_its_slash():
    text = FORMS["nginx"](redirects_of(USUAL)[0])
    rows = dict(re.findall(r'^    "([^"]*)" "([^"]*)";$', text, re.MULTILINE))
    assert rows == {key: target for key, target in ASKED.items() if target}
