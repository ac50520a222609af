#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The process as it finds itself (PRC, RLM, CAP, PSL, SCH, IOP, AFF, MPO, PER).
. "$(dirname "$0")/../lib.sh"
conformance_begin
id=$PREFIX-process

# has NAME LINE FILTER WORD: the probe's facts WORD contain LINE.
has()
{
	local facts

	facts=$(run_in "$3" "/probe $4")
	if grep -qxF -- "$2" <<<"$facts"; then
		pass "$1"
	else
		fail "$1" "no line \"$2\" in: $facts"
	fi
}

# process, terminal, consoleSize
has "PRC-02 no terminal by default" "tty 0 0 0" 'del(.process.terminal)' process
has "PRC-02 DEV-10 terminal: descriptors 0, 1 and 2 are its slave" "tty 1 1 1" '.process.terminal = true' process
inside "PRC-02 DEV-10 terminal: /dev/console is the same terminal" same '.process.terminal = true' \
	'[ "$(stat -c %t:%T /dev/console)" = "$(stat -L -c %t:%T /proc/self/fd/0)" ] && echo same'
has "PRC-03 PRC-04 consoleSize sets the terminal's size" "size 31 97" \
	'.process.terminal = true | .process.consoleSize = {height: 31, width: 97}' process
has "PRC-03 consoleSize without a terminal is ignored" "tty 0 0 0" \
	'.process.terminal = false | .process.consoleSize = {height: 31, width: 97}' process
for member in height width; do
	refused "PRC-04 consoleSize without $member" "/process/consoleSize.*$member" \
		".process.consoleSize = {height: 1, width: 1} | del(.process.consoleSize.$member)"
done

# cwd, env, args
has "PRC-05 cwd" "cwd /var/tmp" '.process.cwd = "/var/tmp"' process
has "PRC-05 a missing cwd is made" "cwd /made/here" '.process.cwd = "/made/here"' process
refused "PRC-05 cwd is absent" '/process.*cwd.* is missing' 'del(.process.cwd)'
refused "PRC-05 a relative cwd" '/process/cwd \(line [0-9]+\): .*absolute' '.process.cwd = "tmp"'
has "PRC-06 env" "env WORD=a b=c" '.process.env += ["WORD=a b=c"]' process
inside "PRC-06 env: of two values the last counts" "env WORD=2" '.process.env += ["WORD=1", "WORD=2"]' \
	'/probe process | grep WORD'
dir=$(bundle env 'del(.process.env) | .process.args = ["/probe", "process"]')
check_equal "PRC-06 no env: nothing of the caller's" "env HOME=/root" \
	"$(CALLERS=x runtime run -b "$dir" "$id" 2>&1 </dev/null | grep ^env)"
dir=$(bundle args '.process.args = ["/probe", "process", "a b", ""]')
check_equal "PRC-07 args reach the program as they are" "argument /probe,argument process,argument a b,argument " \
	"$(runtime run -b "$dir" "$id" 2>&1 </dev/null | grep ^argument | paste -sd,)"
refused "PRC-07 no args at start: an empty list" '/process/args \(line [0-9]+\)' '.process.args = []'
dir=$(bundle args 'del(.process.args)')
check "PRC-07 args may be absent at create" runtime create -b "$dir" "$id"
check_refused "PRC-07 ...but not at start" runtime start "$id"
runtime delete --force "$id"
mkdir -p "$WORK/rootfs/first" "$WORK/rootfs/second"
printf '#!/bin/sh\necho first\n' >"$WORK/rootfs/first/tool"
printf '#!/bin/sh\necho second\n' >"$WORK/rootfs/second/tool"
chmod 0755 "$WORK/rootfs/first/tool" "$WORK/rootfs/second/tool"
# args0 NAME EXPECTED FILTER: the program is found, or not.
args0()
{
	local dir

	dir=$(bundle args0 "$3")
	check_equal "$1" "$2" "$(runtime run -b "$dir" "$id" 2>&1 </dev/null)"
}
args0 "PRC-08 args[0] without a slash is searched in PATH of env" second \
	'.process.args = ["tool"] | .process.env = ["PATH=/nowhere:/second:/first"]'
args0 "PRC-08 ...in its order" first '.process.args = ["tool"] | .process.env = ["PATH=/first:/second"]'
args0 "PRC-08 args[0] with a slash is relative to cwd" first \
	'.process.args = ["./tool"] | .process.env = ["PATH=/second"] | .process.cwd = "/first"'
refused "PRC-08 PRC-09 args[0] that is in no directory of PATH" '/process/args.*tool' \
	'.process.args = ["tool"] | .process.env = ["PATH=/nowhere"]'
refused "PRC-09 args[0] that does not exist" '/process/args.*no/such' '.process.args = ["/no/such"]'
refused "PRC-09 args[0] that is not executable" '/process/args.*passwd' '.process.args = ["/etc/passwd"]'

# user
has "PRC-10 PRC-11 uid: real, effective, saved" "uid 1234 1234 1234" '.process.user = {uid: 1234, gid: 0}' ids
has "PRC-12 gid: real, effective, saved" "gid 4321 4321 4321" '.process.user = {uid: 1, gid: 4321}' ids
has "PRC-11 user is absent: 0" "uid 0 0 0" 'del(.process.user)' ids
for who in uid gid; do
	refused "PRC-11 PRC-12 a $who that is not mapped" "/process/user/$who.*not mapped" \
		".linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 10}] |
		.linux.gidMappings = .linux.uidMappings | .process.user = ({uid: 0, gid: 0} + {$who: 10})"
done
has "PRC-13 umask" "umask 0077" '.process.user.umask = 63' umask
has "PRC-13 umask is absent: 0022, as with runc" "umask 0022" 'del(.process.user.umask)' umask
has "PRC-14 additionalGids" "groups 5 6000" '.process.user = {uid: 7, gid: 8, additionalGids: [5, 6000]}' ids
dir=$(bundle groups '.process.args = ["/probe", "ids"] | .process.user = {uid: 0, gid: 0}')
if command -v setpriv >/dev/null; then
	check_equal "PRC-14 no additionalGids: none of the caller's" "groups" \
		"$(setpriv --groups 40,41 "$RUNTIME" --root "$STATE" run -b "$dir" "$id" 2>&1 </dev/null | grep ^groups)"
fi
has "PRC-15 HOME comes from the container's passwd" "env HOME=/home" \
	'.process.user = {uid: 1000, gid: 1000} | .process.env = ["PATH=/bin"]' process
has "PRC-15 ...unless env has it" "env HOME=/x" '.process.user.uid = 1000 | .process.env += ["HOME=/x"]' process

# rlimits: what each kind is set to is what getrlimit says, and it bites.
for limit in AS:1073741824:2147483648 CORE:0:4096 CPU:100:200 DATA:536870912:1073741824 FSIZE:4096:8192 \
	LOCKS:10:20 MEMLOCK:4096:8192 MSGQUEUE:4096:8192 NICE:0:0 NOFILE:64:128 NPROC:900:1000 RSS:1048576:2097152 \
	RTPRIO:0:0 RTTIME:1000000:2000000 SIGPENDING:10:20 STACK:1048576:2097152; do
	IFS=: read -r name soft hard <<<"$limit"
	has "RLM-01 RLM-02 RLM-03 RLM-04 RLIMIT_$name" "RLIMIT_$name $soft $hard" \
		".process.rlimits = [{type: \"RLIMIT_$name\", soft: $soft, hard: $hard}]" rlimits
done
inside "RLM-01 RLIMIT_FSIZE bites" 4096 '.process.rlimits = [{type: "RLIMIT_FSIZE", soft: 4096, hard: 4096}]' \
	'(trap "" XFSZ; head -c 9999 /dev/zero >/tmp/limited) 2>/dev/null; wc -c </tmp/limited'
for soft in 64:open 7:refused; do
	inside "RLM-03 RLIMIT_NOFILE bites: ${soft%:*}, descriptor 7" "${soft#*:}" \
		".process.rlimits = [{type: \"RLIMIT_NOFILE\", soft: ${soft%:*}, hard: 100}]" \
		'(exec 7</etc/passwd) 2>/dev/null && echo open || echo refused'
done
inside_match "RLM-04 ...and cannot be set beyond the hard one" 'not permitted' \
	'.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 64, hard: 100}] |
	.process.capabilities = {bounding: [], effective: [], permitted: []}' 'ulimit -n 101 2>&1'
# jq would round the largest number.
dir=$(bundle unlimited '.process.rlimits = [{type: "RLIMIT_CORE", soft: 4711, hard: 4711}] | .process.args = ["/probe", "rlimits"]')
sed -i 's/4711/18446744073709551615/' "$dir/config.json"
check_match "RLM-03 RLM-04 unlimited" '^RLIMIT_CORE -1 -1$' "$(runtime run -b "$dir" "$id" 2>&1 </dev/null)"
if ! grep -q . /proc/self/status || [ $((0x$(awk '/^CapEff/ { print $2 }' /proc/self/status) >> 24 & 1)) -eq 0 ]; then
	refused "RLM-04 a hard limit that may not be raised" '/process/rlimits/0' \
		'.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1, hard: 1000000000}]'
else
	skip "RLM-04 a hard limit that may not be raised" "needs to lack CAP_SYS_RESOURCE"
fi
for name in RLIMIT_TEST RLIMIT_NOSUCH nofile ""; do
	refused "RLM-02 SDX-05 the type \"$name\"" '/process/rlimits/0/type \(line [0-9]+\): expected one of' \
		".process.rlimits = [{type: \"$name\", soft: 1, hard: 1}]"
done
refused "RLM-05 a type that comes twice" '/process/rlimits.*RLIMIT_CORE' \
	'.process.rlimits = [{type: "RLIMIT_CORE", soft: 1, hard: 1}, {type: "RLIMIT_CORE", soft: 1, hard: 1}]'
refused "RLM-06 soft above hard" '/process/rlimits/0/soft' '.process.rlimits = [{type: "RLIMIT_CORE", soft: 2, hard: 1}]'

# capabilities: CHOWN is bit 0, KILL 5, NET_BIND_SERVICE 10, SYS_CHROOT 18
some='.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_SYS_CHROOT"],
	permitted: ["CAP_KILL", "CAP_SYS_CHROOT"], inheritable: ["CAP_KILL"], effective: ["CAP_KILL"], ambient: ["CAP_KILL"]}'
for set in bounding:40021 permitted:00000000000000020 effective:00000000000000020 inheritable:00000000000000020 ambient:20; do
	name=${set%:*} value=${set#*:}
	[ ${#value} -ne 17 ] || value=0${value: -8}
	has "CAP-01 CAP-02 ${set%:*}" "$name $value" "$some" caps
done
for set in bounding:0 effective:000000000 permitted:000000000 inheritable:000000000 ambient:0; do
	has "CAP-02 CAP-05 no capabilities object: ${set%:*} is empty" "${set%:*} ${set#*:}" 'del(.process.capabilities)' caps
	has "CAP-02 an absent set is empty: ${set%:*}" "${set%:*} ${set#*:}" '.process.capabilities = {}' caps
done
inside "CAP-01 a capability that is kept works" 1 '.process.capabilities |= map_values(["CAP_CHOWN"])' \
	'touch /tmp/owned; chown 1 /tmp/owned && stat -c %u /tmp/owned'
inside_match "CAP-01 one that is not does not" 'not permitted' '.process.capabilities |= map_values(["CAP_KILL"])' \
	'touch /tmp/owned; chown 1 /tmp/owned 2>&1'
# One that this caller lacks: named in a warning, left out (CAP_SYS_RESOURCE is bit 24).
lacking=$(bundle lacking '.process.capabilities |= map_values(["CAP_CHOWN", "CAP_SYS_RESOURCE"]) |
	.process.capabilities.ambient = [] | .process.args = ["/probe", "caps"]')
got=$(setpriv --bounding-set -sys_resource "$RUNTIME" --root "$STATE" run -b "$lacking" "$id" 2>&1 </dev/null)
check_match "CAP-03 one that cannot be granted is warned about" 'warning.*CAP_SYS_RESOURCE' "$got"
check_match "CAP-04 ...and does not make the operation fail" '^effective 000000001$' "$got"
check_match "CAP-05 ambient needs permitted and inheritable: left out with a warning" '^ambient 0$' \
	"$(run_in '.process.capabilities = {bounding: ["CAP_KILL"], ambient: ["CAP_KILL"]}' '/probe caps')"

# noNewPrivileges, oomScoreAdj, the security modules
has "PSL-01 noNewPrivileges" "no_new_privs 1" '.process.noNewPrivileges = true' privileges
has "PSL-01 ...false" "no_new_privs 0" '.process.noNewPrivileges = false' privileges
has "PSL-01 ...absent" "no_new_privs 0" 'del(.process.noNewPrivileges)' privileges
cp "$WORK/rootfs/probe" "$WORK/rootfs/setuid" && chmod 4755 "$WORK/rootfs/setuid"
inside "PSL-01 ...a set-user-ID program gains nothing" "uid 1000 1000 1000" \
	'.process.noNewPrivileges = true | .process.user = {uid: 1000, gid: 1000}' '/setuid ids | head -n 1'
inside "PSL-01 ...as it does without" "uid 1000 0 0" \
	'.process.noNewPrivileges = false | .process.user = {uid: 1000, gid: 1000}' '/setuid ids | head -n 1'
rm -f "$WORK/rootfs/setuid"
inside "PSL-04 oomScoreAdj" 321 '.process.oomScoreAdj = 321' 'cat /proc/self/oom_score_adj'
dir=$(bundle oom 'del(.process.oomScoreAdj) | .process.args = ["cat", "/proc/self/oom_score_adj"]')
check_equal "PSL-05 oomScoreAdj is absent: as the caller's" 77 \
	"$(sh -c 'echo 77 >/proc/self/oom_score_adj; exec "$@"' - "$RUNTIME" --root "$STATE" run -b "$dir" "$id" 2>&1 </dev/null)"
for value in 1001 -1001; do
	refused "PSL-04 oomScoreAdj $value" '/process/oomScoreAdj \(line [0-9]+\): .*-1000.*1000' ".process.oomScoreAdj = $value"
done
if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]; then
	refused "PSL-02 GEN-06 a profile that is not loaded" 'no-such-profile' '.process.apparmorProfile = "no-such-profile"'
else
	refused "PSL-02 GEN-06 a profile where AppArmor is not enabled" '/process/apparmorProfile.*AppArmor' \
		'.process.apparmorProfile = "some-profile"'
fi
if [ ! -e /sys/fs/selinux/enforce ]; then
	refused "PSL-03 GEN-06 a label where SELinux is not enabled" '/process/selinuxLabel.*SELinux' \
		'.process.selinuxLabel = "system_u:system_r:container_t:s0"'
fi

# scheduler
# scheduled NAME REGEX SCHEDULER: in the caller's cgroup, since a v1 one may have no realtime bandwidth of its own.
scheduled()
{
	local dir

	dir=$(bundle scheduled "del(.linux.resources) | .mounts |= map(select(.type != \"cgroup\")) |
		.process.scheduler = $3 | .process.args = [\"/probe\", \"scheduler\"]")
	check_match "$1" "$2" "$("$RUNTIME" --root "$STATE" --cgroup-manager=disabled run -b "$dir" "$id" 2>&1 </dev/null)"
}
scheduled "SCH-01 SCH-02 SCH-03 SCHED_OTHER" "policy=0 flags=0 nice=7 priority=0" '{policy: "SCHED_OTHER", nice: 7}'
scheduled "SCH-03 ...nice is 0 by default" "policy=0 flags=0 nice=0 priority=0" '{policy: "SCHED_OTHER"}'
scheduled "SCH-02 SCH-03 SCHED_BATCH" "policy=3 flags=0 nice=-3 priority=0" '{policy: "SCHED_BATCH", nice: -3}'
scheduled "SCH-02 SCHED_IDLE" "policy=5 flags=0 nice=0 priority=0" '{policy: "SCHED_IDLE"}'
scheduled "SCH-02 SCH-06 SCHED_DEADLINE" 'policy=6 .*runtime=2000000 deadline=20000000 period=40000000' \
	'{policy: "SCHED_DEADLINE", runtime: 2000000, deadline: 20000000, period: 40000000}'
scheduled "SCH-06 ...the period is the deadline by default" 'policy=6 .*deadline=20000000 period=20000000' \
	'{policy: "SCHED_DEADLINE", runtime: 2000000, deadline: 20000000}'
for flag in RESET_ON_FORK:1 RECLAIM:2 DL_OVERRUN:4; do
	scheduled "SCH-05 SCHED_FLAG_${flag%:*}" "policy=6 flags=${flag#*:} " '{policy: "SCHED_DEADLINE",
		runtime: 2000000, deadline: 20000000, flags: ["SCHED_FLAG_'"${flag%:*}"'"]}'
done
# As sched_setattr(2) has them: what is there already stays. The policy is one of the parameters.
scheduled "SCH-05 SCHED_FLAG_KEEP_POLICY" "policy=0 flags=0 nice=5 " '{policy: "SCHED_BATCH", nice: 5, flags: ["SCHED_FLAG_KEEP_POLICY"]}'
scheduled "SCH-05 SCHED_FLAG_KEEP_PARAMS" "policy=0 flags=0 nice=0 " '{policy: "SCHED_BATCH", nice: 5, flags: ["SCHED_FLAG_KEEP_PARAMS"]}'
# The text has no value for the clamps; 0 is what the kernel takes then, if it was built with them.
for clamp in MIN:8 MAX:10; do
	scheduled "SCH-05 SCHED_FLAG_UTIL_CLAMP_${clamp%:*}: set, or the kernel's refusal is told" \
		"policy=0 flags=${clamp#*:} |/process/scheduler.*sched_setattr: Operation not supported" \
		'{policy: "SCHED_OTHER", flags: ["SCHED_FLAG_UTIL_CLAMP_'"${clamp%:*}"'"]}'
done
if chrt --fifo 1 true 2>/dev/null; then
	scheduled "SCH-02 SCH-04 SCHED_FIFO" "policy=1 flags=0 nice=0 priority=9" '{policy: "SCHED_FIFO", priority: 9}'
	scheduled "SCH-02 SCH-04 SCHED_RR" "policy=2 flags=0 nice=0 priority=10" '{policy: "SCHED_RR", priority: 10}'
else
	refused "SCH-04 SCHED_FIFO where this cgroup has no realtime bandwidth" '/process/scheduler.*not permitted' \
		'.process.scheduler = {policy: "SCHED_FIFO", priority: 9}'
fi
for policy in SCHED_ISO SCHED_NORMAL sched_other "" OTHER; do
	refused "SCH-02 the policy \"$policy\"" '/process/scheduler/policy \(line [0-9]+\): (expected one of|SCHED_ISO)' \
		".process.scheduler = {policy: \"$policy\"}"
done
refused "SCH-02 policy is absent" '/process/scheduler.*policy.* is missing' '.process.scheduler = {nice: 1}'
refused "SCH-05 an unknown flag" '/process/scheduler/flags/0 \(line [0-9]+\): expected one of' \
	'.process.scheduler = {policy: "SCHED_OTHER", flags: ["SCHED_FLAG_NO"]}'
for nice in -21 20; do
	refused "SCH-03 SCH-07 nice $nice" '/process/scheduler/nice' ".process.scheduler = {policy: \"SCHED_OTHER\", nice: $nice}"
done
refused "SCH-04 SCH-07 a priority without FIFO or RR" '/process/scheduler/priority' \
	'.process.scheduler = {policy: "SCHED_BATCH", priority: 1}'
refused "SCH-06 SCH-07 a runtime without DEADLINE" '/process/scheduler' \
	'.process.scheduler = {policy: "SCHED_OTHER", runtime: 1, deadline: 2}'
refused "SCH-06 DEADLINE without a runtime" '/process/scheduler.*runtime' '.process.scheduler = {policy: "SCHED_DEADLINE", deadline: 20000000}'

# ioPriority
for class in RT:1:4 BE:2:7 BE:2:0 IDLE:3:0; do
	IFS=: read -r name number priority <<<"$class"
	has "IOP-01 IOP-02 IOP-03 IOPRIO_CLASS_$name, $priority" "ioprio $number $priority" \
		".process.ioPriority = {class: \"IOPRIO_CLASS_$name\", priority: $priority}" ioprio
done
has "IOP-03 SDX-04 the priority is 0 by default" "ioprio 2 0" '.process.ioPriority = {class: "IOPRIO_CLASS_BE"}' ioprio
inside "IOP-01 ...for every process of the container" "ioprio 2 5" \
	'.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 5}' 'sh -c "/probe ioprio; true"'
for priority in -1 8; do
	refused "IOP-03 priority $priority" '/process/ioPriority/priority \(line [0-9]+\): .*0 (to|..) ?7' \
		".process.ioPriority = {class: \"IOPRIO_CLASS_BE\", priority: $priority}"
done
for class in IOPRIO_CLASS_NONE "" BE; do
	refused "IOP-02 the class \"$class\"" '/process/ioPriority/class \(line [0-9]+\): expected one of' \
		".process.ioPriority = {class: \"$class\"}"
done
refused "IOP-02 class is absent" '/process/ioPriority.*class.* is missing' '.process.ioPriority = {priority: 1}'

# execCPUAffinity: exec's own suite shows its effect; never on the container's process
has "AFF-01 execCPUAffinity does not touch the container's process" "$("$WORK/rootfs/probe" affinity)" \
	'.process.execCPUAffinity = {initial: "0", final: "0"}' affinity
for list in 3-1 a 0-a 0, ,0 1--2 -1 0-; do
	for member in initial final; do
		refused "AFF-05 $member \"$list\"" "/process/execCPUAffinity/$member \\(line [0-9]+\\)" \
			".process.execCPUAffinity = {$member: \"$list\"}"
	done
done

# memoryPolicy
for mode in DEFAULT:0::0 BIND:2:0:1 INTERLEAVE:3:0:1 PREFERRED:1:0:1 PREFERRED_MANY:5:0:1 LOCAL:4::0; do
	IFS=: read -r name number nodes bits <<<"$mode"
	has "MPO-01 MPO-02 MPO-03 MPOL_$name" "mempolicy $number $bits" \
		".linux.memoryPolicy = {mode: \"MPOL_$name\", nodes: \"$nodes\"}" mempolicy
done
for flag in NUMA_BALANCING:2002 RELATIVE_NODES:4002 STATIC_NODES:8002; do
	got=$(run_in ".linux.memoryPolicy = {mode: \"MPOL_BIND\", nodes: \"0\", flags: [\"MPOL_F_${flag%:*}\"]}" '/probe mempolicy')
	check_match "MPO-04 MPOL_F_${flag%:*}" "^mempolicy ${flag#*:} " "$got"
done
if run_in '.linux.memoryPolicy = {mode: "MPOL_WEIGHTED_INTERLEAVE", nodes: "0"}' true >/dev/null 2>&1; then
	has "MPO-02 MPOL_WEIGHTED_INTERLEAVE" "mempolicy 6 1" \
		'.linux.memoryPolicy = {mode: "MPOL_WEIGHTED_INTERLEAVE", nodes: "0"}' mempolicy
fi
refused "MPO-02 SDX-10 mode is absent" '/linux/memoryPolicy.*mode.* is missing' '.linux.memoryPolicy = {nodes: "0"}'
refused "MPO-02 an unknown mode" '/linux/memoryPolicy/mode \(line [0-9]+\): expected one of' '.linux.memoryPolicy = {mode: "MPOL_NO"}'
refused "MPO-04 an unknown flag" '/linux/memoryPolicy/flags/0 \(line [0-9]+\): expected one of' \
	'.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_NO"]}'
for nodes in a 3-1 0, 99999999999; do
	refused "MPO-03 nodes \"$nodes\"" '/linux/memoryPolicy/nodes' ".linux.memoryPolicy = {mode: \"MPOL_BIND\", nodes: \"$nodes\"}"
done
for mode in DEFAULT:0 LOCAL:0 BIND: INTERLEAVE:; do
	refused "MPO-03 MPOL_${mode%:*} with nodes \"${mode#*:}\"" '/linux/memoryPolicy' \
		".linux.memoryPolicy = {mode: \"MPOL_${mode%:*}\", nodes: \"${mode#*:}\"}"
done
refused "MPO-03 a node that the machine does not have" '/linux/memoryPolicy' \
	'.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "1023"}'

# personality
has "PER-01 LINUX" "personality 0" '.linux.personality = {domain: "LINUX"}' personality
has "PER-01 LINUX32" "personality 8" '.linux.personality = {domain: "LINUX32"}' personality
inside_match "PER-01 LINUX32: what uname says" 'i686|armv|mips|ppc$' '.linux.personality = {domain: "LINUX32"}' 'uname -m'
for domain in LINUX64 linux ""; do
	refused "PER-01 the domain \"$domain\"" '/linux/personality/domain \(line [0-9]+\): expected one of' \
		".linux.personality = {domain: \"$domain\"}"
done
refused "PER-01 SDX-10 domain is absent" '/linux/personality.*domain.* is missing' '.linux.personality = {}'
refused "PER-02 any flag" '/linux/personality/flags/0 \(line [0-9]+\): expected nothing' \
	'.linux.personality = {domain: "LINUX", flags: ["ADDR_NO_RANDOMIZE"]}'

# What documents leave to us
refused "ROOT-01 SDX-01 root is absent" 'root.* is missing' 'del(.root)'
refused "PRC-07 SDX-02 args is an empty list" '/process/args' '.process.args = []'
has "PRC-11 PRC-12 SDX-03 uid and gid are 0 by default" "gid 0 0 0" '.process.user = {}' ids
conformance_end
