"""What is answered with 2xx is stored, whatever kills the service: readers send again until they are answered, and nothing is there twice."""

from __future__ import annotations

import pytest

from publisher.comments.database import open_database
from publisher.site.parts.words import words_for
from tests.comments.service.conftest import SITE
from tests.support.comment_load import Commenters, Load
from tests.support.comment_service import Service

SETTINGS = "\n[comments]\nper_hour = 100000\nleast_seconds = 0\n"


@pytest.fixture
def loaded(published, tmp_path):
    """The published show with bounds that a crowd from 200 networks keeps to."""
    config = published.folder / "crowd.toml"
    config.write_text(published.config.read_text("utf-8") + SETTINGS, "utf-8")
    yield config
    config.unlink()


@pytest.mark.parametrize(("posts", "kills"), [(2000, (300, 900, 1500))])
def test_three_kills_under_load_lose_nothing_and_keep_nothing_twice(loaded, published, database_address, posts, kills):
    posts, kills = (posts, kills) if database_address.startswith("sqlite") else (posts // 4, tuple(at // 4 for at in kills))
    commenters = Commenters(SITE, words_for("en")("comment_consent"))
    left = list(kills)
    with Service([loaded], database_address) as service:

        def answered(count):
            if left and count >= left[0]:
                left.pop(0)
                service.kill()
                service.start()

        load = Load(service.url, commenters.post, posts, answered=answered)
        load.run()
        service.kill()  # right after the last answer
    assert not left
    assert {answer.status for answer in load.answers.values()} == {201}
    assert load.again >= len(kills)
    database = open_database(database_address)
    stored = {comment.id: comment.text for comment in database.list("0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00")}
    database.close()
    assert stored == {answer.document["id"]: commenters.text(number) for number, answer in load.answers.items()}
    assert len(stored) == posts
