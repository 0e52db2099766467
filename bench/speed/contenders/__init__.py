"""One contender per file, each run as a process of its own: `python -m bench.speed.contenders.NAME '<job as JSON>'`."""
