"""Where the two real episode pages lie that some tests read; they are not part of this project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import ROOT

SEEDS = Path(os.environ.get("AIRDATE_SEEDS") or ROOT.parent / "shared" / "seeds")

needs_seeds = pytest.mark.skipif(
    not (SEEDS / "make_show.py").is_file(), reason=f"the seed pages are not here ({SEEDS.name}); set AIRDATE_SEEDS"
)
