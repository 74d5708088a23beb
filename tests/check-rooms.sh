#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Holds the rooms apart: who includes whom, and what the core must not do. See HACKING.md.
set -u

: "${top_srcdir:=$(dirname "$0")/..}" "${top_builddir:=$top_srcdir}" "${NM:=nm}"
src=$top_srcdir/src
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/rooms.sh"

# Those that do no I/O, read no clock and start no thread.
pure='core schedule engine rehearsal'

# What they may take from outside: no header of these reads a clock or a file by itself. <syslog.h> is
# there for the names of its levels, <stdlib.h> for numbers.
core_headers='glib.h json.h errno.h inttypes.h limits.h math.h stdbool.h stddef.h stdint.h stdlib.h string.h
syslog.h'

clock='clock_gettime|clock_nanosleep|time|gettimeofday|localtime(_r)?|nanosleep|usleep|sleep
g_get_(monotonic|real|current)_time|g_date_time_new_now.*|g_usleep|g_timer_.*'
chance='getrandom|getentropy|rand|rand_r|random|arc4random.*|g_rand_.*|g_random_.*|g_uuid_string_random'
threads='pthread_.*|g_thread_.*|g_mutex_.*|g_cond_.*|g_async_queue_.*|fork|vfork|exec.*|posix_spawn.*|popen|system
g_spawn_.*|g_main_.*|g_timeout_.*|g_idle_.*'
outside='vir[A-Z].*|gvir_.*|sd_.*|g_dbus_.*|g_socket_.*|socket|connect|accept|send|sendto|sendmsg|recv.*|syslog
environ|getenv|secure_getenv|setenv|g_(get|set|unset)env|getpid|getuid|signal|sigaction|kill'
files='(f|fd|fre)?open(at)?(64)?|p?(read|write)v?(64)?|creat(64)?|close|stat|fstat|lstat|unlink|rename|mkdir|opendir
ioctl|mmap(64)?|poll|select|epoll_.*|fread|fwrite|fgets|fputs|getline|g_file_.*|g_dir_.*|g_mkdir.*|vs_file_.*'
speech='stdout|stderr|(__)?v?f?printf(_chk)?|puts|putchar|perror|g_print|g_printerr|g_log.*|g_message.*'

# The includes of a room's files: FILE:LINE:HEADER, a header of ours or "..." as it is written, others <...>.
includes()
{
    grep -nHE '^[[:space:]]*#[[:space:]]*include' "$src/$1"/*.[ch] /dev/null |
        sed -E 's/^([^:]*:[0-9]+):[^<"]*(<[^>]*>|"[^"]*").*/\1:\2/'
}

check_directions()
{
    room=$1
    allowed=$(echo "$room $2" | tr -s ' ' '|' | sed 's/|$//')
    ours=$(echo "$rooms" | cut -d: -f1 | paste -sd '|')

    ok "$room includes only: $room $2" "$(includes "$room" |
        grep -E ":\"|<($ours)/" | grep -vE ":\"(config|($allowed)/[^/]+)\.h\"\$")"
}

check_core_headers()
{
    allowed=$(echo "$core_headers" | sed 's/\./\\./g' | tr -s ' \n' '||' | sed 's/|$//')

    # A trace is read from a file, by whoever has it: its header may name FILE.
    ok "$1 takes no header that does something" "$(includes "$1" |
        grep ':<' | grep -vE ":<($allowed)>\$|/trace\.h:[0-9]+:<stdio\.h>\$")"
}

# check_symbols LIBRARY WHAT PATTERN: the library leaves no such symbol to others.
check_symbols()
{
    library=$top_builddir/$1
    pattern=$(echo "$3" | paste -sd '|')

    if ! [ -f "$library" ]; then
        ok "$1 $2" "$library is missing: make it first"
    elif ! symbols=$("$NM" -u "$library" 2>&1); then
        ok "$1 $2" "$NM: $symbols"
    elif ! echo "$symbols" | grep -q ' U '; then
        ok "$1 $2" "$NM lists no undefined symbol at all: $symbols"
    else
        ok "$1 $2" "$(echo "$symbols" | awk '$1 == "U" { print $2 }' | sed 's/@.*//' | sort -u |
            grep -xE "$pattern")"
    fi
}

echo "1..$(($(echo "$rooms" | wc -l) + 7 * $(echo "$pure" | wc -w) + 2))"

ok 'every directory of src is a room' "$(for dir in "$src"/*/; do
    room=$(basename "$dir")
    echo "$rooms" | grep -q "^$room:" || echo "src/$room is not known here"
done)"

while IFS=: read -r room allowed; do
    check_directions "$room" "$allowed"
done <<END
$rooms
END

for room in $pure; do
    check_core_headers "$room"
    check_symbols "lib$room.a" 'reads no clock' "$clock"
    check_symbols "lib$room.a" 'takes no chances' "$chance"
    check_symbols "lib$room.a" 'starts no thread and no process' "$threads"
    check_symbols "lib$room.a" 'knows neither libvirt nor D-Bus nor the environment' "$outside"
    check_symbols "lib$room.a" 'touches no file' "$files"
    check_symbols "lib$room.a" 'prints and logs nothing' "$speech"
done
check_symbols libutil.a 'reads no clock and takes no chances' "$clock
$chance"

exit "$tap_failed"
