from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from tests.support import servers
from tests.support.service_servers import Answering
from tests.support.show_factory import make_show


def show_in(tmp_path, storage):
    show = make_show(tmp_path / "show")
    show.configure('url = "public"', storage)
    return show


def amazon(tmp_path, server, more=""):
    text = f'url = "s3://bucket/show"\nendpoint = "{server.address}"\nprovider = "aws"\nregion = "eu-west-1"\naddressing = "path"\n{more}'
    return show_in(tmp_path, text)


def status_of(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.fixture
def s3_show(tmp_path, s3_server, bucket):
    return show_in(tmp_path, f'url = "s3://{bucket}/show"\nendpoint = "{s3_server.endpoint}"\nprovider = "{s3_server.provider}"')


# a real server


def test_a_real_bucket_is_opened_to_listeners_and_closed_to_everything_else(s3_show, s3_server, bucket):
    client = s3_server.client()
    for key in ("show/index.html", "show/media/a.mp3", "show/.airdate/state.json", "other/index.html"):
        client.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert status_of(f"{s3_server.endpoint}/{bucket}/show/index.html") == 403
    done = s3_show.run("bucket", "--json")
    assert done.status == 0, done.stderr
    assert {row["setting"] for row in done.document["changes"]} == {"public reading", "CORS", "lifecycle"}
    assert done.document["applied"] is True
    assert "+" in done.stderr
    seen = {key: status_of(f"{s3_server.endpoint}/{bucket}/{key}") for key in ("show/index.html", "show/media/a.mp3")}
    assert seen == {"show/index.html": 200, "show/media/a.mp3": 200}
    assert status_of(f"{s3_server.endpoint}/{bucket}/show/.airdate/state.json") == 403
    assert status_of(f"{s3_server.endpoint}/{bucket}/other/index.html") == 403
    assert status_of(f"{s3_server.endpoint}/{bucket}?list-type=2") == 403
    assert "Content-Range" in client.get_bucket_cors(Bucket=bucket)["CORSRules"][0]["ExposeHeaders"]
    assert client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]["AbortIncompleteMultipartUpload"] == {
        "DaysAfterInitiation": 7
    }


def test_the_second_run_on_a_real_bucket_changes_nothing(s3_show, s3_server, bucket):
    assert s3_show.run("bucket").status == 0
    before = s3_server.counted(bucket)
    again = s3_show.run("bucket", "--json")
    assert (again.status, again.document["changes"], again.document["applied"]) == (0, [], False)
    assert "as it should be" in again.stderr
    wrote = {kind: count - before.get(kind, 0) for kind, count in s3_server.counted(bucket).items() if kind.upper().startswith("PUT")}
    assert not any(wrote.values())


def test_settings_of_others_survive(s3_show, s3_server, bucket):
    client = s3_server.client()
    theirs = {"Sid": "Theirs", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/theirs/*"}
    rule = {"ID": "logs", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 3}}
    client.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [theirs]}))
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    done = s3_show.run("bucket", "--json")
    assert done.status == 0, done.stderr
    assert json.loads(client.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0] == theirs
    assert "logs" in {rule["ID"] for rule in client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]}
    assert not any('"Theirs"' in line for row in done.document["changes"] for line in row["difference"] if line.startswith("-"))


def test_a_missing_bucket_is_created_and_a_private_one_stays_closed(tmp_path, s3_server, bucket):
    public, private = f"{bucket}-made", f"{bucket}-kept"
    show = show_in(
        tmp_path, f'url = "s3://{public}"\nprivate = "s3://{private}"\nendpoint = "{s3_server.endpoint}"\nprovider = "{s3_server.provider}"'
    )
    try:
        dry = show.run("bucket", "--dry-run", "--json")
        assert dry.document["created"] == [public, private]
        assert status_of(f"{s3_server.endpoint}/{public}/index.html") in (403, 404)
        done = show.run("bucket", "--json")
        assert done.status == 0, done.stderr
        client = s3_server.client()
        for name in (public, private):
            client.put_object(Bucket=name, Key="index.html", Body=b"x")
        assert status_of(f"{s3_server.endpoint}/{public}/index.html") == 200
        assert status_of(f"{s3_server.endpoint}/{private}/index.html") == 403
        assert show.run("bucket", "--json").document["changes"] == []
    finally:
        for name in (public, private):
            s3_server.drop_bucket(name)


def test_a_website_setting_that_a_server_takes_for_something_else_is_said_and_harms_nothing(s3_show, s3_server, bucket):
    s3_server.client().put_object(Bucket=bucket, Key="show/index.html", Body=b"x")
    s3_show.configure('url = "https://small.example"', 'url = "https://small.example"\npretty_urls = true')
    done = s3_show.run("bucket", "--json")
    assert done.status == 0, done.stderr
    assert any("website" in line for line in done.document["by_hand"])
    assert s3_server.client().get_object(Bucket=bucket, Key="show/index.html")["Body"].read() == b"x"


def test_keys_that_may_only_read_are_told_whose_keys_are_wanted(s3_show, aws_environment):
    aws_environment.setenv("AWS_ACCESS_KEY_ID", servers.READ_KEY)
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", servers.READ_SECRET)
    done = s3_show.run("bucket")
    assert done.status == 4
    assert "--profile" in done.stderr
    assert "publish explain bucket-denied" in done.stderr


def test_everybody_is_not_let_list_and_the_store_knows_it(s3_server, bucket):
    from publisher.stores.s3.store import S3Settings, S3Store

    def store(name):
        return S3Store(S3Settings(bucket=name, prefix="show", endpoint=s3_server.endpoint, provider=s3_server.provider))

    assert store(bucket).listable_by_anyone() is False
    arn = f"arn:aws:s3:::{bucket}"
    listing = {"Sid": "L", "Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": [arn, f"{arn}/*"]}
    s3_server.client().put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [listing]}))
    assert store(bucket).listable_by_anyone() is True


# other services, as they answer


def test_at_amazon_block_public_access_goes_before_the_policy(tmp_path, settings_bucket):
    every = b"".join(
        f"<{name}>true</{name}>".encode() for name in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    )
    settings_bucket.settings["publicAccessBlock"] = b"<PublicAccessBlockConfiguration>" + every + b"</PublicAccessBlockConfiguration>"
    show = amazon(tmp_path, settings_bucket)
    done = show.run("bucket", "--json")
    assert done.status == 0, done.stderr
    assert settings_bucket.written() == ["publicAccessBlock", "policy", "cors", "lifecycle"]
    block = settings_bucket.settings["publicAccessBlock"].decode()
    assert "<BlockPublicPolicy>false<" in block
    assert "<BlockPublicAcls>true<" in block
    assert json.loads(settings_bucket.settings["policy"])["Statement"][0]["Principal"] == "*"
    assert all("content-md5" in asked.headers for asked in settings_bucket.asked if asked.method == "PUT")
    assert show.run("bucket", "--json").document["changes"] == []


def test_behind_cloudfront_the_bucket_is_closed_to_all_others(tmp_path, settings_bucket, aws_environment):
    with Answering(
        answers=[(200, b"<R><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></R>", {})]
    ) as sts:
        aws_environment.setenv("AWS_ENDPOINT_URL_STS", sts.address)
        show = amazon(tmp_path, settings_bucket)
        show.write("config.toml", show.config.read_text() + '\n[cdn]\npurge = "cloudfront"\nzone = "EDIST"\n')
        done = show.run("bucket", "--json")
    assert done.status == 0, done.stderr
    (statement,) = json.loads(settings_bucket.settings["policy"])["Statement"]
    assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert "123456789012:distribution/EDIST" in json.dumps(statement)
    assert "<BlockPublicPolicy>true<" in settings_bucket.settings["publicAccessBlock"].decode()


@pytest.mark.parametrize(("purge", "distribution"), [("cloudfront", True), ("bunny", False)])
def test_the_printed_policy_lets_a_job_purge_cloudfront_where_it_is_in_front(tmp_path, settings_bucket, purge, distribution):
    show = amazon(tmp_path, settings_bucket)
    show.write("config.toml", show.config.read_text() + f'\n[cdn]\npurge = "{purge}"\nzone = "EDIST"\n')
    for what in ("policy", "comments-policy"):
        printed = show.run("bucket", "--print", what)
        assert printed.status == 0, printed.stderr
        assert ("distribution/EDIST" in printed.stdout) is distribution


def test_a_new_bucket_at_amazon_is_made_in_its_region(tmp_path, settings_bucket):
    settings_bucket.exists = False
    done = amazon(tmp_path, settings_bucket).run("bucket", "--json")
    assert done.document["created"] == ["bucket"]
    created = next(asked for asked in settings_bucket.asked if asked.method == "PUT")
    assert b"<LocationConstraint>eu-west-1<" in created.body


def test_a_website_is_set_where_addresses_want_it_and_one_of_others_is_left_alone(tmp_path, settings_bucket):
    show = amazon(tmp_path, settings_bucket)
    show.configure('url = "https://small.example"', 'url = "https://small.example"\npretty_urls = true')
    assert show.run("bucket").status == 0
    assert b"show/404.html" in settings_bucket.settings["website"]
    theirs = b"<WebsiteConfiguration><IndexDocument><Suffix>home.html</Suffix></IndexDocument></WebsiteConfiguration>"
    settings_bucket.settings["website"] = theirs
    assert show.run("bucket", "--json").document["changes"] == []
    assert settings_bucket.settings["website"] == theirs


def test_backblaze_is_opened_as_a_whole_and_forgets_old_versions(tmp_path, settings_bucket):
    settings_bucket.unknown = {"policy", "publicAccessBlock", "website"}
    show = show_in(tmp_path, f'url = "s3://bucket/show"\nendpoint = "{settings_bucket.address}"\nprovider = "b2"\nregion = "us-west-004"')
    done = show.run("bucket", "--json")
    assert done.status == 0, done.stderr
    assert settings_bucket.acl == "public-read"
    assert settings_bucket.written() == ["acl", "cors", "lifecycle"]
    assert b"<NoncurrentDays>30</NoncurrentDays>" in settings_bucket.settings["lifecycle"]
    assert show.run("bucket", "--json").document["changes"] == []


def test_cloudflare_r2_is_opened_by_hand_and_says_where_to_click(tmp_path, settings_bucket):
    done = show_in(tmp_path, f'url = "s3://bucket"\nendpoint = "{settings_bucket.address}"\nprovider = "r2"').run("bucket", "--json")
    assert done.status == 0, done.stderr
    assert settings_bucket.written() == ["cors"]
    assert any("Custom domains" in line for line in done.document["by_hand"])
    assert "Custom domains" in done.stderr


def test_where_files_are_opened_one_by_one_the_missing_line_is_named(tmp_path, settings_bucket):
    text = f'url = "s3://bucket"\nendpoint = "{settings_bucket.address}"\nprovider = "spaces"\naddressing = "path"'
    show = show_in(tmp_path, text)
    assert any('acl = "public-read"' in line for line in show.run("bucket", "--json").document["by_hand"])
    show.configure(text, text + '\nacl = "public-read"')
    assert show.run("bucket", "--json").document["by_hand"] == []


def test_what_a_service_does_not_know_is_said_and_never_written(tmp_path, settings_bucket):
    settings_bucket.unknown = {"policy", "lifecycle"}
    text = f'url = "s3://bucket"\nendpoint = "{settings_bucket.address}"\nprovider = "other"'
    done = show_in(tmp_path, text).run("bucket", "--json")
    assert done.status == 0, done.stderr
    assert settings_bucket.written() == ["cors"]
    assert sum("knows no setting" in line for line in done.document["by_hand"]) == 2


def test_a_setting_that_is_taken_and_not_kept_is_a_warning(tmp_path, settings_bucket):
    settings_bucket.forgets = {"cors"}
    done = amazon(tmp_path, settings_bucket).run("bucket", "--json")
    assert any("CORS was taken and not kept" in line for line in done.document["by_hand"])
    assert "warning:" in done.stderr


@pytest.mark.parametrize("refused", ["policy", "cors", "publicAccessBlock"])
def test_keys_that_may_not_look_change_nothing(tmp_path, settings_bucket, refused):
    settings_bucket.refused = {refused}
    done = amazon(tmp_path, settings_bucket).run("bucket")
    assert done.status == 4
    assert "bucket-denied" in done.stderr
    assert settings_bucket.written() == []


def test_a_person_who_says_no_keeps_everything_as_it_was(tmp_path, settings_bucket):
    from publisher.commands.bucket import bucket
    from publisher.core.console import Console
    from publisher.core.errors import PlanRefused
    from publisher.load.config_reader import read_config
    from publisher.workspace import Workspace

    asked = []
    show = amazon(tmp_path, settings_bucket)
    with pytest.raises(PlanRefused):
        bucket(Workspace(read_config(show.config), Console(quiet=True)), confirm=lambda question: bool(asked.append(question)))
    assert len(asked) == 1
    assert settings_bucket.written() == []


def test_a_name_that_belongs_to_somebody_else_is_said(tmp_path, aws_environment):
    aws_environment.setenv("AWS_ACCESS_KEY_ID", "key")
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    taken = b"<Error><Code>BucketAlreadyExists</Code><Message>no</Message></Error>"
    with Answering(answers=[(404, b"", {}), (409, taken, {})]) as server:
        done = amazon(tmp_path, server).run("bucket")
    assert done.status == 4
    assert "bucket-taken" in done.stderr


def test_a_folder_needs_no_settings_and_github_pages_one_line(tmp_path):
    show = make_show(tmp_path / "show")
    done = show.run("bucket", "--json")
    assert (done.status, done.document["created"]) == (0, ["public"])
    assert not any("headers" in line for line in done.document["by_hand"])
    show.configure("[site]\n", "[site]\nheaders = true\n")
    assert not any("headers" in line for line in show.run("bucket", "--json").document["by_hand"])
    show.configure("https://small.example", "https://me.github.io/show")
    assert any("headers = false" in line for line in show.run("bucket", "--json").document["by_hand"])


# printed


@pytest.mark.parametrize("what", ["policy", "comments-policy", "cors", "cloudfront", "cloudflare", "fastly", "nginx"])
def test_documents_are_printed_without_asking_anybody(tmp_path, settings_bucket, what):
    done = amazon(tmp_path, settings_bucket).run("bucket", "--print", what)
    assert done.status == 0, done.stderr
    assert settings_bucket.asked == []
    if what in ("policy", "comments-policy", "cors", "cloudflare"):
        json.loads(done.stdout)
    else:
        assert "small.example" in done.stdout


def test_a_key_for_a_service_without_policies_is_made_by_its_own_means(tmp_path, settings_bucket):
    r2 = show_in(tmp_path, f'url = "s3://bucket"\nendpoint = "{settings_bucket.address}"\nprovider = "r2"')
    assert "API tokens" in r2.run("bucket", "--print", "policy").stdout
    done = make_show(tmp_path / "folder").run("bucket", "--print", "policy")
    assert done.status == 2
    assert "bucket-folder" in done.stderr


@pytest.mark.parametrize(
    ("provider", "said", "never"),
    [
        ("r2", "so it may do what publishing may", "deleteFiles"),
        ("b2", "--name-prefix show/ airdate-comments-bucket listBuckets,listFiles,readFiles,writeFiles", "deleteFiles"),
        ("gcs", 'startsWith("projects/_/buckets/bucket/objects/show/comments/")', "objectAdmin"),
        ("garage", "so it may do what publishing may", "deleteFiles"),
    ],
)
def test_the_key_of_the_comments_service_is_as_narrow_as_each_service_lets_it_be(tmp_path, settings_bucket, provider, said, never):
    show = show_in(tmp_path, f'url = "s3://bucket/show"\nendpoint = "{settings_bucket.address}"\nprovider = "{provider}"')
    printed = show.run("bucket", "--print", "comments-policy").stdout
    assert said in printed
    assert never not in printed


def test_the_trust_of_a_role_is_printed_without_asking_anybody_and_only_where_there_are_roles(tmp_path, settings_bucket):
    asked = ("bucket", "--print", "trust", "--account", "123456789012", "--repository", "you/show", "--branch", "live")
    show = show_in(tmp_path, 'url = "s3://bucket/show"\nprovider = "aws"\nregion = "us-gov-west-1"')
    [statement] = json.loads(show.run(*asked).stdout)["Statement"]
    assert statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"] == "repo:you/show:ref:refs/heads/live"
    assert statement["Principal"]["Federated"].startswith("arn:aws-us-gov:iam::123456789012:")
    nobody = show.run("bucket", "--print", "trust")
    assert (nobody.status, nobody.stdout) == (2, "")
    assert "--repository OWNER/NAME" in nobody.stderr
    r2 = show_in(tmp_path / "r2", f'url = "s3://bucket"\nendpoint = "{settings_bucket.address}"\nprovider = "r2"').run(*asked)
    assert (r2.status, r2.stdout) == (2, "")
    assert "AWS_SESSION_TOKEN" in r2.stderr
    assert settings_bucket.asked == []


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ("aws", "Several machines may publish at once"),
        ("b2", "Let one machine publish at a time"),
        ("gcs", "Several machines may publish at once"),
        ('gcs"\nclient = "boto3', "Let one machine publish at a time"),
    ],
)
def test_what_several_machines_can_rely_on_is_said(tmp_path, aws_environment, provider, words):
    from tests.support.service_servers import SettingsBucket

    aws_environment.setenv("AWS_ACCESS_KEY_ID", "key")
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with SettingsBucket() as server:
        show = show_in(
            tmp_path,
            f'url = "s3://bucket/show"\nendpoint = "{server.address}"\nprovider = "{provider}"\naddressing = "path"\nregion = "eu-west-1"',
        )
        outcome = show.run("bucket", "--dry-run")
    assert outcome.status == 0, outcome.stderr
    assert words in outcome.stdout
