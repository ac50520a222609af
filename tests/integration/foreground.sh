#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run and exec with a terminal in the foreground, for callers whose streams stall, go away, or are another job's.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)
id=$PREFIX-a
driver=$HARNESS_DIR/foreground.py

runtime run -d -b "$(bundle sleeper '.process.args = ["sleep", "100000"]')" "$id" >"$WORK/log" 2>&1 </dev/null || cat "$WORK/log"

# given CASE [ARGUMENT] -- COMMAND: the shell COMMAND, executed on a terminal, with foreground.py's CASE as the caller.
given()
{
	local -a how=()

	while [ "$1" != -- ]; do
		how+=("$1")
		shift
	done
	"$driver" "${how[@]}" "$RUNTIME" --root "$STATE" exec -t "$id" sh -c "$2"
}

# --- standard output
check_equal "its reader goes: the process is hung up" "exit 129" "$(given reader_gone -- 'echo ready; exec sleep 100000')"
check_equal "...also one that writes" "exit 129" "$(given reader_gone -- 'echo ready; while echo more; do :; done; exec sleep 100000')"
check_equal "...one that does not mind goes on, without a terminal" "exit 7" \
	"$(given reader_gone -- 'trap "" HUP; echo ready; while echo more; do :; done; exit 7' )"
check_equal "nobody reads it: a signal reaches the process" "exit 143" "$(given stalled -- 'echo ready; while echo more; do :; done')"
export PID_FILE=$WORK/pid
last=("$RUNTIME" --root "$STATE" exec -t --pid-file "$PID_FILE" "$id" sh -c 'seq -s " " 1 2000; exit 7')
rm -f "$PID_FILE"
check_equal "its reader comes late: nothing is lost" "exit 7: $(seq -s ' ' 1 2000)" "$("$driver" late_reader "${last[@]}")"
rm -f "$PID_FILE"
check_equal "nobody reads what was said last: a signal ends the wait" "exit 7" "$("$driver" late_signal "${last[@]}")"
mirror='stty raw -echo; echo ready; head -c 400000'
check_equal "much in both directions" "exit 0: all came back" "$(given both_ways -- "$mirror")"
check_equal "...over a socket" "exit 0: all came back" "$(SOCKET=yes given both_ways -- "$mirror")"
check_equal "it is closed" 4 "$(timeout 60 "$RUNTIME" --root "$STATE" exec -t "$id" sh -c 'seq 1 20000; exit 4' >&- 2>"$WORK/log" </dev/null; echo $?)"
status=0
timeout 60 "$RUNTIME" --root "$STATE" exec -t "$id" sh -c 'while echo more; do :; done; exec sleep 100000' >/dev/full 2>"$WORK/log" </dev/null || status=$?
check_equal "it takes nothing: the process is hung up" 129 "$status"
check_match "...and the reason is told" "standard output: No space left on device" "$(cat "$WORK/log")"

# --- the process's end is the end, whoever else has its terminal open
alone()
{
	local status=0

	timeout 60 "$RUNTIME" --root "$STATE" exec -t "$id" sh -c "$1" >"$WORK/shown" 2>&1 </dev/null || status=$?
	echo "$status"
}
check_equal "a child that keeps the terminal open" 3 "$(alone 'trap "" HUP; sleep 100000 & exit 3')"
check_equal "a child that goes on writing" 3 "$(alone 'trap "" HUP; (while echo more; do :; done) & exit 3')"
check_equal "all that the process wrote is there" "$(seq 1 20000 | tail -n 1)" \
	"$(alone 'trap "" HUP; sleep 100000 & seq 1 20000' >/dev/null; tail -n 1 "$WORK/shown")"
check_equal "a terminal that is closed and opened again" "6 late" \
	"$(alone 'exec 0</dev/null 1>/dev/null 2>/dev/null; sleep 0.5; echo late >/dev/tty; exit 6') $(cat "$WORK/shown")"

# --- our own terminal
# Not told by the shell, which ignores SIGQUIT until it executes something.
echo ready >"$WORK/rootfs/ready"
waiter='exec tail -f /ready'
for signal in TERM HUP INT QUIT; do
	check_equal "SIG$signal: forwarded, and our terminal is restored" "exit $((128 + $(builtin kill -l "$signal"))), restored" \
		"$(given signalled "SIG$signal" -- "$waiter")"
done
check_equal "a job that is stopped and continued" "exit 143, restored" "$(given job -- "$waiter")"
check_equal "a job in the background" "exit 143, restored" "$(given background -- "$waiter")"
check_equal "standard output fails: our terminal is restored" "exit 129, restored" "$(given output_gone -- "$waiter")"
check_equal "our terminal is hung up" "exit 129" "$(given hung_up controlling -- "$waiter")"
check_equal "...without SIGHUP for us" "exit 129" "$(given hung_up other -- "$waiter")"

# --- what becomes of the container meanwhile
if runtime pause "$id" >"$WORK/log" 2>&1; then
	status=0
	timeout 60 "$RUNTIME" --root "$STATE" exec -t "$id" true >"$WORK/log" 2>&1 </dev/null || status=$?
	check_equal "exec --tty in a paused container is refused" 255 "$status"
	check_match "...with the reason" "paused container" "$(cat "$WORK/log")"
	timeout 60 "$RUNTIME" --root "$STATE" exec -t --ignore-paused "$id" sh -c 'exit 8' >"$WORK/log" 2>&1 </dev/null &
	job=$!
	runtime resume "$id"
	status=0
	wait "$job" || status=$?
	check_equal "exec --tty --ignore-paused goes on once it is resumed" 8 "$status"
	runtime pause "$id"
	"$RUNTIME" --root "$STATE" exec -t --ignore-paused "$id" touch /paused >"$WORK/log" 2>&1 </dev/null &
	job=$!
	has_ended()
	{
		! grep -q '^State:.[^Z]' "/proc/$job/status"
	}
	# Its child is on its way into the container's cgroup, where nothing goes on.
	wait_until 20 pgrep -P "$job"
	kill -TERM "$job"
	wait_until 20 has_ended || kill -KILL "$job"
	status=0
	wait "$job" || status=$?
	check_equal "exec --ignore-paused: SIGTERM ends it before that" 143 "$status"
	runtime resume "$id"
	check_equal "...what was to be executed is not" "0" \
		"$(timeout 60 "$RUNTIME" --root "$STATE" exec "$id" sh -c 'test ! -e /paused; echo $?' 2>&1 </dev/null)"
	rm -f "$WORK/rootfs/paused"
else
	skip "exec --tty in a paused container" "$(cat "$WORK/log")"
fi
check_equal "the container is deleted: our terminal is restored" "exit 137, restored" \
	"$(given helped "'$RUNTIME' --root '$STATE' delete --force '$id'" -- "$waiter")"
check_equal "run: the container is deleted" "exit 137, restored" \
	"$("$driver" helped "'$RUNTIME' --root '$STATE' delete --force '$id'" "$RUNTIME" --root "$STATE" run -b \
		"$(bundle tty '.process.terminal = true | .process.args = ["sh", "-c", "echo ready; exec sleep 100000"]')" "$id")"
check_unchanged "nothing is left" "$before"
suite_end
