#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What cannot work is refused with a message on stderr and a non-zero status, and leaves nothing.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
good=$(bundle good)
id=$PREFIX-bad
before=$(snapshot)

# refused NAME ARG...: the runtime refuses, and nothing is left behind.
refused()
{
	local name=$1
	shift
	check_refused "$name" timeout 20 "$RUNTIME" --root "$STATE" "$@"
	check_unchanged "$name: nothing left" "$before"
}

# Bundles
refused "bundle that does not exist" create -b "$WORK/nowhere" "$id"
mkdir "$WORK/empty" "$WORK/garbage" "$WORK/directory" "$WORK/directory/config.json"
refused "bundle without config.json" create -b "$WORK/empty" "$id"
refused "config.json is a directory" create -b "$WORK/directory" "$id"
for garbage in '' '{' '[]' 'null' '{"ociVersion": 1}' '{"ociVersion": "1.0.0"}' '{} trailing' 'x'; do
	printf '%s' "$garbage" >"$WORK/garbage/config.json"
	refused "config.json is '$garbage'" create -b "$WORK/garbage" "$id"
done
head -c 65536 /dev/urandom >"$WORK/garbage/config.json"
refused "config.json is random bytes" create -b "$WORK/garbage" "$id"
refused "root file system that does not exist" \
	create -b "$(bundle noroot '.root.path = "/no/such/rootfs"')" "$id"
refused "root file system that is a file" \
	create -b "$(bundle fileroot '.root.path = "/etc/passwd"')" "$id"
refused "no process.args" run -b "$(bundle noargs '.process.args = []')" "$id"
refused "relative process.cwd" run -b "$(bundle cwd '.process.cwd = "tmp"')" "$id"
refused "unknown namespace type" \
	run -b "$(bundle nstype '.linux.namespaces += [{"type": "nosuch"}]')" "$id"
refused "namespace path that does not exist" \
	run -b "$(bundle nspath '.linux.namespaces += [{"type": "user", "path": "/no/ns"}]')" "$id"
refused "mount source that does not exist" run -b "$(bundle source '.mounts += [{
	"destination": "/mnt", "type": "bind", "source": "/no/such/source", "options": ["bind"]}]')" "$id"
refused "unknown file system type" run -b "$(bundle fstype '.mounts += [{
	"destination": "/mnt", "type": "nosuchfs", "source": "none"}]')" "$id"

# Identifiers
for bad in "" . .. a/b ../a /abs "a b" 'a;b' $'a\nb' "$(printf 'a%.0s' {1..2000})"; do
	refused "id $(printf %q "${bad:0:20}")" create -b "$good" "$bad"
done

# Command line
refused "unknown command" nosuchcommand
refused "unknown option" create --no-such-option -b "$good" "$id"
refused "create without an id" create -b "$good"
refused "too many arguments" start "$id" extra more
check_refused "unknown global option" "$RUNTIME" --no-such-option list
check_refused "unknown log format" "$RUNTIME" --log-format=xml --root "$STATE" list

# The state directory: below a file, full, read-only. A file system of four pages is full at once.
check_refused "state directory below a file" "$RUNTIME" --root /etc/passwd/state create -b "$good" "$id"
mkdir "$WORK/full" "$WORK/ro"
if mount -t tmpfs -o size=16k,mode=0700 tmpfs "$WORK/full" 2>/dev/null; then
	head -c 65536 /dev/zero >"$WORK/full/fill" 2>/dev/null
	before_full=$(snapshot)
	check_refused "state directory on a full disk" "$RUNTIME" --root "$WORK/full" create -b "$good" "$id"
	check_unchanged "...nothing left" "$before_full"
	check_equal "...not even a directory" fill "$(ls -A "$WORK/full")"
	mount -o remount,ro "$WORK/full"
	check_refused "state directory that is read-only" \
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
