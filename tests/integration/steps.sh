#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A create or run that fails leaves nothing behind, at whichever step it fails: every step of init and
# of the host side is made to fail in turn (a silo configured with --enable-fault-injection).
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
limit='.linux.resources.memory.limit = 67108864'
[ "$(id -u)" -eq 0 ] || has_delegation memory || limit=.
full=$(bundle full ".process.args = [\"true\"] | $limit")
before=$(snapshot)

# fail_each VARIABLE LEAST: set it to 0, 1, 2... until a run succeeds untouched; fewer than LEAST
# failures mean that the injection stopped early.
fail_each()
{
	local variable=$1 least=$2 n status

	for ((n = 0; n < 300; n++)); do
		status=0
		env "$variable=$n" timeout 20 "$RUNTIME" --root "$STATE" run -b "$full" "$PREFIX-step" \
			>/dev/null 2>"$WORK/err" </dev/null || status=$?
		if [ "$status" -eq 0 ]; then
			# The step after the last, or a build without fault injection.
			if [ "$n" -eq 0 ]; then
				skip "$variable" "the runtime has no fault injection"
			else
				check_equal "$variable: every step failed in turn (at least $least)" 1 $((n >= least))
			fi
			return
		fi
		check_match "$variable=$n: the error says what failed" . "$(cat "$WORK/err")"
		[ "$status" -lt 124 ] || fail "$variable=$n: exit $status"
		check_unchanged "$variable=$n: nothing left" "$before"
	done
	fail "$variable: no run ever succeeded"
}
fail_each SILO_FAIL_STEP 20
fail_each SILO_FAIL_HOST_STEP 2
suite_end
