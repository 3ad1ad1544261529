"""What services answer when they will not: the whole command ends with status 4, and says what to do."""

from __future__ import annotations

import pytest

from tests.support import servers
from tests.support.service_servers import Answering
from tests.support.show_factory import make_show


def said(code, more=""):
    return f"<Error><Code>{code}</Code><Message>The service says so.</Message>{more}</Error>".encode()


MISSING = (404, said("NoSuchKey"), {})
NOTHING_LISTED = {"/bucket/": (200, b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>", {})}


@pytest.fixture
def keys(aws_environment):
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.SECRET)
    return aws_environment


def show_at(tmp_path, server, more=""):
    show = make_show(tmp_path / "show", storage="s3://bucket/show")
    show.configure("[storage]\n", f'[storage]\nendpoint = "{server.address}"\n{more}')
    show.episode()
    return show


@pytest.mark.parametrize(
    ("answer", "code", "remedy"),
    [
        ((301, said("PermanentRedirect"), {"x-amz-bucket-region": "eu-central-1"}), "storage-region", 'region = "eu-central-1"'),
        ((301, b"", {"Location": "https://console.example/"}), "storage-region", "`[storage] endpoint`"),
        ((307, said("TemporaryRedirect"), {"Location": "https://bucket.s3.eu-west-1.example/"}), "storage-region", "`[storage] endpoint`"),
        ((400, said("AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"), {}), "storage-region", 'region = "eu-west-3"'),
        ((403, said("RequestTimeTooSkewed"), {}), "storage-lost", "did this machine sleep"),
        ((403, said("AccessDenied"), {}), "storage-denied", "s3:ListBucket"),
        ((403, said("InvalidAccessKeyId"), {}), "storage-credentials", "AWS_ACCESS_KEY_ID"),
        ((403, said("SignatureDoesNotMatch"), {}), "storage-credentials", "AWS_SECRET_ACCESS_KEY"),
        ((400, said("ExpiredToken"), {}), "storage-expired", "aws sso login"),
        ((404, said("NoSuchBucket"), {}), "storage-no-bucket", "publish bucket"),
        ((404, b"<html>nothing here</html>", {}), "storage-no-bucket", "not of the website or the console"),
        ((200, b"<html>a console</html>", {}), "storage-answer", "the S3 interface"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_refusal_ends_in_status_4_and_a_remedy(tmp_path, keys, answer, code, remedy):
    with Answering(answers=[answer]) as server:
        done = show_at(tmp_path, server).publish("--json")
    assert done.status == 4, done.stderr
    error = done.document["error"]
    assert error["code"] == code
    assert remedy in error["hint"]
    assert error["hint"]
    assert {asked.method for asked in server.asked} == {"GET"}, "nothing was written"


def test_a_busy_service_is_asked_again_and_a_publish_goes_on(tmp_path, keys):
    slow = (503, said("SlowDown"), {})
    with Answering(answers=[slow, slow, MISSING], routes=NOTHING_LISTED) as server:
        done = show_at(tmp_path, server).publish("--dry-run", "--json")
        assert done.status == 0, done.stderr
        assert len(server.asked) >= 3


def test_no_keys_at_all_and_a_profile_that_is_not_there_say_where_they_belong(tmp_path, aws_environment):
    with Answering() as server:
        done = show_at(tmp_path, server).publish("--json")
        other = show_at(tmp_path / "other", server, 'profile = "nobody"\n').publish("--json")
    assert (done.status, other.status) == (4, 4)
    assert done.document["error"]["code"] == other.document["error"]["code"] == "storage-credentials"
    for outcome in (done, other):
        assert "`publish login`" in outcome.document["error"]["hint"] and "AWS_ACCESS_KEY_ID" in outcome.document["error"]["hint"]
    assert "nobody" in other.document["error"]["message"]
    assert server.asked == []


@pytest.mark.parametrize("client", ["lean", "boto3"])
@pytest.mark.parametrize(
    ("code", "half", "variable"),
    [
        ("InvalidAccessKeyId", "key", "AWS_ACCESS_KEY_ID"),
        ("SignatureDoesNotMatch", "secret", "AWS_SECRET_ACCESS_KEY"),
        ("InvalidToken", "token", "AWS_SESSION_TOKEN"),
    ],
)
def test_a_wrong_key_is_told_where_it_was_found_and_how_to_enter_another(tmp_path, keys, code, half, variable, client):
    keys.setenv("AWS_SESSION_TOKEN", "token")
    with Answering(answers=[(403, said(code), {})] * 3) as server:
        found = show_at(tmp_path, server, f'client = "{client}"\n').publish("--json").document["error"]
        profile = tmp_path / "credentials"
        profile.write_text("[pod]\naws_access_key_id = key\naws_secret_access_key = secret\naws_session_token = token\n")
        keys.setenv("AWS_SHARED_CREDENTIALS_FILE", str(profile))
        named = show_at(tmp_path / "other", server, f'profile = "pod"\nclient = "{client}"\n').publish("--json").document["error"]
    assert found["message"].endswith(f"(the {half} in {variable})")
    assert named["message"].endswith(f"(the {half} of profile pod)")
    assert ("AWS_SESSION_TOKEN" if half == "token" else "`publish login`") in found["hint"]


def show_in(tmp_path, s3_server, bucket, more=""):
    show = make_show(tmp_path / "show", storage=f"s3://{bucket}/show")
    show.configure("[storage]\n", f'[storage]\nendpoint = "{s3_server.endpoint}"\n{more}')
    show.configure('url = "https://small.example"', f'url = "{s3_server.endpoint}/{bucket}/show"')
    show.episode()
    return show


def test_keys_in_the_environment_win_over_a_profile_that_this_machine_does_not_have_and_it_is_said(
    tmp_path, s3_server, bucket, aws_environment
):
    show = show_in(tmp_path, s3_server, bucket, 'profile = "airdate-show"\n')
    line = "There is no profile airdate-show on this machine: the keys in the environment sign."
    for arguments in (["--no-verify"], ["--no-verify"], ["--no-verify"], ["status"]):
        done = show.run(*arguments)
        assert done.status == 0, done.stderr
        assert done.stderr.count(line) <= 1
        assert line in done.stderr or "Nothing changed" in done.stderr
    assert show.run("bucket", "--profile", "owner", "--dry-run").status == 4, (
        "a profile that is asked for by name is no habit of another machine"
    )


def test_a_profile_that_is_there_signs_whatever_the_environment_holds(tmp_path, s3_server, bucket, aws_environment):
    profile = tmp_path / "credentials"
    profile.write_text(f"[airdate-show]\naws_access_key_id = {servers.KEY}\naws_secret_access_key = {servers.SECRET}\n")
    aws_environment.setenv("AWS_SHARED_CREDENTIALS_FILE", str(profile))
    aws_environment.setenv("AWS_ACCESS_KEY_ID", "nobody")
    done = show_in(tmp_path, s3_server, bucket, 'profile = "airdate-show"\n').publish()
    assert done.status == 0, done.stderr
    assert "There is no profile" not in done.stderr


def test_a_bucket_that_is_not_open_is_told_how_to_open_it(tmp_path, s3_server, bucket):
    done = show_in(tmp_path, s3_server, bucket).run()
    assert done.status == 6, done.stderr
    assert "H001" in done.stderr and "403" in done.stderr
    hint = next(line for line in done.stderr.splitlines() if line.startswith("hint:"))
    assert "`publish bucket`" in hint


def test_a_login_that_ran_out_says_how_to_log_in_again(tmp_path, aws_environment):
    config = tmp_path / "config"
    config.write_text(
        "[profile podcast]\nsso_session = office\nsso_account_id = 123456789012\nsso_role_name = publisher\n"
        "[sso-session office]\nsso_region = us-east-1\nsso_start_url = https://office.invalid/start\n"
    )
    aws_environment.setenv("AWS_CONFIG_FILE", str(config))
    aws_environment.setenv("HOME", str(tmp_path))
    with Answering() as server:
        done = show_at(tmp_path, server, 'profile = "podcast"\n').publish("--json")
    assert (done.status, done.document["error"]["code"]) == (4, "storage-expired")
    assert "aws sso login --profile podcast" in done.document["error"]["hint"]


def test_the_first_line_of_the_plan_names_bucket_endpoint_and_profile(tmp_path, aws_environment):
    credentials = tmp_path / "credentials"
    credentials.write_text("[podcast]\naws_access_key_id = key\naws_secret_access_key = secret\n")
    aws_environment.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    with Answering(answers=[MISSING], routes=NOTHING_LISTED) as server:
        named = show_at(tmp_path, server, 'profile = "podcast"\n').publish("--dry-run")
        aws_environment.setenv("AWS_PROFILE", "podcast")
        from_environment = show_at(tmp_path / "other", server).publish("--dry-run")
    for done in (named, from_environment):
        assert done.status == 0, done.stderr
        assert f"\nTo bucket bucket at {server.address}, below show/, as profile podcast\n" in f"\n{done.stdout}"
