# SPDX-License-Identifier: LGPL-2.1-or-later
"""A lab for virtstop: real guests under a libvirtd of their own, a private system bus, and
virtstopd out of the build tree, all gone when the program ends. For root on a machine that need not
have KVM, an init system, or cgroups of a certain kind.

    from vslab import Lab

    with Lab() as lab:
        guest = lab.guest("web1", "tiny", "button=slow:2").start()
        daemon = lab.daemon().start()
        assert daemon.ctl("stop", "web1").status == 0
        print(daemon.records("web1"))

A test is a list of such things, see tap.main()."""

from .barelab import BareLab
from .errors import Timeout, Unavailable
from .tap import Skip

__all__ = ["BareLab", "ContainerLab", "HostLab", "Lab", "MixedLab", "Skip", "Timeout", "Unavailable"]


def __getattr__(name):
    # Only when it is asked for: without libvirt's bindings a test must still say what it lacks.
    if name == "Lab":
        from .lab import Lab
        return Lab
    if name == "ContainerLab":
        from .container import ContainerLab
        return ContainerLab
    if name == "MixedLab":
        from .container import MixedLab
        return MixedLab
    if name == "HostLab":
        from .hostlab import HostLab
        return HostLab
    raise AttributeError(name)
