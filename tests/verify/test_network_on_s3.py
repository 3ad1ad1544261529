from __future__ import annotations

import pytest

from publisher.bucket import policies
from publisher.verify.network import LookScope, look_at_served
from publisher.verify.steps import to_the_end


@pytest.fixture
def public_site(s3_server, aws_environment, site):
    bucket = s3_server.make_bucket(public=True)
    s3_server.client().put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [policies.cors_rule()]})
    here, there = site.url, f"{s3_server.endpoint}/{bucket}"
    for path, (kind, body, cache) in site.files.items():
        s3_server.client().put_object(
            Bucket=bucket, Key=path[1:], Body=body.replace(here.encode(), there.encode()), ContentType=kind, CacheControl=cache
        )
    yield s3_server, bucket, f"{there}/feed.xml"
    s3_server.drop_bucket(bucket)


def test_a_show_on_a_bare_bucket_misses_nothing_but_compression(public_site):
    _, _, feed_url = public_site
    assert [(finding.code, finding.severity.value) for finding in to_the_end(look_at_served(feed_url, LookScope()))] == [("H007", "hint")]


def test_what_a_bucket_serves_wrong_is_found(public_site):
    s3_server, bucket, feed_url = public_site
    s3_server.client().put_object(Bucket=bucket, Key="media/bridge-0a1b2c3d.mp3", Body=b"short", ContentType="binary/octet-stream")
    s3_server.client().delete_object(Bucket=bucket, Key="episodes/bridge.html")
    s3_server.client().put_object(Bucket=bucket, Key=".airdate/state.json", Body=b"{}")
    assert {"H004", "H008", "H018", "H023"} <= {finding.code for finding in to_the_end(look_at_served(feed_url, LookScope()))}
