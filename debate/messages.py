"""Messages between the processes of all nodes over Redis: words were taken away, so let go of what is kept of pages.

About memory alone. That nothing which was taken away is shown is what the versions in the database see to (0012), with
these messages or without.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)

CHANNEL = "debate:removed"
PAUSES = (0.5, 1, 2, 5, 10, 30)  # seconds between attempts to reach Redis again
SILENCE = 15  # seconds after which a connection on which nothing comes is asked whether it is alive


class Messages:
    """What this process tells the others and hears from them."""

    def __init__(self, url: str, let_go: Callable[[], None]) -> None:
        from redis import Redis
        from redis.exceptions import RedisError

        self._error = RedisError
        self._let_go = let_go
        self._teller: Any = Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
        self._hearer: Any = Redis.from_url(url, socket_connect_timeout=2, health_check_interval=SILENCE)
        self._failures = 0

    def tell(self) -> None:
        """Words were taken away, and that is committed. Without Redis nobody hears of it, and nothing fails."""
        try:
            self._teller.publish(CHANNEL, "")
        except self._error as error:
            log.warning("DEBATE_REDIS_URL: %s; other processes let go of kept pages with their next request", error)

    def listen(self) -> None:
        """Let go whenever somebody tells, from a thread of its own, until this process ends. Call it after a fork."""
        threading.Thread(target=self._listen, name="messages", daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                self._hear()
            except (self._error, OSError) as error:
                if not self._failures:
                    log.warning("DEBATE_REDIS_URL: %s; trying again", error)
                time.sleep(PAUSES[min(self._failures, len(PAUSES) - 1)])
                self._failures += 1

    def _hear(self) -> None:
        with self._hearer.pubsub() as channel:
            channel.subscribe(CHANNEL)
            while True:
                # The first message says that it is subscribed: what was told before, nobody heard here.
                if channel.get_message(timeout=SILENCE) is not None:
                    self._failures = 0
                    self._let_go()
