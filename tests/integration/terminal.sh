#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Terminals: handed to a manager by the console socket, or served in the foreground.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)
id=$PREFIX-a
sockets=$HARNESS_DIR/sockets.py

# terminal COMMAND [FILTER]: a bundle with a terminal, running the shell COMMAND.
terminal()
{
	bundle tty "${2:-.} | .process.terminal = true | .process.args = [\"sh\", \"-c\", \$cmd]" --arg cmd "$1"
}

# by_socket COMMAND-LINE...: with a console socket in $WORK/sock; what the terminal shows ends up in $WORK/shown.
by_socket()
{
	rm -f "$WORK/sock" "$WORK/sock.received"
	"$sockets" console "$WORK/sock" >"$WORK/shown" &
	receiver=$!
	wait_until 5 test -S "$WORK/sock"
	timeout 20 "$RUNTIME" --root "$STATE" "$@" >"$WORK/log" 2>&1 </dev/null || { cat "$WORK/log"; kill "$receiver"; }
}

# shown: all that came, without carriage returns. Runs in a subshell, which cannot wait(1) for the receiver.
shown()
{
	while kill -0 "$receiver" 2>/dev/null; do
		sleep 0.02
	done
	tr -d '\r' <"$WORK/shown"
}

# --- by a console socket
facts='tty; ls -l /dev/console | cut -c1; stty size; readlink /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 2>/dev/null | uniq; echo end; sleep 0.3'
by_socket create -b "$(terminal "$facts")" --console-socket "$WORK/sock" "$id"
check "create: the terminal is handed over before start" wait_until 5 test -e "$WORK/sock.received"
check_equal "...and nothing is on it yet" "" "$(cat "$WORK/shown")"
runtime start "$id" >"$WORK/log" 2>&1 </dev/null
check_match "create: /dev/pts/0" '^/dev/pts/0$' "$(shown)"
check_match "create: /dev/console is a character device" '^c$' "$(cat "$WORK/shown" | tr -d '\r')"
runtime delete --force "$id"
by_socket run -d -b "$(terminal "$facts" '.process.consoleSize = {height: 33, width: 111}')" --console-socket "$WORK/sock" "$id"
check_match "run --detach: consoleSize" '^33 111$' "$(shown)"
runtime delete --force "$id"
by_socket run -d -b "$(terminal 'ls -ln /dev/pts/0; echo hello >/dev/console; sleep 0.3' '.process.user = {uid: 1000, gid: 1000}')" \
	--console-socket "$WORK/sock" "$id"
check_match "the terminal belongs to the user, group 5" '^crw--w---- +1 +1000 +5 ' "$(shown)"
runtime delete --force "$id"
sleeper=$(bundle sleeper '.process.args = ["sleep", "1000"]')
runtime run -d -b "$sleeper" "$id" >"$WORK/log" 2>&1 </dev/null
by_socket exec -d -t --console-socket "$WORK/sock" "$id" sh -c 'tty; echo done'
check_equal "exec: a terminal of its own" "/dev/pts/0 done" "$(shown | xargs)"
jq -n '{cwd: "/", terminal: true, consoleSize: {height: 40, width: 50}, args: ["stty", "size"], env: ["PATH=/bin"]}' >"$WORK/process.json"
by_socket exec -d --process "$WORK/process.json" --console-socket "$WORK/sock" "$id"
check_equal "exec --process: terminal and consoleSize" "40 50" "$(shown | xargs)"
by_socket exec -d -t --process "$WORK/process.json" --console-socket "$WORK/sock" "$id"
check_equal "exec --tty --process, as conmon calls it" "40 50" "$(shown | xargs)"
check_equal "exec: the terminal is the controlling one" "controlled" \
	"$(by_socket exec -d -t --console-socket "$WORK/sock" "$id" sh -c 'echo controlled >/dev/tty'; shown | xargs)"

# --- console sockets that do not work: an error, nothing started, the container unharmed
# refused_at_once NAME REGEX ARGUMENT...: an error with these words, before 30 seconds have passed.
refused_at_once()
{
	local status=0

	timeout -k 1 30 "$RUNTIME" --root "$STATE" "${@:3}" >"$WORK/log" 2>&1 </dev/null || status=$?
	if [ "$status" -ne 0 ] && [ "$status" -lt 124 -o "$status" -eq 255 ] && grep -Eq -- "$2" "$WORK/log"; then
		pass "$1"
	else
		fail "$1" "exit $status: $(cat "$WORK/log")"
	fi
}
# with_owner KIND: a socket whose owner behaves so (sockets.py), in $WORK/sock.
with_owner()
{
	rm -f "$WORK/sock" "$WORK/sock.ready"
	"$sockets" "$1" "$WORK/sock" &
	receiver=$!
	wait_until 20 test -e "$WORK/sock${2:-}"
}
without_owner()
{
	kill "$receiver" 2>/dev/null
	wait "$receiver" 2>/dev/null
}
no_socket=$(terminal 'touch /started')
for command in "exec -d -t" "create -b $no_socket"; do
	name=${command%% *}
	words=("touch" "/started")
	container=$id
	[ "$name" = exec ] || { words=() && container=$id-b; }
	# shellcheck disable=SC2086
	through()
	{
		refused_at_once "$name: $1" "$2" $command --console-socket "$3" "$container" "${words[@]}"
	}
	through "no console socket" 'No such file' "$WORK/none"
	through "a console socket that is a file" 'refused' "$WORK/log"
	through "a console socket in a directory that is none" 'Not a directory' "$WORK/log/sock"
	with_owner deaf
	through "a console socket that does not listen" 'refused' "$WORK/sock"
	without_owner
	through "a console socket that its owner has left" 'refused' "$WORK/sock"
	with_owner full .ready
	through "a console socket whose queue is full" 'queue is full' "$WORK/sock"
	without_owner
	with_owner full .ready
	{ sleep 1 && kill "$receiver"; } & # less than we wait for room in the queue
	through "a console socket with a full queue, whose owner leaves" 'refused' "$WORK/sock"
	wait "$!" && without_owner
	through "no console socket, by a path of 400 bytes" 'No such file' "$WORK/$(printf 'x%.0s' $(seq 200))/$(printf 'y%.0s' $(seq 200))"
done
check "nothing was started" test ! -e "$WORK/rootfs/started"
check_equal "the container is unharmed" running "$(status_of "$id")"
refused_at_once "create: a terminal without console socket" 'console-socket' create -b "$(terminal true)" "$id-b"
check_equal "no container is left" "" "$(status_of "$id-b")"
# Its owner closes the connection before or after the terminal was sent: an error, or a terminal that is hung up.
with_owner hasty
timeout 30 "$RUNTIME" --root "$STATE" exec -d -t --pid-file "$WORK/pid" --console-socket "$WORK/sock" "$id" sleep 100000 >"$WORK/log" 2>&1 </dev/null
is_gone()
{
	[ ! -s "$WORK/pid" ] || ! kill -0 "$(cat "$WORK/pid")"
}
check "a console socket that is closed at once leaves no process" wait_until 20 is_gone
without_owner
check_equal "...and the container is unharmed" running "$(status_of "$id")"
# What these would have done, by a socket that works: with a path from the working directory, and with a long one.
by_socket exec -d -t --console-socket "$WORK/sock" "$id" touch /started
shown >/dev/null
check "a console socket that works: it is started" test -e "$WORK/rootfs/started"
rm -f "$WORK/rootfs/started"
check_equal "a console socket relative to where we are" relative \
	"$(cd "$WORK" && by_socket exec -d -t --console-socket sock "$id" echo relative; shown)"
far=$WORK/$(printf 'x%.0s' $(seq 120))
mkdir "$far" && ln -s "$WORK/sock" "$far/sock"
check_equal "a console socket by a path longer than an address" far \
	"$(by_socket exec -d -t --console-socket "$far/sock" "$id" echo far; shown)"

# --- in the foreground, on a terminal of 30 rows and 90 columns
on_terminal()
{
	TYPE=$1 "$sockets" run "$RUNTIME" --root "$STATE" "${@:2}" | tr -d '\r'
}
check_equal "exec: size of our terminal" "30 90" "$(on_terminal "" exec -t "$id" stty size)"
# The container's terminal echoes; ours must not: what is typed is seen once.
check_equal "exec: typed once, seen once, and read" "hello got-hello" \
	"$(on_terminal 'hello\n' exec -t "$id" sh -c 'read x; echo got-$x' | xargs)"
# On a busy machine it may come before the shell has set its trap, and ends the shell then.
for _ in 1 2 3; do
	out=$(on_terminal '\x03' exec -t "$id" sh -c 'trap "echo interrupted; exit" INT; sleep 10')
	! grep -q interrupted <<<"$out" || break
done
check_match "exec: ^C reaches the process, not us" "interrupted" "$out"
check_match "exec: a change of size reaches the process" "^21 81$" \
	"$(on_terminal 'size 21 81' exec -t "$id" sh -c 'trap "stty size; exit" WINCH; while :; do sleep 0.1; done')"
check_equal "exec: large output over a terminal is complete" 20000 "$(on_terminal "" exec -t "$id" seq 1 20000 | tail -n 1)"
status=0
on_terminal "" exec -t "$id" sh -c 'exit 9' >/dev/null || status=${PIPESTATUS[0]}
check_equal "run: exit status" "5" "$("$sockets" run "$RUNTIME" --root "$STATE" run -b "$(terminal 'exit 5')" "$id-c" >/dev/null; echo $?)"
# A process that writes much and reads nothing, while much is typed: neither side may wait for the other.
check_equal "exec: input that nobody reads does not stop the output" done \
	"$(head -c 100000 /dev/zero | tr '\0' x | timeout 20 "$RUNTIME" --root "$STATE" exec -t "$id" sh -c \
		'stty raw -echo; seq 1 20000; echo done' | tail -n 1)"
# A pipe on standard input has an end, which the terminal passes on. It echoes what it is given.
fed()
{
	printf "$1" | timeout -k 1 20 "$RUNTIME" --root "$STATE" run -b "$(terminal 'cat; echo " end"')" "$id-d" | xargs
}
check_equal "run: lines on standard input, and their end" "one two one two end" "$(fed 'one\ntwo\n')"
check_equal "run: ...after an unfinished line" "one twoone two end" "$(fed 'one\ntwo')"
check_equal "run: ...without any" "end" "$(fed '')"

# Our terminal is as it was, whichever way we end.
restored()
{
	"$sockets" run sh -c 'before=$(stty -g); "$@" >/dev/null 2>&1; [ "$(stty -g)" = "$before" ] && echo restored' sh "$@"
}
check_match "our terminal is restored after the end" restored "$(restored "$RUNTIME" --root "$STATE" exec -t "$id" true)"
check_match "...after an error" restored "$(restored "$RUNTIME" --root "$STATE" exec -t "$id" /no/such)"
check_match "...after the process was killed" restored "$(restored "$RUNTIME" --root "$STATE" exec -t "$id" sh -c 'kill -9 $$')"
runtime delete --force "$id"
check_unchanged "terminals leave nothing" "$before"
suite_end
