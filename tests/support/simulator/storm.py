"""One run: a show of some publishes, then several commands at once under bad conditions, then calm."""

from __future__ import annotations

import datetime as dt
import os
import random
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from unittest import mock

from publisher.announce import follow_up
from publisher.commands.prune import prune
from publisher.commands.rollback import rollback
from publisher.commands.stage import stage
from publisher.commands.withdraw import withdraw
from publisher.core import layout
from publisher.core.command_call import Options
from publisher.core.errors import AirdateError, NotVerified, PlanRefused
from publisher.publish import publish
from publisher.show_changes.compare import ShowChanges
from publisher.stores import conditions_probe  # noqa: F401  what is imported late must be there when clocks are replaced
from publisher.stores.protocol import Conditions
from publisher.sync.claims import LEASE
from tests.support.simulator.cloud import Cloud, Line, Weather
from tests.support.simulator.folder import FolderLine, SharedFolder
from tests.support.simulator.scheduler import Killed, Machine, Process, Scheduler
from tests.support.simulator.standins import EPOCH, standing_in
from tests.support.simulator.tiny_show import SITE, Episode, Folder, SimulatedWorkspace, compose, names_in, prepare, select
from tests.support.simulator.watch import Fault, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

DAY = 86_400.0
STORM = 40 * DAY
"""When it begins: what nothing named since the first days may be pruned by then."""
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  a folder of its own is made there
CALM = Weather(faults=0.0, faults_of_deletes=0.0, faults_of_pages=0.0, pace=1.0, latest=1.0)
STANDINS: dict[str, Callable[..., Any]] = {
    "publish.prepare": prepare,
    "folder_to_plan.select": select,
    "render.media_and_documents.compose": compose,
    "show_changes.compare.show_changes": lambda _prepared: ShowChanges(show=(), episodes=()),
    "publish.parts_of_show": lambda _source: {},
    "ask_and_apply.parts_of_show": lambda _source: {},
    "ask_and_apply.parts_of": lambda _episode: {},
    "ask_and_apply.who_publishes": lambda _folder: "",
}
"""What loads, renders and tells a whole show, and what takes its place."""
KINDS = (*get_args(Conditions), "dateless", "two-clocks", "folder")
"""What there is to publish to: services that enforce, refuse or ignore conditions; some that enforce them and tell no time, or two times;
a folder.
"""
TOO_OLD = ("refused-remove", "refused-older", "refused-shrink")
EXPECTED = frozenset((
    *("storage-lost", "storage-stopped", "storage-busy", "storage-missing", "nothing-published", "not-verified", "not-restored"),
    *("rollback-unknown", "rollback-impossible", "withdraw-unknown", "stage-unknown", "refused-resume", *TOO_OLD),
))  # fmt: skip
"""How a command may end in a storm, by the code of its error."""


@dataclass(kw_only=True)
class Outcome:
    """How a run went."""

    seed: int
    kind: str
    faults: list[Fault]
    log: list[tuple[float, str, str]]
    ends: list[str] = field(default_factory=list)
    requests: int = 0
    theme: str = ""

    @property
    def excused(self) -> bool:
        """Whether all that went wrong is what no client can exclude where conditions are not enforced, and healed."""
        return all(fault.cause for fault in self.faults)

    def story(self) -> str:
        """Everything that happened, for people."""
        lines = [f"{moment - STORM:10.2f}  {who:14}  {words}" for moment, who, words in self.log]
        faults = [f"{fault.kind}: {fault.words}{fault.cause and f' ({fault.cause})'}" for fault in self.faults]
        again = f"once more: python -m tests.support.simulator {self.seed} {self.kind} {self.theme}".rstrip()
        return "\n".join([f"seed {self.seed}, {self.kind}", *lines, *faults, again])


class Storm:
    """The commands of one run, and all they meet."""

    def __init__(self, seed: int, kind: str, folder: Path, theme: str = "") -> None:
        self.dice = random.Random(f"{seed} {kind}")  # noqa: S311  the same storm for the same seed
        self.safe = kind not in ("ignored", "refused")
        self.kind = kind
        self.scheduler = Scheduler(self.dice)
        self.watch = Watch(self.scheduler)
        self.folder = folder
        self.cloud = self.watch.cloud = self._place()
        self.repository = Folder()
        """What everybody has pushed."""
        self.ends: list[str] = []
        self.theme = theme or self.dice.choice(("any", "any", "prune", "ctrl-c"))
        """What this storm has more of: a prune that sleeps beside pictures that come back; or Ctrl-C beside new episodes and slow
        deletes. "lines": nothing happens to machines and commands, but to their requests. "cut": a publish that dies at once with
        pages on their way, and a rollback right after it.
        """
        self._names = 0

    def _place(self) -> Any:
        """Where everybody publishes to."""
        ahead = self.dice.uniform(-200, 200)
        if self.kind == "folder":
            return SharedFolder(self.folder / "public", self.scheduler)
        if self.kind == "dateless":
            return Cloud(self.scheduler, "enforced", ahead, stamps=self.dice.random() < 0.5, date=None)
        if self.kind == "two-clocks":
            return Cloud(self.scheduler, "enforced", ahead, date=self.dice.choice((-7200.0, -45.0, 45.0, 7200.0)))
        conditions: Any = self.kind
        return Cloud(self.scheduler, conditions, ahead=ahead)

    # commands

    def machine(self, name: str, slow_by: float = 0.0) -> Machine:
        place = self.folder / name
        place.mkdir(exist_ok=True)
        return Machine(name, place, slow_by=slow_by)

    def begin(
        self, what: str, machine: Machine, weather: Weather, work: Callable[[SimulatedWorkspace, Options], Any], **options: Any
    ) -> Process:
        """Run a command from now on; `ends` tells how it went."""
        self._names += 1
        process = Process(f"{what}-{self._names}", machine)
        line = (FolderLine if self.kind == "folder" else Line)(self.cloud, self.scheduler, process, weather, self.watch)
        if self.kind == "folder" and weather is not CALM:
            options = {"wait": self.dice.choice((0.0, 0.0, 300.0)), **options}
        line.before = self._harm(what, process) if weather is not CALM else lambda _words: None

        def note(words: str) -> None:
            self.watch.note(process, f"    “{words.strip()}”")

        def body() -> None:
            now = dt.datetime.fromtimestamp(EPOCH + self.scheduler.now - machine.slow_by, dt.UTC)
            workspace = SimulatedWorkspace(line, self.repository, machine.folder / "cache", note)
            self.watch.note(process, f"begins on {machine.name}")
            end = "done"
            try:
                result = work(workspace, replace(Options(now=now, yes=True, verify=self.dice.random() < 0.5), **options))
                end = f"done: publish {result.generation}" if hasattr(result, "generation") else "done"
            except Killed:
                raise
            except AirdateError as error:
                end = f"{error.code}: {error.message}"
                if error.code not in EXPECTED:
                    self.watch.fault("command-failed", f"{process.name}: {end} ({error.cause})")
            except KeyboardInterrupt:
                end = "interrupted"
            except Exception as error:
                end = f"{type(error).__name__}: {error}"
                self.watch.fault("bug", f"{process.name}: {end}")
            self.watch.note(process, f"ends: {end}")
            self.ends.append(f"{what} {end.partition(':')[0]}")

        self.scheduler.start(process, body)
        return process

    def publish(
        self, machine: Machine, weather: Weather, edit: Callable[[Folder], Folder], *, what: str = "publish", pulls: int = 0, **options: Any
    ) -> Process:
        """Pull, edit, push, publish; where the checkout has become too old, pull and publish once more (`pulls` times at most)."""

        def work(workspace: SimulatedWorkspace, given: Options) -> Any:
            self.repository = workspace.folder = edit(self.repository)
            for left in range(pulls, -1, -1):
                try:
                    return publish(workspace, given)
                except PlanRefused as refused:
                    if not left or refused.code not in TOO_OLD:
                        raise
                workspace.folder = self.repository
            raise AssertionError

        return self.begin(what, machine, weather, work, **options)

    # what happens to a command

    def _harm(self, command: str, process: Process) -> Callable[[str], None]:
        """What this process will suffer: it falls asleep, is stopped, killed or interrupted, at its nth request of some kind."""
        dice = self.dice
        plans = []
        if self.theme == "lines":
            return lambda _words: None
        if dice.random() < 0.5:
            plans.append(self._plan(("asleep", "stopped")))
        if dice.random() < 0.3:
            plans.append(self._plan(("killed", "interrupted", "asleep", "stopped")))
        if command == "prune" and self.theme == "prune":
            plans.append(("asleep", "delete", 1, dice.uniform(60, 300)))
        if self.theme == "cut":
            plans = [("killed", "claimed", dice.randint(4, 8), 0.0)] if command == "publish" else []
        if command == "publish" and self.theme == "ctrl-c" and dice.random() < 0.7:
            plans.append(("interrupted", "claimed", dice.randint(2, 6), 0.0))
        asked: Counter[str] = Counter()

        def before(words: str) -> None:
            kind = words.split(" ", maxsplit=1)[0]
            kinds = {"any", kind} | ({"claimed"} if asked["claimed"] or f"write {layout.CLAIMS}" in words else set())
            asked.update(kinds)
            for plan in list(plans):
                what, of, count, seconds = plan
                if plan in plans and of in kinds and asked[of] >= count:
                    plans.remove(plan)
                    self._suffer(process, what, seconds, words)

        return before

    def _plan(self, kinds: tuple[str, ...]) -> tuple[str, str, int, float]:
        dice = self.dice
        of, most = dice.choice((("any", 40), ("any", 40), ("delete", 3), ("write", 15), ("claimed", 10)))
        return dice.choice(kinds), of, dice.randint(1, most), 4.0 ** dice.uniform(0.5, 4.2)

    def _suffer(self, process: Process, what: str, seconds: float, words: str) -> None:
        """`words` is what it was about to do."""
        scheduler = self.scheduler
        told = f"before it could {words}"
        if what == "killed":
            self.watch.note(process, f"--- killed {told}")
            scheduler.kill(process)
            raise Killed
        if what == "interrupted":
            after = self.dice.choice((0.0, 0.05, 5.0))
            self.watch.note(process, f"--- Ctrl-C in {after} s, as it begins to {words}")
            scheduler.at(scheduler.now + after, lambda: scheduler.interrupt(process))
            scheduler.wait(seconds=0.0)
            return
        self.watch.note(process, f"--- {what} for {seconds:.0f} s {told}")
        if what == "asleep":
            scheduler.sleep_of(process.machine, seconds)
        else:
            process.goes_on_at = scheduler.now + seconds
        scheduler.wait(seconds=0.0)

    # the run

    def history(self) -> None:
        """Three publishes on three days: two episodes, another picture, other words."""
        desk = self.machine("desk")
        first = replace(Folder(), episodes={slug: Episode(slug=slug, title=slug.title()) for slug in ("one", "two")})
        edits: list[Callable[[Folder], Folder]] = [
            lambda _folder: first,
            lambda folder: replace(folder, artwork="green", words="Hello."),
            lambda folder: folder.having(Episode(slug="three", title="Three")),
        ]
        for day, edit in enumerate(edits):
            self.scheduler.at(day * DAY, lambda edit=edit: self.publish(desk, CALM, edit, verify=False))  # type: ignore[misc]
        self.scheduler.run()
        if self.ends != ["publish done"] * 3:
            raise AssertionError(f"the first publishes failed: {self.ends}\n{self.watch.log}")
        self.ends.clear()
        self.scheduler.now = STORM

    def storm(self) -> None:
        """Two to five commands within a minute or two, on two or three machines."""
        dice = self.dice
        if self.theme == "cut":
            self._cut_and_rolled_back()
            return
        faults = dice.choice((0.0, 0.02, 0.1))
        weather = Weather(
            faults=faults,
            faults_of_deletes=0.6 if self.theme == "ctrl-c" else faults * 3,
            faults_of_pages=faults,
            pace=dice.choice((1.0, 20.0)),
            latest=dice.choice((LEASE / 2,) if self.safe else (LEASE / 2, 150.0)),
        )
        machines = [self.machine(name, slow_by=dice.choice((0.0, 0.0, 90.0))) for name in ("laptop", "studio", "cron")]
        self.watch.note(None, f"{weather}, theme {self.theme}")
        others = [dice.choice(("publish", "prune", "rollback", "withdraw", "stage")) for _ in range(dice.randint(0, 3))]
        commands = ["prune" if self.theme == "prune" else "publish", "publish", *others]
        for number, command in enumerate(commands):
            machine = dice.choice(machines) if number > 1 else machines[number]
            self.scheduler.at(
                self.scheduler.now + dice.choice((0.0, 1.0, 20.0, 120.0)) * dice.random(), self._command(command, number, machine, weather)
            )
        if not self.scheduler.run():
            self.watch.fault("no-end", "the commands of the storm do not end")

    def _cut_and_rolled_back(self) -> None:
        laptop, clear = self.machine("laptop"), replace(CALM, latest=LEASE / 2)
        self.publish(laptop, replace(clear, faults_of_pages=0.7), self._edit(0))
        after = self.dice.uniform(2.0, 20.0)
        self.scheduler.at(STORM + after, lambda: self.begin("rollback", laptop, clear, self._rollback) and None)
        if not self.scheduler.run():
            self.watch.fault("no-end", "the commands of the storm do not end")

    @staticmethod
    def _rollback(workspace: SimulatedWorkspace, options: Options) -> Any:
        return rollback(workspace, None, options, ask=lambda _words: True)

    def _command(self, what: str, number: int, machine: Machine, weather: Weather) -> Callable[[], None]:
        dice = self.dice
        if what == "publish":
            edit = self._edit(number)
            forces = frozenset({"resume"}) if dice.random() < 0.5 else frozenset()
            again = dice.random() < 0.5

            def begin() -> None:
                self.publish(machine, weather, edit, forces=forces, pulls=1)
                if again:
                    self.scheduler.at(self.scheduler.now + dice.uniform(5, 200), lambda: self._again(machine, weather))

            return begin
        work: dict[str, Callable[[SimulatedWorkspace, Options], Any]] = {
            "prune": lambda workspace, options: prune(workspace, options, ask=lambda _words: True),
            "rollback": self._rollback,
            "withdraw": lambda workspace, options: withdraw(workspace, dice.choice(("one", "two")), options, ask=lambda _words: True),
            "stage": self._stage,
        }
        return lambda: self.begin(what, machine, weather, work[what]) and None

    def _again(self, machine: Machine, weather: Weather) -> None:
        """The same from the same machine a while later, as cron does."""
        self.publish(machine, weather, lambda folder: folder, forces=frozenset({"resume"}))

    def _edit(self, number: int) -> Callable[[Folder], Folder]:
        dice = self.dice
        kinds = {"prune": ("artwork",), "ctrl-c": ("new",)}.get(self.theme, ()) * 4 + ("title", "new", "artwork", "revision", "words")
        kind = dice.choice(kinds)

        def edit(folder: Folder) -> Folder:
            slug = dice.choice(sorted(folder.episodes))
            episode = folder.episodes[slug]
            if kind == "new":
                return folder.having(Episode(slug=f"new-{number}", title=f"New {number}"))
            if kind == "title":
                return folder.having(replace(episode, title=f"{episode.title} as {number}"))
            if kind == "revision":
                return folder.having(replace(episode, revision=episode.revision + 1))
            if kind == "artwork":
                return replace(folder, artwork=dice.choice(("blue", "blue", "red")), words=f"Picture of {number}.")
            return replace(folder, words=f"Words of {number}.")

        return edit

    def _stage(self, workspace: SimulatedWorkspace, options: Options) -> Any:
        """A draft that is staged, and released by another machine, which has no recording."""
        self._names += 1
        coming = Episode(slug=f"staged-{self._names}", title="Staged", draft=True)
        workspace.folder = workspace.folder.having(coming)
        done = stage(workspace, coming.slug, options.now)
        released = replace(coming, draft=False, recorded=False)
        self.publish(workspace_machine(self.scheduler), CALM, lambda folder: folder.having(released), forces=frozenset({"resume"}))
        return done

    def calm(self) -> None:
        """Later, without trouble: one publish, without `--repair`, finishes and heals what is left, the next finds nothing to do."""
        self.scheduler.now = max(self.scheduler.now, STORM)
        desk = self.machine("desk")
        first = self._calm_publish(desk, lambda folder: folder)
        wrong = self._wrong()
        for words in wrong:
            self.watch.fault("left", f"after the next publish: {words}")
        if self._calm_publish(desk, lambda folder: folder) != first:
            self.watch.fault("restless", "publishing again changes something")
        if wrong:
            self._calm_publish(desk, lambda folder: replace(folder, words="Another welcome."), repair=True)
            for words in self._wrong():
                self.watch.fault("not-healed", words)

    def _calm_publish(self, desk: Machine, edit: Callable[[Folder], Folder], **options: Any) -> str:
        """One publish after the storm; the ETag of State then."""
        self.scheduler.now += 3 * LEASE
        self.ends.clear()
        self.publish(desk, CALM, edit, what="calm", forces=frozenset({"resume", "older"}), verify=False, **options)
        if not self.scheduler.run():
            self.watch.fault("no-end", "a publish after the storm does not end")
        elif self.ends != ["calm done"]:
            self.watch.fault("stuck", f"a publish after the storm: {self.ends}")
        return str(self.cloud.objects[layout.STATE_KEY].etag)

    def _wrong(self) -> list[str]:
        """What is not as it must be when all is quiet."""
        state = self.watch.state()
        claims = [number for key in self.cloud.objects if (number := layout.generation_in(layout.key_of(key))) is not None]
        left = [f"claim {number} is there after publish {state.generation}" for number in claims if number > state.generation]
        there = {slug for slug, item in state.episodes.items() if not item.removed or item.withdrawn}
        lost = [f"{slug} is not published" for slug in sorted(self.repository.episodes.keys() - there)]
        return [*self.watch.differences(state), *self.watch.dangling, *left, *lost]


def workspace_machine(scheduler: Scheduler) -> Machine:
    """Where the running command runs."""
    return scheduler.process.machine


def verify(workspace: SimulatedWorkspace, _prepared: Any, _after: Any) -> Generator[None, None, tuple[()]]:
    """Stands in for the look from outside: asks for feed and all it names."""
    feed = workspace.store.read(layout.feed("feed.xml"))
    missing = [key for key in names_in(feed.body if feed else b"") if workspace.store.head(layout.key_of(key)) is None]
    yield
    if missing:
        workspace.missing_addresses.add(f"{SITE}{key}" for key in missing)
        raise NotVerified(f"not there: {missing}", code="not-verified")
    return ()


def run_storm(seed: int, kind: str, theme: str = "") -> Outcome:
    """One seed at one kind of place; the seed chooses the theme, where none is given."""
    with tempfile.TemporaryDirectory(prefix="airdate-simulator-", dir=IN_MEMORY) as folder, ExitStack() as replaced:
        storm = Storm(seed, kind, Path(folder), theme)
        if kind == "folder":
            replaced.enter_context(mock.patch("publisher.stores.directory.datetime", storm.cloud))
        replaced.enter_context(standing_in(storm.scheduler))
        for name, standin in STANDINS.items():
            replaced.enter_context(mock.patch(f"publisher.{name}", standin))
        replaced.enter_context(mock.patch.object(follow_up, "_verify", verify))
        storm.history()
        storm.storm()
        storm.calm()
        for process in storm.scheduler.processes:
            storm.scheduler.kill(process)
    return Outcome(
        seed=seed,
        kind=kind,
        theme=theme,
        faults=storm.watch.faults,
        log=storm.watch.log,
        ends=storm.ends,
        requests=storm.cloud.requests,
    )
