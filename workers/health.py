"""Whether this machine's part of the desk does its work: for the health checks of containers."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from redis import Redis
from rq import Worker
from rq.cron import CronScheduler
from rq.worker import BaseWorker

from core.jobs import BROKER
from core.settings import Settings
from workers.queue import redis_url, require_redis
from workers.supervise.dashboard import answers

SILENCE = {
    "worker": timedelta(seconds=60),
    "broker": timedelta(seconds=60),
    "scheduler": timedelta(seconds=130),
}
"""How long each may be silent: a worker speaks every ten seconds, a scheduler every minute."""


class Part(StrEnum):
    """What can be asked for its health."""

    WORKER = "worker"
    BROKER = "broker"
    SCHEDULER = "scheduler"
    DASHBOARD = "dashboard"


def is_healthy(part: Part, settings: Settings) -> bool:
    """Whether a worker (of the pool, or the broker's) or a scheduler of this host has been heard of lately, or the
    dashboard answers.

    Raises:
        SettingsError: no Redis.
    """
    if part is Part.DASHBOARD:
        return answers(settings)
    return any(_heard(member, part) for member in _registered(part, require_redis(redis_url())))


def _registered(part: Part, client: Redis) -> list[BaseWorker] | list[CronScheduler]:
    if part is Part.SCHEDULER:
        return CronScheduler.all(client, cleanup=False)
    return [one for one in Worker.all(client) if (BROKER in one.queue_names()) == (part is Part.BROKER)]


def _heard(member: BaseWorker | CronScheduler, part: Part) -> bool:
    last = member.last_heartbeat
    recent = last is not None and datetime.now(UTC) - last < SILENCE[part]
    return member.hostname == socket.gethostname() and recent
