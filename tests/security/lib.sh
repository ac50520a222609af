# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the security suites share, on top of tests/lib/harness.sh. Names of checks begin with the ids of
# the advisories they are about (advisories.tsv), which is how doc/security.md's table is made. Every
# suite runs against any runtime (RUNTIME), with the same config for all.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib/harness.sh"

ROUNDS=${SILO_RACE_ROUNDS:-200}
# Nothing is mounted on /dev or below: what the image has there is what there is.
NO_DEV='del(.mounts[] | select(.destination | startswith("/dev")))'

# crun refuses hosts where v2 has controllers beside v1, even when it is to leave cgroups alone: it gets a
# view in which v2 has none.
_hide_controllers()
{
	local file

	file=$(findmnt -n -o TARGET -t cgroup2 | head -n 1)/cgroup.controllers
	[ -z "${SILO_TEST_VIEW:-}" ] && [ -n "$(cat "$file")" ] && findmnt -n -t cgroup >/dev/null || return 0
	SILO_TEST_VIEW=1 exec unshare -m sh -c 'empty=$(mktemp) && mount --bind "$empty" "$1" &&
		rm "$empty" && exec "$2"' sh "$file" "$0"
}

# security_begin: suite_begin, then one base config for all runtimes and the attacker's program.
security_begin()
{
	local flags=

	KIND=$("$RUNTIME" --version | head -n 1 | cut -d ' ' -f 1)
	[ "$KIND" != crun ] || _hide_controllers
	suite_begin
	core_pattern=$(cat /proc/sys/kernel/core_pattern)
	REAL=$(readlink -f "$RUNTIME")
	[ "$KIND" != crun ] || flags=--cgroup-manager=disabled
	printf '#!/bin/sh\nexec "%s" %s "$@"\n' "$REAL" "$flags" >"$WORK/oci-runtime"
	chmod 0755 "$WORK/oci-runtime"
	RUNTIME=$WORK/oci-runtime
	jq 'del(.mounts[] | select(.type == "cgroup")) | .process.terminal = false
		| .root.readonly = false | .process.args = ["true"] | .linux.resources = {} | .ociVersion = "1.0.2"' \
		"$HARNESS_DIR/../data/ocispec/runc-spec.json" >"$WORK/base.json" || exit 1
	${CC:-cc} -D_GNU_SOURCE -O1 -static -o "$WORK/attack" \
		"$(dirname -- "${BASH_SOURCE[0]}")/attack.c" || exit 1
	cp "$WORK/attack" "$WORK/rootfs/bin/attack"
	make_victim
}

# make_victim: the host's files that nothing may touch. $canary is how they are.
make_victim()
{
	mkdir -p "$WORK/victim/sub"
	echo secret >"$WORK/victim/file"
	echo secret >"$WORK/victim/null"
	echo secret >"$WORK/victim/console"
	echo secret >"$WORK/victim/ptmx"
	canary=$(canary)
}

canary()
{
	find "$WORK/victim" -printf '%P %i %m %U:%G %s %T@ %C@\n' | sort
	find "$WORK/victim" -type f -exec sha256sum {} +
	cat /proc/sys/kernel/core_pattern
	# Others mount on this host, too: what an attack could mount on is ours, or the places that all have.
	awk -v work="$WORK" 'index($0, work) || $5 ~ "^/((dev|proc|sys|etc)(/|$)|$)" { print "mount", $5 }' /proc/self/mountinfo | sort
}

# check_canary NAME: and put things right again for the next check.
check_canary()
{
	local now
	now=$(canary)
	if [ "$now" = "$canary" ]; then
		pass "$1"
	else
		fail "$1" "$(diff <(echo "$canary") <(echo "$now") | grep '^[<>]')"
		rm -rf "$WORK/victim"
		echo "$core_pattern" >/proc/sys/kernel/core_pattern
		make_victim
	fi
}

# attempt FILTER COMMAND: run COMMAND in a container; $out is what it and the runtime said.
# ran: the container's own command was reached.
attempt()
{
	out=$(run_in "$1" "echo payload; $2")
	status=$?
	timeout 20 "$RUNTIME" --root "$STATE" delete --force "$PREFIX-run" >/dev/null 2>&1
	return $status
}

ran()
{
	grep -q '^payload' <<<"$out"
}

# check_no_run NAME [REGEX]: the runtime refused what attempt() tried; with words, which match if they are silo's: what is
# refused for another reason shows nothing.
check_no_run()
{
	if ran; then
		fail "$1" "the container ran: $out"
	elif [ -z "$out" ] || [ "$status" -ge 124 ]; then
		fail "$1" "exit $status: $out"
	elif [ "$KIND" = silo ] && ! grep -Eq -- "${2:-.}" <<<"$out"; then
		fail "$1" "refused for another reason than \"$2\": $out"
	else
		pass "$1"
	fi
}

# evil_root NAME LINK TARGET...: a root file system in which LINKs are symbolic links to TARGETs.
evil_root()
{
	local dir=$WORK/$1
	shift
	rm -rf --one-file-system "$dir"
	cp -al "$WORK/rootfs" "$dir"
	while [ $# -ge 2 ]; do
		rm -rf "${dir:?}/$1"
		mkdir -p "$(dirname "$dir/$1")"
		ln -s "$2" "$dir/$1"
		shift 2
	done
	echo "$dir"
}

# has COMMAND: the runtime under test knows it.
has()
{
	"$RUNTIME" --help 2>/dev/null | grep -Eq "^[[:space:]]*$1([[:space:],]|$)"
}

# background COMMAND...: in the background; $background is its pid, for end_background.
background()
{
	"$@" >/dev/null 2>&1 </dev/null &
	background=$!
}

end_background()
{
	kill "$background" 2>/dev/null
	wait "$background" 2>/dev/null
}
