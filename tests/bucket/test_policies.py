from __future__ import annotations

import json
from fnmatch import fnmatchcase

import pytest

from publisher.bucket import policies
from publisher.bucket.cdn_snippets import SNIPPETS, Edge
from publisher.bucket.policies import BucketPrefix
from publisher.core.errors import UsageError

SHOW = BucketPrefix(bucket="b", prefix="show/")
OTHERS = {"Sid": "Others", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/private/*"}


def readable(statement, key):
    return any(fnmatchcase(f"arn:aws:s3:::b/{key}", resource) for resource in statement["Resource"])


@pytest.mark.parametrize(
    ("key", "open_"),
    [
        ("show/index.html", True),
        ("show/archive/1.html", True),
        ("show/feed.xml", True),
        ("show/feed-2.xml", True),
        ("show/robots.txt", True),
        ("show/site.webmanifest", True),
        ("show/media/a-0a1b2c3d.mp3", True),
        ("show/episodes/a/transcript-0a1b2c3d.vtt", True),
        ("show/.airdate/state.json", False),
        ("show/.airdate/claims/7", False),
        ("show/staged/ab12.mp3", False),
        ("show/staged/ab12.json", False),
        ("other/index.html", False),
    ],
)
def test_listeners_read_the_show_and_not_what_is_remembered_or_staged(key, open_):
    assert readable(policies.public_read(SHOW), key) is open_


def test_a_policy_of_others_stays_as_it_is():
    before = {"Version": "2008-10-17", "Id": "mine", "Statement": [OTHERS]}
    after = policies.with_statement(before, policies.public_read(SHOW))
    assert after["Statement"][0] == OTHERS
    assert (after["Version"], after["Id"], len(after["Statement"])) == ("2008-10-17", "mine", 2)
    assert policies.with_statement(after, policies.public_read(SHOW)) == after


def test_a_single_statement_that_is_no_list_is_kept():
    assert policies.with_statement({"Statement": OTHERS}, policies.public_read(SHOW))["Statement"][0] == OTHERS


def test_an_older_statement_of_ours_is_replaced_in_its_place():
    old = {**policies.public_read(SHOW), "Resource": "arn:aws:s3:::b/*"}
    after = policies.with_statement({"Statement": [old, OTHERS]}, policies.public_read(SHOW))
    assert after["Statement"] == [policies.public_read(SHOW), OTHERS]


def test_what_a_service_writes_in_other_words_is_no_difference():
    said = {**policies.public_read(SHOW), "Principal": {"AWS": "*"}, "Action": ["s3:GetObject"]}
    said["Resource"] = sorted(said["Resource"], reverse=True)
    before = {"Version": "2012-10-17", "Statement": [said]}
    assert policies.with_statement(before, policies.public_read(SHOW)) == before


def test_two_shows_in_one_bucket_have_statements_and_rules_of_their_own():
    other = BucketPrefix(bucket="b", prefix="sho/w/")
    assert policies.public_read(SHOW)["Sid"] != policies.public_read(other)["Sid"]
    assert policies.public_read(SHOW)["Sid"].isalnum()
    first = policies.with_lifecycle([], policies.lifecycle_rules(SHOW, versions=False))
    assert len(policies.with_lifecycle(first, policies.lifecycle_rules(other, versions=False))) == 2


def test_closing_a_bucket_for_cloudfront_takes_public_reading_away():
    before = policies.with_statement({"Statement": [OTHERS]}, policies.public_read(SHOW))
    wanted = policies.cloudfront_read(SHOW, "123456789012", "EDIST")
    after = policies.with_statement(before, wanted, instead_of=[policies.public_read(SHOW)["Sid"]])
    assert after["Statement"] == [OTHERS, wanted]
    assert wanted["Condition"]["StringEquals"]["AWS:SourceArn"] == "arn:aws:cloudfront::123456789012:distribution/EDIST"


def test_the_publishing_key_may_do_what_publish_does_below_the_prefix_and_nothing_else():
    policy = policies.publisher_policy([SHOW])
    objects, listing, uploads = policy["Statement"]
    assert objects["Resource"] == ["arn:aws:s3:::b/show/*"]
    assert {"s3:GetObject", "s3:PutObject", "s3:DeleteObject"} <= set(objects["Action"])
    assert "s3:PutObjectAcl" not in objects["Action"]
    assert (listing["Action"], listing["Resource"]) == ("s3:ListBucket", "arn:aws:s3:::b")
    assert listing["Condition"] == {"StringLikeIfExists": {"s3:prefix": ["show/*"]}}
    assert (uploads["Action"], uploads["Resource"]) == ("s3:ListBucketMultipartUploads", ["arn:aws:s3:::b"])
    assert "Condition" not in uploads
    whole = policies.publisher_policy([BucketPrefix(bucket="b"), BucketPrefix(bucket="p")], acl=True, distribution="EDIST")
    assert "Condition" not in whole["Statement"][1]
    assert "s3:PutObjectAcl" in whole["Statement"][0]["Action"]
    assert whole["Statement"][-1]["Action"] == "cloudfront:CreateInvalidation"


def may_read(policy, bucket, key):
    """Whether a policy lets its key read an object."""
    resources = [statement["Resource"] for statement in policy["Statement"] if "s3:GetObject" in statement["Action"]]
    flat = [one for found in resources for one in ([found] if isinstance(found, str) else found)]
    return any(fnmatchcase(f"arn:aws:s3:::{bucket}/{key}", pattern) for pattern in flat)


OF_STATE = ("state.json", "state-episodes-0123.json.gz")
NONE_OF_ITS_BUSINESS = ("stats/2026-06-logs.parquet", "stats/open-logs.zip", "texts/a.json.gz", "files/a", "claims/1", "history/1-a-1")


@pytest.mark.parametrize("places", [[SHOW], [SHOW, BucketPrefix(bucket="p", prefix="own/")]], ids=["one bucket", "private bucket"])
def test_the_key_of_the_comments_service_reads_what_listeners_may_and_state_and_no_numbers(places):
    policy, private = policies.comments_policy(places), places[-1]
    for key in ("feed.xml", "index.html", "episodes/a.html", "comments/a.json", "media/a-0123abcd.mp3"):
        assert may_read(policy, "b", f"show/{key}")
    assert [may_read(policy, private.bucket, f"{private.prefix}.airdate/{key}") for key in OF_STATE] == [True, True]
    for place in places:
        hidden = [*(f".airdate/{key}" for key in NONE_OF_ITS_BUSINESS), "staged/a.mp3"]
        assert not [key for key in hidden if may_read(policy, place.bucket, f"{place.prefix}{key}")]
    assert not may_read(policy, "b", "other/feed.xml")
    assert "s3:GetObject" not in policy["Statement"][1]["Action"]
    assert may_read(policies.publisher_policy(places), private.bucket, f"{private.prefix}.airdate/stats/open-logs.zip")


def test_the_key_of_the_comments_service_writes_its_comments_alone():
    policy = policies.comments_policy([SHOW, BucketPrefix(bucket="p")])
    _, comments, *listings = policy["Statement"]
    assert comments["Resource"] == "arn:aws:s3:::b/show/comments/*"
    assert comments["Action"] == ["s3:PutObject", "s3:AbortMultipartUpload"]
    assert [(one["Sid"], one["Action"], one["Resource"]) for one in listings] == [
        ("List", "s3:ListBucket", "arn:aws:s3:::b"),
        ("List1", "s3:ListBucket", "arn:aws:s3:::p"),
    ]
    assert listings[0]["Condition"] == {"StringLikeIfExists": {"s3:prefix": ["show/*"]}}
    more = policies.comments_policy([SHOW], acl=True, distribution="EDIST")["Statement"]
    assert "s3:PutObjectAcl" in more[1]["Action"]
    assert more[-1]["Action"] == "cloudfront:CreateInvalidation"


@pytest.mark.parametrize(
    ("rules", "count"),
    [
        ([], 1),
        ([{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"]}], 2),
        ([{**policies.cors_rule(), "ID": "kept by hand"}], 1),
        ([{**policies.cors_rule(), "AllowedHeaders": ["*"]}], 1),
        ([{**policies.cors_rule(), "ExposeHeaders": ["ETag"]}], 1),
        ([{**policies.cors_rule(), "AllowedOrigins": ["https://a.example"], "ID": "theirs"}], 2),
    ],
)
def test_a_cors_rule_is_added_only_where_none_allows_the_same(rules, count):
    after = policies.with_cors(rules)
    assert len(after) == count
    assert [rule for rule in rules if rule.get("ID") != "airdate"] == after[: len([rule for rule in rules if rule.get("ID") != "airdate"])]
    assert policies.with_cors(after) == after


def test_a_lifecycle_rule_is_known_without_its_name_and_others_stay():
    wanted = policies.lifecycle_rules(BucketPrefix(bucket="b"), versions=True)
    theirs = {"ID": "logs", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 3}}
    nameless = {"ID": "made-up", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    after = policies.with_lifecycle([theirs, nameless], wanted)
    assert after[:2] == [theirs, nameless]
    assert [rule["ID"] for rule in after[2:]] == ["airdateVersions"]
    changed = [{**rule, "Status": "Disabled"} for rule in wanted]
    assert policies.with_lifecycle(changed, wanted) == wanted


@pytest.mark.parametrize("name", SNIPPETS)
@pytest.mark.parametrize(
    "edge",
    [
        Edge(site_url="https://pod.example", origin="https://b.s3.eu-west-1.amazonaws.com", prefix="show"),
        Edge(site_url="https://pod.example/show", origin="https://s3.example/b", prefix="show"),
        Edge(site_url="https://pod.example"),
    ],
    ids=["prefix hidden", "prefix shown", "folder"],
)
def test_a_snippet_names_the_host_and_holds_no_gaps(name, edge):
    text = SNIPPETS[name](edge)
    assert "pod.example" in text
    assert "None" not in text.replace("If-None-Match", "")
    assert text.count("{") == text.count("}")
    assert text.endswith("\n")


def test_the_origin_path_is_what_stands_before_a_key_in_the_bucket_alone():
    assert Edge(site_url="https://pod.example", origin="https://b.s3.example", prefix="show").added == "/show"
    assert Edge(site_url="https://pod.example/show", origin="https://b.s3.example", prefix="show").added == ""
    assert Edge(site_url="https://pod.example/show", origin="https://s3.example/b", prefix="show").added == "/b"


def test_cloudflare_caches_the_pages_of_this_path_only():
    rule = json.loads(SNIPPETS["cloudflare"](Edge(site_url="https://pod.example/show")))["rules"][0]
    assert rule["expression"] == '(http.host eq "pod.example" and starts_with(http.request.uri.path, "/show/"))'


@pytest.mark.parametrize(
    ("repository", "issuer", "subject"),
    [
        ("you/show", "token.actions.githubusercontent.com", "repo:you/show:ref:refs/heads/main"),
        ("github.com/you/my.show", "token.actions.githubusercontent.com", "repo:you/my.show:ref:refs/heads/main"),
        ("you@12/show@34", "token.actions.githubusercontent.com", "repo:you@12/show@34:ref:refs/heads/main"),
        ("gitlab.com/group/part/show", "gitlab.com", "project_path:group/part/show:ref_type:branch:ref:main"),
        ("git.example.org/you/show", "git.example.org", "project_path:you/show:ref_type:branch:ref:main"),
    ],
)
def test_the_role_is_for_jobs_of_one_branch_of_one_repository(repository, issuer, subject):
    [statement] = policies.job_trust(repository, "main", account="123456789012", partition="aws-cn")["Statement"]
    assert statement["Principal"] == {"Federated": f"arn:aws-cn:iam::123456789012:oidc-provider/{issuer}"}
    assert statement["Condition"] == {"StringEquals": {f"{issuer}:aud": "sts.amazonaws.com", f"{issuer}:sub": subject}}
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"


@pytest.mark.parametrize(
    ("repository", "branch", "account"),
    [
        ("", "main", "123456789012"),
        ("show", "main", "123456789012"),
        ("you/*", "main", "123456789012"),
        ("you/show/", "main", "123456789012"),
        ("you/show:environment", "main", "123456789012"),
        ("github.com/you", "main", "123456789012"),
        ("github.com/you/show/more", "main", "123456789012"),
        ("you/show", "*", "123456789012"),
        ("you/show", "", "123456789012"),
        ("you/show", "main", ""),
        ("you/show", "main", "1234-5678-9012"),
    ],
)
def test_a_role_that_others_could_take_is_never_printed(repository, branch, account):
    with pytest.raises(UsageError) as caught:
        policies.job_trust(repository, branch, account=account)
    assert caught.value.code == "bucket-trust"
    assert "--print trust" in caught.value.hint or "--branch" in caught.value.hint


def test_the_policies_of_twelve_shows_in_one_bucket_allow_none_anything_of_another():
    shows = ("show", "show2", "show-2", "sho", "a", "a.b", "ab", "shows/a", "shows/ab", "shows/a-b", "x", "x1")
    for mine in shows:
        objects, listing, _ = policies.publisher_policy([BucketPrefix(bucket="b", prefix=f"{mine}/")])["Statement"]
        for key in (f"{show}/feed.xml" for show in shows):
            assert readable(objects, key) is key.startswith(f"{mine}/")
            assert any(fnmatchcase(key, allowed) for allowed in listing["Condition"]["StringLikeIfExists"]["s3:prefix"]) is key.startswith(
                f"{mine}/"
            )
