#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The configs that Docker, containerd and Podman wrote (tests/data/managers), each run.
tests=$(cd -- "$(dirname -- "$0")/.." && pwd)
. "$tests/lib/harness.sh"
suite_begin

# Bit 24 is CAP_SYS_RESOURCE. Without it no runtime can raise a limit or lower an oom score.
may_raise_limits()
{
	local effective

	effective=$(sed -n 's/^CapEff:\t//p' /proc/self/status)
	[ $((16#$effective >> 24 & 1)) -eq 1 ]
}

# "ok NAME.json", or "failed NAME.json: what the runtime said"
while read -r result file message; do
	name=${file%%.json*}
	case $result in
	ok) pass "$name" ;;
	failed)
		if ! may_raise_limits && grep -qE '/process/(oomScoreAdj|rlimits/).*(Permission denied|Operation not permitted)' <<<"$message"; then
			skip "$name" "this host lacks CAP_SYS_RESOURCE, which its oomScoreAdj or rlimits need"
		else
			fail "$name" "$message"
		fi
		;;
	esac
done < <("$tests/managers/run-captured.sh" "$RUNTIME" 2>/dev/null </dev/null)
configs=("$tests"/data/managers/*.json)
check_equal "every config was run" "${#configs[@]}" $((passed + failed + skipped))
suite_end
