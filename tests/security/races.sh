#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Races: while containers are made, somebody exchanges a directory that the runtime is about to use
# for a link to the host (renameat2 RENAME_EXCHANGE, without pause). SILO_RACE_ROUNDS containers each.
. "$(dirname "$0")/lib.sh"
security_begin

# race NAME A B FILTER COMMAND: containers of FILTER while A and B change places. COMMAND says HOLE when
# it sees something that must not be. What race_with holds comes before the runtime.
race_with=()
race()
{
	local name=$1 a=$2 b=$3 i holes=0 reached=0 before
	bundle run "$4 | .process.args = [\"sh\", \"-c\", \$cmd]" --arg cmd "echo payload; $5" >/dev/null
	before=$failed
	background "$WORK/attack" swap "$a" "$b"
	for ((i = 0; i < ROUNDS; i++)); do
		out=$(timeout 30 "${race_with[@]}" "$RUNTIME" --root "$STATE" run -b "$WORK/run" \
			"$PREFIX-run" 2>&1 </dev/null) ||
			timeout 20 "$RUNTIME" --root "$STATE" delete --force "$PREFIX-run" >/dev/null 2>&1
		ran || continue
		reached=$((reached + 1))
		! grep -q HOLE <<<"$out" || holes=$((holes + 1))
	done
	if ! kill -0 "$background" 2>/dev/null; then
		fail "$name" "the exchange stopped"
	elif [ "$holes" -gt 0 ]; then
		fail "$name" "$holes of $reached containers saw what they must not"
	elif [ "$KIND" = silo ] && [ "$reached" -eq 0 ] && [ "$ROUNDS" -ge 25 ]; then
		fail "$name" "no container ran: $out"
	fi
	end_background
	check_canary_quietly "$name"
	[ "$failed" -ne "$before" ] || pass "$name"
	echo "# $reached of $ROUNDS containers ran"
}

check_canary_quietly()
{
	local count=$passed
	check_canary "$1" >"$WORK/canary.out"
	[ "$passed" -gt "$count" ] || cat "$WORK/canary.out"
	passed=$count
}

# A volume that others write to: x is a directory, y a link.
volume()
{
	rm -rf "$WORK/vol"
	mkdir -p "$WORK/vol/x"
	ln -s "$1" "$WORK/vol/y"
}
VOLUME=".mounts += [{destination: \"/vol\", type: \"bind\", source: \"$WORK/vol\", options: [\"rbind\"]}]"
seen="grep -q ' - tmpfs race ' /proc/self/mountinfo || echo HOLE"

for link in "$WORK/victim/sub" / ../../../../../../..; do
	volume "$link"
	race "CVE-2021-30465 CVE-2024-0132 CVE-2025-23359 CVE-2024-23651: mount point <-> ${link//$WORK/...}" \
		"$WORK/vol/x" "$WORK/vol/y" "$VOLUME | .mounts += [{destination: \"/vol/x\", type: \"tmpfs\",
			source: \"race\"}]" "$seen"
done
volume "$WORK/victim/sub"
race "CVE-2024-45310: missing mount point's parent <-> link to the host" "$WORK/vol/x" "$WORK/vol/y" \
	"$VOLUME | .mounts += [{destination: \"/vol/x/made/here\", type: \"tmpfs\", source: \"race\"}]" \
	"umount /vol/x/made/here; rm -rf /vol/x/made"
volume "$WORK/victim/sub"
race "CVE-2024-45310: working directory's parent <-> link to the host" "$WORK/vol/x" "$WORK/vol/y" \
	"$VOLUME | .process.cwd = \"/vol/x/new/cwd\"" "rm -rf /vol/x/new"
volume "$WORK/victim"
race "CVE-2026-41579: a device's directory <-> link to the host" "$WORK/vol/x" "$WORK/vol/y" \
	"$VOLUME | .linux.devices = [{path: \"/vol/x/node\", type: \"c\", major: 1, minor: 3, fileMode: 438,
		uid: 0, gid: 0}]" "rm -f /vol/x/node"
volume "$WORK/victim"
echo x >"$WORK/vol/x/file"
race "CVE-2025-31133: a masked file's directory <-> link to the host" "$WORK/vol/x" "$WORK/vol/y" \
	"$VOLUME | .linux.maskedPaths = [\"/vol/x/file\"] | .linux.readonlyPaths = [\"/vol/x\"]" true

# A mount is changed after another was made, and meanwhile their mount points change places: it is changed wherever
# it is by then, and the other one is not. Time is given for that, and so a few rounds do.
! command -v strace >/dev/null || race_with=(strace -f -qq -o /dev/null -e trace=move_mount,mount
	-e inject=move_mount,mount:delay_exit=2000)
rounds=$ROUNDS ROUNDS=$((ROUNDS / 10 + 5))
both="$VOLUME | .mounts += [{destination: \"/vol/x\", type: \"tmpfs\", source: \"a\", options: [\"size=64k\"]},
	{destination: \"/vol/y\", type: \"tmpfs\", source: \"b\", options: [\"size=128k\"]}]"
# is OPTION: a command for the container; of the two, a has that option, or field, and b does not.
is()
{
	echo "a=\$(grep -c '^[^-]* $1.* - tmpfs a ' /proc/self/mountinfo) b=\$(grep -c '^[^-]* $1.* - tmpfs b ' /proc/self/mountinfo)
		[ \$a = 1 ] && [ \$b = 0 ] || echo HOLE"
}
rm -rf "$WORK/vol"
mkdir -p "$WORK/vol/x" "$WORK/vol/y"
race "hardening: a mount that becomes read-only by a remount <-> another" "$WORK/vol/x" "$WORK/vol/y" \
	"$both | .mounts += [{destination: \"/vol/x\", source: \"none\", type: \"none\", options: [\"bind\", \"remount\", \"ro\"]}]" "$(is ro)"
race "hardening: a mount made by mount(2) and shared <-> another" "$WORK/vol/x" "$WORK/vol/y" \
	"$VOLUME | .mounts += [{destination: \"/vol/y\", type: \"tmpfs\", source: \"b\"},
		{destination: \"/vol/x\", type: \"tmpfs\", source: \"a\", options: [\"silent\", \"shared\"]}]" "$(is '.*shared:')"
race_with=() ROUNDS=$rounds

# The kernel lets a mount point be renamed elsewhere: the procfs may be found at either name, but never at
# what the link leads to; and wherever it is, its file is masked.
evil_root evil proc2 /fake >/dev/null
mkdir "$WORK/evil/fake"
race "CVE-2023-27561 CVE-2023-28642 CVE-2019-19921: /proc <-> link" "$WORK/evil/proc" "$WORK/evil/proc2" \
	".root.path = \"$WORK/evil\"" "$(cat <<-'COMMAND'
		cat /proc/self/mountinfo /proc2/self/mountinfo /fake/self/mountinfo 2>/dev/null | grep -q " /fake " &&
			echo HOLE
	COMMAND
	)"
race "CVE-2023-28642 CVE-2025-52881: a masked file's /proc <-> link" "$WORK/evil/proc" "$WORK/evil/proc2" \
	".root.path = \"$WORK/evil\" | .linux.maskedPaths = [\"/proc/version\"]" "$(cat <<-'COMMAND'
		for i in $(seq 200); do
			stat -c %t:%T /proc/version /proc2/version 2>/dev/null
		done | sort -u | grep -qx 1:3 || echo HOLE
	COMMAND
	)"
evil_root evil dev2 "$WORK/victim" >/dev/null
race "CVE-2026-41579 CVE-2026-47766: /dev <-> link to the host" "$WORK/evil/dev" "$WORK/evil/dev2" \
	"$NO_DEV | .root.path = \"$WORK/evil\"" true
evil_root evil dev/null2 /proc/sys/kernel/core_pattern >/dev/null
if mknod -m 0666 "$WORK/evil/dev/null" c 1 3 2>/dev/null; then
	race "CVE-2025-31133 CVE-2025-62161: /dev/null <-> link to core_pattern" "$WORK/evil/dev/null" \
		"$WORK/evil/dev/null2" "$NO_DEV | .root.path = \"$WORK/evil\"
			| .linux.maskedPaths = [\"/proc/version\"]" \
		'[ "$(stat -c %t:%T /proc/version)" = 1:3 ] || echo HOLE'
else
	skip "CVE-2025-31133 CVE-2025-62161: /dev/null <-> link to core_pattern" "no device can be made here"
fi
evil_root evil dev/console2 "$WORK/victim/console" >/dev/null
touch "$WORK/evil/dev/console"
mkdir -p "$WORK/evil/dev/pts"
race_with=("$WORK/attack" pty)
race "CVE-2025-52565 CVE-2026-88264: /dev/console <-> link to the host" "$WORK/evil/dev/console" \
	"$WORK/evil/dev/console2" "del(.mounts[] | select(.destination == \"/dev\")) | .process.terminal = true
		| .root.path = \"$WORK/evil\"" true
race_with=()

if ! grep -q src-nofollow "$REAL"; then
	skip "CVE-2024-42472 CVE-2017-1002101 CVE-2021-25741: source of a bind <-> link to the host" \
		"this $KIND has no option src-nofollow"
else
	mkdir -p "$WORK/source/x"
	echo fine >"$WORK/source/x/file"
	ln -s "$WORK/victim" "$WORK/source/y"
	race "CVE-2024-42472 CVE-2017-1002101 CVE-2021-25741: source of a bind <-> link to the host" \
		"$WORK/source/x" "$WORK/source/y" ".mounts += [{destination: \"/mnt\", type: \"bind\",
			source: \"$WORK/source/x\", options: [\"bind\", \"src-nofollow\"]}]" \
		'grep -q secret /mnt/file && echo HOLE'
fi
suite_end
