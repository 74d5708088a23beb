#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Holds the floors inside the rooms: a room's list of files in its local.mk is its order, and a file uses only what stands
# above it there, so that no two use each other. And each file shows what its own header declares, nothing else; only a
# family of functions that a table lists, such as vs_verb_stop(), may share a header that is called after it, verbs.h,
# and has no file of its own.
set -u

: "${top_srcdir:=$(dirname "$0")/..}" "${top_builddir:=$top_srcdir}" "${NM:=nm}"
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/rooms.sh"

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# The files of a room, in their order: the target that they are built for, and the file.
sources()
{
    awk -v room="src/$1/" '
        /^[A-Za-z0-9_]+_SOURCES[ \t]*\+?=/ { target = $1; sub(/_SOURCES.*/, "", target); inside = 1 }
        inside {
            for (i = 1; i <= NF; i++)
                if (index($i, room) == 1 && $i ~ /\.[ch]$/)
                    print target, $i
            inside = /\\$/
        }' "$top_srcdir/src/$1/local.mk"
}

# Where make puts a file's object: one of a target that has flags of its own has the target's name, too.
object()
{
    name=$(basename "$3" .c).o
    grep -qE "^$2_(C|CPP)FLAGS" "$top_srcdir/src/$1/local.mk" && name=$2-$name
    echo "$(dirname "$3")/$name"
}

# A line for each file, ROOM FILE OBJECT, where a header has none.
list_files()
{
    echo "$rooms" | cut -d: -f1 | while read -r room; do
        sources "$room" | while read -r target file; do
            case $file in
            *.c) echo "$room $file $(object "$room" "$target" "$file")" ;;
            *) echo "$room $file -" ;;
            esac
        done
    done
}

list_symbols()
{
    awk '$3 != "-" { print $3 }' "$work/files" | (cd "$top_builddir" && xargs "$NM" -gAP) |
        sed -E 's/^([^:]*):/\1/' | awk '{ print $1, $2, $3 }'
}

# The headers of its own room that each file includes: FILE HEADER.
list_includes()
{
    echo "$rooms" | cut -d: -f1 | while read -r room; do
        (cd "$top_srcdir" && grep -HE "^[[:space:]]*#[[:space:]]*include \"$room/" "src/$room"/*.[ch] /dev/null)
    done | sed -E 's/^([^:]*):[^"]*"([^"]*)".*/\1 src\/\2/'
}

# One complaint a line: CHECK ROOM TEXT.
judge()
{
    echo "$rooms" >"$work/rooms"
    awk -v declared="$work/declared" '
        function stem(file) { sub(/\.[ch]$/, "", file); return file }
        function family(file, symbol,    parts, header) {
            split(symbol, parts, "_")
            header = file
            sub(/[^\/]*$/, parts[2] "s.h", header)
            sub(/h$/, "c", header)
            if (header in room_of)
                return ""
            sub(/c$/, "h", header)
            return header
        }
        function complain(check, room, text) { print check, room, text }

        FILENAME ~ /rooms$/ {
            split($0, parts, ":")
            n = split(parts[2], names, " ")
            may[parts[1], parts[1]] = 1
            for (i = 1; i <= n; i++)
                may[parts[1], names[i]] = 1
            next
        }
        FILENAME ~ /files$/ {
            room_of[$2] = $1
            if (!(stem($2) in floor))
                floor[stem($2)] = NR
            if ($3 != "-")
                file_of[$3] = $2
            next
        }
        FILENAME ~ /declared$/ { declares[$1, $2] = 1; next }
        FILENAME ~ /includes$/ {
            if (!($1 in room_of))
                complain("includes", parts_room($1), $1 " does not stand in local.mk")
            else if (!($2 in room_of))
                complain("includes", room_of[$1], $1 " includes " $2 ", which does not stand in local.mk")
            else if (floor[stem($2)] > floor[stem($1)])
                complain("includes", room_of[$1], $1 " includes " $2 ", which stands below it")
            next
        }
        { # symbols
            file = file_of[$1]
            if ($3 ~ /^[UwvV]$/) {
                if ($2 ~ /^vs_/)
                    uses[++n_uses] = file " " $2
            } else if ($2 ~ /^vs_/) {
                if ($2 in home)
                    complain("header", room_of[file], file " defines " $2 ", as does " home[$2])
                home[$2] = file
                header = stem(file) ".h"
                if (!((header, $2) in declares) && !((family(file, $2), $2) in declares))
                    complain("header", room_of[file], file " defines " $2 ", which " header \
                             (header in room_of ? " doesn\047t declare" : " would declare: there is none"))
            } else if ($2 ~ /^[A-Za-z]/ && $2 != "main")
                complain("header", room_of[file], file " shows " $2 ", which isn\047t called vs_*")
        }
        function parts_room(file,    parts) { split(file, parts, "/"); return parts[2] }
        END {
            for (i = 1; i <= n_uses; i++) {
                split(uses[i], use, " ")
                room = room_of[use[1]]
                from = home[use[2]]
                what = use[1] " uses " use[2]
                if (from == "")
                    complain("floors", room, what ", which nobody defines")
                else if (!((room, room_of[from]) in may))
                    complain("floors", room, what " of " from ", a room that " room " may not use")
                else if (room == room_of[from] && floor[stem(from)] >= floor[stem(use[1])])
                    complain("floors", room, what " of " from ", which stands below it")
            }
        }' "$work/rooms" "$work/files" "$work/declared" "$work/includes" "$work/symbols"
}

# complaints CHECK ROOM
complaints()
{
    sed -n "s/^$1 $2 //p" "$work/complaints" | sort
}

echo "1..$((3 * $(echo "$rooms" | wc -l) + 1))"

list_files >"$work/files"
problem=$(list_symbols 2>&1 >"$work/symbols")
[ -n "$problem" ] || [ -s "$work/symbols" ] || problem="$NM lists no symbol"
ok 'every file has its object' "$problem"

# Every word that stands in a header is taken for declared: comments that name another file's symbol do no harm.
(cd "$top_srcdir" && grep -oHE '\<vs_[a-z0-9_]+' src/*/*.h) | tr ':' ' ' | sort -u >"$work/declared"
list_includes >"$work/includes"
judge >"$work/complaints" || ok 'the symbols can be judged' 'awk failed'

for room in $(echo "$rooms" | cut -d: -f1); do
    ok "$room: a file uses only what stands above it" "$(complaints floors "$room")"
    ok "$room: a file includes only headers that stand above it" "$(complaints includes "$room")"
    ok "$room: what a file shows is declared in its own header" "$(complaints header "$room")"
done

exit "$tap_failed"
