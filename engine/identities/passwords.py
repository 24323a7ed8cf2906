"""Password hashes (argon2id, OWASP's second profile: 19 MiB, 2 passes, 1 lane).

Hashing costs 18 ms and 19 MB, so it is done outside of any transaction and by few at a time; an
unknown user costs the same as a known one.
"""

import os
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(max(1, (os.cpu_count() or 2) // 2))
_NOBODY = _HASHER.hash(os.urandom(16).hex())


def hash_password(password: str) -> str:
    """Hash a password for storage."""
    with _AT_ONCE:
        return _HASHER.hash(_composed(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Tell whether the password belongs to the stored hash; None stands for an unknown user."""
    with _AT_ONCE:
        try:
            _HASHER.verify(stored or _NOBODY, _composed(password))
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
    return stored is not None


def _composed(password: str) -> str:
    """Keyboards differ in how they compose ü; the same password is the same everywhere."""
    return unicodedata.normalize("NFKC", password)
