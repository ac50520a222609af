#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The systemd cgroup manager: scopes, their properties, and what is left of them.  Most of it needs a
# host that runs systemd; what others must say is checked there.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
v2=/sys/fs/cgroup

with_systemd()
{
	runtime --systemd-cgroup "$@"
}

# A deaf socket in place of the bus: everything must end, and say why.
if command -v python3 >/dev/null; then
	python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(8); time.sleep(600)' "$WORK/deaf" &
	deaf=$!
	disown "$deaf"
	wait_until 10 test -S "$WORK/deaf"
	dir=$(bundle unheard)
	out=$(DBUS_SYSTEM_BUS_ADDRESS=unix:path=$WORK/deaf DBUS_SESSION_BUS_ADDRESS=unix:path=$WORK/deaf SYSTEMD_BUS_TIMEOUT=2 \
		timeout 15 "$RUNTIME" --root "$STATE" --systemd-cgroup create -b "$dir" "$PREFIX-deaf" 2>&1 </dev/null)
	check_equal "a bus that does not answer: create ends" 1 $?
	check_match "...and says so" "systemd did not answer at unix:path=$WORK/deaf within 2 seconds" "$out"
	check "...leaving no container" test ! -e "$STATE/$PREFIX-deaf"
	kill "$deaf"
else
	skip "a bus that does not answer" "no python3"
fi

# What cgroupsPath may be, without any systemd.
plan()
{
	local dir

	dir=$(bundle plan "$@") && with_systemd plan -b "$dir" "$PREFIX-plan" 2>&1
}
path_is()
{
	plan '.linux.cgroupsPath = $path' --arg path "$1"
}
check_match "no path: a scope in system.slice" "make silo-$PREFIX-plan.scope in system.slice " "$(plan .)"
check_match "slice:prefix:name" 'make pre-name.scope in a-b.slice .* cgroup [^ ]*/a.slice/a-b.slice/pre-name.scope' "$(path_is a-b.slice:pre:name)"
check_match "slice::name" 'make name.scope in a.slice ' "$(path_is a.slice::name)"
check_match ":prefix:name" 'make p-name.scope in system.slice ' "$(path_is :p:name)"
for bad in /absolute relative a.slice:b a.slice:b:c:d a.slice:b: a:b:c a--b.slice:c:d -a.slice:b:c a-.slice:b:c \
	../a.slice:b:c a.slice:b/c:d a.slice:b:c/d 'a.slice:b:c d' "a.slice:b:$(printf %0256d 1)"; do
	out=$(path_is "$bad")
	if [ $? -eq 1 ] && grep -q 'config.json: /linux/cgroupsPath' <<<"$out"; then
		pass "cgroupsPath $(cut -c1-30 <<<"$bad") is refused"
	else
		fail "cgroupsPath $bad is refused" "$out"
	fi
done

# Annotations: an allow-list of names and types (CVE-2024-3154).
annotated()
{
	plan '.annotations = {("org.systemd.property." + $name): $value}' --arg name "$1" --arg value "$2"
}
while read -r name value; do
	out=$(annotated "$name" "$value")
	if [ $? -eq 0 ]; then pass "$name=$value is taken"; else fail "$name=$value is taken" "$out"; fi
done <<'GOOD'
CollectMode 'inactive-or-failed'
TimeoutStopUSec uint64 1000000
TimeoutStopSec uint64 10
TimeoutStopSec 10
After ['crio.service', "b.service"]
After @as []
DefaultDependencies true
AllowedCPUs [byte 0x03, 0]
MemoryMax 0x1000000
KillSignal int32 9
GOOD
while read -r name value; do
	out=$(annotated "$name" "$value")
	if [ $? -eq 1 ] && grep -q "config.json: /annotations/org.systemd.property.$name" <<<"$out"; then
		pass "$name=$value is refused"
	else
		fail "$name=$value is refused" "$out"
	fi
done <<'BAD'
ExecStart [('/bin/sh', ['sh'], false)]
ExecStopPost 'x'
SuccessAction 'reboot'
FailureAction 'poweroff-force'
JobTimeoutAction 'reboot-force'
Wants ['poweroff.target']
Requires ['rescue.target']
BindsTo ['a.service']
Conflicts ['sshd.service']
OnFailure ['a.service']
PropagatesStopTo ['a.service']
Slice 'other.slice'
Delegate false
PIDs [uint32 1]
User 'root'
NoSuchThing true
collectmode 'inactive'
CollectMode inactive
CollectMode 'inactive
CollectMode 'a', 'b'
CollectMode true
TimeoutStopUSec 'x'
TimeoutStopUSec -1
TimeoutStopUSec int64 1
TimeoutStopUSec 1 2
TimeoutStopUSec 99999999999999999999
TimeoutStopSec 99999999999999999
TimeoutStopSec 1.5
KillSignal 4294967296
DefaultDependencies yes
DefaultDependencies 1
After 'a.service'
After ['a.service'
After ['a.service',]
After ['a.service' 'b']
After [1]
AllowedCPUs [256]
AllowedCPUs 3
BAD
out=$(plan '.annotations = {"org.systemd.property.CollectMode": "'"'a\\\\nb'"'"}')
check_match "a control character is refused" 'config.json: /annotations/org.systemd.property.CollectMode' "$out"

if [ ! -d /run/systemd/system ]; then
	dir=$(bundle none)
	out=$(with_systemd create -b "$dir" "$PREFIX-none" 2>&1 </dev/null)
	check_equal "no systemd on this host: create fails" 1 $?
	check_match "...in one sentence with the way out" 'this host does not run systemd; use --cgroup-manager=cgroupfs' "$out"
	check "...leaving no container" test ! -e "$STATE/$PREFIX-none"
	skip "scopes and their properties" "this host does not run systemd"
	suite_end
fi

# show UNIT PROPERTY
show()
{
	systemctl show --value --property="$2" "$1"
}
unit_gone()
{
	[ "$(show "$1" LoadState)" = not-found ] && [ "$(show "$1" ActiveState)" = inactive ]
}
# start_container NAME FILTER [JQ-OPTION...]: a sleeping one; its output is kept in $WORK/log.
start_container()
{
	local dir name=$1 filter=$2
	shift 2
	dir=$(bundle "$name" ".process.args = [\"sleep\", \"1000\"] | $filter" "$@") &&
		with_systemd run -d -b "$dir" "$PREFIX-$name" >"$WORK/log" 2>&1 </dev/null
}
before=$(snapshot)

# As the ordinary user: the user's own instance.  The first pass has all that a scope can have, and calls it from outside, too.
if [ "$(id -u)" -ne 0 ]; then
	own='.linux.resources = {pids: {limit: 8}, memory: {limit: 67108864}}'
	unit=silo-$PREFIX-own.scope
	check "a container with limits is started by the user's systemd" start_container own "$own"
	check_equal "...which knows them" "8 67108864" "$(systemctl --user show --value -p TasksMax -p MemoryMax "$unit" | sort -n | xargs)"
	bomb='i=0; while [ $i -lt 20 ]; do sleep 2 & i=$((i + 1)); done; echo all; wait'
	check_equal "...a fork bomb stops at the limit" 0 "$(runtime exec "$PREFIX-own" sh -c "$bomb" 2>&1 </dev/null | grep -c '^all')"
	check "...update" runtime update --pids-limit 40 "$PREFIX-own"
	check_equal "...reaches systemd" 40 "$(systemctl --user show --value -p TasksMax "$unit")"
	check_equal "...and the fork bomb" 1 "$(runtime exec "$PREFIX-own" sh -c "$bomb" 2>&1 </dev/null | grep -c '^all')"
	check "...delete" runtime delete --force "$PREFIX-own"
	check_equal "...leaves no scope" "" "$(systemctl --user list-units --all --plain --no-legend "*$PREFIX*")"
	check_unchanged "nothing is left behind" "$before"
	suite_end
fi

limits='.linux.resources = {memory: {limit: 67108864, reservation: 16777216, swap: 100663296},
	cpu: {shares: 2048, quota: 50000, period: 100000, cpus: "0", mems: "0"}, pids: {limit: 30},
	devices: [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 10, minor: 229, access: "rw"}],
	unified: {"memory.high": "50331648"}}'
check "a container with limits is started" start_container one "$limits"
unit=silo-$PREFIX-one.scope
scope=/system.slice/$unit
check_equal "its scope is active" active "$(show "$unit" ActiveState)"
check_equal "...in system.slice" system.slice "$(show "$unit" Slice)"
check_equal "...delegated" yes "$(show "$unit" Delegate)"
check_equal "...without default dependencies" no "$(show "$unit" DefaultDependencies)"
check_equal "...and described" "silo container $PREFIX-one" "$(show "$unit" Description)"
while read -r property value; do
	check_equal "$property" "$value" "$(show "$unit" "$property")"
done <<'PROPERTIES'
MemoryMax 67108864
MemoryLow 16777216
MemoryHigh 50331648
MemorySwapMax 33554432
CPUQuotaPerSecUSec 500ms
CPUQuotaPeriodUSec 100ms
AllowedCPUs 0
AllowedMemoryNodes 0
TasksMax 30
DevicePolicy strict
PROPERTIES
check_match "CPUWeight is what cpu.weight is" "^$(cat "$v2$scope/container/cpu.weight")$" "$(show "$unit" CPUWeight)"
check_match "DeviceAllow" '/dev/char/10:229 rw' "$(show "$unit" DeviceAllow | tr '\n' ' ')"
pid=$(runtime state "$PREFIX-one" | jq .pid)
check_equal "its process is in the cgroup below the scope's" "0::$scope/container" "$(cat "/proc/$pid/cgroup")"
check_equal "...alone: what kept the scope is gone" "$pid" "$(cat "$v2$scope/cgroup.procs" "$v2$scope/container/cgroup.procs")"
files()
{
	local file

	for file in memory.max memory.low memory.high memory.swap.max cpu.max cpu.weight cpuset.cpus pids.max; do
		echo "$file $(cat "$v2$scope/$file") $(cat "$v2$scope/container/$file")"
	done
}
written=$(files)
check_match "limits are in the files of both cgroups" '^memory.max 67108864 67108864$' "$written"
check "daemon-reload" systemctl daemon-reload
check_equal "...leaves them as they are" "$written" "$(files)"
check_equal "...and the unit active" active "$(show "$unit" ActiveState)"
# Others, while it runs.
check "update" runtime update --pids-limit 40 --memory 134217728 --memory-swap -1 --cpu-quota 80000 --cpuset-cpus 0-1 "$PREFIX-one"
check_match "...is in the files" '^pids.max 40 40$' "$(files)"
check_match "...of memory, too" '^memory.max 134217728 134217728$' "$(files)"
check_equal "...systemd knows of TasksMax" 40 "$(show "$unit" TasksMax)"
check_equal "...of MemoryMax" 134217728 "$(show "$unit" MemoryMax)"
check_equal "...of MemorySwapMax" infinity "$(show "$unit" MemorySwapMax)"
check_equal "...of CPUQuotaPerSecUSec" 800ms "$(show "$unit" CPUQuotaPerSecUSec)"
check_equal "...of AllowedCPUs" 0-1 "$(show "$unit" AllowedCPUs)"
check_equal "...leaves what it does not name" 50331648 "$(show "$unit" MemoryHigh)"
written=$(files)
check "daemon-reload" systemctl daemon-reload
check_equal "...leaves the new ones as they are" "$written" "$(files)"
echo '{"pids": {"limit": 45}, "unified": {"memory.high": "nonsense"}}' >"$WORK/bad.json"
check_refused "an update that fails" runtime update -r "$WORK/bad.json" "$PREFIX-one"
check_equal "...leaves the files" "$written" "$(files)"
check_equal "...and systemd's properties" 40 "$(show "$unit" TasksMax)"
echo '{"devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 10, "minor": 200, "access": "rw"}]}' >"$WORK/devices.json"
check "update of device rules" runtime update -r "$WORK/devices.json" "$PREFIX-one"
check_match "...replaces DeviceAllow" '/dev/char/10:200 rw' "$(show "$unit" DeviceAllow | tr '\n' ' ')"
check_equal "...all of it" 0 "$(show "$unit" DeviceAllow | grep -c 10:229)"
check_equal "exec is in the same cgroup" "0::$scope/container" \
	"$(runtime exec -d --pid-file "$WORK/exec.pid" "$PREFIX-one" sleep 100 >/dev/null 2>&1 </dev/null; cat "/proc/$(cat "$WORK/exec.pid")/cgroup")"
# What counts among scopes has to be the scope's own; what systemd has no word for must not be held back by it.
check "update --cpu-burst" runtime update --cpu-burst 10000 "$PREFIX-one"
check_equal "...quota and burst are below" "80000 100000 10000" \
	"$(cat "$v2$scope/container/cpu.max" "$v2$scope/container/cpu.max.burst" | xargs)"
check_match "...the scope's quota, which could not be exceeded, is lifted" '^max ' "$(cat "$v2$scope/cpu.max")"
check "update --cpu-quota, with a burst in force" runtime update --cpu-quota 60000 "$PREFIX-one"
check_match "...leaves it lifted" '^max ' "$(cat "$v2$scope/cpu.max")"
check "update --cpu-burst 0" runtime update --cpu-burst 0 "$PREFIX-one"
check_match "...puts the scope's quota back" '^60000 ' "$(cat "$v2$scope/cpu.max")"
check "update --cpu-idle 1" runtime update --cpu-idle 1 "$PREFIX-one"
check_equal "...the scope is idle, too" "1 1" "$(cat "$v2$scope/cpu.idle" "$v2$scope/container/cpu.idle" | xargs)"
check "daemon-reload" systemctl daemon-reload
check_equal "...leaves it" "1 1" "$(cat "$v2$scope/cpu.idle" "$v2$scope/container/cpu.idle" | xargs)"
check "update --cpu-idle 0 --cpu-share 512" runtime update --cpu-idle 0 --cpu-share 512 "$PREFIX-one"
check_equal "...neither is, with one weight" "0 0 59 59" "$(cat "$v2$scope/cpu.idle" "$v2$scope/container/cpu.idle" \
	"$v2$scope/cpu.weight" "$v2$scope/container/cpu.weight" | xargs)"
check "delete, which is not told of systemd, removes it" runtime delete --force "$PREFIX-one"
check "...and the unit" unit_gone "$unit"

# By their effect, where systemd wrote them too.
in_scope()
{
	local dir

	dir=$(bundle run "$1 | .process.args = [\"sh\", \"-c\", \$cmd]" --arg cmd "$2") &&
		timeout 30 "$RUNTIME" --root "$STATE" --systemd-cgroup run -b "$dir" "$PREFIX-run" 2>&1 </dev/null
}
out=$(in_scope '.linux.resources.memory.limit = 16777216 | .linux.resources.memory.swap = 16777216' \
	'x=$(head -c 33554432 /dev/zero | tr "\0" x); echo survived')
check_equal "memory.limit kills what exceeds it" 0 "$(grep -c survived <<<"$out")"
out=$(in_scope '.linux.resources.pids.limit = 8' 'i=0; while [ $i -lt 20 ]; do sleep 5 & i=$((i + 1)); done; echo all')
check_match "pids.limit stops a fork bomb" 'Resource temporarily unavailable' "$out"
out=$(in_scope '.process.capabilities |= map_values(. + ["CAP_MKNOD"])' \
	'mknod /tmp/d b 7 0 && head -c 1 /tmp/d; rm -f /tmp/d; echo x >/dev/null && echo written')
check_match "a device that no rule allows cannot be opened" 'Operation not permitted' "$out"
check_match "...the default ones can" '^written$' "$out"
check "run removed its unit" unit_gone "silo-$PREFIX-run.scope"

# Slices, the cgroup below the scope's.
check "slice:prefix:name is started" start_container two ".linux.cgroupsPath = \"$PREFIX-a-b.slice:pre:two\""
pid=$(runtime state "$PREFIX-two" | jq .pid)
check_equal "...in the slices that its name spells" \
	"0::/$PREFIX.slice/$PREFIX-a.slice/$PREFIX-a-b.slice/pre-two.scope/container" "$(cat "/proc/$pid/cgroup")"
check "...and deleted" runtime delete --force "$PREFIX-two"
systemctl stop "$PREFIX.slice" # which systemd made by itself, and keeps
check "run.oci.systemd.subgroup names the cgroup below" start_container three '.annotations["run.oci.systemd.subgroup"] = "payload" | .linux.resources.pids.limit = 50'
check_match "...of the scope" "^0::/system.slice/silo-$PREFIX-three.scope/payload$" "$(cat "/proc/$(runtime state "$PREFIX-three" | jq .pid)/cgroup")"
runtime delete --force "$PREFIX-three"
check "an empty one: the scope's own" start_container four '.annotations["run.oci.systemd.subgroup"] = "" | .linux.resources.pids.limit = 50'
pid=$(runtime state "$PREFIX-four" | jq .pid)
check_equal "...has the process" "0::/system.slice/silo-$PREFIX-four.scope" "$(cat "/proc/$pid/cgroup")"
check_equal "...and the limit" 50 "$(cat "$v2/system.slice/silo-$PREFIX-four.scope/pids.max")"
check "...and goes with the container" runtime delete --force "$PREFIX-four"
check "...unit and all" unit_gone "silo-$PREFIX-four.scope"

# Annotations arrive.
check "annotated properties are set" start_container five '.annotations = {"org.systemd.property.CollectMode": "'"'inactive-or-failed'"'",
	"org.systemd.property.TimeoutStopSec": "uint64 7", "org.systemd.property.After": "['"'a.service'"']",
	"org.systemd.property.DefaultDependencies": "true"}'
unit=silo-$PREFIX-five.scope
check_equal "...CollectMode" inactive-or-failed "$(show "$unit" CollectMode)"
check_equal "...TimeoutStopUSec" 7s "$(show "$unit" TimeoutStopUSec)"
check_match "...After" '(^| )a\.service( |$)' "$(show "$unit" After)"
check_equal "...DefaultDependencies" yes "$(show "$unit" DefaultDependencies)"
runtime delete --force "$PREFIX-five"

# Units that are there already.
systemd-run --quiet --scope --unit="silo-$PREFIX-six" sleep 1000 >/dev/null 2>&1 &
other=$!
wait_until 10 systemctl is-active --quiet "silo-$PREFIX-six.scope"
start_container six . && fail "a unit of that name exists: refused" "created" ||
	check_match "a unit of that name exists: refused" "systemd has a unit silo-$PREFIX-six.scope already" "$(cat "$WORK/log")"
check_equal "...and left alone" active "$(show "silo-$PREFIX-six.scope" ActiveState)"
check "...without a trace of the container" test ! -e "$STATE/$PREFIX-six"
kill "$other"
wait "$other" 2>/dev/null
wait_until 10 unit_gone "silo-$PREFIX-six.scope"
systemd-run --quiet --scope --unit="silo-$PREFIX-seven" -p RuntimeMaxSec=1 sleep 1000 >/dev/null 2>&1
wait_until 10 systemctl is-failed --quiet "silo-$PREFIX-seven.scope"
check_equal "a unit of that name failed" failed "$(show "silo-$PREFIX-seven.scope" ActiveState)"
check "...and does not matter" start_container seven .
runtime delete --force "$PREFIX-seven"

# A runtime whose own cgroup was killed once: the kernel may kill what is born from there, and init is moved in then.
killed=/sys/fs/cgroup/$PREFIX-killed
if mkdir "$killed" && echo 1 2>/dev/null >"$killed/cgroup.kill"; then
	# shellcheck disable=SC2016
	check_equal "started in a cgroup that was killed once" in-scope "$(sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh \
		"$killed" timeout 60 "$RUNTIME" --root "$STATE" --systemd-cgroup run -b "$(bundle once '.process.args = ["echo", "in-scope"]')" \
		"$PREFIX-once" 2>&1 </dev/null)"
	check "...the scope is gone" wait_until 10 unit_gone "silo-$PREFIX-once.scope"
fi
wait_until 5 rmdir "$killed"

# Failures.
start_container eight '.process.args = ["/no/such/program"]'
check "a create that fails leaves no unit" unit_gone "silo-$PREFIX-eight.scope"
dir=$(bundle crash '.process.args = ["sleep", "1000"] | .hooks.createRuntime = [{path: "/bin/sh",
	args: ["sh", "-c", "kill -KILL $PPID"]}]')
with_systemd create -b "$dir" "$PREFIX-crash" >"$WORK/log" 2>&1 </dev/null
check_equal "create is killed in a hook" 137 $?
check "...delete --force cleans up" runtime delete --force "$PREFIX-crash"
check "...the unit, too" unit_gone "silo-$PREFIX-crash.scope"
dir=$(bundle gone)
check "create" with_systemd create -b "$dir" "$PREFIX-gone"
systemctl kill --signal=KILL "silo-$PREFIX-gone.scope"
wait_until 10 status_is "$PREFIX-gone" stopped
check "a container whose unit is gone already is deleted" runtime delete "$PREFIX-gone"

# A user's own instance.
if id tester >/dev/null 2>&1 && [ -S /run/user/1000/systemd/private ]; then
	chmod 0755 "$WORK" && mkdir "$WORK/user" && cp -r "$WORK/rootfs" "$WORK/user/rootfs" && chown -R tester "$WORK/user"
	as_user()
	{
		su tester -c "cd $WORK/user && XDG_RUNTIME_DIR=/run/user/1000 $*"
	}
	bundle user '.process.args = ["sleep", "1000"] | .linux.namespaces |= map(select(.type != "network")) + [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 1000, size: 1}] | .linux.gidMappings = .linux.uidMappings
		| .mounts |= map(select(.type != "sysfs" and .type != "cgroup") | .options = ((.options // []) | map(select(. != "gid=5"))))
		| .root.path = $root | .linux.resources = {pids: {limit: 20}, memory: {limit: 67108864}}' \
		--arg root "$WORK/user/rootfs" >/dev/null
	cp "$WORK/user/config.json" "$WORK/user.json" 2>/dev/null
	chmod -R a+rX "$WORK/user"
	install -m 0755 "$RUNTIME" "$WORK/runtime"
	silo_user="$WORK/runtime --root $WORK/user/state --systemd-cgroup"
	check "a user's container is started" as_user "$silo_user run -d -b $WORK/user $PREFIX-user </dev/null >$WORK/user/log 2>&1 || { cat $WORK/user/log; exit 1; }"
	pid=$(as_user "$silo_user state $PREFIX-user" | jq .pid)
	user_scope=/user.slice/user-1000.slice/user@1000.service/user.slice/silo-$PREFIX-user.scope
	check_equal "...in a scope of the user's instance" "0::$user_scope/container" "$(cat "/proc/$pid/cgroup")"
	check_equal "...with its limits" "20 67108864" "$(cat "$v2$user_scope/container/pids.max" "$v2$user_scope/container/memory.max" | xargs)"
	check_equal "...which systemd knows" 20 "$(as_user "systemctl --user show --value -p TasksMax silo-$PREFIX-user.scope")"
	check_equal "...exec is in it, too, called from without the user's cgroups" 0::/ \
		"$(as_user "$silo_user exec $PREFIX-user cat /proc/self/cgroup" 2>&1 </dev/null)"
	check "...update" as_user "$silo_user update --pids-limit 25 $PREFIX-user"
	check_equal "...reaches systemd" 25 "$(as_user "systemctl --user show --value -p TasksMax silo-$PREFIX-user.scope")"
	check "...and deleted" as_user "$silo_user delete --force $PREFIX-user"
	check "...with its cgroup" test ! -e "$v2$user_scope"
	# The user's manager, and then only it behind a bus that answers, stands still.
	manager=$(systemctl show --value -p MainPID user@1000.service)
	kill -STOP "$manager"
	for bus in '' DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus; do
		start=$SECONDS
		out=$(as_user "$bus SYSTEMD_BUS_TIMEOUT=5 $silo_user run -b $WORK/user $PREFIX-stopped" 2>&1 </dev/null)
		check_match "a manager that stands still${bus:+, behind a bus}: create says so" 'systemd did not answer at .* within 5 seconds' "$out"
		check "...in time" test $((SECONDS - start)) -lt 30
	done
	kill -CONT "$manager"
else
	skip "a user's own instance" "no user tester with a running systemd"
fi

check_unchanged "nothing is left behind" "$before"
check_equal "no scope of ours is loaded" "" "$(systemctl list-units --all --plain --no-legend "*$PREFIX*")"
suite_end
