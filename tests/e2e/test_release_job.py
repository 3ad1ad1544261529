"""The recipes of docs/ci against a bucket: twice, on a clone without recordings, without a terminal; and each way a job fails."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import ExitStack

import pytest

from tests.support import recipes, servers
from tests.support.e2e_show import Bucket, bucket_show, clean_environment, program
from tests.support.fault_proxy import FaultProxy
from tests.support.service_servers import Answering
from tests.support.show_factory import Outcome, Show, recording

BUCKET_RECIPES = tuple(name for name in recipes.NAMES if name != "pages.yml")
UNLIKE = ("github.yml", "gitlab.yml", "cron.md", "systemd/publish.service")
"""Of recipes whose job to publish is the same to the letter, one."""
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 1\n"


def scripts(name: str, job: str = "publish", **inputs: str) -> list[str]:
    """What a job runs, but for the question of a daily show, which has a test of its own."""
    return [script for script in recipes.jobs(name, **inputs).get(job, []) if "--fresh" not in script]


def work(show: Show, name: str, place: Bucket, *, job: str = "publish", endpoint: str = "", **more: str | None) -> Outcome:
    """A job's scripts in a clean home; like a runner, stops at the first that fails. None takes a variable away."""
    environment = clean_environment(show.folder.parent, endpoint or place.server.endpoint) | more
    done = Outcome(0, "", "")
    for script in scripts(name, job):
        done = recipes.run(script, show.folder, {key: value for key, value in environment.items() if value is not None})
        if done.status:
            break
    return done


def result(show: Show) -> dict:
    """The document that the job leaves behind."""
    return json.loads((show.folder / "publish.json").read_text("utf-8"))


def runner(show: Show, home) -> Show:
    """A fresh checkout without recordings in a home of its own, the program installed as the recipes say."""
    clone = show.copy(home / "show", audio=False)
    recipes.with_program(clone.folder)
    return clone


@pytest.fixture
def published(place, warm, tmp_path):
    """A show that was published from a desk, and a change of its words that was not."""
    show = bucket_show(tmp_path / "desk", place.name, site=place.url)
    show.episode()
    show.episode("2026-05-08-second", date="2026-05-08T06:00:00+02:00")
    assert warm.run(show, "--yes", endpoint=place.server.endpoint).status == 0
    show.edit("2026-05-01-first", "Some notes.", "Better notes.")
    return show


def test_a_recipe_that_is_not_run_in_each_failure_publishes_as_one_that_is():
    ran = {scripts(name)[-1] for name in UNLIKE}
    assert {scripts(name)[-1].replace(".venv/bin/publish", "publish") for name in {*BUCKET_RECIPES, "shows.yml"} - set(UNLIKE)} <= ran


@pytest.mark.parametrize("name", BUCKET_RECIPES)
def test_the_job_publishes_a_change_of_text_without_any_recording_and_sends_nothing_the_second_time(name, place, published, tmp_path):
    media = {key for key in place.listed() if key.startswith("media/")}
    first = runner(published, tmp_path / "runner-1")
    done = work(first, name, place)
    assert done.status == 0, done.stderr
    assert b"Better notes." in place.get("feed.xml")
    assert {key for key in place.listed() if key.startswith("media/")} == media
    second = runner(published, tmp_path / "runner-2")
    kept = ".airdate-cache" in (recipes.RECIPES / name).read_text("utf-8")
    if kept:
        shutil.copytree(first.folder / ".airdate-cache", second.folder / ".airdate-cache")
    before = place.objects()
    done = work(second, name, place)
    assert done.status == 0, done.stderr
    assert place.objects() == before
    if (second.folder / "publish.json").exists():
        assert "episodes/first.html" in [change["key"] for change in result(first)["changes"] if change["reason"] == "content"]
        assert (result(second)["changes"], result(second)["bytes_sent"]) == ([], 0)
    else:
        assert "Nothing changed" in done.stderr


@pytest.mark.parametrize(
    ("name", "audio"), [("github.yml", "none"), ("gitlab.yml", "pointers"), ("forgejo.yml", "pointers"), ("woodpecker.yml", "none")]
)
def test_the_check_of_a_merge_request_passes_without_any_key_and_fails_at_a_fault(name, audio, place, published, tmp_path):
    clone = runner(published, tmp_path / "runner")
    for folder in (clone.folder / "episodes").iterdir() if audio == "pointers" else ():
        (folder / "audio.mp3").write_text(POINTER)
    no_keys = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    done = work(clone, name, place, job="check", **no_keys)
    assert done.status == 0, done.stdout + done.stderr
    clone.edit("2026-05-01-first", "title =", "titel =")
    assert work(clone, name, place, job="check", **no_keys).status == 3


@pytest.mark.parametrize(("name", "secrets"), [*zip(UNLIKE, ("", None, None, None), strict=True)])
def test_a_job_without_its_secrets_says_so_and_touches_nothing(name, secrets, place, published, tmp_path):
    before = place.objects()
    done = work(runner(published, tmp_path / "runner"), name, place, AWS_ACCESS_KEY_ID=secrets, AWS_SECRET_ACCESS_KEY=secrets)
    assert done.status == 4, done.stderr
    assert "no credentials for the storage were found" in done.stdout + done.stderr
    assert place.objects() == before


def told(code: str, more: str = "") -> bytes:
    """An error as S3 services write it."""
    return f"<Error><Code>{code}</Code><Message>no</Message>{more}</Error>".encode()


@pytest.mark.parametrize("name", UNLIKE)
@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (400, told("ExpiredToken"), "AWS_SESSION_TOKEN"),
        (400, told("AuthorizationHeaderMalformed", "<Region>eu-central-1</Region>"), "eu-central-1"),
    ],
    ids=["expired token", "wrong region"],
)
def test_a_job_says_what_the_service_refuses(name, status, answer, words, place, tmp_path):
    show = bucket_show(tmp_path / "desk", place.name)
    show.episode()
    with Answering(answers=[(status, answer, {})]) as service:
        done = work(runner(show, tmp_path / "runner"), name, place, endpoint=service.address, AWS_SESSION_TOKEN="a-token")
    assert done.status == 4, done.stderr
    assert words in done.stdout + done.stderr
    assert {asked.method for asked in service.asked} <= {"GET", "HEAD"}
    assert all(asked.headers["x-amz-security-token"] == "a-token" for asked in service.asked)


@pytest.mark.parametrize("name", UNLIKE)
def test_two_jobs_at_once_both_end_well_and_lose_nothing(name, place, published, tmp_path):
    other = published.copy(tmp_path / "desk-2")
    other.edit("2026-05-08-second", "Some notes.", "Other notes.")
    other.edit("2026-05-01-first", "Better notes.", "Some notes.")
    clones = [runner(published, tmp_path / "runner-1"), runner(other, tmp_path / "runner-2")]
    [script] = scripts(name)[-1:]
    running = [
        subprocess.Popen(
            recipes.shell(script),
            cwd=clone.folder,
            env=clean_environment(clone.folder.parent, place.server.endpoint),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for clone in clones
    ]
    statuses = [one.wait(120) for one in running]
    assert 0 in statuses
    assert set(statuses) <= {0, 5}, "a checkout that is older than what is published is refused, not obeyed"
    feed = place.get("feed.xml") or b""
    assert (b"Better notes." in feed) or (b"Other notes." in feed)
    assert place.get("index.html")


@pytest.mark.parametrize(("name", "number"), [*zip(UNLIKE, (signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGTERM), strict=True)])
def test_a_job_that_is_cancelled_in_the_middle_leaves_a_whole_show_and_the_next_one_finishes(name, number, place, published, tmp_path):
    clone = runner(published, tmp_path / "runner")
    old = place.get("feed.xml")
    with ExitStack() as stack:
        proxy = stack.enter_context(FaultProxy(place.server.port, latency=0.15))
        running = subprocess.Popen(
            recipes.shell(scripts(name)[-1]),
            cwd=clone.folder,
            env=clean_environment(clone.folder.parent, proxy.endpoint),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        stack.callback(running.kill)
        end = time.monotonic() + 60
        while sum(request.method == "PUT" for request, _ in proxy.seen) < 3:
            assert time.monotonic() < end
            assert running.poll() is None
            time.sleep(0.01)
        os.killpg(running.pid, number)
        assert running.wait(60) != 0
    assert place.get("feed.xml") == old, "the feed comes last"
    again = runner(published, tmp_path / "runner-2")
    same_machine = str(clone.folder.parent)  # another one would look on for a minute first
    done = work(again, name, place, TMPDIR=same_machine)
    assert done.status == 0, done.stderr
    assert b"Better notes." in place.get("feed.xml")


def assumed(token: str) -> bytes:
    """What Amazon's token service answers to a job's identity."""
    keys = (
        f"<AccessKeyId>{servers.KEY}</AccessKeyId><SecretAccessKey>{servers.SECRET}</SecretAccessKey><SessionToken>{token}</SessionToken>"
    )
    result = f"<AssumeRoleWithWebIdentityResult><Credentials>{keys}<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
    space = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'
    return f"<AssumeRoleWithWebIdentityResponse {space}>{result}</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>".encode()


def test_a_job_at_gitlab_takes_its_role_by_the_identity_it_is_given(place, published, tmp_path):
    clone = runner(published, tmp_path / "runner")
    refused = b"<ErrorResponse><Error><Code>ExpiredTokenException</Code><Message>Token expired</Message></Error></ErrorResponse>"
    more = {
        "PUBLISH_ROLE": "arn:aws:iam::123456789012:role/publish",
        "WEB_IDENTITY": "a.job.token",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": None,
        "AWS_SECRET_ACCESS_KEY": None,
    }
    with Answering(answers=[(200, assumed("short"), {})]) as tokens, Answering(answers=[(400, told("ExpiredToken"), {})]) as service:
        work(clone, "gitlab.yml", place, endpoint=service.address, AWS_ENDPOINT_URL_STS=tokens.address, **more)
    [asked] = tokens.asked
    assert (asked.form["Action"], asked.form["RoleArn"]) == ("AssumeRoleWithWebIdentity", more["PUBLISH_ROLE"])
    assert asked.form["WebIdentityToken"] == "a.job.token"
    assert {one.headers["x-amz-security-token"] for one in service.asked} == {"short"}
    before = place.objects()
    with Answering(answers=[(400, refused, {})]) as tokens:
        done = work(clone, "gitlab.yml", place, AWS_ENDPOINT_URL_STS=tokens.address, **more)
    assert done.status == 4, done.stderr
    assert "expired" in done.stderr
    assert place.objects() == before
    assert (clone.folder.parent / ".web-identity").stat().st_mode & 0o077 == 0


def test_temporary_keys_are_sent_whole_with_each_request(place, tmp_path):
    """As R2 gives them out: two keys and a token. `rclone serve s3` takes any token; SeaweedFS only its own."""
    server = servers.RcloneServer(tmp_path / "rclone", servers.need("rclone", "s3"))
    show = bucket_show(tmp_path / "desk", "show")
    show.configure('s3://show"', 's3://show"\nprovider = "r2"')
    show.episode()
    recipes.with_program(show.folder)
    with ExitStack() as stack:
        stack.callback(server.stop)
        proxy = stack.enter_context(FaultProxy(int(server.endpoint.rpartition(":")[2])))
        done = work(show, "github.yml", place, endpoint=proxy.endpoint, AWS_SESSION_TOKEN=" a-token\n")
    assert done.status == 6, f"published, and nobody serves the address of this show: {done.stderr}"
    assert (tmp_path / "rclone" / "show" / "feed.xml").is_file()
    assert {request.headers.get("x-amz-security-token") for request, _ in proxy.seen} == {"a-token"}


def test_the_jobs_of_two_shows_in_one_bucket_publish_each_below_its_prefix(place, tmp_path):
    [script] = scripts("shows.yml")
    for name in ("one", "two"):
        show = bucket_show(tmp_path / "shows" / name, f"{place.name}/{name}", site=f"{place.url}/{name}")
        show.episode(title=f"From {name}")
        recipes.with_program(show.folder)
        done = recipes.run(script, show.folder, clean_environment(tmp_path / "home", place.server.endpoint))
        assert done.status == 0, done.stderr
    assert {key.partition("/")[0] for key in place.listed()} == {"one", "two"}
    for name in ("one", "two"):
        assert f"From {name}".encode() in (place.get(f"{name}/feed.xml") or b"")


@pytest.mark.parametrize(
    ("fault", "status"),
    [("an invalid episode", 3), ("a wrong key", 4), ("no such bucket", 4), ("an episode gone", 5)],
)
def test_a_fault_ends_the_job_with_its_status_and_nothing_changed(fault, status, place, published, tmp_path):
    before = place.objects()
    clone = runner(published, tmp_path / "runner")
    more = {}
    if fault == "an invalid episode":
        clone.edit("2026-05-01-first", "title =", "titel =")
    elif fault == "a wrong key":
        more = {"AWS_SECRET_ACCESS_KEY": "not the one"}
    elif fault == "no such bucket":
        clone.configure(f"s3://{place.name}", "s3://no-such-bucket-here")
    else:
        clone.remove("2026-05-01-first")
    assert work(clone, "cron.md", place, **more).status == status
    assert result(clone)["status"] == status
    assert place.objects() == before


def test_what_is_served_wrong_is_status_6(place, tmp_path):
    show = bucket_show(tmp_path / "desk", place.name, site=f"{place.server.endpoint}/somewhere-else")
    show.episode(audio=recording(15.0))
    outcome = program(show, "--yes", "--json", endpoint=place.server.endpoint)
    assert outcome.status == 6, outcome.stderr
    assert place.get("feed.xml")


def test_a_daily_show_that_serves_nothing_new_is_status_6(place, warm, tmp_path):
    show = bucket_show(tmp_path / "desk", place.name, site=place.url)
    show.episode(date="2026-05-31T18:00:00+02:00")
    assert warm.run(show, "--yes", endpoint=place.server.endpoint).status == 0
    fresh = ("status", "--fresh", "26h", "--quiet")
    assert warm.run(show, *fresh, endpoint=place.server.endpoint).status == 0
    outcome = warm.run(show, *fresh, endpoint=place.server.endpoint, now="2026-06-01T18:00:01+00:00")
    assert outcome.status == 6
    assert "26 hours" in outcome.stderr
