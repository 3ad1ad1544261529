from __future__ import annotations

import json
import re

import pytest

from publisher.bucket.policies import BucketPrefix, publisher_policy
from publisher.cli.command_line import COMMANDS
from publisher.commands.bucket import PRINTED
from publisher.load.config_tables import CdnTable, Config, StorageTable
from publisher.load.tables.announce import AnnounceTable
from tests.support import ROOT

PAGE = (ROOT / "docs" / "storage.md").read_text("utf-8")


def test_the_policy_that_is_shown_is_the_one_that_is_printed():
    shown = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert shown
    assert json.loads(shown[1]) == publisher_policy([BucketPrefix(bucket="my-bucket", prefix="show/")])


@pytest.mark.parametrize(("table", "name"), [(StorageTable, "storage"), (CdnTable, "cdn"), (AnnounceTable, "announce")])
def test_every_key_that_is_shown_is_one_the_config_takes(table, name):
    import tomllib

    shown: dict[str, dict[str, object]] = {}
    for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL):
        for part, keys in tomllib.loads(block).items():
            shown.setdefault(part, {}).update(keys)
    assert set(shown) <= set(Config.model_fields)
    assert shown[name].keys() <= table.model_fields.keys()


def test_every_command_that_is_named_exists():
    named = re.findall(r"(?:`|^)publish ([a-z]+)", PAGE, re.MULTILINE)
    assert {"login", "bucket", "purge", "announce"} <= set(named) <= set(COMMANDS)
    for option in PRINTED:
        assert f"`{option}`" in PAGE or f"--print {option}" in PAGE or option == "cors"
