"""Write the generated pages of docs/ again: the reference of config.toml and front matter, the commands, what they
give as JSON, the rules, the errors, the table of services, the JSON Schemas.

    python tools/make_docs.py [--check]

With --check nothing is written: it ends with status 1, naming the pages that are not what the code says.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import click

from feed.rules import BOOKS
from publisher.cli.command_line import cli
from publisher.commands.schema import json_schemas, result_schemas
from publisher.stores.providers import PROVIDERS
from publisher.verify.hosting_rules import HOSTING

DOCS = Path(__file__).resolve().parent.parent / "docs"
ERRORS = DOCS.parent / "publisher" / "core" / "errors.md"
MADE = "<!-- Made by `make docs`: change the docstrings in the code instead. -->\n"


def kind_of(schema: dict[str, Any]) -> str:
    """What may stand for a key, in words."""
    if "$ref" in schema:
        return "table"
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        kinds = [kind_of(choice) for choice in schema["anyOf"] if choice.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if schema.get("type") == "array":
        return f"list of {kind_of(schema.get('items', {}))}s"
    if schema.get("type") == "object":
        return f"table of {kind_of(schema.get('additionalProperties') or {})}s"
    named = {"date-time": "date and time", "date": "date", "time": "time"}.get(schema.get("format", ""))
    return named or {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}.get(
        schema.get("type", ""), "value"
    )


def default_of(name: str, schema: dict[str, Any], required: list[str]) -> str:
    """What holds when the key is not written."""
    if name in required:
        return "**needed**"
    value = schema.get("default")
    return "" if value in (None, "", [], {}) or isinstance(value, dict) else f"`{json.dumps(value, ensure_ascii=False)}`"


def table_of(schema: dict[str, Any]) -> list[str]:
    """The keys of one table, as a table."""
    lines = ["| key | is | when absent | |", "|---|---|---|---|"]
    for name, entry in schema.get("properties", {}).items():
        meaning = " ".join(entry.get("description", "").split()).replace("|", "\\|")
        lines.append(f"| `{name}` | {kind_of(entry)} | {default_of(name, entry, schema.get('required', []))} | {meaning} |")
    return [*lines, ""]


def reference(title: str, file: str, schema: dict[str, Any]) -> str:
    """A page with every table of one file, whose schema lies in docs/schema, in the order in which they are first spoken of."""
    definitions = schema.get("$defs", {})
    seen: list[str] = []

    def walk(part: object) -> None:
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in seen:
                seen.append(name)
                walk(definitions[name])
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(schema.get("properties", {}))
    lines = [
        f"# {title}",
        "",
        MADE,
        f"As a JSON Schema, for editors: [{file}](../schema/{file}); `publish schema {file.removesuffix('.json')}` prints it.",
        "",
    ]
    lines += [] if title == "config.toml" else table_of(schema)
    for name in seen:
        definition = definitions[name]
        about = " ".join(definition.get("description", "").split())
        heading = re.match(r"`([^`]+)`", about)
        lines += [f"## {heading[0] if heading else name.removesuffix('Table')}", "", about, "", *table_of(definition)]
    return "\n".join(lines).rstrip() + "\n"


def commands() -> str:
    """What `publish --help` says, for every command."""
    context = click.Context(cli, info_name="publish", terminal_width=100, max_content_width=100)
    lines = ["# The command", "", MADE, "```text", cli.get_help(context), "```", ""]
    return "\n".join(lines + _commands_of(cli, context)).rstrip() + "\n"


def _commands_of(group: click.Group, context: click.Context) -> list[str]:
    """The help of each command of a group, and of those below it."""
    lines = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = click.Context(command, info_name=name, parent=context, terminal_width=100, max_content_width=100)
        lines += [f"## {inner.command_path}", "", "```text", command.get_help(inner), "```", ""]
        lines += _commands_of(command, inner) if isinstance(command, click.Group) else []
    return lines


def results() -> str:
    """What every command gives with `--json`."""
    lines = [
        "# What --json gives",
        "",
        MADE,
        "stdout is one JSON document, everything else goes to stderr. `publish schema results` prints",
    ]
    lines += [
        "the [JSON Schemas](../schema/results.json). A key in brackets may be absent; new keys may come, none of these goes or changes its meaning.",
        "",
    ]
    defined: dict[str, dict[str, Any]] = {}
    for name, schema in result_schemas().items():
        defined |= schema.get("$defs", {})
        title = {"publish": "publish", "error": "Any command that fails"}.get(name, f"publish {name}")
        lines += [f"## {title}", ""]
        if schema["type"] == "array":
            lines += [f"A list of {_linked(schema['items'])}.", ""]
        else:
            lines += [*([] if name == "withdraw" else [schema["description"], ""]), *_keys(schema)]
    for name in sorted(defined):
        if defined[name]["type"] == "object":
            lines += [f"## {name}", "", defined[name]["description"], "", *_keys(defined[name])]
    return "\n".join(lines).rstrip() + "\n"


def _keys(schema: dict[str, Any]) -> list[str]:
    needed = schema.get("required", [])
    lines = ["| key | is | |", "|---|---|---|"]
    for key, entry in schema["properties"].items():
        shown = f"`{key}`" if key in needed else f"(`{key}`)"
        lines.append(f"| {shown} | {_linked(entry, nullable=key in needed)} | {entry.get('description', '')} |")
    return [*lines, ""]


def _linked(entry: dict[str, Any], *, nullable: bool = True) -> str:
    """What a value is, with a link where it is described."""
    if "anyOf" in entry:
        kinds = [_linked(choice) for choice in entry["anyOf"] if nullable or choice.get("type") != "null"]
        return " or ".join(kinds)
    if entry.get("type") == "array":
        return f"list of {_linked(entry['items'])}"
    name = entry.get("$ref", "").rpartition("/")[2]
    if name == "Severity":
        return "text"
    return f"[{name}](#{name.lower()})" if name else "`null`" if entry.get("type") == "null" else kind_of(entry)


def rules() -> str:
    """Every rule of `publish check` and `publish verify`."""
    lines = [
        "# Rules",
        "",
        MADE,
        "`publish check` holds the folder, or any feed, against these; `publish verify` looks at the served show.",
    ]
    lines += [
        "Errors stop a publish, warnings stop one with `--strict`, hints never do. `--select` and `--ignore` take the beginning of a code.",
        "Drafts and episodes that are not due get warnings at most. What the rules rest on, and why no rule is called F029, is in",
        "[sources.md](sources.md).",
        "",
    ]
    for book in (*BOOKS, HOSTING):
        lines += [
            f"## {book.heading}",
            "",
            "| code | severity | what holds | why, and what to do | asked for by |",
            "|---|---|---|---|---|",
        ]
        for rule in book.rules:
            cells = (rule.title, rule.explanation, rule.source)
            title, explanation, source = (cell.replace("|", "\\|") for cell in cells)
            lines.append(f'| <a id="{rule.code.lower()}"></a>{rule.code} | {rule.severity.value} | {title} | {explanation} | {source} |')
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def errors() -> str:
    """What `publish explain` prints of every error, as a page."""
    page = ERRORS.read_text(encoding="utf-8")
    title, _, rest = page.partition("\n\n")
    return f"{title}\n\n{MADE}\n{rest.replace('../../docs/rules.md', '../rules.md')}"


def storage() -> str:
    """docs/storage.md with the table of the services that are known."""
    words = {"enforced": "yes", "refused": "refused", "ignored": "ignored", None: "probed"}
    lines = [
        "| `provider` | service | endpoint | region | buckets | safe against two publishes at once | `acl` | note |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in PROVIDERS:
        endpoint = f"`{one.endpoint}`" if one.endpoint else "to be given"
        acl = "yes" if one.acl else "no"
        safe = words[one.conditions]
        lines.append(f"| `{one.name}` | {one.title} | {endpoint} | `{one.region}` | {one.addressing} | {safe} | {acl} | {one.note} |")
    page = (DOCS / "storage.md").read_text(encoding="utf-8")
    return re.sub(
        r"(<!-- services: .*? -->\n).*?(<!-- /services -->)", lambda marks: marks[1] + "\n".join([*lines, marks[2]]), page, flags=re.DOTALL
    )


def pages() -> dict[str, str]:
    """Every generated page, by its place in docs/."""
    config, episode = json_schemas().values()
    return {
        "reference/commands.md": commands(),
        "reference/config.md": reference("config.toml", "config.json", config),
        "reference/errors.md": errors(),
        "reference/episode.md": reference("The head of episode.md", "episode.json", episode),
        "reference/results.md": results(),
        "rules.md": rules(),
        "storage.md": storage(),
        "schema/config.json": json.dumps(config, ensure_ascii=False, indent=1) + "\n",
        "schema/episode.json": json.dumps(episode, ensure_ascii=False, indent=1) + "\n",
        "schema/results.json": json.dumps(result_schemas(), ensure_ascii=False, indent=1) + "\n",
    }


def main() -> None:
    """Write or compare."""
    stale = []
    for name, text in pages().items():
        file = DOCS / name
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            print(f"written: docs/{name}")
    if stale and "--check" in sys.argv:
        sys.exit(f"not what the code says, run `make docs`: {', '.join(stale)}")


if __name__ == "__main__":
    main()
