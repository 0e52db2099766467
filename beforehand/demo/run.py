"""The demo from end to end: everything real, on this machine, gone when it ends."""

import asyncio
import logging
import shutil
import sys
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console

from beforehand.demo.page import ORIGIN, stuck_with_open_pages
from beforehand.demo.play import Play
from beforehand.demo.report import report
from beforehand.demo.story import STORIES, Story
from beforehand.stack import Stack
from deploy.kafka.ports import free_port
from streams.clock import BusinessClock, elapsed, random_id, set_clock
from streams.settings import Settings

PARTITIONS = 4
NOT_BY_MAIL: dict[str, list[str]] = {"low_score": [], "unhappy_mention": [], "will_complain": []}
"""For the shop's own people, who would hear of it by a webhook: the demo has none, and customers get no letter."""


def run_demo(name: str, run_dir: Path, console: Console) -> None:
    """Play the story `name`; the summary goes to the terminal and to `run_dir`/demo.json."""
    began_s = elapsed()
    # Topics that were made a moment ago make clients try again: their warnings would tear the view apart.
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    story, home = STORIES[name], run_dir.absolute() / "demo"
    shutil.rmtree(home, ignore_errors=True)
    mails, clock_file, live_clock = home / "mails", home / "clock.json", home / "live_clock.json"
    mails.mkdir(parents=True)
    settings = _settings(story, home, clock_file)
    # Outreach starts with the live days; until then the clock stands at their beginning.
    set_clock(clock_file, story.live_since, rate=0.0)
    console.print(f"{story.title}\nlogs, mails and ledger in {home}")
    mail_server = [sys.executable, "-m", "deploy.mail", "--folder", str(mails), "--port", str(settings.smtp_port)]
    with Stack(settings, others={"mail": mail_server}) as stack:
        played = asyncio.run(Play(story, stack.settings, clock_file, mails, console).play())
        shutil.copy(clock_file, live_clock)  # by it the mails are counted
        if story.pages:
            console.print("the last scene, at the speed of life: stuck in the checkout, with the page open")
            set_clock(clock_file, BusinessClock(live_clock).now(), rate=1.0)
            played.pages_s = asyncio.run(stuck_with_open_pages(stack.settings, story.pages))
    settings = settings.model_copy(update={"clock_file": live_clock})
    report(name, story, settings, mails, played, elapsed() - began_s, run_dir.absolute() / "demo.json", console)


def _settings(story: Story, home: Path, clock_file: Path) -> Settings:
    settings = Settings(
        kafka="", partitions=PARTITIONS, run_dir=home, clock_file=clock_file, watermark="feed", checkpoint_s=0.2,
        database_url=SecretStr(f"sqlite:///{home / 'ledger.db'}"), outreach=True, outreach_from=story.live_since,
        channels=["email"], detector_channels=NOT_BY_MAIL,
        smtp_host="127.0.0.1", smtp_port=free_port(), smtp_tls="none", smtp_user="",
    )  # fmt: skip
    if not story.pages:
        return settings
    keys = home / "in_app.keys"
    keys.write_text(random_id() + random_id())
    pages = {"in_app_keys": keys, "in_app_origins": [ORIGIN], "in_app_port": free_port()}
    # Who has said yes to e-mail alone still gets that: in the days that are played fast nobody has a page open.
    return settings.model_copy(
        update=pages | {"detector_channels": NOT_BY_MAIL | {"stuck_checkout": ["in_app", "email"]}}
    )
