#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Namespaces and what belongs to them, devices, annotations (NS, UID, TIM, UTS, SYS, DEV, ANN).
. "$(dirname "$0")/../lib.sh"
conformance_begin
id=$PREFIX-isolation
links=(pid:pid network:net mount:mnt ipc:ipc uts:uts user:user cgroup:cgroup time:time)
# A user namespace's root owns this copy.
cp -a "$WORK/rootfs" "$WORK/rootfs-user" && chown -hR 5000:5000 "$WORK/rootfs-user"
user=".linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: 5000, size: 1000}] |
	.linux.gidMappings = .linux.uidMappings | .root.path += \"-user\""

# Every kind, new: another than ours; not listed: ours; joined: the holder's.
unshare -fmuinpCT --mount-proc sleep 1000 </dev/null >/dev/null 2>&1 &
outer=$!
wait_until 10 pgrep -P "$outer"
holder=$(pgrep -P "$outer")
for pair in "${links[@]}"; do
	type=${pair%:*} link=${pair#*:}
	ours=$(readlink "/proc/self/ns/$link")
	filter=".linux.namespaces |= (map(select(.type != \"$type\")) + [{type: \"$type\"}])"
	[ "$type" != user ] || filter=$user
	got=$(run_in "$filter" "readlink /proc/self/ns/$link")
	check_match "NS-02 NS-05 $type without a path is a new one" "^$link:" "$(grep -vxF "$ours" <<<"$got")"
	filter=".linux.namespaces |= map(select(.type != \"$type\")) | del(.hostname) |
		.mounts |= map(select(.type | IN(\"sysfs\", \"mqueue\", \"cgroup\") | not))"
	if [ "$type" = mount ]; then
		pid=$(created host "$filter | .mounts = [] | .linux.maskedPaths = [] | .linux.readonlyPaths = []")
		check_equal "NS-06 $type that is not listed is the runtime's" "$ours" "$(readlink "/proc/$pid/ns/$link")"
		runtime delete --force "$PREFIX-host"
	else
		inside "NS-06 $type that is not listed is the runtime's" "$ours" "$filter" "readlink /proc/self/ns/$link"
	fi
	[ "$type" != user ] || continue
	theirs=$(readlink "/proc/$holder/ns/$link")
	[ "$type" != pid ] || theirs=$(readlink "/proc/$holder/ns/pid_for_children")
	inside "NS-03 $type with a path is joined" "$theirs" "del(.hostname) |
		.linux.namespaces |= (map(select(.type != \"$type\")) + [{type: \"$type\", path: \"/proc/$holder/ns/$link\"}])" \
		"readlink /proc/self/ns/$link"
	refused "NS-04 $type: the path is a namespace of another type" "/linux/namespaces/[0-9]+.*$type" "del(.hostname) |
		.linux.namespaces |= (map(select(.type != \"$type\")) +
		[{type: \"$type\", path: \"/proc/$holder/ns/$([ "$type" = uts ] && echo ipc || echo uts)\"}])"
	refused "NS-07 $type is listed twice" '/linux/namespaces.*(twice|once)' ".linux.namespaces |=
		(map(select(.type != \"$type\")) + [{type: \"$type\"}, {type: \"$type\"}])"
done
inside "NS-08 a joined pid namespace: not process 1" other ".linux.namespaces |=
	(map(select(.type != \"pid\")) + [{type: \"pid\", path: \"/proc/$holder/ns/pid\"}])" \
	'[ "$(/probe process | sed -n "s/^pid //p")" = 1 ] || echo other'
kill -KILL "$holder"
wait "$outer" 2>/dev/null
refused "NS-02 an unknown type" '/linux/namespaces/[0-9]+/type \(line [0-9]+\): expected one of' '.linux.namespaces += [{type: "nosuch"}]'
refused "NS-02 type is absent" '/linux/namespaces/[0-9]+.*type.* is missing' '.linux.namespaces += [{}]'
refused "NS-03 a relative path" '/linux/namespaces/[0-9]+/path \(line [0-9]+\): .*absolute' \
	'.linux.namespaces |= map(if .type == "ipc" then .path = "ipc" else . end)'
refused "NS-03 a path that does not exist" '/linux/namespaces/[0-9]+/path.*/no/ns' \
	'.linux.namespaces |= map(if .type == "ipc" then .path = "/no/ns" else . end)'
refused "NS-04 a path that is no namespace" '/linux/namespaces/[0-9]+/path.*/etc/passwd' \
	'.linux.namespaces |= map(if .type == "ipc" then .path = "/etc/passwd" else . end)'

# User namespace
inside "UID-01 UID-02 the maps are those of the config" "0 5000 1000 0 5000 1000" "$user" \
	'cat /proc/self/uid_map /proc/self/gid_map | xargs'
inside "UID-02 several ranges" "0 5000 10 100 7000 20" "$user |
	.linux.uidMappings = [{containerID: 0, hostID: 5000, size: 10}, {containerID: 100, hostID: 7000, size: 20}]" \
	'cat /proc/self/uid_map | xargs'
inside "UID-02 a file of a mapped id" "0:0" "$user" 'stat -c %u:%g /bin/busybox'
check_equal "UID-03 the owners of the root file system are not changed" "" \
	"$(find "$WORK/rootfs-user" \! -uid 5000 \! -path '*/m*' | head -n 3)"
inside "UID-04 no mappings: the caller is root" "0 0 1" '.linux.namespaces += [{type: "user"}] |
	.mounts |= map(select(.type != "devpts"))' 'cat /proc/self/uid_map | xargs'
for member in containerID hostID size; do
	refused "UID-02 $member is absent" "/linux/uidMappings/0.*$member.* is missing" "$user | del(.linux.uidMappings[0].$member)"
done
refused "UID-04 mappings without a user namespace" '/linux/uidMappings.*user namespace' \
	'.linux.uidMappings = [{containerID: 0, hostID: 1, size: 1}]'
refused "UID-04 more than 340 mappings" '/linux/uidMappings.*340' \
	"$user | .linux.uidMappings = [range(341) | {containerID: ., hostID: (. + 5000), size: 1}]"

# Time namespace
now=$(awk '{ print int($1) }' /proc/uptime)
offsets=$(run_in '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {monotonic: {secs: 86400, nanosecs: 5},
	boottime: {secs: 172800}}' '/probe clocks')
mono=$(sed -n 's/^monotonic //p' <<<"$offsets") boot=$(sed -n 's/^boottime //p' <<<"$offsets")
check "TIM-01 TIM-02 monotonic is a day ahead" test "${mono:-0}" -ge $((now + 86400)) -a "${mono:-0}" -lt $((now + 86500))
check "TIM-01 TIM-02 boottime is two days ahead" test "${boot:-0}" -ge $((now + 172800)) -a "${boot:-0}" -lt $((now + 172900))
refused "TIM-01 SDX-11 another clock" '/linux/timeOffsets.*monotonic.*boottime' \
	'.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {realtime: {secs: 1}}'
refused "TIM-02 too many nanoseconds" '/linux/timeOffsets/boottime/nanosecs' \
	'.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {nanosecs: 1000000000}}'
refused "TIM-03 no time namespace" '/linux/timeOffsets.*time namespace' '.linux.timeOffsets = {boottime: {secs: 1}}'
refused "TIM-03 a clock that would be negative" '/linux/timeOffsets' \
	'.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {monotonic: {secs: -999999999}}'

# UTS
inside "UTS-01 hostname" box '.hostname = "box"' hostname
inside "UTS-02 domainname" realm '.domainname = "realm"' 'cat /proc/sys/kernel/domainname'
for name in hostname domainname; do
	refused "UTS-03 $name without a uts namespace" "/$name \\(line [0-9]+\\): .*uts namespace" \
		"del(.hostname) | .$name = \"x\" | .linux.namespaces |= map(select(.type != \"uts\"))"
done

# sysctl
for key in kernel.msgmax:4242:ipc kernel.msgmnb:4242:ipc kernel.msgmni:42:ipc kernel.shmall:4242:ipc kernel.shmmax:4242:ipc \
	kernel.shmmni:42:ipc kernel.shm_rmid_forced:1:ipc fs.mqueue.msg_max:11:ipc net.ipv4.ip_forward:1:network \
	kernel.domainname:realm:uts net/ipv4/ip_default_ttl:42:network net.ipv4.conf.lo.forwarding:1:network; do
	IFS=: read -r name value namespace <<<"$key"
	inside "SYS-01 SYS-02 $name" "$value" ".linux.sysctl = {\"$name\": \"$value\"}" "cat /proc/sys/$(tr . / <<<"$name")"
	refused "SYS-02 $name without its namespace" "/linux/sysctl/.*$namespace namespace" "del(.hostname) |
		.linux.sysctl = {\"$name\": \"$value\"} | .linux.namespaces |= map(select(.type != \"$namespace\"))"
done
inside "SYS-01 kernel.sem" "1 2 3 4" '.linux.sysctl = {"kernel.sem": "1 2 3 4"}' 'cat /proc/sys/kernel/sem | xargs'
for name in kernel.hostname kernel.core_pattern vm.swappiness kernel.shmmax/../core_pattern net..ipv4 ''; do
	refused "SYS-02 \"$name\"" '/linux/sysctl' ".linux.sysctl = {\"$name\": \"1\"}"
done
refused "SYS-01 a parameter that does not exist" '/linux/sysctl/net.ipv4.no_such' '.linux.sysctl = {"net.ipv4.no_such": "1"}'
refused "SYS-01 a value that the kernel refuses" '/linux/sysctl/net.ipv4.ip_default_ttl' '.linux.sysctl = {"net.ipv4.ip_default_ttl": "x"}'

# Devices
allow='.linux.resources.devices = [{allow: true, access: "rwm"}]'
# device JSON-MEMBERS: a filter for one device
device()
{
	echo "$allow | .linux.devices = [{$1}]"
}
inside "DEV-01 DEV-02 DEV-05 a character device (c)" "character special file 1:3 ok" \
	"$(device 'path: "/dev/mine", type: "c", major: 1, minor: 3')" 'echo "$(stat -c "%F %t:%T" /dev/mine) $(/probe open /dev/mine rw)"'
inside "DEV-02 ...or u" "character special file 1:5" "$(device 'path: "/dev/mine", type: "u", major: 1, minor: 5')" 'stat -c "%F %t:%T" /dev/mine'
inside "DEV-02 a block device (b)" "block special file 7:63" "$(device 'path: "/dev/mine", type: "b", major: 7, minor: 99')" 'stat -c "%F %t:%T" /dev/mine'
inside "DEV-02 DEV-05 a FIFO (p), without numbers" fifo "$(device 'path: "/dev/mine", type: "p"')" 'stat -c %F /dev/mine'
inside "DEV-03 outside of /dev" "1:3" "$(device 'path: "/srv/deep/null", type: "c", major: 1, minor: 3')" 'stat -c %t:%T /srv/deep/null'
inside "DEV-03 outside of a /dev that is bound" "1:3" "$(device 'path: "/srv/other", type: "c", major: 1, minor: 3') |
	.mounts |= [{destination: \"/proc\", type: \"proc\", source: \"proc\"}, {destination: \"/dev\", type: \"bind\", source: \"/dev\", options: [\"rbind\"]}]" \
	'stat -c %t:%T /srv/other'
inside "DEV-06 fileMode" 640 "$(device 'path: "/dev/mine", type: "c", major: 1, minor: 3, fileMode: 416')" 'stat -c %a /dev/mine'
inside "DEV-06 ...0666 by default" 666 "$(device 'path: "/dev/mine", type: "c", major: 1, minor: 3')" 'stat -c %a /dev/mine'
inside "DEV-07 uid and gid" 7:8 "$(device 'path: "/dev/mine", type: "c", major: 1, minor: 3, uid: 7, gid: 8')" 'stat -c %u:%g /dev/mine'
inside "DEV-07 ...0 by default" 0:0 "$(device 'path: "/dev/mine", type: "c", major: 1, minor: 3')" 'stat -c %u:%g /dev/mine'
inside "DEV-08 one device under two names" "1:3 1:3" "$allow | .linux.devices = [{path: \"/dev/one\", type: \"c\", major: 1, minor: 3},
	{path: \"/dev/two\", type: \"c\", major: 1, minor: 3}]" 'stat -c %t:%T /dev/one /dev/two | xargs'
inside "DEV-01 in a user namespace: bound" "1:3 ok" "$user | .linux.devices = [{path: \"/dev/null\", type: \"c\", major: 1, minor: 3}]" \
	'echo $(stat -c %t:%T /dev/null) $(/probe open /dev/null rw)'
# A node that is there already keeps its mode and owner: the host's, bound in a user namespace, or the image's. That is said
# where it makes a difference to what was asked for.
already='warning.*fileMode, uid and gid cannot be applied to a device node that is there already'
mknod -m 0640 "$WORK/node" c 1 3 && chown 5000:5007 "$WORK/node"
# bound MEMBERS: how often a container that is given the host's node says so, and what its mode and owner are
bound()
{
	run_in "$user | .linux.devices = [{path: \"$WORK/node\", type: \"c\", major: 1, minor: 3 $1}]" "stat -c %a:%u:%g $WORK/node" |
		sed "s/.*$already: .*/said/" | paste -sd ' '
}
check_equal "DEV-06 DEV-07 bound: as asked for" "640:0:7" "$(bound ', fileMode: 416, uid: 0, gid: 7')"
check_equal "DEV-06 bound: nothing asked for" "640:0:7" "$(bound '')"
check_equal "DEV-06 bound: fileMode is another" "said 640:0:7" "$(bound ', fileMode: 438')"
check_equal "DEV-07 bound: uid is another" "said 640:0:7" "$(bound ', uid: 1, gid: 7')"
check_equal "DEV-07 bound: gid is another" "said 640:0:7" "$(bound ', gid: 8')"
chmod 0666 "$WORK/node"
check_equal "DEV-07 bound: another owner makes no difference where all may do all" "666:0:7" "$(bound ', fileMode: 438, uid: 1, gid: 1')"
mkdir -p "$WORK/rootfs/srv" && mknod -m 0600 "$WORK/rootfs/srv/node" c 1 3
# imaged MEMBERS: the same for a node of the image's
imaged()
{
	run_in "$(device "path: \"/srv/node\", type: \"c\", major: 1, minor: 3 $1")" "stat -c %a:%u:%g /srv/node" |
		sed "s/.*$already: .*/said/" | paste -sd ' '
}
check_equal "DEV-04 DEV-06 in the image already: as asked for" "600:0:0" "$(imaged ', fileMode: 384, uid: 0, gid: 0')"
check_equal "DEV-04 DEV-06 in the image already: fileMode is another" "said 600:0:0" "$(imaged ', fileMode: 438')"
check_equal "DEV-04 DEV-07 in the image already: the owner is another" "said 600:0:0" "$(imaged ', uid: 7')"
echo plain >"$WORK/rootfs/file"
refused "DEV-04 another file is there already" '/linux/devices/0.*exists' "$(device 'path: "/file", type: "c", major: 1, minor: 3')"
refused "DEV-04 ...one of other numbers" '/linux/devices/1.*exists' "$allow | .linux.devices = [
	{path: \"/dev/one\", type: \"c\", major: 1, minor: 3}, {path: \"/dev/one\", type: \"c\", major: 1, minor: 5}]"
for type in a x ""; do
	refused "DEV-02 the type \"$type\"" '/linux/devices/0/type \(line [0-9]+\): expected one of' "$(device "path: \"/dev/x\", type: \"$type\", major: 1, minor: 3")"
done
refused "DEV-02 type is absent" '/linux/devices/0.*type.* is missing' "$(device 'path: "/dev/x", major: 1, minor: 3')"
refused "DEV-03 path is absent" '/linux/devices/0.*path.* is missing' "$(device 'type: "c", major: 1, minor: 3')"
refused "DEV-03 a relative path" '/linux/devices/0/path \(line [0-9]+\): .*absolute' "$(device 'path: "dev/x", type: "c", major: 1, minor: 3')"
for type in c b u; do
	refused "DEV-05 SDX-06 type $type without numbers" '/linux/devices/0.*major' "$(device "path: \"/dev/x\", type: \"$type\"")"
done
for number in major:-2 major:4096 minor:-1 minor:1048576; do
	refused "DEV-05 SDX-09 ${number/:/ }" "/linux/devices/0/${number%:*}" \
		"$(device 'path: "/dev/x", type: "c", major: 1, minor: 3') | .linux.devices[0].${number%:*} = ${number#*:}"
done
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
	IFS=: read -r name numbers <<<"$node"
	inside "DEV-09 /dev/$name is always there" "$numbers 666" 'del(.linux.devices)' "stat -c '%t:%T %a' /dev/$name"
done
inside "DEV-09 ...and works" "ok ok ok ok ok ENOSPC" 'del(.linux.devices)' \
	'echo $(for d in null zero full random urandom; do /probe open /dev/$d r; done) $( (echo x >/dev/full) 2>/dev/null || echo ENOSPC)'
bare='.mounts |= map(select(.destination | startswith("/dev") | not))'
inside "DEV-09 DEV-01 without a mount on /dev: in the root file system" "1:3 1:9 1:5 640" \
	"$bare | .linux.devices = [{path: \"/dev/mine\", type: \"c\", major: 1, minor: 5, fileMode: 416}]" \
	'echo $(stat -c %t:%T /dev/null /dev/urandom /dev/mine) $(stat -c %a /dev/mine)'
inside "DEV-09 DEV-04 ...where they may be already" "1:3 ok" "$bare" 'echo $(stat -c %t:%T /dev/null) $(/probe open /dev/null rw)'
inside "DEV-09 ...in a user namespace, bound" "1:3 ok" "$user | $bare" 'echo $(stat -c %t:%T /dev/null) $(/probe open /dev/null rw)'
inside "DEV-11 /dev/ptmx is the container's own devpts" "ok 5:2" . 'echo $(/probe open /dev/ptmx rw) $(stat -L -c %t:%T /dev/ptmx)'
inside "DEV-11 ...a terminal made there appears in /dev/pts" "pts/ptmx" . 'readlink /dev/ptmx'
inside "DEV-12 a device that is neither listed nor default cannot be opened" EPERM \
	'.linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", access: "m"}] |
	.process.capabilities |= map_values(. + ["CAP_MKNOD"])' 'mknod /dev/kmsg c 1 11; /probe open /dev/kmsg r'
refused "DEV-01 GEN-06 listed devices without a mount namespace" '/linux/devices.*mount namespace' \
	'{ociVersion, root: {path: .root.path}, process, linux: {namespaces: [{type: "pid"}],
	devices: [{path: "/dev/x", type: "c", major: 1, minor: 3}]}}'

# Annotations
dir=$(bundle noted '.annotations = {"org.example.key": "its value", "empty": "", "org.opencontainers.image.stopSignal": "SIGINT",
	"org.opencontainers.image.os": "linux", "undotted": "x"}')
check "ANN-01 ANN-03 ANN-04 annotations of every form are accepted" runtime create -b "$dir" "$id"
check_equal "ANN-06 ANN-01 ...and come back in the state" "its value,,SIGINT,linux,x" \
	"$(runtime state "$id" | jq -r '.annotations | [."org.example.key", .empty, ."org.opencontainers.image.stopSignal",
	."org.opencontainers.image.os", .undotted] | join(",")')"
runtime delete --force "$id"
for value in 7 true '["x"]' '{}'; do
	refused "ANN-01 the value $value" '/annotations/key \(line [0-9]+\): expected a string' ".annotations = {key: $value}"
done
refused "ANN-02 an empty key" '/annotations/? \(line [0-9]+\): .*empty' '.annotations = {"": "x"}'
accepted "ANN-06 an empty map" '.annotations = {}'
conformance_end
