"""A show whose address nobody knows yet: it can be made, checked, previewed and published into a folder, and nobody is sent to a place that is none."""

from __future__ import annotations

import pytest

from tests.support.show_factory import CONFIG, Show, make_show, tree

LINE = 'url = "https://small.example"\n'


@pytest.fixture
def show(tmp_path):
    made = make_show(tmp_path / "show")
    assert LINE in CONFIG
    made.configure(LINE, "")
    made.episode()
    return made


def test_init_without_one_writes_no_stand_in_and_the_show_goes_from_there_into_a_folder(tmp_path):
    folder = tmp_path / "new"
    first = make_show(tmp_path / "any")
    assert first.run("init", str(folder), "--title", "A Show", "--yes").status == 0
    show = Show(folder, now=first.now)
    text = show.config.read_text()
    assert "example" not in text.replace("# url", "") and '\n# url = "https://' in text
    show.episode()
    show.write("artwork.jpg", (first.folder / "artwork.jpg").read_bytes())
    done = show.publish()
    assert done.status == 0, done.stderr
    assert "<item>" in (show.public / "feed.xml").read_text()


def test_a_publish_into_a_folder_works_and_says_that_nobody_can_subscribe_yet(show):
    done = show.publish("--json")
    assert done.status == 0, done.stderr
    (row,) = done.findings("no-address")
    assert row["severity"] == "warning" and "url" in row["hint"] and row["file"] == "config.toml"
    plain = show.publish("--verbose")
    assert ".invalid" not in plain.stdout + plain.stderr
    assert "no address yet" in plain.stdout, plain.stdout
    assert show.run("check").status == 0
    assert show.run("verify").status == 0
    body = (show.public / "index.html").read_text() + (show.public / "episodes/first.html").read_text()
    assert 'src="https://no-address' not in body and '<a href="https://no-address-yet.invalid/episodes' not in body, "pages work anywhere"
    assert show.publish("--strict").status == 3


def test_the_address_may_come_later_and_changes_nobody_s_episodes(show):
    assert show.publish().status == 0
    before = (show.public / "feed.xml").read_text()
    show.configure("[site]\n", '[site]\nurl = "https://pods.test/show"\n')
    done = show.publish("--json")
    assert done.status == 0, done.stderr
    after = (show.public / "feed.xml").read_text()
    assert "https://pods.test/show/media/" in after and ".invalid" not in after
    assert before.count("<guid") == after.count("<guid") and "0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00" in after
    assert not done.findings("no-address")
    assert b".invalid" not in b"".join(
        body for name, body in tree(show.public).items() if name.endswith((".html", ".xml", ".txt", ".json"))
    )


def test_a_bucket_is_not_published_to_without_one_and_nothing_is_written(show, tmp_path):
    host = tmp_path / "host"
    show.configure('url = "public"', 'url = "s3://bucket/show"\nendpoint = "http://127.0.0.1:9"')
    done = show.run("check", "--json")
    (row,) = done.findings("no-address")
    assert done.status == 3 and row["severity"] == "error" and row["hint"]
    assert not host.exists()


def test_over_a_bucket_the_publish_is_refused(show, s3_server, bucket, aws_environment):
    from tests.support import servers

    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
    show.configure('url = "public"', f'url = "s3://{bucket}/show"\nendpoint = "{s3_server.endpoint}"')
    done = show.publish()
    assert done.status == 3, done.stderr
    assert "no address" in done.stderr and "url" in done.stderr
    listed = s3_server.client().list_objects_v2(Bucket=bucket, Prefix="show/").get("Contents", [])
    assert listed == []


def test_a_show_with_neither_address_nor_guid_is_told_so_for_two_would_have_the_same(show):
    show.configure('guid = "0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00"\n', "")
    done = show.publish()
    assert done.status == 3
    assert "guid" in done.stderr and "address" in done.stderr


@pytest.mark.parametrize("arguments", [("submit",), ("announce",), ("verify", "--online"), ("purge",)])
def test_commands_that_send_somebody_to_the_show_say_that_it_has_no_address(show, arguments):
    assert show.publish().status == 0
    done = show.run(*arguments)
    assert done.status != 0
    assert "no address yet" in done.stderr and "url" in done.stderr and "bug" not in done.stderr
    assert ".invalid" not in done.stdout + done.stderr
