"""The folder's feed, as it would be published: built, and nothing published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.compare.episodes import BuiltFeed
from publisher.core import layout
from publisher.folder_to_plan import Purpose, Scope, prepare
from publisher.incremental_build.artifacts import Phase

if TYPE_CHECKING:
    from publisher.core.command_call import Options
    from publisher.load.config_tables import Config
    from publisher.render_show import Rendering
    from publisher.workspace import Workspace


def feed_of_folder(workspace: Workspace, options: Options) -> BuiltFeed:
    """The feed and its archive pages. Raises ContentError for what cannot be built, as `publish build` does."""
    state, unasked = workspace.state_or_last()
    prepared = prepare(workspace, state, options, Purpose.BUILD, Scope(offline=unasked))
    return built_feed(prepared.rendering, workspace.config)


def built_feed(rendering: Rendering, config: Config) -> BuiltFeed:
    """The same of a rendering for `Purpose.BUILD`."""
    root = config.site.url.rstrip("/")
    made = (item for recipe in rendering.build.site.values() for item in recipe.artifacts or () if item.phase is Phase.FEED)
    documents = {f"{root}/{item.key}": body for item in made if (body := item.content) is not None}
    return BuiltFeed(address=f"{root}/{layout.feed(config.feed.file)}", documents=documents)
