# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the conformance suites share, on top of the harness: the probe, and checks that run a container.
# A test's name begins with the ids of tests/conformance/checklist that it proves.
CONFORMANCE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/lib/harness.sh
. "$CONFORMANCE/../lib/harness.sh"

# conformance_begin: as suite_begin, with /probe in the root file system.
conformance_begin()
{
	suite_begin
	local dir=${PROBE_DIR:-$WORK}

	[ -x "$dir/probe" ] || "${CC:-cc}" -D_GNU_SOURCE -Os -static -s -o "$dir/probe" \
		"$CONFORMANCE/probe.c" || {
		fail "the probe can be built"
		suite_end
	}
	cp "$dir/probe" "$WORK/rootfs/probe"
	BEFORE=$(snapshot)
}

# conformance_end [ID...]: nothing is left behind, which proves GEN-10 and OPS-23 besides.
conformance_end()
{
	check_unchanged "GEN-10 OPS-23 ${1:+$* }nothing is left behind" "$BEFORE"
	suite_end
}

# Whether the runtime under test is silo: only its words for errors are checked.
is_silo()
{
	"$RUNTIME" --help 2>&1 | grep -q '^ *plan '
}

# inside NAME EXPECTED FILTER COMMAND: a container of the base config, changed by FILTER, prints EXPECTED.
inside()
{
	check_equal "$1" "$2" "$(run_in "$3" "$4")"
}

inside_match()
{
	check_match "$1" "$2" "$(run_in "$3" "$4")"
}

# refused NAME REGEX FILTER: create is refused, nothing is made; the words match REGEX (silo's only).
refused()
{
	local dir status=0 err

	dir=$(bundle refused "$3") || { fail "$1" "the filter is wrong"; return; }
	# To a file, not through $(): what is created after all would keep the pipe open.
	timeout 30 "$RUNTIME" --root "$STATE" create -b "$dir" "$PREFIX-refused" >"$WORK/refused.out" 2>&1 </dev/null ||
		status=$?
	err=$(cat "$WORK/refused.out")
	if [ "$status" -eq 0 ]; then
		runtime delete --force "$PREFIX-refused"
		fail "$1" "created"
	elif [ "$status" -ge 124 ] || [ -e "$STATE/$PREFIX-refused" ]; then
		fail "$1" "exit status $status, state: $(ls "$STATE")"
	elif is_silo && ! grep -Eq -- "$2" <<<"$err"; then
		fail "$1" "no match for \"$2\": $err"
	else
		pass "$1"
	fi
}

# accepted NAME FILTER: the container is made, runs and ends well.
accepted()
{
	local out status=0

	out=$(run_in "$2" true) || status=$?
	check_equal "$1" "0 " "$status $out"
}

# created NAME FILTER [JQ-OPTION...]: make $PREFIX-NAME and leave it created; its pid is printed.
created()
{
	local dir name=$1

	dir=$(bundle "$@") || return
	runtime create --pid-file "$WORK/$name.pid" -b "$dir" "$PREFIX-$name" >"$WORK/$name.out" 2>&1 </dev/null &&
		cat "$WORK/$name.pid"
}
