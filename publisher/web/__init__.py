"""Requests to the web, bounded in time, size and redirects, and only to addresses that may be asked."""

import sys
from types import ModuleType

# httpx loads a command line of its own where it finds rich and pygments, and does without where it does not.
sys.modules.setdefault("httpx._main", ModuleType("httpx._main"))
