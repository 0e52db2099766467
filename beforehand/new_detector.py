"""`beforehand new-detector`: the files of a new detector, to begin with."""

from rich.console import Console

from desk.new_detector.writing import write

console = Console(highlight=False, soft_wrap=True)


def run(area: str, name: str, event_type: str) -> None:
    """Write them and say what is to be done next."""
    for file in write(area, name, event_type):
        console.print(f"written: {file}")
    console.print(
        "It works as it stands, and says nothing useful yet: change what is written large, then run "
        f"`pytest tests/scenarios/test_{name}.py tests/contracts -k {name}`"
    )
