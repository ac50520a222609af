#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The six hooks: order, state on stdin, environment, timeout, and what a failing one leaves.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
trace=$WORK/trace
mkdir "$WORK/rootfs/trace" "$trace"
id=$PREFIX-hook
before=$(snapshot)

# One program for all hooks: it adds its name and the status that it was told to the log. For the
# hooks that run in the container, the same path must exist there.
cat >"$WORK/rootfs/hook" <<'HOOK'
#!/bin/sh
state=$(cat)
status=$(echo "$state" | sed -n 's/.*"status": *"\([a-z]*\)".*/\1/p')
echo "$1 $status $HOOK_ENV" >>"$2/log"
[ "$1" != "$FAIL" ] || exit 9
[ "$1" != "$HANG" ] || sleep 100
HOOK
chmod 0755 "$WORK/rootfs/hook"

# hooked [FAIL [HANG]]: a bundle with every hook; the hook named FAIL exits 9, the one named HANG
# sleeps past its timeout of a second. Hooks in the container log below /trace, a bind mount.
hooked()
{
	# shellcheck disable=SC2016
	bundle hooked '
		def hook(name; program; dir): [{path: program, args: ["hook", name, dir],
			timeout: (if name == $hang then 1 else 60 end), env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOOK_ENV=\(name)-env", "FAIL=\($fail)",
			"HANG=\($hang)"]}];
		.mounts += [{destination: "/trace", type: "none", source: $trace, options: ["bind"]}] |
		.process.args = ["sh", "-c", "echo process >>/trace/log; sleep 1000"] | .hooks = (
			([("prestart", "createRuntime", "createContainer", "poststart", "poststop") |
				{key: ., value: hook(.; $outside; $trace)}] | from_entries) +
			{startContainer: hook("startContainer"; "/hook"; "/trace")})' \
		--arg fail "${1:-}" --arg hang "${2:-}" --arg trace "$trace" --arg outside "$WORK/rootfs/hook"
}

names()
{
	grep -v '^process' "$trace/log" 2>/dev/null | cut -d ' ' -f 1 | paste -sd ' '
}

dir=$(hooked)
check "create with hooks" runtime create -b "$dir" "$id"
check_equal "order until create returns" "prestart createRuntime createContainer" "$(names)"
check "start with hooks" runtime start "$id"
wait_until 5 grep -q process "$trace/log"
check_equal "order until start returns" \
	"prestart createRuntime createContainer startContainer poststart" "$(names)"
check "delete with hooks" runtime delete --force "$id"
check_equal "poststop comes last" poststop "$(names | awk '{ print $NF }')"
check_equal "each hook has its own environment" "" \
	"$(grep -v '^process' "$trace/log" | awk '$3 != $1 "-env"')"
# The status of the moment: runtime-spec, lifecycle and state.
for expected in "prestart creating" "createRuntime creating" "createContainer creating" \
	"startContainer created" "poststart running" "poststop stopped"; do
	check_match "state on stdin: $expected" "^$expected " "$(cat "$trace/log")"
done
check_unchanged "nothing left" "$before"

for hook in prestart createRuntime createContainer; do
	for arguments in "$hook" "- $hook"; do
		rm -f "$trace/log"
		# shellcheck disable=SC2086
		dir=$(hooked $arguments)
		before=$(snapshot)
		check_refused "$hook fails or times out ($arguments): create fails" \
			timeout 20 "$RUNTIME" --root "$STATE" create -b "$dir" "$id"
		check_unchanged "...nothing left" "$before"
	done
done
rm -f "$trace/log"
dir=$(hooked startContainer)
runtime create -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
check_refused "startContainer fails: start fails" timeout 20 "$RUNTIME" --root "$STATE" start "$id"
check_equal "...the process is never executed" "" "$(grep process "$trace/log")"
runtime delete --force "$id" >/dev/null 2>&1
dir=$(hooked poststop)
runtime create -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
check "poststop fails: delete succeeds" runtime delete --force "$id"
check_equal "...and the container is gone" "" "$(status_of "$id")"

# One that does not read its input is killed after its timeout all the same when that is more than a pipe holds.
for hook in prestart createContainer startContainer; do
	dir=$(bundle unread '.annotations = {big: ("x" * 300000)} |
		.hooks = {($hook): [{path: "/bin/sleep", args: ["sleep", "1000"], timeout: 1}]}' --arg hook "$hook")
	out=$(timeout 60 "$RUNTIME" --root "$STATE" run -b "$dir" "$id" 2>&1 </dev/null)
	check_match "HKS-03 HKS-06 $hook: its input is not waited for" "running $hook hook #0: .*killed after its timeout" "$out"
done
# One that reads it late gets it whole.
dir=$(bundle late '.annotations = {big: ("x" * 300000)} | .hooks = ([("prestart", "createContainer") |
	{key: ., value: [{path: "/bin/sh", args: ["sh", "-c", "sleep 0.2; wc -c >\($trace)/\(.)"]}]}] | from_entries)' --arg trace "$trace")
check "HKS-03 hooks that read their input late" timeout 60 "$RUNTIME" --root "$STATE" run -b "$dir" "$id"
check "...get it whole" test "$(cat "$trace/prestart")" -gt 300000 -a "$(cat "$trace/createContainer")" -gt 300000

# Annotations of crun: what hooks print goes to files, which are appended to.
echo before >"$WORK/hooks.out"
# shellcheck disable=SC2016
dir=$(bundle printed '.annotations = {"run.oci.hooks.stdout": $out, "run.oci.hooks.stderr": "hooks.err"} |
	.hooks = ([("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop") | {key: .,
		value: [{path: "/bin/sh", args: ["sh", "-c", "echo \(.); echo \(.) error >&2"]}]}] | from_entries)' \
	--arg out "$WORK/hooks.out")
check_equal "ANN run.oci.hooks.stdout and .stderr: nothing is printed" "" "$(runtime run -b "$dir" "$id" 2>&1)"
check_equal "ANN run.oci.hooks.stdout" \
	"before prestart createRuntime createContainer startContainer poststart poststop" \
	"$(paste -sd ' ' "$WORK/hooks.out")"
check_equal "ANN run.oci.hooks.stderr, relative to the bundle" 6 "$(grep -c error "$dir/hooks.err")"
# shellcheck disable=SC2016
dir=$(bundle printed '.annotations = {"run.oci.hooks.stdout": "/no/such/directory/file"} |
	.hooks = {startContainer: [{path: "/bin/true"}]}')
check_refused "ANN run.oci.hooks.stdout cannot be opened" timeout 20 "$RUNTIME" --root "$STATE" create -b "$dir" "$id"
check_unchanged "nothing left at the end" "$before"
suite_end
