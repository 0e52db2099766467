"""One partition of the observations: what is seen at single customers becomes knowledge of what they share."""

from datetime import UTC, datetime

import msgspec

from detectors.causes.board import PREFIX, CauseBoard
from detectors.clock import NEVER
from detectors.context.entity import Entity
from detectors.context.rules import ContextParams, Rule
from detectors.due_heap import DueHeap
from detectors.entities import short
from models.events.case_observed import CaseObserved
from models.events.cause_changed import CauseChanged
from models.events.context_updated import ContextUpdated
from models.events.entity_measured import EntityMeasured
from models.events.entity_observed import EntityObserved

DAY_S = 86_400.0


class ContextOutputs(msgspec.Struct):
    """Updates for every journal partition, and the touched states."""

    updates: list[ContextUpdated] = []
    causes: list[CauseChanged] = []
    states: list[tuple[bytes, bytes | None]] = []


class ContextPartition:
    """Keeps the entities of one partition. What it tells depends only on the sequence of records.

    An entity that nothing was heard of for `forget_after_s` is forgotten, by the time of the others.
    """

    def __init__(self, partition: int = 0, params: ContextParams | None = None) -> None:
        self._partition = partition
        self._params = params or ContextParams()
        self._rules: dict[str, tuple[Rule, ...]] = {}
        for rule in self._params.rules:
            self._rules[rule.measure] = (*self._rules.get(rule.measure, ()), rule)
        self._entities: dict[str, Entity] = {}
        self._dirty: dict[str, None] = {}
        self._held = DueHeap()
        """Who was told of lately and seen since, and when there may be another word on them."""
        self._newest = -NEVER
        self._updates: list[ContextUpdated] = []
        self.board = CauseBoard(partition)
        self._causes: list[CauseChanged] = []

    def load(self, key: bytes, value: bytes) -> None:
        """Restore one state. Raises `msgspec.DecodeError` when it is not one of ours."""
        if key.startswith(PREFIX):
            self.board.load(key, value)
            return
        name, entity = key.decode(), _DECODER.decode(value)
        self._entities[name] = entity
        self._newest = max(self._newest, entity.at)
        if entity.at < (due := self._may_be_told(entity)):
            self._held.set(name, due)

    def apply(self, event: EntityObserved | EntityMeasured | CaseObserved, offset: int) -> None:
        """Take in one observation, measurement or case; `offset` names what is told because of it."""
        if isinstance(event, CaseObserved):
            self._causes += self.board.apply(event, offset)
            return
        at = event.time.timestamp()
        entity = self._entities.get(event.subject)
        if entity is None:
            entity = self._entities[event.subject] = Entity(at=at)
        self._dirty[event.subject] = None
        if isinstance(event, EntityObserved):
            for name, value in event.data.values().items():
                entity.observe(self._wanted(name), value, at, self._params)
        else:
            for name, value in event.data.measures.items():
                if entity.measure(name, value, at) and name in self._rules:
                    entity.observe(self._rules[name], value, at, self._params)
        self._news(event.subject, entity, offset)
        self._pass(max(self._newest, entity.at), offset)

    def drain(self) -> ContextOutputs:
        """What is to be told since the last drain, and every touched entity as bytes."""
        states: list[tuple[bytes, bytes | None]] = []
        for name in self._dirty:
            entity = self._entities.get(name)
            states.append((name.encode(), None if entity is None else _ENCODER.encode(entity)))
        outputs = ContextOutputs(updates=self._updates, causes=self._causes, states=states + self.board.drain())
        self._updates, self._causes = [], []
        self._dirty.clear()
        return outputs

    def _wanted(self, measure: str) -> tuple[Rule, ...]:
        rules = self._rules.get(measure)
        if rules is None:
            rules = (Rule(measure=measure, name=short(measure), windows=self._params.other_windows),)
            self._rules[measure] = rules
        return rules

    def _news(self, name: str, entity: Entity, offset: int) -> None:
        """Tell what is new, or have it wait until the entity may be told of again."""
        if entity.at < (due := self._may_be_told(entity)):
            if name not in self._held:
                self._held.set(name, due)
        elif entity.fresh or entity.moved(self._params):
            self._held.drop(name)
            self._tell(name, entity, f"cx-{self._partition}-{offset}")

    def _may_be_told(self, entity: Entity) -> float:
        return entity.told_at + self._params.min_interval_s

    def _pass(self, newest: float, offset: int) -> None:
        """Time has come to `newest`: tell what waited for it, and forget what is old."""
        former, self._newest = self._newest, newest
        while self._held.next_at <= newest and (entry := self._held.pop(newest)) is not None:
            entity = self._entities[name := entry[1]]
            if entity.fresh or entity.moved(self._params):
                self._dirty[name] = None
                self._tell(name, entity, f"cx-{self._partition}-{offset}-{name}")
        if newest // DAY_S == former // DAY_S:  # once a day is enough
            return
        for name in [n for n, entity in self._entities.items() if entity.at < newest - self._params.forget_after_s]:
            del self._entities[name]
            self._dirty[name] = None

    def _tell(self, name: str, entity: Entity, event_id: str) -> None:
        data = entity.tell(self._params)
        self._updates.append(ContextUpdated(id=event_id, source="context", subject=name, time=_at(entity), data=data))


def _at(entity: Entity) -> datetime:
    return datetime.fromtimestamp(entity.at, UTC)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Entity)
