# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machines that guests have: what a domain's XML says for each, and the tiny guest that boots there."""

import os
import shutil
from typing import Callable, NamedTuple
from xml.sax.saxutils import escape

from . import images
from .errors import Unavailable

UEFI_CODE, UEFI_VARIABLES = "/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"

FIRMWARE = """\
    <loader readonly='yes' type='pflash'>{code}</loader>
    <nvram template='{variables}'>{own}</nvram>"""


class Machine(NamedTuple):
    """@tiny: makes the tiny guest's kernels, of which the second one is for UEFI. @acpi: there is one where nothing
    else is said. @panic: the model of its panic device, if it has one."""
    arch: str
    tiny: Callable[[], list]
    memory: int  # MiB, that the tiny guest needs
    acpi: bool
    panic: str = ""
    features: str = ""
    cpu: str = ""


PC = Machine("x86_64", images.tiny, 16, acpi=True, panic="isa")
VIRT = Machine("aarch64", images.tiny_virt, 16, acpi=False, features="<gic version='2'/>",
               cpu="<cpu mode='custom' match='exact'><model>cortex-a57</model></cpu>")
VIRT_UEFI = VIRT._replace(memory=128, acpi=True)


def find(name, uefi):
    """The Machine of that name; what this host lacks for it is told."""
    if name != "virt":
        return PC
    if not shutil.which("qemu-system-aarch64"):
        raise Unavailable("needs qemu-system-aarch64 (package qemu-system-arm)")
    if uefi and not os.path.exists(UEFI_CODE):
        raise Unavailable(f"needs {UEFI_CODE} (package qemu-efi-aarch64)")
    return VIRT_UEFI if uefi else VIRT


def firmware(directory, uuid):
    """The XML of UEFI for one guest, whose variables are kept in @directory."""
    return FIRMWARE.format(code=UEFI_CODE, variables=UEFI_VARIABLES,
                           own=escape(os.path.join(directory, f"variables-{uuid}.fd")))
