#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The container's cgroup: where it is, what it may be, who owns it, and that it goes away; on this
# host's own layout and on the v2 tree alone.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)
id=$PREFIX-c
root=$(v2_root)

# start FILTER: a container in the background.
start()
{
	local dir
	dir=$(bundle cgroups "$1")
	runtime run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null && return
	cat "$WORK/log" >&2
	return 1
}

# own HIERARCHY: the process's cgroup, by a line of /proc/PID/cgroup.
own()
{
	local pid
	pid=$(runtime state "$id" | jq .pid)
	sed -n "s/^[0-9]*:$1://p" "/proc/$pid/cgroup"
}
sleeper='.process.args = ["sleep", "1000"]'

# Where it is.
start "$sleeper | .linux.cgroupsPath = \"/$PREFIX-a/b/$id\""
check_equal 'CGP-01 an absolute path, in the v2 tree' "/$PREFIX-a/b/$id" "$(own '')"
for controller in memory pids freezer name=systemd; do
	v1_has "${controller#name=}" || continue
	check_equal "CGP-01 ...and in that of $controller" "/$PREFIX-a/b/$id" "$(own "\\(.*,\\)\\?$controller\\(,.*\\)\\?" | tail -1)"
done
runtime delete --force "$id"
check 'CGP-05 what was made above the leaf and is not ours alone stays' test -d "$root/$PREFIX-a/b"
find /sys/fs/cgroup -depth -type d \( -path "*/$PREFIX-a/b" -o -path "*/$PREFIX-a" \) -exec rmdir {} +
start "$sleeper | del(.linux.cgroupsPath)"
first=$(own '')
check_match 'CGP-04 without a path it is the id' "/$id\$" "$first"
runtime delete --force "$id"
start "$sleeper | del(.linux.cgroupsPath)"
check_equal 'CGP-02 the same config, the same place' "$first" "$(own '')"
runtime delete --force "$id"
start "$sleeper | .linux.cgroupsPath = \"$PREFIX-relative/x\""
check_match 'CGP-01 a relative path' "/$PREFIX-relative/x\$" "$(own '')"
runtime delete --force "$id"
find /sys/fs/cgroup -depth -type d -path "*/$PREFIX-relative" -exec rmdir {} +
for path in / /.. /a/../b ../a "/$(printf 'x%.0s' {1..300})" a:b:c $'/a-newl\nine'; do
	check_refused "CGP-03 path $(printf %.9q "$path") is refused" runtime run -b "$(bundle bad ".linux.cgroupsPath = \$path" --arg path "$path")" "$id"
done

# What it may be (CGP-06).
fitness()
{
	local tree=$2 other
	mkdir "$tree/$PREFIX-fit"
	start "$sleeper | .linux.cgroupsPath = \"/$PREFIX-fit\""
	check_equal "CGP-06 $1: an empty one that is there already is used" "/$PREFIX-fit" "$(own "$3")"
	runtime delete --force "$id"
	check "OPS-24 $1: ...and stays" test -d "$tree/$PREFIX-fit"
	sleep 1000 &
	other=$!
	echo $other >"$tree/$PREFIX-fit/cgroup.procs"
	check_refused "CGP-06 $1: one with a process in it is refused" start "$sleeper | .linux.cgroupsPath = \"/$PREFIX-fit\""
	check_match "CGP-06 $1: ...by saying so" "container's cgroup is not empty" "$(cat "$WORK/log")"
	check "CGP-06 $1: ...and the process is left alone" kill -0 $other
	mkdir "$tree/$PREFIX-fit/below"
	echo $other >"$tree/$PREFIX-fit/below/cgroup.procs"
	check_refused "CGP-06 $1: one with a process further below as well" start "$sleeper | .linux.cgroupsPath = \"/$PREFIX-fit\""
	kill $other
	wait $other 2>/dev/null
	wait_until 10 rmdir "$tree/$PREFIX-fit/below"
	rmdir "$tree/$PREFIX-fit"
}
if v1_has pids; then
	fitness 'v1' /sys/fs/cgroup/pids '.*pids.*'
fi
fitness 'v2' "$root" ''
frozen()
{
	local tree=$2 file=$3 word=$4 thaw=$5
	mkdir "$tree/$PREFIX-cold"
	echo "$word" >"$tree/$PREFIX-cold/$file"
	check_refused "CGP-06 $1: a frozen one is refused" start "$sleeper | .linux.cgroupsPath = \"/$PREFIX-cold\""
	check_match "CGP-06 $1: ...by saying so" "container's cgroup unexpectedly frozen" "$(cat "$WORK/log")"
	check_refused "CGP-06 $1: one below a frozen one as well" timeout 20 "$RUNTIME" --root "$STATE" run -b \
		"$(bundle cold "$sleeper | .linux.cgroupsPath = \"/$PREFIX-cold/below\"")" "$id"
	check_equal "CGP-06 $1: ...it was not made" '' "$(find "$tree/$PREFIX-cold" -mindepth 1 -type d)"
	echo "$thaw" >"$tree/$PREFIX-cold/$file"
	find /sys/fs/cgroup -depth -type d -path "*/$PREFIX-cold*" -exec rmdir {} +
}
v1_has freezer && frozen v1 /sys/fs/cgroup/freezer freezer.state FROZEN THAWED
frozen v2 "$root" cgroup.freeze 1 0

# A cgroup with processes of its own passes no controllers on ("no internal processes", cgroups(7)).
if grep -qw hugetlb "$root/cgroup.controllers"; then
	mkdir "$root/$PREFIX-full"
	sleep 1000 &
	other=$!
	echo $other >"$root/$PREFIX-full/cgroup.procs"
	limited=$(bundle full ".linux.cgroupsPath = \"/$PREFIX-full/$id\" | .linux.resources.hugepageLimits = [{pageSize: \"2MB\", limit: 0}]")
	check_match "RHP-01 below a cgroup that holds processes: why there is no limit, and what asks for one" \
		"hugepageLimits.*enable cgroup controller hugetlb.*must not hold processes" "$(runtime run -b "$limited" "$id" 2>&1 </dev/null)"
	check_equal "...and no cgroup is left" "" "$(find "$root/$PREFIX-full" -mindepth 1 -type d)"
	kill $other
	wait $other 2>/dev/null
	wait_until 10 rmdir "$root/$PREFIX-full"
else
	skip "RHP-01 below a cgroup that holds processes" "needs the hugetlb controller of cgroup v2"
fi

# A cgroup remembers that it was killed, and a kernel may then kill what is born in it, or what is started from it.
mkdir -p "$root/$PREFIX-again"
echo 1 >"$root/$PREFIX-again/cgroup.kill"
mapped='| .linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
	.linux.gidMappings = .linux.uidMappings'
chmod 0755 "$WORK" "$WORK/rootfs"
for how in "" "$mapped"; do
	start "$sleeper $how | .linux.cgroupsPath = \"/$PREFIX-again\""
	check_equal "CGP-06 one that was killed once is used again${how:+, with a user namespace}" "/$PREFIX-again" "$(own '')"
	check_equal "...by exec as well${how:+, with a user namespace}" "$(runtime exec "$id" grep ^0: /proc/1/cgroup)" \
		"$(runtime exec "$id" grep ^0: /proc/self/cgroup)"
	runtime delete --force "$id"
done
mkdir "$root/$PREFIX-caller"
echo 1 >"$root/$PREFIX-caller/cgroup.kill"
# shellcheck disable=SC2016
from_there()
{
	sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$root/$PREFIX-caller" "$RUNTIME" --root "$STATE" "$@" </dev/null 2>&1
}
check_equal "a runtime started in one that was killed once makes containers" made \
	"$(from_there run -b "$(bundle cgroups '.process.args = ["echo", "made"]')" "$id-from")"
start "$sleeper"
check_equal "...and executes in them" executed "$(from_there exec "$id" echo executed)"
runtime delete --force "$id"
rmdir "$root/$PREFIX-caller"
find /sys/fs/cgroup -depth -type d -path "*/$PREFIX-again" -exec rmdir {} +

# Who owns it, on v2 alone: a root of a user namespace that may write to its cgroups (CGP-08..CGP-14).
delegated()
{
	# shellcheck disable=SC2016
	on_v2 bash -c '
		"$1" --root "$2" run -d -b "$3" "$4" >"$5" 2>&1 </dev/null || { cat "$5"; exit 1; }
		cd "/sys/fs/cgroup/'"$id"'" && stat -c "%n %u" . * | while read -r name uid; do
			if [ "$name" = . ] || grep -qx -- "$name" /sys/kernel/cgroup/delegate; then
				[ "$uid" = "$6" ] || echo "$name belongs to $uid"
			else
				[ "$uid" = 0 ] || echo "$name was given away"
			fi
		done
		"$1" --root "$2" delete --force "$4"' - "$RUNTIME" "$STATE" "$(bundle owner "$1")" "$id" "$WORK/log" "$2" 2>&1
}
# `spec` gives a cgroup namespace on v2 alone.
fresh='.linux.namespaces |= (map(select(.type != "cgroup")) + [{type: "cgroup"}])'
shifted=$fresh' | .linux.namespaces += [{type: "user"}] | .linux.cgroupsPath = $path |
	.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
shifted=${shifted//\$path/\"/$id\"}
writable='.mounts |= map(select(.destination != "/sys/fs/cgroup")) |
	.mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["rw", "nosuid"]}]'
chmod 0755 "$WORK" "$WORK/rootfs"
check_equal 'CGP-08 CGP-12 the mapped root owns the directory and the delegated files, nothing else' '' \
	"$(delegated "$sleeper | $shifted | $writable" 100000)"
check_equal "CGP-08 ...or the user that the process is" '' \
	"$(delegated "$sleeper | $shifted | $writable | .process.user.uid = 7" 100007)"
check_equal 'CGP-11 nobody does where the mount is read-only' '' \
	"$(delegated "$sleeper | $shifted | ${writable/rw/ro}" 0)"
check_equal 'CGP-10 nobody does without a cgroup namespace of its own' '' \
	"$(delegated "$sleeper | $shifted | $writable | .linux.namespaces |= map(select(.type != \"cgroup\"))" 0)"
check_equal 'CGP-11 nobody does without the mount' '' \
	"$(delegated "$sleeper | $shifted | .mounts |= map(select(.destination != \"/sys/fs/cgroup\"))" 0)"
run_v2()
{
	on_v2 timeout 30 "$RUNTIME" --root "$STATE" run -b "$(bundle v2 "$1 | .process.args = [\"sh\", \"-c\", \$cmd]" --arg cmd "$2")" "$id" 2>&1 </dev/null
}
check_match 'the owner makes cgroups of its own, and moves itself there' '^0::/inner$' \
	"$(run_v2 "$shifted | $writable" 'mkdir /sys/fs/cgroup/inner && echo $$ >/sys/fs/cgroup/inner/cgroup.procs && cat /proc/self/cgroup')"
check_match '...but cannot leave' 'denied|not permitted|Read-only|No such' \
	"$(run_v2 "$shifted | $writable" 'echo $$ >/sys/fs/cgroup/../cgroup.procs; echo 5 >/sys/fs/cgroup/cgroup.max.depth')"
check_equal 'in a cgroup namespace its cgroup is the root' '0::/' \
	"$(grep ^0: <<<"$(run_v2 "$fresh" 'cat /proc/self/cgroup')")"

# What is born there is never elsewhere, and is gone when it is removed.
if command -v strace >/dev/null && strace -qo /dev/null true 2>/dev/null; then
	on_v2 strace -f -qq -o "$WORK/trace" -e trace=clone3,openat,nanosleep,clock_nanosleep,prlimit64,setrlimit,poll \
		"$RUNTIME" --root "$STATE" run -b "$(bundle v2)" "$id" >"$WORK/log" 2>&1 </dev/null
	check_match 'v2: the process is born in its cgroup' 'clone3\(.*CLONE_INTO_CGROUP' "$(cat "$WORK/trace")"
	check_equal 'v2: nothing is ever moved there' 0 "$(grep -c 'openat.*"[^"]*\(cgroup.procs\|tasks\)".*O_\(WRONLY\|RDWR\)' "$WORK/trace")"
	check_equal 'RLIMIT_MEMLOCK is left alone' 0 "$(grep -c 'RLIMIT_MEMLOCK, {' "$WORK/trace")"
	# Without a pid namespace the first process's end is not that of the others.
	others=$(bundle v2 '.linux.namespaces |= map(select(.type != "pid")) |
		.process.args = ["sh", "-c", "sleep 1001 & sleep 1002 & exec sleep 1003"]')
	on_v2 "$RUNTIME" --root "$STATE" run -d -b "$others" "$id" >"$WORK/log" 2>&1 </dev/null
	on_v2 strace -f -qq -o "$WORK/trace" -e trace=clone3,openat "$RUNTIME" --root "$STATE" exec "$id" true >"$WORK/log" 2>&1 </dev/null
	check_match 'v2: so is what exec executes' 'clone3\(.*CLONE_INTO_CGROUP' "$(cat "$WORK/trace")"
	check_equal 'v2: ...and nothing is ever moved there' 0 "$(grep -c 'openat.*"[^"]*\(cgroup.procs\|tasks\)".*O_\(WRONLY\|RDWR\)' "$WORK/trace")"
	on_v2 strace -qq -o "$WORK/trace" -e trace=openat,nanosleep,clock_nanosleep,poll,ppoll \
		"$RUNTIME" --root "$STATE" delete --force "$id"
	check_match 'v2: it is emptied by cgroup.kill' 'cgroup.kill.* = [0-9]' "$(cat "$WORK/trace")"
	check_match 'v2: ...and cgroup.events says when it is done' 'cgroup.events.* = [0-9]' "$(cat "$WORK/trace")"
	check_equal 'v2: ...no sleeping meanwhile' 0 "$(grep -c 'nanosleep\|poll(NULL' "$WORK/trace")"
else
	skip 'v2: the process is born in its cgroup' 'no strace that works on this host'
fi

# All of its processes, and what they made.
below=$(bundle below ".linux.cgroupsPath = \"/$id\" | .linux.namespaces |= map(select(.type != \"pid\")) |
	.process.args = [\"sh\", \"-c\", \"sleep 1001 & sleep 1002 & exec sleep 1003\"]")
count()
{
	[ "$(runtime ps -f json "$id" 2>/dev/null | jq length)" = "$1" ]
}
whole()
{
	runtime run -d -b "$below" "$id" >"$WORK/log" 2>&1 </dev/null
	wait_until 10 count 3
	check "$1: kill --all TERM reaches every process" runtime kill --all "$id" TERM
	check "$1: ...they are gone" wait_until 10 count 0
	check "$1: kill --all of none is no error" runtime kill --all "$id" KILL
	runtime delete "$id"
	runtime run -d -b "$below" "$id" >"$WORK/log" 2>&1 </dev/null
	wait_until 10 count 3
	check "$1: kill KILL without a pid namespace reaches every process" runtime kill "$id" KILL
	check "$1: ...they are gone" wait_until 10 count 0
	runtime delete "$id"
	runtime run -d -b "$below" "$id" >"$WORK/log" 2>&1 </dev/null
	wait_until 10 count 3
	kill -KILL "$(runtime state "$id" | jq .pid)"
	check "$1: the first process alone is killed" wait_until 10 count 2
	check "$1: delete ends the others" runtime delete "$id"
	check_equal "$1: ...none is left" 0 "$(pgrep -fc '^sleep 100[12]$')"
}
whole 'host layout'
wrapper=(on_v2)
whole 'v2 alone'
wrapper=()
start "$sleeper | .linux.cgroupsPath = \"/$id\""
find /sys/fs/cgroup -type d -path "*/$id" | while read -r dir; do
	mkdir -p "$dir/x/y" "$dir/z"
done
sleep 1000 &
other=$!
echo $other >"$root/$id/x/y/cgroup.procs"
check 'delete removes what was made below' runtime delete --force "$id"
check_equal '...in all hierarchies' '' "$(find /sys/fs/cgroup -type d -path "*/$id*")"
check '...and ends what was put there' wait_until 5 eval "! kill -0 $other 2>/dev/null"

# Deeper than there are descriptors, and than a path can be: the container's own doing, as seen from outside.
cat >"$WORK/nest.py" <<'SCRIPT'
import os, sys
for top in sys.argv[3:]:
    os.chdir(top)
    for level in range(int(sys.argv[2])):
        os.mkdir("level%03d" % level)
        os.chdir("level%03d" % level)
    with open("cgroup.procs", "w") as procs:
        procs.write(sys.argv[1])
SCRIPT
deep()
{
	local -a tops=()
	local other

	start "$sleeper | .linux.cgroupsPath = \"/$id\""
	[ ! -e "$(v2_root)/$id" ] || tops+=("$(v2_root)/$id")
	[ ! -e "/sys/fs/cgroup/freezer/$id" ] || tops+=("/sys/fs/cgroup/freezer/$id")
	sleep 1000 &
	other=$!
	check 'cgroups 600 deep are made' python3 "$WORK/nest.py" "$other" 600 "${tops[@]}"
	wrapper=(prlimit --nofile=256)
	check '...a process down there counts' wait_until 10 count 2
	check '...is killed with the others' runtime kill --all "$id" "$1"
	check '...and gone' wait_until 20 eval "! kill -0 $other 2>/dev/null"
	wait "$other" 2>/dev/null
	check '...delete --force removes them' runtime delete --force "$id"
	wrapper=()
	check_equal '...all' '' "$(find /sys/fs/cgroup -maxdepth 4 -type d -name "$id*")"
}
deep TERM
deep KILL

# Moved out of its cgroup by somebody on the host: the container's process is signalled wherever it is.
escaped()
{
	local pid

	start "$1 | .linux.cgroupsPath = \"/$id\""
	pid=$(runtime state "$id" | jq .pid)
	echo "$pid" >"$(v2_root)/cgroup.procs"
	[ ! -e /sys/fs/cgroup/freezer ] || echo "$pid" >/sys/fs/cgroup/freezer/cgroup.procs
}
if [ -w "$(v2_root)/cgroup.procs" ]; then
	for how in kill "kill --all"; do
		escaped "$sleeper"
		# shellcheck disable=SC2086
		check "$how KILL of a process that was moved out of its cgroup" runtime $how "$id" KILL
		check '...reaches it' wait_until 20 status_is "$id" stopped
		runtime delete --force "$id"
	done
	escaped '.process.args = ["sh", "-c", "trap \"echo got\" USR1; echo set; while :; do sleep 0.02; done"]'
	wait_until 20 grep -q set "$WORK/log"
	check 'kill --all USR1 of a process that was moved out' runtime kill --all "$id" USR1
	check '...reaches it' wait_until 20 grep -q got "$WORK/log"
	check '...delete --force ends it' runtime delete --force "$id"
else
	skip 'a process that was moved out of its cgroup' 'there is no v2 tree'
fi

# No cgroup at all.
mine=$(cat /proc/self/cgroup)
out=$("$RUNTIME" --root "$STATE" --cgroup-manager=disabled run -b \
	"$(bundle none '.process.args = ["cat", "/proc/self/cgroup"] |
		.linux.namespaces |= map(select(.type != "cgroup"))')" "$id" 2>&1 </dev/null)
check_equal '--cgroup-manager=disabled: it stays where we are' "$mine" "$out"
check_match '...limits are warned about' 'linux.resources is not applied: cgroups are disabled' \
	"$("$RUNTIME" --root "$STATE" --cgroup-manager=disabled run -b "$(bundle none '.linux.resources.pids.limit = 5')" "$id" 2>&1 </dev/null)"
check_refused '--cgroup-manager: an unknown one' "$RUNTIME" --root "$STATE" --cgroup-manager=other list

program=$(dirname "$(command -v "$RUNTIME")")/tests/integration/cgroup
if [ -x "$program" ]; then
	check 'the cgroup code, made for real on every layout' timeout 200 "$program"
else
	skip 'the cgroup code, made for real on every layout' 'tests/integration/cgroup is not built beside the runtime'
fi
check_unchanged 'nothing is left behind' "$before"
suite_end
