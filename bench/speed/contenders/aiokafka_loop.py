"""The strong peer: a bare aiokafka loop with a dict. Outputs are written and awaited; state is in memory only.

It gets what helped ours: whole-batch decoding, whole-batch sending, rare garbage collection (`plain` leaves Python's
own garbage collection as it is). Every second, like ours with a backlog, it waits for its outputs and commits.
"""

import asyncio
import gc
import time
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench.speed.contenders.counting import COUNTERS, Counter
from bench.speed.job import Job, Told, job_of_this_process, tell
from streams.sending import lanes_of, send_lanes
