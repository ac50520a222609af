#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# State directories made by an attacker, by another version or by a broken disk: refused with words and without a
# crash, and never does the runtime signal, remove or follow what is not the container's.
. "$(dirname "$0")/lib.sh"
security_begin

# A root for state that belongs to somebody else, or that everybody may write to.
mkdir -m 0700 "$WORK/foreign" && chown 65534 "$WORK/foreign"
mkdir -m 0777 "$WORK/open"
good=$(bundle good '.process.args = ["sleep", "600"]')
for root in foreign open; do
	check_refused "CVE-2019-12439: refused: a state directory that is $root" timeout 20 "$RUNTIME" \
		--root "$WORK/$root" create -b "$good" "$PREFIX-state"
	timeout 20 "$RUNTIME" --root "$WORK/$root" delete --force "$PREFIX-state" >/dev/null 2>&1
done
if [ "$KIND" != silo ]; then
	skip "state files of silo's" "another runtime keeps others"
	suite_end
fi

sleep 1000 &
bystander=$!
start_time()
{
	sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 20
}

# state_is NAME: a container directory with what is written to its state.json on the standard input.
state_is()
{
	rm -rf "${STATE:?}/x"
	mkdir -p -m 0700 "$STATE" "$STATE/x"
	cat >"$STATE/x/state.json"
}

# valid [FILTER]: a state file as silo writes them, changed
valid()
{
	jq -n --arg bundle "$good" --argjson pid "$bystander" --argjson start "$(start_time "$bystander")" '{
		ociVersion: "1.3.0", id: "x", pid: $pid, status: "running", bundle: $bundle,
		silo: {version: "0.1.0", startTime: ($start + 1), cgroupPath: "/nowhere", cgroupManager: "cgroupfs"}}
		| '"${1:-.}"
}

# All that read the state.
COMMANDS=("state x" "list" "kill x KILL" "kill --all x KILL" "start x" "exec x true" "exec --detach x true" "ps x" "pause x" "resume x"
	"update --pids-limit 5 x" "events --stats x" "mounts add x $WORK/mounts.json" "mounts remove x $WORK/mounts.json"
	"create -b $good x" "run -b $good x" "delete x" "delete --force x")
echo '[{"destination": "/mnt", "type": "tmpfs", "source": "tmpfs"}]' >"$WORK/mounts.json"
# Every command has to end by itself, with words if it fails; nothing of the host's may be touched.
survives()
{
	local name=$1 command status bad=
	for command in "${COMMANDS[@]}"; do
		# shellcheck disable=SC2086
		timeout 20 "$RUNTIME" --root "$STATE" $command >"$WORK/out" 2>&1 </dev/null
		status=$?
		if [ "$status" -ge 124 ] && [ "$status" -ne 255 ]; then
			bad="$bad; $command: exit $status: $(head -c 300 "$WORK/out")"
		elif grep -q 'Sanitizer\|runtime error' "$WORK/out"; then
			bad="$bad; $command: $(grep -m 3 'Sanitizer\|runtime error' "$WORK/out")"
		elif [ "$status" -ne 0 ] && [ ! -s "$WORK/out" ]; then
			bad="$bad; $command: exit $status without a word"
		fi
	done
	kill -0 "$bystander" 2>/dev/null || {
		bad="$bad; a process that is none of the container's was killed"
		sleep 1000 &
		bystander=$!
	}
	check_equal "hardening: state.json $name: every command ends with words" "" "$bad"
	check_canary "hardening: state.json $name: nothing on the host changes" | grep -v '^ok'
	rm -rf "${STATE:?}/x"
}

valid >"$WORK/valid.json"
size=$(wc -c <"$WORK/valid.json")
for ((n = 0; n < size; n += 40)); do
	head -c "$n" "$WORK/valid.json" | state_is
	survives "cut off after $n bytes"
done
state_is <"$WORK/valid.json"
survives "of a process whose number went to another"
head -c 100000 /dev/urandom | state_is
survives "of random bytes"
head -c 5000000 /dev/zero | state_is
survives "of 5 MB of zeros"
yes '[' | tr -d '\n' | head -c 100000 | state_is
survives "nested 100000 deep"
while read -r filter; do
	valid "$filter" | state_is
	survives "changed: $filter"
done <<'FILTERS'
.id = "other"
del(.silo)
del(.silo.startTime)
del(.silo.version)
.silo.startTime = -1
.silo.startTime = 18446744073709551616
.silo.cgroupPath = "/"
.silo.cgroupPath = "//"
.silo.cgroupPath = "/."
.silo.cgroupPath = "/../.."
.silo.cgroupPath = "/a/../.."
.silo.cgroupPath = "relative"
.silo.cgroupPath = "cpu"
.silo.cgroupPath = "cpu:/../..\n:/"
.silo.cgroupPath = "=:/\n=cpu:/"
.silo.cgroupPath = ("/" + "a" * 100000)
.silo.cgroupPath = "/a\u0000b"
.silo.cgroupManager = "nosuch"
.pid = 0
.pid = -1
.pid = 1
.pid = 4294967296
.pid = "1"
.pid = 2147483647
.status = "nosuch"
.status = "creating"
.status = "created"
.status = "paused"
.status = "stopped"
.bundle = "relative"
.bundle = ("/" + "b" * 100000)
.ociVersion = "99"
.annotations = {"a": "b"} | .annotations.c = ("d" * 100000)
.silo.netDevices = [{"from": "eth7", "to": "eth7", "addresses": ["00", "0", "zz", "é"]}]
.silo.netDevices = [{"from": "eth7", "to": "eth7", "addresses": ["18000000140000000000000000000000020000000100000004000300", ("00" * 50000)]}]
.rootfs = 5
.created = "yesterday"
.future = {"deep": [1, 2, {"x": null}]}
FILTERS

# The file is something else.
for kind in "a link to a file of the host" "a link into nothing" "a FIFO" "a directory" "a socket" "a device" missing; do
	state_is </dev/null
	rm "$STATE/x/state.json"
	case $kind in
	"a link to a file of the host") ln -s "$WORK/valid.json" "$STATE/x/state.json" ;;
	"a link into nothing") ln -s /nowhere "$STATE/x/state.json" ;;
	"a FIFO") mkfifo "$STATE/x/state.json" ;;
	"a directory") mkdir -p "$STATE/x/state.json/deep/er" ;;
	"a socket") "$WORK/attack" socket "$STATE/x/state.json" ;;
	"a device") mknod "$STATE/x/state.json" c 1 5 ;;
	esac
	survives "is $kind"
done

# What lies beside it is removed, and never followed.
valid '.status = "stopped"' | state_is
ln -s "$WORK/victim" "$STATE/x/link"
mkdir -p "$STATE/x/dir" && ln -s "$WORK/victim/file" "$STATE/x/dir/link"
ln -s "$WORK/victim/file" "$STATE/x/config.json"
ln -s "$WORK/victim/file" "$STATE/x/.state.json.new"
survives "with links to the host beside it"

# The directory itself: somebody else's, writable to others, a link, a file.
valid | state_is
chown 65534 "$STATE/x"
check_refused "hardening: a container directory of another user is refused" runtime delete --force x
chown 0 "$STATE/x"
chmod 0777 "$STATE/x"
check_refused "hardening: a container directory that others may write to is refused" runtime delete --force x
chmod 0700 "$STATE/x"
mv "$STATE/x" "$STATE/y"
ln -s y "$STATE/x"
check_refused "hardening: a link for a container directory is refused" runtime state x
rm "$STATE/x"
check_match "hardening: a directory under another's name is unusable" 'belongs to another container' "$(runtime state y 2>&1)"
rm -rf "${STATE:?}/y"
touch "$STATE/x"
check_refused "hardening: a file for a container directory is refused" runtime state x
rm "$STATE/x"

# Nothing to go by but the config: the process is found all the same.
for damage in "rm -f" "truncate -s 0" "truncate -s 20"; do
	runtime run --detach -b "$good" "$PREFIX-lost" >/dev/null 2>&1 </dev/null
	pid=$(runtime state "$PREFIX-lost" | jq .pid)
	check "hardening: control: process ${pid:-none} runs, in a cgroup that is found" eval \
		'[ -d "/proc/$pid/root" ] && [ -n "$(find /sys/fs/cgroup -name "*$PREFIX-lost*")" ]'
	$damage "$STATE/$PREFIX-lost/state.json"
	check_refused "hardening: state.json lost ($damage): delete refuses" runtime delete "$PREFIX-lost"
	check "hardening: ...delete --force succeeds" runtime delete --force "$PREFIX-lost"
	check_equal "hardening: ...and ends the process" "" \
		"$(awk '/^State/ && $2 != "Z"' "/proc/$pid/status" 2>/dev/null)"
	check_equal "hardening: ...and leaves no cgroup" "" "$(find /sys/fs/cgroup -name "*$PREFIX-lost*")"
done

# A runtime that is killed before it has looked at a cgroup that was there before: whoever is in it lives on.
if command -v strace >/dev/null && mkdir "/sys/fs/cgroup/pids/$PREFIX-others" 2>/dev/null; then
	sleep 1000 &
	other=$!
	echo "$other" >"/sys/fs/cgroup/pids/$PREFIX-others/cgroup.procs"
	dir=$(bundle others ".linux.cgroupsPath = \"/$PREFIX-others\"")
	# With the state written (the second file is being renamed), and with some cgroups made.
	for call in renameat:2 mkdir:2 mkdir:4; do
		strace -o /dev/null -e trace="${call%:*}" -e inject="${call%:*}:signal=KILL:when=${call#*:}" "$REAL" \
			--root "$STATE" create -b "$dir" "$PREFIX-killed" >/dev/null 2>&1 </dev/null
		runtime delete --force "$PREFIX-killed" >/dev/null 2>&1
	done
	check "hardening: delete --force after a killed create spares who was in the cgroup before" kill -0 "$other"
	check_refused "hardening: ...and create refuses such a cgroup" runtime create -b "$dir" "$PREFIX-killed"
	check "hardening: ...which stays" test -d "/sys/fs/cgroup/pids/$PREFIX-others"
	kill "$other"
	wait "$other" 2>/dev/null
	find /sys/fs/cgroup -depth -name "$PREFIX-others" -exec rmdir {} + 2>/dev/null
else
	skip "hardening: delete --force after a killed create spares who was in the cgroup before" \
		"needs strace and a v1 pids hierarchy"
fi

# Versions: an older one is understood, a newer one that may know more is not touched.
valid '.silo.version = "0.0.1" | .status = "stopped"' | state_is
check "hardening: the state of an older version is understood" runtime delete x
valid '.silo.version = "99.0.0" | .status = "stopped"' | state_is
# plain ARG...: the runtime, whose exec fails with 255
plain()
{
	local status=0
	runtime "$@" || status=$?
	return $((status == 255 ? 1 : status))
}
for command in "${COMMANDS[@]}"; do
	# shellcheck disable=SC2086
	[ "$command" = list ] || check_refused "hardening: the state of a newer version is refused: ${command%% *}" plain $command
done
check "hardening: ...list shows the others" runtime list
check_match "hardening: ...and the message says which" 'silo 99\.0\.0' "$(runtime state x 2>&1)"
check_equal "hardening: ...and it is left alone" 99.0.0 "$(jq -r .silo.version "$STATE/x/state.json")"
rm -rf "${STATE:?}/x"

# What exec takes from there besides: the config, and the seccomp filter as it was compiled. Nothing starts without it.
runtime run --detach -b "$(bundle filtered '.process.args = ["sleep", "1000"] | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
	syscalls: [{names: ["kexec_load"], action: "SCMP_ACT_ERRNO"}]}')" x >/dev/null 2>&1 </dev/null
cp "$STATE/x/seccomp" "$WORK/seccomp"
cp "$STATE/x/config.json" "$WORK/saved.json"
confined()
{
	timeout 20 "$RUNTIME" --root "$STATE" exec x grep Seccomp: /proc/self/status 2>&1
}
check_match "hardening: exec has the filter" '^Seccomp:[[:space:]]2' "$(confined)"
while read -r what damage; do
	eval "$damage"
	out=$(confined)
	check_equal "hardening: exec, its filter $what: confined, or refused with words" "" \
		"$([[ $out = Seccomp:*2 ]] || { [ -n "$out" ] && ! grep '^Seccomp' <<<"$out" >/dev/null; } || echo "$out")"
	rm -rf "$STATE/x/seccomp"
	cp "$WORK/seccomp" "$STATE/x/seccomp"
done <<'DAMAGES'
missing rm "$STATE/x/seccomp"
empty : >"$STATE/x/seccomp"
cut_off truncate -s 12 "$STATE/x/seccomp"
cut_off_at_an_instruction truncate -s 8 "$STATE/x/seccomp"
random head -c 800 /dev/urandom >"$STATE/x/seccomp"
zeros head -c 800 /dev/zero >"$STATE/x/seccomp"
huge head -c 10000000 /dev/zero >"$STATE/x/seccomp"
a_link ln -sf /etc/passwd "$STATE/x/seccomp"
a_directory rm "$STATE/x/seccomp"; mkdir "$STATE/x/seccomp"
a_FIFO rm "$STATE/x/seccomp"; mkfifo "$STATE/x/seccomp"
DAMAGES
for damage in 'rm' ': >' 'truncate -s 100' 'ln -sf /etc/passwd' 'echo {} >' 'echo "[" >'; do
	eval "$damage \"\$STATE/x/config.json\""
	check_refused "hardening: exec, its config after $damage: refused" plain exec x true
	rm -f "$STATE/x/config.json"
	cp "$WORK/saved.json" "$STATE/x/config.json"
done
check_match "hardening: ...and with both as they were it is confined" '^Seccomp:[[:space:]]2' "$(confined)"
runtime delete --force x
kill "$bystander"
suite_end
