"""`publish import`: another host's show as a folder."""

from __future__ import annotations

from pathlib import Path

import click

from publisher.core.command_call import Call, common


@click.command("import")
@common
@click.argument("feed")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--url", help="Where listeners will reach the show from now on: https://podcast.example.org")
@click.option("--language", help="Of a show whose feed names none: en, de, pt-br …")
@click.option("--no-audio", is_flag=True, help="Everything but the recordings; the same command without it fetches them later.")
@click.option(
    "--retag", is_flag=True, help="Publish recordings with complete tags of this show, not byte for byte as the old host has them."
)
@click.option(
    "--media",
    type=click.Choice(["comes", "stays"]),
    default="comes",
    help="Whether recordings are fetched, or stay at the old host until `publish pull --from-host` brings them.",
)
def command(
    call: Call, /, feed: str, folder: Path, url: str | None, language: str | None, *, no_audio: bool, retag: bool, media: str
) -> None:
    """Take over the show of another host: its FEED, an address or a file, as a show's FOLDER, identity kept."""
    from feed.iso_codes import CODES, is_language_tag
    from publisher.importing.feed_import import ImportOptions, import_show

    if language and not is_language_tag(language):
        raise click.UsageError(f"`{language}` is no code of a language: {CODES}")
    options = ImportOptions(
        url=url or "",
        language=language or "",
        media="stays" if media == "stays" else "later" if no_audio else "comes",
        forced="locked" in call.options().forces,
        retag=retag,
        now=call.now,
    )
    taken = import_show(feed, folder, call.console, options)
    call.result(taken)
