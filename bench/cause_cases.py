"""The cases of a run, kept in a file: another finder is tried on them in a minute, the whole house takes an hour.

What is a case, and how bad, does not depend on causes (`test_a_cause_does_not_feed_on_itself`), so as long as only
`detectors/causes` changes, the kept ones are what a run would give again. Context plays them with several partitions.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from desk.offline import Shared
from models.events.case_observed import CaseObserved
from models.events.catalogue import decode, encode
from models.events.cause_changed import CauseChanged


def keep(cases: Iterable[CaseObserved], file: Path) -> None:
    """One a line, in the order in which context read them."""
    with file.open("wb") as out:
        for case in cases:
            out.write(encode(case) + b"\n")


def kept(file: Path) -> Iterator[CaseObserved]:
    """What `keep` wrote. Raises ValueError for a line that is no case."""
    with file.open("rb") as lines:
        for line in lines:
            case = decode(line)
            if not isinstance(case, CaseObserved):
                raise ValueError(f"{file}: a line is no case but {type(case).__name__}")
            yield case


def words_of(cases: Iterable[CaseObserved], partitions: int) -> list[CauseChanged]:
    """Every word about a cause, in the order of the partitions."""
    context = Shared(partitions)
    for case in cases:
        context.apply(case)
    return [word for word in context.updates() if isinstance(word, CauseChanged)]
