"""Accounts as this server read them last, so that a command need not read its author's anew.

What is remembered lets nobody in by itself: the door looks in the command's own transaction whether
the account still stands as it did (`engine.outcomes.ActorChanged`), and what only reads never uses
it. So a role that is taken away counts from its commit on, also on the other servers.
"""

from uuid import UUID

from engine.identities.accounts import Account

AT_MOST = 4096


class RememberedAccounts:
    """The last reading of each account. Safe to share between threads: each step is one dict
    operation."""

    def __init__(self) -> None:
        self._known: dict[UUID, Account] = {}

    def get(self, account_id: UUID) -> Account | None:
        return self._known.get(account_id)

    def keep(self, account: Account) -> None:
        if len(self._known) >= AT_MOST:
            self._known.clear()
        self._known[account.account_id] = account

    def forget(self, account_id: UUID) -> None:
        self._known.pop(account_id, None)
