"""Tell open pages that something changed, over the broker's publish and subscribe.

A lost announcement loses nothing: pages that hear nothing ask by themselves.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import redis
import redis.asyncio
from django.conf import settings

log = logging.getLogger(__name__)

CHANNEL = "generations"
TIMEOUT_S = 1.0
ASK_ANEW = "00000000-0000-0000-0000-000000000000"
"""In place of a generation's id: who may listen has changed."""
WISHES = "00000000-0000-0000-0000-000000000001"
"""In place of a generation's id: what waits for an owner has changed, orders or reports."""


def announce(team_id: int, public_id: str) -> None:
    """Say "generation N of this team changed" to every page that listens; never raises for a missing broker."""
    client = _client()
    if client is None:
        return
    try:
        client.publish(CHANNEL, json.dumps({"team": team_id, "generation": public_id}))
    except redis.RedisError as error:
        log.debug("announcement lost: %s", error)


def ask_anew(team_id: int) -> None:
    """Let every page that listens to this team be asked again who it is, as after somebody was removed."""
    announce(team_id, ASK_ANEW)


@asynccontextmanager
async def listening() -> AsyncIterator[AsyncIterator[tuple[int, str]]]:
    """Subscribe, then give an iterator of (team id, public id) of every change; redis.RedisError when the broker goes away."""
    client = redis.asyncio.Redis.from_url(settings.PUBSUB_URL, socket_connect_timeout=TIMEOUT_S, health_check_interval=15)
    async with client, client.pubsub(ignore_subscribe_messages=True) as pubsub:
        await pubsub.subscribe(CHANNEL)
        await pubsub.get_message(timeout=TIMEOUT_S)  # the broker's word that the subscription stands
        yield _changes(pubsub)


async def _changes(pubsub: redis.asyncio.client.PubSub) -> AsyncIterator[tuple[int, str]]:
    async for message in pubsub.listen():
        fields = json.loads(message["data"])
        yield fields["team"], fields["generation"]


@cache
def _client() -> redis.Redis | None:
    if not settings.PUBSUB_URL:
        return None
    return redis.Redis.from_url(settings.PUBSUB_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
