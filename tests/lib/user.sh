# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An ordinary user for tests.  Source this file as root; test_user_make sets TEST_USER and TEST_UID.

TEST_USER= TEST_UID= _test_user_made=

# test_user_make DIR: a user with a home in DIR, 65536 subordinate uids and gids, and a runtime
# directory.  SILO_TEST_USER names an existing one instead.
test_user_make()
{
	local dir=$1 file first

	TEST_USER=${SILO_TEST_USER:-silo-test-$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')}
	if [ -z "${SILO_TEST_USER:-}" ]; then
		_test_user_made=$TEST_USER
		useradd --home-dir "$dir/home" --no-create-home --shell /bin/bash --user-group \
			"$TEST_USER" || return 1
		TEST_UID=$(id -u "$TEST_USER")
		# useradd grants ranges only where the files exist; these are nobody else's, as the uid is.
		first=$((TEST_UID * 65536))
		for file in /etc/subuid /etc/subgid; do
			grep -q "^$TEST_USER:" "$file" 2>/dev/null ||
				echo "$TEST_USER:$first:65536" >>"$file"
		done
	fi
	TEST_UID=$(id -u "$TEST_USER") || return 1
	install -d -o "$TEST_USER" -m 0755 "$dir/home"
	TEST_RUNTIME_DIR=/run/user/$TEST_UID
	[ -S "$TEST_RUNTIME_DIR/bus" ] || TEST_RUNTIME_DIR=$dir/run
	[ -d "$TEST_RUNTIME_DIR" ] || install -d -o "$TEST_USER" -m 0700 "$TEST_RUNTIME_DIR"
	TEST_HOME=$dir/home
}

# as_test_user COMMAND...: with no privilege and no environment but what a login would set.
as_test_user()
{
	(cd / && exec setpriv --reuid "$TEST_UID" --regid "$(id -g "$TEST_USER")" --init-groups \
		env -i PATH="$PATH" HOME="$TEST_HOME" USER="$TEST_USER" LANG=C.UTF-8 \
		XDG_RUNTIME_DIR="$TEST_RUNTIME_DIR" ${TEST_USER_ENV[@]+"${TEST_USER_ENV[@]}"} "$@")
}

# test_user_remove: with whatever runs as the user, or as one of the subordinate ids of a user made here.
test_user_remove()
{
	local pid uid first=$((TEST_UID * 65536))

	[ -n "$_test_user_made" ] || return 0
	for pid in /proc/[0-9]*; do
		uid=$(stat -c %u "$pid" 2>/dev/null) || continue
		[ "$uid" = "$TEST_UID" ] || { [ "$uid" -ge "$first" ] && [ "$uid" -lt $((first + 65536)) ]; } ||
			continue
		kill -KILL "${pid#/proc/}" 2>/dev/null
	done
	userdel "$TEST_USER" >/dev/null 2>&1
	sed -i "/^$TEST_USER:/d" /etc/subuid /etc/subgid
	_test_user_made=
}
