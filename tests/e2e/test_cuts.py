"""Nobody hears of a publish that was cut: listeners see the old show or the new one, and the next publish finishes the work."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.support.e2e_show import Bucket, SharedFolder
from tests.support.e2e_storms import (
    Scene,
    bad_network,
    cut_at,
    cut_at_random,
    first_publish,
    great_change,
    repair_cut_at,
    robbed_after_a_cut,
    server_dies,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def change(s3_server, tmp_path_factory, warm) -> Scene:
    """A change of everything at once."""
    name = s3_server.make_bucket(public=True)
    yield great_change(tmp_path_factory.mktemp("change"), Bucket(s3_server, name), warm)
    s3_server.drop_bucket(name)


def test_a_publish_killed_at_any_other_request_leaves_no_dangling_address_and_is_finished_by_the_next(change):
    for number in range(change.requests, -1, -2):
        cut_at(change, number, arrived=bool(number % 4 > 1))


def test_a_first_publish_killed_at_any_fifth_request_is_finished_by_the_next(tmp_path, place, warm):
    scene = first_publish(tmp_path, place, warm)
    for number in range(scene.requests - 1, -1, -5):
        cut_at(scene, number, arrived=bool(number % 2))


def test_what_vanishes_after_a_publish_was_killed_is_put_back_by_the_repair_that_finishes_it(change):
    for number in range(change.requests - 2, -1, -14):
        robbed_after_a_cut(change, number)


def test_a_repair_killed_at_any_fifteenth_request_is_ended_by_the_next(change):
    for number in range(change.requests + 12, 8, -15):
        repair_cut_at(change, number)


@pytest.mark.parametrize("seed", range(8))
def test_a_publish_killed_at_a_random_time_is_finished_by_the_next(change, seed):
    cut_at_random(change, seed)


@pytest.mark.parametrize("seed", range(5))
def test_a_network_that_fails_ends_in_success_or_status_4_with_the_show_whole(change, seed):
    bad_network(change, seed)


@pytest.fixture(scope="module")
def change_by_boto3(s3_server, tmp_path_factory, warm) -> Scene:
    """The same change, by the other client."""
    name = s3_server.make_bucket(public=True)
    yield great_change(tmp_path_factory.mktemp("boto3"), Bucket(s3_server, name), warm, "boto3")
    s3_server.drop_bucket(name)


def test_a_publish_by_boto3_killed_at_any_tenth_request_is_finished_by_the_next(change_by_boto3):
    for number in range(change_by_boto3.requests - 1, -1, -10):
        cut_at(change_by_boto3, number, arrived=bool(number % 4 > 1))


@pytest.mark.parametrize("seed", range(3))
def test_a_network_that_fails_by_boto3_ends_in_success_or_status_4_with_the_show_whole(change_by_boto3, seed):
    bad_network(change_by_boto3, seed)


def test_a_server_that_dies_in_the_middle_and_comes_back_loses_nothing(change):
    server_dies(change, 1)


@pytest.fixture(scope="module")
def change_of_folder(tmp_path_factory, warm) -> Iterator[Scene]:
    """The same change, in a folder."""
    folder = tmp_path_factory.mktemp("folder")
    with closing(SharedFolder(folder / "public")) as place:
        yield great_change(folder, place, warm)


def test_a_publish_into_a_folder_killed_before_any_fifteenth_change_of_it_is_finished_by_the_next(change_of_folder):
    for number in range(change_of_folder.requests - 1, -1, -15):
        assert cut_at(change_of_folder, number) == -9


@pytest.mark.parametrize("seed", range(4))
def test_a_publish_into_a_folder_killed_at_a_random_time_is_finished_by_the_next(change_of_folder, seed):
    cut_at_random(change_of_folder, seed)
