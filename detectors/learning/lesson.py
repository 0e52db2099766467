"""What a detector wants to have learned, and by which families of models."""

import msgspec

DAY_S = 86_400.0

MOST_BODY = 800_000
"""Characters of a snapshot's body, at most: it travels in one record of the journal."""

_PER_NODE, _PER_HASHED, _PER_NAME = 64, 12, 220
"""Characters that one of them takes at most."""


class Online(msgspec.Struct, frozen=True, kw_only=True):
    """Logistic regression, one step per example, values standardised as they come (AdaGrad)."""

    rate: float = 0.03
    bias_rate: float = 0.01
    """Of the bias alone, which does not slow down: it follows the share of trouble as that moves."""
    l2: float = 0.0
    token_bits: int = 0
    """Tokens are hashed into 2**token_bits weights; 0: tokens are not used."""


class Boosted(msgspec.Struct, frozen=True, kw_only=True):
    """Gradient boosting (scikit-learn's histograms), fitted anew every `every_s` on the last `window_s`.

    What serves is the mean of the newest `kept` fits: a few cases decide what one of them makes of rare trouble.
    """

    every_s: float = 7 * DAY_S
    kept: int = 1
    window_s: float = 400 * DAY_S
    most_rows: int = 400_000
    rate: float = 0.05
    rounds: int = 150
    leaves: int = 8
    least_in_leaf: int = 40
    columns: float = 0.3
    l2: float = 10.0

    @property
    def most_nodes(self) -> int:
        """Of the trees of one fit together."""
        return 2 * self.rounds * self.leaves


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """One model: `names` are those of the values, in order. What the families say is mixed on the logit scale.

    A snapshot is told at most every `publish_every_s` of the examples' time, the first after `least` examples.
    """

    model: str
    names: tuple[str, ...]
    online: Online | None = Online()
    boosted: Boosted | None = None
    calibrated: bool = True
    recent: int = 4096
    """So many of the newest examples say how the families are mixed, and how scores become probabilities."""
    shadow_above: float = 0.1
    """With a larger calibration error than this after an alarm of drift, issues that rest on it go to shadow."""
    publish_every_s: float = DAY_S
    least: int = 200
    by_verdict: bool = False
    """Verdicts on the detector's issues are labels of this model, too."""
    censored: bool = True
    """That a customer is told may change what comes of it: labels that came after it are left out."""

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.names):
            raise ValueError(f"lesson {self.model}: two values have the same name")
        if not (self.online or self.boosted):
            raise ValueError(f"lesson {self.model}: give it a family, online or boosted")
        if self.boosted and self.boosted.kept < 1:
            raise ValueError(f"lesson {self.model}: of its fits the newest serves at least: kept is 1 or more")
        nodes = self.boosted.kept * self.boosted.most_nodes if self.boosted else 0
        hashed = 2**self.online.token_bits if self.online and self.online.token_bits else 0
        size = nodes * _PER_NODE + hashed * _PER_HASHED + len(self.names) * _PER_NAME
        if size > MOST_BODY:
            raise ValueError(
                f"lesson {self.model}: a snapshot may grow to {size:,} characters, at most {MOST_BODY:,} fit in a "
                "record: take fewer rounds, leaves, kept or token_bits"
            )
