#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# linux.resources by its effect, where that shows under pressure only: swap, reserved memory, neighbours
# that want the same CPU or disk.  With v1's controllers or v2's, whichever the host has.
. "$(dirname "$0")/../lib/limits.sh"
suite_begin
id=$PREFIX-p
mega=$((1 << 20))
loop=
cleanup_pressure()
{
	[ ! -s "$WORK/swap" ] || swapoff "$WORK/swap" 2>/dev/null
	[ -z "$loop" ] || losetup -d "$loop"
	_suite_cleanup
}
trap cleanup_pressure EXIT
before=$(snapshot)

# begin NAME RESOURCES COMMAND [FILTER]: a container of these limits, in the cgroup PARENT/NAME, runs COMMAND in the background.
parent=
begin()
{
	local dir

	dir=$(bundle "$1" ".linux.cgroupsPath = \"$parent/$id-$1\" | .linux.resources += $2 | ${4:-.} |
		.process.args = [\"sh\", \"-c\", \$cmd]" --arg cmd "$3")
	runtime run -d -b "$dir" "$id-$1" >"$WORK/log" 2>&1 </dev/null || fail "run with $2" "$(cat "$WORK/log")"
}
end()
{
	local name

	for name; do
		runtime delete --force "$id-$name"
	done
}

# --- swap: on a machine of ours a file is added
hog='x=$(head -c 25165824 /dev/zero | tr "\0" x) && echo survived'
swap_size()
{
	awk '$1 == "SwapTotal:" { print $2 }' /proc/meminfo
}
if [ "$(swap_size)" -eq 0 ] && [ -n "${SILO_TEST_MACHINE:-}" ]; then
	dd if=/dev/zero of="$WORK/swap" bs=1M count=128 2>/dev/null && chmod 600 "$WORK/swap" &&
		mkswap "$WORK/swap" >/dev/null && swapon "$WORK/swap"
fi
if has_controller memory && [ "$(swap_size)" -ge 65536 ]; then
	for kind in "$((16 * mega)) 0 no" "$((96 * mega)) 1 80 MiB of"; do
		read -r swap survives words <<<"$kind"
		check_equal "RME-03 24 MiB in 16 and $words swap" "$survives" \
			"$(limited "{memory: {limit: $((16 * mega)), swap: $swap}}" "$hog" | grep -c survived)"
	done
	check_equal "RME-03 swap -1 is no limit of swap" 1 \
		"$(limited "{memory: {limit: $((16 * mega)), swap: -1}}" "$hog" | grep -c survived)"
	if v1_has memory; then
		check_equal "RME-05 swappiness 0: nothing is swapped out" 0 \
			"$(limited "{memory: {limit: $((16 * mega)), swap: $((96 * mega)), swappiness: 0}}" "$hog" | grep -c survived)"
	fi
else
	skip 'RME-03 memory.swap by its effect' 'no memory controller, or no swap, on this host'
fi
[ ! -s "$WORK/swap" ] || swapoff "$WORK/swap"

# --- memory that is reserved: a neighbour who needs it takes it from who is protected last of all
if v2_has memory && ! v1_has memory; then
	top=$(v2_root)/$id
	parent=/$id
	for file in kept stream; do
		dd if=/dev/zero of="$WORK/rootfs/$file" bs=1M count=16 conv=fsync 2>/dev/null
	done
	# take RESERVATION: how many MiB a reader of 16 still has after a neighbour has taken 34 of 40, and how often the
	# kernel had to go below what is reserved.
	take()
	{
		begin reader "{memory: {reservation: $1}}" 'cat /kept >/dev/null; touch /read; sleep 1000'
		wait_until 30 test -e "$WORK/rootfs/read"
		echo $((40 * mega)) >"$top/memory.max"
		begin taker '{}' 'head -c 35651584 /dev/zero >/dev/shm/taken; touch /done; sleep 1000'
		wait_until 60 test -e "$WORK/rootfs/done"
		rm -f "$WORK/rootfs/read" "$WORK/rootfs/done"
		echo $(($(cat "$top/$id-reader/memory.current") / mega)) "$(sed -n 's/^low //p' "$top/$id-reader/memory.events")"
		end reader taker
		echo max >"$top/memory.max"
		echo 1 >/proc/sys/vm/drop_caches
	}
	if [ -n "${SILO_TEST_MACHINE:-}" ]; then
		# What is in the page cache already is not charged to its reader.
		echo 1 >/proc/sys/vm/drop_caches
		read -r left below <<<"$(take 0)"
		check "RME-02 without memory.reservation, a neighbour takes it: $left of 16 MiB are left" test "$left" -le 8
		check_equal "RME-02 ...and nobody minds" 0 "$below"
		read -r left below <<<"$(take $((24 * mega)))"
		check "RME-02 memory.reservation: that was against the will of the kernel, $below times" test "$below" -ge 1
		begin high '{unified: {"memory.high": "8388608"}}' 'cat /stream >/dev/null; touch /read; sleep 1000'
		wait_until 60 test -e "$WORK/rootfs/read"
		check "RUN-01 memory.high: what is used is brought down to it" test "$(cat "$top/$id-high/memory.current")" -le $((9 * mega))
		check_match "RUN-01 ...by an event each time" '^high [1-9]' "$(cat "$top/$id-high/memory.events")"
		end high
	else
		skip 'RME-02 memory.reservation by its effect' "the machine's page cache would have to be dropped"
	fi
	rm -f "$WORK/rootfs"/{kept,stream,read}
	rmdir "$top" 2>/dev/null
	parent=
else
	skip 'RME-02 memory.reservation by its effect' "v1's soft limit counts only when the whole machine lacks memory"
fi

# --- CPU
spin='while :; do :; done'
stat_value()
{
	cgroup_value "$id-$1" cpu cpu.stat cpu.stat | awk -v key="$2" '$1 == key { print $2 }'
}
if has_controller cpu && has_controller cpuset; then
	begin idle '{cpu: {idle: 1, cpus: "0"}}' "$spin"
	begin busy '{cpu: {cpus: "0"}}' "$spin"
	sleep 0.5
	a=$(usage "$id-idle") b=$(usage "$id-busy")
	sleep 3
	a=$(($(usage "$id-idle") - a)) b=$(($(usage "$id-busy") - b))
	end idle busy
	check "RCP-07 cpu.idle: next to nothing beside one who is not: $a against $b us" test $((b)) -ge $((a * 8))
	# Rests, and then wants more than the quota.
	bursts='while :; do sleep 0.4; i=0; while [ $i -lt 40000 ]; do i=$((i + 1)); done; done'
	begin plain '{cpu: {quota: 10000, period: 100000}}' "$bursts"
	begin burst '{cpu: {quota: 10000, period: 100000, burst: 10000}}' "$bursts"
	if [ -n "$(stat_value burst nr_bursts)" ]; then
		burst_seen()
		{
			[ "$(stat_value burst nr_bursts)" -ge 2 ]
		}
		check 'RCP-03 cpu.burst: what was saved is used' wait_until 20 burst_seen
		check_equal 'RCP-03 ...without, nothing is saved' 0 "$(stat_value plain nr_bursts)"
	else
		skip 'RCP-03 cpu.burst by its effect' 'this kernel does not count bursts'
	fi
	end plain burst
else
	skip 'RCP-07 cpu.idle by its effect' 'no cpu and cpuset controllers on this host'
fi
rt=/sys/fs/cgroup/cpu/cpu.rt_runtime_us
if v1_has cpu && [ -e $rt ] && [ "$(cat $rt)" -gt 100000 ]; then
	realtime='.process.scheduler = {policy: "SCHED_FIFO", priority: 1}'
	check_match 'RCP-05 cpu.realtimeRuntime 0: no real-time process' 'not permitted' "$(limited '{}' 'echo ran' "$realtime")"
	check_equal 'RCP-05 cpu.realtimeRuntime: one' ran \
		"$(limited '{cpu: {realtimePeriod: 1000000, realtimeRuntime: 10000}}' 'echo ran' "$realtime")"
	begin realtime '{cpu: {realtimePeriod: 1000000, realtimeRuntime: 50000}}' "$spin" "$realtime"
	sleep 1
	a=$(usage "$id-realtime") b=$(now)
	sleep 4
	a=$(($(usage "$id-realtime") - a)) b=$(($(now) - b))
	end realtime
	check "RCP-05 ...at most 5 % and half of it: $a of $b us" test $((a * 1000)) -le $((b * 75))
	check "RCP-05 ...and about as much: $a of $b us" test $((a * 1000)) -ge $((b * 20))
else
	skip 'RCP-05 cpu.realtimeRuntime by its effect' 'no cpu controller of v1, CONFIG_RT_GROUP_SCHED, or time of the parent to give away, on this host'
fi

# --- the weight of I/O, by BFQ on a disk of our own
weighed()
{
	modprobe bfq 2>/dev/null
	dd if=/dev/zero of="$WORK/disk" bs=1M count=64 2>/dev/null || return 1
	loop=$(losetup --find --show "$WORK/disk" 2>/dev/null) || return 1
	local queue=/sys/block/${loop##*/}/queue
	echo bfq 2>/dev/null >"$queue/scheduler" || return 1
	# What is new would be favoured for a while; and shares are exact only where the disk waits for who has a claim.
	echo 0 >"$queue/iosched/low_latency"
	echo 1 >"$queue/iosched/strict_guarantees"
}
read_bytes()
{
	local device
	device=$(stat -c '%Hr:%Lr' "$loop")
	if v1_has blkio; then
		awk -v device="$device" '$1 == device && $2 == "Read" { print $3 }' "$(cgroup_file "$id-$1" blkio blkio.bfq.io_service_bytes -)"
	else
		sed -n "s/^$device .*rbytes=\([0-9]*\).*/\1/p" "$(v2_root)/$id-$1/io.stat"
	fi
}
# The root has no weight.
has_weights()
{
	v1_has blkio && compgen -G '/sys/fs/cgroup/blkio/*/blkio.bfq.weight' >/dev/null || { ! v1_has blkio && v2_has io; }
}
if has_weights && weighed; then
	device=$(stat -c '{path: "/dev/weighed", type: "b", major: %Hr, minor: %Lr, fileMode: 438}' "$loop")
	for pair in light:10 heavy:1000; do
		begin "${pair%:*}" "{blockIO: {weight: ${pair#*:}}}" \
			'for i in 1 2 3 4 5 6 7 8; do while dd if=/dev/weighed of=/dev/null bs=1M iflag=direct 2>/dev/null; do :; done & done; wait' \
			".linux.devices += [$device] | .linux.resources.devices += [$device | {allow: true, type, major, minor, access: \"r\"}]"
	done
	# On a busy machine the readers may lack the CPU to be held back by anything else.
	for attempt in 1 2 3; do
		sleep 1
		a=$(read_bytes light) b=$(read_bytes heavy)
		sleep 5
		a=$(($(read_bytes light) - ${a:-0})) b=$(($(read_bytes heavy) - ${b:-0}))
		[ $((b * 10)) -lt $((a * 15)) ] || break
	done
	end heavy light
	# How much more depends on how often the disk has to wait for the next request of the two.
	check "RBI-01 blockIO.weight: who has more reads more: $b against $a bytes, attempt $attempt" test "$((b * 10))" -ge $((a * 15)) -a "$b" -gt 0
else
	skip 'RBI-01 blockIO.weight by its effect' 'no blkio or io controller, loop device, or BFQ, on this host'
fi

# --- rdma
if has_controller rdma && devices=$(ls /sys/class/infiniband 2>/dev/null) && [ -n "$devices" ]; then
	rdma=${devices%%$'\n'*}
	begin rdma "{rdma: {\"$rdma\": {hcaHandles: 3, hcaObjects: 100}}}" 'sleep 1000'
	check_match 'RRD-01 rdma: the limits of a device' "^$rdma hca_handle=3 hca_object=100\$" "$(cgroup_value "$id-rdma" rdma rdma.max rdma.max)"
	end rdma
else
	skip 'RRD-01 rdma: the limits of a device' 'no rdma controller, or no RDMA device, on this host: not even a software one (rdma_rxe, siw)'
fi

# --- memory that runs out while a container starts: never without a word
if has_controller memory; then
	large='.process.env += [range(0; 16) | "A\(.)=" + ("x" * 120000)]'
	for limit in 64 96 128 256 512; do
		dir=$(bundle small "$large | .linux.cgroupsPath = \"/$id\" | .linux.resources.memory = {limit: ($limit * 1024), swap: ($limit * 1024)}")
		if runtime create -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null && runtime start "$id" >"$WORK/log" 2>&1; then
			fail "killed for memory while it starts, $limit KiB" "it started: $(status_of "$id")"
		else
			check_match "killed for memory while it starts, $limit KiB: the error has limit and usage" \
				"memory limit of $((limit * 1024)) bytes is too small: it used [0-9]+|write \"$((limit * 1024))\" to .*memory" "$(cat "$WORK/log")"
		fi
		runtime delete --force "$id" >/dev/null 2>&1
	done
	# Where the program itself is killed, as early as that may be, the status alone would not tell why.
	check_match 'run of what is killed for memory says so' "process was killed.*memory limit of $((16 * mega)) bytes.*it used [0-9]+" \
		"$(run_in ".linux.cgroupsPath = \"/$id\" | .linux.resources.memory = {limit: $((16 * mega)), swap: $((16 * mega))}" \
			"$hog")"
else
	skip 'killed for memory while it starts' 'no memory controller on this host'
fi
check_unchanged 'nothing is left behind' "$before"
suite_end
