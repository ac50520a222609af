#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The configs that Docker, containerd and Podman wrote (tests/data/managers), each run.
tests=$(cd -- "$(dirname -- "$0")/.." && pwd)
. "$tests/lib/harness.sh"
suite_begin
for config in "$tests"/data/managers/*.json; do
	out=$(timeout 60 "$tests/managers/run-captured.sh" "$RUNTIME" "$config" 2>&1 </dev/null) &&
		pass "$(basename "$config" .json)" || fail "$(basename "$config" .json)" "$out"
done
suite_end
