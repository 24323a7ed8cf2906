"""The alarm clock: APScheduler in memory, whose one job asks what is due. It holds no truth."""

import logging
import threading

from apscheduler.schedulers.background import BackgroundScheduler

from engine.background.work import BackgroundWork

logger = logging.getLogger(__name__)

TICK_SECONDS = 1


class Schedule:
    """Runs the background work of this node until stopped."""

    def __init__(self, work: BackgroundWork) -> None:
        self._work = work
        self._busy = threading.Lock()
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._scheduler.add_job(
            self._tick,
            "interval",
            seconds=TICK_SECONDS,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=True)

    def _tick(self) -> None:
        if not self._busy.acquire(blocking=False):
            return
        try:
            while self._work.run_once():
                pass
        except Exception:
            logger.exception("background work failed; it is tried again at the next tick")
        finally:
            self._busy.release()
