#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A container of every combination of new namespaces (2^7), with a mount namespace always: each
# listed namespace is a new one, each other one is the caller's.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)
types=(pid network ipc uts cgroup user time)
links=(pid net ipc uts cgroup user time)
mapfile -t ours < <(readlink "${links[@]/#//proc/self/ns/}")
own_rootfs_for_user_namespace()
{
	# Mapped root is 100000 outside: the root file system of those containers is its own copy.
	[ "$(id -u)" -eq 0 ] || return
	cp -a "$WORK/rootfs" "$WORK/rootfs-user" && chown -hR 100000:100000 "$WORK/rootfs-user"
}
own_rootfs_for_user_namespace

rootless=true
[ "$EUID" -ne 0 ] || rootless=false
# Without a new network namespace sysfs cannot be mounted in a user namespace; the tests do not need
# it, nor mqueue. A hostname and sysctls need namespaces of their own.
for ((mask = 0; mask < 128; mask++)); do
	# An ordinary user is in a user namespace, listed or not; "mount" alone shows that one is made.
	[ "$EUID" -eq 0 ] || [ "$mask" -eq 0 ] || ((mask & 32)) || continue
	wanted='{"type": "mount"}' name=mount user=false
	for i in "${!types[@]}"; do
		((mask >> i & 1)) || continue
		wanted+=", {\"type\": \"${types[i]}\"}"
		name+=" ${types[i]}"
		[ "${types[i]}" != user ] || user=true
	done
	# In a user namespace that does not own the pid namespace no new procfs can be mounted, as
	# user_namespaces(7) has it: /proc is bound from outside.
	# shellcheck disable=SC2016
	filter='.linux.namespaces = $wanted | del(.hostname) |
		.mounts |= map(select(.destination == "/proc" or .destination == "/dev")) |
		if $rootless then . elif $user then .root.path += "-user" | .linux.uidMappings = [{containerID: 0, hostID: 100000,
			size: 65536}] | .linux.gidMappings = .linux.uidMappings |
			(.mounts[] | select(.destination == "/proc")) |= {destination: "/proc",
				type: "none", source: "/proc", options: ["rbind"]} else . end |
		if $user or $rootless then .linux.maskedPaths = [] | .linux.readonlyPaths = [] else . end |
		.process.args = ["sh", "-c", $cmd]'
	# shellcheck disable=SC2016
	dir=$(bundle ns "$filter" --argjson rootless "$rootless" --argjson wanted "[$wanted]" --argjson user "$user" \
		--arg cmd 'cat /proc/self/status >/dev/null || cat /proc/1/status >/dev/null; echo started; sleep 1000')
	id=$PREFIX-ns$mask
	if ! runtime create --pid-file "$WORK/pid" -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null; then
		fail "$name" "$(cat "$WORK/log")"
		runtime delete --force "$id" >/dev/null 2>&1
		continue
	fi
	runtime start "$id" >>"$WORK/log" 2>&1
	pid=$(cat "$WORK/pid") wrong=
	rm -f "$WORK/pid"
	wait_until 20 grep -q started "$WORK/log" || wrong="not started: $(cat "$WORK/log")"
	mapfile -t theirs < <(readlink "${links[@]/#//proc/$pid/ns/}")
	[ "${#theirs[@]}" -eq "${#links[@]}" ] || wrong+=" process ${pid:-none} has no namespaces"
	for i in "${!types[@]}"; do
		if ((mask >> i & 1)) || { [ "${types[i]}" = user ] && [ "$EUID" -ne 0 ]; }; then
			[ "${ours[i]}" != "${theirs[i]}" ] || wrong+=" ${types[i]} is ours"
		else
			[ "${ours[i]}" = "${theirs[i]}" ] || wrong+=" ${types[i]} is not ours"
		fi
	done
	runtime delete --force "$id" >>"$WORK/log" 2>&1 || wrong+=" delete: $(tail -n 1 "$WORK/log")"
	check_equal "$name" "" "$wrong"
done

# What systemd makes of a whole machine: a root file system on a shared mount, which is cloned before the
# namespaces are made when there is a user namespace.
mount --bind "$WORK/rootfs-user" "$WORK/rootfs-user" && mount --make-shared "$WORK/rootfs-user"
for propagation in "" slave rslave private rprivate shared rshared; do
	# shellcheck disable=SC2016
	check_equal "user namespace, root file system on a shared mount, rootfsPropagation \"$propagation\"" 0 \
		"$(run_in ".root.path += \"-user\" | .linux.namespaces += [{type: \"user\"}] |
			.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
			.linux.gidMappings = .linux.uidMappings |
			.linux.rootfsPropagation = \"$propagation\" |
			del(select(.linux.rootfsPropagation == \"\") | .linux.rootfsPropagation)" 'id -u')"
done
umount "$WORK/rootfs-user"

# As containerd 2 makes pods: the user namespace is there already. Its root cannot reach what lies in a
# directory that is closed to others; the host side can.
if [ "$(id -u)" -eq 0 ]; then
	mkdir -p "$WORK/closed/given" && echo reached >"$WORK/closed/given/file" && chmod 700 "$WORK/closed"
	unshare --user sleep 1000 &
	owner=$!
	wait_until 5 sh -c "[ \"\$(readlink /proc/$owner/ns/user)\" != \"\$(readlink /proc/self/ns/user)\" ]"
	echo "0 100000 65536" | tee "/proc/$owner/uid_map" >"/proc/$owner/gid_map"
	joined=".root.path += \"-user\" | .linux.namespaces += [{type: \"user\", path: \"/proc/$owner/ns/user\"}] | .mounts += [
		{destination: \"/mnt\", type: \"bind\", source: \"$WORK/closed/given\", options: [\"rbind\", \"ro\", \"nosuid\"]}]"
	check_equal "a joined user namespace: a bind mount from a closed directory" reached "$(run_in "$joined" 'cat /mnt/file')"
	check_equal "...read-only" "Read-only file system" "$(run_in "$joined" 'touch /mnt/new' | sed 's/.*: //')"
	check_match "...its ids" '^ *0 +100000 +65536$' "$(run_in "$joined" 'cat /proc/self/uid_map')"
	# A read-only mount below, which is locked in the user namespace; but for what the config itself asks.
	mkdir "$WORK/closed/given/sub" && mount -t tmpfs -o mode=0777 tmpfs "$WORK/closed/given/sub" &&
		echo below >"$WORK/closed/given/sub/file" &&
		mount -o remount,bind,ro "$WORK/closed/given/sub"
	volume="$joined | .mounts[-1].source = \"$WORK/closed/given"
	check_equal "...with a read-only mount below" "reached below" "$(run_in "$joined" 'echo $(cat /mnt/file /mnt/sub/file)')"
	check_equal "...bind leaves it out" "reached" "$(run_in "$joined | .mounts[-1].options = [\"bind\"]" 'cat /mnt/file; ls /mnt/sub')"
	check_equal "...the mount itself, rbind: read-only" "Read-only file system" \
		"$(run_in "$volume/sub\" | .mounts[-1].options = [\"rbind\"]" 'touch /mnt/new' | sed 's/.*: //')"
	for options in '"rbind", "rw"' '"bind", "rw", "noatime"' '"rbind", "rrw"'; do
		check_equal "...${options//\"/}: writable" written \
			"$(run_in "$volume/sub\" | .mounts[-1].options = [$options]" 'touch /mnt/new && echo written')"
	done
	check_equal "...rbind, rrw of all: writable" written \
		"$(run_in "$volume\" | .mounts[-1].options = [\"rbind\", \"rrw\"]" 'touch /mnt/sub/new && echo written')"
	umount "$WORK/closed/given/sub"
	chmod 700 "$WORK/rootfs-user" && mkdir "$WORK/closed/root" && mount --bind "$WORK/rootfs-user" "$WORK/closed/root"
	check_equal "...and a root file system in a closed directory" 0 \
		"$(run_in "$joined | .root.path = \"$WORK/closed/root\"" 'id -u')"
	umount "$WORK/closed/root"
	kill "$owner"
	wait "$owner" 2>/dev/null
fi
check_unchanged "nothing left" "$before"
suite_end
