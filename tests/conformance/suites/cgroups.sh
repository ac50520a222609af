#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The container's cgroup and its limits (CGP, RES, RDV, RME, RCP, RBI, RHP, RNW, RPI, RRD, RUN): where it is, what is
# written, and what a process inside feels of it. What this host's layout does not have is skipped by name.
. "$(dirname "$0")/../lib.sh"
conformance_begin
id=$PREFIX-cg

# of CONTROLLER PID: the directory of the process's cgroup that has CONTROLLER.
of()
{
	local path top=/sys/fs/cgroup

	if v1_has "$1"; then
		path=$(awk -F: -v c="$1" '("," $2 ",") ~ ("," c ",") { print $3 }' "/proc/$2/cgroup")
		echo "$top/$1$path"
	else
		path=$(sed -n 's/^0:://p' "/proc/$2/cgroup")
		[ -e $top/cgroup.controllers ] || top=$top/unified
		echo "$top$path"
	fi
}

has()
{
	v1_has "$1" || v2_has "$1"
}

# written NAME CONTROLLER RESOURCES V1-FILE V1-VALUE V2-FILE V2-VALUE: the file of the container's cgroup holds the value.
# A file named "-" does not exist in that version: the property is refused by name.
written()
{
	local file=$4 value=$5 pid got

	has "$2" || { skip "$1" "needs the $2 controller"; return; }
	v1_has "$2" || file=$6 value=$7
	if [ "$file" = - ]; then
		refused "$1" "/linux/resources.*$value" ".linux.resources += $3"
		return
	fi
	pid=$(created written ".linux.resources += $3") || { fail "$1" "$(cat "$WORK/written.out")"; return; }
	got=$(xargs <"$(of "$2" "$pid")/$file" 2>&1)
	runtime delete --force "$PREFIX-written"
	check_equal "$1" "$value" "$got"
}

# place PATH: the v2 or pids cgroup of a container with that cgroupsPath
place()
{
	local pid controller=pids

	v1_has pids || controller=
	pid=$(created place "${1:+.linux.cgroupsPath = \"$1\" | }.") || { cat "$WORK/place.out"; return; }
	of "$controller" "$pid"
	runtime delete --force "$PREFIX-place"
}

# remove_parents PATH: what the runtime leaves of the parents in cgroupsPath.
remove_parents()
{
	local top

	for top in /sys/fs/cgroup /sys/fs/cgroup/*/; do
		(cd "$top" 2>/dev/null && rmdir -p "${1#/}" 2>/dev/null)
	done
}

# cgroupsPath
base=$(place "")
check_match "CGP-04 absent: named after the container" "/$PREFIX-place$" "$base"
absolute=$(place "/$PREFIX-top/below")
check_match "CGP-01 absolute: from the mount point" "^/sys/fs/cgroup(/pids|/unified)?/$PREFIX-top/below$" "$absolute"
check_equal "CGP-02 the same value, the same place" "$absolute" "$(place "/$PREFIX-top/below")"
check_equal "CGP-02 ...whatever the spelling" "$absolute" "$(place "/$PREFIX-top/./below//")"
remove_parents "/$PREFIX-top"
relative=$(place "$PREFIX-rel/below")
check_equal "CGP-01 relative: beside where an absent one is" "${base%/*}/$PREFIX-rel/below" "$relative"
check_equal "CGP-02 CGP-05 the same value, the same place, parents made" "$relative" "$(place "$PREFIX-rel/below")"
find /sys/fs/cgroup -depth -type d -name "$PREFIX-rel" -exec rmdir {} + 2>/dev/null
for path in "../x" "/a/../b" "/" "/a/.." "/$(printf 'x%.0s' {1..300})"; do
	refused "CGP-03 cgroupsPath ${path:0:20}" '/linux/cgroupsPath' ".linux.cgroupsPath = \"$path\""
done
pid=$(created every 'del(.linux.resources)')
if v1_has pids; then
	outside=
	while IFS=: read -r number controllers path; do
		# Those that are mounted at all, but the v2 tree, which is last.
		grep -Eq " - cgroup [^ ]+ ([^ ]*,)?${controllers//=/\\=}(,|\$)" /proc/self/mountinfo || continue
		[[ $path = *"$PREFIX-every" ]] || outside="$outside $controllers"
	done <"/proc/$pid/cgroup"
	check_equal "CGP-07 without any limit: in a cgroup of its own in every hierarchy" "" "$outside"
elif v2_has pids; then
	check "CGP-07 without any limit: what a controller counts is counted for it" test -e "$(of pids "$pid")/pids.current"
else
	skip "CGP-07 additional controllers" "needs a controller"
fi
runtime delete --force "$PREFIX-every"
taken=/sys/fs/cgroup/pids
[ -d $taken ] || taken=/sys/fs/cgroup
taken=$taken/$PREFIX-taken
if mkdir "$taken" 2>/dev/null; then
	sleep 1000 &
	sleeper=$!
	echo $sleeper >"$taken/cgroup.procs"
	refused "CGP-06 a cgroup that others are in" "$PREFIX-taken" ".linux.cgroupsPath = \"/$PREFIX-taken\""
	kill $sleeper
	wait $sleeper 2>/dev/null
	if [ -e "$taken/cgroup.freeze" ]; then
		echo 1 >"$taken/cgroup.freeze"
		refused "CGP-06 a frozen cgroup" 'frozen' ".linux.cgroupsPath = \"/$PREFIX-taken\""
	fi
	for dir in "$taken" /sys/fs/cgroup/*/"$PREFIX-taken"; do rmdir "$dir" 2>/dev/null; done
fi
if v1_has freezer && mkdir "/sys/fs/cgroup/freezer/$PREFIX-frozen"; then
	echo FROZEN >"/sys/fs/cgroup/freezer/$PREFIX-frozen/freezer.state"
	refused "CGP-06 a frozen cgroup" 'frozen' ".linux.cgroupsPath = \"/$PREFIX-frozen\""
	for dir in /sys/fs/cgroup/*/"$PREFIX-frozen"; do rmdir "$dir" 2>/dev/null; done
fi

# Ownership, in a view of the v2 tree alone. Of delegated files, those that need a controller are absent here.
writable='.linux.namespaces |= (map(select(.type != "cgroup")) + [{type: "cgroup"}]) | .process.user = {uid: 1234, gid: 0} | del(.linux.resources) |
	.mounts |= map(if .type == "cgroup" then .options = ["nosuid", "nodev", "noexec"] else . end)'
# owned FILTER [COMMAND...]: "uid of the directory, uid of cgroup.procs, uids of all other files" of the container's cgroup
owned()
{
	local dir filter=$1

	shift
	dir=$(bundle owned "$filter") || return
	# shellcheck disable=SC2016
	on_v2 bash -c 'runtime=$1 state=$2 dir=$3 id=$4; shift 4; "$@"
		"$runtime" --root "$state" create -b "$dir" --pid-file "$dir/pid" "$id" >"$dir/out" 2>&1 </dev/null || { cat "$dir/out"; exit; }
		cd "/sys/fs/cgroup$(sed -n s/^0:://p "/proc/$(cat "$dir/pid")/cgroup")" &&
		echo $(stat -c %u . cgroup.procs cgroup.subtree_control cgroup.threads) : $(stat -c %u * | sort -n | uniq -c | sort -n | head -n 1)
		"$runtime" --root "$state" delete --force "$id"' - "$RUNTIME" "$STATE" "$dir" "$PREFIX-owned" "$@" 2>&1
}
rest=$(owned "$writable | .mounts |= map(select(.type != \"cgroup\"))" | sed 's/.*: //')
check_equal "CGP-08 CGP-11 CGP-12 CGP-13 a writable view of its own: directory and delegated files are the user's" \
	"1234 1234 1234 1234" "$(owned "$writable" : | sed 's/ :.*//')"
check_match "CGP-12 ...and no other file" "^0 |[0-9]+ 0$|1234$" "$(owned "$writable" | sed 's/.*: //')"
check_equal "CGP-08 ...mapped to the host's number in a user namespace" "6234 6234 6234 6234" \
	"$(cp -a "$WORK/rootfs" "$WORK/rootfs-user"; chown -hR 5000:5000 "$WORK/rootfs-user"
	owned "$writable | .linux.namespaces += [{type: \"user\"}] | .root.path += \"-user\" |
	.linux.uidMappings = [{containerID: 0, hostID: 5000, size: 2000}] | .linux.gidMappings = .linux.uidMappings" : | sed 's/ :.*//')"
check_equal "CGP-14 without /sys/kernel/cgroup/delegate: the three of old" "1234 1234 1234 1234" \
	"$(owned "$writable" mount -t tmpfs tmpfs /sys/kernel/cgroup | sed 's/ :.*//')"
check_equal "CGP-10 no new cgroup namespace: unchanged" "0 0 0 0" \
	"$(owned "$writable | .linux.namespaces |= map(select(.type != \"cgroup\"))" | sed 's/ :.*//')"
check_equal "CGP-11 mounted with ro: unchanged" "0 0 0 0" \
	"$(owned "$writable | .mounts |= map(if .type == \"cgroup\" then .options += [\"ro\"] else . end)" | sed 's/ :.*//')"
check_equal "CGP-11 not mounted: unchanged" "0 0 0 0" "$(owned "$writable | .mounts |= map(select(.type != \"cgroup\"))" | sed 's/ :.*//')"
if v1_has pids; then
	pid=$(created v1 "$writable")
	check_equal "CGP-09 v1: unchanged" 0 "$(stat -c %u "$(of pids "$pid")")"
	runtime delete --force "$PREFIX-v1"
else
	skip "CGP-09 v1: unchanged" "needs cgroup v1"
fi

# General
written "RES-01 no resources: nothing is limited" pids '{}' pids.max max pids.max max
refused "RES-02 GEN-06 a controller that does not exist" '/linux/resources/hugepageLimits.*' \
	'.linux.resources.hugepageLimits = [{pageSize: "3MB", limit: 0}]'
refused "RES-02 ...or its file" '/linux/resources/unified' '.linux.resources.unified = {"pids.nosuch": "1"}'
refused "RES-02 a value that the kernel refuses" '/linux/resources/cpu/cpus' '.linux.resources.cpu = {cpus: "4000"}'

# Devices
deny='.process.capabilities |= map_values(. + ["CAP_MKNOD"]) | .linux.resources.devices = '
# A device that no container has by default, and that can be opened here.
device=
for node in /dev/fuse /dev/loop-control /dev/loop0 /dev/net/tun /dev/hpet /dev/rtc0 /dev/vda /dev/sda; do
	[ "$("$WORK/rootfs/probe" open $node r 2>&1)" = ok ] || continue
	type=c
	[ ! -b $node ] || type=b
	major=$((0x$(stat -c %t $node))) minor=$((0x$(stat -c %T $node)))
	device="type: \"$type\", major: $major, minor: $minor"
	break
done
if [ -n "$device" ]; then
	try="mknod /tmp/d $type $major $minor; /probe open /tmp/d r; rm -f /tmp/d"
	mknod='{allow: false, access: "rwm"}, {allow: true, access: "m"}'
	inside "RDV-01 RDV-02 a denied device" EPERM "$deny [$mknod]" "$try"
	inside "RDV-01 RDV-02 an allowed one" ok "$deny [$mknod, {allow: true, $device, access: \"r\"}]" "$try"
	inside "RDV-01 later rules count more" EPERM \
		"$deny [$mknod, {allow: true, $device, access: \"r\"}, {allow: false, $device, access: \"r\"}]" "$try"
	inside "RDV-04 no minor: all of the major" ok "$deny [$mknod, {allow: true, type: \"$type\", major: $major, access: \"r\"}]" "$try"
	inside "RDV-04 no major: all of the type" ok "$deny [$mknod, {allow: true, type: \"$type\", access: \"r\"}]" "$try"
	inside "RDV-03 no type: all" ok "$deny [{allow: false, access: \"rwm\"}, {allow: true, access: \"rwm\"}]" "$try"
	inside "RDV-05 access: reading is not writing" "ok EPERM" "$deny [$mknod, {allow: true, $device, access: \"r\"}]" \
		"mknod /tmp/d $type $major $minor; echo \$(/probe open /tmp/d r; /probe open /tmp/d w); rm -f /tmp/d"
else
	skip "RDV-01 RDV-02 device rules" "needs a device to be opened"
fi
inside "RDV-06 the default devices stay allowed" "ok ok ok ok ok" '.linux.resources.devices = [{allow: false, access: "rwm"}]' \
	'echo $(for d in null zero full random urandom; do /probe open /dev/$d rw; done)'
refused "RDV-02 allow is absent" '/linux/resources/devices/0.*allow.* is missing' '.linux.resources.devices = [{access: "r"}]'
for access in x rx RW; do
	refused "RDV-05 access \"$access\"" '/linux/resources/devices/0/access \(line [0-9]+\): expected letters' \
		".linux.resources.devices = [{allow: true, access: \"$access\"}]"
done

# Memory
written "RME-01 limit" memory '{memory: {limit: 67108864}}' memory.limit_in_bytes 67108864 memory.max 67108864
has memory && inside_match "RME-01 ...what goes beyond is killed" 'exit 137|Killed' '.linux.resources.memory = {limit: 8388608}' \
	'(x=$(head -c 16777216 /dev/zero | tr "\0" x); echo survived) || echo exit $?'
written "RME-02 reservation" memory '{memory: {reservation: 33554432}}' memory.soft_limit_in_bytes 33554432 memory.low 33554432
written "RME-03 swap: memory and swap together" memory '{memory: {limit: 67108864, swap: 134217728}}' \
	memory.memsw.limit_in_bytes 134217728 memory.swap.max 67108864
has memory && refused "RME-03 swap below limit" '/linux/resources/memory/swap' '.linux.resources.memory = {limit: 67108864, swap: 33554432}'
written "RME-04 kernel is obsolete: taken, with a warning" memory '{memory: {limit: 67108864, kernel: 33554432}}' \
	memory.limit_in_bytes 67108864 - kernel
written "RME-04 kernelTCP" memory '{memory: {kernelTCP: 4194304}}' memory.kmem.tcp.limit_in_bytes 4194304 - kernelTCP
written "RME-05 swappiness" memory '{memory: {swappiness: 17}}' memory.swappiness 17 - swappiness
refused "RME-05 swappiness 101" '/linux/resources/memory/swappiness \(line [0-9]+\): .*100' '.linux.resources.memory = {swappiness: 101}'
if v1_has memory; then
	pid=$(created oom '.linux.resources.memory = {limit: 67108864, disableOOMKiller: true}')
	check_match "RME-06 disableOOMKiller" '^oom_kill_disable 1$' "$(cat "$(of memory "$pid")/memory.oom_control" 2>&1)"
	runtime delete --force "$PREFIX-oom"
else
	skip "RME-06 disableOOMKiller" "needs cgroup v1"
fi
if v1_has memory; then
	written "RME-07 useHierarchy" memory '{memory: {useHierarchy: true}}' memory.use_hierarchy 1
else
	accepted "RME-07 useHierarchy, which v2 always does" '.linux.resources.memory.useHierarchy = true'
fi

# CPU
written "RCP-01 shares" cpu '{cpu: {shares: 512}}' cpu.shares 512 cpu.weight 59
written "RCP-02 RCP-04 quota and period" cpu '{cpu: {quota: 50000, period: 200000}}' cpu.cfs_quota_us 50000 cpu.max "50000 200000"
written "RCP-04 period" cpu '{cpu: {quota: 50000, period: 200000}}' cpu.cfs_period_us 200000 cpu.max "50000 200000"
written "RCP-02 unlimited" cpu '{cpu: {quota: -1}}' cpu.cfs_quota_us -1 cpu.max "max 100000"
written "RCP-03 burst" cpu '{cpu: {quota: 50000, period: 100000, burst: 20000}}' cpu.cfs_burst_us 20000 cpu.max.burst 20000
refused "RCP-03 burst above quota" '/linux/resources/cpu' '.linux.resources.cpu = {quota: 50000, period: 100000, burst: 60000}'
written "RCP-05 realtimePeriod" cpu '{cpu: {realtimePeriod: 500000}}' cpu.rt_period_us 500000 - realtimePeriod
written "RCP-06 cpus" cpuset '{cpu: {cpus: "0"}}' cpuset.cpus 0 cpuset.cpus 0
has cpuset && inside "RCP-06 ...is where the process runs" "cpus 0" '.linux.resources.cpu = {cpus: "0"}' '/probe affinity'
written "RCP-06 mems" cpuset '{cpu: {mems: "0"}}' cpuset.mems 0 cpuset.mems 0
written "RCP-07 idle" cpu '{cpu: {idle: 1}}' cpu.idle 1 cpu.idle 1

# Block I/O
if v1_has blkio && [ -e /sys/fs/cgroup/blkio/blkio.bfq.weight ] || v2_has io; then
	controller=blkio
	v1_has blkio || controller=io
	if v1_has blkio; then
		written "RBI-01 weight" $controller '{blockIO: {weight: 300}}' blkio.bfq.weight 300
	else
		pid=$(created weight '.linux.resources.blockIO.weight = 300')
		weight=$(cat "$(of io "$pid")"/io.bfq.weight "$(of io "$pid")"/io.weight 2>/dev/null | xargs)
		runtime delete --force "$PREFIX-weight"
		# 10..1000 becomes 1..10000 where BFQ is not there.
		[ -n "$weight" ] && check_match "RBI-01 weight" '^default (300|2930)' "$weight" ||
			skip "RBI-01 weight" "no file of the io controller shows a weight"
	fi
	# shellcheck disable=SC2012
	disk=$(ls /sys/block | grep -v loop | head -n 1)
	if [ -n "$disk" ] && numbers=$(cat "/sys/block/$disk/dev"); then
		device="major: ${numbers%:*}, minor: ${numbers#*:}"
		written "RBI-03 throttleReadBpsDevice" $controller "{blockIO: {throttleReadBpsDevice: [{$device, rate: 1048576}]}}" \
			blkio.throttle.read_bps_device "$numbers 1048576" io.max "$numbers rbps=1048576 wbps=max riops=max wiops=max"
		written "RBI-03 throttleWriteBpsDevice" $controller "{blockIO: {throttleWriteBpsDevice: [{$device, rate: 1048576}]}}" \
			blkio.throttle.write_bps_device "$numbers 1048576" io.max "$numbers rbps=max wbps=1048576 riops=max wiops=max"
		written "RBI-04 throttleReadIOPSDevice" $controller "{blockIO: {throttleReadIOPSDevice: [{$device, rate: 100}]}}" \
			blkio.throttle.read_iops_device "$numbers 100" io.max "$numbers rbps=max wbps=max riops=100 wiops=max"
		written "RBI-04 throttleWriteIOPSDevice" $controller "{blockIO: {throttleWriteIOPSDevice: [{$device, rate: 100}]}}" \
			blkio.throttle.write_iops_device "$numbers 100" io.max "$numbers rbps=max wbps=max riops=max wiops=100"
	fi
	refused "RBI-03 RES-02 a device that does not exist" '/linux/resources/blockIO/throttleReadBpsDevice/0' \
		'.linux.resources.blockIO = {throttleReadBpsDevice: [{major: 4000, minor: 1, rate: 1}]}'
else
	skip "RBI-01 weight" "needs the block I/O controller with BFQ"
fi
for list in throttleReadBpsDevice throttleWriteBpsDevice throttleReadIOPSDevice throttleWriteIOPSDevice; do
	for member in major minor rate; do
		refused "RBI-03 RBI-04 SDX-08 $list without $member" "/linux/resources/blockIO/$list/0.*$member.* is missing" \
			".linux.resources.blockIO.$list = [{major: 8, minor: 0, rate: 1} | del(.$member)]"
	done
done
refused "RBI-02 SDX-08 a weightDevice without a weight" '/linux/resources/blockIO/weightDevice/0.*weight' \
	'.linux.resources.blockIO.weightDevice = [{major: 8, minor: 0}]'
for member in major minor; do
	refused "RBI-02 a weightDevice without $member" "/linux/resources/blockIO/weightDevice/0.*$member.* is missing" \
		".linux.resources.blockIO.weightDevice = [{major: 8, minor: 0, weight: 100} | del(.$member)]"
done

# Huge pages, processes, network, RDMA
written "RHP-01 RHP-02 hugepageLimits" hugetlb '{hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}' \
	hugetlb.2MB.limit_in_bytes 4194304 hugetlb.2MB.max 4194304
written "RHP-03 ...of what is reserved, too" hugetlb '{hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}' \
	hugetlb.2MB.rsvd.limit_in_bytes 4194304 hugetlb.2MB.rsvd.max 4194304
for size in 64kB 2M MB 0MB 2TB 2mB; do
	refused "RHP-01 pageSize $size" '/linux/resources/hugepageLimits/0/pageSize \(line [0-9]+\): expected a page size' \
		".linux.resources.hugepageLimits = [{pageSize: \"$size\", limit: 0}]"
done
for member in pageSize limit; do
	refused "RHP-01 RHP-02 $member is absent" "/linux/resources/hugepageLimits/0.*$member.* is missing" \
		".linux.resources.hugepageLimits = [{pageSize: \"2MB\", limit: 0} | del(.$member)]"
done
written "RPI-01 pids.limit" pids '{pids: {limit: 33}}' pids.max 33 pids.max 33
written "RPI-01 ...-1 is unlimited" pids '{pids: {limit: -1}}' pids.max max pids.max max
written "RPI-01 SDX-07 ...absent is unset" pids '{pids: {}}' pids.max max pids.max max
has pids && inside_match "RPI-01 ...and stops what forks without end" 'temporarily unavailable|try again' '.linux.resources.pids.limit = 5' \
	'for i in 1 2 3 4 5 6 7 8 9; do sleep 3 & done 2>&1'
written "RPI-01 SDX-17 0 is a limit" pids '{pids: {limit: 0}}' pids.max 0 pids.max 0
if v1_has net_cls; then
	written "RNW-01 classID" net_cls '{network: {classID: 1048577}}' net_cls.classid 1048577 - classID
else
	refused "RNW-01 classID where there is no net_cls" '/linux/resources/network/classID.*(net_cls|nothing like it)' '.linux.resources.network = {classID: 1}'
	refused "RNW-02 priorities where there is no net_prio" '/linux/resources/network/priorities.*(net_prio|nothing like it)' \
		'.linux.resources.network = {priorities: [{name: "lo", priority: 1}]}'
fi
for member in name priority; do
	refused "RNW-02 priorities without $member" "/linux/resources/network/priorities/0.*$member.* is missing" \
		".linux.resources.network.priorities = [{name: \"lo\", priority: 1} | del(.$member)]"
done
has rdma || refused "RRD-01 where there is no rdma controller" '/linux/resources/rdma.*rdma' '.linux.resources.rdma = {mlx5_1: {hcaHandles: 3}}'
refused "RRD-02 SDX-08 an entry without a limit" '/linux/resources/rdma/mlx5_1.*hcaHandles' '.linux.resources.rdma = {mlx5_1: {}}'
refused "RRD-02 no integer" '/linux/resources/rdma/mlx5_1/hcaHandles \(line [0-9]+\): expected' '.linux.resources.rdma = {mlx5_1: {hcaHandles: "3"}}'

# unified: the v2 tree, beside v1 here or alone
if v2_has hugetlb; then
	pid=$(created unified ".linux.resources.unified = {\"hugetlb.2MB.max\": \"2097152\", \"cgroup.max.depth\": \"7\"} |
		.linux.cgroupsPath = \"/$PREFIX-uni/a/b\"")
	cgroup=$(of hugetlb "$pid")
	check_equal "RUN-01 unified: a key is a file" 2097152 "$(cat "$cgroup/hugetlb.2MB.max" 2>&1)"
	check_equal "RUN-03 ...any file, known or not" 7 "$(cat "$cgroup/cgroup.max.depth" 2>&1)"
	check_equal "RUN-02 ...its controller is enabled on the way" "1 1" \
		"$(grep -cw hugetlb "${cgroup%/*}/cgroup.subtree_control" "${cgroup%/*/*}/cgroup.subtree_control" | sed 's/.*://' | xargs)"
	runtime delete --force "$PREFIX-unified"
	remove_parents "/$PREFIX-uni/a"
else
	skip "RUN-01 RUN-02 RUN-03 unified" "needs a v2 tree with a controller"
fi
refused "RUN-04 a controller that is not there" '/linux/resources/unified/nosuch.max.*nosuch' '.linux.resources.unified = {"nosuch.max": "1"}'
refused "RUN-04 a key that is no file name" '/linux/resources/unified' '.linux.resources.unified = {"../pids.max": "1"}'
conformance_end
