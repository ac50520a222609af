# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the suites about linux.resources share, on top of the harness. $id is the container's ID, and its cgroup.
# shellcheck source=tests/lib/harness.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/harness.sh"

# limited RESOURCES COMMAND: what COMMAND printed in a container of these limits.
limited()
{
	run_in ".linux.cgroupsPath = \"/$id\" | .linux.resources += $1" "$2"
}

# begin RESOURCES COMMAND: a container of these limits runs COMMAND in the background.
begin()
{
	local dir

	dir=$(bundle begin ".linux.cgroupsPath = \"/$id\" | .linux.resources += $1 |
		.process.args = [\"sh\", \"-c\", \$cmd]" --arg cmd "$2")
	runtime run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null || fail "run with $1" "$(cat "$WORK/log")"
}

cg()
{
	cgroup_value "$id" "$@"
}

# usage [CGROUP]: the CPU time of the container so far, in microseconds.
usage()
{
	if v1_has cpuacct; then
		echo $(($(cgroup_value "${1:-$id}" cpuacct cpuacct.usage -) / 1000))
	else
		awk '$1 == "usage_usec" { print $2 }' "$(v2_root)/${1:-$id}/cpu.stat"
	fi
}

now()
{
	local up

	read -r up _ </proc/uptime
	echo $((10#${up%.*} * 1000000 + 10#${up#*.} * 10000))
}
