# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests with real managers share.  A script sources this file, calls manager_begin, runs
# checks and ends with suite_end (see tests/lib/harness.sh).
#
# RUNTIME names the runtime under test: silo, or as the baseline crun or runc.  It stands where the
# snippets in contrib/managers expect silo, so that they are used as they are.
#
# Everything happens in a private view of the machine: mount, network, pid, ipc, uts and cgroup
# namespaces of its own, one cgroup in each hierarchy that looks like its root from inside, a tmpfs on
# /run (which $WORK is below), writable layers over /etc and /var.  The script is process 1 of the
# view: when it ends, however that happens, the kernel ends all that it started.

MANAGERS_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
CONTRIB=$(cd -- "$MANAGERS_DIR/../../contrib/managers" && pwd)
# shellcheck source=tests/lib/harness.sh
. "$MANAGERS_DIR/../lib/harness.sh"

# The longest that one command of a manager may take; this is a test for being stuck, not for speed.
COMMAND_TIMEOUT=${COMMAND_TIMEOUT:-90}

# manager_begin TOOL...: enter the view (the script starts anew in it), make $WORK, the root file system
# $WORK/rootfs and $WORK/image.tar of it.  Without one of the TOOLs there is nothing to test.
manager_begin()
{
	local tool

	for tool; do
		PATH=$_MANAGERS_PATH command -v "$tool" >/dev/null && continue
		skip "all" "$tool is not installed"
		suite_end
	done
	[ "${SILO_MANAGERS_VIEW:-}" = "$PPID" ] || _enter_view
	# Set up by process 1 of the view only, and not inherited by what it starts.
	unset SILO_MANAGERS_VIEW
	_set_up_view || exit 1
	suite_begin
	# conmon leaves a file named oom where it was started.
	cd "$WORK" || exit 1
	echo "# the runtime: $("$RUNTIME" --version | head -n 1)"
	tar -C "$WORK/rootfs" --numeric-owner -cf "$WORK/image.tar" . || exit 1
	mkdir "$WORK/log" && mkfifo "$WORK/no-input" || exit 1
}

_MANAGERS_PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin

# Every cgroup hierarchy that is mounted: directory, type, and the options that tell v1's apart.
_cgroup_mounts()
{
	awk '$3 == "cgroup" || $3 == "cgroup2" { print $2, $3, $4 }' /proc/self/mounts |
		while read -r dir type options; do
			options=$(tr , '\n' <<<"$options" | grep -xE \
				'cpu|cpuacct|cpuset|memory|devices|freezer|blkio|pids|hugetlb|net_cls|net_prio|perf_event|rdma|misc|name=.*' |
				paste -sd,)
			echo "$dir $type ${options/#name=/none,name=}"
		done
}

# _view_cgroups NAME: one cgroup in each hierarchy, that a view can be rooted in.
_view_cgroups()
{
	local dir file

	while read -r dir _; do
		_remove_abandoned "$dir"/silo-managers-*/
		# v2: all controllers that can be had.  The root's own are the machine's to decide.
		[ -f "$dir/cgroup.subtree_control" ] && _delegate "$dir"
		mkdir -- "$dir/$1" || return 1
		for file in cpuset.cpus cpuset.mems; do
			[ -f "$dir/$1/$file" ] && [ ! -f "$dir/cgroup.controllers" ] &&
				cat "$dir/$file" >"$dir/$1/$file"
		done
	done < <(_cgroup_mounts)
	return 0
}

# What scripts left behind that were killed and could not clean up.
_remove_abandoned()
{
	local dir pid

	for dir; do
		pid=${dir%/} pid=${pid##*-}
		[ ! -d "$dir" ] || [ -d "/proc/$pid" ] || [ -n "$(find "$dir" -name cgroup.procs -exec cat {} +)" ] ||
			_remove_cgroup_tree "$dir"
	done
}

# _delegate DIR: what DIR's cgroup has, its children get.
_delegate()
{
	local controller

	for controller in $(cat "$1/cgroup.controllers"); do
		echo "+$controller" >"$1/cgroup.subtree_control"
	done 2>/dev/null
}

_remove_view_cgroups()
{
	local dir _

	while read -r dir _; do
		wait_until 10 _remove_cgroup_tree "$dir/$1" || echo "lib.sh: cannot remove $dir/$1" >&2
	done < <(_cgroup_mounts)
}

_remove_cgroup_tree()
{
	[ ! -d "$1" ] || find "$1" -depth -type d -exec rmdir -- {} +
}

# Run the script again inside a view, wait for it, remove the view's cgroups, exit.
_enter_view()
{
	local cgroup=silo-managers-$$ status view

	[ "$(id -u)" -eq 0 ] || {
		skip "all" "needs root"
		suite_end
	}
	RUNTIME=$(realpath -- "$(command -v "$RUNTIME")") || {
		fail "the runtime exists" "$RUNTIME"
		suite_end
	}
	export RUNTIME
	trap '_remove_view_cgroups "$cgroup"' EXIT
	_view_cgroups "$cgroup" || exit 1
	(
		while read -r dir _; do
			echo "$BASHPID" >"$dir/$cgroup/cgroup.procs" || exit 1
		done < <(_cgroup_mounts)
		export SILO_MANAGERS_VIEW=0
		# Killed with this shell, and its children with it, should this shell be killed.
		exec setpriv --pdeathsig KILL unshare --mount --net --pid --uts --ipc --cgroup --fork \
			--kill-child --mount-proc --propagation private bash "$0"
	) &
	view=$!
	trap 'kill -KILL "$view"; { wait "$view"; } 2>/dev/null; exit 130' INT TERM HUP
	wait "$view"
	status=$?
	exit "$status"
}

_set_up_view()
{
	local dir type options

	ip link set lo up && hostname silo-managers || return 1
	while read -r dir type options; do
		umount "$dir" && mount -t "$type" ${options:+-o "$options"} cgroup "$dir" || return 1
		# v2: a cgroup with children that have controllers has no processes itself.
		[ "$type" = cgroup2 ] || continue
		mkdir "$dir/self" && echo $$ >"$dir/self/cgroup.procs" || return 1
		_delegate "$dir"
	done < <(_cgroup_mounts)
	# crun refuses v1 hierarchies with a v2 tree beside them that has controllers, too.
	dir=/sys/fs/cgroup/unified
	[ "${RUNTIME##*/}" = crun ] && [ -f "$dir/cgroup.controllers" ] &&
		mount --bind /dev/null "$dir/cgroup.controllers"

	mount -t tmpfs -o mode=755 run /run && mkdir /run/lock /run/upper || return 1
	for dir in etc var; do
		mkdir -p "/run/upper/$dir" "/run/upper/.$dir" && mount -t overlay overlay \
			-o "lowerdir=/$dir,upperdir=/run/upper/$dir,workdir=/run/upper/.$dir" "/$dir" ||
			return 1
	done
	# The runtime where an administrator would install it, and as "runc" for what ignores its
	# configuration; before all others in the PATH. A copy: an ordinary user may be unable to enter the directory of the build.
	mount -t tmpfs -o mode=755 bin /usr/local/bin || return 1
	install -m 0755 "$RUNTIME" /usr/local/bin/silo && ln -s silo /usr/local/bin/runc || return 1
	export PATH=$_MANAGERS_PATH TMPDIR=/run HOME=/root
}

# image_archive FILE NAME ROOTFS-TAR [CONFIG]: an image of one layer, in the form of `docker save`;
# CONFIG is a JSON object of what an image configures (Cmd, Env, User...).
image_archive()
{
	local dir
	dir=$(mktemp -d) || return 1
	cp -- "$3" "$dir/layer.tar"
	jq -n --arg digest "sha256:$(sha256sum <"$3" | cut -d' ' -f1)" --argjson config "${4:-"{}"}" '{
		architecture: "amd64", os: "linux", history: [{created_by: "tests/managers"}],
		config: ({Cmd: ["sh"], Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]} + $config),
		rootfs: {type: "layers", diff_ids: [$digest]}}' >"$dir/config.json" &&
	jq -n --arg name "$2" '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' \
		>"$dir/manifest.json" && tar -C "$dir" -cf "$1" . && rm -rf -- "$dir"
}

# manager COMMAND...: COMMAND with no input and an end to its patience; a function sees to that itself.
manager()
{
	if declare -F "$1" >/dev/null; then
		"$@" </dev/null
		return
	fi
	timeout --kill-after=5 "$COMMAND_TIMEOUT" "$@" </dev/null
}

# prints NAME REGEX COMMAND...: COMMAND succeeds, and some line of its output matches REGEX.
prints()
{
	local name=$1 regex=$2 output status=0
	shift 2
	output=$(manager "$@" 2>&1) || status=$?
	if [ "$status" -eq 0 ] && grep -Eq -- "$regex" <<<"$output"; then
		pass "$name"
	else
		fail "$name" "$* (exit $status), wanted /$regex/: $output"
	fi
}

# exits NAME STATUS COMMAND...: STATUS is a number, or several: 126|127.
exits()
{
	local name=$1 expected=$2 output status=0
	shift 2
	output=$(manager "$@" 2>&1) || status=$?
	if [[ "|$expected|" == *"|$status|"* ]]; then
		pass "$name"
	else
		fail "$name" "$*: exit $status instead of $expected: $output"
	fi
}

# on_terminal COMMAND: run the shell COMMAND on a terminal of its own, and print what appears there
# (with carriage returns left out).
on_terminal()
{
	# Its input never comes and never ends.
	timeout --kill-after=5 "$COMMAND_TIMEOUT" script -qec "$1" /dev/null <>"$WORK/no-input" | tr -d '\r'
}

# ten_at_once FUNCTION: call FUNCTION with 1 to 10, all at once, and print what they printed in one line.
ten_at_once()
{
	local i pids=()

	for i in 1 2 3 4 5 6 7 8 9 10; do
		"$1" "$i" >"$WORK/at-once.$i" 2>&1 </dev/null &
		pids+=($!)
	done
	wait "${pids[@]}"
	cat "$WORK"/at-once.* | sort -n | paste -sd' '
}

# daemon NAME COMMAND...: start COMMAND in the background, its output in $WORK/log/NAME; DAEMON is its pid.
daemon()
{
	local name=$1
	shift
	"$@" >>"$WORK/log/$name" 2>&1 </dev/null &
	DAEMON=$!
}

# ready NAME COMMAND...: a check that COMMAND succeeds before long.  The suite is over otherwise.
ready()
{
	local name=$1
	shift
	wait_until "$COMMAND_TIMEOUT" _succeeds_or_is_dead "$@"
	if manager "$@" >/dev/null 2>&1; then
		pass "$name"
	else
		fail "$name" "$(tail -n 30 "$WORK"/log/*)"
		suite_end
	fi
}

_succeeds_or_is_dead()
{
	manager "$@" || ! kill -0 "$DAEMON"
}

# containers_configured: /etc/containers as Podman and Buildah read it, storage below $WORK.
containers_configured()
{
	rm -rf /etc/containers && mkdir -p /etc/containers/containers.conf.d || return 1
	cp "$CONTRIB/podman/containers.conf" /etc/containers/containers.conf || return 1
	# What this view lacks: systemd; and the machine, maybe, the right to raise a limit.
	cat >/etc/containers/containers.conf.d/view.conf <<-CONF
		[containers]
		default_ulimits = ["nofile=$(ulimit -Hn):$(ulimit -Hn)", "nproc=$(ulimit -Hu):$(ulimit -Hu)"]
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "file"
	CONF
	export PODMAN_IGNORE_CGROUPSV1_WARNING=1
	cat >/etc/containers/storage.conf <<-CONF
		[storage]
		driver = "overlay"
		graphroot = "$WORK/storage"
		runroot = "/run/containers/storage"
	CONF
	echo '{"default": [{"type": "insecureAcceptAnything"}]}' >/etc/containers/policy.json
	echo 'unqualified-search-registries = []' >/etc/containers/registries.conf
}

# slow_runtime: the runtime under test once more, as /usr/local/bin/slow: while $WORK/slow exists, its create takes
# five seconds longer, in a hook, and $WORK/creating is there meanwhile.
slow_runtime()
{
	cat >/usr/local/bin/slow <<-SCRIPT
		#!/bin/bash
		[ ! -e "$WORK/slow" ] || for ((i = 1; i <= \$#; i++)); do
			case \${!i} in --bundle | -b)
				i=\$((i + 1)) config=\${!i}/config.json
				jq '.hooks.createRuntime += [{path: "/bin/sh", args: ["sh", "-c",
					"touch $WORK/creating; sleep 5; rm -f $WORK/creating"]}]' "\$config" >"\$config.slow" &&
					cat "\$config.slow" >"\$config"
			esac
		done
		exec /usr/local/bin/silo "\$@"
	SCRIPT
	chmod +x /usr/local/bin/slow
}

# killed_while_creating NAME PATTERN COMMAND...: COMMAND makes a container with the slow runtime; while that is at it,
# processes whose command line matches PATTERN are killed.
killed_while_creating()
{
	local name=$1 pattern=$2 job
	shift 2
	touch "$WORK/slow"
	rm -f "$WORK/creating"
	timeout --kill-after=5 "$COMMAND_TIMEOUT" "$@" >"$WORK/killed.out" 2>&1 </dev/null &
	job=$!
	check "$name: create is at it" wait_until 20 test -e "$WORK/creating"
	check "$name: killed" pkill -KILL -f -- "$pattern"
	rm -f "$WORK/slow"
	wait "$job" && fail "$name: the manager says so" "$* succeeded: $(cat "$WORK/killed.out")"
}

# nothing_of ID: no cgroup, state or process has ID in its name or command line; prints what does.  What dockerd
# and Podman keep for themselves (pipes, exit files) is their business.
nothing_of()
{
	local found

	found=$(find /sys/fs/cgroup /run -name "*$1*" -type d ! -path '*/silo-test.*' \
		! -path '/run/containers/*' ! -path '/run/libpod/*' ! -path "/run/docker/containerd/$1" 2>/dev/null
		pgrep -a -f -- "$1")
	echo "$found"
	[ -z "$found" ]
}

# at_once FUNCTION: call FUNCTION with 1, 2 and 3 at once, and print how many succeeded.
at_once()
{
	local i pids=() succeeded=0

	for i in 1 2 3; do
		"$1" "$i" >"$WORK/at-once.$i" 2>&1 </dev/null &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" && succeeded=$((succeeded + 1))
	done
	echo "$succeeded"
}
