"""Locks on open files, between processes: one holds a file until it closes it, or ends."""

from __future__ import annotations

import errno
import os

# What file systems without locks answer with.
_NONE = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


def take_lock(file: int) -> bool:
    """Whether the lock on an open file was free, and is held now; never waits.

    Raises OSError where there are no locks.
    """
    try:
        import fcntl
    except ImportError as error:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK)) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise
    return True


def lock_if_possible(file: int) -> bool | None:
    """The same; None where there are no locks."""
    try:
        return take_lock(file)
    except OSError as error:
        if error.errno in _NONE:
            return None
        raise
