#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# linux.netDevices: devices of a network namespace of the suite's own, moved into containers.
. "$(dirname "$0")/../lib/harness.sh"
if [ -z "${IN_NETWORK_NAMESPACE:-}" ]; then
	IN_NETWORK_NAMESPACE=1 unshare --net true 2>/dev/null &&
		IN_NETWORK_NAMESPACE=1 exec unshare --net "$0"
	skip "linux.netDevices" "no network namespace can be made here"
	suite_end
fi
suite_begin
if ! command -v ip >/dev/null; then
	skip "linux.netDevices" "there is no ip command (iproute2)"
	suite_end
fi
ip link set lo up

# device NAME: an end of a veth pair, whose other end stays outside; with addresses, up.
device()
{
	ip link add "$1" type veth peer name "peer-$1" || return 1
	ip link set "peer-$1" up
	ip address add 192.0.2.7/24 broadcast 192.0.2.99 dev "$1" label "$1:x"
	ip address add 198.51.100.1/32 dev "$1"
	ip address add 203.0.113.1 peer 203.0.113.9/32 dev "$1" metric 77
	ip address add 192.0.2.17/24 dev "$1"
	ip address add 2001:db8::7/64 dev "$1" nodad
	ip address add 2001:db8:1::7 peer 2001:db8:1::9/128 dev "$1" nodad noprefixroute
	ip address add 2001:db8:2::7/64 dev "$1" nodad metric 99
	ip address add 169.254.1.1/16 scope link dev "$1"
	ip link set "$1" mtu 1400 address 02:00:00:00:00:07 up
}
# ended NAME: the device and its peer are no more; the kernel ends a namespace some time after its last process.
ended()
{
	wait_until 20 eval "! ip link show dev peer-$1"
}
# device_state NAME: all that a failed create must not change; of addresses the order, too: the first is what others are sent.
device_state()
{
	ip -o address show dev "$1" scope global 2>&1 | sed 's/^[0-9]*: //'
	ip -o link show dev "$1" 2>&1 | grep -o '[<,]UP[,>]\|mtu [0-9]*\|link/ether [0-9a-f:]*'
}
if ! device eth7 2>/dev/null; then
	skip "linux.netDevices" "no veth device can be made here"
	suite_end
fi

# with DEVICES COMMAND [FILTER]: what a container with these netDevices prints.
with()
{
	run_in ".linux.netDevices = $1 | ${3:-.}" "$2"
}

# The kernel tells of the carrier a moment after the device is set up.
out=$(with '{"eth7": {}}' 'ip address show dev eth7; i=0
	until grep up /sys/class/net/eth7/operstate || [ $i -eq 100 ]; do sleep 0.1; i=$((i + 1)); done')
check_match "NET-01 the device is in the container" 'eth7' "$out"
check_match "NET-05 its address, broadcast address and label" \
	'inet 192.0.2.7/24 brd 192.0.2.99 scope global eth7:x' "$out"
check_match "NET-05 its second address" 'inet 198.51.100.1/32 scope global eth7' "$out"
check_match "NET-05 its IPv6 address" 'inet6 2001:db8::7/64 scope global' "$out"
check_match "NET-05 its address of a peer" 'inet 203.0.113.1 peer 203.0.113.9/32 scope global eth7' "$out"
check_match "NET-05 its secondary address" 'inet 192.0.2.17/24 scope global secondary eth7' "$out"
check_equal "NET-05 the order of its addresses" "192.0.2.7/24 198.51.100.1/32 203.0.113.1 192.0.2.17/24 2001:db8:2::7/64 2001:db8:1::7/128 2001:db8::7/64" \
	"$(sed -n 's/^ *inet6* \([^f][^ ]*\) .*/\1/p' <<<"$out" | xargs)"
check_equal "NET-05 not its address of link scope" "" "$(grep 169.254 <<<"$out")"
check_match "NET-05 its MTU" 'mtu 1400 ' "$out"
check_match "NET-05 its hardware address" 'link/ether 02:00:00:00:00:07 ' "$out"
check_match "NET-06 it is up" '^up$' "$out"
check_equal "NET-07 nothing else is set on it" "inet inet inet inet inet6 inet6 inet6" \
	"$(grep -o 'inet6* [^f]' <<<"$out" | cut -d ' ' -f 1 | paste -sd ' ')"
check "NET-08 a virtual device ends with the namespace" ended eth7

device eth7
out=$(with '{"eth7": {}}' 'ip route show; ip link set eth7 down; ip address del 192.0.2.7/24 dev eth7; sleep 1; ip address show dev eth7' \
	'.process.capabilities |= map_values(["CAP_NET_ADMIN"])')
check_equal "NET-07 no routes but those of its own networks" "192.0.2.0/24 203.0.113.9" "$(sed -n 's/^\([^ ]*\) dev eth7.*/\1/p' <<<"$out" | xargs)"
check_equal "NET-07 no route by a gateway" "" "$(grep 'default\|via' <<<"$out")"
check_match "NET-07 what the container takes down stays down" 'eth7@?[^ ]*: <BROADCAST,MULTICAST[^>]*> ' "$out"
check_equal "NET-07 ..." "" "$(grep 'eth7.*[<,]UP[,>]' <<<"$out")"
check_equal "NET-07 an address that the container removes stays removed" "198.51.100.1/32 203.0.113.1" \
	"$(sed -n 's/^ *inet \([^ ]*\) .*/\1/p' <<<"$out" | xargs)"
ended eth7

device eth7
out=$(with '{"eth7": {"name": "inside0"}}' 'ip address show dev inside0; ls /sys/class/net')
check_match "NET-02 another name inside" 'inside0' "$out"
check_match "NET-02 labels go with the name" 'scope global inside0:x' "$out"
check_equal "NET-02 the name outside is not there" "" "$(grep eth7 <<<"$out")"
ended eth7

# Names: templates, names in use in a namespace that is joined, with two devices at once.
device eth7
device eth8
out=$(with '{"eth7": {"name": "net%d"}, "eth8": {"name": "net%d"}}' 'ls /sys/class/net | tr "\n" " "')
check_equal "NET-04 a template" "lo net0 net1 " "$out"
ended eth7
ended eth8
unshare --net sleep 1000 &
holder=$!
# shellcheck disable=SC2016
wait_until 5 eval '[ "$(readlink /proc/$holder/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
joined="(.linux.namespaces[] | select(.type == \"network\")).path = \"/proc/$holder/ns/net\""
nsenter --net=/proc/$holder/ns/net ip link add net1 type veth peer name taken
device eth7
state=$(device_state eth7)
for name in net1 taken; do
	out=$(with "{\"eth7\": {\"name\": \"$name\"}}" true "$joined")
	check_match "NET-04 a name in use ($name)" 'File exists' "$out"
	check_equal "NET-04 ...and the device is as it was" "$state" "$(device_state eth7)"
done
out=$(with '{"eth7": {"name": "net%d"}}' 'ls /sys/class/net | tr "\n" " "' "$joined")
check_equal "NET-04 a template where some are in use" "lo net0 net1 taken " "$out"
check "NET-08 a device is not moved back from a joined namespace" \
	nsenter --net=/proc/$holder/ns/net ip link show dev net0
# The name outside is taken inside: the kernel takes the new one at once.
nsenter --net=/proc/$holder/ns/net ip link set taken name eth8
device eth8
check_match "NET-04 the name outside is in use inside" 'inet 192.0.2.7/24 .*moved8' \
	"$(with '{"eth8": {"name": "moved8"}}' 'ip address show dev moved8' "$joined")"
kill "$holder"
wait "$holder" 2>/dev/null
ended eth7
ended eth8

# Failure after the move, and of the second of two devices: all is as it was.
device eth7
device eth8
ip link set eth8 down
state7=$(device_state eth7) state8=$(device_state eth8) before=$(snapshot)
for devices in '{"eth7": {"name": "a%d"}, "eth8": {"name": "b"}, "nosuch": {}}' '{"eth7": {}, "eth8": {"name": "lo"}}'; do
	check_refused "NET-03 one of several cannot be moved" \
		runtime create -b "$(bundle bad ".linux.netDevices = $devices")" "$PREFIX-net"
	check_equal "GEN-10 ...eth7 is as it was" "$state7" "$(device_state eth7)"
	check_equal "GEN-10 ...eth8 is as it was" "$state8" "$(device_state eth8)"
done
check_refused "NET-01 a later step fails" runtime create -b "$(bundle bad '.linux.netDevices = {"eth7": {"name":
	"inside"}, "eth8": {}} | .process.args = ["/no/such/program"]')" "$PREFIX-net"
check_equal "GEN-10 ...eth7 is as it was" "$state7" "$(device_state eth7)"
check_equal "GEN-10 ...eth8 is as it was" "$state8" "$(device_state eth8)"
check_unchanged "GEN-10 nothing left" "$before"

# Start fails: the devices have been in the container meanwhile, which may even have changed their addresses.
hook='.hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c", "ip address add 192.0.2.8/24 dev inside; exit 1"]}] |
	.process.capabilities |= map_values(["CAP_NET_ADMIN"])'
dir=$(bundle failing ".linux.netDevices = {\"eth7\": {\"name\": \"inside\"}, \"eth8\": {\"name\": \"n%d\"}} | $hook")
check "NET-01 create" runtime create -b "$dir" "$PREFIX-net"
check_refused "NET-01 ...the device is away" ip link show dev eth7
check_refused "LIF-07 start fails" runtime start "$PREFIX-net"
check_match "GEN-10 ...eth7 is back, with what the container gave it" 'inet 192.0.2.8/24 ' "$(ip -o address show dev eth7)"
ip address del 192.0.2.8/24 dev eth7
check_equal "GEN-10 ...and else as it was" "$state7" "$(device_state eth7)"
check_equal "GEN-10 ...eth8 is as it was" "$state8" "$(device_state eth8)"
check_unchanged "GEN-10 nothing left" "$before"
# IPv6 takes its addresses from a device that is set down.
hook='.hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c", "ip address del 198.51.100.1/32 dev inside; ip link set inside down; exit 1"]}] |
	.process.capabilities |= map_values(["CAP_NET_ADMIN"])'
dir=$(bundle failing ".linux.netDevices = {\"eth7\": {\"name\": \"inside\"}} | $hook")
runtime create -b "$dir" "$PREFIX-net" >/dev/null 2>&1 </dev/null
check_refused "NET-01 start fails, and the container has taken addresses from the device" runtime start "$PREFIX-net"
check_equal "GEN-10 ...it has them again" "$(sort <<<"$state7")" "$(device_state eth7 | sort)"
hook='.hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c", "ip link set inside down; ip link set inside name other; exit 1"]}] |
	.process.capabilities |= map_values(["CAP_NET_ADMIN"])'
dir=$(bundle failing ".linux.netDevices = {\"eth7\": {\"name\": \"inside\"}, \"eth8\": {}} | $hook")
runtime create -b "$dir" "$PREFIX-net" >/dev/null 2>&1 </dev/null
check_match "NET-01 start fails, and a device has another name meanwhile: it is named" \
	'level=warning.*find network device inside in the container again' "$(runtime start "$PREFIX-net" 2>&1)"
check_equal "GEN-10 ...the other one is as it was" "$state8" "$(device_state eth8)"
ended eth7
device eth7
hook='.hooks.startContainer = [{path: "/bin/false"}]'
check_refused "NET-01 run fails at its end" runtime run -b "$(bundle failing ".linux.netDevices = {\"eth7\": {\"name\": \"inside\"}} | $hook")" "$PREFIX-net"
check_equal "GEN-10 ...eth7 is as it was" "$state7" "$(device_state eth7)"
hook='.hooks.poststart = [{path: "/bin/false"}]'
dir=$(bundle failing ".linux.netDevices = {\"eth8\": {}} | $hook")
runtime create -b "$dir" "$PREFIX-net" >/dev/null 2>&1 </dev/null
check_refused "LIF-09 a poststart hook fails" runtime start "$PREFIX-net"
check "NET-08 ...the process had begun: the device ends with the namespace" ended eth8
check_unchanged "GEN-10 nothing left" "$before"
device eth8
ip link set eth8 down

# A runtime that is killed before the container is made: init and its namespace end, the devices do not.
# shellcheck disable=SC2016
for command in create run; do
	runtime "$command" -b "$(bundle killed '.linux.netDevices = {"eth7": {"name": "inside"}, "eth8": {"name": "n%d"}} |
		.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "kill -KILL $PPID"]}]')" "$PREFIX-net" >/dev/null 2>&1 </dev/null
	check_equal "GEN-10 $command is killed by its hook" 137 $?
	check "GEN-10 ...eth7 is moved back as it was" wait_until 10 eval '[ "$(device_state eth7)" = "$state7" ]'
	check "GEN-10 ...eth8 is moved back as it was" wait_until 10 eval '[ "$(device_state eth8)" = "$state8" ]'
	check "GEN-10 ...delete --force succeeds" runtime delete --force "$PREFIX-net"
	check_unchanged "GEN-10 ...nothing left" "$before"
done
# One that is killed when it has been made: they are the container's.
dir=$(bundle given '.linux.netDevices = {"eth7": {}} | .process.args = ["sleep", "100"]')
check "NET-08 a device is given to a container" runtime create -b "$dir" "$PREFIX-net"
sleep 3 # longer than whoever moves devices back would wait
check_refused "NET-08 ...and stays there when the runtime has ended" ip link show dev eth7
runtime delete --force "$PREFIX-net"
ended eth7
device eth7
state7=$(device_state eth7) before=$(snapshot)

# What cannot be
# refused NAME FILTER REGEX
refused()
{
	local dir out status=0

	dir=$(bundle refused "$2")
	# shellcheck disable=SC2153
	out=$(timeout 20 "$RUNTIME" --root "$STATE" create -b "$dir" "$PREFIX-net" 2>&1 </dev/null) || status=$?
	check_match "$1" "$3" "$status $out"
	check_equal "...eth7 is as it was" "$state7" "$(device_state eth7)"
}
refused "NET-03 without a network namespace" '.linux.netDevices = {"eth7": {}} |
	.linux.namespaces |= map(select(.type != "network"))' '^1 .*network namespace'
refused "NET-03 the network namespace is the host's" '.linux.netDevices = {"eth7": {}} |
	(.linux.namespaces[] | select(.type == "network")).path = "/proc/self/ns/net"' "^1 .*runtime's own"
refused "NET-03 no such device" '.linux.netDevices = {"nosuch": {}}' '^1 .*nosuch.*No such device'
refused "NET-04 the same name for two" '.linux.netDevices = {"eth7": {"name": "x"}, "eth8": {"name": "x"}}' '^1 .*both'
refused "NET-02 name is a number" '.linux.netDevices = {"eth7": {"name": 7}}' '^1 .*name'
for name in "" . .. a/b a:b "a b" 'a\tb' sixteen-bytes-xx 'a%s' 'a%d%d' 'a%' '%%d' 'longname-xxxx%d%d'; do
	refused "NET-09 name '$name'" ".linux.netDevices = {\"eth7\": {\"name\": \"$name\"}}" \
		'^1 .*cannot be the name'
done
for name in a/b . sixteen-bytes-xx; do
	refused "NET-09 the host's name '$name'" ".linux.netDevices = {\"$name\": {}}" '^1 .*cannot be the name'
done
check_unchanged "nothing left at the end" "$before"
suite_end
