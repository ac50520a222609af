#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What managers (go-runc, conmon, the shims) and service managers rely on besides the commands themselves.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)
id=$PREFIX-a

sleeper=$(bundle sleeper '.process.args = ["sleep", "1000"]')

# start_with OPTION...: a sleeping container made with more options of run.
start_with()
{
	runtime run -d -b "$sleeper" "$@" "$id" >"$WORK/log" 2>&1 </dev/null || cat "$WORK/log"
}

inside()
{
	timeout 30 "$RUNTIME" --root "$STATE" exec "$id" sh -c "$1" 2>&1 </dev/null
}

# --- --no-pivot
start_with --no-pivot
check_equal "--no-pivot: the container's root" "$(ls "$WORK/rootfs" | xargs)" "$(inside 'ls /' | xargs)"
check_equal "--no-pivot: .. of it is itself" "$(ls "$WORK/rootfs" | xargs)" "$(inside 'cd /; cd ..; cd ../..; ls' | xargs)"
check_equal "--no-pivot: the host's mounts are not in sight" "" "$(inside 'grep -E " /(work|home|usr) " /proc/self/mountinfo')"
runtime delete --force "$id"
escape=$(bundle escape '.process.args = ["sh", "-c", $cmd] | .process.capabilities |= map_values(. + ["CAP_SYS_CHROOT"])' \
	--arg cmd 'mkdir -p /tmp/sub; cd /; chroot /tmp/sub true 2>/dev/null; cd ../../../..; ls')
check_equal "--no-pivot: chroot does not lead out" "$(ls "$WORK/rootfs")" "$(runtime run --no-pivot -b "$escape" "$id" 2>&1 </dev/null)"
# In a user namespace below, the kernel mounts no procfs that shows more than those in sight do (mount_namespaces(7)).
nested=$(bundle nested '.linux.maskedPaths = ["/proc/uptime"] | .process.capabilities |= map_values(. + ["CAP_SETFCAP"]) | .process.args = ["unshare", "-Urmpf", "sh", "-c", $cmd]' \
	--arg cmd 'mount -t proc proc /mnt 2>&1')
check_match "--no-pivot: the host's procfs is not in sight" "denied|not permitted" \
	"$(runtime run --no-pivot -b "$nested" "$id" 2>&1 </dev/null)"
# Several of them, one on the other; the user namespace makes that they cannot be unmounted.
with_procs()
{
	unshare --mount --propagation private sh -c 'for i in $(seq "$0"); do mount -t proc proc /proc; done && exec "$@"' "$@"
}
mapped=$(bundle mapped "$(jq -c .process "$nested/config.json" | sed 's/^/.process = /') | .linux.maskedPaths = [\"/proc/uptime\"] |
	.linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] |
	.linux.gidMappings = .linux.uidMappings")
check_match "--no-pivot: nor two of them, which cannot be unmounted" "^mount:.*(denied|not permitted)" \
	"$(wrapper=(with_procs 1) && runtime run --no-pivot -b "$mapped" "$id" 2>&1 </dev/null)"
check_match "--no-pivot: nor three" "^mount:.*(denied|not permitted)" \
	"$(wrapper=(with_procs 2) && runtime run --no-pivot -b "$mapped" "$id" 2>&1 </dev/null)"
check_unchanged "--no-pivot leaves nothing" "$before"

# --- descriptors: --preserve-fds and a service manager's sockets
fds='for f in /proc/self/fd/*; do [ -e $f ] && echo -n "${f##*/} "; done; echo $LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES'
lister=$(bundle lister '.process.args = ["sh", "-c", $cmd]' --arg cmd "$fds")
list_fds()
{
	env "$@" timeout 20 "$RUNTIME" --root "$STATE" run -b "$lister" "${more[@]}" "$id" 2>&1 </dev/null
}
more=()
check_equal "no descriptor is inherited" "0 1 2 " "$(list_fds A=b 3</dev/null 7</dev/null)"
more=(--preserve-fds 2)
check_equal "--preserve-fds" "0 1 2 3 4 " "$(list_fds A=b 3</dev/null 4</dev/null 5</dev/null)"
more=(--preserve-fds 4)
check_equal "--preserve-fds with holes" "0 1 2 4 6 " "$(exec 4</dev/null 6</dev/null; list_fds A=b)"
check_equal "...are not filled by the log" "0 1 2 4 " \
	"$(timeout 20 "$RUNTIME" --root "$STATE" --log "$WORK/log.json" run -b "$lister" --preserve-fds 5 "$id" 2>&1 4</dev/null </dev/null)"
more=()
check_equal "LISTEN_FDS: sockets, LISTEN_PID=1" "0 1 2 3 4 2 1" "$(list_fds LISTEN_FDS=2 3</dev/null 4</dev/null 5</dev/null)"
check_equal "LISTEN_FDNAMES" "0 1 2 3 1 1 http" "$(list_fds LISTEN_FDS=1 LISTEN_FDNAMES=http 3</dev/null)"
check_equal "LISTEN_FDS for another process is not for us" "0 1 2 " "$(list_fds LISTEN_FDS=1 LISTEN_PID=1 3</dev/null)"
check_equal "LISTEN_FDS with our pid" "0 1 2 3 1 1" "$(
	# shellcheck disable=SC2016
	sh -c 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"' sh "$RUNTIME" --root "$STATE" run -b "$lister" "$id" 2>&1 </dev/null 3</dev/null)"
more=(--preserve-fds 1)
check_equal "--preserve-fds counts from there" "0 1 2 3 4 1 1" "$(list_fds LISTEN_FDS=1 3</dev/null 4</dev/null 5</dev/null)"
more=()
check_refused "LISTEN_FDS that is no number" env LISTEN_FDS=many "$RUNTIME" --root "$STATE" run -b "$lister" "$id"
check_unchanged "...leave nothing" "$before"

# --- the pid file appears whole: a new one takes the place of what was there
echo old >"$WORK/pid" && ln "$WORK/pid" "$WORK/kept"
start_with --pid-file "$WORK/pid"
check_equal "the pid file is exchanged, not written over" "old $(runtime state "$id" | jq .pid)" "$(cat "$WORK/kept" "$WORK/pid" | xargs)"
check_equal "...it ends with the number" "$(printf %s "$(cat "$WORK/pid")" | wc -c)" "$(stat -c %s "$WORK/pid")"
rm "$WORK/kept" && ln "$WORK/pid" "$WORK/kept"
runtime exec -d --pid-file "$WORK/pid" "$id" sleep 100 >/dev/null 2>&1 </dev/null
check "...that of exec, too" test "$(cat "$WORK/kept")" != "$(cat "$WORK/pid")"
check_equal "...and nothing is left beside it" pid "$(find "$WORK" -maxdepth 1 -name '*pid*' -printf '%f\n')"
runtime delete --force "$id"
rm -f "$WORK/pid" "$WORK/kept"

# --- the session keyring
keyrings()
{
	strace -f -o "$WORK/trace" -e trace=keyctl "$RUNTIME" --root "$STATE" "$@" >/dev/null 2>&1 </dev/null || echo "exit $?"
	sed -n 's/.*KEYCTL_JOIN_SESSION_KEYRING, "\([^"]*\)".*/\1/p' "$WORK/trace" | xargs
}
# A set-user-ID program that is traced, such as newuidmap, has no privilege.
if [ "$(id -u)" -eq 0 ] && command -v strace >/dev/null; then
	dir=$(bundle keys)
	check_equal "a session keyring of its own, named after it" "_ses.$id" "$(keyrings run -b "$dir" "$id")"
	check_equal "--no-new-keyring: the caller's" "" "$(keyrings run --no-new-keyring -b "$dir" "$id")"
	start_with
	check_equal "exec joins it" "_ses.$id" "$(keyrings exec "$id" true)"
	runtime delete --force "$id"
	start_with --no-new-keyring
	check_equal "exec joins none where there is none" "" "$(keyrings exec "$id" true)"
	runtime delete --force "$id"
else
	skip "a session keyring of its own" "no strace, or not root"
fi

# --- pidfds
receive_pidfd()
{
	rm -f "$WORK/sock"
	"$HARNESS_DIR/sockets.py" pidfd "$WORK/sock" >"$WORK/received" &
	receiver=$!
	wait_until 5 test -S "$WORK/sock"
}
# check_pidfd NAME PID: a pidfd of this process has come.
check_pidfd()
{
	wait_until 2 test -s "$WORK/received" || kill "$receiver"
	wait "$receiver" 2>/dev/null
	check_equal "$1" "pidfd of ${2:-nothing}" "pidfd of $(cat "$WORK/received")"
}
receive_pidfd
start_with --pidfd-socket "$WORK/sock"
check_pidfd "--pidfd-socket: the container's process" "$(runtime state "$id" | jq .pid)"
receive_pidfd
runtime exec -d --pid-file "$WORK/pid" --pidfd-socket "$WORK/sock" "$id" sleep 100 >/dev/null 2>&1 </dev/null
check_pidfd "exec --pidfd-socket: the executed process" "$(cat "$WORK/pid")"
runtime delete --force "$id"
receive_pidfd
annotated=$(bundle annotated '.process.args = ["sleep", "1000"] | .annotations["run.oci.pidfd_receiver"] = $sock' \
	--arg sock "$WORK/sock")
runtime run -d -b "$annotated" "$id" >/dev/null 2>&1 </dev/null
check_pidfd "run.oci.pidfd_receiver" "$(runtime state "$id" | jq .pid)"
runtime delete --force "$id"
rm -f "$WORK/pid"
check_refused "a pidfd socket that is not there" runtime run -d -b "$sleeper" --pidfd-socket "$WORK/none" --pid-file "$WORK/pid" "$id"
check "...and no pid file is left" test ! -e "$WORK/pid"
noprog=$(bundle noprog '.process.args = ["/no/such"]')
check_refused "a missing program" runtime run -d -b "$noprog" --pid-file "$WORK/pid" "$id"
check "...and no pid file is left" test ! -e "$WORK/pid"
check_unchanged "...nor anything else" "$before"

# --- NOTIFY_SOCKET
notified=$(bundle notified '.process.args = ["sh", "-c", $cmd] | .process.env += ["NOTIFY_SOCKET=/wrong"]' \
	--arg cmd 'echo "$NOTIFY_SOCKET" >/notified; test -S "$NOTIFY_SOCKET" && echo socket >>/notified; while :; do sleep 0.05; done')
# The root file system has nothing that could send a datagram: the test does, from outside.
send_notification()
{
	python3 -c 'import socket, sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
for text in sys.argv[2:]: s.sendto(text.encode(), sys.argv[1])' "/proc/$1/root$(sed -n 1p "$WORK/rootfs/notified")" "${@:2}"
}
listen_notify()
{
	rm -f "$WORK/notify" "$WORK/rootfs/notified"
	"$HARNESS_DIR/sockets.py" notify "$WORK/notify" 1 >"$WORK/received" &
	receiver=$!
	wait_until 5 test -S "$WORK/notify"
}
listen_notify
NOTIFY_SOCKET=$WORK/notify runtime run -d -b "$notified" --pid-file "$WORK/pid" "$id" >"$WORK/log" 2>&1 </dev/null &
job=$!
check "NOTIFY_SOCKET: the container has a socket of its own" wait_until 5 grep -q socket "$WORK/rootfs/notified"
pid=$(cat "$WORK/pid")
check "run -d waits until it is ready" kill -0 "$job"
send_notification "$pid" "STATUS=loading" "READY=1
STATUS=up"
check "...and returns then" wait "$job"
wait "$receiver"
check_equal "the manager is told once, with the process's pid on this host" "READY=1 MAINPID=$pid" "$(cat "$WORK/received")"
runtime delete --force "$id"
listen_notify
NOTIFY_SOCKET=$WORK/notify runtime create -b "$notified" --pid-file "$WORK/pid" "$id" >"$WORK/log" 2>&1 </dev/null
NOTIFY_SOCKET=$WORK/notify runtime start "$id" >"$WORK/log" 2>&1 </dev/null &
job=$!
wait_until 5 grep -q socket "$WORK/rootfs/notified"
check "start waits until it is ready" kill -0 "$job"
send_notification "$(cat "$WORK/pid")" "READY=1"
check "...and returns then" wait "$job"
wait "$receiver"
check_equal "the manager is told" "READY=1 MAINPID=$(cat "$WORK/pid")" "$(cat "$WORK/received")"
runtime delete --force "$id"
listen_notify
NOTIFY_SOCKET=$WORK/notify runtime run -b "$notified" --pid-file "$WORK/pid" "$id" >"$WORK/log" 2>&1 </dev/null &
job=$!
wait_until 5 grep -q socket "$WORK/rootfs/notified"
send_notification "$(cat "$WORK/pid")" "READY=1"
wait "$receiver"
check_equal "run in the foreground: the manager is told" "READY=1 MAINPID=$(cat "$WORK/pid")" "$(cat "$WORK/received")"
runtime kill "$id" KILL
wait "$job"
listen_notify
NOTIFY_SOCKET=$WORK/notify timeout --kill-after=5 10 "$RUNTIME" --root "$STATE" run -d -b "$(bundle zero)" "$id" >"$WORK/log" 2>&1 </dev/null
check_equal "run -d of a process that ends without a word returns" 0 $?
runtime delete --force "$id"
kill "$receiver"
wait "$receiver" 2>/dev/null
rm -f "$WORK/notify" "$WORK/rootfs/notified" "$WORK/rootfs/run/notify/notify.sock"
rmdir "$WORK/rootfs/run/notify" 2>/dev/null
check_unchanged "...leave nothing" "$before"

# --- --regex
if "$RUNTIME" delete --help 2>&1 | grep -q -- --regex; then
	for name in one two three; do
		runtime run -d -b "$sleeper" "$id-$name" >"$WORK/log" 2>&1 </dev/null
	done
	check "kill --regex" runtime kill --regex "^$id-t(wo|hree)\$" KILL
	check "...reaches all that match" wait_until 5 sh -c "'$RUNTIME' --root '$STATE' list | grep -c stopped | grep -q 2"
	check_equal "...and no other" running "$(status_of "$id-one")"
	check_refused "delete --regex: one of them is running" runtime delete --regex "^$id-"
	check_equal "...the others are deleted all the same" "$id-one" "$(runtime list -q)"
	check_refused "delete --regex: no regular expression" runtime delete --regex '('
	check "delete --regex --force" runtime delete --force --regex "^$id-"
	check_equal "...deletes it" "" "$(runtime list -q)"
	check "delete --regex that matches nothing" runtime delete --regex nothing
else
	skip "--regex" "the runtime has no such option"
fi
check_unchanged "--regex leaves nothing" "$before"

# --- kill: real-time signals, all processes
victim=$(bundle victim '.process.args = ["sh", "-c", $cmd] | .linux.namespaces |= map(select(.type != "pid"))' \
	--arg cmd 'sleep 1000 & echo $! >/victim; wait')
for spelling in RTMIN+3 SIGRTMIN+3 37 RTMAX-27; do
	# In the foreground, since its status says by which signal it ended.
	"$RUNTIME" --root "$STATE" run -b "$victim" "$id" >"$WORK/log" 2>&1 </dev/null &
	job=$!
	wait_until 20 test -s "$WORK/rootfs/victim"
	runtime kill --all "$id" "$spelling" || runtime kill --all "$id" KILL
	status=0
	wait "$job" || status=$?
	check_equal "kill --all $spelling ends all processes" $((128 + 37)) "$status"
	check "...the others, too" wait_until 20 test ! -d "/proc/$(cat "$WORK/rootfs/victim")"
	rm -f "$WORK/rootfs/victim"
done
runtime run -d -b "$sleeper" "$id" >"$WORK/log" 2>&1 </dev/null
check_refused "kill: one below SIGRTMIN" runtime kill "$id" RTMIN-1
check_refused "kill: one above SIGRTMAX" runtime kill "$id" RTMAX+1
check "kill: SIGRTMAX" runtime kill "$id" RTMAX
runtime delete --force "$id"

# --- kill: every signal by its name; CHLD has to be left out, which the shell's own children send, too
signals=($(seq 1 8) $(seq 10 16) 18 $(seq 20 31))
listener=$(bundle listener '.process.args = ["sh", "-c", $cmd]' --arg cmd \
	"for s in ${signals[*]}; do trap \"echo \$s >>/got\" \$s; done; echo ready >/got; while :; do sleep 0.02; done")
rm -f "$WORK/rootfs/got"
runtime run -d -b "$listener" "$id" >"$WORK/log" 2>&1 </dev/null
wait_until 10 test -s "$WORK/rootfs/got"
for number in "${signals[@]}"; do
	runtime kill "$id" "$(builtin kill -l "$number")" >"$WORK/log" 2>&1 || cat "$WORK/log"
	wait_until 10 grep -qx "$number" "$WORK/rootfs/got"
done
check_equal "kill: each signal by its name" "$(printf '%s\n' ready "${signals[@]}")" "$(cat "$WORK/rootfs/got")"
for name in SIGIOT cld SIGIO; do
	check "kill: $name is another name" runtime kill "$id" "$name"
done
runtime delete --force "$id"
rm -f "$WORK/rootfs/got"

# --- global options
check_refused "an unknown global option" "$RUNTIME" --no-such-option list
check_refused "a global option without its argument" "$RUNTIME" --root

# --- --config: another file than the bundle's config.json (crun)
if "$RUNTIME" create --help 2>&1 | grep -q -- --config; then
	mkdir -p "$WORK/elsewhere"
	jq '.process.env += ["FROM=elsewhere"]' "$sleeper/config.json" >"$WORK/elsewhere/other.json"
	check "create --config, relative to where we are" sh -c "cd '$WORK/elsewhere' && exec '$RUNTIME' --root '$STATE' create \
		--config other.json -b '$sleeper' '$id' >/dev/null 2>&1 </dev/null"
	check "...start" runtime start "$id"
	check_equal "...its process, and what exec takes from the config" "elsewhere elsewhere" \
		"$(inside 'tr "\0" "\n" </proc/1/environ | sed -n s/FROM=//p; echo $FROM' | xargs)"
	check_equal "...the bundle is the directory" "$sleeper" "$(runtime state "$id" | jq -r .bundle)"
	runtime delete --force "$id"
	jq '.process.args = ["sh", "-c", "echo from $FROM"]' "$WORK/elsewhere/other.json" >"$WORK/elsewhere/echo.json"
	check_equal "run --config" "from elsewhere" "$(runtime run -f "$WORK/elsewhere/echo.json" -b "$sleeper" "$id" 2>&1 </dev/null)"
	check_refused "create --config that is not there" runtime create --config "$WORK/none.json" -b "$sleeper" "$id"
	check_refused "create --config that is a directory" runtime create --config "$WORK/elsewhere" -b "$sleeper" "$id"
	check_unchanged "--config leaves nothing" "$before"
else
	skip "--config" "the runtime has no such option"
fi

# --- two managers with one id: one of them gets it, the container is whole
for round in 1 2 3; do
	for manager in a b c; do
		(runtime create -b "$sleeper" --pid-file "$WORK/pid.$manager" "$id" >"$WORK/log.$manager" 2>&1 </dev/null
			echo $? >"$WORK/status.$manager") &
	done
	wait
	check_equal "three creates at once: one succeeds ($round)" 1 "$(cat "$WORK"/status.? | grep -c '^0$')"
	check_equal "...and it is created" created "$(status_of "$id")"
	for manager in a b c; do
		(runtime start "$id" >"$WORK/log.$manager" 2>&1 </dev/null
			echo $? >"$WORK/status.$manager") &
	done
	wait
	check_equal "three starts at once: one succeeds ($round)" 1 "$(cat "$WORK"/status.? | grep -c '^0$')"
	check_equal "...and it runs" running "$(status_of "$id")"
	for manager in a b c; do
		runtime delete --force "$id" >"$WORK/log.$manager" 2>&1 </dev/null &
	done
	wait
	check_equal "three deletes at once leave none ($round)" "" "$(status_of "$id")"
done
check_unchanged "...nor anything else" "$before"

# --- a manager that is killed: what it began can be taken away
for delay in 0 0.001 0.002 0.003 0.005; do
	"$RUNTIME" --root "$STATE" create -b "$sleeper" "$id" >"$WORK/log" 2>&1 </dev/null &
	job=$!
	sleep "$delay"
	kill -KILL "$job" 2>/dev/null
	wait "$job" 2>/dev/null
	runtime delete --force "$id" >"$WORK/log" 2>&1 || fail "delete --force after create was killed ($delay s)" "$(cat "$WORK/log")"
done
check_unchanged "create killed at any moment: delete --force removes all" "$before"
runtime run -d -b "$sleeper" "$id" >"$WORK/log" 2>&1 </dev/null
for delay in 0 0.001 0.002 0.003; do
	"$RUNTIME" --root "$STATE" exec "$id" true >"$WORK/log" 2>&1 </dev/null &
	job=$!
	sleep "$delay"
	kill -KILL "$job" 2>/dev/null
	wait "$job" 2>/dev/null
done
check_equal "exec killed at any moment: the container is unharmed" running "$(status_of "$id")"
check "...and nothing of it is left there" wait_until 5 sh -c "'$RUNTIME' --root '$STATE' exec '$id' ps | grep -vc ps | grep -qx 2"
runtime delete --force "$id"
check_unchanged "...nor on the host" "$before"

# --- mounts of a running container (crun 1.22)
if "$RUNTIME" --help 2>&1 | grep -q '^ *mounts '; then
	mkdir -p "$WORK/given"
	echo content >"$WORK/given/file"
	jq -n --arg source "$WORK/given" '[
		{destination: "/mnt/bound", type: "bind", source: $source, options: ["bind", "ro"]},
		{destination: "/mnt/fresh", type: "tmpfs", source: "tmpfs", options: ["size=64k", "nosuid"]}]' >"$WORK/mounts.json"
	userns='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings'
	kinds=(.)
	# An ordinary user has a user namespace anyway, with other ids.
	[ "$(id -u)" -ne 0 ] || kinds+=("$userns")
	for kind in "${kinds[@]}"; do
		dir=$(bundle mounted "$kind | .process.args = [\"sleep\", \"1000\"] |
			.mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"tmpfs\"}]")
		runtime run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
		check "mounts add" runtime mounts add "$id" "$WORK/mounts.json"
		check_equal "...a bind mount is there" content "$(inside 'cat /mnt/bound/file')"
		check_match "...read-only" "Read-only" "$(inside 'echo x >/mnt/bound/file')"
		check_match "...a file system with its options" " /mnt/fresh .*nosuid.* - tmpfs .*size=64k" "$(inside 'cat /proc/self/mountinfo')"
		check_equal "...not on the host" "" "$(grep -F "$WORK/given" /proc/self/mountinfo)"
		check "mounts remove" runtime mounts remove "$id" "$WORK/mounts.json"
		check_equal "...they are gone" 0 "$(inside 'cat /proc/self/mountinfo' | grep -c '/mnt/')"
		check_refused "mounts remove of what is not mounted" runtime mounts remove "$id" "$WORK/mounts.json"
		runtime delete --force "$id"
	done
	runtime run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
	jq -n '[{destination: "/mnt/tree", type: "bind", source: "/proc", options: ["rbind", "ro"]}]' >"$WORK/tree.json"
	check "mounts add: a tree of the host's" runtime mounts add "$id" "$WORK/tree.json"
	check_match "...with what is below" '^Linux' "$(inside 'cat /mnt/tree/version')"
	ln -s /outside "$WORK/link"
	jq -n --arg source "$WORK/link" '[{destination: "/mnt/link", type: "bind", source: $source, options: ["bind", "copy-symlink"]}]' >"$WORK/link.json"
	check "mounts add: a link that is copied" runtime mounts add "$id" "$WORK/link.json"
	check_equal "...is the host's" /outside "$(inside 'readlink /mnt/link')"
	if [ "$(id -u)" -ne 0 ]; then
		jq -n '[{destination: "/mnt/fresh", type: "bind", source: "/", options: ["bind"]}]' >"$WORK/part.json"
		check_match "mounts add: a user's bind mount without what is mounted below: the error has the way out" 'use rbind' \
			"$(runtime mounts add "$id" "$WORK/part.json" 2>&1)"
		check_match "...by config.json, too" 'use rbind' "$(run_in ".mounts += $(cat "$WORK/part.json")" true)"
	fi
	check "mounts remove: a tree" runtime mounts remove "$id" "$WORK/tree.json"
	jq -n '[{destination: "/mnt/fresh", type: "tmpfs", source: "tmpfs"}, {destination: "/mnt/fresh/below", type: "tmpfs", source: "tmpfs"}]' \
		>"$WORK/nested.json"
	check "mounts: one on another is added" runtime mounts add "$id" "$WORK/nested.json"
	check "mounts: both are removed by the same file" runtime mounts remove "$id" "$WORK/nested.json"
	check_equal "...they are gone" 0 "$(inside 'cat /proc/self/mountinfo' | grep -c '/mnt/')"
	runtime delete --force "$id"
	runtime run -d -b "$sleeper" "$id" >"$WORK/log" 2>&1 </dev/null
	jq -n '[{destination: "/mnt", type: "proc", source: "proc"}]' >"$WORK/proc.json"
	check_refused "mounts add: a procfs would be another pid namespace's" runtime mounts add "$id" "$WORK/proc.json"
	jq -n '[{destination: "/mnt", type: "bind", source: "/no/such", options: ["bind"]}]' >"$WORK/missing.json"
	check_refused "mounts add: a source that is not there" runtime mounts add "$id" "$WORK/missing.json"
	check_refused "mounts add: a file that is not there" runtime mounts add "$id" "$WORK/none.json"
	echo '[{"type": 1}]' >"$WORK/broken.json"
	check_refused "mounts add: not a list of mounts" runtime mounts add "$id" "$WORK/broken.json"
	check_refused "mounts: neither add nor remove" runtime mounts change "$id" "$WORK/mounts.json"
	check_refused "mounts of an unknown container" runtime mounts add "$id-none" "$WORK/mounts.json"
	check_equal "the container is unharmed" "running 0" "$(status_of "$id") $(inside 'cat /proc/self/mountinfo' | grep -c '/mnt')"
	runtime kill "$id" KILL
	wait_until 5 status_is "$id" stopped
	check_refused "mounts of a stopped container" runtime mounts add "$id" "$WORK/mounts.json"
	runtime delete --force "$id"
	rmdir "$WORK/rootfs/mnt/bound" "$WORK/rootfs/mnt/fresh" "$WORK/rootfs/mnt/tree" 2>/dev/null
else
	skip "mounts" "the runtime has no such command"
fi
check_unchanged "mounts leave nothing" "$before"
suite_end
