"""The same on Ray: actors, each for one group of compressors, that are given units as they become free.

Back-pressure: an actor has at most `AHEAD` units. Units whose worker dies are given to a new one, each alone, so that it shows
which of them killed it; after `RETRIES` more deaths its rows say so. Rows come back to the process that drives the study, so a
cluster needs no shared folder.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from inspector.studies.plan import Unit, group_of
from inspector.studies.rows import asked_failed, failed
from models.registry import Address, Registry
from models.said import first_line

AHEAD = 2  # units an actor has, the one it works on included
RETRIES = 3
CARRIED = ("INSPECTOR_", "HF_HOME", "HF_HUB_")  # environment variables that workers are given too; no tokens


class ClusterError(ValueError):
    """Ray cannot be used here; the message is one sentence."""


class Worker:
    """What runs on the cluster; it makes its own registry and loads what its units name."""

    def __init__(self, registry: Callable[[], Registry], threads: int) -> None:
        import torch

        torch.set_num_threads(threads)
        self.table = registry()

    def hashes(self, names: Sequence[str]) -> dict[str, str]:
        from inspector.studies.batch import hashes

        return hashes([self.table.resolve(name) for name in names], self.table)

    def reader(self, name: str) -> str:
        """Hash of a reader's weights."""
        from inspector.studies.run import InProcess

        return InProcess(self.table).reader(name)

    def inspect(self, unit: Unit) -> tuple[int, list[dict[str, Any]]]:
        """The process's id, and the rows."""
        from inspector.studies.batch import work

        return os.getpid(), work(unit, self.table)


@dataclass(eq=False)
class Actor:
    group: str
    handle: Any
    units: dict[Any, Unit] = field(default_factory=dict)  # by the reference to their rows
    alone: bool = False  # its unit was on a worker that died, and shares this one with no other


class RayEngine:
    """Actors of a Ray cluster: one that runs already (`address`), or a local one that ends with the engine."""

    name = "ray"

    def __init__(
        self,
        table: Registry,
        registry: Callable[[], Registry],
        workers: int = 1,
        *,
        address: str | None = None,
        threads: int = 1,
        gpus: float = 0,
        retries: int = RETRIES,
        worker: type[Worker] = Worker,
    ) -> None:
        """
        Args:
            table: resolves addresses here.
            registry: what workers make theirs with; a function of a module that they can import.
            workers: actors at most.
            threads: of torch in each; also the CPUs that an actor asks for.
            gpus: that an actor asks for, a share of one included.

        Raises:
            ClusterError: Ray is not installed, or its cluster cannot be reached.
        """
        if find_spec("ray") is None:
            raise ClusterError("ray is not installed: pip install -e '.[cluster]', or leave out --engine ray")
        import ray

        self.ray, self.table, self.registry = ray, table, registry
        self.workers, self.threads, self.gpus, self.retries, self.worker = workers, threads, gpus, retries, worker
        self.actors: list[Actor] = []
        self.pids: list[int] = []  # of the workers seen, in order
        self.deaths = 0
        self._own = not ray.is_initialized()
        if self._own:
            carried = {name: value for name, value in os.environ.items() if name.startswith(CARRIED)}
            settings = {"log_to_driver": False, "runtime_env": {"env_vars": carried | {"OMP_NUM_THREADS": str(threads)}}}
            if address is None:
                # Ray's own choice, a niceness of 15, starves workers wherever anything else runs.
                settings |= {"_system_config": {"worker_niceness": 0}}
                settings |= {"num_cpus": workers * threads, "include_dashboard": False}
            try:
                ray.init(address=address, **settings)
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise ClusterError(f"Ray cannot be started: {first_line(error, 'no reason given')}") from None

    def hashes(self, addresses: Sequence[Address]) -> dict[str, str]:
        """As the workers have them: they, and not this process, must have the weights."""
        groups: dict[str, list[str]] = {}
        for address in addresses:
            groups.setdefault(group_of(address), []).append(str(address))
        found: dict[str, str] = {}
        for group, names in groups.items():
            found |= self.ray.get(self._actor(group).handle.hashes.remote(names))
        return found

    def reader(self, name: str) -> str:
        """As the workers have it.

        Raises:
            RuntimeError: they cannot load it.
        """
        actor = next(iter(self.actors), None) or self._actor("")
        try:
            return self.ray.get(actor.handle.reader.remote(name))
        except self.ray.exceptions.RayTaskError as error:
            raise RuntimeError(first_line(error.cause)) from None

    def run(self, units: Sequence[Unit]) -> Iterator[tuple[Unit, list[dict[str, Any]]]]:
        waiting, tries = deque(units), Counter()
        while waiting or any(actor.units for actor in self.actors):
            while waiting and (actor := self._actor(waiting[0].group, tries[waiting[0].hash] > 0)) is not None:
                unit = waiting.popleft()
                actor.alone = tries[unit.hash] > 0
                actor.units[actor.handle.inspect.remote(unit)] = unit
            [ref], _ = self.ray.wait([ref for actor in self.actors for ref in actor.units], num_returns=1)
            actor = next(a for a in self.actors if ref in a.units)
            try:
                pid, rows = self.ray.get(ref)
            except self.ray.exceptions.RayTaskError as error:  # its worker lives; a second try would end the same way
                unit = actor.units.pop(ref)
                yield unit, self._failed(unit, first_line(error.cause))
            except self.ray.exceptions.RayError:
                self.deaths += 1
                self._end(actor)
                for unit in actor.units.values():
                    tries[unit.hash] += 1
                    if tries[unit.hash] > self.retries:
                        yield unit, self._failed(unit, f"the worker died {tries[unit.hash]} times on it")
                    else:
                        waiting.appendleft(unit)
                actor.units.clear()
            else:
                if pid not in self.pids:
                    self.pids.append(pid)
                yield actor.units.pop(ref), rows

    def _actor(self, group: str, alone: bool = False) -> Actor | None:
        """One of the group that can take a unit, `alone` or not: a new one while there may be more, else one with room; None if
        all are busy."""
        mine = [actor for actor in self.actors if actor.group == group]
        if idle := next((actor for actor in mine if not actor.units), None):
            return idle
        if len(self.actors) == self.workers and (other := next((a for a in self.actors if not a.units and a not in mine), None)):
            self._end(other)
        if len(self.actors) < self.workers:
            made = self.ray.remote(num_cpus=self.threads, num_gpus=self.gpus, max_restarts=0)(self.worker)
            self.actors.append(Actor(group, made.remote(self.registry, self.threads)))
            return self.actors[-1]
        free = [actor for actor in mine if len(actor.units) < AHEAD and not (alone or actor.alone)]
        return min(free, key=lambda actor: len(actor.units), default=None)

    def _end(self, actor: Actor) -> None:
        self.actors.remove(actor)
        self.ray.kill(actor.handle)

    def _failed(self, unit: Unit, reason: str) -> list[dict[str, Any]]:
        of = failed if unit.cases[0].probe is None else asked_failed
        return [of(unit.items[case.text], case, self.table.resolve(case.compressor), reason) for case in unit.cases]

    def close(self) -> None:
        for actor in list(self.actors):
            self._end(actor)
        if self._own:
            self.ray.shutdown()
