#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# linux.resources by its effect, with v1's controllers or v2's, whichever the host has; what it lacks
# is skipped by name.
. "$(dirname "$0")/../lib/limits.sh"
suite_begin
before=$(snapshot)
id=$PREFIX-l

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

mega=$((1 << 20))
hog='x=$(head -c 25165824 /dev/zero | tr "\0" x) && echo survived'
if has_controller memory; then
	out=$(limited "{memory: {limit: $((16 * mega)), swap: $((16 * mega))}}" "$hog")
	check_equal 'RME-01 memory.limit kills what exceeds it' 0 "$(grep -c survived <<<"$out")"
	out=$(limited "{memory: {limit: $((64 * mega)), swap: $((64 * mega))}}" "$hog")
	check_equal 'RME-01 memory.limit leaves alone what stays below' 1 "$(grep -c survived <<<"$out")"
	out=$(limited '{memory: {limit: -1}}' "$hog")
	check_equal 'RME-01 -1 is no limit' 1 "$(grep -c survived <<<"$out")"
	out=$(limited '{memory: {limit: 65536}}' 'echo ran')
	check_match 'a limit that init cannot live in: the error says that it was killed for it' \
		'memory limit of 65536 bytes is too small: it used [0-9]+|write "65536" to .*memory' "$out"
	begin "{memory: {limit: $((64 * mega)), reservation: $((32 * mega)), swap: $((96 * mega))}}" 'sleep 1000'
	check_equal 'RME-02 memory.reservation' $((32 * mega)) "$(cg memory memory.soft_limit_in_bytes memory.low)"
	if v1_has memory; then
		check_equal 'RME-03 memory.swap counts memory, too' $((96 * mega)) "$(cg memory memory.memsw.limit_in_bytes -)"
	else
		check_equal 'RME-03 memory.swap without the memory in it' $((32 * mega)) "$(cg memory - memory.swap.max)"
	fi
	runtime delete --force "$id"
	check_match 'RME-03 memory.swap below memory.limit is refused' 'memory.swap 1048576 is less than' \
		"$(limited "{memory: {limit: $((2 * mega)), swap: $mega}}" 'echo ran')"
else
	skip 'RME-01 memory.limit' 'no memory controller on this host'
fi
if v1_has memory; then
	begin '{memory: {swappiness: 7}}' 'sleep 1000'
	check_equal 'RME-05 memory.swappiness' 7 "$(cg memory memory.swappiness -)"
	runtime delete --force "$id"
	begin "{memory: {limit: $((16 * mega)), swap: $((16 * mega)), disableOOMKiller: true}}" "$hog"
	under_oom()
	{
		grep -q 'under_oom 1' "$(cgroup_file "$id" memory memory.oom_control -)"
	}
	check 'RME-06 memory.disableOOMKiller: what exceeds the limit waits' wait_until 20 under_oom
	check_equal 'RME-06 ...and lives' running "$(status_of "$id")"
	check 'RME-06 ...and can be deleted all the same' runtime delete --force "$id"
else
	for property in '"swappiness": 7' '"disableOOMKiller": true' '"kernel": 1000000' '"useHierarchy": false'; do
		check_match "memory, $property: cgroup v2 has nothing like it" 'cannot be|has nothing like it' \
			"$(limited "{memory: {$property}}" 'echo ran')"
	done
fi

if has_controller pids; then
	bomb='i=0; while [ $i -lt 20 ]; do sleep 2 & i=$((i + 1)); done; echo all; wait'
	out=$(limited '{pids: {limit: 8}}' "$bomb")
	check_equal 'RPI-01 pids.limit stops a fork bomb' 0 "$(grep -c '^all' <<<"$out")"
	check_match 'RPI-01 ...with the error of fork' 'Resource temporarily unavailable' "$out"
	check_equal 'RPI-01 pids.limit -1 does not' 1 "$(limited '{pids: {limit: -1}}' "$bomb" | grep -c '^all')"
	out=$(limited '{pids: {limit: 0}}' 'echo ran; sleep 0 && echo forked')
	check_match 'RPI-01 pids.limit 0: the process runs' '^ran$' "$out"
	check_equal 'RPI-01 ...and cannot fork' 0 "$(grep -c '^forked' <<<"$out")"
else
	skip 'RPI-01 pids.limit' 'no pids controller on this host'
fi

if has_controller cpu; then
	spin='while :; do :; done'
	begin '{cpu: {quota: 20000, period: 100000}}' "$spin & $spin"
	sleep 0.5
	u=$(usage) t=$(now)
	sleep 4
	u=$(($(usage) - u)) t=$(($(now) - t))
	# At most a fifth of the time. Less only if others take the machine, which throttling then shows not to be.
	check "RCP-02 cpu.quota: at most 20 % and a tenth of it: $u of $t us" test $((u * 100)) -le $((t * 22))
	stat=$(cg cpu cpu.stat cpu.stat)
	throttled=$(awk '$1 == "nr_throttled" { print $2 }' <<<"$stat") periods=$(awk '$1 == "nr_periods" { print $2 }' <<<"$stat")
	check 'RCP-02 ...held back by the quota' test "$throttled" -ge 1
	# Who is held back in nearly every period has had nearly all that it may have, however busy the machine is.
	if [ $((throttled * 10)) -ge $((periods * 9)) ]; then
		check "RCP-02 ...and not much less: $u of $t us" test $((u * 100)) -ge $((t * 14))
	else
		skip 'RCP-02 ...and not much less' 'the machine is so busy that the quota was not used up'
	fi
	runtime delete --force "$id"
	begin '{cpu: {quota: -1, period: 50000}}' 'sleep 1000'
	check_match 'RCP-04 cpu.period alone' '^(50000|max 50000)$' "$(cg cpu cpu.cfs_period_us cpu.max)"
	runtime delete --force "$id"
	# The weights by which crun 1.23, runc 1.3.2 and Kubernetes convert.
	# (1024 is what a cgroup has anyway, and 1025 is not.)
	for pair in 2:1 1025:101 512:59 2048:174 262144:10000; do
		begin "{cpu: {shares: ${pair%:*}}}" 'sleep 1000'
		check_match "RCP-01 cpu.shares ${pair%:*}" "^(${pair%:*}|${pair#*:})\$" "$(cg cpu cpu.shares cpu.weight)"
		runtime delete --force "$id"
	done
	if [ -e "$(dirname "$(cgroup_file . cpu x x)")/cpu.cfs_burst_us" ] || v2_has cpu; then
		begin '{cpu: {quota: 20000, period: 100000, burst: 5000}}' 'sleep 1000'
		check_equal 'RCP-03 cpu.burst' 5000 "$(cg cpu cpu.cfs_burst_us cpu.max.burst)"
		runtime delete --force "$id"
	else
		skip 'RCP-03 cpu.burst' 'this kernel has none'
	fi
	check_match 'RCP-03 cpu.burst beyond the quota is refused' 'cpu.burst 6000 is more than' \
		"$(limited '{cpu: {quota: 5000, burst: 6000}}' 'echo ran')"
	begin '{cpu: {idle: 1}}' "$spin"
	check_equal 'RCP-07 cpu.idle' 1 "$(cg cpu cpu.idle cpu.idle)"
	runtime delete --force "$id"
else
	skip 'RCP-01 cpu.shares and so on' 'no cpu controller on this host'
fi
if v1_has cpu && [ -e /sys/fs/cgroup/cpu/cpu.rt_runtime_us ]; then
	# The parent has to have it first: 0 asks for nothing, and is not set.
	out=$(limited '{cpu: {realtimePeriod: 1000000, realtimeRuntime: 1000}}' 'echo ran')
	check_match 'RCP-05 cpu.realtimeRuntime: in force, or what the parent lacks is said' \
		'^ran$|rt_runtime_us.*(Invalid|Operation)' "$out"
elif v1_has cpu; then
	check_match 'RCP-05 cpu.realtimeRuntime: the kernel has none' 'rt_runtime_us|no such limit' \
		"$(limited '{cpu: {realtimeRuntime: 1000}}' 'echo ran')"
else
	check_match 'RCP-05 cpu.realtimeRuntime: cgroup v2 has nothing like it' 'has nothing like it|not available' \
		"$(limited '{cpu: {realtimeRuntime: 1000}}' 'echo ran')"
fi

if has_controller cpuset; then
	out=$(limited '{cpu: {cpus: "0", mems: "0"}}' 'grep _allowed_list /proc/self/status')
	if [ "$(nproc)" -gt 1 ]; then
		check_match 'RCP-06 cpu.cpus is where it may run' 'Cpus_allowed_list:[[:space:]]*0$' "$out"
	else
		skip 'RCP-06 cpu.cpus is where it may run' 'this machine has one CPU only'
	fi
	if [ -d /sys/devices/system/node/node1 ]; then
		check_match 'RCP-06 cpu.mems is where its memory may be' 'Mems_allowed_list:[[:space:]]*0$' "$out"
	else
		skip 'RCP-06 cpu.mems is where its memory may be' 'all memory of this machine is in one node'
	fi
	check_match 'RCP-06 cpu.mems: a node that does not exist is named' '/linux/resources/cpu/mems .*1000' \
		"$(limited '{cpu: {mems: "1000"}}' 'echo ran')"
	# Two that spin on one CPU: the weights are the ratio of what they get.
	if has_controller cpu; then
		for who in 512 2048; do
			dir=$(bundle "share$who" ".linux.cgroupsPath = \"/$id-$who\" |
				.linux.resources.cpu = {shares: $who, cpus: \"0\"} | .process.args = [\"sh\", \"-c\", \"$spin\"]")
			runtime run -d -b "$dir" "$id-$who" >"$WORK/log" 2>&1 </dev/null
		done
		sleep 0.5
		a=$(usage "$id-512") b=$(usage "$id-2048")
		sleep 4
		a=$(($(usage "$id-512") - a)) b=$(($(usage "$id-2048") - b))
		runtime delete --force "$id-512"
		runtime delete --force "$id-2048"
		# 4 to 1 in v1, 174 to 59 in v2.
		check "RCP-01 four times the shares get more: $b against $a us" test $((b * 10)) -ge $((a * 20)) -a $((b * 10)) -le $((a * 60))
	fi
else
	skip 'RCP-06 cpu.cpus' 'no cpuset controller on this host'
fi

# The disk that $WORK is on; partitions have no limits of their own.
disk()
{
	local dev
	dev=$(stat -c %Hd:%Ld "$WORK") || return 1
	[ -e "/sys/dev/block/$dev/partition" ] && dev=$(cat "/sys/dev/block/$dev/../dev")
	[ -d "/sys/dev/block/$dev" ] && echo "$dev"
}
io=io
v1_has blkio && io=blkio
if has_controller $io && dev=$(disk); then
	device="major: ${dev%:*}, minor: ${dev#*:}"
	dd if=/dev/zero of="$WORK/rootfs/data" bs=1M count=3 conv=fsync 2>/dev/null
	read_it='a=$(cut -d. -f1 /proc/uptime); dd if=/data of=/dev/null bs=64k iflag=direct 2>/dev/null; b=$(cut -d. -f1 /proc/uptime); echo took $((b - a))'
	out=$(limited '{}' "$read_it")
	if [ "${out#took }" -le 1 ] 2>/dev/null; then
		out=$(limited "{blockIO: {throttleReadBpsDevice: [{$device, rate: 1048576}]}}" "$read_it")
		check "RBI-03 3 MiB at 1 MiB a second: $out s" test "${out#took }" -ge 2
		out=$(limited "{blockIO: {throttleReadIOPSDevice: [{$device, rate: 16}]}}" "$read_it")
		check "RBI-04 48 reads at 16 a second: $out s" test "${out#took }" -ge 2
		begin "{blockIO: {throttleWriteBpsDevice: [{$device, rate: 1048576}], throttleWriteIOPSDevice: [{$device, rate: 100}]}}" 'sleep 1000'
		check_match 'RBI-03 throttleWriteBpsDevice' "^$dev .*1048576" "$(cg blkio blkio.throttle.write_bps_device io.max)"
		check_match 'RBI-04 throttleWriteIOPSDevice' "^$dev .*100\\b" "$(cg blkio blkio.throttle.write_iops_device io.max)"
		runtime delete --force "$id"
	else
		skip 'RBI-03 throttleReadBpsDevice' "reading is slow, or not possible directly, on this host: $out"
	fi
	rm -f "$WORK/rootfs/data"
	check_match 'RBI-03 a device that does not exist is named' '/linux/resources/blockIO/throttleReadBpsDevice/0.*4095:7' \
		"$(limited '{blockIO: {throttleReadBpsDevice: [{major: 4095, minor: 7, rate: 1}]}}' 'echo ran')"
else
	skip 'RBI-03 throttleReadBpsDevice' 'no blkio or io controller, or no disk, on this host'
fi
out=$(limited '{blockIO: {weight: 500}}' 'echo ran')
if [ "$out" = ran ]; then
	begin '{blockIO: {weight: 500}}' 'sleep 1000'
	# io.weight goes to 10000 (as crun and runc convert), io.bfq.weight is the number itself.
	check_match 'RBI-01 blockIO.weight: in force' '^(default )?(500|4950)$' "$(find /sys/fs/cgroup -path "*/$id/*" \
		\( -name 'blkio*.weight' -o -name 'io.*weight' \) -exec cat {} + 2>/dev/null)"
	runtime delete --force "$id"
else
	check_match 'RBI-01 blockIO.weight: what the kernel lacks is said' \
		'/linux/resources/blockIO/weight.*(no such limit|not available)' "$out"
fi
check_match 'RBI-01 blockIO.weight 5 is refused' 'weight 5 is not within 10..1000' "$(limited '{blockIO: {weight: 5}}' 'echo ran')"

# Two huge pages are borrowed for the test if there are none.
pages=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
if has_controller hugetlb && had=$(cat $pages 2>/dev/null) && { [ "$had" -ge 4 ] || echo 4 2>/dev/null >$pages; } &&
	[ "$(cat $pages)" -ge 4 ]; then
	huge='.mounts += [{destination: "/huge", type: "hugetlbfs", source: "none", options: ["pagesize=2M"]}]'
	# fallocate takes pages, which the limit is about.
	take='fallocate -l 2M /huge/a && echo one; fallocate -l 2M /huge/b && echo two'
	out=$(run_in "$huge | .linux.resources.hugepageLimits = [{pageSize: \"2MB\", limit: 2097152}]" "$take")
	check_match 'RHP-02 hugepageLimits: one page' '^one$' "$out"
	check_equal 'RHP-02 ...but not two' 0 "$(grep -c '^two$' <<<"$out")"
	out=$(run_in "$huge | .linux.resources.hugepageLimits = [{pageSize: \"2MB\", limit: 4194304}]" "$take")
	check_equal 'RHP-02 hugepageLimits: two of two pages' 'one two' "$(xargs <<<"$out")"
	begin '{hugepageLimits: [{pageSize: "2MB", limit: 2097152}]}' 'sleep 1000'
	if file=$(cgroup_file "$id" hugetlb hugetlb.2MB.rsvd.limit_in_bytes hugetlb.2MB.rsvd.max) && [ -e "$file" ]; then
		check_equal 'RHP-03 reserved pages are limited, too' 2097152 "$(cat "$file")"
	fi
	runtime delete --force "$id"
	[ "$had" -ge 4 ] || echo "$had" >$pages
else
	skip 'RHP-02 hugepageLimits' 'no hugetlb controller, or no huge pages to be had, on this host'
fi
check_match 'RHP-01 a page size that does not exist is named' '/linux/resources/hugepageLimits/0' \
	"$(limited '{hugepageLimits: [{pageSize: "3MB", limit: 0}]}' 'echo ran')"

check_match 'RRD-01 rdma: a device that does not exist, or the missing controller, is named' '/linux/resources/rdma/none.*(rdma)' \
	"$(limited '{rdma: {none: {hcaHandles: 3}}}' 'echo ran')"
if v1_has net_cls; then
	begin '{network: {classID: 1048577}}' 'sleep 1000'
	check_equal 'RNW-01 network.classID' 1048577 "$(cg net_cls net_cls.classid -)"
	runtime delete --force "$id"
else
	check_match 'RNW-01 network.classID: what is missing is said' '/linux/resources/network/classID.*(net_cls|nothing like it)' \
		"$(limited '{network: {classID: 1048577}}' 'echo ran')"
fi
if v1_has net_prio; then
	begin '{network: {priorities: [{name: "lo", priority: 5}]}}' 'sleep 1000'
	check_match 'RNW-02 network.priorities' '^lo 5$' "$(cg net_prio net_prio.ifpriomap -)"
	runtime delete --force "$id"
else
	check_match 'RNW-02 network.priorities: what is missing is said' '/linux/resources/network/priorities.*(net_prio|nothing like it)' \
		"$(limited '{network: {priorities: [{name: "lo", priority: 5}]}}' 'echo ran')"
fi

# unified: a limit of the v2 tree that every layout with one has.
if [ -e "$(v2_root)/cgroup.procs" ]; then
	begin '{unified: {"cgroup.max.descendants": "0"}}' 'sleep 1000'
	check_match 'RUN-01 unified: a file of the v2 tree, by its effect' 'Resource temporarily unavailable' \
		"$(LC_ALL=C mkdir "$(v2_root)/$id/below" 2>&1)"
	runtime delete --force "$id"
	check_match 'RUN-03 unified: a file that does not exist is named' 'unified.*cgroup.nonsense' \
		"$(limited '{unified: {"cgroup.nonsense": "1"}}' 'echo ran')"
	for key in ../memory.max a/memory.max memory /memory.max memory. .max; do
		check_match "RUN-04 unified: \"$key\" is no name of a file" 'unified.*(is not the name|not available|No such)' \
			"$(limited "{unified: {\"$key\": \"1\"}}" 'echo ran')"
	done
	check_match 'RUN-04 unified: a controller that does not exist is named' 'unified.*nonsense' \
		"$(limited '{unified: {"nonsense.max": "1"}}' 'echo ran')"
else
	check_match 'RUN-04 unified without a v2 tree' 'invalid configuration' "$(limited '{unified: {"pids.max": "1"}}' 'echo ran')"
fi
if v2_has pids && ! v1_has pids; then
	out=$(limited '{unified: {"pids.max": "8"}}' "$bomb")
	check_equal 'RUN-01 unified: pids.max stops a fork bomb' 0 "$(grep -c '^all' <<<"$out")"
	check_match 'RUN-01 ...with the error of fork' 'Resource temporarily unavailable' "$out"
fi

# Devices, by v1's lists or by a program.
with_mknod='.process.capabilities |= map_values(. + ["CAP_MKNOD"])'
try='mknod /tmp/d b 7 0; head -c 1 /tmp/d >/dev/null; rm -f /tmp/d; echo tried'
devices_deny()
{
	check_match "RDV-06 $1: a device that no rule allows cannot be opened" '^head: .*Operation not permitted' "$(run_in "$with_mknod" "$try")"
	check_match "RDV-06 $1: the default devices can" '^written$' "$(run_in . 'head -c 4 /dev/zero | wc -c; echo x >/dev/null && echo written')"
	# (The host need not have such a device.)
	check_match "RDV-01 $1: a rule for it allows it" '^(head: .*(No such device|Input/output error).* )?tried$' "$(run_in "$with_mknod |
		.linux.resources.devices += [{allow: true, type: \"b\", major: 7, minor: 0, access: \"rm\"}]" "$try" | xargs)"
	check_match "RDV-05 $1: a rule for reading does not allow writing" "can't create /tmp/d: Operation not permitted" "$(run_in "$with_mknod | .linux.resources.devices +=
		[{allow: true, type: \"b\", major: 7, minor: 0, access: \"rm\"}]" 'mknod /tmp/d b 7 0; echo x >/tmp/d; rm -f /tmp/d')"
	# As Docker writes it for --device=/dev/fuse:/dev/fuse:rw.
	check_equal "RDV-06 $1: the node of a device can be made that is denied, then allowed without m" made "$(run_in "$with_mknod |
		.linux.resources.devices += [{allow: false, type: \"b\", major: 7, minor: 0, access: \"rwm\"},
		{allow: true, type: \"b\", major: 7, minor: 0, access: \"rw\"}]" 'mknod /tmp/d b 7 0 && echo made; rm -f /tmp/d')"
}
devices_deny 'host layout'
cat >"$WORK/v2-runtime" <<EOF
#!/bin/bash
$(declare -f v2_options on_v2)
on_v2 "$RUNTIME" "\$@"
EOF
chmod +x "$WORK/v2-runtime"
real=$RUNTIME
RUNTIME=$WORK/v2-runtime
devices_deny 'v2 alone'
RUNTIME=$real
check_unchanged 'nothing is left behind' "$before"
suite_end
