# SPDX-License-Identifier: LGPL-2.1-or-later
"""What can go wrong in a lab."""


class Unavailable(Exception):
    """This machine lacks something that the lab needs; the message says what."""


class Unsupported(Unavailable):
    """No package brings it: where the lab is required, too, this is a reason to skip."""


class Timeout(AssertionError):
    """What was waited for did not happen; the message says what did."""
