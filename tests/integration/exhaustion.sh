#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a command needs runs out: descriptors, memory, processes, space, the size of files, namespaces, cgroups. At
# whatever point that is, the command ends with words that say so, by itself, and nothing is left.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
id=$PREFIX-starved
before=$(snapshot)
quick=$(bundle quick '.linux.resources.pids.limit = 50 | .mounts += [{destination: "/new/tmp", type: "tmpfs", source: "tmpfs"}]')
sleeper=$(bundle sleeper '.process.args = ["sleep", "1000"]')
# What the kernel says when something has run out; the loader's words, and those of a process that the limit ended.
WORDS='Too many open files|Cannot allocate memory|Resource temporarily unavailable|No space left on device|File too large'
WORDS+="|[Oo]ut of memory|cannot allocate|error while loading|failed to map|limit of processes|Disk quota exceeded"

# A level at which a command succeeds and one at which it fails must both be among those that are tried: else
# nothing was shown.
tried()
{
	check_equal "$1: too little is refused with words at every level, and leaves nothing" "" "$bad"
	[ "$refused" -gt 0 ] && [ "$succeeded" -gt 0 ] || bad="$refused refused, $succeeded succeeded"
	check_equal "$1: levels on both sides were tried" "" "$bad"
}

# one LEVEL STATUS FILE: takes the result of a command into account. 255 is exec's own; 126 and 127 are those of who
# could not even execute the runtime.
one()
{
	if [ "$2" -eq 0 ]; then
		succeeded=$((succeeded + 1))
		return
	fi
	refused=$((refused + 1))
	if [ "$2" -ge 128 ] && [ "$2" -ne 255 ]; then
		bad+="at $1: exit $2: $(head -c 300 "$3"); "
	elif ! grep -Eq "$WORDS" "$3"; then
		bad+="at $1: exit $2 for another reason: $(head -c 300 "$3"); "
	fi
}

# limited LIMITER LEVEL ARG...: the runtime, and its $status
limited()
{
	local limiter=$1 level=$2
	shift 2
	# shellcheck disable=SC2086
	timeout 60 ${limiter//@/$level} "$RUNTIME" --root "$STATE" "$@" >"$WORK/out" 2>&1 </dev/null
	status=$?
}

# $delete comes before the runtime for that.
delete=()

# levels NAME LIMITER LEVEL...: create under `LIMITER LEVEL`, a string that may hold @ for the level.
levels()
{
	local name=$1 limiter=$2 level
	shift 2
	bad='' refused=0 succeeded=0
	for level; do
		limited "$limiter" "$level" create -b "$quick" "$id"
		one "$level" "$status" "$WORK/out"
		if [ "$status" -eq 0 ]; then
			"${delete[@]}" "$RUNTIME" --root "$STATE" delete --force "$id" >"$WORK/out" 2>&1 ||
				bad+="at $level: it cannot be deleted: $(cat "$WORK/out"); "
		elif [ -e "$STATE/$id" ]; then
			bad+="at $level: state is left; "
			runtime delete --force "$id"
		fi
	done
	tried "create, $name"
	check_unchanged "...nothing is left" "$before"
}

# inside NAME LIMITER LEVEL...: the same for exec, in a container that must live on.
inside()
{
	local name=$1 limiter=$2 level
	shift 2
	bad='' refused=0 succeeded=0
	runtime run --detach -b "$sleeper" "$id" >"$WORK/out" 2>&1 </dev/null
	for level; do
		limited "$limiter" "$level" exec "$id" true
		one "$level" "$status" "$WORK/out"
		status_is "$id" running || bad+="at $level: the container has ended; "
	done
	tried "exec, $name"
	runtime delete --force "$id"
	check_unchanged "...nothing is left" "$before"
}

descriptors=$(seq 4 40)
# Megabytes of address space: from what the loader needs to what all needs, every 256 KiB.
memory=$(for ((kib = 2048; kib < 16384; kib += 256)); do echo $((kib * 1024)); done)
# shellcheck disable=SC2086
levels "descriptors" "prlimit --nofile=@:4096" $descriptors
# shellcheck disable=SC2086
inside "descriptors" "prlimit --nofile=@:4096" $descriptors
# shellcheck disable=SC2086
levels "address space" "prlimit --as=@" $memory
# shellcheck disable=SC2086
inside "address space" "prlimit --as=@" $memory
# (What is said goes to a file, too, and takes a few hundred bytes.)
levels "size of files" "prlimit --fsize=@" 1000 2000 4096 10000 30000 50000 80000 200000 1000000
inside "size of files" "prlimit --fsize=@" 1000 2000 4096 10000 30000 50000 80000 200000 1000000

# Space for the state: bytes, and files.
# full NAME OPTION LEVEL...: the state directory on a small file system, mounted for the time of the command.
full()
{
	local name=$1 option=$2
	shift 2
	mkdir -p "$STATE"
	bad='' refused=0 succeeded=0
	for level; do
		mount -t tmpfs -o "$option=$level" tmpfs "$STATE"
		timeout 60 "$RUNTIME" --root "$STATE" create -b "$quick" "$id" >"$WORK/out" 2>&1 </dev/null
		status=$?
		one "$level" "$status" "$WORK/out"
		[ "$status" -ne 0 ] || runtime delete --force "$id" >"$WORK/out" 2>&1 ||
			bad+="at $level: it cannot be deleted: $(cat "$WORK/out"); "
		[ -z "$(ls -A "$STATE")" ] || bad+="at $level: left: $(ls -A "$STATE"); "
		umount "$STATE"
	done
	tried "create, $name"
	check_unchanged "...nothing is left" "$before"
}
full "space for the state" size 4k 8k 12k 16k 20k 32k 64k 1m
full "files for the state" nr_inodes 1 2 3 4 5 6 7 8 20

# The root file system is full: the mount point cannot be made.
mkdir "$WORK/small"
mount -t tmpfs -o size=4m tmpfs "$WORK/small"
make_busybox_rootfs "$WORK/small/rootfs"
mount -o "remount,nr_inodes=$(df --output=iused "$WORK/small" | tail -n 1 | xargs)" "$WORK/small"
out=$(runtime create -b "$(bundle small-bundle ".root.path = \"$WORK/small/rootfs\" | .mounts += [{destination: \"/not/there\",
	type: \"tmpfs\", source: \"tmpfs\"}]")" "$id" 2>&1 </dev/null)
check_match "create, a full root file system: the error names the mount point" '/not/there.*No space left on device' "$out"
umount "$WORK/small"
check_unchanged "...nothing is left" "$before"

# A pid file and a log that cannot be written.
mkdir "$WORK/tiny"
mount -t tmpfs -o nr_inodes=1 tmpfs "$WORK/tiny"
out=$(runtime create --pid-file "$WORK/tiny/pid" -b "$quick" "$id" 2>&1 </dev/null)
check_match "create, no space for the pid file" 'tiny/pid.*No space left on device' "$out"
umount "$WORK/tiny"
check_unchanged "...nothing is left" "$before"
check "a full log changes nothing" runtime --log /dev/full --debug run -b "$quick" "$id"

# Processes: of a user (root has no such limit), and of a cgroup.
user=4711
install -d -o $user -g $user "$WORK/user-state" 2>/dev/null || user=
if [ -n "$user" ] && [ "$(id -u)" -eq 0 ]; then
	# The user may not be able to enter the directory of the build.
	install -m 0755 "$RUNTIME" "$WORK/runtime"
	root=$STATE built=$RUNTIME RUNTIME=$WORK/runtime STATE=$WORK/user-state delete=(setpriv --reuid $user --regid $user --clear-groups)
	cp -a "$WORK/rootfs" "$WORK/user-rootfs" && chown -hR $user:$user "$WORK/user-rootfs"
	quick=$(bundle user ".root.path = \"$WORK/user-rootfs\" | .linux.namespaces += [{type: \"user\"}] |
		.linux.uidMappings = [{containerID: 0, hostID: $user, size: 1}] | .linux.gidMappings = .linux.uidMappings |
		(.mounts[] | select(.type == \"devpts\") | .options) -= [\"gid=5\"]")
	levels "processes of a user" "prlimit --nproc=@ setpriv --reuid $user --regid $user --clear-groups" 1 2 3 20
	STATE=$root RUNTIME=$built delete=()
	quick=$(bundle quick '.linux.resources.pids.limit = 50')
else
	skip "create, processes of a user" "takes root, to become somebody else"
fi
# On v2 nobody is born in the runtime's own cgroup.
if v1_has pids && mkdir -p "$(cgroup_file "$PREFIX-full" pids '' '')" 2>/dev/null &&
	[ -e "$(cgroup_file "$PREFIX-full" pids pids.max pids.max)" ]; then
	full=$(cgroup_file "$PREFIX-full" pids '' '')
	# in_full MAX COMMAND...: one shell, and so many besides.
	cat >"$WORK/in_full" <<-SCRIPT
		#!/bin/sh
		echo \$\$ >"$full/cgroup.procs" && echo "\$1" >"$full/pids.max" && shift && exec "\$@"
	SCRIPT
	chmod 0755 "$WORK/in_full"
	before=$(snapshot)
	levels "processes of a cgroup" "$WORK/in_full @" 1 2 3 20
	inside "processes of a cgroup" "$WORK/in_full @" 1 2 3 20
	wait_until 5 rmdir "$full"
	before=$(snapshot)
else
	skip "create, processes of a cgroup" "needs the pids controller of v1"
fi
check_unchanged "...nothing is left" "$before"

# A container's own limit: exec finds it full.
runtime run --detach -b "$(bundle own '.linux.resources.pids.limit = 1 | .process.args = ["sleep", "1000"]')" "$id" >"$WORK/out" 2>&1 </dev/null
if [ "$(cgroup_value "$id" pids pids.max pids.max 2>/dev/null)" = 1 ]; then
	out=$(runtime exec "$id" true 2>&1)
	check_match "exec, the container's processes: refused with words" "$WORDS" "$out"
	check_equal "...the container runs on" running "$(status_of "$id")"
else
	skip "exec, the container's processes" "needs the pids controller"
fi
runtime delete --force "$id"

# Namespaces: the limits of a user namespace of our own, since those of the host are everybody's.
# shellcheck disable=SC2016
starve='mount -t tmpfs tmpfs "$1" && echo 0 >"/proc/sys/user/max_$2_namespaces" && shift 2 && exec "$@"'
mkdir -p "$STATE"
for kind in user mnt pid net ipc uts cgroup; do
	if ! unshare -U -r -m true 2>/dev/null; then
		skip "create, namespaces of type $kind" "no user namespace can be made here"
		continue
	fi
	dir=$(bundle starved '.linux.namespaces |= (map(.type) + ["user", "cgroup"] | unique | map({type: .})) | del(.linux.resources) |
		.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}] | .linux.gidMappings = .linux.uidMappings')
	out=$(timeout 30 unshare -U -r -m --propagation private sh -c "$starve" - "$STATE" "$kind" "$RUNTIME" --root "$STATE" run \
		-b "$dir" "$id" 2>&1 </dev/null)
	status=$?
	check_match "create, namespaces of type $kind: refused, and the limit is named" \
		'/proc/sys/user|user\.max_|No space left on device .*make a cgroup namespace' "$status $out"
done
check_unchanged "nothing is left at the end" "$before"
suite_end
