#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Many containers made and removed: the machine looks the same before and after.
# SILO_LEAK_COUNT (default 200) is how many.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
count=${SILO_LEAK_COUNT:-200}

# Beyond the names the harness looks for: totals of the whole machine, before and after.
totals()
{
	echo "mounts $(wc -l </proc/self/mountinfo)"
	echo "files in /run $(find /run -xdev 2>/dev/null | wc -l)"
}

sleeper=$(bundle sleeper '.process.args = ["sleep", "1000"]')
quick=$(bundle quick)
before=$(snapshot)
totals_before=$(totals)
errors=0
for ((i = 0; i < count; i++)); do
	id=$PREFIX-leak$i
	case $((i % 4)) in
	0) runtime run -b "$quick" "$id" ;;
	1) runtime create -b "$sleeper" "$id" && runtime delete --force "$id" ;;
	2) runtime create -b "$sleeper" "$id" && runtime start "$id" && runtime delete --force "$id" ;;
	3)
		runtime create -b "$quick" "$id" && runtime start "$id" &&
			wait_until 5 status_is "$id" stopped && runtime delete "$id"
		;;
	esac >>"$WORK/log" 2>&1 </dev/null || errors=$((errors + 1))
done
check_equal "$count containers made and removed without an error" 0 "$errors"
[ "$errors" -eq 0 ] || tail -3 "$WORK/log" | sed 's/^/#   /'
check_unchanged "...leaving no cgroup, mount, process or file of theirs" "$before"
check_equal "...and as many mounts and files in /run as before" "$totals_before" "$(totals)"
suite_end
