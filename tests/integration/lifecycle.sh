#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# create, start, run, state, kill, delete, list: the life of a container as a manager sees it.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)

sleeper=$(bundle sleeper '.process.args = ["sleep", "1000"]')
exiter=$(bundle exiter '.process.args = ["sh", "-c", "exit 7"]')
id=$PREFIX-a

# create, state, start, kill, delete
check "create" runtime create -b "$sleeper" --pid-file "$WORK/pid" "$id"
state=$(runtime state "$id")
check_equal "state after create: status created" created "$(jq -r .status <<<"$state")"
check_equal "state: id" "$id" "$(jq -r .id <<<"$state")"
check_match "state: ociVersion is a version" '^1\.[0-9]+\.[0-9]+' "$(jq -r .ociVersion <<<"$state")"
check_equal "state: bundle is absolute" "$sleeper" "$(jq -r .bundle <<<"$state")"
pid=$(jq -r .pid <<<"$state")
check "state: pid is a live process" kill -0 "$pid"
check_equal "pid file holds the same pid" "$pid" "$(cat "$WORK/pid")"
check_equal "process is not executed before start" "" "$(tr '\0' ' ' <"/proc/$pid/cmdline" | grep '^sleep')"
check_refused "create with an id in use" runtime create -b "$sleeper" "$id"
check_equal "...leaves the first alone" created "$(status_of "$id")"
check "start" runtime start "$id"
check_refused "start twice" runtime start "$id"
check_equal "state after start: running" running "$(status_of "$id")"
check "the program runs" wait_until 5 grep -q sleep "/proc/$pid/cmdline"
check_equal "start keeps the pid" "$pid" "$(runtime state "$id" | jq -r .pid)"
check_refused "delete of a running container" runtime delete "$id"
check_equal "...leaves it running" running "$(status_of "$id")"
check "kill by name" runtime kill "$id" KILL
check "state after kill: stopped" wait_until 5 status_is "$id" stopped
check_refused "kill of a stopped container" runtime kill "$id" TERM
check_refused "start of a stopped container" runtime start "$id"
check "delete" runtime delete "$id"
check_refused "state of a deleted container" runtime state "$id"
check_refused "delete of a missing container" runtime delete "$id"
check "delete --force of a missing container succeeds" runtime delete --force "$id"
check_refused "kill of a missing container" runtime kill "$id" KILL
check_refused "start of a missing container" runtime start "$id"
check_unchanged "create, start, kill, delete leave nothing" "$before"

# The id is free again.
check "the id can be used again" runtime create -b "$sleeper" "$id"
check "delete --force of a created container" runtime delete --force "$id"
runtime create -b "$sleeper" "$id" >"$WORK/log" 2>&1 </dev/null && runtime start "$id"
check "delete --force of a running container" runtime delete --force "$id"
runtime create -b "$exiter" "$id" >"$WORK/log" 2>&1 </dev/null && runtime start "$id"
check "a program that ends: stopped" wait_until 5 status_is "$id" stopped
check "delete --force of a stopped container" runtime delete --force "$id"
check_unchanged "delete --force leaves nothing, in every state" "$before"

# kill: names and numbers.  The trap shows which signal arrived.
# The signal is sent once the shell has said that its trap is set.
for spelling in USR1 SIGUSR1 usr1 10; do
	trapper=$(bundle trapper '.process.args = ["sh", "-c",
		"trap \"echo got\" USR1; echo set; while :; do sleep 0.02; done"]')
	runtime create -b "$trapper" "$id" >"$WORK/out" 2>&1 </dev/null && runtime start "$id"
	wait_until 5 grep -q set "$WORK/out"
	runtime kill "$id" "$spelling" 2>>"$WORK/out"
	check "kill with $spelling arrives" wait_until 5 grep -q got "$WORK/out"
	runtime delete --force "$id"
done
runtime create -b "$sleeper" "$id" >"$WORK/log" 2>&1 </dev/null && runtime start "$id"
check_refused "kill with an unknown signal name" runtime kill "$id" NOSUCH
check_refused "kill with an impossible number" runtime kill "$id" 4711
# The default is TERM, which a process 1 without a handler ignores: no effect is the effect.
check "kill without a signal" runtime kill "$id"
check_equal "...is TERM, which process 1 ignores" running "$(status_of "$id")"

# A program can bear the name of our init; what `run` has made is running all the same.
runtime delete --force "$id"
mkdir "$WORK/rootfs/memfd:silo-init"
cp "$WORK/rootfs/bin/busybox" "$WORK/rootfs/memfd:silo-init/busybox"
runtime run -d -b "$(bundle named '.process.args = ["/memfd:silo-init/busybox", "sleep", "1000"]')" "$id" >"$WORK/log" 2>&1 </dev/null
check_equal "a program that is named like init: running" running "$(status_of "$id")"
runtime delete --force "$id"
rm -r "$WORK/rootfs/memfd:silo-init"
runtime create -b "$sleeper" "$id" >"$WORK/log" 2>&1 </dev/null && runtime start "$id"

# list
list=$(runtime list -f json)
check_equal "list -f json names the container" "$id running" \
	"$(jq -r '.[] | "\(.id) \(.status)"' <<<"$list")"
check_equal "list -f json: fields that managers read" true \
	"$(jq '.[0] | has("ociVersion") and has("pid") and has("bundle") and has("rootfs") and
		has("created") and has("owner")' <<<"$list")"
check_match "list: table with a heading" '^ID +PID +STATUS +BUNDLE' "$(runtime list)"
check_match "list: table row" "^$id +[0-9]+ +running" "$(runtime list)"
check_equal "list -q" "$id" "$(runtime list -q)"
check_refused "list with an unknown format" runtime list -f yaml
runtime delete --force "$id"
check_equal "list -q of nothing" "" "$(runtime list -q)"
check_match "list -f json of nothing is empty" '^(null|\[\])$' "$(runtime list -f json)"

# run in the foreground
run_status()
{
	local status=0
	timeout 20 "$RUNTIME" --root "$STATE" run -b "$1" "$id" >/dev/null 2>&1 </dev/null || status=$?
	echo "$status"
}
check_equal "run: exit status 7" 7 "$(run_status "$exiter")"
check_equal "run: exit status 0" 0 "$(run_status "$(bundle zero)")"
suicide=$(bundle suicide '.process.args = ["sh", "-c", "sh -c \"kill -KILL \\$\\$\"; exit $?"]')
check_equal "run: a shell sees 137" 137 "$(run_status "$suicide")"
victim=$(bundle victim '.process.args = ["sleep", "1000"] | .linux.namespaces |= map(select(.type != "pid"))')
timeout 20 "$RUNTIME" --root "$STATE" run -b "$victim" "$id" >/dev/null 2>&1 </dev/null &
job=$!
wait_until 5 status_is "$id" running
runtime kill "$id" KILL
status=0
wait "$job" || status=$?
check_equal "run: death by KILL is 137" 137 "$status"
check_equal "run removes the container" "" "$(status_of "$id")"
cat=$(bundle cat '.process.args = ["sh", "-c", "cat; echo error >&2"]')
check_equal "run: stdin and stdout pass through" "over the pipe" \
	"$(echo "over the pipe" | runtime run -b "$cat" "$id" 2>/dev/null)"
check_equal "run: stderr is its own" "error" \
	"$(runtime run -b "$cat" "$id" 2>&1 >/dev/null </dev/null)"
check_equal "run: large output is complete" 1048576 \
	"$(head -c 1048576 /dev/zero | runtime run -b "$cat" "$id" 2>/dev/null | wc -c)"
runtime run -d -b "$sleeper" --pid-file "$WORK/pid2" "$id" >/dev/null 2>&1 </dev/null
check_equal "run --detach returns with the container running" running "$(status_of "$id")"
check "run --detach writes the pid file" test -s "$WORK/pid2"
runtime delete --force "$id"
missing=$(bundle noprog '.process.args = ["/no/such/program"]')
status=$(run_status "$missing")
check_match "run: a program that is not there fails (1 or 127)" '^(1|127)$' "$status"
check_unchanged "run leaves nothing" "$before"
check "bundle defaults to the working directory" sh -c \
	"cd '$WORK/zero' && '$RUNTIME' --root '$STATE' run '$id' </dev/null"

# A terminal in the foreground, read through a pipe: the lines end as the program wrote them.
tty=$(bundle tty '.process.terminal = true | .process.args = ["sh", "-c", "tty; echo second"]')
out=$(runtime run -b "$tty" "$id" </dev/null 2>&1)
check_equal "run: a terminal in the foreground" "/dev/pts/0
second" "$out"
check_refused "create: a terminal needs a console socket" runtime create -b "$tty" "$id"
check_unchanged "and nothing is left of it" "$before"
suite_end
