# SPDX-License-Identifier: LGPL-2.1-or-later
"""One guest of the lab."""

import os
import uuid as uuids
from xml.sax.saxutils import escape, quoteattr

import libvirt
import libvirt_qemu

from . import images, machines
from .console import Console
from .errors import Timeout
from .monitor import Monitor

READY_TIMEOUT = 120  # many Linux guests may boot at once, on few CPUs
PRESS_TIMEOUT = 10  # for a guest to hear its button

# What makes Linux cheap to emulate: no patching, tests or watchdogs that a guest of some seconds
# has no use for. Its clock is the ACPI timer: the TSC under TCG is the host's, and on a busy host
# Linux measures its frequency wrong, so that its seconds are of any length.
LINUX_CMDLINE = ("quiet nokaslr mitigations=off clocksource=acpi_pm tsc=unstable no_timer_check "
                 "cryptomgr.notests audit=0 apparmor=0 nowatchdog lpj=1000000 random.trust_cpu=on")

XML = """\
<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>{name}</name>
  <uuid>{uuid}</uuid>
  <metadata>{metadata}</metadata>
  <memory unit='MiB'>{memory}</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='{arch}' machine={machine}>hvm</type>
    {firmware}
    <kernel>{kernel}</kernel>
    {initrd}
    <cmdline>{cmdline}</cmdline>
  </os>
  <features>{features}</features>
  {cpu}
  <on_poweroff>{on_poweroff}</on_poweroff>
  <on_reboot>{on_reboot}</on_reboot>
  <on_crash>{on_crash}</on_crash>
  <devices>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    <serial type='unix'>
      <source mode='connect' path={console}/>
      <target port='0'/>
    </serial>
    {devices}
  </devices>
  {arguments}
</domain>
"""
AGENT_CHANNEL = ("<channel type='unix'>"
                 "<target type='virtio' name='org.qemu.guest_agent.0'/></channel>")


class Guest:
    """A guest, made by Lab.guest(). @kind is "tiny" or "linux", @cmdline the words of
    tests/guests/tiny.c or tests/guests/linux-init. @agent: has an agent channel (default: Linux
    only). @machine: "pc", "q35", or aarch64's "virt" (tiny only), which has ACPI with @uefi only. @watchdog: the action
    of its ib700. @metadata and @devices: more XML. @monitored: with a Monitor, whose events come among the others."""

    def __init__(self, lab, name, kind="tiny", cmdline="", *, machine="pc", uefi=False, memory=None,
                 agent=None, acpi=None, panic=True, watchdog=None, on_poweroff="destroy", on_reboot="restart",
                 on_crash="destroy", persistent=False, metadata="", devices="",
                 monitored=False):
        its = machines.find(machine, uefi)
        self.lab = lab
        self.name = name
        self.uuid = str(uuids.uuid4())
        self.kind = kind
        self.persistent = persistent
        self._has_agent = (kind == "linux" and "vs.agent=none" not in cmdline.split())
        self._since = 0
        self._console = Console(os.path.join(lab.directory, f"console-{self.uuid}"), self.uuid,
                                lab.events)
        self._monitor = None
        if monitored:
            self._monitor = Monitor(os.path.join(lab.directory, f"monitor-{self.uuid[:8]}"), self.uuid, lab.events)
        if agent or (agent is None and kind == "linux"):
            devices += AGENT_CHANNEL
        if panic and its.panic:
            devices += f"<panic model='{its.panic}'/>"
        if watchdog:
            devices += f"<watchdog model='ib700' action='{watchdog}'/>"
        if kind == "linux":
            kernel, initrd = lab.image(images.linux)
            cmdline = f"{LINUX_CMDLINE} {cmdline}"
        else:
            kernel, initrd = lab.image(its.tiny)[int(uefi)], None
        self.xml = XML.format(
            name=escape(name), uuid=self.uuid, metadata=metadata,
            memory=memory or (128 if kind == "linux" else its.memory), arch=its.arch, machine=quoteattr(machine),
            firmware=machines.firmware(lab.directory, self.uuid) if uefi else "", cpu=its.cpu, kernel=escape(kernel),
            initrd=f"<initrd>{escape(initrd)}</initrd>" if initrd else "", cmdline=escape(cmdline),
            features=its.features + ("<acpi/>" if (its.acpi if acpi is None else acpi) else ""),
            on_poweroff=on_poweroff, on_reboot=on_reboot, on_crash=on_crash,
            console=quoteattr(lab.inside(self._console.path)), devices=devices,
            arguments=self._monitor.xml if self._monitor else "")

    # Its life

    def start(self, wait=True):
        """Starts it and, with @wait, waits until its system is up. Returns the guest."""
        self._since = self.lab.events.position()
        self._console.expect()
        if self.persistent:
            self.lab.connection.defineXML(self.xml).create()
        else:
            self.lab.connection.createXML(self.xml)
        if wait:
            self.wait_ready()
        return self

    def expect(self):
        """Somebody else is about to start it."""
        self._console.expect()

    def wait_ready(self, timeout=READY_TIMEOUT):
        """Waits until its system is up: it said so, and the agent's port, if any, is open."""
        self.wait("console/ready", timeout=timeout)
        if self._has_agent:
            self.wait("agent/connected", timeout=timeout)

    def remove(self):
        """Leaves nothing of it, be it running or not, with or without a libvirtd."""
        if self.lab.connection:
            for step in ("destroy", "undefine"):
                try:
                    getattr(self.domain, step)()
                except libvirt.libvirtError:
                    pass  # it isn't running, or isn't persistent, or is gone
        if self._console.qemu:
            self._console.qemu.end()
        self._console.close()
        if self._monitor:
            self._monitor.close()

    # What a test does to it

    @property
    def domain(self):
        """libvirt's object, looked up each time: a libvirtd may have come and gone."""
        return self.lab.connection.lookupByUUIDString(self.uuid)

    def press(self):
        """Presses the power button. A guest may be off before QEMU has answered, of which libvirt tells in many
        ways; what is done is what its system has heard."""
        presses = self.heard.count("console/button")
        try:
            self.domain.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN)
        except libvirt.libvirtError as error:
            try:
                self.wait("console/button", presses + 1, PRESS_TIMEOUT)
            except Timeout:
                raise error from None

    def ask_agent(self):
        """virDomainShutdownFlags(GUEST_AGENT), which blocks until the guest is down or libvirt gives up. A guest may be
        off before its agent's port is closed in order; what is done is what its system has heard."""
        asked = self.heard.count("console/agent")
        try:
            self.domain.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT)
        except libvirt.libvirtError as error:
            try:
                self.wait("console/agent", asked + 1, PRESS_TIMEOUT)
            except Timeout:
                raise error from None

    def destroy(self):
        self.domain.destroy()

    def kill(self, number):
        """Sends a signal to its QEMU process."""
        self.qemu.send_signal(number)

    def qmp(self, command):
        """A monitor command, such as '{"execute": "quit"}'."""
        return libvirt_qemu.qemuMonitorCommand(self.domain, command, 0)

    # What a test looks at

    @property
    def qemu(self):
        """Its QEMU as a process.Process, also when that has ended."""
        return self._console.wait_connected()

    @property
    def pid(self):
        """The pid of its QEMU."""
        return self.qemu.pid

    def state(self):
        """[state, reason] as virDomainGetState says, or None where the domain is gone."""
        try:
            return self.domain.state()
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
                raise
            return None

    @property
    def history(self):
        """The Events heard since it was started."""
        return self.lab.events.of(self.uuid, self._since)

    @property
    def heard(self):
        """Their texts."""
        return [event.text for event in self.history]

    def wait(self, text, count=1, timeout=30):
        """Waits for the @count-th event with that text since it was started."""
        return self.lab.events.wait(self.uuid, text, count, timeout, self._since)

    def wait_off(self, detail, timeout=30):
        """Waits for stopped/@detail and the end of its QEMU process. Returns the event."""
        event = self.wait(f"stopped/{detail}", timeout=timeout)
        self.qemu.wait(timeout)
        return event

    def qemu_log(self):
        """The lines of QEMU's log."""
        path = f"/var/log/libvirt/qemu/{self.name}.log"
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
