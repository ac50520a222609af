#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two ordinary users on one host: neither sees, signals, enters or removes the other's containers, nor has the other's
# runtime believe what is in a directory of his making. alice has containers, bob attacks.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/lib/user.sh
. "$(dirname "$0")/../lib/user.sh"
security_begin
suite_users "hardening: two users" alice bob
# The users may not be able to enter the directory of the build.
install -m 0755 "$REAL" "$WORK/runtime"
flags=()
[ "$KIND" != crun ] || flags=(--cgroup-manager=disabled)
bob=$TEST_UID bobs_run=$TEST_RUNTIME_DIR
test_user_be alice
alice=$TEST_UID alices_run=$TEST_RUNTIME_DIR

# by NAME ARG...: the runtime as this user, with what it says on standard output
by()
{
	test_user_be "$1"
	as_test_user timeout "$((60 * SILO_TIME_FACTOR))" "$WORK/runtime" "${flags[@]}" "${@:2}" </dev/null 2>&1
}

# For check_refused; exec's own failures are 255.
by_refused()
{
	local status=0

	by "$@" >&2 || status=$?
	[ "$status" -ne 255 ] || status=1
	return "$status"
}

# user_bundle NAME USER [FILTER]: with the maps that the user has
user_bundle()
{
	test_user_be "$2"
	bundle "$1" ".process.args = [\"sleep\", \"1000\"] | .linux.namespaces += [{type: \"user\"}] |
		.linux.namespaces |= map(select(.type != \"network\")) |
		.mounts |= map(select(.type != \"sysfs\") | .options |= ((. // []) - [\"gid=5\"])) |
		.linux.uidMappings = [{containerID: 0, hostID: $TEST_UID, size: 1}] | .linux.gidMappings = .linux.uidMappings | ${3:-.}"
}

sleeper=$(user_bundle sleeper alice)
bobs=$(user_bundle bobs bob)
root=$WORK/alice/state
install -d -o "$alice" -m 0711 "$root"
id=$PREFIX-a
by alice --root "$root" create -b "$sleeper" "$PREFIX-created" >/dev/null
made=$(by alice --root "$root" create -b "$sleeper" "$id" >"$WORK/alice/made"; cat "$WORK/alice/made")
by alice --root "$root" start "$id" >/dev/null
pid=$(by alice --root "$root" state "$id" | jq .pid)
if ! kill -0 "$pid" 2>/dev/null; then
	[ "$KIND" != silo ] || fail "hardening: two users: alice has a container" "$made"
	skip "hardening: two users" "this runtime makes no container for an ordinary user here"
	suite_end
fi

# How alice's containers are.
condition()
{
	by alice --root "$root" state "$PREFIX-created" | jq -r .status
	by alice --root "$root" state "$id" | jq -r .status
	find "$root" -printf '%P %i %m %U\n' | sort
	stat -c %u "/proc/$pid"
}
before=$(condition)
check_match "hardening: alice has containers" '^running' "$before"

# --- bob, by the runtime
echo '[{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs"}]' >"$WORK/mounts.json"
for command in "state ID" "start ID" "start $PREFIX-created" "kill ID KILL" "kill --all ID KILL" "exec ID true" "ps ID" "pause ID" \
	"resume ID" "update --pids-limit 5 ID" "events --stats ID" "delete ID" "delete --force ID" "create -b $bobs $PREFIX-b" \
	"create -b $bobs ID" "run -b $bobs ID" list "mounts add ID $WORK/mounts.json"; do
	has "${command%% *}" || continue
	# shellcheck disable=SC2086
	out=$(by bob --root "$root" ${command//ID/$id})
	status=$?
	name="hardening: another user's state directory: ${command//$WORK\//}"
	name=${name//$PREFIX-/}
	if [ "$status" -eq 0 ] && [ "${command%% *}" != list ]; then
		fail "$name" "it succeeds: $out"
	elif [ "$status" -ge 124 ] && [ "$status" -ne 255 ]; then
		fail "$name" "exit $status: $out"
	else
		check_equal "$name" "" "$(grep -o "^$id " <<<"$out")"
	fi
done
check_equal "hardening: ...her containers are as they were" "$before" "$(condition)"
check_equal "hardening: another user's containers are in nobody's list" "" "$(by bob list -q 2>/dev/null)"
# The same name, each has one.
by bob run -d -b "$bobs" "$id" >/dev/null
check_equal "hardening: two users have a container of one name" "running" "$(by bob state "$id" | jq -r .status)"
by bob delete --force "$id" >/dev/null
check_equal "hardening: ...deleting the one leaves the other" "$before" "$(condition)"

# --- bob, by himself
test_user_be bob
check_refused "hardening: another user's container: a signal" as_test_user kill -KILL "$pid"
for link in root cwd exe ns/user ns/mnt ns/pid; do
	check_equal "hardening: another user's container: /proc/PID/$link" "" "$(as_test_user readlink "/proc/$pid/$link")"
done
for file in environ mem maps fd/0; do
	check_refused "hardening: another user's container: /proc/PID/$file" as_test_user head -c 1 "/proc/$pid/$file"
done
check_refused "hardening: another user's container: nsenter" as_test_user nsenter --target "$pid" --user --mount true
for namespace in user pid mount; do
	joining=$(user_bundle joining bob ".process.args = [\"true\"] | .linux.uidMappings = [] | .linux.gidMappings = [] | del(.hostname) |
		.linux.namespaces = [{type: \"mount\"}, {type: \"user\", path: \"/proc/$pid/ns/user\"},
			{type: \"$namespace\", path: \"/proc/$pid/ns/$(sed s/mount/mnt/ <<<"$namespace")\"}] |
		.linux.namespaces |= (reverse | unique_by(.type))")
	check_refused "hardening: another user's container: its $namespace namespace is not joined" by_refused bob run -b "$joining" "$PREFIX-join"
done
# Root of a user namespace of his own is still bob.
killer=$(user_bundle killer bob ".process.args = [\"sh\", \"-c\", \"kill -KILL $pid\"] |
	.linux.namespaces |= map(select(.type != \"pid\")) | .mounts |= map(select(.destination != \"/proc\")) |
	.linux.maskedPaths = [] | .linux.readonlyPaths = []")
check_refused "hardening: another user's container: a signal from a container in the host's pid namespace" by_refused bob run -b "$killer" "$PREFIX-killer"
check_equal "hardening: ...she is still unharmed" "$before" "$(condition)"

# --- directories that bob has made ready for alice
sticky=$WORK/tmp
install -d -m 1777 "$sticky"
# trap_for NAME WHERE: what alice does there is refused, and nothing is made in it
trap_for()
{
	local command

	for command in "create -b $sleeper $PREFIX-trap" "run -b $sleeper $PREFIX-trap" "state $PREFIX-trap" "kill $PREFIX-trap KILL" \
		"exec $PREFIX-trap true" "delete --force $PREFIX-trap"; do
		# crun and runc: to delete what is not there by force is no error.
		[ "$KIND" = silo ] || [ "${command%% *}" != delete ] || continue
		# shellcheck disable=SC2086
		check_refused "hardening: a state directory $1: ${command%% *}" by_refused alice --root "$2" $command
	done
	check_equal "hardening: a state directory $1: nothing is made there" "$3" "$(find "$2/" -mindepth 1 -printf '%P ')"
}
install -d -o "$bob" -m 0755 "$sticky/owned"
trap_for "of another user" "$sticky/owned" ""
install -d -o "$bob" -m 0777 "$sticky/shared"
trap_for "of another user, open to all" "$sticky/shared" ""
install -d -o "$alice" -m 0777 "$sticky/open"
trap_for "that everyone can write to" "$sticky/open" ""
install -d -o "$alice" -m 0711 "$WORK/alice/other"
ln -s "$WORK/alice/other" "$sticky/link" && chown -h "$bob" "$sticky/link"
trap_for "that is another user's link to one of her own" "$sticky/link" ""

# A container's directory that bob has made, in a root that is hers: it names a process of hers.
install -d -o "$alice" -m 1777 "$sticky/squatted"
install -d -o "$bob" -m 0755 "$sticky/squatted/$PREFIX-trap"
jq -n --arg bundle "$sleeper" --argjson pid "$pid" --argjson start "$(sed 's/.*) //' "/proc/$pid/stat" | cut -d ' ' -f 20)" --arg id "$PREFIX-trap" '{
	ociVersion: "1.3.0", id: $id, pid: $pid, status: "running", bundle: $bundle,
	silo: {version: "0.1.0", startTime: $start, cgroupManager: "cgroupfs"}}' >"$sticky/squatted/$PREFIX-trap/state.json"
if [ "$KIND" = silo ]; then
	trap_for "with a container's directory that another user made" "$sticky/squatted" "$PREFIX-trap $PREFIX-trap/state.json "
	check_equal "hardening: ...her process lives" "$before" "$(condition)"
fi

# XDG_RUNTIME_DIR, which alice has from bob: by su(1), or a careless script
in_runtime_dir()
{
	test_user_be alice
	as_test_user env XDG_RUNTIME_DIR="$1" "$WORK/runtime" "${flags[@]}" run -b "$sleeper" "$PREFIX-trap"
}
if [ "$KIND" = silo ]; then
	check_refused "hardening: XDG_RUNTIME_DIR of another user" in_runtime_dir "$bobs_run"
	check_equal "hardening: ...nothing is made there" "" "$(find "$bobs_run" -mindepth 1 -user "$alice")"
	install -d -o "$bob" -m 0777 "$sticky/run"
	install -d -o "$bob" -m 0777 "$sticky/run/silo"
	check_refused "hardening: XDG_RUNTIME_DIR of another user, with a state directory" in_runtime_dir "$sticky/run"
	rmdir "$sticky/run/silo"
	ln -s "$alices_run" "$sticky/run/silo"
	check_refused "hardening: XDG_RUNTIME_DIR of another user, with a link to hers" in_runtime_dir "$sticky/run"
fi
check_equal "hardening: alice's containers are as they were" "$before" "$(condition)"
for name in "$id" "$PREFIX-created"; do
	by alice --root "$root" delete --force "$name" >/dev/null
done
check_canary "hardening: two users: nothing on the host changes"
suite_end
