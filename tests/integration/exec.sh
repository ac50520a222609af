#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# exec: from flags and from --process, what the process is and has, and what it must not have.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)
id=$PREFIX-a

# start_container [FILTER]: a sleeping container of the config changed by FILTER.
start_container()
{
	local dir

	dir=$(bundle sleeper "${1:-.} | .process.args = [\"sleep\", \"1000\"]") || return 1
	runtime run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null || cat "$WORK/log"
}

# in_container [OPTION...] -- COMMAND: run the shell COMMAND there by exec, print what it printed.
in_container()
{
	local options=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	timeout 30 "$RUNTIME" --root "$STATE" exec "${options[@]}" "$id" sh -c "$2" 2>&1 </dev/null
}

# exec_status [OPTION...] -- COMMAND: the exit status only.
exec_status()
{
	local status=0

	in_container "$@" >"$WORK/exec.out" 2>&1 || status=$?
	echo "$status"
}

# by_file FILTER [OPTION...]: exec with a process file made by FILTER from a minimal one.
by_file()
{
	jq -n '{cwd: "/", args: ["sh", "-c", "echo $0"], env: ["PATH=/bin:/sbin"]} | '"$1" \
		>"$WORK/process.json"
	shift
	timeout 30 "$RUNTIME" --root "$STATE" exec --process "$WORK/process.json" "$@" "$id" 2>&1 </dev/null
}

# --- from flags
start_container '.process.env += ["FROM=config", "TWICE=first"] | .process.user.umask = 63'
check_equal "output" "hello" "$(in_container -- 'echo hello')"
check_equal "input" "over the pipe" "$(echo "over the pipe" | runtime exec "$id" cat 2>/dev/null)"
check_equal "large output is complete" 1048576 \
	"$(head -c 1048576 /dev/zero | runtime exec "$id" cat 2>/dev/null | wc -c)"
check_equal "stderr is its own" "error" "$(runtime exec "$id" sh -c 'echo out; echo error >&2' 2>&1 >/dev/null)"
check_equal "exit status 0" 0 "$(exec_status -- true)"
check_equal "exit status 42" 42 "$(exec_status -- 'exit 42')"
check_equal "death by signal 9 is 137" 137 "$(exec_status -- 'kill -9 $$')"
check_equal "death by signal 15 is 143" 143 "$(exec_status -- 'kill -15 $$')"
check_equal "environment: the config's, and HOME" "config /root" "$(in_container -- 'echo $FROM $HOME')"
check_equal "--env adds and replaces" "config second extra" \
	"$(in_container -e TWICE=second --env MORE=extra -- 'echo $FROM $TWICE $MORE')"
check_equal "--env may hold a newline" "1 2" "$(in_container -e "X=1
2" -- 'echo $X')"
check_equal "--cwd" /etc "$(in_container --cwd /etc -- pwd)"
check_equal "--user UID:GID" "1000:1001" "$(in_container -u 1000:1001 -- 'echo $(id -u):$(id -g)')"
check_equal "--user UID keeps the config's gid" "1000:0" "$(in_container --user 1000 -- 'echo $(id -u):$(id -g)')"
check_equal "--additional-gids" "1001 5 7" \
	"$(in_container -u 1000:1001 -g 5 --additional-gids 7 -- 'id -G')"
check_equal "umask of the config" 0077 "$(in_container -- umask)"
check_equal "options after the command are the command's" "-t -d" "$(in_container -- 'echo -t -d')"

# --- capabilities
caps()
{
	in_container "$@" -- 'grep Cap /proc/self/status' | awk '{ printf "%s ", substr($2, 9) }'
}
check_equal "capabilities of the config" "00000000 20000420 20000420 20000420 00000000 " "$(caps)"
check_equal "--cap adds to bounding, effective, permitted" \
	"00000000 20000421 20000421 20000421 00000000 " "$(caps --cap CAP_CHOWN)"
check_equal "no_new_privs of the config" 1 "$(in_container -- 'grep NoNew /proc/self/status' | awk '{ print $2 }')"
check_equal "another user has no effective ones" "00000000 20000420 00000000 20000420 00000000 " \
	"$(caps -u 1000 | sed 's/00000000 00000000 00000000/00000000 20000420 00000000/')"

# --- where it is
pid1=$(runtime state "$id" | jq .pid)
namespaces()
{
	for ns in cgroup ipc mnt net pid time user uts; do
		readlink "/proc/$1/ns/$ns"
	done
}
# Not by the function, whose subshell it would be that is killed.
"$RUNTIME" --root "$STATE" exec --pid-file "$WORK/pid" "$id" sleep 1000 >/dev/null 2>&1 </dev/null &
job=$!
wait_until 5 test -s "$WORK/pid"
pid=$(cat "$WORK/pid")
check_equal "pid file names a process of the same namespaces" "$(namespaces "$pid1")" "$(namespaces "$pid")"
check_equal "in the container's cgroups" "$(cat "/proc/$pid1/cgroup")" "$(cat "/proc/$pid/cgroup")"
check_equal "its parent is not in the container" 0 "$(awk '$1 == "PPid:" { print $2 }' "/proc/$pid/root/proc/$(
	awk '$1 == "NSpid:" { print $NF }' "/proc/$pid/status")/status")"
check_equal "no signal is blocked or ignored" "0000000000000000 0000000000000000 " \
	"$(awk '/^Sig(Blk|Ign)/ { printf "%s ", $2 }' "/proc/$pid/status")"
check_equal "it leads a session of its own" "$pid" "$(ps -o sid= -p "$pid" | tr -d ' ')"
check "kill of the command reaches the process" kill -TERM "$job"
status=0
wait "$job" || status=$?
check_equal "...which ends with it" 143 "$status"
check "...both of them" test ! -d "/proc/$pid"
check_equal "the container is unharmed" running "$(status_of "$id")"

# --- it inherits nothing
exec 7</etc/hostname
check_equal "no descriptor but stdin, stdout and stderr" "0 1 2 " \
	"$(in_container -- 'for f in /proc/self/fd/*; do [ -e $f ] && echo -n "${f##*/} "; done; true' 7</etc/hostname)"
check_equal "--preserve-fds passes descriptors on" "three four" \
	"$(runtime exec --preserve-fds 2 "$id" sh -c 'echo $(cat <&3) $(cat <&4)' 3<<<three 4<<<four)"
check_equal "--preserve-fds with a hole" "five" \
	"$(runtime exec --preserve-fds 3 "$id" sh -c 'cat <&5' 5<<<five 2>&1)"
exec 7<&-
check_equal "ignored signals are not inherited" "0000000000000000" \
	"$(trap '' HUP USR1; runtime exec "$id" grep SigIgn /proc/self/status | awk '{ print $2 }')"
check_equal "CPU affinity is the cgroup's, not the caller's" "$(in_container -- 'grep Cpus_allowed: /proc/1/status')" \
	"$(taskset -c 0 "$RUNTIME" --root "$STATE" exec "$id" grep Cpus_allowed: /proc/self/status)"

# --- from a careless caller: signals blocked and ignored, real-time ones among them, and descriptors leaked
if command -v python3 >/dev/null; then
	cat >"$WORK/careless.py" <<-'END'
		import os, signal, sys
		signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
		for number in (1, 2, 10, 12, 13, 15, 17, 20, 34, 64):
		    signal.signal(number, signal.SIG_IGN)
		for number in range(3, 10):
		    os.set_inheritable(os.open("/", os.O_RDONLY), True)
		os.execvp(sys.argv[1], sys.argv[1:])
	END
	inherited='grep -E "Sig(Blk|Ign):" /proc/self/status | cut -f 2; for fd in /proc/$$/fd/*; do [ ! -d "$fd" ] || echo "$fd"; done; exit 7'
	none="0000000000000000 0000000000000000"
	check_equal "control: what a careless caller hands on" "different, and directories" "$(python3 "$WORK/careless.py" sh -c "$inherited" | {
		mapfile -t lines
		[ "${lines[0]} ${lines[1]}" = "$none" ] || [ "${#lines[@]}" -lt 9 ] || echo "different, and directories"
	})"
	wrapper=(timeout --signal=KILL 60 python3 "$WORK/careless.py")
	dir=$(bundle careless '.process.args = ["sh", "-c", $cmd]' --arg cmd "$inherited")
	check_equal "run: nothing of a careless caller's is inherited" "$none"$'\n'7 \
		"$(runtime run -b "$dir" "$PREFIX-careless" 2>&1 </dev/null | xargs; echo "${PIPESTATUS[0]}")"
	check_equal "exec: nothing of a careless caller's is inherited" "$none"$'\n'7 \
		"$(runtime exec "$id" sh -c "$inherited" 2>&1 </dev/null | xargs; echo "${PIPESTATUS[0]}")"
	wrapper=()
fi

# --- from a file
check_equal "--process: args" "sh" "$(by_file .)"
check_equal "--process: env is only its own, and HOME" "HOME=/root PATH=/bin:/sbin" \
	"$(by_file '.args = ["cat", "/proc/self/environ"]' | tr '\0' '\n' | sort | xargs)"
check_equal "--process: user and groups" "1000 500 5 6" \
	"$(by_file '.user = {uid: 1000, gid: 500, additionalGids: [5, 6]} |
		.args = ["sh", "-c", "echo $(id -u) $(id -G)"]')"
check_equal "--process: cwd" /tmp "$(by_file '.cwd = "/tmp" | .args = ["pwd"]')"
check_equal "--process: rlimits" "100 200" "$(by_file '.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}] |
	.args = ["sh", "-c", "echo $(ulimit -Sn) $(ulimit -Hn)"]')"
check_equal "--process: RLIMIT_NPROC counts only what runs" "ran" \
	"$(by_file '.rlimits = [{type: "RLIMIT_NPROC", soft: 1, hard: 1}] | .user = {uid: '$((200000 + RANDOM * 32768 + RANDOM))', gid: 0} |
	.args = ["echo", "ran"]')"
check_equal "--process: without capabilities it has the config's" "0000000020000420" \
	"$(by_file '.args = ["grep", "CapPrm", "/proc/self/status"]' | awk '{ print $2 }')"
check_equal "--process: with empty capabilities there are none" "0000000000000000" \
	"$(by_file '.capabilities = {} | .args = ["grep", "CapPrm", "/proc/self/status"]' | awk '{ print $2 }')"
check_equal "--process: without umask it has the config's" 0077 "$(by_file '.args = ["sh", "-c", "umask"]')"
check_equal "--process: noNewPrivileges" "1" \
	"$(by_file '.noNewPrivileges = true | .args = ["grep", "NoNewPrivs", "/proc/self/status"]' | awk '{ print $2 }')"
check_equal "--process: umask" "0007" "$(by_file '.user = {uid: 0, gid: 0, umask: 7} | .args = ["sh", "-c", "umask"]')"
check_equal "--process: oomScoreAdj" 500 \
	"$(by_file '.oomScoreAdj = 500 | .args = ["cat", "/proc/self/oom_score_adj"]')"
check_equal "--process: through a pipe" "piped" "$(jq -n '{cwd: "/", args: ["echo", "piped"], env: ["PATH=/bin"]}' |
	runtime exec --process /dev/stdin "$id" 2>&1)"
check_equal "--process: seccomp of the config, none here" 0 \
	"$(by_file '.args = ["grep", "Seccomp:", "/proc/self/status"]' | awk '{ print $2 }')"

# --- detached
check "--detach returns" timeout 10 "$RUNTIME" --root "$STATE" exec -d --pid-file "$WORK/pid2" "$id" sleep 500
check_equal "...with the process running" "sleep 500 " "$(tr '\0' ' ' <"/proc/$(cat "$WORK/pid2")/cmdline")"
kill -KILL "$(cat "$WORK/pid2")"
# Until it is gone it is in the counts below.
wait_until 5 test ! -d "/proc/$(cat "$WORK/pid2")"

# --- bad input: 255, a clear word, nothing left, the container unharmed
refused()
{
	local name=$1 pattern=$2 out status=0

	shift 2
	out=$(timeout 30 "$RUNTIME" --root "$STATE" exec "$@" 2>&1 </dev/null) || status=$?
	if [ "$status" -eq 255 ]; then
		check_match "$name" "$pattern" "$out"
	else
		fail "$name" "exit $status: $out"
	fi
}
inside=$(runtime exec "$id" ps | wc -l)
refused "a missing program" 'exec: .*"nosuch\\?": executable file not found in \$PATH' "$id" nosuch
refused "a missing program by path" 'exec: \\?"/no/such\\?": (stat /no/such: )?no such file or directory' "$id" /no/such
refused "a program that is not executable" 'permission denied' "$id" /etc/passwd
refused "a directory as the program" 'permission denied|is a directory' "$id" /etc
refused "a missing working directory" 'chdir to cwd.*[Nn]o such file' --cwd /no/such "$id" true
refused "a relative working directory" 'absolute' --cwd etc "$id" true
refused "an unknown container" 'does not exist|[Nn]o such' "$PREFIX-none" true
refused "no command" 'command|process|args' "$id"
refused "a user name" 'nobody' -u nobody "$id" true
refused "a process file that is not there" 'No such file|no such file' --process "$WORK/none.json" "$id"
echo '{"args": ["true"], "cwd": "/"' >"$WORK/broken.json"
refused "a process file that is not JSON" 'JSON|EOF|parse' --process "$WORK/broken.json" "$id"
echo '{"args": ["true"], "cwd": 7}' >"$WORK/broken.json"
refused "a process file with a wrong type" 'cwd' --process "$WORK/broken.json" "$id"
echo '{"args": [], "cwd": "/"}' >"$WORK/broken.json"
refused "a process file without a program" 'args' --process "$WORK/broken.json" "$id"
refused "a pid file in a missing directory" 'No such file|no such file' --pid-file "$WORK/none/pid" "$id" true
refused "a terminal for a detached process needs a socket" 'console' -d -t "$id" true
refused "a console socket that is not there" 'No such file|no such file' -d -t --console-socket "$WORK/none" "$id" true
refused "a sub cgroup that is not there" 'o such file or directory' --cgroup none "$id" true
refused "a sub cgroup outside" 'sub cgroup path|not allowed' --cgroup ../none "$id" true
# Fewer may be left than there were: one of before may have been about to end.
check "nothing of all these runs" test "$(runtime exec "$id" ps | wc -l)" -le "$inside"
check_equal "...and the container does" running "$(status_of "$id")"
runtime kill "$id" KILL
wait_until 5 status_is "$id" stopped
refused "a stopped container" 'stopped|not running' "$id" true
runtime delete --force "$id"
check_unchanged "exec leaves nothing" "$before"

# --- seccomp: the container's filter holds for what is executed, with and without no_new_privs
filter='.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
	{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 95},
	{names: ["clone3", "setns", "unshare", "sendmsg", "recvmsg", "pidfd_open"], action: "SCMP_ACT_ERRNO", errnoRet: 38}]}'
for nnp in true false; do
	start_container "$filter | .process.noNewPrivileges = $nnp"
	check_match "seccomp (noNewPrivileges $nnp): a forbidden call fails" "Operation not supported" \
		"$(in_container -- 'mkdir /tmp/forbidden')"
	check_equal "...also from a file" 2 \
		"$(by_file '.args = ["grep", "Seccomp:", "/proc/self/status"]' | awk '{ print $2 }')"
	# Kept at create, so as not to be compiled again; without it the config's rules are.
	rm -f "$STATE/$id/seccomp"
	check_match "...and compiled afresh" "Operation not supported" "$(in_container -- 'mkdir /tmp/forbidden')"
	runtime delete --force "$id"
done

# --- namespaces: all kinds of them, by one call
if command -v strace >/dev/null; then
	outside=100000
	[ "$(id -u)" -eq 0 ] || outside=$(awk -F: -v name="$(id -un)" '$1 == name { print $2; exit }' /etc/subuid)
	start_container ".linux.namespaces += [{type: \"user\"}, {type: \"time\"}] | .linux.namespaces |= unique_by(.type) |
		.linux.uidMappings = [{containerID: 0, hostID: $outside, size: 65536}] | .linux.gidMappings = .linux.uidMappings"
	strace -f -o "$WORK/trace" -e trace=setns "$RUNTIME" --root "$STATE" exec "$id" true >/dev/null 2>&1 </dev/null
	check_equal "all namespaces are joined by one setns" 1 "$(grep -c 'setns(' "$WORK/trace")"
	runtime exec --pid-file "$WORK/pid" -d "$id" sleep 100 >/dev/null 2>&1 </dev/null
	check_equal "...user and time namespace among them" "$(namespaces "$(runtime state "$id" | jq .pid)")" \
		"$(namespaces "$(cat "$WORK/pid")")"
	check_equal "in a user namespace: root there, nobody here" "0 $outside" \
		"$(in_container -- 'id -u') $(stat -c %u "/proc/$(cat "$WORK/pid")")"
	check_equal "...other ids of its map" 65535 "$(in_container -u 65535 -- 'id -u')"
	refused "...an id that is not mapped" '65536|not mapped|[Ii]nvalid' -u 65536 "$id" true
	refused "...a group that is not mapped" '65536|not mapped|[Ii]nvalid' -u 0:65536 "$id" true
	runtime delete --force "$id"
else
	skip "all namespaces are joined by one setns" "no strace"
fi
start_container '.linux.namespaces |= map(select(.type != "pid"))'
check_equal "without a pid namespace" "0" "$(exec_status -- 'test -d /proc/self')"
check_equal "...the container's root" "$(find "$WORK/rootfs" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)" \
	"$(in_container -- 'ls /' | sort | xargs)"
runtime delete --force "$id"
start_container '.mounts = [] | .linux.maskedPaths = [] | .linux.readonlyPaths = [] | del(.hostname) |
	.linux.namespaces = [{type: "pid"}]'
check_equal "without a mount namespace: the container's root all the same" \
	"$(find "$WORK/rootfs" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)" "$(in_container -- 'ls /' | sort | xargs)"
runtime delete --force "$id"

# --- in a created container; in a paused one
dir=$(bundle created '.process.args = ["sleep", "1000"]')
runtime create -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
check_equal "in a created container" hello "$(in_container -- 'echo hello')"
check_equal "...which stays created" created "$(status_of "$id")"
runtime start "$id" >"$WORK/log" 2>&1 </dev/null
runtime pause "$id" >"$WORK/log" 2>&1 </dev/null
refused "a paused container" 'paused' "$id" true
rm -f "$WORK/out"
timeout 20 "$RUNTIME" --root "$STATE" exec --ignore-paused "$id" echo thawed >"$WORK/out" 2>&1 </dev/null &
job=$!
sleep 0.3
check_equal "--ignore-paused: it does not run yet" "" "$(cat "$WORK/out")"
runtime resume "$id" >"$WORK/log" 2>&1 </dev/null
check "...but once the container is resumed" wait "$job"
check_equal "...it does" thawed "$(cat "$WORK/out")"

# --- a cgroup below the container's
pid1=$(runtime state "$id" | jq .pid)
made=()
while IFS=: read -r _ controllers path; do
	mount=/sys/fs/cgroup/${controllers#name=}
	[ -n "$controllers" ] || mount=/sys/fs/cgroup/unified
	[ -d "$mount$path" ] || mount=/sys/fs/cgroup
	[ -d "$mount$path" ] && mkdir -p "$mount$path/sub" 2>/dev/null && made+=("$mount$path/sub")
	# v1's takes no process before it has CPUs and memory nodes (cgroup-v1/cpusets.rst).
	for file in cpuset.cpus cpuset.mems; do
		[[ ,$controllers, != *,cpuset,* ]] || cat "$mount$path/$file" >"$mount$path/sub/$file"
	done
done <"/proc/$pid1/cgroup"
runtime exec -d --cgroup sub --pid-file "$WORK/pid" "$id" sleep 100 >/dev/null 2>&1 </dev/null
check_equal "--cgroup: in the sub cgroup everywhere" "$(sed 's/$/\/sub/' "/proc/$pid1/cgroup")" "$(cat "/proc/$(cat "$WORK/pid")/cgroup")"
refused "--cgroup: an unknown controller" 'unknown controller|not found|not known' --cgroup nosuch:sub "$id" true
runtime delete --force "$id"
check "--cgroup: the sub cgroups go with the container" test ! -d "${made[0]}"

# --- a cgroup that was taken away: a process would be outside of its limits
start_container
pid1=$(runtime state "$id" | jq .pid)
v1_has pids && lost=/sys/fs/cgroup/pids$(sed -n 's/^[0-9]*:pids://p' "/proc/$pid1/cgroup") ||
	lost=$(v2_root)$(sed -n 's/^0:://p' "/proc/$pid1/cgroup")
# Never another's.
if [ "$(id -u)" -eq 0 ] && [[ $lost = */"$id" ]]; then
	mkdir "$lost-aside"
	while read -r pid; do
		echo "$pid" >"$lost-aside/cgroup.procs"
	done <"$lost/cgroup.procs"
	check "the container's cgroup can be removed" wait_until 10 rmdir "$lost"
	refused "nothing is executed where the container's cgroup was removed" 'cgroup .* was removed' "$id" true
	runtime delete --force "$id"
	check "its processes' new cgroup is empty" wait_until 10 rmdir "$lost-aside"
fi
runtime delete --force "$id"

# --- CPUs, scheduler, I/O priority
start_container
if [ "$(nproc)" -gt 1 ]; then
	check_equal "execCPUAffinity.final" 1 "$(by_file '.execCPUAffinity = {final: "1"} |
		.args = ["grep", "Cpus_allowed_list", "/proc/self/status"]' | awk '{ print $2 }')"
	check_equal "execCPUAffinity.initial does not last" "$(in_container -- 'grep Cpus_allowed_list /proc/1/status')" \
		"$(by_file '.execCPUAffinity = {initial: "1"} | .args = ["grep", "Cpus_allowed_list", "/proc/self/status"]')"
else
	skip "execCPUAffinity" "one CPU"
fi
# Fields of /proc/PID/stat: 41 the policy (3 is SCHED_BATCH), 19 the nice value (proc(5)).
check_equal "scheduler and nice value" "3 5" "$(by_file '.scheduler = {policy: "SCHED_BATCH", nice: 5} |
	.args = ["cat", "/proc/self/stat"]' | awk '{ print $41, $19 }')"
runtime delete --force "$id"
check_unchanged "all of these leave nothing" "$before"
suite_end
