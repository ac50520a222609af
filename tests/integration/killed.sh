#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Ends that come from outside: a manager that is killed while it creates, two that race for one ID, a runtime killed
# at a moment nobody chose. (tests/fault chooses every moment; here commands meet.)
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
id=$PREFIX-killed
before=$(snapshot)
slow=$(bundle slow '.process.args = ["sleep", "1000"] | .hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "0.3"]}]')
good=$(bundle good '.process.args = ["sleep", "1000"]')
ROUNDS=${SILO_KILL_ROUNDS:-25}

# A manager and all its children are killed, as systemd does with a service; the runtime is one of them. Whoever
# comes next finds out by itself, and can use the ID again.
for delay in 0.02 0.1 0.2; do
	setsid sh -c "'$RUNTIME' --root '$STATE' create -b '$slow' $id; wait" >/dev/null 2>&1 </dev/null &
	manager=$!
	sleep "$delay"
	kill -KILL -- "-$manager" 2>/dev/null
	wait "$manager" 2>/dev/null
	check "a manager killed $delay s into create: the ID is free after delete --force" runtime delete --force "$id"
	check "...and can be used" runtime run --detach -b "$good" "$id"
	check_equal "...by a container that runs" running "$(status_of "$id")"
	runtime delete --force "$id"
	check_unchanged "...nothing is left" "$before"
done

# The manager alone is killed: the runtime goes on, and what it makes is found.
sh -c "'$RUNTIME' --root '$STATE' create -b '$slow' $id & wait" >/dev/null 2>&1 </dev/null &
manager=$!
wait_until 10 test -e "$STATE/$id/state.json"
kill -KILL "$manager"
wait "$manager" 2>/dev/null
check "a manager killed alone: the container is created" wait_until 20 status_is "$id" created
check "...and starts" runtime start "$id"
check "...delete --force ends it" runtime delete --force "$id"
check_unchanged "...nothing is left" "$before"

# Init is killed after the go, before it has become the program: nobody may be told that the program runs. A hook
# of the container's holds init there.
mkfifo "$WORK/rootfs/gate"
# killed_on_its_way NAMESPACES COMMAND...: kill init while its hook waits; $out and $status are the command's.
killed_on_its_way()
{
	local job pid
	local -a own=()

	rm -f "$WORK/rootfs/reached"
	[ "$1" = pid ] || own=('| .linux.namespaces |= map(select(.type != "pid"))')
	bundle waiting ".process.args = [\"sleep\", \"1000\"] ${own[*]} | .hooks.startContainer = [{path: \"/bin/sh\",
		args: [\"sh\", \"-c\", \"echo >/reached; read x </gate\"]}]" >"$WORK/log"
	shift
	[ "$1" != start ] || runtime create -b "$WORK/waiting" "$id" >"$WORK/log" 2>&1 </dev/null
	runtime "$@" "$id" >"$WORK/out" 2>&1 </dev/null &
	job=$!
	wait_until 20 test -e "$WORK/rootfs/reached"
	pid=$(runtime state "$id" | jq .pid)
	[ "${pid:-0}" -le 0 ] || kill -KILL "$pid"
	status=0
	wait "$job" || status=$?
	out=$(cat "$WORK/out")
}
for namespaces in pid "no pid"; do
	for command in start "run --detach -b $WORK/waiting" "run -b $WORK/waiting"; do
		# shellcheck disable=SC2086
		killed_on_its_way "$namespaces" $command
		name="init with $namespaces namespace killed on its way: ${command%% -b*}"
		check_equal "$name fails" 1 "$status"
		check_match "...and says so" 'init was killed.* before it had executed the program' "$out"
		check_equal "...the container is gone" "" "$(runtime list -q)"
		check_unchanged "...nothing is left" "$before"
	done
done
rm -f "$WORK/rootfs/gate" "$WORK/rootfs/reached"

# What is said at the end is another build's matter, too: start knows that init by a number in the state file.
runtime create -b "$good" "$id" >"$WORK/log" 2>&1 </dev/null
jq '.silo.planVersion += 1' "$STATE/$id/state.json" >"$WORK/state.json" && cp "$WORK/state.json" "$STATE/$id/state.json"
check_match "start of what another build created is refused" 'another build of silo' "$(runtime start "$id" 2>&1)"
check_equal "...it is as it was" created "$(status_of "$id")"
check "...and is deleted" runtime delete --force "$id"

# The runtime of a container in the foreground is killed: the container goes on, and is found.
"$RUNTIME" --root "$STATE" run -b "$good" "$id" >/dev/null 2>&1 </dev/null &
foreground=$!
wait_until 20 status_is "$id" running
kill -KILL "$foreground"
wait "$foreground" 2>/dev/null
check_equal "a run that is killed in the foreground: it was the runtime that died" 137 $?
check_equal "...the container runs on" running "$(status_of "$id")"
check_refused "...and its ID is in use" runtime run --detach -b "$good" "$id"
check "...kill reaches it" runtime kill "$id" KILL
check "...it is stopped then" wait_until 20 status_is "$id" stopped
check "...and deleted" runtime delete "$id"
check_unchanged "...nothing is left" "$before"

# Several create one ID at once: one does, and the others say why not.
racers=4 bad=
for ((round = 0; round < ROUNDS / 5; round++)); do
	pids=()
	for ((n = 0; n < racers; n++)); do
		runtime create -b "$good" "$id" >"$WORK/race.$n" 2>&1 </dev/null &
		pids+=($!)
	done
	won=0
	for ((n = 0; n < racers; n++)); do
		if wait "${pids[n]}"; then
			won=$((won + 1))
		elif ! grep -q 'already exists' "$WORK/race.$n"; then
			bad+="$(cat "$WORK/race.$n"); "
		fi
	done
	[ "$won" -eq 1 ] || bad+="$won of $racers created it; "
	[ "$(status_of "$id")" = created ] || bad+="it is $(status_of "$id"); "
	runtime delete --force "$id" >/dev/null 2>&1
done
check_equal "several create one ID: one does, the others are told that it exists" "" "$bad"
check_unchanged "...nothing is left" "$before"

# Creates and forced deletes of one ID at once: whatever the order, each ends with words, and a last delete finds an end.
bad=
for ((round = 0; round < ROUNDS; round++)); do
	pids=()
	for command in "create -b $good" "delete --force" "create -b $good" "start" "kill" "delete --force"; do
		# shellcheck disable=SC2086
		timeout 60 "$RUNTIME" --root "$STATE" ${command%% *} $([ "$command" = "${command#* }" ] || echo "${command#* }") "$id" \
			>"$WORK/race.${#pids[@]}" 2>&1 </dev/null &
		pids+=($!)
	done
	for ((n = 0; n < ${#pids[@]}; n++)); do
		wait "${pids[n]}"
		status=$?
		[ "$status" -lt 124 ] || bad+="exit $status: $(cat "$WORK/race.$n"); "
		[ "$status" -eq 0 ] || [ -s "$WORK/race.$n" ] || bad+="exit $status without a word; "
	done
	out=$(runtime delete --force "$id" 2>&1) || bad+="delete --force: $out; "
done
check_equal "create, start, kill and delete of one ID at once: each ends with words" "" "$bad"
check_unchanged "...nothing is left" "$before"

# Killed at any moment: as root, and as somebody else with a user namespace, no cgroup and files of her own.
# at_any_moment NAME WRAPPER... -- ARG...
at_any_moment()
{
	local name=$1 bad= killed=0 round pid took moment
	local -a wrapper=()
	shift
	while [ "$1" != -- ]; do
		wrapper+=("$1")
		shift
	done
	shift
	# How long it takes undisturbed: the moments are between its begin and its end, on any machine.
	took=$(date +%s%N)
	"${wrapper[@]}" "$RUNTIME" --root "$STATE" "$@" "$id" >/dev/null 2>&1 </dev/null
	took=$((($(date +%s%N) - took) / 1000))
	"${wrapper[@]}" "$RUNTIME" --root "$STATE" delete --force "$id" >/dev/null 2>&1
	for ((round = 0; round < ROUNDS; round++)); do
		"${wrapper[@]}" "$RUNTIME" --root "$STATE" "$@" "$id" >/dev/null 2>&1 </dev/null &
		pid=$!
		moment=$((RANDOM * took / 32768))
		sleep "$(printf '%d.%06d' $((moment / 1000000)) $((moment % 1000000)))"
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		[ $? -ne 137 ] || killed=$((killed + 1))
		out=$("${wrapper[@]}" timeout 30 "$RUNTIME" --root "$STATE" delete --force "$id" 2>&1) || bad+="$out; "
	done
	check_equal "$name killed at any moment: delete --force succeeds" "" "$bad"
	[ "$killed" -gt 0 ] || fail "$name: some were killed in time" "none of $ROUNDS"
	check_unchanged "...nothing is left" "$before"
}
at_any_moment create -- create -b "$good"
at_any_moment run -- run --detach -b "$good"
if [ "$(id -u)" -eq 0 ]; then
	user=4711
	cp -a "$WORK/rootfs" "$WORK/user-rootfs" && chown -hR $user:$user "$WORK/user-rootfs"
	install -d -o $user -g $user "$WORK/user-state"
	# The user may not be able to enter the directory of the build.
	install -m 0755 "$RUNTIME" "$WORK/runtime"
	RUNTIME=$WORK/runtime
	own=$(bundle own ".process.args = [\"sleep\", \"1000\"] | .root.path = \"$WORK/user-rootfs\" | .linux.namespaces += [{type: \"user\"}]
		| .linux.uidMappings = [{containerID: 0, hostID: $user, size: 1}] | .linux.gidMappings = .linux.uidMappings
		| (.mounts[] | select(.type == \"devpts\") | .options) -= [\"gid=5\"]")
	as_user=(setpriv --reuid $user --regid $user --clear-groups)
	root=$STATE STATE=$WORK/user-state before=$(snapshot)
	check "an ordinary user's container runs" "${as_user[@]}" "$RUNTIME" --root "$STATE" run --detach -b "$own" "$id"
	"${as_user[@]}" "$RUNTIME" --root "$STATE" delete --force "$id"
	at_any_moment "a user's create" "${as_user[@]}" -- create -b "$own"
	at_any_moment "a user's run" "${as_user[@]}" -- run --detach -b "$own"
	STATE=$root
else
	skip "a user's create killed at any moment" "the suite runs as a user already"
fi
suite_end
