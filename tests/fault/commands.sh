# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is swept: commands of the runtime, on configs that take all the ways there are. For tests/fault/run,
# and its workers, which source this. A command's name is that of the runtime's, and perhaps "-" and what is special.
COMMANDS=(create create-mapped create-joined create-net create-rdt create-volume create-user create-ranges create-hook create-v2 create-systemd
	start run run-detached run-terminal run-mapped run-user run-missing delete delete-stopped delete-user delete-rdt delete-v2 delete-many delete-systemd
	kill kill-all exec exec-terminal exec-user exec-rdt exec-process exec-stopped exec-v2 update update-resources update-v2 update-systemd
	mounts mounts-remove pause pause-v2 resume ps ps-json events state list)

# Everything that takes a path of its own on the host side or in init.
everything='.linux.resources.pids.limit = 100 | .linux.sysctl = {"net.ipv4.ip_forward": "1"}
	| .hooks = (["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]
		| map({key: ., value: [{path: "/bin/true"}]}) | from_entries)
	| .mounts += [{destination: "/data", type: "bind", source: "/usr/share", options: ["rbind", "ro"]},
		{destination: "/new/tmp", type: "tmpfs", source: "tmpfs", options: ["size=64k", "mode=750"]}]
	| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["kexec_load"], action: "SCMP_ACT_ERRNO"}]}'

NET_DEVICE=${FAULT_DEVICE:-}
user_id=4711 ranges_at=

# map HOST-ID SIZE: a filter for a user namespace.
map()
{
	echo ".linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: $1, size: $2}] |
		.linux.gidMappings = .linux.uidMappings"
}

# The container that stands beside, and those that are made and unmade.
bundles()
{
	# Each hook that runs leaves its name in the root file system.
	local reports='.process.args = ["sh", "/report"] | .root.path as $root | .hooks |= with_entries(.key as $name | .value = [{path: "/bin/sh",
		args: ["sh", "-c", "echo hook \($name) >>\(if $name == "startContainer" then "" else $root end)/hooks"]}])'
	cp "$here/report" "$WORK/rootfs/report"
	jq -n '{args: ["sh", "/report"], cwd: "/tmp", env: ["PATH=/bin"], user: {uid: 1000, gid: 1000, additionalGids: [500]}, noNewPrivileges: true,
		capabilities: {bounding: ["CAP_KILL"], permitted: ["CAP_KILL"]}, rlimits: [{type: "RLIMIT_NOFILE", hard: 64, soft: 64}]}' >"$WORK/process.json"
	echo '{"pids": {"limit": 40}, "devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 10, "minor": 200, "access": "rw"}]}' \
		>"$WORK/resources.json"
	echo '{"devices": [{"allow": true, "type": "c", "major": 10, "minor": 200, "access": "rw"}]}' >"$WORK/devices.json"
	jq -n '[{destination: "/added/tmp", type: "tmpfs", source: "tmpfs", options: ["ro", "nosuid"]},
		{destination: "/added/bind", type: "bind", source: "/usr/share", options: ["rbind", "ro"]}]' >"$WORK/mounts.json"
	quick=$(bundle quick "$everything | .process.args = [\"true\"]")
	sleeper=$(bundle sleeper "$everything | .process.args = [\"sleep\", \"100000\"]")
	reporting=$(bundle reporting "$everything | $reports")
	missing=$(bundle missing "$everything | .process.args = [\"/no/such/program\"]")
	hook=$(bundle hook "$everything | .process.args = [\"true\"] | .hooks.createRuntime += [{path: \"/bin/false\"}]")
	# Where v2 has no controllers.
	alone=$(bundle alone "$everything | .process.args = [\"sleep\", \"100000\"] | del(.linux.resources.pids)")
	# Init is born before it can be executed, and waits for its maps; what is mounted below a volume is locked for it, and what is
	# read-only and bound without what is mounted below.
	mkdir -p "$WORK/outer/inner" && mount -t tmpfs tmpfs "$WORK/outer/inner" && mkdir "$WORK/outer/inner/deep" &&
		mount -t tmpfs tmpfs "$WORK/outer/inner/deep" && mount -o remount,bind,ro "$WORK/outer/inner"
	mapped=$(bundle mapped "$(of_mapped) | .process.args = [\"true\"]")
	mapped_reporting=$(bundle mapped-reporting "$(of_mapped) | $reports")
	terminal=$(bundle terminal "$everything | .process.args = [\"true\"] | .process.terminal = true")
	# The device is moved with an address, under another name.
	net=$(bundle net "$everything | .process.args = [\"true\"] | .linux.netDevices = {\"$NET_DEVICE\": {name: \"inside\"}}")
	rdt=$(bundle rdt "$everything | .process.args = [\"sleep\", \"100000\"]
		| .linux.intelRdt = {schemata: [\"L3:0=f\"], enableMonitoring: true}")
	volume=$(bundle volume "$everything | .process.args = [\"true\"]
		| .mounts += [{destination: \"/mnt\", type: \"ext4\", source: \"$WORK/image\"}]")
	# The user has files of her own, and no cgroup.
	install -d -o $user_id -g $user_id "$WORK/user-state"
	make_busybox_rootfs "$WORK/user-rootfs" && cp "$here/report" "$WORK/user-rootfs/report" && chown -R $user_id:$user_id "$WORK/user-rootfs"
	user=$(bundle user "$(of_user) | $(map $user_id 1)")
	user_reporting=$(bundle user-reporting "$(of_user) | $reports | $(map $user_id 1)")
	# By newuidmap and newgidmap.
	ranges=$(bundle ranges "$(of_user) | $(map $user_id 1) | .linux.uidMappings += [{containerID: 1, hostID: ${ranges_at:-1}, size: 65535}] |
		.linux.gidMappings = .linux.uidMappings")
}

of_mapped()
{
	echo "$everything | $(map 0 65536) | .mounts += [{destination: \"/outer\", type: \"bind\", source: \"$WORK/outer\", options: [\"rbind\"]},
		{destination: \"/alone\", type: \"bind\", source: \"$WORK/outer/inner\", options: [\"bind\"]}]"
}

of_user()
{
	echo "$everything | .process.args = [\"sleep\", \"100000\"] | .root.path = \"$WORK/user-rootfs\" |
		del(.linux.resources) | (.mounts[] | select(.type == \"devpts\") | .options) -= [\"gid=5\"]"
}

# Init is born in namespaces of the neighbour's, and clones once more.
bundle_joined()
{
	local pid

	pid=$(runtime state "$PREFIX-neighbour" | jq .pid)
	joined=$(bundle joined "$everything | .process.args = [\"true\"] | (.linux.namespaces[] | select(.type == \"pid\" or
		.type == \"ipc\" or .type == \"network\")) |= (.path = \"/proc/$pid/ns/\" + ({pid: \"pid\", ipc: \"ipc\", network: \"net\"}[.type]))")
}

# provide: what some commands need besides; names that cannot be had here, with the reason, go to $unavailable.
declare -A unavailable=()
provide()
{
	if ip link add name "$NET_DEVICE" type veth peer name "p$NET_DEVICE" 2>/dev/null; then
		ip link delete "$NET_DEVICE"
	else
		unavailable[net]="no network device can be made here"
	fi
	ldd "$RUNTIME" 2>/dev/null | grep -q libc || unavailable[rdt]="the runtime is linked statically"
	fake_resctrl 'L3:0=fffff\n' || unavailable[rdt]="no compiler"
	truncate -s 8M "$WORK/image"
	{ mkfs.ext4 -q "$WORK/image" && losetup --find; } >/dev/null 2>&1 || unavailable[volume]="needs mkfs.ext4 and loop devices"
	# The helpers want one who has a name, and ids in /etc/subuid.
	if [ -n "${SILO_TEST_USER:-}" ] && test_user_make "$WORK" && command -v newuidmap >/dev/null; then
		user_id=$TEST_UID ranges_at=$(awk -F: -v user="$TEST_USER" '$1 == user { print $2; exit }' /etc/subuid)
	else
		unavailable[ranges]="needs useradd and newuidmap (Debian: package uidmap)"
	fi
	v2_view || unavailable[v2]="needs cgroup v1 and v2, and a mount namespace"
	[ -d /run/systemd/system ] || unavailable[systemd]="no systemd here"
}

# v2_view: a mount namespace in which the v2 tree is all there is of cgroups, and a process in it.
v2_view()
{
	[ ! -e /sys/fs/cgroup/cgroup.controllers ] || return 1
	# shellcheck disable=SC2016
	unshare --mount bash -c 'umount -R /sys/fs/cgroup && mount -t cgroup2 -o "$1" cgroup2 /sys/fs/cgroup && mount --make-rshared / &&
		touch "$2/v2-view" && exec sleep 1000000' - "$(v2_options)" "$WORK" >/dev/null 2>&1 &
	v2_holder=$!
	wait_until 30 [ -e "$WORK/v2-view" ]
}

# settle COMMAND: as whom, with what, and where the runtime keeps its state ($wrapper is the harness's; $injecting comes
# before inject, $as is an option of it, $viewing before survey), and
# how all is deleted again; and the device.
settle()
{
	local device
	wrapper=() injecting=() viewing=() as=() STATE=$WORK/state undoing=(delete --force "$id")
	case $1 in
	*-user | *-ranges) as=(-u $user_id) wrapper=(setpriv --reuid $user_id --regid $user_id --clear-groups) STATE=$WORK/user-state ;;
	*-v2) viewing=(nsenter --mount --target "$v2_holder" --) injecting=("${viewing[@]}") wrapper=("${viewing[@]}") ;;
	delete-many) undoing=(delete --force --regex "^$id") ;;
	*-rdt) injecting=(env "LD_PRELOAD=$WORK/fake.so") wrapper=("${injecting[@]}") ;;
	esac
	if [[ $1 = *-net ]] && ! ip link show dev "$NET_DEVICE" >/dev/null 2>&1; then
		# The kernel ends what was given away some time after its namespace.
		wait_until 30 eval "! ip link show dev p$NET_DEVICE"
		ip link add name "$NET_DEVICE" type veth peer name "p$NET_DEVICE"
		for device in "$NET_DEVICE" "p$NET_DEVICE"; do
			ip link set "$device" addrgenmode none # nothing that comes by itself, later
			ip link set "$device" up
		done
		ip address add 192.0.2.7/24 dev "$NET_DEVICE"
	fi
}

# prepare COMMAND: what must be there before it; $id is free before.
prepare()
{
	case $1 in
	create | create-* | run | run-* | list) return 0 ;;
	start) runtime create -b "$quick" "$id" ;;
	*-user) runtime run --detach -b "$user" "$id" ;;
	*-rdt) runtime run --detach -b "$rdt" "$id" ;;
	*-systemd) runtime --systemd-cgroup run --detach -b "$sleeper" "$id" ;;
	*-v2) runtime run --detach -b "$alone" "$id" ;;
	delete-stopped | exec-stopped) runtime create -b "$quick" "$id" && runtime start "$id" && wait_until 30 status_is "$id" stopped ;;
	mounts-remove) runtime run --detach -b "$sleeper" "$id" && runtime mounts add "$id" "$WORK/mounts.json" ;;
	delete-many) runtime run --detach -b "$sleeper" "$id" && runtime create -b "$quick" "$id-b" && runtime create -b "$quick" "$id-c" ;;
	resume) runtime run --detach -b "$sleeper" "$id" && runtime pause "$id" ;;
	*) runtime create -b "$sleeper" "$id" && runtime start "$id" ;;
	esac >"$WORK/prepare.out" 2>&1 </dev/null
}

# words COMMAND: its command line, into the array command_line.
words()
{
	case $1 in
	create) command_line=(create -b "$quick" "$id") ;;
	create-mapped) command_line=(create -b "$mapped" "$id") ;;
	create-joined) command_line=(create -b "$joined" "$id") ;;
	create-net) command_line=(create -b "$net" "$id") ;;
	create-rdt) command_line=(create -b "$rdt" "$id") ;;
	create-volume) command_line=(create -b "$volume" "$id") ;;
	create-user) command_line=(create -b "$user" "$id") ;;
	create-ranges) command_line=(create -b "$ranges" "$id") ;;
	create-systemd) command_line=(--systemd-cgroup create -b "$quick" "$id") ;;
	create-hook) command_line=(create -b "$hook" "$id") ;;
	create-v2) command_line=(create -b "$alone" "$id") ;;
	run) command_line=(run -b "$reporting" "$id") ;;
	run-mapped) command_line=(run -b "$mapped_reporting" "$id") ;;
	run-user) command_line=(run -b "$user_reporting" "$id") ;;
	run-missing) command_line=(run -b "$missing" "$id") ;;
	run-detached) command_line=(run --detach -b "$sleeper" "$id") ;;
	run-terminal) command_line=(run -b "$terminal" "$id") ;;
	delete-stopped) command_line=(delete "$id") ;;
	delete-many) command_line=(delete --force --regex "^$id") ;;
	delete | delete-*) command_line=(delete --force "$id") ;;
	kill) command_line=(kill "$id" KILL) ;;
	kill-all) command_line=(kill --all "$id" KILL) ;;
	exec | exec-user | exec-v2) command_line=(exec "$id" sh /report) ;;
	exec-rdt | exec-stopped) command_line=(exec "$id" true) ;;
	exec-process) command_line=(exec --process "$WORK/process.json" "$id") ;;
	exec-terminal) command_line=(exec --tty "$id" true) ;;
	update | update-systemd) command_line=(update --pids-limit 50 "$id") ;;
	update-resources) command_line=(update --resources "$WORK/resources.json" "$id") ;;
	update-v2) command_line=(update --resources "$WORK/devices.json" "$id") ;;
	mounts) command_line=(mounts add "$id" "$WORK/mounts.json") ;;
	mounts-remove) command_line=(mounts remove "$id" "$WORK/mounts.json") ;;
	ps-json) command_line=(ps --format json "$id") ;;
	pause-v2) command_line=(pause "$id") ;;
	events) command_line=(events --stats "$id") ;;
	list) command_line=(list) ;;
	*) command_line=("$1" "$id") ;;
	esac
}

# settled COMMAND STATUS: after it has ended so, and before its container is deleted. A device that is the container's
# ends with it (NET-08).
settled()
{
	[[ $1 = *-net ]] || return 0
	[ "$2" -eq 0 ] || [[ $(status_of "$id") = @(created|running) ]] && device_given=1 || device_given=
}

# starts_init COMMAND: whether init runs on its behalf.
starts_init()
{
	case $1 in
	create | create-* | run | run-* | start | exec | exec-*) return 0 ;;
	*) return 1 ;;
	esac
}

# expected_status COMMAND: what it exits with, undisturbed.
expected_status()
{
	case $1 in
	create-hook | run-missing) echo 1 ;;
	exec-stopped) echo 255 ;;
	*) echo 0 ;;
	esac
}

# reports COMMAND: whether the process that it starts says what it is confined to.
reports()
{
	case $1 in
	run | run-mapped | run-user | exec | exec-user | exec-process | exec-v2) return 0 ;;
	*) return 1 ;;
	esac
}
