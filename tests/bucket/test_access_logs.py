"""`publish bucket --logs`: logging switched on where a request does it, refused where anybody could read the logs, told elsewhere."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from publisher.bucket.access_logs import WITHOUT
from publisher.bucket.cdn_snippets import Edge
from publisher.bucket.log_steps import STEPS
from publisher.bucket.no_logs import NO_LOGS
from tests.support.log_buckets import LogBuckets
from tests.support.needs import needs
from tests.support.show_factory import make_show

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def buckets(aws_environment: pytest.MonkeyPatch) -> Iterator[LogBuckets]:
    aws_environment.setenv("AWS_ACCESS_KEY_ID", "key")
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with LogBuckets() as server:
        yield server


def show_at(tmp_path, server, *, provider="aws", url="s3://bucket/show", more=""):
    show = make_show(tmp_path / "show")
    text = f'url = "{url}"\nendpoint = "{server.address}"\nprovider = "{provider}"\nregion = "eu-west-1"\naddressing = "path"'
    show.configure('url = "public"', text)
    if more:
        show.write("config.toml", show.config.read_text() + more)
    return show


def test_requests_are_logged_into_a_bucket_of_their_own_that_throws_them_away(tmp_path, buckets):
    show = show_at(tmp_path, buckets)
    done = show.run("bucket", "--logs", "10", "--json")
    assert done.status == 0, done.stderr
    assert done.document["created"] == ["bucket-logs"]
    assert buckets.written() == ["bucket-logs", "bucket-logs policy", "bucket-logs lifecycle", "bucket logging"]
    (statement,) = json.loads(buckets.buckets["bucket-logs"]["policy"])["Statement"]
    assert statement["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert (statement["Action"], statement["Resource"]) == ("s3:PutObject", "arn:aws:s3:::bucket-logs/show/*")
    assert statement["Condition"] == {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::bucket"}}
    assert b"<Expiration><Days>10</Days></Expiration>" in buckets.buckets["bucket-logs"]["lifecycle"]
    logging = buckets.buckets["bucket"]["logging"]
    assert b"<TargetBucket>bucket-logs</TargetBucket>" in logging
    assert b"<TargetPrefix>show/</TargetPrefix>" in logging
    assert any('logs = "s3://bucket-logs/show/"' in line for line in done.document["by_hand"])
    assert set(buckets.buckets["bucket"]) == {"logging"}


def test_the_second_run_changes_nothing_and_says_nothing_more_to_do(tmp_path, buckets):
    assert show_at(tmp_path / "first", buckets).run("bucket", "--logs").status == 0
    before = len(buckets.written())
    again = show_at(tmp_path / "second", buckets, more='\n[stats]\nlogs = "s3://bucket-logs/show"\n').run("bucket", "--logs", "--json")
    assert (again.status, again.document["changes"], again.document["by_hand"], again.document["applied"]) == (0, [], [], False)
    assert len(buckets.written()) == before
    assert not buckets.objects


def test_the_difference_is_shown_without_doing_it(tmp_path, buckets):
    done = show_at(tmp_path, buckets).run("bucket", "--logs", "--dry-run", "--json")
    assert {row["setting"] for row in done.document["changes"]} == {"log delivery", "lifecycle", "access log"}
    buckets.buckets["bucket-logs"] = {}
    assert show_at(tmp_path / "again", buckets).run("bucket", "--logs", "--dry-run").status == 0
    assert not any(asked.method in ("PUT", "DELETE") for asked in buckets.asked)


def test_a_log_that_goes_somewhere_already_is_read_there(tmp_path, buckets):
    buckets.buckets["theirs"] = {}
    place = b"<LoggingEnabled><TargetBucket>theirs</TargetBucket><TargetPrefix>of-bucket/</TargetPrefix></LoggingEnabled>"
    buckets.buckets["bucket"]["logging"] = b"<BucketLoggingStatus>" + place + b"</BucketLoggingStatus>"
    done = show_at(tmp_path, buckets).run("bucket", "--logs", "--json")
    assert done.status == 0, done.stderr
    assert "bucket logging" not in buckets.written()
    assert any("s3://theirs/of-bucket/" in line for line in done.document["by_hand"])


def _policy(server):
    statement = {"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::mine/*"}
    server.buckets["mine"]["policy"] = json.dumps({"Version": "2012-10-17", "Statement": [statement]}).encode()


@pytest.mark.parametrize(
    ("name", "opened", "why"),
    [
        ("mine", _policy, "its policy is public"),
        ("mine", lambda server: server.open_by_acl.add("mine"), "its ACL lets everybody in"),
        ("mine", lambda server: server.open_to_all.add("mine"), "anybody can read what lies there"),
        ("mine", lambda server: server.listed_by_all.add("mine"), "anybody can list it"),
        ("bucket", lambda server: None, "the show itself lies there"),
    ],
    ids=["policy", "acl", "asked", "listed", "listeners"],
)
def test_a_place_that_answers_to_anybody_is_refused_and_nothing_is_written(tmp_path, buckets, name, opened, why):
    buckets.buckets["mine"] = {}
    opened(buckets)
    done = show_at(tmp_path, buckets, more=f'\n[stats]\nlogs = "s3://{name}/logs"\n').run("bucket", "--logs")
    assert done.status == 5
    assert why in done.stderr
    assert "publish explain logs-public" in done.stderr
    assert buckets.written() == []
    assert not buckets.objects


def test_no_logs_are_put_among_what_the_show_keeps_for_itself(tmp_path, buckets):
    buckets.buckets["kept"] = {}
    show = show_at(tmp_path, buckets, more='\n[stats]\nlogs = "s3://kept"\n')
    show.configure("[storage]\n", '[storage]\nprivate = "s3://kept/show"\n')
    done = show.run("bucket", "--logs")
    assert (done.status, buckets.written()) == (5, [])
    assert "the show itself lies there" in done.stderr
    show.configure('logs = "s3://kept"', 'logs = "s3://kept/logs"')
    assert show.run("bucket", "--logs").status == 0
    assert b"<Prefix>logs/</Prefix>" in buckets.buckets["kept"]["lifecycle"]


def test_at_the_root_of_a_bucket_nothing_is_thrown_away(tmp_path, buckets):
    buckets.buckets["mine"] = {}
    done = show_at(tmp_path, buckets, more='\n[stats]\nlogs = "s3://mine"\n').run("bucket", "--logs", "--json")
    assert done.status == 0, done.stderr
    assert b"Expiration" not in buckets.buckets["mine"]["lifecycle"]
    assert any("none of it is thrown away" in line for line in done.document["by_hand"])


def test_a_prefix_that_somebody_chose_is_kept_as_it_is(tmp_path, buckets):
    buckets.buckets["theirs"] = {}
    place = b"<LoggingEnabled><TargetBucket>theirs</TargetBucket><TargetPrefix>of-show-</TargetPrefix></LoggingEnabled>"
    buckets.buckets["bucket"]["logging"] = b"<BucketLoggingStatus>" + place + b"</BucketLoggingStatus>"
    done = show_at(tmp_path / "first", buckets).run("bucket", "--logs", "--json")
    assert any('"s3://theirs/of-show-*"' in line for line in done.document["by_hand"])
    assert b"<Prefix>of-show-</Prefix>" in buckets.buckets["theirs"]["lifecycle"]
    again = show_at(tmp_path / "again", buckets, more='\n[stats]\nlogs = "s3://theirs/of-show-*"\n').run("bucket", "--logs", "--json")
    assert "bucket logging" not in buckets.written()
    assert not any("config.toml" in line for line in again.document["by_hand"])


@pytest.mark.parametrize("provider", ["b2", "spaces"])
def test_services_without_policies_take_the_same_request(tmp_path, buckets, provider):
    buckets.buckets["mine"] = {}
    buckets.unknown = {"policy", "policyStatus", "publicAccessBlock"}
    done = show_at(tmp_path, buckets, provider=provider, more='\n[stats]\nlogs = "s3://mine/logs/"\n').run("bucket", "--logs", "--json")
    assert done.status == 0, done.stderr
    assert buckets.written() == ["mine lifecycle", "bucket logging"]
    assert done.document["by_hand"] == []


@pytest.mark.parametrize(
    ("logs", "prefix"), [("s3://my-logs", ""), ("s3://my-logs/show/", "show/"), ("s3://my-logs/show/2026-*.gz", "show/")]
)
def test_the_key_that_publishes_may_read_logs_in_a_bucket(tmp_path, buckets, logs, prefix):
    printed = show_at(tmp_path, buckets, more=f'\n[stats]\nlogs = "{logs}"\n').run("bucket", "--print", "policy").stdout
    by_name = {item["Sid"]: item for item in json.loads(printed)["Statement"]}
    assert (by_name["Logs"]["Action"], by_name["Logs"]["Resource"]) == ("s3:ListBucket", "arn:aws:s3:::my-logs")
    assert by_name["Logs"].get("Condition", {}) == ({"StringLikeIfExists": {"s3:prefix": [f"{prefix}*"]}} if prefix else {})
    assert (by_name["LogFiles"]["Action"], by_name["LogFiles"]["Resource"]) == ("s3:GetObject", f"arn:aws:s3:::my-logs/{prefix}*")
    assert "Logs" not in show_at(tmp_path / "local", buckets, more='\n[stats]\nlogs = "logs/*"\n').run("bucket", "--print", "policy").stdout


def test_a_service_that_writes_no_logs_is_told_from_one_that_does(tmp_path, buckets):
    buckets.unknown = {"logging", "publicAccessBlock"}
    done = show_at(tmp_path, buckets, provider="other").run("bucket", "--logs", "--json")
    assert done.status == 0, done.stderr
    assert buckets.written() == []
    assert any("knows no setting “access log”" in line for line in done.document["by_hand"])
    assert any("$http_range" in line for line in done.document["by_hand"])


def test_a_real_bucket_of_a_service_without_logs_is_left_as_it_is(tmp_path, s3_server, bucket):
    if s3_server.provider not in WITHOUT:
        pytest.skip("this service may keep logs")
    show = make_show(tmp_path / "show")
    show.configure('url = "public"', f'url = "s3://{bucket}/show"\nendpoint = "{s3_server.endpoint}"\nprovider = "{s3_server.provider}"')
    before = s3_server.counted(bucket)
    done = show.run("bucket", "--logs", "--json")
    assert (done.status, done.document["applied"], done.document["created"]) == (0, False, [])
    assert any("keeps no log of a bucket" in line for line in done.document["by_hand"])
    assert s3_server.counted(bucket) == before


@pytest.mark.parametrize(
    ("provider", "more", "said"),
    [
        ("r2", "", "Data Access Logs > Enabled"),
        ("minio", "", "$http_range"),
        ("garage", "", "keeps no log of a bucket"),
        ("gcs", "", "are not read by `publish stats`"),
        ("aws", '\n[cdn]\npurge = "cloudfront"\nzone = "E1"\n', "put-delivery-source"),
        ("aws", '\n[cdn]\npurge = "fastly"\nzone = "S1"\n', "%{json.escape(req.http.Range)}V"),
        ("r2", '\n[cdn]\npurge = "cloudflare"\nzone = "Z1"\n', "Logpush"),
    ],
)
def test_where_no_request_does_it_the_steps_are_told_and_nobody_is_asked(tmp_path, buckets, provider, more, said):
    done = show_at(tmp_path, buckets, provider=provider, url="s3://bucket", more=more).run("bucket", "--logs", "--json")
    assert done.status == 0, done.stderr
    assert any(said in line for line in done.document["by_hand"])
    assert buckets.asked == []


def test_a_folder_is_logged_by_whoever_serves_it(tmp_path):
    done = make_show(tmp_path / "show").run("bucket", "--logs")
    assert done.status == 0
    assert '"$http_user_agent" "$http_range"' in done.stdout


@pytest.mark.parametrize("command", ["bucket", "status"])
def test_that_no_logs_are_kept_is_said_once_and_not_where_there_are(tmp_path, command):
    show = make_show(tmp_path / "show")
    assert NO_LOGS in show.run(command).stdout
    assert NO_LOGS not in show.run(command).stdout
    logged = make_show(tmp_path / "logged")
    logged.write("config.toml", logged.config.read_text() + '\n[stats]\nlogs = "logs/*"\n')
    assert NO_LOGS not in logged.run(command).stdout


@pytest.mark.parametrize("what", STEPS)
def test_the_steps_of_each_are_printed(tmp_path, what):
    printed = make_show(tmp_path / "show").run("bucket", "--print", what)
    assert printed.status == 0
    assert "small.example" in printed.stdout
    assert printed.stdout == STEPS[what](Edge(site_url="https://small.example"))


@needs("nginx", "nginx")
def test_nginx_takes_the_format_and_writes_the_range(tmp_path):
    text = make_show(tmp_path / "show").run("bucket", "--print", "nginx-log").stdout
    log_format = text[text.index("log_format") : text.index(";") + 1]
    config = tmp_path / "nginx.conf"
    server = f"server {{ listen 127.0.0.1:1; access_log {tmp_path}/podcast.log podcast; }}"
    config.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ {log_format}\n{server} }}\n")
    tried = subprocess.run(
        ["nginx", "-e", str(tmp_path / "error.log"), "-c", str(config), "-t"], capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stderr
