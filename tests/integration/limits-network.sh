#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# linux.resources.network by its effect on packets. Few hosts mount v1's net_cls and net_prio: the suite does, in a mount
# namespace of its own. All traffic is on loopback devices.
. "$(dirname "$0")/../lib/harness.sh"
if [ -z "${IN_MOUNT_NAMESPACE:-}" ]; then
	IN_MOUNT_NAMESPACE=1 unshare --mount --propagation private true 2>/dev/null &&
		IN_MOUNT_NAMESPACE=1 exec unshare --mount --propagation private "$0"
	skip "RNW-01 network.classID" "no mount namespace can be made here"
	suite_end
fi
suite_begin
hierarchy=$WORK/net
mkdir "$hierarchy"
own=true
# A hierarchy of before may not have gone altogether.
if v1_has net_cls && v1_has net_prio; then
	own=false
	mount --bind /sys/fs/cgroup/net_cls "$hierarchy"
elif ! grep -q ^net_prio /proc/cgroups || ! wait_until 3 mount -t cgroup -o net_cls,net_prio cgroup "$hierarchy"; then
	skip "RNW-01 network.classID" "the kernel has no net_cls and net_prio that could be mounted"
	suite_end
fi
for tool in ip iptables; do
	command -v $tool >/dev/null && continue
	skip "RNW-01 network.classID" "there is no $tool command"
	suite_end
done
before=$(snapshot)
id=$PREFIX-net

check_match "MNT-08 controllers mounted together, in a cgroup namespace" "^cgroup /sys/fs/cgroup/[^ ]* cgroup .*net_cls" \
	"$(run_in '.linux.namespaces |= (map(select(.type != "cgroup")) + [{type: "cgroup"}])' 'grep net_cls /proc/mounts' 2>&1)"

# The namespace, and commands in it.
unshare --net sleep 1000 &
holder=$!
# shellcheck disable=SC2016
wait_until 5 eval '[ "$(readlink /proc/$holder/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
in_net()
{
	nsenter --net=/proc/$holder/ns/net "$@"
}
joined="(.linux.namespaces[] | select(.type == \"network\")).path = \"/proc/$holder/ns/net\""
in_net ip link set lo up

# A packet's class is that of its socket's maker: 1:10 is 0x10010.
class=65552
# sent NETWORK: how many packets of that class, by the namespace's count, a container with these limits sends
sent()
{
	local dir

	in_net iptables -Z OUTPUT
	dir=$(bundle sent "$joined | .linux.resources.network = $1 | .process.args = [\"sh\", \"-c\", \"wget -q -O - http://127.0.0.1:9/; true\"]")
	runtime run -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
	grep level=error "$WORK/log"
	in_net iptables -nvxL OUTPUT | awk '$0 ~ "cgroup" { print ($1 > 0 ? "some" : "none") }'
}
if in_net iptables -A OUTPUT -m cgroup --cgroup $class 2>"$WORK/log"; then
	check_equal "RNW-01 network.classID: packets are of that class" some "$(sent "{classID: $class}")"
	check_equal "RNW-01 ...and not of another" none "$(sent "{classID: $((class + 1))}")"
	check_equal "RNW-01 ...nor without one" none "$(sent '{}')"
	check_equal "RNW-01 ...or with 0" none "$(sent '{classID: 0}')"
	in_net iptables -F OUTPUT
else
	skip "RNW-01 network.classID by its effect" "iptables has no match for it here: $(head -n 1 "$WORK/log")"
fi

# A priority is what a packet has that leaves by that device. The kernel takes the name for one of the initial network
# namespace: ours, if it finds a device of ours.
device=silo$$
ip link add $device type veth peer name $device-x 2>/dev/null
mkdir "$hierarchy/$PREFIX-probe"
found=false
! echo "$device 1" 2>/dev/null >"$hierarchy/$PREFIX-probe/net_prio.ifpriomap" || found=true
rmdir "$hierarchy/$PREFIX-probe"
ip link delete $device 2>/dev/null
out=$(run_in ".linux.resources.network.priorities = [{name: \"$device\", priority: 1}]" true)
check_match "RNW-02 network.priorities: a device that the kernel does not find is named" \
	"/linux/resources/network/priorities.*$device.*No such device" "$out"
# prioritised PRIORITIES: the priority of a datagram that a container with these sends, in our own network namespace
port=$((20000 + $$ % 10000))
prioritised()
{
	run_in ".linux.namespaces |= map(select(.type != \"network\")) | .linux.resources.network = {priorities: $1}" \
		"/bin/datagram $port" >"$WORK/log" 2>&1 || cat "$WORK/log"
}
if ! "${CC:-cc}" -O1 -static -o "$WORK/rootfs/bin/datagram" "$(dirname "$0")/helpers/datagram.c"; then
	fail "the helper compiles"
elif ! $found; then
	skip "RNW-02 network.priorities by its effect" "this is not the initial network namespace"
else
	"$WORK/rootfs/bin/datagram" -l $port >"$WORK/priorities" &
	receiver=$!
	wait_until 10 test -s "$WORK/priorities"
	if grep -q ready "$WORK/priorities"; then
		prioritised '[{name: "lo", priority: 5}]'
		prioritised '[]'
		wait_until 10 eval '[ "$(wc -l <"$WORK/priorities")" -eq 3 ]'
		check_equal "RNW-02 network.priorities: packets have that priority, others' not" "ready 5 0" "$(xargs <"$WORK/priorities")"
		kill $receiver 2>/dev/null
	else
		skip "RNW-02 network.priorities by its effect" "the kernel does not tell a packet's priority: $(cat "$WORK/priorities")"
	fi
	wait $receiver 2>/dev/null
fi
kill $holder
wait $holder 2>/dev/null
check_unchanged "nothing is left behind" "$before"
check_equal "...in these hierarchies either" "" "$(find "$hierarchy" -mindepth 1 -type d -name "*$PREFIX*")"

# A hierarchy goes with its last mount if no cgroup is in it; one that was just removed still counts for a while. What
# stays would be in everybody's /proc/self/cgroup, and containerd gives no metrics when it knows no mount of one.
gone()
{
	umount "$hierarchy"
	SILO_TIME_FACTOR=1 wait_until 2 eval '! grep -q net_cls /proc/self/cgroup' && return
	mount -t cgroup -o net_cls,net_prio cgroup "$hierarchy"
	return 1
}
if $own; then
	check "...and no hierarchy" wait_until 30 gone
fi
suite_end
