#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a process finds inside: each part of the config, seen from within the container.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)

# inside NAME EXPECTED FILTER COMMAND: COMMAND's output in a container is EXPECTED.
inside()
{
	check_equal "$1" "$2" "$(run_in "$3" "$4")"
}

inside_match()
{
	check_match "$1" "$2" "$(run_in "$3" "$4")"
}

# Namespaces: new ones differ from ours; joined by path, they are the holder's.
unshare -muinp --fork sleep 1000 </dev/null >/dev/null 2>&1 &
unshare_pid=$!
wait_until 5 pgrep -P "$unshare_pid"
holder=$(pgrep -P "$unshare_pid")
for pair in pid:pid network:net ipc:ipc uts:uts cgroup:cgroup mount:mnt; do
	type=${pair%:*} link=${pair#*:}
	outside=$(readlink "/proc/self/ns/$link")
	got=$(run_in ".linux.namespaces |= (map(select(.type != \"$type\")) + [{type: \"$type\"}])" \
		"readlink /proc/self/ns/$link")
	check_match "namespace $type: one is made" "^$link:\[[0-9]+\]$" "$got"
	if [ "$got" = "$outside" ]; then
		fail "namespace $type: it is not ours"
	else
		pass "namespace $type: it is not ours"
	fi
done
for pair in network:net ipc:ipc uts:uts; do
	type=${pair%:*} link=${pair#*:}
	inside "namespace $type: joined by path" "$(readlink "/proc/$holder/ns/$link")" "del(.hostname) |
		.linux.namespaces |= (map(select(.type != \"$type\")) +
		[{type: \"$type\", path: \"/proc/$holder/ns/$link\"}])" "readlink /proc/self/ns/$link"
done
kill -KILL "$holder"
wait "$unshare_pid" 2>/dev/null
inside "namespace not listed: ours" "$(readlink /proc/self/ns/ipc)" \
	'.linux.namespaces |= map(select(.type != "ipc"))' 'readlink /proc/self/ns/ipc'

# Root file system and mounts
inside "root.readonly: a write is refused" refused '.root.readonly = true' \
	'touch /made 2>/dev/null || echo refused'
echo "of the bundle" >"$WORK/rootfs/marker"
inside "root is the bundle's" "of the bundle" . 'cat /marker'
for option in ro nosuid nodev noexec noatime nodiratime relatime strictatime; do
	pattern=" /mnt [^-]*\\b$option\\b"
	# strictatime is the absence of the other two in mountinfo.
	[ "$option" != strictatime ] || pattern=' /mnt rw(,no[a-z]+)* - '
	inside_match "mount option $option" "$pattern" ".mounts += [{destination: \"/mnt\",
		type: \"tmpfs\", source: \"tmpfs\", options: [\"$option\"]}]" 'cat /proc/self/mountinfo'
done
inside_match "mount data size=, mode=" ' /mnt .*size=64k.*mode=711' '.mounts += [{destination: "/mnt",
	type: "tmpfs", source: "tmpfs", options: ["size=64k", "mode=711"]}]' 'cat /proc/self/mountinfo'
mkdir -p "$WORK/source"
echo content >"$WORK/source/file"
for option in bind rbind; do
	inside "$option mount" content ".mounts += [{destination: \"/mnt\", type: \"none\",
		source: \"$WORK/source\", options: [\"$option\"]}]" 'cat /mnt/file'
done
inside "bind mount, ro" refused ".mounts += [{destination: \"/mnt\", type: \"none\",
	source: \"$WORK/source\", options: [\"bind\", \"ro\"]}]" 'touch /mnt/x 2>/dev/null || echo refused'
# Podman's containers that are read-only altogether: the kernel makes nothing in a read-only /dev.
read_only_dev='.root.readonly = true | (.mounts[] | select(.destination == "/dev") | .options) += ["ro"]'
inside "/dev, ro: refused" refused "$read_only_dev" 'touch /dev/x 2>/dev/null || echo refused'
inside "/dev, ro: devices, links and what is mounted below are there" ok "$read_only_dev" \
	'[ -c /dev/null ] && [ -c /dev/pts/ptmx ] && [ -L /dev/fd ] && touch /dev/shm/x && echo x >/dev/null && echo ok'
inside "tmpfs, ro, with one that is not below it" "refused written" '.mounts += [{destination: "/mnt", type: "tmpfs", source: "tmpfs",
	options: ["ro"]}, {destination: "/mnt/below", type: "tmpfs", source: "tmpfs"}]' \
	'echo $(touch /mnt/x 2>/dev/null || echo refused) $(touch /mnt/below/x && echo written)'
inside "empty mount option" content ".mounts += [{destination: \"/mnt\", type: \"bind\",
	source: \"$WORK/source\", options: [\"rbind\", \"\"]}]" 'cat /mnt/file'
inside "empty mount option, tmpfs" ok '.mounts += [{destination: "/mnt", type: "tmpfs",
	source: "tmpfs", options: [""]}]' 'echo ok'
# Where no sysfs may be mounted the host's is bound, and the caller's own cgroups with it (CVE-2023-25809).
own=$(dirname -- "$(sed -n 's/^0:://p' /proc/self/cgroup)")
inside "a sysfs does not give the caller's cgroups" "done" 'del(.linux.namespaces[] | select(.type == "network")) |
	del(.mounts[] | select(.type == "cgroup"))' "mkdir '/sys/fs/cgroup$own/$PREFIX-made' 2>/dev/null && echo made; echo done"
rmdir "/sys/fs/cgroup$own/$PREFIX-made" 2>/dev/null
for propagation in shared:shared: slave: private: unbindable:unbindable; do
	inside_match "propagation ${propagation%%:*}" " /mnt .* ${propagation#*:}" ".mounts += [{
		destination: \"/mnt\", type: \"tmpfs\", source: \"tmpfs\",
		options: [\"${propagation%%:*}\"]}]" 'cat /proc/self/mountinfo'
done

# Devices
inside "default devices" "1:3 1:5 1:7 5:0 1:8 1:9" . \
	'cd /dev && echo $(for d in null zero full tty random urandom; do
		echo $((0x$(stat -c %t $d))):$((0x$(stat -c %T $d))); done)'
inside "default links" "/proc/self/fd /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2" . \
	'cd /dev && echo $(for l in fd stdin stdout stderr; do readlink $l; done)'
inside "listed device: numbers, mode, owner" "character special file 1:3 640 7:8" '.linux.devices = [{
	path: "/dev/mine", type: "c", major: 1, minor: 3, fileMode: 416, uid: 7, gid: 8}]' \
	'stat -c "%F %t:%T %a %u:%g" /dev/mine'

# Masked and read-only paths
inside "masked file is empty" 0 '.linux.maskedPaths = ["/proc/version"]' 'wc -c </proc/version'
inside "masked directory is empty" "" '.linux.maskedPaths = ["/etc"]' 'ls -A /etc'
inside "read-only path" refused '.linux.readonlyPaths = ["/tmp"]' 'touch /tmp/x 2>/dev/null || echo refused'

# Process
inside "hostname" box '.hostname = "box"' hostname
inside "domainname" realm '.domainname = "realm"' 'cat /proc/sys/kernel/domainname'
inside "sysctl" 4242 '.linux.sysctl = {"net.ipv4.ip_default_ttl": "42", "kernel.shmmni": "4242"}' \
	'cat /proc/sys/kernel/shmmni'
inside "rlimit" "100 200" '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}]' \
	'echo $(ulimit -Sn) $(ulimit -Hn)'
inside "user and groups" "1000 1000 500 600" '.process.user = {uid: 1000, gid: 1000,
	additionalGids: [500, 600]}' \
	'echo $(id -u) $(id -g) $(awk "/^Groups/ { print \$2, \$3 }" /proc/self/status)'
inside "umask" 0027 '.process.user.umask = 23' umask
inside "cwd" /var/tmp '.process.cwd = "/var/tmp"' pwd
inside "env" "a value" '.process.env += ["MINE=a value"]' 'echo "$MINE"'
inside "oom_score_adj" 321 '.process.oomScoreAdj = 321' 'cat /proc/self/oom_score_adj'
if sh -c 'echo -999 >/proc/self/oom_score_adj' 2>/dev/null; then
	skip "PSL-04 an oom_score_adj that may not be set says why" "CAP_SYS_RESOURCE is there"
else
	check_match "PSL-04 an oom_score_adj that may not be set says why" \
		'/process/oomScoreAdj \(line [0-9]+\): .*Permission denied.*CAP_SYS_RESOURCE' \
		"$(run_in '.process.oomScoreAdj = -999' 'true')"
fi
inside "no_new_privs" 1 '.process.noNewPrivileges = true' \
	'awk "/^NoNewPrivs/ { print \$2 }" /proc/self/status'
inside "no_new_privs off" 0 '.process.noNewPrivileges = false' \
	'awk "/^NoNewPrivs/ { print \$2 }" /proc/self/status'
# CAP_CHOWN is bit 0, CAP_KILL 5, CAP_NET_BIND_SERVICE 10. For a user other than root, execve
# leaves the ambient set in the permitted and effective ones (capabilities(7)).
inside "five capability sets" "0000000000000020 0000000000000020 0000000000000020 0000000000000421 0000000000000020" \
	'.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {
	bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_BIND_SERVICE"], inheritable: ["CAP_KILL"],
	permitted: ["CAP_KILL"], effective: ["CAP_KILL"], ambient: ["CAP_KILL"]}' \
	'echo $(awk "/^Cap/ { print \$2 }" /proc/self/status)'

# Seccomp
inside "seccomp: errno" "mkdir: can't create directory '/tmp/d': Protocol wrong type for socket" \
	'.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"],
	action: "SCMP_ACT_ERRNO", errnoRet: 91}]}' 'mkdir /tmp/d'
inside "seccomp: kill" 159 '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{
	names: ["mkdir", "mkdirat"], action: "SCMP_ACT_KILL_PROCESS"}]}' \
	'exec 2>/dev/null; mkdir /tmp/d; echo $?'

# Annotations
noted=$(bundle noted '.annotations = {"org.example.key": "its value"}')
runtime create -b "$noted" "$PREFIX-noted" >"$WORK/log" 2>&1 </dev/null
check_equal "annotations are in the state" "its value" \
	"$(runtime state "$PREFIX-noted" | jq -r '.annotations["org.example.key"]')"
runtime delete --force "$PREFIX-noted"
check_unchanged "nothing left" "$before"
suite_end
