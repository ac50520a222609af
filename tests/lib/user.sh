# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An ordinary user for tests.  Source this file as root; test_user_make sets TEST_USER and TEST_UID.

TEST_USER= TEST_UID= _test_user_made=

# with_accounts COMMAND...: while no other suite changes accounts and their ranges: useradd(8) does not wait long for
# another, and sed(1) would write back what was there before.
with_accounts()
{
	(
		flock 9 && "$@"
	) 9</etc
}

_make_account()
{
	useradd --home-dir "$1/home" --no-create-home --shell /bin/bash --user-group "$TEST_USER" || return 1
	TEST_UID=$(id -u "$TEST_USER") || return 1
	# Nobody else's, as the uid is; useradd's are the lowest that are free, and there only if the files are.
	test_user_ranges /etc/subuid "$((TEST_UID * 65536)):65536"
	test_user_ranges /etc/subgid "$((TEST_UID * 65536)):65536"
}

# test_user_ranges FILE [START:COUNT...]: what FILE grants the user from now on; "uid:START:COUNT" is given to the number.
test_user_ranges()
{
	local file=$1 range

	shift
	sed -i "/^$TEST_USER:/d;/^$TEST_UID:/d" "$file" 2>/dev/null
	for range; do
		case $range in
		uid:*) echo "$TEST_UID:${range#uid:}" ;;
		*) echo "$TEST_USER:$range" ;;
		esac
	done >>"$file"
}

_remove_account()
{
	userdel "$TEST_USER" >/dev/null 2>&1
	test_user_ranges /etc/subuid
	test_user_ranges /etc/subgid
}

# test_user_make DIR: a user with a home in DIR, 65536 subordinate uids and gids, and a runtime
# directory.  SILO_TEST_USER names an existing one instead.
test_user_make()
{
	local dir=$1

	TEST_USER=${SILO_TEST_USER:-silo-test-$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')}
	if [ -z "${SILO_TEST_USER:-}" ]; then
		_test_user_made=$TEST_USER
		with_accounts _make_account "$dir" || return 1
	fi
	TEST_UID=$(id -u "$TEST_USER") || return 1
	install -d -o "$TEST_USER" -m 0755 "$dir/home"
	TEST_RUNTIME_DIR=/run/user/$TEST_UID
	[ -S "$TEST_RUNTIME_DIR/bus" ] || TEST_RUNTIME_DIR=$dir/run
	[ -d "$TEST_RUNTIME_DIR" ] || install -d -o "$TEST_USER" -m 0700 "$TEST_RUNTIME_DIR"
	TEST_HOME=$dir/home
}

# test_user_v2_alone: in a mount namespace of our own, only v2 stays in sight where v1 is mounted, too.
test_user_v2_alone()
{
	[ -f /sys/fs/cgroup/cgroup.controllers ] || { umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup; }
}

# test_user_delegate: a cgroup v2 that belongs to the user, for as_test_user to run things in.  Called in a
# mount namespace of our own.  A user with a systemd of
# his own gets it from there.
test_user_delegate()
{
	local controller

	TEST_USER_CGROUP=
	[ ! -S "$TEST_RUNTIME_DIR/systemd/private" ] || return 0
	test_user_v2_alone || return 1
	TEST_USER_CGROUP=/sys/fs/cgroup/$TEST_USER
	# Not all can be had everywhere; what is missing, the checks that need it say.
	for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
		echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
	done 2>/dev/null
	mkdir -p "$TEST_USER_CGROUP/self" && chown "$TEST_USER" "$TEST_USER_CGROUP" "$TEST_USER_CGROUP"/cgroup.{procs,subtree_control,threads} \
		"$TEST_USER_CGROUP/self" "$TEST_USER_CGROUP/self/cgroup.procs"
}

# as_test_user COMMAND...: with no privilege and no environment but what a login would set.
as_test_user()
{
	# In a unit of the user's systemd, its own processes one level below the delegated cgroup.  (systemd would
	# make one dollar of two.)
	local unit=()
	[ -n "${SILO_NO_DELEGATION:-}" ] || [ ! -S "$TEST_RUNTIME_DIR/systemd/private" ] || unit=(systemd-run --user --quiet --pipe --wait --collect
		--property=Delegate=yes -- env PATH="${TEST_PATH:-$PATH}" HOME="$TEST_HOME" sh -c 'd=/sys/fs/cgroup$(sed -n "s/^0:://p" /proc/self/cgroup) &&
		mkdir -p "$d/self" && echo 0 >"$d/self/cgroup.procs" && exec "$@"' -)
	(
		[ -z "${TEST_USER_CGROUP:-}" ] || echo "$BASHPID" >"$TEST_USER_CGROUP/self/cgroup.procs"
		cd / && exec setpriv --reuid "$TEST_UID" --regid "$(id -g "$TEST_USER")" --init-groups \
			env -i PATH="${TEST_PATH:-$PATH}" HOME="$TEST_HOME" USER="$TEST_USER" LANG=C.UTF-8 \
			XDG_RUNTIME_DIR="$TEST_RUNTIME_DIR" "${unit[@]}" "$@"
	)
}

# test_user_remove: with whatever runs as the user, or as one of the subordinate ids of a user made here.
test_user_remove()
{
	local pid uid first=$((TEST_UID * 65536))

	# Without an id, the range would be that of root and everybody else.
	if [ -n "$_test_user_made" ] && [ "${TEST_UID:-0}" -gt 0 ]; then
		for pid in /proc/[0-9]*; do
			uid=$(stat -c %u "$pid" 2>/dev/null) || continue
			[ "$uid" = "$TEST_UID" ] || { [ "$uid" -ge "$first" ] && [ "$uid" -lt $((first + 65536)) ]; } ||
				continue
			kill -KILL "${pid#/proc/}" 2>/dev/null
		done
		with_accounts _remove_account
		_test_user_made=
	fi
	# A dead process leaves its cgroup a moment later.
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ -n "${TEST_USER_CGROUP:-}" ] && [ -d "$TEST_USER_CGROUP" ] || return 0
		find "$TEST_USER_CGROUP" -depth -type d -exec rmdir {} + 2>/dev/null
		sleep 0.1
	done
}

# test_users_make NAME...: several users, called so by the suite, below $WORK; test_user_be NAME: as_test_user is that one's
# from now on; test_users_remove: all of them.
declare -A _test_users=()
test_users_make()
{
	local name

	for name; do
		install -d "$WORK/$name"
		SILO_TEST_USER='' test_user_make "$WORK/$name" || return 1
		_test_users[$name]=$TEST_USER:$TEST_UID:$TEST_HOME:$TEST_RUNTIME_DIR
	done
}

test_user_be()
{
	IFS=: read -r TEST_USER TEST_UID TEST_HOME TEST_RUNTIME_DIR <<<"${_test_users[$1]}"
	_test_user_made=$TEST_USER
}

test_users_remove()
{
	local name

	for name in "${!_test_users[@]}"; do
		test_user_be "$name"
		test_user_remove
	done
}

# suite_users WHAT NAME...: those users for the whole suite; where none can be made WHAT is skipped, and the suite ends.
suite_users()
{
	local what=$1 tool

	for tool in useradd setpriv newuidmap; do
		command -v "$tool" >/dev/null && continue
		skip "$what" "$tool is not installed"
		suite_end
	done
	trap 'test_users_remove; _suite_cleanup' EXIT
	test_users_make "${@:2}" || exit 1
}
