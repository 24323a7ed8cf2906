"""Trainings that steps ask for (cs:training). The engine reads what the diagram asks for; whether a
person has it, it is told.

Who puts the engine together hands in `Trainings`, which reads the customer's book of trainings. An
engine without one lets nobody do a step that asks: what a diagram demands is never passed over.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from engine.outcomes import Reason, Rejection

NAME = re.compile(r"@?[A-Za-z0-9][A-Za-z0-9._/-]{0,79}", re.ASCII)
"""How a training is named: by the number of its document, WI-207; or with @ by a name under which
the customer's configuration says which document it is, @measure."""

Documents = Mapping[str, Any]


class Trainings(Protocol):
    """Knows who is trained in what."""

    def require(
        self,
        db: Connection,
        documents: Documents,
        *,
        tenant_id: str,
        username: str,
        training: str,
        at: datetime,
    ) -> None:
        """Refuse (Rejection) a person who is not trained at an instant; `training` as the diagram
        names it."""


class NoTrainings:
    """Nobody keeps trainings here."""

    def require(
        self,
        db: Connection,
        documents: Documents,
        *,
        tenant_id: str,
        username: str,
        training: str,
        at: datetime,
    ) -> None:
        del db, documents, tenant_id, username, at
        raise Rejection(
            Reason.NOT_QUALIFIED,
            {
                "en": f"This step asks for the training {training}, and no trainings are kept "
                "here. Ask the administrator.",
                "zh": f"本步骤要求培训“{training}”，但系统未维护培训记录，请联系管理员。",
            },
            expected=training,
        )
