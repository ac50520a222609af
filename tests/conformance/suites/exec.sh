#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Processes executed later, and other operations beside the five (AFF, OPS-19, OPS-20, STA-04).
. "$(dirname "$0")/../lib.sh"
conformance_begin
id=$PREFIX-exec

# affinity MEMBERS: the CPUs that a process executed with that execCPUAffinity may run on, or the refusal
affinity()
{
	jq -n --argjson affinity "$1" '{cwd: "/", args: ["/probe", "affinity"], execCPUAffinity: $affinity}' >"$WORK/process.json"
	runtime exec --process "$WORK/process.json" "$id" 2>&1 </dev/null
}

# configured FILTER: the same from the config, for a container of its own
configured()
{
	local dir

	dir=$(bundle configured "$1 | .process.args = [\"sleep\", \"1000\"]")
	runtime run -d -b "$dir" "$id-c" >/dev/null 2>&1 </dev/null
	runtime exec "$id-c" /probe affinity 2>&1 </dev/null
	runtime delete --force "$id-c"
}

dir=$(bundle sleeper '.process.args = ["sleep", "1000"]')
runtime run -d -b "$dir" "$id" >/dev/null 2>&1 </dev/null
whole=$(runtime exec "$id" /probe affinity 2>&1 </dev/null)
check_match "AFF-01 without execCPUAffinity: the CPUs of the cgroup" '^cpus 0' "$whole"
last=${whole##* }
if [ "$last" != 0 ]; then
	check_equal "AFF-03 final is what the process runs on" "cpus $last" "$(affinity "{\"final\": \"$last\"}")"
	check_equal "AFF-02 AFF-03 ...whatever initial is" "cpus $last" "$(affinity "{\"initial\": \"0\", \"final\": \"$last\"}")"
	check_equal "AFF-04 no final: as the move into the cgroup leaves it" "$(affinity '{"initial": "0"}')" \
		"$(affinity '{"initial": "0", "final": ""}')"
	check_equal "AFF-04 ...no member at all: untouched" "$whole" "$(affinity '{}')"
	check_equal "AFF-03 the config's own" "cpus $last" "$(configured ".process.execCPUAffinity = {final: \"$last\"}")"
else
	skip "AFF-03 AFF-04 execCPUAffinity" "needs two CPUs"
fi
for list in 3-1 a 0, 99999; do
	got=$(affinity "{\"final\": \"$list\"}")
	check_match "AFF-05 final \"$list\" is refused by name" '/execCPUAffinity/final' "$got"
	check_equal "AFF-05 ...and nothing is executed" "" "$(grep '^cpus' <<<"$got")"
done

# Signals by every name, and pause
for name in TERM SIGTERM 15 term; do
	dir=$(bundle trap '.process.args = ["sh", "-c", "trap \"echo got; exit 0\" TERM; echo up; while :; do sleep 0.1; done"]')
	runtime run -d -b "$dir" "$id-k" >"$WORK/trap.out" 2>&1 </dev/null
	wait_until 10 grep -q up "$WORK/trap.out"
	check "OPS-19 OPS-20 kill $name" runtime kill "$id-k" "$name"
	check "OPS-19 OPS-20 ...arrives" wait_until 10 grep -q got "$WORK/trap.out"
	runtime delete --force "$id-k"
done
check_refused "OPS-20 kill with an unknown signal" runtime kill "$id" NOSUCH
dir=$(bundle stopsignal '.annotations = {"org.opencontainers.image.stopSignal": "SIGUSR1"} |
	.process.args = ["sh", "-c", "trap \"echo got; exit 0\" TERM; echo up; while :; do sleep 0.1; done"]')
runtime run -d -b "$dir" "$id-s" >"$WORK/stop.out" 2>&1 </dev/null
wait_until 10 grep -q up "$WORK/stop.out"
runtime kill "$id-s"
check "ANN-05 org.opencontainers.image.stopSignal is the caller's business: kill sends TERM" wait_until 10 grep -q got "$WORK/stop.out"
runtime delete --force "$id-s"
if runtime pause "$id" 2>"$WORK/pause.err"; then
	check_equal "STA-04 SDX-14 a paused container has a status of its own" paused "$(status_of "$id")"
	check "STA-04 ...until it is resumed" runtime resume "$id"
	check_equal "STA-04 ...when it is running again" running "$(status_of "$id")"
else
	skip "STA-04 paused" "$(tail -n 1 "$WORK/pause.err")"
fi
check "SDX-14 state has the pid of a running container" jq -e '.pid > 0' <<<"$(runtime state "$id")"
runtime delete --force "$id"

# What is left of the choices
inside "SEC-12 all conditions of a rule must hold" "0 EXDEV" '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{
	names: ["setpriority"], action: "SCMP_ACT_ERRNO", errnoRet: 18, args: [{index: 0, value: 0, op: "SCMP_CMP_EQ"},
	{index: 2, value: 5, op: "SCMP_CMP_EQ"}]}]}' 'echo $(/probe setpriority 0 0 4; /probe setpriority 0 0 5)'
for property in l3CacheSchema:'"L3:0=f\nx"':'/linux/intelRdt/l3CacheSchema' schemata:'["L3:0=f\nx"]':'/linux/intelRdt/schemata/0'; do
	value=${property#*:}
	refused "SDX-12 RDT-05 RDT-07 a newline in intelRdt.${property%%:*}" "${property##*:} \\(line [0-9]+\\): expected a single line" \
		".linux.intelRdt = {${property%%:*}: ${value%:*}}"
done
accepted "PLT-01 linux is optional" 'del(.linux, .hostname, .mounts)'
# The session keyring
own=$("$WORK/rootfs/probe" keyring)
if [ "${own%% *}" != keyring ] || [[ $own = "keyring E"* ]]; then
	skip "a session keyring of its own" "keyctl(2) says ${own#keyring }"
else
	dir=$(bundle keyring '.process.args = ["sh", "-c", "/probe keyring; sleep 1000"]')
	runtime run -d -b "$dir" "$id-k" >"$WORK/keyring.out" 2>&1 </dev/null
	wait_until 10 test -s "$WORK/keyring.out"
	check_match "a session keyring of its own, named after the container" "^keyring _ses\.$id-k [0-9]+\$" "$(cat "$WORK/keyring.out")"
	check_match "...a process of exec has one of that name" "^keyring _ses\.$id-k [0-9]+\$" "$(runtime exec "$id-k" /probe keyring 2>&1)"
	runtime delete --force "$id-k"
	runtime run -d --no-new-keyring -b "$dir" "$id-k" >"$WORK/keyring.out" 2>&1 </dev/null
	wait_until 10 test -s "$WORK/keyring.out"
	check_equal "--no-new-keyring: the caller's" "$own" "$(cat "$WORK/keyring.out")"
	check_equal "...for a process of exec, too" "$own" "$(runtime exec "$id-k" /probe keyring 2>&1)"
	runtime delete --force "$id-k"
fi
conformance_end
