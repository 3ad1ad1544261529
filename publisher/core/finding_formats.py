"""Findings for people and for programs: grouped text, JSON, GitHub's workflow commands, SARIF."""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from feed.findings import TOLD, Finding, Severity
from publisher.core.console import painted
from publisher.core.json_results import FindingRow, document_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.HINT: 2}
_COLOUR = {Severity.ERROR: "1;31", Severity.WARNING: "33", Severity.HINT: "36"}
_DIM, _BOLD = "2", "1"
MANY, FEW = 50, 5
"""A finding that comes so often is shown so many times."""
OFTEN = 3
"""What a feed of others has more often is told once."""
IN_LINE = 4
"""So much is told of an episode in its one line."""
_CHANGING = re.compile(r"'.*'|\d[\d,.]*|: .*|<[^>]*>(?:, )?")
"""What differs in a message from one episode to the next."""
_CONTROL = {code: None for code in (*range(32), *range(127, 160)) if code not in (9, 10)}


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first; then by file, line and code."""
    return sorted(findings, key=lambda finding: (_RANK[finding.severity], finding.file, finding.line, finding.code, finding.message))


def counts(findings: Sequence[Finding]) -> str:
    """`2 errors, 1 warning, 3 hints`; `nothing found` where there is none."""
    parts = []
    for severity in Severity:
        number = sum(finding.severity is severity for finding in findings)
        if number:
            parts.append(f"{number} {severity.value}{'s' if number != 1 else ''}")
    return ", ".join(parts) or "nothing found"


def as_text(findings: Iterable[Finding], *, colour: bool = False, fold: bool = False) -> str:
    """Grouped by severity and file: place, code, message, and the hint below; the last line counts.

    Of a warning or hint that is found MANY times only the first few are shown, unless nothing else is wrong. `fold` tells
    what recurs, errors too, as one line with its count: nobody mends another host's feed line by line.
    """

    def paint(style: str, text: str) -> str:
        return painted(text, style) if colour else text

    found = in_order(findings)
    several = len({finding.code for finding in found}) > 1
    ordered = _folded(found) if fold and several else found
    times = Counter(finding.code for finding in ordered if finding.severity is not Severity.ERROR)
    often = {code for code, number in times.items() if number > MANY} if several else set()
    shown: Counter[str] = Counter()
    lines: list[str] = []
    group: tuple[Severity, str] | None = None
    for finding in ordered:
        if finding.code in often and finding.severity is not Severity.ERROR:
            shown[finding.code] += 1
            if shown[finding.code] > FEW:
                continue
        if (finding.severity, finding.file) != group:
            group = (finding.severity, finding.file)
            heading = f"{finding.severity.value}s in {_clean(finding.file)}" if finding.file else f"{finding.severity.value}s"
            lines += ["", paint(_BOLD, heading)] if lines else [paint(_BOLD, heading)]
        where = f"{_clean(finding.place)}: " if finding.file else ""
        lines.append(f"  {where}{paint(_COLOUR[finding.severity], finding.code)} {_clean(finding.message)}")
        if finding.hint:
            lines.append(paint(_DIM, f"      {_clean(finding.hint)}"))
    if often:
        lines.append("")
    lines += [paint(_DIM, f"{code}: {times[code] - FEW:,} more, which --select {code} shows") for code in sorted(often)]
    if len(ordered) < len(found):
        lines += ["", paint(_DIM, "what recurs is told once; --select with its code shows each")]
    return "\n".join([*lines, "", counts(found)] if lines else [counts(found)]) + "\n"


def _folded(findings: Sequence[Finding]) -> list[Finding]:
    """Findings, of each kind that recurs the first alone, with its count: `411 episodes, the first: …`."""
    kinds: dict[tuple[str, Severity, str], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.code, finding.severity, _CHANGING.sub("", finding.message)), []).append(finding)
    result: list[Finding] = []
    for alike in kinds.values():
        if len(alike) <= OFTEN:
            result.extend(alike)
            continue
        episodes = {finding.episode for finding in alike}
        count = f"{len(episodes):,} episodes" if len(episodes) == len(alike) else f"{len(alike):,} times"
        result.append(replace(alike[0], message=f"{count}, the first: {alike[0].message}"))
    return in_order(result)


def as_lines(findings: Iterable[Finding]) -> list[str]:
    """One line for each episode (else file) with all that is TOLD of it, the worst first: in the line, and of the lines."""
    worst = sorted(findings, key=lambda item: (TOLD.index(item.code), item.file, item.line, item.message))
    lines: dict[str, list[str]] = {}
    for item in worst:
        parts = lines.setdefault(item.episode or item.file, [])
        place = f"{_clean(item.place)}: "
        same = any(part.startswith(place) for part in parts[-1:])
        parts.append(_clean(item.message) if same else f"{place}{_clean(item.message)}")
    return ["; ".join(parts[:IN_LINE]) + (f"; and {len(parts) - IN_LINE} more" if len(parts) > IN_LINE else "") for parts in lines.values()]


def as_json(findings: Iterable[Finding]) -> str:
    """One JSON document: a list of rows."""
    rows = [document_of(FindingRow.of(finding)) for finding in in_order(findings)]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def as_github(findings: Iterable[Finding], folder: str = "") -> str:
    """Workflow commands, which GitHub shows beside the line in a pull request; `folder` is the show's in the repository."""
    command = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "notice"}
    lines = []
    for finding in in_order(findings):
        properties = {"file": finding.file if "://" in finding.file else posixpath.join(folder, finding.file)} if finding.file else {}
        if finding.file and finding.line:
            properties["line"] = str(finding.line)
        text = f"{finding.message} ({finding.hint})" if finding.hint else finding.message
        lines.append(github_command(command[finding.severity], properties | {"title": finding.code}, text))
    return "".join(f"{line}\n" for line in lines)


def github_command(name: str, properties: Mapping[str, str], text: str) -> str:
    """One workflow command; whatever the texts hold, it stays one."""
    named = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {named}::{_data(text)}"


def as_sarif(findings: Iterable[Finding], *, titles: Mapping[str, str]) -> str:
    """SARIF 2.1.0, for code scanning. `titles` maps codes to what holds when all is well."""
    level = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "note"}
    ordered = in_order(findings)
    codes = sorted({finding.code for finding in ordered})
    rules = [{"id": code, "shortDescription": {"text": titles.get(code, code)}} for code in codes]
    results = []
    for finding in ordered:
        text = f"{finding.message}\n{finding.hint}" if finding.hint else finding.message
        result: dict[str, object] = {
            "ruleId": finding.code,
            "ruleIndex": codes.index(finding.code),
            "level": level[finding.severity],
            "message": {"text": text},
        }
        if finding.file:
            location: dict[str, object] = {"artifactLocation": {"uri": finding.file if "://" in finding.file else quote(finding.file)}}
            if finding.line:
                location["region"] = {"startLine": finding.line}
            result["locations"] = [{"physicalLocation": location}]
        results.append(result)
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "airdate", "rules": rules}}, "results": results}],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _clean(text: str) -> str:
    """Texts come from feeds of others: control characters would reach the terminal."""
    return text.translate(_CONTROL).replace("\n", " ")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
