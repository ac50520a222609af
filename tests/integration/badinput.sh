#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What cannot work is refused with a message on stderr and a non-zero status, and leaves nothing. The message is about
# what is wrong: a config that is refused for something else shows nothing.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
good=$(bundle good)
id=$PREFIX-bad
before=$(snapshot)

# says NAME REGEX COMMAND...: COMMAND is refused, with a message that matches. What other runtimes say is theirs to choose.
ours=$("$RUNTIME" --version | grep -c '^silo ')
says()
{
	check_refused "$1" "${@:3}"
	[ "$ours" -eq 0 ] || check_match "$1: the message is about that" "$2" "$(cat "$WORK/check.out")"
}

# refused NAME REGEX ARG...: the runtime refuses so, and nothing is left behind.
refused()
{
	says "$1" "$2" timeout 20 "$RUNTIME" --root "$STATE" "${@:3}"
	check_unchanged "$1: nothing left" "$before"
}

# property NAME POINTER FILTER: a config, changed by FILTER, is refused for the property at POINTER.
property()
{
	refused "$1" "config.json: $2 \\(line [0-9]+\\): " run -b "$(bundle property "$3")" "$id"
}

# Bundles
refused "bundle that does not exist" 'nowhere.*No such file' create -b "$WORK/nowhere" "$id"
mkdir "$WORK/empty" "$WORK/garbage" "$WORK/directory" "$WORK/directory/config.json"
refused "bundle without config.json" 'empty/config.json.*No such file' create -b "$WORK/empty" "$id"
refused "config.json is a directory" 'directory/config.json.*Is a directory' create -b "$WORK/directory" "$id"
# garbage NAME REGEX: what the standard input has, for a config.json.
garbage()
{
	cat >"$WORK/garbage/config.json"
	refused "config.json is $1" "config.json.*: $2" create -b "$WORK/garbage" "$id"
}
garbage "empty" 'invalid JSON' </dev/null
printf '{' | garbage "{" 'invalid JSON'
printf 'x' | garbage "x" 'invalid JSON'
printf '[]' | garbage "[]" 'expected an object, found an array'
printf 'null' | garbage "null" 'expected an object, found null'
printf '{}' | garbage "{}" 'the required property .*ociVersion.* is missing'
printf '{"ociVersion": 1}' | garbage "with a number for ociVersion" 'expected a string, found 1'
printf '{"ociVersion": "1.0.0"}' | garbage "nothing but ociVersion" 'the required property .*root.* is missing'
(cat "$good/config.json" && echo trailing) | garbage "a good one, and more" 'invalid JSON: .*(trailing|invalid)'
head -c 500 "$good/config.json" | garbage "cut off" 'invalid JSON: .*premature'
head -c 65536 /dev/urandom | garbage "random bytes" 'invalid (JSON|UTF-8)'
property "root file system that does not exist" /root/path '.root.path = "/no/such/rootfs"'
property "root file system that is a file" /root/path '.root.path = "/etc/passwd"'
property "no process.args" /process/args '.process.args = []'
property "relative process.cwd" /process/cwd '.process.cwd = "tmp"'
last=$(jq '.linux.namespaces | length' "$good/config.json")
property "unknown namespace type" "/linux/namespaces/$last/type" '.linux.namespaces += [{"type": "nosuch"}]'
property "namespace path that does not exist" "/linux/namespaces/$last/path" \
	'.linux.namespaces += [{"type": "user", "path": "/no/ns"}]'
last=$(jq '.mounts | length' "$good/config.json")
property "mount source that does not exist" "/mounts/$last/(source|destination)" '.mounts += [{
	"destination": "/mnt", "type": "bind", "source": "/no/such/source", "options": ["bind"]}]'
property "unknown file system type" "/mounts/$last/(type|destination)" '.mounts += [{
	"destination": "/mnt", "type": "nosuchfs", "source": "none"}]'

# Identifiers
for bad in "" . .. a/b ../a /abs "a b" 'a;b' $'a\nb' "$(printf 'a%.0s' {1..2000})"; do
	refused "id $(printf %q "${bad:0:20}")" 'invalid container ID' create -b "$good" "$bad"
done

# Command line
refused "unknown command" nosuchcommand nosuchcommand
refused "unknown option" 'unknown option --no-such-option' create --no-such-option -b "$good" "$id"
refused "create without an id" CONTAINER create -b "$good"
refused "too many arguments" 'too many arguments' start "$id" extra more
says "unknown global option" 'unknown option --no-such-option' "$RUNTIME" --no-such-option list
says "unknown log format" 'log format' "$RUNTIME" --log-format=xml --root "$STATE" list

# The state directory: below a file, full, read-only. A file system of four pages is full at once.
says "state directory below a file" '/etc/passwd/state: Not a directory' \
	"$RUNTIME" --root /etc/passwd/state create -b "$good" "$id"
mkdir "$WORK/full"
if mount -t tmpfs -o size=16k,mode=0700 tmpfs "$WORK/full" 2>/dev/null; then
	head -c 65536 /dev/zero >"$WORK/full/fill" 2>/dev/null
	before_full=$(snapshot)
	says "state directory on a full disk" 'No space left on device' \
		"$RUNTIME" --root "$WORK/full" create -b "$good" "$id"
	check_unchanged "...nothing left" "$before_full"
	check_equal "...not even a directory" fill "$(ls -A "$WORK/full")"
	mount -o remount,ro "$WORK/full"
	says "state directory that is read-only" 'Read-only file system' \
		"$RUNTIME" --root "$WORK/full" create -b "$good" "$id"
	check_unchanged "...nothing left" "$before_full"
	umount "$WORK/full"
else
	skip "state directory on a full or read-only disk" "no tmpfs can be mounted here"
fi

# No privilege
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	install -d -o 65534 -g 65534 "$WORK/nobody"
	install -m 0755 "$RUNTIME" "$WORK/runtime"
	check_refused "create as nobody" setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$WORK/runtime" --root "$WORK/nobody" create -b "$good" "$id"
	check_equal "...nothing left" "" "$(ls -A "$WORK/nobody")"
else
	skip "create as nobody" "needs root and setpriv"
fi
check_unchanged "nothing left at the end" "$before"
suite_end
