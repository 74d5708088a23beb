#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program of its own: a client of a bus that means harm. It sends virtstopd the same again and again, as fast as the
bus takes it.

    flood.py ADDRESS SECONDS KIND [SIZE [deaf]]

ADDRESS is "unix:path=...". Where it is deaf it never reads an answer. At the end it says how many messages it sent."""

import os
import socket
import sys
import threading
import time

from gi.repository import Gio, GLib

NAME, ROOT, MANAGER = "org.virtstop1", "/org/virtstop1", "org.virtstop1.Manager"
BATCH = 32
NO_REPLY = Gio.DBusMessageFlags.NO_REPLY_EXPECTED


def call(method, body, interface=MANAGER):
    message = Gio.DBusMessage.new_method_call(NAME, ROOT, interface, method)
    if body:
        message.set_body(body)
    return message


def stop(size):
    return call("Stop", GLib.Variant("(sa{sv})", ("x" * size, {})))


def unwanted(message):
    """The same, without a reply."""
    message.set_flags(message.get_flags() | NO_REPLY)
    return message


def lie(size):
    """What only logind may say."""
    message = Gio.DBusMessage.new_signal("/org/freedesktop/login1", "org.freedesktop.login1.Manager",
                                         "PrepareForShutdown")
    message.set_destination(NAME)
    message.set_body(GLib.Variant("(b)", (True,)))
    return message


KINDS = {
    "stop": lambda size: unwanted(stop(size)),
    "stop-reply": stop,
    "signal": lie,
    "ping": lambda size: call("Ping", None, "org.freedesktop.DBus.Peer"),
    "objects": lambda size: call("GetManagedObjects", None, "org.freedesktop.DBus.ObjectManager"),
    "history": lambda size: call("GetHistory", GLib.Variant("(su)", ("\"" * size, 0))),
    "everything": lambda size: call("GetHistory", GLib.Variant("(su)", ("", 0))),
    "plan": lambda size: call("Plan", GLib.Variant("(a{sv})", ({},))),
    "check": lambda size: call("Check", GLib.Variant("(a{sv})", ({},))),
}


def blob(message, serial):
    message.set_serial(serial)
    return bytes(message.to_blob(Gio.DBusCapabilityFlags.NONE))


def connect(address):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address.partition("path=")[2])
    uid = str(os.geteuid()).encode().hex().encode()
    connection.sendall(b"\0AUTH EXTERNAL " + uid + b"\r\n")
    assert connection.recv(4096).startswith(b"OK")
    connection.sendall(b"BEGIN\r\n")
    connection.sendall(blob(Gio.DBusMessage.new_method_call(
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello"), 1))
    return connection


def read_all(connection):
    """So that the bus doesn't stop for answers which nobody reads."""
    try:
        while connection.recv(1 << 20):
            pass
    except OSError:
        pass


def main():
    address, seconds, kind = sys.argv[1], float(sys.argv[2]), sys.argv[3]
    size = int(sys.argv[4]) if len(sys.argv) > 4 else 20000
    connection = connect(address)
    if "deaf" not in sys.argv:
        threading.Thread(target=read_all, args=(connection,), daemon=True).start()
    end, sent, serial = time.monotonic() + seconds, 0, 2
    batch = b"".join(blob(KINDS[kind](size), 2 + i) for i in range(BATCH))
    print("on", flush=True)
    try:
        while time.monotonic() < end:
            connection.sendall(batch)
            sent += BATCH
            serial += BATCH
    except OSError as error:
        print(error)
    print(sent, flush=True)


if __name__ == "__main__":
    main()
