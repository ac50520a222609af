#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Read back what was asked for, in the container: ids, groups, capabilities, filters, limits; for the
# first process and for those that exec brings in.
. "$(dirname "$0")/lib.sh"
security_begin
# A caller that has what must not be passed on: groups, and capabilities that are inheritable and ambient.
LADEN="setpriv --groups 7777,8888 --inh-caps=+chown,+kill --ambient-caps=+chown,+kill"
if $LADEN true 2>/dev/null; then
	sed "s/^exec /&$LADEN /" "$RUNTIME" >"$WORK/laden" && chmod 0755 "$WORK/laden" && RUNTIME=$WORK/laden
	out=$($LADEN "$WORK/attack" groups; $LADEN cat /proc/self/status)
	check_match "CVE-2022-2995 CVE-2023-25173 CVE-2022-24769: control: the caller has groups and inheritable capabilities" \
		'^7777 8888 CapInh:.*21 CapAmb:.*21$' "$(sed -n '1p; /^CapInh/p; /^CapAmb/p' <<<"$out" | xargs)"
else
	skip "CVE-2022-2995 CVE-2023-25173 CVE-2022-24769: control: the caller has groups and inheritable capabilities" "no setpriv"
fi
echo '1000:x:0:0::/:/bin/sh' >>"$WORK/rootfs/etc/passwd"
echo '1000:x:0:' >>"$WORK/rootfs/etc/group"
FILTER='.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"], syscalls: [
	{names: ["socket"], action: "SCMP_ACT_ERRNO", errnoRet: 99, args: [
		{index: 0, value: 1, op: "SCMP_CMP_EQ"}, {index: 1, value: 2, op: "SCMP_CMP_MASKED_EQ", valueTwo: 2}]}]}'
CAPS='.process.capabilities = {bounding: ["CAP_KILL", "CAP_CHOWN"], effective: ["CAP_KILL"], permitted: ["CAP_KILL"]}'

# field NAME: of the /proc/self/status in $out
field()
{
	sed -n "s/^$1:[[:space:]]*//p" <<<"$out" | head -n 1
}

attempt ".process.user = {uid: 1000, gid: 1000, additionalGids: [5, 4242]} | $CAPS | $FILTER
	| .process.noNewPrivileges = true" "attack groups; attack and; cat /proc/self/status"
check_equal "CVE-2016-3697: uid 1000 is uid 1000, whatever the image's passwd says" "1000 1000 1000 1000" \
	"$(field Uid | xargs)"
check_equal "CVE-2022-2995 CVE-2023-25173: supplementary groups are those of the config" "5 4242" \
	"$(sed -n 2p <<<"$out")"
# errno 99; only socket(AF_UNIX, SOCK_DGRAM) has the domain and the bit.
check_equal "CVE-2017-18367: a rule's conditions hold together" "EADDRNOTAVAIL ok ok ok" "$(sed -n 3p <<<"$out")"
check_equal "CVE-2022-24769: nothing inheritable" 0000000000000000 "$(field CapInh)"
check_equal "CVE-2022-24769: nothing ambient" 0000000000000000 "$(field CapAmb)"
check_equal "CVE-2022-0492 CVE-2022-0185 CVE-2024-1086: the bounding set is the config's" 0000000000000021 \
	"$(field CapBnd)"
check_equal "CVE-2022-0492 CVE-2022-0185 CVE-2024-1086: no_new_privs" 1 "$(field NoNewPrivs)"
check_equal "CVE-2022-0492 CVE-2022-0185 CVE-2024-1086: the filter is on" 2 "$(field Seccomp)"

# What the runtime must know of itself to confine anybody, and could not read: it must not go on as if there were nothing.
if [ "$KIND" = silo ] && command -v strace >/dev/null; then
	bundle unread "$CAPS" >/dev/null
	for file in status uid_map cgroup mountinfo; do
		out=$(timeout 60 strace -f -o "$WORK/opens" -P "/proc/self/$file" -e inject=open,openat:error=ENOMEM "$REAL" \
			--root "$STATE" run -b "$WORK/unread" "$PREFIX-unread" 2>&1 </dev/null)
		check_match "hardening: control: /proc/self/$file could not be opened" INJECTED "$(cat "$WORK/opens")"
		check_match "hardening: ...which is an error" "/proc/self/$file.*Cannot allocate memory" "$out"
		timeout 20 "$RUNTIME" --root "$STATE" delete --force "$PREFIX-unread" >/dev/null 2>&1
	done
	check_match "hardening: a keyring of its own that cannot be made is warned of" "has the caller's session keyring.*quota" \
		"$(timeout 60 strace -f -o "$WORK/opens" -e inject=keyctl:error=EDQUOT "$REAL" --root "$STATE" run -b "$WORK/unread" \
			"$PREFIX-unread" 2>&1 </dev/null)"
else
	skip "hardening: what cannot be read of /proc/self is an error" "needs silo and strace"
fi
if command -v setpriv >/dev/null; then
	bundle groups "$CAPS | .process.args = [\"cat\", \"/proc/self/status\"]" >/dev/null
	out=$(timeout 30 setpriv --groups "$(seq -s , 100000 102000)" "$WORK/oci-runtime" --root "$STATE" run -b "$WORK/groups" \
		"$PREFIX-groups" 2>&1 </dev/null)
	check_equal "hardening: the caller is in 2001 groups: the bounding set is the config's" 0000000000000021 "$(field CapBnd)"
	check_equal "hardening: ...and no group is left" "" "$(field Groups)"
fi
# The page cache written to through AF_ALG: what keeps it off is a filter. As Docker's profile has it (moby#52494): only what is
# listed is allowed, and socket(2) by three rules, for less than 38 (AF_ALG), for 39, and for more than 40 (AF_VSOCK).
jq '.linux.seccomp.defaultErrnoRet = 99 | .linux.seccomp.syscalls |= (map(.names -= ["socket", "socketcall"]) + [
	{index: 0, value: 38, op: "SCMP_CMP_LT"}, {index: 0, value: 39, op: "SCMP_CMP_EQ"}, {index: 0, value: 40, op: "SCMP_CMP_GT"}
	| {names: ["socket"], action: "SCMP_ACT_ALLOW", args: [.]}]) | .linux.seccomp' \
	"$HARNESS_DIR/../data/managers/docker-limits.json" >"$WORK/docker-seccomp.json"
DOCKER=".linux.seccomp = $(cat "$WORK/docker-seccomp.json")"
FAMILIES='attack families 1 2 16 37 38 39 40 41 44'
attempt . "$FAMILIES"
check_match "CVE-2026-31431: control: no filter, nothing refused" '^refused' "$out"
attempt "$DOCKER" "$FAMILIES; cat /proc/self/status"
check_match "CVE-2026-31431: AF_ALG and AF_VSOCK alone are refused" '^38 40 refused' "$out"
check_equal "CVE-2026-31431: the filter is on" 2 "$(field Seccomp)"
attempt "$DOCKER | .process.noNewPrivileges = false" "$FAMILIES"
check_match "CVE-2026-31431: ...without no_new_privs, too" '^38 40 refused' "$out"

# What the process is given stays whose it is: as an owner it could do more than by a descriptor.
bundle stdio '.process.user = {uid: 1000, gid: 1000} | .process.args = ["sh", "-c", "echo payload; echo error >&2"]' >/dev/null
for file in in out err; do
	echo before >"$WORK/$file" && chmod 0600 "$WORK/$file"
done
timeout 30 "$RUNTIME" --root "$STATE" run -b "$WORK/stdio" "$PREFIX-stdio" <"$WORK/in" >>"$WORK/out" 2>>"$WORK/err"
check_equal "hardening: files that are the process's stdin, stdout and stderr keep their owner" "0 0 0" \
	"$(stat -c %u "$WORK/in" "$WORK/out" "$WORK/err" | xargs)"
check_equal "hardening: ...and are written to" "before payload before error" "$(xargs <"$WORK/out") $(xargs <"$WORK/err")"
bundle stdio '.process.user = {uid: 1000, gid: 1000} | .process.args = ["sh", "-c", "echo ran; echo payload >/dev/stdout"]' >/dev/null
check_match "hardening: a pipe can be reopened by an ordinary user" '^payload' \
	"$(timeout 30 "$RUNTIME" --root "$STATE" run -b "$WORK/stdio" "$PREFIX-stdio" 2>&1 </dev/null | cat)"
out=$(timeout 30 "$WORK/attack" pty sh -c "stat -L -c %u /proc/self/fd/0; '$RUNTIME' --root '$STATE' run -b '$WORK/stdio' $PREFIX-stdio
	stat -L -c %u /proc/self/fd/0" 2>&1 </dev/null)
check_equal "hardening: the caller's terminal keeps its owner" "0 ran 0" "$(grep -x '[0-9]*\|ran' <<<"${out//$'\r'/}" | xargs)"

attempt "$CAPS | .process.user = {uid: 0, gid: 0}" "attack groups; cat /proc/self/status"
check_equal "CVE-2022-2995 CVE-2023-25173: no group of the caller's is left" "payload Groups:" \
	"$(sed -n '1,2p; /^Groups/p' <<<"$out" | xargs)"
check_equal "CVE-2022-24769: nothing inheritable for root" 0000000000000000 "$(field CapInh)"
check_equal "CVE-2022-24769: nothing ambient for root" 0000000000000000 "$(field CapAmb)"
check_equal "CVE-2022-0492: root has the config's capabilities" 0000000000000020 "$(field CapEff)"

# A startContainer hook is a program of the image's: it must have no more than the process.
confinement()
{
	grep -E '^(Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp|Seccomp_filters):' "$1" 2>/dev/null
}

for user in '{uid: 0, gid: 0}' '{uid: 1000, gid: 1000, additionalGids: [5]}'; do
	for filter in '.linux.seccomp = null' "$FILTER" \
		'.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["clone", "clone3", "fork", "vfork", "pipe2",
			"wait4", "poll", "capset"], action: "SCMP_ACT_ERRNO"}]}'; do
		for new in true false; do
			[[ $KIND = silo || $filter != *wait4* ]] || continue # the others need these calls themselves
			# Without no_new_privs init drops its last privilege under the filter.
			$new || filter=${filter/, \"capset\"/}
			rm -f "$WORK/rootfs/tmp/hook" "$WORK/rootfs/tmp/process"
			attempt "$CAPS | $filter | .process.noNewPrivileges = $new | .process.user = $user
				| .hooks.startContainer = [{path: \"/bin/cp\", args: [\"cp\", \"/proc/self/status\", \"/tmp/hook\"]}]" \
				"exec cp /proc/self/status /tmp/process"
			check_match "HKS-12: control: a hook ran (uid ${user:6:4} no_new_privs $new)" '^Uid:' \
				"$(confinement "$WORK/rootfs/tmp/hook")"
			check_equal "HKS-12: a startContainer hook is confined like the process" \
				"$(confinement "$WORK/rootfs/tmp/process")" "$(confinement "$WORK/rootfs/tmp/hook")"
		done
	done
done

if has exec; then
	dir=$(bundle confined ".process.args = [\"sleep\", \"600\"] | $DOCKER")
	runtime create -b "$dir" "$PREFIX-confined" >/dev/null 2>&1 </dev/null
	runtime start "$PREFIX-confined"
	# A process that wants none has the container's.
	jq -n '{cwd: "/", args: ["attack", "families", "1", "38", "40", "41"], env: ["PATH=/bin"], user: {uid: 0, gid: 0}}' >"$WORK/process.json"
	for how in "--cwd / $PREFIX-confined attack families 1 38 40 41" "--process $WORK/process.json $PREFIX-confined"; do
		# shellcheck disable=SC2086
		check_match "CVE-2026-31431: exec ${how%% *}: AF_ALG and AF_VSOCK alone are refused" '^38 40 refused' \
			"$(timeout 20 "$RUNTIME" --root "$STATE" exec $how 2>&1 </dev/null)"
	done
	runtime delete --force "$PREFIX-confined" >/dev/null 2>&1
	dir=$(bundle sleeper ".process.args = [\"sleep\", \"600\"] | $CAPS | $FILTER | .process.noNewPrivileges = true
		| .process.user = {uid: 1000, gid: 1000, additionalGids: [5, 4242]}")
	runtime create -b "$dir" "$PREFIX-sleeper" >/dev/null 2>&1 </dev/null
	runtime start "$PREFIX-sleeper"
	in_it()
	{
		out=$(timeout 20 "$RUNTIME" --root "$STATE" exec "$@" 2>&1 </dev/null)
	}
	in_it "$PREFIX-sleeper" sh -c "attack groups; attack and; cat /proc/self/status"
	check_equal "CVE-2022-0492 CVE-2022-0185 CVE-2024-1086: exec: the filter is on" 2 "$(field Seccomp)"
	check_equal "CVE-2022-0492 CVE-2022-0185 CVE-2024-1086: exec: no_new_privs" 1 "$(field NoNewPrivs)"
	check_equal "CVE-2022-0492: exec: the bounding set is the config's" 0000000000000021 "$(field CapBnd)"
	check_equal "CVE-2017-18367: exec: a rule's conditions hold together" "EADDRNOTAVAIL ok ok ok" \
		"$(sed -n 2p <<<"$out")"
	in_it --cap CAP_CHOWN "$PREFIX-sleeper" cat /proc/self/status
	check_equal "CVE-2022-29162 CVE-2022-27650 CVE-2025-27612: exec --cap: nothing inheritable" \
		0000000000000000 "$(field CapInh)"
	# uid, or "refused"; exec's default group differs between runtimes, its uid does not.
	while read -r user expected; do
		in_it --user "$user" "$PREFIX-sleeper" sh -c 'echo "uid $(id -u)"'
		got=$(sed -n 's/^uid //p' <<<"$out")
		check_equal "CVE-2026-30892 CVE-2024-40635 CVE-2026-46680: exec --user $user" "$expected" \
			"${got:-refused}"
	done <<-TABLE
		1 1
		1:2 1
		1000 1000
		1000:1000 1000
		:5 refused
		0x1 refused
		1a refused
		4294967295 refused
		4294967296 refused
		-1 refused
		18446744073709551616 refused
		1: refused
		1:x refused
	TABLE
	in_it --user 1000 "$PREFIX-sleeper" id -u
	check_equal "CVE-2016-3697: exec: uid 1000 is uid 1000, whatever the image's passwd says" 1000 "$out"
	runtime delete --force "$PREFIX-sleeper" >/dev/null 2>&1
else
	skip "CVE-2022-29162 CVE-2022-27650 CVE-2025-27612: exec --cap: nothing inheritable" "no exec command"
	skip "CVE-2026-30892 CVE-2024-40635 CVE-2026-46680: exec --user" "no exec command"
fi

for user in '{uid: -1, gid: 0}' '{uid: 4294967296, gid: 0}' '{uid: 1.5, gid: 0}' '{uid: "1000", gid: 0}' \
	'{uid: 4294967295, gid: 0}' '{uid: 0, gid: 4294967295}' '{uid: 0, gid: 0, additionalGids: [4294967296]}'; do
	attempt ".process.user = $user" id
	check_no_run "CVE-2026-30892 CVE-2024-40635 CVE-2026-46680: refused: user $user" ' /process/user/'
done

# Limits, as the kernel has them.
attempt '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_NPROC", soft: 55, hard: 66}]' \
	"cat /proc/self/limits"
check_match "CVE-2023-6476: RLIMIT_NOFILE is the config's" 'Max open files +100 +200' "$out"
check_match "CVE-2023-6476: RLIMIT_NPROC is the config's" 'Max processes +55 +66' "$out"
if [ "$KIND" = crun ] && findmnt -n -t cgroup >/dev/null; then
	skip "CVE-2023-6476 CVE-2025-47291: limits hold" "crun has no cgroups on a hybrid host"
	skip "CVE-2023-25809: a cgroup file system mounted ro cannot be written to" \
		"crun has no cgroups on a hybrid host"
else
	attempt '.linux.resources.pids.limit = 7' 'n=0; while [ $n -lt 20 ]; do sleep 5 & n=$((n+1)); done; echo started'
	check_match "CVE-2023-6476 CVE-2025-47291: the process limit holds" "can't fork|Resource temporarily" "$out"
	write='for f in $(find /sys/fs/cgroup -name cgroup.procs); do echo found; echo 0 >$f && echo HOLE; done'
	attempt '.mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
		options: ["nosuid", "noexec", "nodev"]}]' "$write"
	check_match "CVE-2023-25809: control: where it is mounted rw, it can" '^HOLE' "$out"
	attempt '.mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
		options: ["nosuid", "noexec", "nodev", "ro"]}]' "$write; mkdir /sys/fs/cgroup/new && echo HOLE"
	check_match "CVE-2023-25809: control: there are cgroup files" '^found' "$out"
	check_equal "CVE-2023-25809: a cgroup file system mounted ro cannot be written to" "" "$(grep HOLE <<<"$out")"
fi
suite_end
