"""The generated pages of docs/ say what the code says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from publisher.commands.schema import json_schemas
from tests.support import ROOT


def test_reference_commands_and_schemas_are_those_of_the_code():
    done = subprocess.run([sys.executable, "tools/make_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("key", "kinds"), [("license", {"string"}), ("location", {"array", "string"}), ("funding", {"array", "string"}), ("value", {"array"})]
)
def test_the_schemas_take_the_short_forms_that_are_read(key, kinds):
    schemas = json_schemas()
    for entry in (schemas["episode"]["properties"][key], schemas["config"]["$defs"]["ShowTable"]["properties"][key]):
        assert kinds <= {form.get("type") for form in entry["anyOf"]}
        assert any("$ref" in form for form in entry["anyOf"])
