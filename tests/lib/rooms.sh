# SPDX-License-Identifier: LGPL-2.1-or-later
# Every room, with those that it may use beside itself. HACKING.md has the picture.
rooms='util:
core:util
work:util
schedule:util core
engine:util core schedule
rehearsal:util core schedule engine
virt:util work core engine
candidates:util core virt
record:util work core
conf:util core schedule
bus:util work core engine
daemon:util work core schedule engine rehearsal virt record conf bus
client:util core
words:util core client
hook:util core client words
ctl:util core rehearsal record client words'
