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

for config in "$tests"/data/managers/*.json; do
	name=$(basename "$config" .json)
	if out=$(timeout 60 "$tests/managers/run-captured.sh" "$RUNTIME" "$config" 2>&1 </dev/null); then
		pass "$name"
	elif ! may_raise_limits && grep -qE '/process/(oomScoreAdj|rlimits/).*(Permission denied|Operation not permitted)' <<<"$out"; then
		skip "$name" "this host lacks CAP_SYS_RESOURCE, which its oomScoreAdj or rlimits need"
	else
		fail "$name" "$out"
	fi
done
suite_end
