"""Limits counted in Redis, for several nodes: the same sliding windows as debate/actions/paces.py, in one script."""

import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

log = logging.getLogger(__name__)

# KEYS are sorted sets of times. ARGV: the time now, a member's name, then for each key the number of its windows and
# each window's most and seconds. Answers 0, or the time at which there is room again. What was counted by a clock that
# has gone back since counts no more (see AHEAD there).
_TAKE = """
local now, member, at, until_ = tonumber(ARGV[1]), ARGV[2], 3, 0
local ahead = now + 60
local longest = {}
for i, key in ipairs(KEYS) do
  longest[i] = 0
  for _ = 1, tonumber(ARGV[at]) do
    local most, seconds = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
    at = at + 2
    longest[i] = math.max(longest[i], seconds)
    if redis.call('ZCOUNT', key, '(' .. (now - seconds), ahead) >= most then
      local nth = redis.call('ZREVRANGEBYSCORE', key, ahead, '-inf', 'WITHSCORES', 'LIMIT', most - 1, 1)
      until_ = math.max(until_, tonumber(nth[2]) + seconds)
    end
  end
  at = at + 1
end
if until_ > 0 then return tostring(until_) end
for i, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - longest[i])
  redis.call('ZREMRANGEBYSCORE', key, '(' .. ahead, '+inf')
  redis.call('ZADD', key, now, member)
  redis.call('EXPIRE', key, longest[i])
end
return '0'
"""
PREFIX = "debate:pace:"
PAUSE = 2.0  # seconds without asking a Redis that did not answer: each write would wait for it, and others for that


class Window(Protocol):
    """At most so many within so many seconds."""

    @property
    def most(self) -> int: ...
    @property
    def seconds(self) -> int: ...


class SharedPaces:
    """The windows of one Redis server. Where it does not answer within half a second, SILENT is the answer,
    and for a while after that at once."""

    SILENT = datetime.min.replace(tzinfo=UTC)

    def __init__(self, url: str) -> None:
        from redis import Redis
        from redis.exceptions import RedisError

        self._error = RedisError
        self._redis: Any = Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
        self._take = self._redis.register_script(_TAKE)
        self._asked_from = 0.0  # monotonic

    def take(self, windows: Mapping[str, Sequence[Window]], at: datetime) -> datetime | None:
        """Count one more for every key: None; if one is full, when there is room (then none is counted); or SILENT."""
        keys = sorted(windows)
        given: list[Any] = [at.timestamp(), secrets.token_hex(8)]
        for key in keys:
            given.append(len(windows[key]))
            for window in windows[key]:
                given += [window.most, window.seconds]
        answer = self._ask(lambda: self._take(keys=[PREFIX + key for key in keys], args=given))
        if answer is self.SILENT:
            return self.SILENT
        until = float(answer)
        return datetime.fromtimestamp(until, UTC) if until else None

    def forget(self, key: str) -> None:
        """Count from nothing again."""
        self._ask(lambda: self._redis.delete(PREFIX + key))

    def take_back(self, key: str) -> None:
        """Count one less, the newest."""
        self._ask(lambda: self._redis.zpopmax(PREFIX + key))

    def _ask(self, command: Callable[[], Any]) -> Any:
        """What Redis answers to a command, or SILENT."""
        if time.monotonic() < self._asked_from:
            return self.SILENT
        try:
            return command()
        except self._error as error:
            self._asked_from = time.monotonic() + PAUSE
            log.warning("DEBATE_REDIS_URL: %s; limits are counted in the database meanwhile", error)
            return self.SILENT
