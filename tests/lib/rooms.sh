# SPDX-License-Identifier: LGPL-2.1-or-later
# Every room, with those that it may use beside itself. HACKING.md has the picture.
rooms='util:
core:util
schedule:util core
engine:util core schedule
rehearsal:util core schedule engine
virt:util core engine
record:util core
conf:util core schedule
bus:util core engine
daemon:util core schedule engine rehearsal virt record conf bus
client:util core
words:util core client
hook:util core client words
ctl:util core rehearsal client words'
