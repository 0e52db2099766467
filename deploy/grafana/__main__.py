"""`python -m deploy.grafana`: write the dashboards anew."""

import json
from pathlib import Path

from deploy.grafana.detector_owner import detector_owner
from deploy.grafana.on_call import on_call

FOLDER = Path(__file__).parent / "dashboards"


def files() -> dict[str, str]:
    """File name -> what is to be in it."""
    made = (on_call(), detector_owner())
    return {f"{one['uid']}.json": json.dumps(one, indent=1, ensure_ascii=False) + "\n" for one in made}


if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text)
