#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Processes of a container that watch the runtime come in, and what a container's process is born with
# by mistake. SILO_RACE_ROUNDS processes join the spy.
. "$(dirname "$0")/lib.sh"
security_begin
hash=$(sha256sum <"$REAL")

# watched NAME FILTER: a container whose process spies on everything that appears in its pid namespace...
watched()
{
	local dir
	dir=$(bundle spy "$2 | .process.args = [\"attack\", \"spy\", \"600\"]") || return 1
	"$RUNTIME" --root "$STATE" run -b "$dir" "$PREFIX-spy" >"$WORK/spy.out" 2>&1 </dev/null &
	watcher=$!
	wait_until 10 grep -q '^spy: watching' "$WORK/spy.out" || fail "the spy of $1 watches" "$(cat "$WORK/spy.out")"
	pid=$(runtime state "$PREFIX-spy" | jq .pid)
}

# ...and its report: no process of the runtime's could be looked into.
watched_end()
{
	timeout 20 "$RUNTIME" --root "$STATE" kill "$PREFIX-spy" KILL >/dev/null 2>&1
	wait "$watcher" 2>/dev/null
	timeout 20 "$RUNTIME" --root "$STATE" delete --force "$PREFIX-spy" >/dev/null 2>&1
	if [ "$reached" -eq 0 ]; then
		fail "$1" "no process came in: $(tail -n 3 "$WORK/join.out")"
	elif grep -q '^found' "$WORK/spy.out"; then
		fail "$1" "$(cut -d: -f1 "$WORK/spy.out" | sed 's/process [0-9]*/a process/' | sort | uniq -c | head -n 8
			grep '^found' "$WORK/spy.out" | head -n 4)"
	else
		pass "$1"
	fi
	echo "# $reached processes came in"
}

# join_pods: containers that join the spy's namespaces by path, as pods do.
join_pods()
{
	local types=$1 i
	bundle joiner "$2 | .linux.namespaces |= map(if .type | IN($types) then .path = \"/proc/$pid/ns/\" +
		({network: \"net\", mount: \"mnt\"}[.type] // .type) else . end)" >/dev/null
	reached=0
	for ((i = 0; i < ROUNDS; i++)); do
		timeout 30 "$RUNTIME" --root "$STATE" run -b "$WORK/joiner" "$PREFIX-join" \
			>"$WORK/join.out" 2>&1 </dev/null && reached=$((reached + 1)) ||
			timeout 20 "$RUNTIME" --root "$STATE" delete --force "$PREFIX-join" >/dev/null 2>&1
	done
}

# What executes no file of the container's is seen by the spy, where nothing hides it.
attempt . 'cp /bin/attack /tmp/gone; /tmp/gone spy 1000 >/dev/null & until [ "$(readlink /proc/$!/exe)" = /tmp/gone ]; do :; done
	rm /tmp/gone; attack spy 2; kill -9 $!'
check_match "CVE-2016-9962 CVE-2019-5736 CVE-2016-8649: control: the spy finds what is not hidden" '^found the program' "$out"
check_match "CVE-2016-9962: control: ...and its descriptors" '^found a descriptor' "$out"

watched plain .
join_pods '"pid","ipc","network"' .
watched_end "CVE-2016-9962 CVE-2019-5736 CVE-2016-8649: a container that joins by path cannot be looked into"

# Root of a shared user namespace has every capability in it, CAP_SYS_PTRACE among them. Mounts and
# hostname belong to the namespaces made inside.
user=".linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
	| .linux.gidMappings = .linux.uidMappings | .root.path = \"$WORK/mapped\"
	| (.process.capabilities.bounding, .process.capabilities.effective, .process.capabilities.permitted)
		+= [\"CAP_SYS_PTRACE\", \"CAP_SYS_ADMIN\"]"
cp -a "$WORK/rootfs" "$WORK/mapped" && chown -hR 100000:100000 "$WORK/mapped"
chmod 0755 "$WORK" "$WORK/mapped"
watched user "$user"
# runc wants the mappings of a user namespace that it is to join, too.
[ "$KIND" = runc ] && maps=$user || maps="$user | del(.linux.uidMappings, .linux.gidMappings)"
join_pods '"user","pid","ipc","network"' "$maps"
watched_end "CVE-2026-41163 CVE-2016-9962: nor by root of a user namespace that they share"

if has exec; then
	for kind in plain user; do
		[ "$kind" = user ] && filter=$user || filter=.
		watched "$kind" "$filter"
		reached=0
		for ((i = 0; i < ROUNDS; i++)); do
			timeout 30 "$RUNTIME" --root "$STATE" exec "$PREFIX-spy" true >"$WORK/join.out" 2>&1 \
				</dev/null && reached=$((reached + 1))
		done
		out=$(timeout 30 "$RUNTIME" --root "$STATE" exec "$PREFIX-spy" attack fds 2>&1 </dev/null)
		check_equal "CVE-2016-8649 CVE-2024-21626: exec ($kind): descriptors 0 to 2 only" "0 1 2" \
			"$(cut -d ' ' -f 1 <<<"$out" | xargs)"
		watched_end "CVE-2016-9962 CVE-2019-5736 CVE-2016-8649 CVE-2020-14298 CVE-2020-14300: exec ($kind) cannot be looked into"
	done
else
	skip "CVE-2016-9962 CVE-2019-5736 CVE-2016-8649: exec cannot be looked into" "no exec command"
fi

# The program is the runtime itself, as the container sees it.
evil_root evil bin/evil /proc/self/exe >/dev/null
printf '#!/proc/self/exe\n' >"$WORK/evil/script"
chmod 0755 "$WORK/evil/script"
for program in /proc/self/exe /script /bin/evil; do
	attempt "def program: \"$program\"; .root.path = \"$WORK/evil\"" true
	bundle run ".root.path = \"$WORK/evil\" | .process.args = [\"$program\", \"init\"]" >/dev/null
	timeout 20 "$RUNTIME" --root "$STATE" run -b "$WORK/run" "$PREFIX-run" >/dev/null 2>&1 </dev/null
	timeout 20 "$RUNTIME" --root "$STATE" delete --force "$PREFIX-run" >/dev/null 2>&1
done
check_equal "CVE-2019-5736 CVE-2020-14300: the runtime's file is unchanged after /proc/self/exe as program" \
	"$hash" "$(sha256sum <"$REAL")"

# A caller that leaks a directory of the host, and a working directory that leads through every descriptor.
attempt ".mounts += [{destination: \"/mnt\", type: \"bind\", source: \"$WORK/victim\", options: [\"bind\"]}] | .process.cwd = \"/mnt\"" "cat file"
check_match "CVE-2024-21626: control: the secret is told where that directory is mounted" '^secret' "$out"
exec 9<"$WORK/victim"
attempt . "attack fds"
check_equal "CVE-2024-21626: descriptors 0 to 2 only, though the caller had more" "0 1 2" \
	"$(sed 1d <<<"$out" | cut -d ' ' -f 1 | xargs)"
holes=
for ((fd = 3; fd < 64; fd++)); do
	attempt ".process.cwd = \"/proc/self/fd/$fd\"" "cat file ../victim/file ../../../../../..$WORK/victim/file"
	if ran && grep -q secret <<<"$out"; then
		holes="$holes $fd"
	fi
done
exec 9<&-
check_equal "CVE-2024-21626: no /proc/self/fd/N as working directory leads to the host" "" "$holes"
if has exec; then
	holes=
	dir=$(bundle sleeper '.process.args = ["sleep", "600"]')
	runtime create -b "$dir" "$PREFIX-sleeper" >/dev/null 2>&1 </dev/null
	runtime start "$PREFIX-sleeper"
	check_match "CVE-2024-21626: control: exec --cwd" '^/tmp$' \
		"$(timeout 20 "$RUNTIME" --root "$STATE" exec --cwd /tmp "$PREFIX-sleeper" pwd 2>&1 </dev/null)"
	exec 9<"$WORK/victim"
	for ((fd = 3; fd < 24; fd++)); do
		timeout 20 "$RUNTIME" --root "$STATE" exec --cwd "/proc/self/fd/$fd" "$PREFIX-sleeper" \
			cat file ../victim/file "../../../../../..$WORK/victim/file" 2>/dev/null </dev/null |
			grep -q secret && holes="$holes $fd"
	done
	exec 9<&-
	check_equal "CVE-2024-21626: exec: no /proc/self/fd/N as --cwd leads to the host" "" "$holes"
	runtime delete --force "$PREFIX-sleeper" >/dev/null 2>&1
else
	skip "CVE-2024-21626: exec: no /proc/self/fd/N as --cwd leads to the host" "no exec command"
fi

# A process that exec brings in is stopped at the first thing it does in the container's pid namespace. A label is
# written to it before: this host may have no security module, so its switch is covered, and what is written goes to
# /dev/null (the first file that init opens to write is the label's).
entering_held()
{
	local pid

	pid=$(grep 'stopped by SIGSTOP' "$WORK/entering" 2>/dev/null | tail -n 1 | cut -d ' ' -f 1)
	[ -n "$pid" ] && [ "$pid" != "$held" ] && held=$pid
}

# held_inside: let what is stopped go on until it is one that is in the container.
held_inside()
{
	held=
	for ((i = 0; i < 3; i++)); do
		wait_until 30 entering_held || return 1
		[ "$(readlink "/proc/$held/ns/pid")" = "$(readlink /proc/self/ns/pid)" ] || return 0
		kill -CONT "$held"
	done
	return 1
}

if has exec && [ "$KIND" = silo ] && command -v strace >/dev/null; then
	dir=$(bundle sleeper '.process.args = ["sleep", "600"]')
	runtime create -b "$dir" "$PREFIX-sleeper" >/dev/null 2>&1 </dev/null
	runtime start "$PREFIX-sleeper"
	background unshare -m --propagation private sh -c 'mount -t tmpfs none /sys/module &&
		mkdir -p /sys/module/apparmor/parameters && echo Y >/sys/module/apparmor/parameters/enabled && exec "$@"' sh \
		strace -f -o "$WORK/entering" -e trace=openat,write,setsid -e inject=setsid:signal=SIGSTOP \
		-e inject=openat:poke_enter=@arg2=2f6465762f6e756c6c00:when=1 \
		"$REAL" --root "$STATE" exec --apparmor any "$PREFIX-sleeper" true
	if held_inside; then
		fds=
		for fd in "/proc/$held/fd/"*; do
			case $(stat -f -L -c %T "$fd") in
			proc | cgroup*fs | sysfs) fds="$fds $(readlink "$fd")" ;;
			esac
		done
		check_match "CVE-2024-21626: control: exec wrote a label" 'write\(.*exec any' "$(cat "$WORK/entering")"
		check_equal "CVE-2024-21626: exec: what is in the container has no file of the host's procfs or cgroups open" "" "$fds"
		kill -CONT "$held"
		wait "$background"
		check_equal "CVE-2024-21626: control: the labelled process was executed" 0 $?
	else
		fail "CVE-2024-21626: exec: what is in the container has no file of the host's procfs or cgroups open" \
			"nothing was stopped there: $(tail -n 3 "$WORK/entering")"
		end_background
	fi
	runtime delete --force "$PREFIX-sleeper" >/dev/null 2>&1
else
	skip "CVE-2024-21626: exec: what is in the container has no file of the host's procfs or cgroups open" \
		"needs silo's exec and strace"
fi

# The caller's terminal.
if [ "$("$WORK/attack" pty "$WORK/attack" push | tail -n 1)" = "input queue: 1" ]; then
	bundle run '.process.args = ["sh", "-c", "attack session; attack push"]' >/dev/null
	out=$(timeout 20 "$WORK/attack" pty "$RUNTIME" --root "$STATE" run -b "$WORK/run" "$PREFIX-run" 2>&1)
	check_match "CVE-2017-5226 CVE-2016-10124 CVE-2019-7303 CVE-2023-1523: a container is a session without the caller's terminal" \
		'^leader no tty' "$(tr -d '\r' <<<"$out")"
	check_match "CVE-2017-5226 CVE-2016-10124 CVE-2019-7303 CVE-2023-1523: nothing can be pushed into the caller's input" \
		'^input queue: 0' "$out"
else
	skip "CVE-2017-5226 CVE-2016-10124 CVE-2019-7303 CVE-2023-1523: nothing can be pushed into the caller's input" \
		"this kernel has no TIOCSTI"
fi

# Nothing of the container is loaded into the runtime.
if command -v strace >/dev/null; then
	bundle run '.process.user.uid = 1000 | .process.args = ["true"]' >/dev/null
	strace -f -e trace=pivot_root,open,openat,openat2,execve,execveat -o "$WORK/trace" "$REAL" \
		$(sed -n 's/^exec "[^"]*" \(--[^ ]*\) .*/\1/p' "$RUNTIME") --root "$STATE" run -b "$WORK/run" \
		"$PREFIX-run" >/dev/null 2>&1 </dev/null
	check_match "CVE-2019-14271 CVE-2018-15664: control: the trace has a pivot_root" 'pivot_root' "$(cat "$WORK/trace")"
	check_equal "CVE-2019-14271 CVE-2018-15664: no library or name service file is opened after pivot_root" "" \
		"$(sed '1,/pivot_root/d; /execve("/q' "$WORK/trace" |
			grep -E '"[^"]*(\.so[."]|nsswitch|gconv|locale)' | grep -v ENOENT)"
else
	skip "CVE-2019-14271 CVE-2018-15664: no library or name service file is opened after pivot_root" "no strace"
fi

# Sockets that another network namespace's root could reach, were it shared. In one of our own there are none of others'.
dir=$(bundle created '.process.args = ["sleep", "600"]')
out=$(timeout 30 unshare --net sh -c '"$@" >/dev/null 2>&1 </dev/null; grep -o " @.*" /proc/self/net/unix' \
	sh "$RUNTIME" --root "$STATE" create -b "$dir" "$PREFIX-created")
check_equal "CVE-2020-15257: no abstract socket" "created " "$(status_of "$PREFIX-created") $out"
check "CVE-2021-41103 CVE-2024-25621: control: there is state" find "$STATE/$PREFIX-created" -type f
check_equal "CVE-2021-41103 CVE-2024-25621: others cannot read the state" "" \
	"$(find "$STATE" -mindepth 1 -perm /o+rw \( -type f -o -type d \))"
runtime delete --force "$PREFIX-created" >/dev/null 2>&1

# Output without bounds, through the terminal that the runtime copies. On a busy machine each 4 KiB of it may wait for
# its turn, so it is no more than it takes to show: more than the runtime may use. (runc begins with 15 MB.)
amount=8 most='[1-7]?[0-9]{3}'
[ "$KIND" = silo ] || amount=50 most='[1-3]?[0-9]{4}'
bundle run ".process.terminal = true | .process.args = [\"sh\", \"-c\", \"stty raw; yes | head -c ${amount}000000\"]" >/dev/null
timeout 300 "$WORK/attack" pty "$RUNTIME" --root "$STATE" run -b "$WORK/run" "$PREFIX-run" >"$WORK/output" 2>&1 </dev/null
check "CVE-2022-1708 CVE-2022-31030: control: $amount MB of output arrive" test "$(wc -c <"$WORK/output")" -ge "${amount}000000"
check_match "CVE-2022-1708 CVE-2022-31030: however much output there is, the runtime keeps little of it ($amount MB)" \
	"^memory: $most kB\$" "$(tail -n 2 "$WORK/output")"
rm -f "$WORK/output"

# Hooks run on the host with nothing of the container's in their environment or working directory.
cat >"$WORK/hook" <<-HOOK
	#!/bin/sh
	{ env; echo "CWD=\$(pwd)"; ls /proc/self/fd; } >>"$WORK/hook.out"
HOOK
chmod 0755 "$WORK/hook"
: >"$WORK/hook.out"
attempt ".process.env += [\"LD_PRELOAD=/evil.so\", \"EVIL=1\"] | .hooks = {
	prestart: [{path: \"$WORK/hook\"}], createRuntime: [{path: \"$WORK/hook\"}],
	createContainer: [{path: \"$WORK/hook\"}], poststart: [{path: \"$WORK/hook\"}],
	poststop: [{path: \"$WORK/hook\"}]}" true
check_equal "CVE-2025-23266: control: five hooks ran" 5 "$(grep -c ^CWD= "$WORK/hook.out")"
check_equal "CVE-2025-23266: hooks on the host have no LD_PRELOAD of the container's" "" \
	"$(grep -E 'LD_PRELOAD|EVIL' "$WORK/hook.out")"

# A runtime that is set-user-ID lends its rights to everybody (bubblewrap gave that mode up, too).
if command -v setpriv >/dev/null; then
	install -m 4755 "$REAL" "$WORK/setuid"
	install -d -o 65534 -g 65534 "$WORK/nobody"
	install -m 4755 "$(command -v cat)" "$WORK/setuid-cat"
	check_match "CVE-2016-8659 CVE-2020-5291 CVE-2017-5985: control: set-user-ID means something here" '^Uid:[[:space:]]65534[[:space:]]0' \
		"$(setpriv --reuid=65534 --regid=65534 --clear-groups "$WORK/setuid-cat" /proc/self/status 2>&1)"
	rm -f "$WORK/setuid-cat"
	out=$(timeout 20 setpriv --reuid=65534 --regid=65534 --clear-groups "$WORK/setuid" --root "$WORK/nobody/x" \
		run -b "$(bundle run '.process.args = ["id"]')" "$PREFIX-run" 2>&1 </dev/null)
	status=$?
	check_equal "CVE-2016-8659 CVE-2020-5291 CVE-2017-5985: a set-user-ID runtime gives nobody root" "" \
		"$(grep -o 'uid=0' <<<"$out")"
	[ "$KIND" != silo ] || check_match "CVE-2016-8659 CVE-2020-5291 CVE-2017-5985: ...it refuses, and says so" 'set-user-ID' "$out"
	rm -f "$WORK/setuid"
else
	skip "CVE-2016-8659 CVE-2020-5291 CVE-2017-5985: a set-user-ID runtime gives nobody root" "no setpriv"
fi
check_canary "CVE-2024-21626: nothing on the host changed"
suite_end
