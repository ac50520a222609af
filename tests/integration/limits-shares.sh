#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What linux.resources says of a share of something, by what two containers, or two moments of one, get of it.
. "$(dirname "$0")/../lib/limits.sh"
suite_begin
before=$(snapshot)
id=$PREFIX-s

# both FILTER-A FILTER-B COMMAND: two containers, $id-a and $id-b, that run COMMAND beside each other.
both()
{
	local name filter

	for name in a b; do
		filter=$1
		[ $name = a ] || filter=$2
		dir=$(bundle "both-$name" ".linux.cgroupsPath = \"/$id-$name\" | $filter | .process.args = [\"sh\", \"-c\", \$cmd]" --arg cmd "$3")
		runtime run -d -b "$dir" "$id-$name" >"$WORK/log" 2>&1 </dev/null || fail "run with $filter" "$(cat "$WORK/log")"
	done
}

end_both()
{
	runtime delete --force "$id-a"
	runtime delete --force "$id-b"
}

spin='while :; do :; done'
if has_controller cpu && has_controller cpuset; then
	both '.linux.resources.cpu = {cpus: "0"}' '.linux.resources.cpu = {cpus: "0", idle: 1}' "$spin"
	sleep 0.5
	a=$(usage "$id-a") b=$(usage "$id-b")
	sleep 4
	a=$(($(usage "$id-a") - a)) b=$(($(usage "$id-b") - b))
	end_both
	# By their weights, 1024 and 3: others on that CPU take from both.
	check "RCP-07 cpu.idle: next to nothing where somebody else runs: $b against $a us" test $((b * 10)) -le $a
else
	skip 'RCP-07 cpu.idle by its effect' 'no cpu and cpuset controllers on this host'
fi

# A burst is what a container saved before: of 20 of 100 ms it may use 40 once it has slept. How often that came about, the
# kernel counts, and how often it held the container back.
if has_controller cpu && [ -e "$(dirname "$(cgroup_file . cpu x x)")/cpu.cfs_burst_us" ] || v2_has cpu; then
	spurts='while :; do sleep 0.4; t=0; while [ $t -lt 60000 ]; do t=$((t + 1)); done; done'
	bursts()
	{
		cg cpu cpu.stat cpu.stat | awk '$1 == "nr_bursts" { print $2 }'
	}
	begin '{cpu: {quota: 20000, period: 100000}}' "$spurts"
	sleep $((3 * SILO_TIME_FACTOR))
	check_equal 'RCP-03 no cpu.burst: never more than the quota' 0 "$(bursts)"
	runtime delete --force "$id"
	begin '{cpu: {quota: 20000, period: 100000, burst: 20000}}' "$spurts"
	check 'RCP-03 cpu.burst: more than the quota after a rest' wait_until 30 eval '[ "$(bursts)" -ge 1 ]'
	runtime delete --force "$id"
else
	skip 'RCP-03 cpu.burst by its effect' 'this kernel has none'
fi

# Realtime: whoever has no bandwidth may not be such a process; whoever has is held to it.
parent=/sys/fs/cgroup/cpu/cpu.rt_runtime_us
fifo='.process.scheduler = {policy: "SCHED_FIFO", priority: 1} | .process.capabilities |= map_values(. + ["CAP_SYS_NICE"])'
if ! v1_has cpu || [ ! -e $parent ]; then
	skip 'RCP-05 cpu.realtimeRuntime by its effect' 'the kernel divides no realtime bandwidth (v1 with CONFIG_RT_GROUP_SCHED does)'
elif [ "$(cat $parent)" -lt 100000 ] || ! chrt --fifo 1 true 2>/dev/null; then
	skip 'RCP-05 cpu.realtimeRuntime by its effect' 'the cgroup above has no realtime bandwidth to give'
else
	check_match 'RCP-05 no cpu.realtimeRuntime: no realtime process' '/process/scheduler.*not permitted' \
		"$(run_in ".linux.cgroupsPath = \"/$id\" | $fifo" 'echo ran')"
	dir=$(bundle realtime ".linux.cgroupsPath = \"/$id\" | $fifo | .linux.resources.cpu = {realtimeRuntime: 50000, realtimePeriod: 1000000} |
		.process.args = [\"sh\", \"-c\", \"$spin\"]")
	check 'RCP-05 cpu.realtimeRuntime: a realtime process' runtime run -d -b "$dir" "$id"
	sleep 1
	u=$(usage) t=$(now)
	sleep 4
	u=$(($(usage) - u)) t=$(($(now) - t))
	runtime delete --force "$id"
	check "RCP-05 ...at most 5 % and half of it: $u of $t us" test $((u * 1000)) -le $((t * 75))
	check "RCP-05 ...and about as much: $u of $t us" test $((u * 1000)) -ge $((t * 20))
fi

# Weights of I/O, which the scheduler BFQ knows: given to a loop device of ours, over a file.
weights()
{
	local loop=$1 device node

	node="{path: \"$loop\", type: \"b\", major: $((0x$(stat -c %t "$loop"))), minor: $((0x$(stat -c %T "$loop")))}"
	device=".linux.devices = [$node] | .linux.resources.devices += [$node + {allow: true, access: \"rwm\"} | del(.path)]"
	both "$device | .linux.resources.blockIO = {weight: 1000}" "$device | .linux.resources.blockIO = {weight: 100}" \
		"for i in 1 2 3 4 5 6 7 8; do while :; do dd if=$loop of=/dev/null bs=1M iflag=direct 2>/dev/null; done & done; wait"
	sleep 1
	a=$(io_bytes "$id-a") b=$(io_bytes "$id-b")
	sleep 5
	a=$(($(io_bytes "$id-a") - a)) b=$(($(io_bytes "$id-b") - b))
	end_both
}

# io_bytes CGROUP: what was read in it
io_bytes()
{
	if v1_has blkio; then
		awk '$2 == "Read" { n += $3 } END { printf "%.0f\n", n }' "/sys/fs/cgroup/blkio/$1/blkio.bfq.io_service_bytes"
	else
		sed -n 's/.* *rbytes=\([0-9]*\).*/\1/p' "$(v2_root)/$1/io.stat" | awk '{ n += $1 } END { printf "%.0f\n", n }'
	fi
}

truncate -s 64M "$WORK/disk"
if { ! v1_has blkio || [ ! -e /sys/fs/cgroup/blkio/blkio.bfq.io_service_bytes ]; } && ! v2_has io; then
	skip 'RBI-01 blockIO.weight by its effect' 'no block I/O controller with BFQ on this host'
elif ! loop=$(losetup --show --find "$WORK/disk" 2>/dev/null); then
	skip 'RBI-01 blockIO.weight by its effect' 'there is no loop device to be had'
else
	# It goes with this descriptor, whatever becomes of us.
	exec {held}<"$loop"
	losetup --detach "$loop"
	scheduler=/sys/block/${loop##*/}/queue/scheduler
	was=$(sed 's/.*\[\(.*\)\].*/\1/' "$scheduler")
	if echo bfq 2>/dev/null >"$scheduler" && dd if="$loop" of=/dev/null bs=64k count=1 iflag=direct 2>/dev/null; then
		# Shares are exact only where the device waits for who has a claim.
		echo 0 >"${scheduler%/*}/iosched/low_latency"
		echo 1 >"${scheduler%/*}/iosched/strict_guarantees"
		# On a busy machine the readers may lack the CPU to be held back by anything else.
		for attempt in 1 2 3; do
			weights "$loop"
			[ "$a" -lt $((b * 2)) ] || break
		done
		check "RBI-01 blockIO.weight: ten times the weight gets more: $a against $b bytes, attempt $attempt" test $a -ge $((b * 2)) -a $b -gt 0
		echo "$was" >"$scheduler"
	else
		skip 'RBI-01 blockIO.weight by its effect' "the kernel has no I/O scheduler bfq: $(cat "$scheduler")"
	fi
	exec {held}<&-
fi

# What this host cannot show.
if [ "$(wc -l </proc/swaps)" -lt 2 ]; then
	skip 'RME-03 memory.swap by its effect' 'no swap is on'
	skip 'RME-05 memory.swappiness by its effect' 'no swap is on'
fi
if [ ! -d /sys/class/infiniband ] || [ -z "$(ls /sys/class/infiniband)" ]; then
	skip 'RRD-01 rdma by its effect' 'there is no RDMA device'
fi
check_unchanged 'nothing is left behind' "$before"
suite_end
