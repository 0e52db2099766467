"""Any order of claims, sends, crashes, opt-outs and passing time, of several senders over one ledger."""

import asyncio
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select

from ledger.database import Ledger
from ledger.deciding import read_decision
from ledger.tables import outbox
from models.notifications import outreach_id
from notifiers.messages import Held, Ready
from tests.outreach import address, consent, decide, issue, new_ledger, remember, states
from tests.sending import LEASE_S, Clock, House, Provider, keyed

CUSTOMERS = st.sampled_from(["a", "b"])
ACTS = st.sampled_from(["claim", "wire", "wire", "send", "send", "send", "die", "find", "find"])
ENDS = ["accept", "temporary", "permanent", "lost", "accept_then_lost", "accept_then_bug"]
PAUSES = [0.0, 0.5, 1.0, LEASE_S / 3, LEASE_S * 0.6, LEASE_S + 1, 3600.0, 20 * 3600.0]


class Schedules(RuleBasedStateMachine):
    """Two senders; a step of one is a claim, a commit before the wire, or a call with its record."""

    @initialize(with_key=st.booleans())
    def begin(self, with_key: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="schedules"))
        self.ledger: Ledger = new_ledger(self.folder)
        self.clock, self.issues = Clock(), 0
        self.allowed: dict[str, bool] = {}
        self.provider: Provider = keyed() if with_key else Provider()
        self.senders = [self.house(name) for name in ("one", "two")]
        self.claimed: list[tuple[House, Held]] = []
        self.on_wire: list[tuple[House, Ready]] = []
        for customer in ("a", "b"):
            remember(self.ledger, address(customer))
            self.change_consent(customer, True)
            self.find(customer)

    def house(self, owner: str) -> House:
        return House(self.ledger, self.provider, self.clock, owner=owner, places=2)

    @rule(customer=CUSTOMERS, allowed=st.booleans())
    def change_consent(self, customer: str, allowed: bool) -> None:
        remember(self.ledger, consent(customer, allowed))
        self.allowed[customer] = allowed

    @rule(customer=CUSTOMERS)
    def find(self, customer: str) -> None:
        self.issues += 1
        decide(self.ledger, issue(self.issues, customer=customer, at=self.clock.at), now=self.clock.at)

    @rule(back=st.integers(0, 3))
    def end_trouble(self, back: int) -> None:
        number = max(1, self.issues - back)
        customer = self.customer_of(f"i-{number}")
        decide(self.ledger, issue(number, customer=customer, change="resolved"), now=self.clock.at)

    @rule(seconds=st.sampled_from(PAUSES))
    def wait(self, seconds: float) -> None:
        self.clock.go(seconds)

    @rule(acts=st.lists(st.tuples(ACTS, st.integers(0, 3), st.sampled_from(ENDS)), min_size=1, max_size=12))
    def act(self, acts: list[tuple[str, int, str]]) -> None:
        """One rule for all that senders do: Hypothesis leaves whole rules out of an example."""
        for action, which, end in acts:
            if action == "find":
                self.find("ab"[which % 2])
            elif action == "send" and self.on_wire:
                self.send(which, end)
            elif action in ("wire", "send") and self.claimed:
                self.put_on_wire(which)
            elif action != "die":
                self.claim(which % 2)
            elif self.on_wire:
                self.die_on_the_wire(accepted=which % 2 == 0)
            elif self.claimed:
                self.claimed.pop()

    def claim(self, sender: int) -> None:
        house = self.senders[sender]
        house.claims.recover()
        self.claimed += [(house, one) for one in house.claims.take(2).held]

    def put_on_wire(self, which: int) -> None:
        house, held = self.claimed.pop(which % len(self.claimed))
        for ready in house.claims.put_on_wire([held]):
            self.on_wire.append((house, ready))
            assert self.allowed[held.notice.customer_id], "put on the wire after a no"

    def send(self, which: int, end: str) -> None:
        house, ready = self.on_wire.pop(which % len(self.on_wire))
        before = len(self.provider.calls)
        there = self.row_of(ready.held.notice.outreach_id)
        self.provider.plan = [end]
        asyncio.run(house.sender.send(ready))
        self.provider.plan = []
        if len(self.provider.calls) > before:
            assert there == ("ON_WIRE", ready.held.notice.token), "sent without a claim"
        assert max(Counter(self.provider.accepted).values(), default=0) <= 1, "told twice"

    def die_on_the_wire(self, accepted: bool) -> None:
        _, ready = self.on_wire.pop()
        in_time = self.clock.seconds - ready.held.leased_at < LEASE_S / 2
        if accepted and in_time:
            asyncio.run(self.provider.send(ready.message, ready.at))

    def customer_of(self, issue_id: str) -> str:
        with self.ledger.read() as connection:
            decision = read_decision(connection, issue_id)
        assert decision is not None
        return decision.issue.customer_id

    def row_of(self, outreach: str) -> tuple[str, int]:
        with self.ledger.read() as connection:
            where = outbox.c.outreach_id == outreach
            row = connection.execute(select(outbox.c.state, outbox.c.token).where(where)).one()
        return row.state, row.token

    def teardown(self) -> None:
        last = self.house("last")
        for _ in range(4):
            self.clock.go(LEASE_S + 10)
            last.claims.recover()
            for _ in range(self.issues):
                asyncio.run(last.round())
        counted = Counter(self.provider.accepted)
        assert max(counted.values(), default=0) <= 1, "told twice"
        for issue_id, state in states(self.ledger).items():
            accepted = outreach_id(issue_id, "email") in counted
            assert state not in ("PENDING", "CLAIMED", "ON_WIRE"), f"{issue_id} is stuck {state}"
            assert state == "UNKNOWN" or accepted == (state == "SENT"), f"{issue_id} {state}, accepted: {accepted}"
        self.ledger.close()
        shutil.rmtree(self.folder, ignore_errors=True)


TestSchedules = Schedules.TestCase
TestSchedules.settings = settings(max_examples=100, stateful_step_count=30, suppress_health_check=list(HealthCheck))
