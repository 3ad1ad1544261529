from __future__ import annotations

import io
import os
import stat
import sys

import pytest

from publisher.commands import login as logging_in
from publisher.commands.login import Keys, credentials_file, held_by, with_keys, with_profile
from publisher.core.console import Console
from publisher.load.config_reader import parse_config
from tests.support import servers
from tests.support.show_factory import make_show

KEYS = Keys(key_id="AKIDNEW", secret="s/ecret+NEW")
NAME = "airdate-bucket"


@pytest.fixture
def file_of_keys(aws_environment, tmp_path):
    path = tmp_path / "home" / "aws" / "credentials"
    aws_environment.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    aws_environment.delenv("AIRDATE_SECRET", raising=False)
    aws_environment.delenv("AIRDATE_KEY_ID", raising=False)
    return path


@pytest.fixture
def show(tmp_path, s3_server, bucket, file_of_keys, aws_environment):
    aws_environment.delenv("AWS_ACCESS_KEY_ID")
    aws_environment.delenv("AWS_SECRET_ACCESS_KEY")
    show = make_show(tmp_path / "show")
    show.configure(
        'url = "public"', f'url = "s3://{bucket}/show"  # the show\nendpoint = "{s3_server.endpoint}"\nprovider = "{s3_server.provider}"'
    )
    return show


def typed(monkeypatch, secret):
    monkeypatch.setattr(sys, "stdin", io.StringIO(secret + "\n"))


# the whole command


def test_keys_that_work_are_kept_as_a_profile_that_the_config_names(show, bucket, s3_server, file_of_keys, monkeypatch):
    before = show.config.read_text()
    typed(monkeypatch, servers.SECRET)
    done = show.run("login", "--key-id", servers.KEY, "--json")
    assert done.status == 0, done.stderr
    assert done.document["profile"] == f"airdate-{bucket}"
    assert file_of_keys.read_text() == f"[airdate-{bucket}]\naws_access_key_id = {servers.KEY}\naws_secret_access_key = {servers.SECRET}\n"
    assert stat.S_IMODE(file_of_keys.stat().st_mode) == 0o600
    added = set(show.config.read_text().splitlines()) - set(before.splitlines())
    assert added == {f'profile = "airdate-{bucket}"'}
    assert servers.SECRET not in show.config.read_text() + done.stdout + done.stderr
    assert "Contents" not in s3_server.client().list_objects_v2(Bucket=bucket)


def test_the_next_publish_signs_with_them(show, monkeypatch):
    show.episode()
    assert show.publish().status == 4
    typed(monkeypatch, servers.SECRET)
    assert show.run("login", "--key-id", servers.KEY).status == 0
    done = show.publish()
    assert done.status == 0, done.stderr


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ((servers.KEY, "not-the-secret"), "login-wrong"),
        (("nobody", servers.SECRET), "login-wrong"),
        ((servers.READ_KEY, servers.READ_SECRET), "login-denied"),
    ],
)
def test_wrong_keys_are_said_and_nothing_is_written(show, file_of_keys, monkeypatch, keys, code):
    key_id, secret = keys
    before = show.config.read_bytes()
    typed(monkeypatch, secret)
    done = show.run("login", "--key-id", key_id)
    assert done.status == 4
    assert f"publish explain {code}" in done.stderr
    assert " in AWS_" not in done.stderr, "they were typed"
    assert secret not in done.stderr
    assert not file_of_keys.exists()
    assert show.config.read_bytes() == before


def test_the_keys_of_the_environment_are_not_tried_in_their_place(show, aws_environment, monkeypatch):
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
    typed(monkeypatch, "not-the-secret")
    assert show.run("login", "--key-id", servers.KEY).status == 4
    assert os.environ["AWS_SECRET_ACCESS_KEY"] == servers.SECRET


def test_a_bucket_that_does_not_exist_yet_is_no_fault_of_the_keys(show, bucket, file_of_keys, monkeypatch):
    show.configure(bucket, f"{bucket}-later")
    typed(monkeypatch, servers.SECRET)
    done = show.run("login", "--key-id", servers.KEY)
    assert done.status == 0, done.stderr
    assert "publish bucket" in done.stderr
    assert file_of_keys.exists()


@pytest.mark.parametrize(
    ("key_id", "secret"), [("", servers.SECRET), (servers.KEY, ""), (servers.KEY, "two words"), (servers.KEY, "ü"), ("a\nb", "c")]
)
def test_what_cannot_be_a_key_is_refused_before_anybody_is_asked(show, file_of_keys, monkeypatch, key_id, secret):
    typed(monkeypatch, secret)
    done = show.run("login", "--key-id", key_id)
    assert done.status == 2
    assert "login-missing" in done.stderr
    assert not file_of_keys.exists()


def test_the_secret_is_no_option(show):
    assert show.run("login", "--secret", "x").status == 2


def test_the_secret_may_come_from_the_environment(show, file_of_keys, aws_environment, monkeypatch):
    aws_environment.setenv("AIRDATE_SECRET", servers.SECRET)
    typed(monkeypatch, "not this one")
    assert show.run("login", "--key-id", servers.KEY, "--profile", "mine").status == 0
    assert held_by(file_of_keys.read_text(), "mine") == servers.KEY


def test_a_folder_needs_no_keys(tmp_path):
    done = make_show(tmp_path / "folder").run("login", "--key-id", "x")
    assert done.status == 2
    assert "login-folder" in done.stderr


def test_a_profile_in_use_is_replaced_only_when_that_is_meant(tmp_path, file_of_keys, monkeypatch):
    from publisher.core.errors import PlanRefused

    show = make_show(tmp_path / "show")
    show.configure('url = "public"', 'url = "s3://bucket"')
    file_of_keys.parent.mkdir(parents=True)
    file_of_keys.write_text(f"[{NAME}]\naws_access_key_id = OLD\naws_secret_access_key = x\n")
    config = parse_config(show.config, show.config.read_bytes())
    typed(monkeypatch, "s")
    with pytest.raises(PlanRefused):
        logging_in.login(config, Console(quiet=True), key_id="NEW", confirm=lambda _question: False, verify=False)
    assert held_by(file_of_keys.read_text(), NAME) == "OLD"
    typed(monkeypatch, "s")
    logging_in.login(config, Console(quiet=True), key_id="NEW", confirm=lambda _question: True, verify=False)
    assert held_by(file_of_keys.read_text(), NAME) == "NEW"


def test_a_file_of_keys_that_cannot_be_read_is_left_alone(tmp_path, file_of_keys, monkeypatch):
    show = make_show(tmp_path / "show")
    show.configure('url = "public"', 'url = "s3://bucket"')
    file_of_keys.parent.mkdir(parents=True)
    file_of_keys.write_bytes(b"\xff\xfe")
    typed(monkeypatch, "s")
    done = show.run("login", "--key-id", "NEW", "--no-verify")
    assert done.status == 4
    assert "login-file" in done.stderr
    assert file_of_keys.read_bytes() == b"\xff\xfe"


def test_a_link_to_the_file_of_keys_stays_a_link(tmp_path, file_of_keys):
    real = tmp_path / "elsewhere"
    real.write_text("")
    file_of_keys.parent.mkdir(parents=True)
    file_of_keys.symlink_to(real)
    logging_in._write(credentials_file(), "[a]\n")
    assert file_of_keys.is_symlink()
    assert real.read_text() == "[a]\n"


def test_keys_are_not_shown_by_their_own_value():
    assert "ecret" not in repr(KEYS) + str(KEYS) + f"{KEYS}"


# the file of keys

MANY = """\
# mine
[default]
aws_access_key_id = A
aws_secret_access_key = B

[airdate-bucket]
# old
aws_access_key_id=OLD
aws_secret_access_key: OLD
aws_session_token = T
region = eu

[z]
aws_access_key_id = Z
"""
AFTER = """\
# mine
[default]
aws_access_key_id = A
aws_secret_access_key = B

[airdate-bucket]
aws_access_key_id = AKIDNEW
aws_secret_access_key = s/ecret+NEW
# old
region = eu

[z]
aws_access_key_id = Z
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"[{NAME}]\naws_access_key_id = AKIDNEW\naws_secret_access_key = s/ecret+NEW\n"),
        ("[a]\nx = 1", f"[a]\nx = 1\n\n[{NAME}]\naws_access_key_id = AKIDNEW\naws_secret_access_key = s/ecret+NEW\n"),
        (MANY, AFTER),
    ],
    ids=["empty", "another profile", "between others"],
)
def test_a_profile_is_written_and_every_other_line_stays(before, after, tmp_path):
    assert with_keys(before, NAME, KEYS) == after
    assert with_keys(after, NAME, KEYS) == after
    import configparser

    parser = configparser.RawConfigParser()
    parser.read_string(after)
    assert parser[NAME]["aws_secret_access_key"] == KEYS.secret


def test_the_key_of_a_profile_is_found_in_its_own_section_only():
    assert held_by(MANY, NAME) == "OLD"
    assert held_by(MANY, "z") == "Z"
    assert held_by(MANY, "nobody") == ""


# config.toml


@pytest.mark.parametrize(
    ("storage", "after"),
    [
        ('[storage]\nurl = "s3://bucket" # here\n', '[storage]\nurl = "s3://bucket" # here\nprofile = "p"\n'),
        ('[storage]  # all of it\r\nurl = "s3://bucket"\r\n', '[storage]  # all of it\r\nurl = "s3://bucket"\r\nprofile = "p"\r\n'),
        ('[storage]\nurl = "s3://bucket"\nprofile = "old" # why\n', '[storage]\nurl = "s3://bucket"\nprofile = "p" # why\n'),
        ("[storage]\nprofile = 'old'\nurl = 's3://bucket'", "[storage]\nprofile = \"p\"\nurl = 's3://bucket'"),
        ('[storage]\nurl = "s3://bucket"', '[storage]\nurl = "s3://bucket"\nprofile = "p"'),
    ],
    ids=["after the address", "line ends of Windows", "in place of another", "single quotes", "at the end of the file"],
)
def test_one_line_of_the_config_is_added_or_changed(tmp_path, storage, after):
    show = make_show(tmp_path)
    head = show.config.read_text().replace('[storage]\nurl = "public"\n', "")
    show.write("config.toml", (head + storage).encode())
    assert with_profile(parse_config(show.config, show.config.read_bytes()), "p").decode() == head + after


def test_a_storage_in_one_line_has_to_be_written_by_hand(tmp_path):
    from publisher.core.errors import UsageError

    show = make_show(tmp_path)
    head = show.config.read_text().replace('[storage]\nurl = "public"\n', "")
    show.write("config.toml", 'storage = {url = "s3://bucket"}\n' + head)
    with pytest.raises(UsageError) as caught:
        with_profile(parse_config(show.config, show.config.read_bytes()), "p")
    assert caught.value.code == "login-by-hand"
    assert 'profile = "p"' in caught.value.hint
