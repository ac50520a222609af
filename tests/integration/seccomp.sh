#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# linux.seccomp by its effect on a program that makes one system call and says what came of it, and
# notifications with a real agent.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
helpers=$(dirname "$0")/helpers
case $(uname -m) in
x86_64) dup=32 dup2=33 openat2=437 newest=9999 ;;
*)
	skip "linux.seccomp" "the system call numbers of this suite are those of x86_64"
	suite_end
	;;
esac
if ! "${CC:-cc}" -O1 -static -o "$WORK/rootfs/bin/call" "$helpers/call.c" ||
	! "${CC:-cc}" -O1 -o "$WORK/agent" "$helpers/seccomp-agent.c"; then
	fail "helpers compile"
	suite_end
fi
before=$(snapshot)

# with SECCOMP COMMAND [FILTER]: what a container with that linux.seccomp prints when it runs COMMAND, and "exit N".
with()
{
	local dir status=0
	# shellcheck disable=SC2016
	dir=$(bundle filtered ".linux.seccomp = \$seccomp | .process.args = [\"sh\", \"-c\", \$cmd] | ${3:-.}" \
		--argjson seccomp "$1" --arg cmd "$2")
	timeout 60 "$RUNTIME" --root "$STATE" run -b "$dir" "$PREFIX-sec" 2>&1 </dev/null || status=$?
	[ "$status" -eq 0 ] || echo "exit $status"
}

# rule ACTION [MORE]: a filter that allows all, but for dup(2).
rule()
{
	echo "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [
		{\"names\": [\"dup\"], \"action\": \"SCMP_ACT_$1\" ${2:-}}]}"
}

# Actions. A shell reports a killed child as 128 + SIGSYS.
check_equal "SEC-10 ALLOW" "ok" "$(with "$(rule ALLOW)" "call $dup 1")"
check_equal "SEC-10 LOG" "ok" "$(with "$(rule LOG)" "call $dup 1")"
check_equal "SEC-10 ERRNO is EPERM" "errno 1" "$(with "$(rule ERRNO)" "call $dup 1")"
check_equal "SEC-11 errnoRet" "errno 77" "$(with "$(rule ERRNO ', "errnoRet": 77')" "call $dup 1")"
check_equal "SEC-10 TRAP" "trap $dup 0" "$(with "$(rule TRAP)" "call -s $dup 1")"
# Without a tracer the kernel answers ENOSYS (seccomp(2)).
check_equal "SEC-10 TRACE" "errno 38" "$(with "$(rule TRACE)" "call $dup 1")"
for action in KILL KILL_THREAD KILL_PROCESS; do
	check_match "SEC-10 $action" "^exit 159$" "$(with "$(rule $action)" "exec call $dup 1")"
done

# Comparisons of dup2's first argument with 5: what is below, equal and above.
for expected in "NE 1 0 1" "LT 1 0 0" "LE 1 1 0" "EQ 0 1 0" "GE 0 1 1" "GT 0 0 1"; do
	read -r op below equal above <<<"$expected"
	got=$(with "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"dup2\"],
		\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 77, \"args\": [
		{\"index\": 0, \"value\": 5, \"op\": \"SCMP_CMP_$op\"}]}]}" \
		"for n in 4 5 6; do call $dup2 \$n 9; done" | sed 's/^errno 77$/1/; t; s/.*/0/' | paste -sd ' ')
	check_equal "SEC-13 SCMP_CMP_$op" "$below $equal $above" "$got"
done
got=$(with '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["dup2"], "action": "SCMP_ACT_ERRNO",
	"errnoRet": 77, "args": [{"index": 0, "value": 240, "valueTwo": 16, "op": "SCMP_CMP_MASKED_EQ"}]}]}' \
	"for n in 31 47; do call $dup2 \$n 9; done" | paste -sd ' ')
check_equal "SEC-13 SCMP_CMP_MASKED_EQ" "errno 77 errno 9" "$got"

got=$(with "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"dup2\"], \"action\": \"SCMP_ACT_ERRNO\",
	\"errnoRet\": 77, \"args\": [{\"index\": 0, \"value\": 40, \"op\": \"SCMP_CMP_EQ\"},
	{\"index\": 1, \"value\": 41, \"op\": \"SCMP_CMP_EQ\"}]}]}" \
	"call $dup2 40 41; call $dup2 40 42; call $dup2 43 41" | paste -sd ' ')
check_equal "SEC-12 all conditions must hold" "errno 77 errno 9 errno 9" "$got"

# An argument more than once: any condition is enough, be there more of them than arguments, of others, too.
twice()
{
	with "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"dup2\"], \"action\": \"SCMP_ACT_ERRNO\",
		\"errnoRet\": 77, \"args\": [$1]}]}" "for n in $2; do call $dup2 \${n%:*} \${n#*:}; done" |
		sed 's/^errno 77$/1/; t; s/.*/0/' | paste -sd ' '
}
# condition INDEX VALUE [OPERATOR]
condition()
{
	echo "{\"index\": $1, \"value\": $2, \"op\": \"SCMP_CMP_${3:-EQ}\"}"
}
check_equal "SEC-12 SEC-13 two values of one argument" "1 0 1" "$(twice "$(condition 0 40),$(condition 0 42)" "40:50 41:50 42:50")"
check_equal "SEC-12 SEC-13 ...below one or above another" "1 0 1" \
	"$(twice "$(condition 0 40 LE),$(condition 0 50 GE)" "40:60 45:60 50:60")"
check_equal "SEC-12 SEC-13 ...with a condition on another argument beside" "1 1 1 0" \
	"$(twice "$(condition 0 40),$(condition 0 42),$(condition 1 50)" "40:60 42:60 44:50 44:60")"
check_equal "SEC-12 SEC-13 ...eight values" "1 1 0" "$(twice \
	"$(for n in 40 41 42 43 44 45 46 47; do condition 0 $n; done | paste -sd,)" "40:60 47:60 48:60")"

# Architectures: dup is 41 on i386, and dup2 63.
if [ "$("$WORK/rootfs/bin/call" -i 20 2>&1)" = ok ]; then
	architectures()
	{
		with "$(rule ERRNO)" "$2" ".linux.seccomp.architectures = $1"
	}
	check_equal "SEC-04 calls of an architecture that is not listed end the process" "exit 159" \
		"$(architectures '["SCMP_ARCH_X86_64"]' "exec call -i 41 1")"
	check_equal "SEC-04 those of one that is are filtered" "errno 1" "$(architectures '["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]' "call -i 41 1")"
	check_equal "SEC-04 ...by their own numbers" "ok" "$(architectures '["SCMP_ARCH_X86"]' "call -i 63 1 9")"
	check_equal "SEC-04 ...as are the native ones, listed or not" "errno 1" "$(architectures '["SCMP_ARCH_X86"]' "call $dup 1")"
else
	skip "SEC-04 calls of another architecture" "the kernel makes no calls of i386"
fi

# Flags: accepted by the kernel, each alone and all together.
for flags in '[]' '["SECCOMP_FILTER_FLAG_TSYNC"]' '["SECCOMP_FILTER_FLAG_LOG"]' \
	'["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]' '["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]' \
	'["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"]'; do
	check_equal "SEC-05 flags $flags" "errno 1" \
		"$(with "$(rule ERRNO)" "call $dup 1" ".linux.seccomp.flags = $flags")"
done
# What the kernel is asked for, since hardly any flag shows by its effect.
# (An ordinary user's newuidmap gets no rights from a tracer of his.)
if [ "$(id -u)" -eq 0 ] && command -v strace >/dev/null && strace -qo /dev/null true 2>/dev/null; then
	for flag in LOG SPEC_ALLOW; do
		dir=$(bundle flagged ".linux.seccomp = $(rule ERRNO) | .linux.seccomp.flags = [\"SECCOMP_FILTER_FLAG_$flag\"]")
		strace -f -qq -e trace=seccomp -o "$WORK/trace" "$RUNTIME" --root "$STATE" run -b "$dir" "$PREFIX-sec" >"$WORK/log" 2>&1 </dev/null
		check_match "SEC-05 $flag is what the kernel is given" "SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_$flag, .*= 0" "$(cat "$WORK/trace")"
	done
else
	skip "SEC-05 a flag is what the kernel is given" "needs root, and a strace that works on this host"
fi
# SPEC_ALLOW leaves the speculation mitigation alone (proc(5), Speculation_Store_Bypass).
bypass='grep Speculation_Store_Bypass /proc/self/status'
if [ "$(with "$(rule ERRNO)" "$bypass")" = "$(with "$(rule ERRNO)" "$bypass" '.linux.seccomp.flags = []')" ]; then
	skip "SEC-05 SPEC_ALLOW by its effect" "the kernel's mitigation does not depend on seccomp here"
else
	pass "SEC-05 SPEC_ALLOW by its effect"
fi

# A default of ERRNO: calls newer than any in the profile say ENOSYS, older ones what the profile wants.
all='["read", "write", "open", "close", "stat", "fstat", "lstat", "newfstatat", "statx", "poll", "lseek", "mmap",
	"mprotect", "munmap", "brk", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "ioctl", "access", "pipe",
	"dup2", "getpid", "fork", "vfork", "clone", "execve", "exit", "wait4", "uname", "fcntl", "getcwd",
	"readlink", "readlinkat", "getuid", "getgid", "geteuid", "getegid", "getppid", "arch_prctl", "exit_group",
	"set_tid_address", "set_robust_list", "rseq", "prlimit64", "getrandom", "openat", "capset", "clone3", "openat2",
	"sched_getaffinity", "futex", "prctl", "mremap", "setresuid", "setresgid", "no_such_call"]'
strict="{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": $all, \"action\": \"SCMP_ACT_ALLOW\"}]}"
check_equal "SEC-02 default action" "errno 1" "$(with "$strict" "call $dup 1")"
check_equal "SEC-09 newer than the profile: ENOSYS" "errno 38" "$(with "$strict" "call $newest")"
check_equal "SEC-09 the newest call of the profile is allowed" "errno 14" "$(with "$strict" "call $openat2 -100 0 8 24")"
check_equal "SEC-03 defaultErrnoRet" "errno 77" \
	"$(with "$strict" "call $dup 1" '.linux.seccomp.defaultErrnoRet = 77')"
check_equal "SEC-03 defaultErrnoRet does not hide what is newer" "errno 38" \
	"$(with "$strict" "call $newest" '.linux.seccomp.defaultErrnoRet = 77')"
check_equal "SEC-18 without no_new_privs" "errno 1" \
	"$(with "$strict" "call $dup 1" '.process.noNewPrivileges = false')"
check_equal "SEC-18 the runtime needs just capset and execve of a filter without no_new_privs" "exit 159" \
	"$(with '{"defaultAction": "SCMP_ACT_KILL_PROCESS", "syscalls": [{"names": ["execve", "capset"],
		"action": "SCMP_ACT_ALLOW"}]}' true '.process.noNewPrivileges = false')"

# Unknown names
check_equal "SEC-09 an unknown name is left out" "errno 1" \
	"$(with "$(rule ERRNO)" "call $dup 1" '.linux.seccomp.syscalls[0].names += ["no_such_call"]')"
dir=$(bundle unknown '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
	{names: ["no_such_call"], action: "SCMP_ACT_ERRNO"}]}')
check_match "SEC-09 ...with a line in the log for who looks for it" 'level=debug.*no_such_call' \
	"$("$RUNTIME" --debug --root "$STATE" plan -b "$dir" 2>&1)"
dir=$(bundle unknown '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
	{names: ["no_such_call"], action: "SCMP_ACT_ERRNO"}]} |
	.annotations = {"run.oci.seccomp_fail_unknown_syscall": "1"}')
check_match "SEC-09 run.oci.seccomp_fail_unknown_syscall" '^1 .*/linux/seccomp/syscalls/0/names/0 .*no_such_call' \
	"$(out=$(runtime create -b "$dir" "$PREFIX-sec" 2>&1 </dev/null); echo "$? $out")"

# run.oci.seccomp_bpf_data: ld [0]; jeq dup -> errno 77; allow
raw=$(printf '\x20\0\0\0\0\0\0\0\x15\0\0\x01\x20\0\0\0\x06\0\0\0\x4d\0\x05\0\x06\0\0\0\0\0\xff\x7f' | base64 -w0)
check_equal "ANN run.oci.seccomp_bpf_data replaces the rules" "errno 77" \
	"$(with "$(rule KILL)" "call $dup 1" ".annotations = {\"run.oci.seccomp_bpf_data\": \"$raw\"}")"
for bad in "" "x" "====" "AAAA" "A*AAAAAAAAA=" "${raw%??}"; do
	# shellcheck disable=SC2016
	dir=$(bundle raw '.annotations = {"run.oci.seccomp_bpf_data": $bad}' --arg bad "$bad")
	check_match "ANN run.oci.seccomp_bpf_data is '${bad:0:12}': refused" '^1 .*annotation run.oci.seccomp_bpf_data must be' \
		"$(out=$(runtime create -b "$dir" "$PREFIX-sec" 2>&1 </dev/null); echo "$? $out")"
done
check_match "ANN run.oci.seccomp_bpf_data that the kernel refuses" "install the filter.*Invalid argument" \
	"$(with "$(rule KILL)" true '.annotations = {"run.oci.seccomp_bpf_data": "//////////8="}')"
check_unchanged "nothing left" "$before"

# agent ERRNO...: start one that answers so; its socket is $WORK/agent.sock, its pid $agent.
agent()
{
	rm -f "$WORK/agent.sock" "$WORK/agent.log" "$WORK"/message.*
	"$WORK/agent" "${socket:-$WORK/agent.sock}" "$WORK/message" "$@" >"$WORK/agent.log" 2>&1 &
	agent=$!
	wait_until 10 grep -q ready "$WORK/agent.log"
}
# agent_ends: the agent has done what it was started for.
agent_ends()
{
	wait_until 20 grep -q '^done' "$WORK/agent.log" || kill "$agent"
	wait "$agent"
}

notify=$(rule NOTIFY | jq -c --arg path "$WORK/agent.sock" '. + {listenerPath: $path, listenerMetadata: "meta data"}')
for privileges in true false; do
	agent 99
	check_equal "SEC-10 NOTIFY: the agent's errno (noNewPrivileges $privileges)" "errno 99" \
		"$(with "$notify" "call $dup 1" ".process.noNewPrivileges = $privileges")"
	check "SEC-14 the connection is closed after one state" agent_ends
done
check_equal "SEC-17 container process state" \
	"$(jq -nc --arg id "$PREFIX-sec" --arg bundle "$WORK/filtered" '["1.3.0", ["seccompFd"], "meta data", $id, "creating", $bundle]')" \
	"$(jq -c '[.ociVersion, .fds, .metadata, .state.id, .state.status, .state.bundle]' "$WORK/message.0")"
check_equal "SEC-17 pid is the process's, as the runtime sees it" true \
	"$(jq '.pid == .state.pid and .pid > 1' "$WORK/message.0")"
agent 0
check_equal "SEC-10 NOTIFY: the agent lets the call go on" "ok" "$(with "$notify" "call $dup 1")"
agent_ends
agent 99
check_equal "SEC-05 WAIT_KILLABLE_RECV with a listener" "errno 99" \
	"$(with "$notify" "call $dup 1" '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]')"
agent_ends
agent die
check_equal "SEC-10 NOTIFY: an agent that ends leaves ENOSYS" "errno 38" "$(with "$notify" "sleep 0.3; call $dup 1")"
agent_ends
# Long annotations: the state is more than fits into one read of the agent's, or one packet.
agent 99
check_equal "SEC-16 a long state arrives whole" "errno 99" "$(with "$notify" "call $dup 1" \
	'.annotations = {long: ("x" * 300000)}')"
agent_ends
check_equal "SEC-16 ..." 300000 "$(jq '.state.annotations.long | length' "$WORK/message.0")"
# Notified about, or forbidden: whatever it takes to hand the listener over.
agent 0
check_equal "SEC-15 notification of sendmsg, recvfrom, futex, nanosleep, capset and execve" "errno 77" \
	"$(with "$(jq -c '.syscalls[0].names = ["sendmsg", "recvfrom", "recvmsg", "futex", "nanosleep", "capset", "execve",
		"exit", "munmap"] | .syscalls += [{names: ["dup"], action: "SCMP_ACT_ERRNO", errnoRet: 77}]' <<<"$notify")" \
		"exec call $dup 1" '.process.noNewPrivileges = false')"
agent_ends
agent 0
check_equal "SEC-15 a filter that kills for anything but execve" "exit 159" \
	"$(with "$(jq -c '.defaultAction = "SCMP_ACT_KILL_PROCESS" | .syscalls += [{names: ["execve"], action: "SCMP_ACT_ALLOW"}]' \
		<<<"$notify")" true '.process.noNewPrivileges = true')"
agent_ends

# create and start
agent 99
dir=$(bundle notified ".linux.seccomp = \$seccomp | .process.args = [\"sh\", \"-c\", \"call $dup 1; sleep 100\"]" \
	--argjson seccomp "$notify")
runtime create --pid-file "$WORK/pid" -b "$dir" "$PREFIX-sec" >"$WORK/out" 2>&1 </dev/null
check_equal "SEC-06 the agent hears of the process when it is started" "" "$(grep received "$WORK/agent.log")"
check "SEC-06 start" runtime start "$PREFIX-sec"
wait_until 20 grep -q errno "$WORK/out"
check_equal "SEC-10 NOTIFY after create and start" "errno 99" "$(cat "$WORK/out")"
check_equal "SEC-17 status and pid" "created $(cat "$WORK/pid")" \
	"$(jq -r '"\(.state.status) \(.pid)"' "$WORK/message.0")"
check_equal "SEC-10 no thread or child of ours stays" 1 \
	"$(find "/proc/$(cat "$WORK/pid")/task" -mindepth 1 -maxdepth 1 | wc -l)"
runtime delete --force "$PREFIX-sec"
agent_ends

# exec: the same agent hears of every process.
agent 99 98
# shellcheck disable=SC2016
dir=$(bundle entered '.linux.seccomp = $seccomp | .process.args = ["sleep", "100"]' --argjson seccomp "$notify")
check "SEC-06 run -d" runtime run -d -b "$dir" --pid-file "$WORK/pid" "$PREFIX-sec"
check_equal "SEC-10 NOTIFY of a process of exec" "errno 98" \
	"$(runtime exec --pid-file "$WORK/exec.pid" "$PREFIX-sec" call "$dup" 1 2>&1)"
check_equal "SEC-17 exec: status, the container's pid, the process's pid" "running $(cat "$WORK/pid") $(cat "$WORK/exec.pid")" \
	"$(jq -r '"\(.state.status) \(.state.pid) \(.pid)"' "$WORK/message.1")"
kill "$agent"
wait "$agent" 2>/dev/null
check_match "SEC-15 exec: nobody listens" "^255 .*failed to connect with seccomp agent" \
	"$(out=$(runtime exec "$PREFIX-sec" true 2>&1); echo "$? $out")"
check_equal "SEC-15 ...and the container is as it was" running "$(status_of "$PREFIX-sec")"
runtime delete --force "$PREFIX-sec"

# A startContainer hook is a program of the container's, and filtered like it.
hook=".hooks.startContainer = [{path: \"/bin/call\", args: [\"call\", \"$dup\", \"1\"]}]"
check_match "HKS-12 SEC-01 a startContainer hook is filtered" 'startContainer hook #0.*bad system call' \
	"$(with "$(rule KILL_PROCESS)" true "$hook")"
check_match "HKS-12 SEC-01 ...without no_new_privs, too" 'startContainer hook #0.*bad system call' \
	"$(with "$(rule KILL_PROCESS)" true "$hook | .process.noNewPrivileges = false")"
check_match "HKS-12 SEC-01 ...and for another user" 'startContainer hook #0.*bad system call' \
	"$(with "$(rule KILL_PROCESS)" true "$hook | .process.user = {uid: 1000, gid: 1000}")"
agent 99
check_equal "HKS-12 SEC-10 nobody is notified about a hook" "errno 38
ok" "$(with "$notify" "echo ok" "$hook")"
agent_ends

# The agent that is not there
for path in "" "$WORK/nowhere.sock" "$WORK/base.json" "relative.sock" "@silo-test-$$-nobody" "/$(printf 'x%.0s' {1..120})"; do
	# shellcheck disable=SC2016
	dir=$(bundle noagent '.linux.seccomp = $seccomp | .linux.seccomp.listenerPath = $path' \
		--argjson seccomp "$(jq -c 'del(.listenerMetadata)' <<<"$notify")" --arg path "$path")
	check_match "SEC-15 listenerPath '${path:0:40}': refused" '^1 .*(listenerPath|seccomp agent)' \
		"$(out=$(runtime run -b "$dir" "$PREFIX-sec" 2>&1 </dev/null); echo "$? $out")"
done
agent 99
kill "$agent"
wait "$agent" 2>/dev/null
check_match "SEC-15 nobody listens: the text of runc" "failed to connect with seccomp agent" "$(with "$notify" true)"
# shellcheck disable=SC2016
dir=$(bundle gone '.linux.seccomp = $seccomp' --argjson seccomp "$notify")
runtime create -b "$dir" "$PREFIX-sec" >"$WORK/out" 2>&1 </dev/null
check_refused "SEC-15 nobody listens: start fails" runtime start "$PREFIX-sec"
check_equal "SEC-15 ...and the container is gone" "" "$(status_of "$PREFIX-sec")"

# Who the agent is
socket=@silo-test-$$
agent 99
check_equal "SEC-06 an abstract socket" "errno 99" "$(with "$notify" "call $dup 1" ".linux.seccomp.listenerPath = \"$socket\"")"
agent_ends
socket=
check_equal "SEC-06 listenerPath is ignored without SCMP_ACT_NOTIFY" "errno 1" \
	"$(with "$(rule ERRNO)" "call $dup 1" ".linux.seccomp.listenerPath = \"$WORK/nowhere.sock\"")"
agent 99
check_equal "ANN run.oci.seccomp.receiver" "errno 99" "$(with "$(rule NOTIFY)" "call $dup 1" \
	".annotations = {\"run.oci.seccomp.receiver\": \"$WORK/agent.sock\"}")"
agent_ends
agent 99
check_equal "ANN RUN_OCI_SECCOMP_RECEIVER" "errno 99" \
	"$(RUN_OCI_SECCOMP_RECEIVER=$WORK/agent.sock with "$(rule NOTIFY)" "call $dup 1")"
agent_ends
agent 99
check_equal "ANN run.oci.seccomp.receiver gets a listener without SCMP_ACT_NOTIFY, too" "ok" \
	"$(with "$(rule LOG)" "call $dup 1" ".annotations = {\"run.oci.seccomp.receiver\": \"$WORK/agent.sock\"}")"
check_match "..." "received a listener" "$(agent_ends; cat "$WORK/agent.log")"
# exec: the receiver of its own environment, or else the one that create had.
agent 99
dir=$(bundle received ".linux.seccomp = $(rule NOTIFY) | .process.args = [\"sleep\", \"100\"]")
RUN_OCI_SECCOMP_RECEIVER=$WORK/agent.sock check "ANN RUN_OCI_SECCOMP_RECEIVER of run -d" runtime run -d -b "$dir" "$PREFIX-sec"
kill "$agent"
wait "$agent" 2>/dev/null
agent 98
check_equal "ANN RUN_OCI_SECCOMP_RECEIVER of create is exec's, too" "errno 98" "$(runtime exec "$PREFIX-sec" call "$dup" 1 2>&1)"
agent_ends
socket=@silo-other-$$
agent 97
check_equal "ANN RUN_OCI_SECCOMP_RECEIVER of exec comes first" "errno 97" \
	"$(RUN_OCI_SECCOMP_RECEIVER=$socket runtime exec "$PREFIX-sec" call "$dup" 1 2>&1)"
agent_ends
socket=
runtime delete --force "$PREFIX-sec"
rm -f "$WORK/agent.sock"
check_unchanged "nothing left at the end" "$before"
suite_end
