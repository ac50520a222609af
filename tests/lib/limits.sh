# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the suites about linux.resources share, on top of the harness. $id is the container's ID, and its cgroup.
# shellcheck source=tests/lib/harness.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/harness.sh"

# limited RESOURCES COMMAND [FILTER]: what COMMAND printed in a container of these limits.
limited()
{
	run_in ".linux.cgroupsPath = \"/$id\" | .linux.resources += $1 | ${3:-.}" "$2"
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

# now: the time, in microseconds.
now()
{
	local up

	read -r up _ </proc/uptime
	echo $((10#${up%.*} * 1000000 + 10#${up#*.} * 10000))
}
