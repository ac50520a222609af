#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What runs in a container cannot be changed from there: the sealed memfd, and the installed copy of init
# where executing a memfd is forbidden (vm.memfd_noexec=2, a setting of each pid namespace).
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
good=$(bundle good)

# What init is, from the outside: /proc/PID/exe of a created container.
runtime create -b "$good" "$PREFIX-created" >/dev/null 2>&1 </dev/null
pid=$(runtime state "$PREFIX-created" | jq .pid)
check_match "init is executed from a memfd" '^/memfd:silo-init' "$(readlink "/proc/$pid/exe")"
check_refused "...which cannot be written to" sh -c "echo x >/proc/$pid/exe"
runtime delete --force "$PREFIX-created"

# in_namespace COMMAND: as root of a pid namespace in which no memfd may be executed.
in_namespace()
{
	timeout 60 unshare -p -f -m --mount-proc --propagation private sh -c "echo 2 >/proc/sys/vm/memfd_noexec || exit 77
		$1" 2>&1 </dev/null
}

in_namespace true >/dev/null
if [ $? -eq 77 ]; then
	skip "where no memfd may be executed" "this kernel has no vm.memfd_noexec (Linux 6.3)"
	suite_end
fi
run="'$RUNTIME' --root '$STATE'"
out=$(in_namespace "$run run -b '$good' $PREFIX-run")
check_match "without an installed copy the message names the setting and the copy" \
	'vm.memfd_noexec.*/silo-init: No such file' "$out"
check_equal "...and nothing is left" "" "$(ls -A "$STATE")"
installed=$(grep -o '/[^ ]*/silo-init' <<<"$out" | head -n 1)
image=$(dirname "$RUNTIME")/silo-init
if [ -z "$installed" ] || [ ! -x "$image" ]; then
	fail "there is a copy to install" "$image: $out"
	suite_end
fi

# install COMMANDS: an empty file system over the nearest directory that exists, with the copy in its place.
base=$(dirname "$installed")
while [ ! -d "$base" ]; do
	base=$(dirname "$base")
done
install="mount -t tmpfs tmpfs '$base' && mkdir -p '$(dirname "$installed")' && install -m 0755 '$image' '$installed'"
probe=$(bundle probe '.process.args = ["sh", "-c", "readlink /proc/self/exe; echo payload"]')
out=$(in_namespace "$install; $run run -b '$probe' $PREFIX-run")
check_match "with it a container runs" '^payload' "$out"
sleeper=$(bundle sleeper '.process.args = ["sleep", "100"]')
out=$(in_namespace "$install; $run create -b '$sleeper' $PREFIX-run >/dev/null </dev/null
	pid=\$($run state $PREFIX-run | jq .pid); readlink /proc/\$pid/exe; echo x >/proc/\$pid/exe; $run state $PREFIX-run
	cmp '$image' '$installed' && echo same; $run start $PREFIX-run; $run exec $PREFIX-run echo joined
	$run state $PREFIX-run; $run delete --force $PREFIX-run")
check_match "init is not executed from a memfd" '^/$' "$out"
check_match "...through a mount that cannot be written to" "/exe: (Read-only file system|Text file busy)" "$out"
check_match "...and the copy is unchanged" '^same' "$out"
check_match "a container of it is created" '"status": *"created"' "$out"
check_match "...joined by exec" '^joined' "$out"
check_match "...and running" '"status": *"running"' "$out"

# A copy that others could have changed, and one of another version.
out=$(in_namespace "$install; chmod g+w '$installed'; $run run -b '$probe' $PREFIX-run")
check_match "a copy that a group may write to is refused" 'must be a file of root' "$out"
out=$(in_namespace "$install; chown 65534 '$installed'; $run run -b '$probe' $PREFIX-run")
check_match "a copy of another user is refused" 'must be a file of root' "$out"
out=$(in_namespace "$install; mv '$installed' '$installed.real'; ln -s silo-init.real '$installed'
	$run run -b '$probe' $PREFIX-run")
check_match "a copy that is a symbolic link is refused" 'must be a file of root' "$out"
out=$(in_namespace "$install; chmod o+w '$installed'; $run run -b '$probe' $PREFIX-run")
check_match "a copy that others may write to is refused" 'must be a file of root' "$out"
out=$(in_namespace "$install; cp /bin/true '$installed'; $run run -b '$probe' $PREFIX-run")
check_match "a copy that is something else ends with words" 'init ended with status 0' "$out"
out=$(in_namespace "$install; echo text >'$installed'; $run run -b '$probe' $PREFIX-run")
check_match "a copy that is no program ends with words" 'execute init: Exec format error' "$out"
check_equal "nothing is left" "" "$(ls -A "$STATE")"

# other_version FILE: a copy that differs in nothing but the number of the plan that it takes, which the build
# makes from the text of two headers (Makefile.am).
sources=$(dirname "$0")/../../src/plan
other_version()
{
	local number

	number=$(cat "$sources/plan.h" "$sources/protocol.h" | cksum | cut -d ' ' -f 1)
	python3 -c 'import struct, sys
number = struct.pack("<I", int(sys.argv[2]))
image = open(sys.argv[1], "rb").read()
image.index(number)
open(sys.argv[1], "wb").write(image.replace(number, struct.pack("<I", int(sys.argv[2]) ^ 1)))' "$1" "$number"
}
if [ -e "$sources/plan.h" ] && cp "$image" "$WORK/other" && check "a copy of another version is made" other_version "$WORK/other"; then
	before=$(snapshot)
	for command in "create -b '$sleeper'" "run -b '$probe'"; do
		out=$(in_namespace "$install; install -m 0755 '$WORK/other' '$installed'; $run $command $PREFIX-run; echo status \$?
			$run state $PREFIX-run")
		check_match "a copy of another version is refused: ${command%% *}" 'init refuses the plan .*version' "$out"
		check_match "...with an error" '^status 1$' "$out"
		check_match "...and no container is left" 'does not exist' "$out"
	done
	check_unchanged "...nor anything else" "$before"
	out=$(in_namespace "$install; $run create -b '$sleeper' $PREFIX-run >/dev/null </dev/null; $run start $PREFIX-run
		install -m 0755 '$WORK/other' '$installed'; $run exec $PREFIX-run true; $run state $PREFIX-run; $run delete --force $PREFIX-run")
	check_match "...exec: refused, too" 'init refuses the plan .*version' "$out"
	check_match "...and the container runs on" '"status": *"running"' "$out"
else
	skip "a copy of another version is refused" "the headers are not beside the tests"
fi

# What IMA or a security module does: execveat(2) of the memfd is refused, of a file it is not.
if command -v strace >/dev/null; then
	# refusing ERRNO COMMANDS: with the first execveat of every process refused.
	refusing()
	{
		timeout 60 unshare -m --propagation private sh -c "trace='strace -f -qq -o /dev/null -e trace=execveat -e
			inject=execveat:error=$1:when=1'; $2" 2>&1 </dev/null
	}
	for error in EACCES EPERM; do
		out=$(refusing $error "\$trace $run run -b '$probe' $PREFIX-run")
		check_match "the memfd is refused ($error): without an installed copy the message says what lacks" \
			'forbidden here .*IMA.*/silo-init: No such file' "$out"
		check_equal "...and nothing is left" "" "$(ls -A "$STATE")"
		out=$(refusing $error "$install; \$trace $run run -b '$probe' $PREFIX-run")
		check_match "...with one a container runs" '^payload' "$out"
	done
	mapped=$(bundle mapped '.process.args = ["sh", "-c", "echo payload"] | .linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings')
	out=$(refusing EPERM "$install; \$trace $run run -b '$mapped' $PREFIX-run")
	check_match "...in a user namespace, too" '^payload' "$out"
	out=$(refusing EPERM "$install; $run run --detach -b '$sleeper' $PREFIX-run >/dev/null </dev/null
		\$trace $run exec $PREFIX-run echo joined; $run delete --force $PREFIX-run")
	check_match "...and exec" '^joined' "$out"
	out=$(refusing ENOMEM "$install; \$trace $run run -b '$probe' $PREFIX-run")
	check_match "another error of execveat is told" 'execute init: Cannot allocate memory' "$out"
	check_equal "nothing is left at the end" "" "$(ls -A "$STATE")"
else
	skip "the memfd is refused" "needs strace"
fi
suite_end
