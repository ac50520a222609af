#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Lifecycle and operations (LIF, OPS), hooks (HKS), and what a process starts with (RTL).
. "$(dirname "$0")/../lib.sh"
conformance_begin
id=$PREFIX-life

# Operations: what each needs, and in which state it is refused without effect
sleeper=$(bundle sleeper '.process.args = ["sh", "-c", "trap \"echo term; exit 3\" TERM; echo up; while :; do sleep 1; done"] |
	.hostname = "made"')
check_refused "OPS-02 state without an id" runtime state
check_refused "OPS-02 state of an unknown container" runtime state "$id"
check_refused "OPS-04 create without an id" runtime create -b "$sleeper"
check_refused "OPS-04 create without a bundle" sh -c 'cd / && "$@"' - "$RUNTIME" --root "$STATE" create "$id"
for bad in "" . .. a/b 'a b' $'a\nb' /abs ä; do
	check_refused "OPS-06 create with the id $(printf %q "$bad")" runtime create -b "$sleeper" "$bad"
done
check_refused "OPS-13 start without an id" runtime start
check_refused "OPS-14 start of an unknown container" runtime start "$id"
check_refused "OPS-17 kill without an id" runtime kill
check_refused "OPS-18 kill of an unknown container" runtime kill "$id" KILL
check_refused "OPS-21 delete without an id" runtime delete
check_unchanged "OPS-06 OPS-14 OPS-18 ...nothing was made" "$BEFORE"
runtime create -b "$sleeper" --pid-file "$WORK/pid" "$id" >"$WORK/out" 2>&1 </dev/null
pid=$(cat "$WORK/pid")
check_equal "OPS-01 OPS-07 create makes a container" created "$(status_of "$id")"
check_equal "LIF-01 LIF-02 OPS-08 create applies the config: its hostname" made \
	"$(nsenter -t "$pid" -u hostname 2>&1)"
check_equal "LIF-02 OPS-08 ...its root file system" "$(stat -c %i "$WORK/rootfs/probe")" \
	"$(stat -c %i "/proc/$pid/root/probe" 2>&1)"
check "LIF-02 OPS-08 ...its cgroup" grep -q "$id" "/proc/$pid/cgroup"
check_equal "LIF-02 OPS-08 the program is not executed" "" "$(cat "$WORK/out")"
check_refused "OPS-05 create with an id in use" runtime create -b "$sleeper" "$id"
check_equal "OPS-05 ...leaves the container alone" "created $pid" \
	"$(runtime state "$id" | jq -r '"\(.status) \(.pid)"')"
jq '.hostname = "edited" | .process.args = ["false"] | del(.linux.resources)' "$sleeper/config.json" >"$WORK/edited" &&
	cp "$WORK/edited" "$sleeper/config.json"
check "OPS-01 start" runtime start "$id"
check "LIF-03 LIF-08 OPS-12 OPS-15 the program of the config of create runs, not the one edited since" wait_until 10 grep -q up "$WORK/out"
check_equal "LIF-03 OPS-12 ...for the hostname" made "$(nsenter -t "$pid" -u hostname 2>&1)"
check_refused "OPS-14 start of a running container" runtime start "$id"
check_refused "OPS-22 delete of a running container" runtime delete "$id"
check_equal "OPS-14 OPS-22 ...neither has an effect" "running $pid" \
	"$(runtime state "$id" | jq -r '"\(.status) \(.pid)"')"
check "OPS-01 OPS-19 kill sends the signal" runtime kill "$id" TERM
check "OPS-19 ...to the container's process" wait_until 10 grep -q term "$WORK/out"
check "LIF-10 its exit leads to stopped" wait_until 10 status_is "$id" stopped
check_refused "OPS-14 start of a stopped container" runtime start "$id"
check_refused "OPS-18 kill of a stopped container" runtime kill "$id" TERM
check_equal "OPS-14 OPS-18 ...it stays stopped" stopped "$(status_of "$id")"
check "OPS-01 LIF-11 OPS-23 delete" runtime delete "$id"
check_unchanged "LIF-11 OPS-23 delete undoes what create did" "$BEFORE"
check_refused "OPS-23 ...the container is unknown again" runtime state "$id"
waiting=$(bundle waiting)
dir=$(bundle early '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 77, hard: 99}] | .process.user = {uid: 1234, gid: 1234}')
runtime create -b "$dir" --pid-file "$WORK/early.pid" "$id" >/dev/null 2>&1 </dev/null
check_equal "OPS-09 limits and ids of the process are set in create already" "77 99 1234" \
	"$(awk '/^Max open files/ { print $4, $5 }' "/proc/$(cat "$WORK/early.pid")/limits") $(awk '/^Uid:/ { print $2 }' "/proc/$(cat "$WORK/early.pid")/status")"
runtime delete --force "$id"
check "OPS-25 the id can be used again" runtime create -b "$waiting" "$id"
check "OPS-19 kill of a created container" runtime kill "$id" KILL
check "OPS-19 ...ends its process" wait_until 10 status_is "$id" stopped
runtime delete "$id"
check "GEN-13 the creator of a container" runtime create -b "$waiting" "$id"
for operation in state start state; do
	check "GEN-13 ...can use $operation" runtime $operation "$id"
done
wait_until 10 status_is "$id" stopped
check "GEN-13 ...and delete" runtime delete "$id"
# runc and crun delete a created container, and so do we: managers count on it.
runtime create -b "$waiting" "$id" >/dev/null 2>&1 </dev/null
check "OPS-22 delete of a created container succeeds, as with runc" runtime delete "$id"
dir=$(bundle bare 'del(.process)')
check "OPS-11 PRC-01 create works without a process" runtime create -b "$dir" "$id"
check_refused "OPS-16 PRC-01 start without a process" runtime start "$id"
runtime delete --force "$id"
# Something that is not the container's own stays.
outside=/sys/fs/cgroup/pids
[ -d "$outside" ] || outside=/sys/fs/cgroup
outside=$outside/$PREFIX-given
if mkdir "$outside" 2>/dev/null; then
	runtime run -b "$(bundle given ".linux.cgroupsPath = \"/$PREFIX-given\"")" "$id" >/dev/null 2>&1 </dev/null
	check "OPS-24 a cgroup that was there before stays" test -d "$outside"
	for dir in /sys/fs/cgroup/"$PREFIX-given" /sys/fs/cgroup/*/"$PREFIX-given"; do
		[ ! -d "$dir" ] || rmdir "$dir"
	done
else
	skip "OPS-24 a cgroup that was there before stays" "no cgroup can be made here"
fi
unshare -u sleep 1000 &
holder=$!
wait_until 5 test "/proc/$holder/ns/uts" -nt /nonexistent
runtime run -b "$(bundle joined "del(.hostname) | .linux.namespaces |= map(select(.type != \"uts\")) +
	[{type: \"uts\", path: \"/proc/$holder/ns/uts\"}]")" "$id" >/dev/null 2>&1 </dev/null
check "OPS-24 a joined namespace stays" kill -0 "$holder"
kill -KILL "$holder"
wait "$holder" 2>/dev/null

# Hooks: one container with two of every kind
# Each writes its name into a file that both sides see; the state it reads; its namespaces; its environment.
mkdir -p "$WORK/hooks"
chmod 0777 "$WORK/hooks"
note='cat >>$1/$2.json; echo $2 >>$1/order; readlink /proc/self/ns/uts >$1/$2.ns; tr "\\0" "\\n" </proc/self/environ >$1/$2.env;
	[ ! -e /probe ] || echo inside >$1/$2.where; status=$(cat $1/program 2>/dev/null); echo "$status" >$1/$2.program'
# shellcheck disable=SC2016
hooks='def hook($kind; $n; $dir): {path: "/bin/sh", args: ["sh", "-c", $note, "hook", $dir, $kind + $n],
		env: ["KIND=" + $kind]};
	def both($kind; $dir): [hook($kind; "1"; $dir), hook($kind; "2"; $dir)];
	.mounts += [{destination: "/hooks", type: "bind", source: $hooks, options: ["bind"]}] |
	.process.args = ["sh", "-c", "echo ran >/hooks/program; echo program >>/hooks/order; sleep 1000"] |
	.process.env += ["OWN=process"] |
	.hooks = {prestart: both("prestart"; $hooks), createRuntime: both("createRuntime"; $hooks),
		createContainer: both("createContainer"; $hooks), startContainer: both("startContainer"; "/hooks"),
		poststart: both("poststart"; $hooks), poststop: both("poststop"; $hooks)}'
dir=$(bundle hooked "$hooks" --arg note "$note" --arg hooks "$WORK/hooks")
runtime create -b "$dir" "$id" >"$WORK/out" 2>&1 </dev/null
check_equal "LIF-04 LIF-05 LIF-06 HKS-07 HKS-09 HKS-10 HKS-11 create runs its hooks in order" \
	"prestart1 prestart2 createRuntime1 createRuntime2 createContainer1 createContainer2" \
	"$(xargs <"$WORK/hooks/order")"
runtime start "$id"
check_equal "LIF-07 LIF-08 LIF-09 HKS-07 HKS-12 HKS-13 start runs its hooks before and after the program" \
	"startContainer1 startContainer2 poststart1 poststart2" \
	"$(sed '/create\|prestart\|program/d' "$WORK/hooks/order" | xargs)"
wait_until 5 grep -q program "$WORK/hooks/order"
check_match "LIF-07 startContainer comes before the program" 'startContainer2 .*program' "$(xargs <"$WORK/hooks/order")"
runtime delete --force "$id"
check_equal "LIF-12 HKS-14 delete runs poststop" "poststop1 poststop2" "$(tail -n 2 "$WORK/hooks/order" | xargs)"
for pair in prestart:creating createRuntime:creating createContainer:creating startContainer:created \
	poststart:running poststop:stopped; do
	kind=${pair%:*}
	check_equal "HKS-08 $kind reads the state: ${pair#*:}" "$id ${pair#*:} $dir" \
		"$(jq -r '"\(.id) \(.status) \(.bundle)"' "$WORK/hooks/${kind}1.json" 2>&1)"
	check_equal "HKS-05 $kind has its env and no other" "KIND=$kind" \
		"$(cat "$WORK/hooks/${kind}1.env" 2>&1)"
done
ours=$(readlink /proc/self/ns/uts)
for kind in prestart createRuntime poststart poststop; do
	check_equal "HKS-09 HKS-10 HKS-13 HKS-14 $kind is in the runtime's namespaces" "$ours" \
		"$(head -n 1 "$WORK/hooks/${kind}1.ns")"
done
for kind in createContainer startContainer; do
	check_match "HKS-11 HKS-12 $kind is in the container's namespaces" '^uts:' \
		"$(head -n 1 "$WORK/hooks/${kind}1.ns" | grep -vxF "$ours")"
done
check_equal "HKS-11 createContainer is before pivot_root" absent \
	"$(cat "$WORK/hooks/createContainer1.where" 2>/dev/null || echo absent)"
check_equal "HKS-12 startContainer is after pivot_root" inside "$(cat "$WORK/hooks/startContainer1.where" 2>&1)"
rm -rf "$WORK/hooks"/*
# shellcheck disable=SC2016
quick='.hooks = {($kind): [{path: "/bin/sh", args: ["sh", "-c", $script, "hook", $hooks]}],
		poststop: ((if $kind == "poststop" then [{path: "/bin/sh", args: ["sh", "-c", $script, "hook", $hooks]}] else [] end) +
		[{path: "/bin/sh", args: ["sh", "-c", "echo poststop >>" + $hooks + "/order"]}])} |
	.mounts += [{destination: "/hooks", type: "bind", source: $hooks, options: ["bind"]}] |
	.process.args = ["sh", "-c", "echo program >>/hooks/order; sleep 1000"]'
for kind in prestart createRuntime createContainer startContainer poststart; do
	rm -f "$WORK/hooks/order"
	dir=$(bundle failing "$quick" --arg kind "$kind" --arg script 'echo failing >&2; exit 3' --arg hooks "$WORK/hooks")
	case $kind in
	prestart) ids="LIF-04 HKS-15" command=create ;;
	createRuntime) ids="LIF-05 HKS-15" command=create ;;
	createContainer) ids="LIF-06 HKS-15" command=create ;;
	startContainer) ids="LIF-07 HKS-15" command=start ;;
	poststart) ids="LIF-09 HKS-15" command=start ;;
	esac
	if [ $command = start ]; then
		check "$ids $kind fails later than create" runtime create -b "$dir" "$id"
		check_refused "$ids a failing $kind hook makes start fail" runtime start "$id"
		check "$ids ...and stops the container" wait_until 10 eval '[ "$(status_of "$id")" != running ]'
		runtime delete --force "$id"
	else
		check_refused "$ids a failing $kind hook makes create fail" runtime create -b "$dir" "$id"
		check_equal "$ids ...and nothing is left of it" "" "$(status_of "$id")"
		check_equal "$ids ...the program never ran" "" "$(grep program "$WORK/hooks/order" 2>/dev/null)"
	fi
	check_equal "$ids ...poststop hooks are run" poststop "$(grep poststop "$WORK/hooks/order" 2>&1)"
done
rm -f "$WORK/hooks/order"
dir=$(bundle failing "$quick" --arg kind poststop --arg script 'exit 3' --arg hooks "$WORK/hooks")
runtime create -b "$dir" "$id" >"$WORK/out" 2>&1 </dev/null
check "LIF-12 HKS-15 a failing poststop hook does not stop delete" runtime delete --force "$id"
check_equal "LIF-12 HKS-15 ...nor the hooks after it" poststop "$(cat "$WORK/hooks/order" 2>&1)"
check_equal "LIF-12 HKS-15 ...the container is gone" "" "$(status_of "$id")"
dir=$(bundle failing "$quick" --arg kind prestart --arg script 'exec 0<&-; exit 0' --arg hooks "$WORK/hooks")
jq '.annotations = {big: ("x" * 300000)}' "$dir/config.json" >"$WORK/edited" && cp "$WORK/edited" "$dir/config.json"
check "HKS-03 a hook that does not read its stdin does no harm" runtime create -b "$dir" "$id"
runtime delete --force "$id"
dir=$(bundle failing "$quick | .hooks.prestart[0].timeout = 1" --arg kind prestart --arg script 'sleep 100' --arg hooks "$WORK/hooks")
begin=$SECONDS
check_refused "HKS-06 a hook that outlives its timeout fails" runtime create -b "$dir" "$id"
check "HKS-06 ...and is killed" test $((SECONDS - begin)) -lt 20
dir=$(bundle failing "$quick | del(.hooks.prestart[0].args) | .hooks.prestart[0].path = \"/bin/pwd\"" --arg kind prestart \
	--arg script '' --arg hooks "$WORK/hooks")
check "HKS-04 a hook without args is executed under its path" runtime create -b "$dir" "$id"
runtime delete --force "$id"
refused "HKS-02 a relative hook path" '/hooks/prestart/0/path \(line [0-9]+\): .*absolute' \
	'.hooks = {prestart: [{path: "bin/true"}]}'
for timeout in 0 -1; do
	refused "HKS-06 a timeout of $timeout" '/hooks/poststop/0/timeout \(line [0-9]+\)' \
		".hooks = {poststop: [{path: \"/bin/true\", timeout: $timeout}]}"
done

# What the process starts with (runtime-linux.md)
inside "RTL-01 only descriptors 0, 1 and 2 are open" "fds 0 1 2" . '/probe fds'
inside "RTL-01 ...whatever the caller has open" "fds 0 1 2" . '/probe fds' 7</dev/null 9</dev/null
dir=$(bundle preserve '.process.args = ["/probe", "fds"]')
check_equal "RTL-02 --preserve-fds passes more" "fds 0 1 2 3 4" \
	"$(runtime run --preserve-fds 2 -b "$dir" "$id" 3</dev/null 4</dev/null 2>&1)"
dir=$(bundle devnull '.process.args = ["stat", "-L", "-c", "%t:%T", "/proc/self/fd/0"]')
check_equal "RTL-03 standard input may be /dev/null" 1:3 "$(runtime run -b "$dir" "$id" </dev/null 2>&1)"
for link in RTL-04:fd: RTL-05:stdin:/0 RTL-06:stdout:/1 RTL-07:stderr:/2; do
	IFS=: read -r line name target <<<"$link"
	inside "$line /dev/$name" "/proc/self/fd$target" . "readlink /dev/$name"
done
inside "RTL-04 RTL-05 RTL-06 RTL-07 no links without a /proc" "" \
	'.mounts |= map(select(.destination != "/proc")) | .linux.maskedPaths = [] | .linux.readonlyPaths = []' \
	'ls -d /dev/fd /dev/stdin /dev/stdout /dev/stderr 2>/dev/null'
conformance_end
