# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the integration suites share.  A suite sources this file, calls suite_begin, runs checks and
# ends with suite_end.  Each check prints one line, `ok - NAME`, `not ok - NAME` or
# `ok - NAME # skip REASON`; the last line is `N passed, N failed, N skipped`.
#
# RUNTIME names the runtime under test (default: silo), any that speaks the usual command line.
# Everything a suite makes is below $WORK, a directory of its own; $STATE is the runtime's --root.
#
# SILO_TIME_FACTOR (default 1) multiplies every time limit, for machines that are slow.

RUNTIME=${RUNTIME:-silo}
SILO_TIME_FACTOR=${SILO_TIME_FACTOR:-1}
HARNESS_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/lib/rootfs.sh
. "$HARNESS_DIR/rootfs.sh"

passed=0 failed=0 skipped=0

# The suites run as an ordinary user, too (tests/rootless/run).  What cannot apply then is listed in
# tests/rootless/inapplicable by suite and name of check, with the reason; such a check is skipped
# whatever its result.
declare -A _inapplicable=()

# has_delegation [CONTROLLER]: whether we may make cgroups in the v2 tree, beside our own, and with it.
has_delegation()
{
	local parent

	parent=/sys/fs/cgroup$(dirname -- "$(sed -n 's/^0:://p' /proc/self/cgroup)")
	[ -f /sys/fs/cgroup/cgroup.controllers ] && [ -w "$parent" ] || return 1
	[ -z "${1:-}" ] || grep -qw "$1" "$parent/cgroup.controllers"
}

_read_inapplicable()
{
	local suite name when reason

	[ "$(id -u)" -ne 0 ] || return 0
	while IFS=$'\t' read -r suite name when reason; do
		[ "$suite" = "$(basename -- "$0" .sh)" ] || continue
		! eval "$when" || _inapplicable[$name]=$reason
	done < <(grep -v '^#' "$HARNESS_DIR/../rootless/inapplicable")
}
_read_inapplicable

# inapplicable NAME: whether the check cannot apply to an ordinary user; it is skipped then.  A listed
# name that ends in * stands for all that begin so.
inapplicable()
{
	local name

	for name in "${!_inapplicable[@]}"; do
		# shellcheck disable=SC2053
		if [ "$1" = "$name" ] || { [ "${name: -1}" = '*' ] && [[ $1 = "${name%\*}"* ]]; }; then
			skip "$1" "${_inapplicable[$name]}"
			return 0
		fi
	done
	return 1
}

# runtime ARG...: the runtime under test, with the suite's own state directory. What wrapper holds
# comes before it, such as on_v2.
wrapper=()
runtime()
{
	"${wrapper[@]}" "$RUNTIME" --root "$STATE" "$@"
}

# timeout [OPTION...] SECONDS COMMAND...: timeout(1) with SILO_TIME_FACTOR times as long.  Options that
# take a value take it after "=".
timeout()
{
	local -a options=()

	while [[ $1 = -* ]]; do
		options+=("$1")
		shift
	done
	command timeout "${options[@]}" "$(($1 * SILO_TIME_FACTOR))" "${@:2}"
}

pass()
{
	inapplicable "$1" && return
	passed=$((passed + 1))
	echo "ok - $1"
}

# fail NAME [DETAIL]: DETAIL goes below as a comment, indented.
fail()
{
	inapplicable "$1" && return
	failed=$((failed + 1))
	echo "not ok - $1"
	[ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/#   /'
}

# skip NAME REASON: for what this host cannot do; the reason says what it lacks.
skip()
{
	skipped=$((skipped + 1))
	echo "ok - $1 # skip $2"
}

# check NAME COMMAND...: passes when COMMAND succeeds; its output is shown when it does not.
check()
{
	local name=$1 status=0
	shift
	# To a file, not through $(): a created container keeps its stdout open as long as it lives.
	"$@" >"$WORK/check.out" 2>&1 </dev/null || status=$?
	if [ "$status" -eq 0 ]; then
		pass "$name"
	else
		fail "$name" "$* (exit $status): $(cat "$WORK/check.out")"
	fi
}

# check_equal NAME EXPECTED ACTUAL
check_equal()
{
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "expected \"$2\", got \"$3\""
	fi
}

# check_match NAME EXTENDED-REGEX TEXT: some line of TEXT matches.
check_match()
{
	if grep -Eq -- "$2" <<<"$3"; then
		pass "$1"
	else
		fail "$1" "no line matches \"$2\" in: $3"
	fi
}

# check_refused NAME COMMAND...: COMMAND exits non-zero, by itself (no signal), and says something
# on stderr.  A crash, a sanitizer's report and silence are failures.
check_refused()
{
	local name=$1 err status=0
	shift
	"$@" 2>"$WORK/check.out" >/dev/null </dev/null || status=$?
	err=$(cat "$WORK/check.out")
	if [ "$status" -eq 0 ]; then
		fail "$name" "$*: succeeded"
	elif [ "$status" -ge 124 ]; then
		fail "$name" "$*: exit $status: $err"
	elif [ -z "$err" ]; then
		fail "$name" "$*: exit $status without a word"
	elif grep -q 'Sanitizer\|Assertion' <<<"$err"; then
		fail "$name" "$*: $err"
	else
		pass "$name"
	fi
}

# wait_until SECONDS COMMAND...: poll until COMMAND succeeds.
wait_until()
{
	local deadline=$((SECONDS + $1 * SILO_TIME_FACTOR))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.02
	done
}

# status_of ID: the status that `state` reports, or nothing.
status_of()
{
	runtime state "$1" 2>/dev/null | jq -r .status
}

status_is()
{
	[ "$(status_of "$1")" = "$2" ]
}

# suite_begin: scratch directory, a busybox root file system and a bundle to copy from, traps.
suite_begin()
{
	local tool

	! inapplicable "the whole suite" || suite_end
	for tool in jq busybox "$RUNTIME"; do
		command -v "$tool" >/dev/null && continue
		fail "suite needs $tool" "not found"
		suite_end
	done
	RUNTIME=$(command -v "$RUNTIME")
	# Where users have groups of their own, what the tests make would be writable to the group.
	umask 022
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/silo-test.XXXXXX") || exit 1
	trap _suite_cleanup EXIT
	trap 'exit 130' INT TERM
	chmod 0755 "$WORK"
	STATE=$WORK/state
	# Names of containers and cgroups carry this, so that a cleanup only meets the suite's own.
	PREFIX=t$$
	make_busybox_rootfs "$WORK/rootfs" || exit 1
	mkdir "$WORK/template"
	(cd "$WORK/template" && "$RUNTIME" spec) || {
		fail "spec writes a config.json"
		suite_end
	}
	# No terminal, and a writable root: the config that most tests start from.
	jq '.process.terminal = false | .root.readonly = false | .process.args = ["true"]' \
		"$WORK/template/config.json" >"$WORK/base.json" || exit 1
}

_suite_cleanup()
{
	local id

	for id in "$STATE"/*/; do
		[ -d "$id" ] && timeout 20 "$RUNTIME" --root "$STATE" delete --force "$(basename "$id")" \
			>/dev/null 2>&1
	done
	grep -o " $WORK[^ ]*" /proc/self/mountinfo | sort -r | while read -r mount; do
		umount -l "$mount" 2>/dev/null
	done
	_with_all_ids rm -rf --one-file-system -- "$WORK"
}

suite_end()
{
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
	exit
}

# bundle NAME [JQ-FILTER [JQ-OPTION...]]: make $WORK/NAME with the base config run through the
# filter, and print its path.  The root file system is shared: root.path is absolute.
bundle()
{
	local dir=$WORK/$1 filter=${2:-.}
	shift $(($# > 2 ? 2 : $#))
	mkdir -p "$dir"
	jq "$@" --arg rootfs "$WORK/rootfs" ".root.path = \$rootfs | $filter" "$WORK/base.json" \
		>"$dir/config.json" && echo "$dir"
}

# run_in FILTER COMMAND: run the shell COMMAND in a container of the config changed by FILTER, and
# print what it printed; the container's exit status is the function's.
run_in()
{
	local dir

	dir=$(bundle "run" "$1 | .process.args = [\"sh\", \"-c\", \$cmd]" --arg cmd "$2") || return 1
	timeout 30 "$RUNTIME" --root "$STATE" run -b "$dir" "$PREFIX-run" 2>&1 </dev/null
}

# v2_options: of the host's mount of cgroup2.  They are the tree's: who mounts it without them takes nsdelegate,
# which systemd sets, from all.
v2_options()
{
	awk '{ for (i = 7; i < NF; i++) if ($i == "-" && $(i + 1) == "cgroup2") { print $(i + 3); exit } }' /proc/self/mountinfo
}

# on_v2 COMMAND...: run it where the v2 tree alone is mounted, in a mount namespace of its own. Of v1's
# controllers nothing is seen there; those of v2 are what the host has.
on_v2()
{
	unshare --mount --propagation private bash -c '
		umount -R /sys/fs/cgroup && mount -t cgroup2 -o "${0:-rw}" cgroup2 /sys/fs/cgroup && exec "$@"' "$(v2_options)" "$@"
}

# v1_has CONTROLLER, v2_has CONTROLLER: whether it can be used here, in that version of cgroups.
v1_has()
{
	[ "$(stat -f -c %T "/sys/fs/cgroup/$1" 2>/dev/null)" = cgroupfs ]
}

v2_has()
{
	grep -qw -- "$1" "$(v2_root)/cgroup.controllers" 2>/dev/null
}

# has_controller CONTROLLER: in either version.
has_controller()
{
	v1_has "$1" || v2_has "$1"
}

# cgroup_file PATH V1-CONTROLLER V1-FILE V2-FILE: the path of a file of the cgroup PATH, in v1's
# hierarchy if the host has it. cgroup_value ...: what is in it.
cgroup_file()
{
	if v1_has "$2"; then
		echo "/sys/fs/cgroup/$2/$1/$3"
	else
		echo "$(v2_root)/$1/$4"
	fi
}

cgroup_value()
{
	cat "$(cgroup_file "$@")"
}

# v2_root: where the v2 tree is mounted.
v2_root()
{
	[ -e /sys/fs/cgroup/cgroup.controllers ] && echo /sys/fs/cgroup || echo /sys/fs/cgroup/unified
}

# snapshot: what a container could leave behind on this host.  Cgroups, mounts and processes are
# listed by name where the name can be ours, since other work goes on beside the suite.  It is taken
# very often: the number of programs executed for it does not depend on how much there is.
snapshot()
{
	{
		find /sys/fs/cgroup -type d -name "*$PREFIX*" -printf 'cgroup %p\n' 2>/dev/null
		awk -v work="$WORK" 'index($0, work) { print "mount", $5 }' /proc/self/mountinfo
		_our_processes
		find /run -maxdepth 2 -path "*$PREFIX*" -printf 'run %p\n' 2>/dev/null
		find "$STATE" -mindepth 1 -printf 'state %p\n' 2>/dev/null
	} | sort
}

# Processes of a container: any whose root is below $WORK, or that holds our id in its command
# line.  This shell and its children have another root and other arguments.
_our_processes()
{
	local cmdline

	{
		find /proc/[0-9]*/root -maxdepth 0 -lname "$WORK/*" -printf '%h/cmdline\n' 2>/dev/null
		# Not by an argument, which would be found, too.
		grep -lazF -f - /proc/[0-9]*/cmdline 2>/dev/null <<<"$PREFIX-"
	} | while read -r cmdline; do
		[ "$cmdline" = "/proc/$$/cmdline" ] || echo "process $(tr '\0' ' ' <"$cmdline" 2>/dev/null)"
	done
}

# check_unchanged NAME BEFORE: the snapshot is still BEFORE.  The kernel may take a moment to
# finish with a dead process and its cgroup; two seconds are allowed.
check_unchanged()
{
	local after deadline=$((SECONDS + 2 * SILO_TIME_FACTOR))

	while after=$(snapshot) && [ "$after" != "$2" ] && [ "$SECONDS" -lt "$deadline" ]; do
		sleep 0.1
	done
	if [ "$after" = "$2" ]; then
		pass "$1"
	else
		fail "$1" "$(diff <(printf '%s\n' "$2") <(printf '%s\n' "$after") | grep '^[<>]')"
	fi
}
