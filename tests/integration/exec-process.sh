#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# exec: the calls that managers made (tests/data/managers), what else a process file can say, whose child the
# process is, and where it goes in a container that has divided up its cgroup.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)
id=$PREFIX-a
tests=$(cd -- "$HARNESS_DIR/.." && pwd)

start_container()
{
	local dir

	dir=$(bundle sleeper "${1:-.} | .process.args = [\"sleep\", \"1000\"]") || return 1
	runtime run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null || cat "$WORK/log"
}

# by_file FILTER [OPTION...]: exec with a process file made by FILTER from a minimal one.
by_file()
{
	jq -n '{cwd: "/", args: ["sh", "-c", "echo $0"], env: ["PATH=/bin:/sbin:/usr/bin"]} | '"$1" >"$WORK/process.json"
	shift
	timeout 30 "$RUNTIME" --root "$STATE" exec --process "$WORK/process.json" "$@" "$id" 2>&1 </dev/null
}

# refused NAME REGEX COMMAND...: exit status 255, as exec has it, and these words.
refused()
{
	local name=$1 pattern=$2 out status=0

	shift 2
	out=$("$@" 2>&1 </dev/null) || status=$?
	check_match "$name" "^255 .*$pattern" "$status $out"
}

# --- as Docker, containerd and Podman called it
# call NAME: the captured command line, with files of ours in place of theirs, in the array called.
call()
{
	local word argument= words

	mapfile -t words < <(jq -r 'select(any(. == "exec")) | .[1:][]' "$tests/data/managers/$1.argv")
	called=("$RUNTIME" --root "$STATE")
	for word in "${words[@]}"; do
		case $argument in
		--root) called=("${called[@]:0:${#called[@]}-1}") ;;
		--log) called+=("$WORK/manager.log") ;;
		--process) called+=("$tests/data/managers/process/$1.json") ;;
		--pid-file) called+=("$WORK/manager.pid") ;;
		--console-socket) called+=("$WORK/sock") ;;
		*) called+=("$word") ;;
		esac
		argument=$word
	done
	called[${#called[@]}-1]=$id
}

ended()
{
	[ -s "$WORK/manager.pid" ] && ! kill -0 "$(cat "$WORK/manager.pid")"
}

for name in docker-exec docker-exec-privileged docker-exec-tty containerd-ctr-exec containerd-ctr-exec-tty containerd-cri-exec \
	podman-exec podman-exec-tty; do
	case $name in
	docker-*) config=docker-run ;;
	containerd-ctr-*) config=containerd-ctr-run ;;
	containerd-cri-*) config=containerd-cri-container ;;
	podman-*) config=podman-run ;;
	esac
	mkdir -p "$WORK/$config/bundle"
	"$tests/lib/adapt-config" -T -a '["/bin/sleep", "1000"]' -i "$id" "$tests/data/managers/$config.json" "$WORK/rootfs" \
		"$WORK/$config" >"$WORK/$config/bundle/config.json"
	# Below ours, so that nothing of a manager's is left. A score or limit that was theirs to set may not be ours.
	jq --arg path "/$PREFIX-managers" '.linux.cgroupsPath = $path | del(.process.oomScoreAdj, .process.rlimits)' \
		"$WORK/$config/bundle/config.json" >"$WORK/config.json" && mv "$WORK/config.json" "$WORK/$config/bundle/config.json"
	runtime run -d -b "$WORK/$config/bundle" "$id" >"$WORK/log" 2>&1 </dev/null || {
		fail "$name: the container is there" "$(cat "$WORK/log")"
		continue
	}
	rm -f "$WORK/manager.log" "$WORK/manager.pid" "$WORK/sock"
	call "$name"
	if [[ $name == *-tty ]]; then
		"$HARNESS_DIR/sockets.py" console "$WORK/sock" >"$WORK/shown" &
		receiver=$!
		wait_until 5 test -S "$WORK/sock"
		wanted=/dev/pts/0
	else
		receiver=
		wanted=ok
	fi
	status=0
	# To a file: the process keeps its standard output.
	timeout 30 "${called[@]}" >"$WORK/out" 2>&1 </dev/null || status=$?
	check_equal "$name: the call succeeds" 0 "$status"
	check "$name: the pid file names the process, which ends" wait_until 10 ended
	if [ -n "$receiver" ]; then
		wait "$receiver"
		tr -d '\r' <"$WORK/shown" >"$WORK/out"
	fi
	check_equal "$name: what it printed" "$wanted" "$(cat "$WORK/out")"
	check_equal "$name: no error is logged" "" "$(jq -r 'select(.level == "error").msg' "$WORK/manager.log" 2>&1)"
	runtime delete --force "$id"
done

# A missing program: the line in the log that go-runc and the shim take the error from, and the exit status.
start_container
call docker-exec
for ((i = 0; i < ${#called[@]}; i++)); do
	[ "${called[i]}" != --process ] || jq '.args = ["no-such-program"] | del(.oomScoreAdj)' "${called[i + 1]}" >"$WORK/process.json"
	[ "${called[i]}" != --process ] || called[i + 1]=$WORK/process.json
done
rm -f "$WORK/manager.log" "$WORK/manager.pid"
status=0
timeout 30 "${called[@]}" >"$WORK/out" 2>&1 </dev/null || status=$?
check_equal "a missing program, as Docker calls: exit status" 255 "$status"
check_match "...the last line of the log" 'error .*executable file not found in \$PATH' \
	"$(tail -n 1 "$WORK/manager.log" | jq -r '"\(.level) \(.msg)"')"
check "...and no pid file is left" test ! -e "$WORK/manager.pid"

# --- I/O priority, scheduler, CPUs: the file's, else the config's
io_priority()
{
	by_file ".args = [\"sh\", \"-c\", \"ionice -p \$\$\"] | $1"
}
check_equal "ioPriority: best effort" "best-effort: prio 2" "$(io_priority '.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 2}')"
check_match "ioPriority: idle" '^idle' "$(io_priority '.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0}')"
# What the process inherits from us without one.
check_equal "ioPriority: none in the file, none in the config: ours" "$(busybox ionice -p $$)" "$(io_priority .)"
# Fields of /proc/PID/stat: 41 the policy, 40 the real-time priority, 19 the nice value (proc(5)).
scheduler()
{
	by_file ".args = [\"cat\", \"/proc/self/stat\"] | $1" | awk '{ print $41, $40, $19 }'
}
check_equal "scheduler: SCHED_IDLE" "5 0 $(nice)" "$(scheduler '.scheduler = {policy: "SCHED_IDLE"}')"
check_equal "scheduler: SCHED_OTHER, nice" "0 0 7" "$(scheduler '.scheduler = {policy: "SCHED_OTHER", nice: 7}')"
check_equal "scheduler of a user without privilege" "3 0 4" \
	"$(scheduler '.user = {uid: 1000, gid: 1000} | .scheduler = {policy: "SCHED_BATCH", nice: 4}')"
runtime delete --force "$id"
start_container '.process.scheduler = {policy: "SCHED_BATCH", nice: 3} | .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6} |
	.process.execCPUAffinity = {final: "0"}'
check_equal "scheduler: without one in the file the config's" "3 0 3" "$(scheduler .)"
check_equal "ioPriority: without one in the file the config's" "best-effort: prio 6" "$(io_priority .)"
check_equal "execCPUAffinity: without one in the file the config's" 0 \
	"$(by_file '.args = ["grep", "Cpus_allowed_list", "/proc/self/status"]' | awk '{ print $2 }')"
check_equal "...also from flags" "3 0 3 0" "$(runtime exec "$id" sh -c 'cat /proc/self/stat' 2>&1 </dev/null | awk '{ print $41, $40, $19 }') $(
	runtime exec "$id" grep Cpus_allowed_list /proc/self/status 2>&1 </dev/null | awk '{ print $2 }')"
check_equal "scheduler: the file's counts for more" "0 0 1" "$(scheduler '.scheduler = {policy: "SCHED_OTHER", nice: 1}')"
runtime delete --force "$id"

# --- what takes a capability over the host: init has none in a user namespace
user='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
	.linux.gidMappings = .linux.uidMappings'
if [ "$(id -u)" -eq 0 ] && [ "$(nice -n -5 nice)" -lt "$(nice)" ]; then
	high='.scheduler = {policy: "SCHED_OTHER", nice: -7} | .ioPriority = {class: "IOPRIO_CLASS_RT", priority: 3}'
	check_equal "scheduler and ioPriority above the caller's, in a user namespace" "-7 realtime: prio 3" \
		"$(run_in "$user | .process |= ($high)" 'set -- $(cat /proc/self/stat); echo "${19} $(ionice -p $$)"')"
	start_container "$user"
	check_equal "...of exec" "0 0 -7" "$(scheduler "$high")"
	check_equal "...of exec" "realtime: prio 3" "$(io_priority "$high")"
	check_equal "...of exec by another user" "0 0 -7" "$(scheduler "$high | .user = {uid: 1000, gid: 1000}")"
	runtime delete --force "$id"
	if command -v strace >/dev/null; then
		wrapper=(strace -f -o "$WORK/trace" -e trace=sched_setattr -e inject=sched_setattr:error=EPERM)
		dir=$(bundle refused "$user | .process |= ($high)")
		check_match "...an error names the property" '/process/scheduler .*sched_setattr of the container.s process' \
			"$(runtime run -b "$dir" "$id" 2>&1 </dev/null)"
		wrapper=()
	fi
else
	skip "scheduler and ioPriority above the caller's, in a user namespace" "needs root with CAP_SYS_NICE"
fi
if [ "$(id -u)" -eq 0 ] && bash -c 'ulimit -n 100 && ulimit -n 200' 2>/dev/null; then
	wrapper=(bash -c 'ulimit -n 100; exec "$@"' bash)
	limit='.rlimits = [{type: "RLIMIT_NOFILE", soft: 150, hard: 200}]'
	dir=$(bundle limited "$user | .process |= ($limit) | .process.args = [\"sleep\", \"1000\"]")
	check "rlimits above the caller's, in a user namespace" runtime run -d --pid-file "$WORK/pid" -b "$dir" "$id"
	check_match "...are in force" 'Max open files +150 +200' "$(cat "/proc/$(cat "$WORK/pid")/limits")"
	jq -n "{cwd: \"/\", args: [\"sh\", \"-c\", \"ulimit -Hn\"]} | $limit" >"$WORK/process.json"
	check_equal "...of exec" 200 "$(runtime exec --process "$WORK/process.json" "$id" 2>&1 </dev/null)"
	runtime delete --force "$id"
	wrapper=()
else
	skip "rlimits above the caller's, in a user namespace" "needs root with CAP_SYS_RESOURCE"
fi
start_container
if command -v strace >/dev/null; then
	by_file '.execCPUAffinity = {initial: "0"} | .args = ["true"]' >/dev/null
	strace -f -o "$WORK/trace" -e trace=sched_setaffinity,clone3 "$RUNTIME" --root "$STATE" exec --process "$WORK/process.json" "$id" \
		>/dev/null 2>&1 </dev/null
	check_match "execCPUAffinity.initial is set before init is born" '^[0-9]+ +sched_setaffinity\(0, [0-9]+, \[0( \.\.\.)?\]\)' \
		"$(sed -n '/clone3/q; /sched_setaffinity/p' "$WORK/trace")"
else
	skip "execCPUAffinity.initial is set before init is born" "no strace"
fi
refused "execCPUAffinity: CPUs that are none" '/execCPUAffinity/final' by_file '.execCPUAffinity = {final: "1-"}'
refused "ioPriority: a class that is none" '/ioPriority/class' by_file '.ioPriority = {class: "IOPRIO_CLASS_NOSUCH", priority: 0}'
refused "scheduler: a policy that is none" '/scheduler/policy' by_file '.scheduler = {policy: "SCHED_NOSUCH"}'
runtime delete --force "$id"

# --- --no-new-privs
start_container '.process.noNewPrivileges = false'
nnp()
{
	runtime exec "$@" "$id" grep NoNewPrivs /proc/self/status 2>&1 </dev/null | awk '{ print $2 }'
}
check_equal "--no-new-privs" "0 1" "$(nnp) $(nnp --no-new-privs)"
runtime delete --force "$id"

# --- whose children orphans become
parent_of()
{
	awk '$1 == "PPid:" { print $2 }' "/proc/$1/status"
}
start_container
orphan=$(runtime exec "$id" sh -c 'sleep 100 >/dev/null 2>&1 & echo $!' 2>&1 </dev/null)
check_equal "an orphan becomes the child of the container's process 1" 1 \
	"$(runtime exec "$id" awk '$1 == "PPid:" { print $2 }' "/proc/$orphan/status" 2>&1 </dev/null)"
runtime delete --force "$id"
# Without a pid namespace an orphan goes to the nearest subreaper above: that must not be an exec, which would
# wait for nothing but its own child.
start_container '.linux.namespaces |= map(select(.type != "pid"))'
for option in "" --no-subreaper; do
	rm -f "$WORK/orphan"
	# shellcheck disable=SC2086
	"$RUNTIME" --root "$STATE" exec $option "$id" sh -c '(sleep 100 >/dev/null 2>&1 & echo $!); sleep 1000' \
		>"$WORK/orphan" 2>&1 </dev/null &
	job=$!
	wait_until 5 test -s "$WORK/orphan"
	orphan=$(cat "$WORK/orphan")
	parent=$(parent_of "${orphan:-none}")
	check "no pid namespace: ...is not adopted by exec${option:+ $option}" test -n "$parent" -a "$parent" != "$job"
	kill "$orphan"
	kill "$job"
	wait "$job" 2>/dev/null
done
runtime delete --force "$id"
dir=$(bundle orphans '.linux.namespaces |= map(select(.type != "pid")) | .process.args = ["sh", "-c", $cmd]' \
	--arg cmd '(sleep 100 >/dev/null 2>&1 & echo $!); sleep 1000')
for option in "" --no-subreaper; do
	rm -f "$WORK/orphan"
	# shellcheck disable=SC2086
	"$RUNTIME" --root "$STATE" run $option -b "$dir" "$id" >"$WORK/orphan" 2>&1 </dev/null &
	job=$!
	wait_until 5 test -s "$WORK/orphan"
	orphan=$(cat "$WORK/orphan")
	parent=$(parent_of "$orphan")
	if [ -z "$option" ]; then
		check_equal "run in the foreground is the subreaper" "$job" "$parent"
		kill -KILL "$orphan"
		check "...and leaves no zombie" wait_until 5 test ! -d "/proc/$orphan"
	else
		check "run --no-subreaper is not" test -n "$parent" -a "$parent" != "$job"
		kill -KILL "$orphan"
	fi
	runtime kill "$id" KILL
	wait "$job"
done

# --- a container that has divided up its cgroup: cgroup v2 permits no process beside cgroups with controllers
tree=$(v2_root)
# One that is not threaded: cpu, cpuset and pids would permit it.
controller=$(grep -owE 'memory|hugetlb|io|misc|rdma' "$tree/cgroup.subtree_control" 2>/dev/null | head -n 1)
if [ "$(id -u)" -eq 0 ] && [ -n "$controller" ]; then
	mkdir "$tree/$PREFIX-divided" && echo "+$controller" >"$tree/$PREFIX-divided/cgroup.subtree_control"
	start_container ".linux.cgroupsPath = \"/$PREFIX-divided/c\""
	own=$tree/$PREFIX-divided/c
	mkdir "$own/init.scope" "$own/other"
	runtime state "$id" | jq .pid >"$own/init.scope/cgroup.procs"
	echo "+$controller" >"$own/cgroup.subtree_control"
	runtime exec -d --pid-file "$WORK/pid" "$id" sleep 100 >/dev/null 2>&1 </dev/null
	check_equal "a divided cgroup: exec goes where the container's process went" "/$PREFIX-divided/c/init.scope" \
		"$(sed -n 's/^0:://p' "/proc/$(cat "$WORK/pid")/cgroup")"
	check_equal "...its exit status" 3 "$(runtime exec "$id" sh -c 'exit 3' >/dev/null 2>&1 </dev/null; echo $?)"
	runtime exec -d --cgroup other --pid-file "$WORK/pid" "$id" sleep 100 >/dev/null 2>&1 </dev/null
	check_equal "...--cgroup still says where" "/$PREFIX-divided/c/other" "$(sed -n 's/^0:://p' "/proc/$(cat "$WORK/pid")/cgroup")"
	mkdir "$own/split" "$own/split/below" && echo "+$controller" >"$own/split/cgroup.subtree_control"
	refused "...and one that can have no process is refused, not exchanged" '--cgroup split' runtime exec --cgroup split "$id" true
	runtime delete --force "$id"
	check "...all of it goes with the container" test ! -d "$own"
	# A runtime leaves parents to who named them.
	rmdir "$tree/$PREFIX-divided" /sys/fs/cgroup/*/"$PREFIX-divided" 2>/dev/null
else
	skip "a divided cgroup: exec goes where the container's process went" "needs root and a controller in the v2 tree"
fi
check_unchanged "all of these leave nothing" "$before"
suite_end
