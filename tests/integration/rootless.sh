#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is special about containers without root: id maps and their helpers, where state is kept, joined
# namespaces, and what is said to a host that is not prepared.  tests/security/users.sh has two users.
# That the rest works, tests/rootless/run shows.
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=tests/lib/user.sh
. "$(dirname "$0")/../lib/user.sh"
suite_begin
suite_users "containers without root" alice bob
install -m 0755 "$RUNTIME" "$WORK/runtime"
bob=$TEST_UID bob_name=$TEST_USER
test_user_be alice
alice=$TEST_UID
first=$(sed -n "s/^$TEST_USER:\([0-9]*\):.*/\1/p" /etc/subuid)

# silo ARG...: the runtime as the user, with state where it goes by itself.
silo()
{
	as_test_user "$(type -P timeout)" 60 "$WORK/runtime" "$@" </dev/null 2>&1
}

# in_container FILTER COMMAND [GLOBAL-OPTION...]: what the shell COMMAND prints in a user's container.
in_container()
{
	local dir

	dir=$(bundle "run-$TEST_UID" "$1 | .process.args = [\"sh\", \"-c\", \$cmd]" --arg cmd "$2") || return 1
	silo "${@:3}" run -b "$dir" "$PREFIX-run"
}

single=".linux.namespaces += [{type: \"user\"}] |
	.mounts |= map(if .destination == \"/dev/pts\" then .options |= map(select(. != \"gid=5\")) else . end) |
	.linux.uidMappings = [{containerID: 0, hostID: $alice, size: 1}] |
	.linux.gidMappings = [{containerID: 0, hostID: $alice, size: 1}]"
range=".linux.namespaces += [{type: \"user\"}] |
	.linux.uidMappings = [{containerID: 0, hostID: $alice, size: 1}, {containerID: 1, hostID: $first, size: 65536}] |
	.linux.gidMappings = .linux.uidMappings"
maps='echo $(cat /proc/self/uid_map) $(cat /proc/self/gid_map) $(cat /proc/self/setgroups)'
before=$(snapshot)

# --- id maps
check_equal "a single id: no helper is needed" "0 $alice 1 0 $alice 1 deny" \
	"$(TEST_PATH=/nowhere in_container "$single" "$maps")"
check_equal "ranges: by newuidmap and newgidmap" "0 $alice 1 1 $first 65536 0 $alice 1 1 $first 65536 allow" \
	"$(in_container "$range" "$maps")"
check_equal "no maps: the user, and what /etc/subuid grants" "0 $alice 1 1 $first 65536 0 $alice 1 1 $first 65536 allow" \
	"$(in_container '.linux.namespaces += [{type: "user"}]' "$maps")"
check_equal "no user namespace: one is added" "0 $alice 1 1 $first 65536 0 $alice 1 1 $first 65536 allow" \
	"$(in_container . "$maps")"
check_equal "--rootless=auto and true: the same" "0 0" \
	"$(echo $(in_container . 'id -u' --rootless=auto) $(in_container . 'id -u' --rootless=true))"
check_match "--rootless=false: none is added" 'cannot make namespaces without a user namespace.*--rootless=false' \
	"$(in_container . true --rootless=false)"
check_equal "a user and groups of the range" "1000 1000 500 600" "$(in_container '.process.user = {uid: 1000,
	gid: 1000, additionalGids: [500, 600]}' 'echo $(id -u) $(id -g) $(awk "/^Groups/ { print \$2, \$3 }" /proc/self/status)')"
check_match "a single id: groups cannot be set, and that is said" 'additionalGids are not set: setgroups' \
	"$(in_container "$single | .process.user = {uid: 0, gid: 0, additionalGids: [0]}" true)"
install -d -o "$TEST_USER" -m 0700 "$WORK/spec" "$WORK/spec/rootfs"
as_test_user sh -c "cd '$WORK/spec' && '$WORK/runtime' spec --rootless"
jq --arg rootfs "$WORK/rootfs" '.process.terminal = false | .root.path = $rootfs | .process.args = ["id", "-u"]' \
	"$WORK/spec/config.json" >"$WORK/spec/edited" && mv "$WORK/spec/edited" "$WORK/spec/config.json"
check_equal "spec --rootless: the config runs" 0 "$(silo run -b "$WORK/spec" "$PREFIX-spec")"
# The group owns the file, and nobody else may read it.
install -g 4711 -m 0040 /dev/null "$WORK/rootfs/of-the-group" && echo shared >"$WORK/rootfs/of-the-group"
with_group()
{
	(
		dir=$(bundle "group" "$1 | .process.args = [\"cat\", \"/of-the-group\"]")
		setpriv --reuid "$TEST_UID" --regid "$TEST_UID" --groups 4711 env -i PATH="$PATH" XDG_RUNTIME_DIR="$TEST_RUNTIME_DIR" \
			"$WORK/runtime" run -b "$dir" "$PREFIX-group" 2>&1 </dev/null
	)
}
check_match "the caller's groups are dropped" 'Permission denied' "$(with_group .)"
check_equal "run.oci.keep_original_groups keeps them" shared \
	"$(with_group '.annotations = {"run.oci.keep_original_groups": "1"}')"
check_match "run.oci.keep_original_groups=0 does not" 'Permission denied' \
	"$(with_group '.annotations = {"run.oci.keep_original_groups": "0"}')"

# --- what is missing, in one sentence with the way out
refuse()
{
	local out

	out=$(in_container "$3" true)
	check_match "$1" "$2" "$out"
	check_equal "$1: in one line" 1 "$(wc -l <<<"$out")"
}
# A lower one is nobody's; what comes after alice's own may be bob's.
ranges()
{
	with_accounts test_user_ranges "$@"
}
ranges /etc/subuid "$first:20000"
refuse "a range that is too small" "host uids $first-$((first + 65535)) cannot be mapped: /etc/subuid grants user $TEST_USER only $first-$((first + 19999)); .usermod --add-subuids $first-$((first + 65535)) $TEST_USER. as root grants them" \
	"$range"
ranges /etc/subuid "$first:65536"
refuse "an account's ids" "host gids 200-299 cannot be mapped: /etc/subgid grants user $TEST_USER only $first-$((first + 65535)): map these instead" \
	"$range | .linux.gidMappings = [{containerID: 0, hostID: 200, size: 100}]"
refuse "the id of somebody else" "host uids 0-0 cannot be mapped.*map these instead" \
	"$range | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}]"
# granting: what root is told to do
granting()
{
	grep -o '`[^`]*`' | tr -d '`'
}
bobs=$(sed -n "s/^$bob_name:\([0-9]*\):.*/\1/p" /etc/subuid)
ranges /etc/subuid
command=$(in_container "$range | .linux.uidMappings[1] |= (.hostID = $bobs | .size = 10)" true | granting)
check_match "a range of another user, and none of one's own: another one is offered" \
	"^usermod --add-subuids [1-9][0-9]{5,}-[1-9][0-9]{5,} $TEST_USER\$" "$command"
# overlapping FIRST-LAST: other users' lines that have a part of it
overlapping()
{
	awk -F: -v first="${1%-*}" -v last="${1#*-}" -v own="$TEST_USER" '$1 != own && $2 <= last && $2 + $3 > first' /etc/subuid
}
check_equal "...which is nobody's" "" "$(overlapping "$(cut -d " " -f 3 <<<"$command")")"
# Another suite may have taken it in the meantime; then it is still granted.
with_accounts $command
check_equal "...and does it" 65536 "$(in_container . 'awk "\$1 == 1 { print \$3 }" /proc/self/uid_map')"
ranges /etc/subuid "$first:65536"
refuse "maps that overlap in the container" "overlaps .* in the container" "$range | .linux.uidMappings[1].containerID = 0"
refuse "maps that overlap on the host" "overlaps .* on the host" \
	"$range | .linux.gidMappings += [{containerID: 100000, hostID: ($first + 5), size: 1}]"
refuse "a map beyond the largest id" "beyond the largest id" "$range | .linux.uidMappings[1].size = 4294967295"
refuse "a map without root" "/linux/uidMappings .*uid 0 of the container is not mapped.*containerID 0" \
	"$range | .linux.uidMappings |= map(.containerID += 1000)"
refuse "a map of nothing" "size is 0" "$range | .linux.uidMappings[1].size = 0"
refuse "a process uid that is not mapped" "/process/user/uid .*uid 70000 is not mapped.*uidMappings" "$range | .process.user.uid = 70000"
refuse "a group that is not mapped" "gid 80000 is not mapped.*gidMappings" "$range | .process.user.additionalGids = [80000]"
refuse "a process uid that the added user namespace lacks" "uid 70000 is not mapped.*user $TEST_USER has but 65537 ids: .usermod --add-subuids [0-9]+-[0-9]+ $TEST_USER. as root grants more" \
	'.process.user.uid = 70000'
with_accounts $(in_container '.process.user.uid = 70000' true | granting)
check_equal "...which is true" 70000 "$(in_container '.process.user.uid = 70000' 'id -u')"
ranges /etc/subuid
refuse "no range" "host uids $first-$((first + 65535)) cannot be mapped: /etc/subuid grants user $TEST_USER no range; .usermod --add-subuids $first-$((first + 65535)) $TEST_USER. as root" "$range"
check_equal "no range: a single id works" 0 "$(in_container "$single" 'id -u')"
check_match "no range: a process uid" "has but 1 id: .usermod --add-subuids [0-9]+-[0-9]+ $TEST_USER. as root" \
	"$(in_container '.process.user.uid = 5' true)"

# --- several lines of /etc/subuid, by name and by number
ranges /etc/subuid "$first:1000" "uid:$((first + 2000)):1000" "$first:1000"
check_equal "no maps: all that several lines grant, each id once" "0 $alice 1 1 $first 1000 1001 $((first + 2000)) 1000" \
	"$(in_container . 'echo $(cat /proc/self/uid_map)')"
check_equal "...and a user of the second one" 1500 "$(in_container '.process.user.uid = 1500' 'id -u')"
check_equal "maps of both lines" "0 $((first + 2500)) 10 10 $((first + 500)) 10" \
	"$(in_container "$range | .linux.uidMappings = [{containerID: 0, hostID: ($first + 2500), size: 10}, {containerID: 10, hostID: ($first + 500), size: 10}]" \
		'echo $(cat /proc/self/uid_map)')"
refuse "a map between the lines" "host uids $((first + 2990))-$((first + 3009)) cannot be mapped: .* only $first-$((first + 999)), $((first + 2000))-$((first + 2999))" \
	"$range | .linux.uidMappings[1] |= (.hostID = $first + 2990 | .size = 20)"
ranges /etc/subuid "$first:65536"

# --- the helpers
mkdir "$WORK/bin"
check_match "no newuidmap" 'newuidmap, .* is not in PATH: install it \(Debian: uidmap' \
	"$(dir=$(bundle nohelper "$range") && TEST_PATH=$WORK/bin as_test_user "$WORK/runtime" run -b "$dir" "$PREFIX-nohelper" 2>&1 </dev/null)"
install -m 0755 "$(command -v newuidmap)" "$(command -v newgidmap)" "$WORK/bin/"
check_match "newuidmap without its privilege" 'newuidmap is not set-user-ID root.*chmod u\+s' \
	"$(dir=$(bundle nohelper "$range") && TEST_PATH=$WORK/bin as_test_user "$WORK/runtime" run -b "$dir" "$PREFIX-nohelper" 2>&1 </dev/null)"
check_match "no_new_privs" 'newuidmap got no privilege, since no_new_privs is set' \
	"$(dir=$(bundle nohelper "$range") && as_test_user setpriv --no-new-privs "$WORK/runtime" run -b "$dir" "$PREFIX-nohelper" 2>&1 </dev/null)"
# with_helper SCRIPT: newuidmap is this shell script; $real is the true one.
real=$(command -v newuidmap)
with_helper()
{
	install -d -o "$TEST_USER" "$WORK/helper"
	printf '#!/bin/sh\nreal=%s left=%s\n%s\n' "$real" "$WORK/helper/left" "$1" >"$WORK/helper/newuidmap"
	chmod 0755 "$WORK/helper/newuidmap"
	ln -sf "$(command -v newgidmap)" "$WORK/helper/newgidmap"
	TEST_PATH=$WORK/helper:$PATH in_container "$range" 'echo ran'
}
check_match "a helper that does not end is killed" 'helper/newuidmap did not end within [0-9]+ seconds, and was killed: waiting' \
	"$(with_helper 'echo waiting >&2; echo $$ >"$left"; exec sleep 1000')"
check_refused "...it is gone" kill -0 "$(cat "$WORK/helper/left")"
out=$(with_helper 'echo no entry >&2; head -c 1000000 /dev/zero | tr "\0" x >&2; exit 3')
check_match "a helper's words are in the error" 'newuidmap .*: no entry( |")' "$out"
check_equal "...in one line" 1 "$(wc -l <<<"$out")"
check_match "a helper that is killed" 'newuidmap (is not set-user-ID|was killed by signal 11)' "$(with_helper 'kill -SEGV $$')"
check_equal "what a helper leaves running is not waited for" ran \
	"$(with_helper 'sleep 1000 & echo $! >"$left"; exec "$real" "$@"')"
kill "$(cat "$WORK/helper/left")"
check_equal "a helper does not read the container's input" "in" "$(dir=$(bundle input "$range | .process.args = [\"cat\"]") &&
	with_helper 'cat; exec "$real" "$@"' >/dev/null; echo in | TEST_PATH=$WORK/helper:$PATH as_test_user "$WORK/runtime" run -b "$dir" "$PREFIX-input" 2>&1)"
check_equal "SIGCHLD ignored by the caller" ran \
	"$(trap '' CHLD; dir=$(bundle ignored "$range | .process.args = [\"echo\", \"ran\"]") && silo run -b "$dir" "$PREFIX-ignored")"

# The sysctl is of the user namespace: set in one of the user's own.
check_match "user namespaces are disabled" 'user namespaces are disabled here \(user.max_user_namespaces is 0\): .sysctl -w user.max_user_namespaces=' \
	"$(dir=$(bundle disabled "$single | .linux.uidMappings[0].hostID = 0 | .linux.gidMappings[0].hostID = 0")
	as_test_user unshare --map-root-user --mount sh -c "echo 0 >/proc/sys/user/max_user_namespaces &&
		'$WORK/runtime' --root '$WORK/alice/run/nested' run -b '$dir' '$PREFIX-disabled'" 2>&1 </dev/null)"
# Ubuntu's: it is enough that it is found, and user namespaces fail.
check_match "user namespaces are forbidden to users by AppArmor" '.sysctl -w kernel.apparmor_restrict_unprivileged_userns=0. as root allows them; .*contrib/apparmor/silo ' \
	"$(dir=$(bundle disabled "$single | .linux.uidMappings[0].hostID = 0 | .linux.gidMappings[0].hostID = 0")
	as_test_user unshare --map-root-user --mount sh -c "echo 0 >/proc/sys/user/max_user_namespaces &&
		mount -t tmpfs tmpfs /proc/sys/user && mount -t tmpfs tmpfs /proc/sys/kernel &&
		echo 1 >/proc/sys/kernel/apparmor_restrict_unprivileged_userns &&
		'$WORK/runtime' --root '$WORK/alice/run/nested' run -b '$dir' '$PREFIX-disabled'" 2>&1 </dev/null)"
# Debian's sysctl is of the whole machine.
knob=/proc/sys/kernel/unprivileged_userns_clone
if [ -n "${SILO_TEST_MACHINE:-}" ] && [ -e $knob ]; then
	was=$(cat $knob)
	echo 0 >$knob
	refuse "user namespaces are disabled for users" '.sysctl -w kernel.unprivileged_userns_clone=1' "$single"
	echo "$was" >$knob
else
	skip "user namespaces are disabled for users" "it would be so for the whole machine, or there is no such sysctl"
fi
check_match "a limit without a cgroup" '/linux/resources/pids/limit .*the limits need a cgroup that user [0-9]+ may make.*take the limits out' \
	"$(in_container '.linux.resources.pids.limit = 100' true)"
check_match "a limit without a cgroup, v2 alone: systemd-run" '.systemd-run --user --scope --property=Delegate=yes' "$(
	export -f silo as_test_user in_container bundle
	unshare --mount --propagation private bash -c 'umount -R /sys/fs/cgroup && mount -t cgroup2 -o "${0:-rw}" cgroup2 /sys/fs/cgroup && exec "$@"' "$(v2_options)" \
		setpriv --reuid "$TEST_UID" --regid "$TEST_UID" --clear-groups env -i PATH="$PATH" XDG_RUNTIME_DIR="$TEST_RUNTIME_DIR" \
		"$WORK/runtime" run -b "$(bundle limit '.linux.resources.unified = {"cgroup.max.depth": "3"}')" "$PREFIX-limit" 2>&1 </dev/null)"

# --- where state is kept
sleeper=$(bundle sleeper '.process.args = ["sleep", "1000"]')
id=$PREFIX-a
silo run -d -b "$sleeper" "$id" >/dev/null
check "state is below XDG_RUNTIME_DIR" test -f "$TEST_RUNTIME_DIR/silo/$id/state.json"
check_equal "list shows the user" "$id $TEST_USER" "$(silo list -f json | jq -r '.[] | "\(.id) \(.owner)"')"
silo delete --force "$id"
# no_runtime_dir ARG...: without XDG_RUNTIME_DIR.
no_runtime_dir()
{
	as_test_user env -u XDG_RUNTIME_DIR "$WORK/runtime" "$@" 2>&1 </dev/null
}
fallback=/tmp/silo-$alice
if [ ! -e "/run/user/$alice" ]; then
	no_runtime_dir create -b "$sleeper" "$id" >/dev/null
	check_equal "without XDG_RUNTIME_DIR: a directory of the user's own" "$alice 711" "$(stat -c '%u %a' "$fallback")"
	check_equal "...is found again" "$id" "$(no_runtime_dir list -q)"
	no_runtime_dir delete --force "$id"
	rmdir "$fallback"
	install -d -o "$bob" "$fallback"
	check_match "...that somebody else made is refused" "belongs to user $bob, not $alice" "$(no_runtime_dir create -b "$sleeper" "$id")"
	rmdir "$fallback" && ln -s "$TEST_RUNTIME_DIR" "$fallback" && chown -h "$bob" "$fallback"
	check_match "...a link is refused" "is a symbolic link" "$(no_runtime_dir create -b "$sleeper" "$id")"
	check_match "...by list, too" "is a symbolic link" "$(no_runtime_dir list)"
	rm "$fallback"
fi
given=$WORK/alice/run/given
check_equal "with --root none is needed" "$id" \
	"$(no_runtime_dir --root "$given" run -d -b "$sleeper" "$id" >/dev/null; no_runtime_dir --root "$given" list -q)"
check "...nor made" test ! -e "$fallback"
no_runtime_dir --root "$given" delete --force "$id"
install -d -o "$alice" -m 0777 "$WORK/open"
check_match "--root that everyone can write to is refused" "can be written to by everyone" "$(silo --root "$WORK/open" create -b "$sleeper" "$id")"

# Processes of two containers of one user do not see each other, either.
check_equal "processes of another container are not in sight" "1 2" \
	"$(in_container . 'ps -o pid | sed 1d | xargs | cut -d " " -f 1-2')"

# --- joined namespaces
as_test_user unshare --map-root-user --net --uts --ipc --kill-child --fork sleep 1000 </dev/null >/dev/null 2>&1 &
unshare_pid=$!
holder()
{
	# The shell that runs the function, unshare, and then it.
	holder=$(pgrep -x sleep -P "$(pgrep -P "$unshare_pid")")
}
wait_until 10 holder
join=".linux.namespaces |= map(select(.type == \"mount\" or .type == \"pid\")) | del(.hostname) |
	.mounts |= map(if .destination == \"/dev/pts\" then .options |= map(select(. != \"gid=5\")) else . end) |
	.linux.namespaces += [(\"user\", \"network:net\", \"uts\", \"ipc\") | split(\":\") |
		{type: .[0], path: \"/proc/$holder/ns/\(.[-1])\"}]"
check_equal "namespaces are joined with the user namespace that owns them" \
	"$(for ns in user net uts ipc; do readlink "/proc/$holder/ns/$ns"; done | xargs)" \
	"$(in_container "$join" 'for ns in user net uts ipc; do readlink /proc/self/ns/$ns; done | xargs')"
check_equal "...with an oom score" 500 "$(in_container "$join | .process.oomScoreAdj = 500" 'cat /proc/self/oom_score_adj')"
# Its maps are in no config.
silo run -d -b "$(bundle joined "$join | .process.args = [\"sleep\", \"1000\"]")" "$PREFIX-joined" >/dev/null
check_equal "exec into a joined user namespace" 0 "$(silo exec "$PREFIX-joined" id -u)"
check_match "...as a user that it does not map" "uid 5 is not mapped into the container's user namespace: the uids there are 0-0" \
	"$(silo exec -u 5 "$PREFIX-joined" id -u)"
check_match "...with a group that it does not map" "gid 6 is not mapped into the container's user namespace: the gids there are 0-0" \
	"$(silo exec -u 0:6 "$PREFIX-joined" id -u)"
check_match "...with groups, which are denied there" 'additionalGids are not set: setgroups' \
	"$(silo exec --additional-gids 0 "$PREFIX-joined" true)"
silo delete --force "$PREFIX-joined"
kill -KILL "$holder"
wait "$unshare_pid" 2>/dev/null
# What /etc/subuid granted at create counts, not what it grants now.
ranges /etc/subuid "$first:1000" "$((first + 2000)):1000"
silo run -d -b "$sleeper" "$id" >/dev/null
ranges /etc/subuid "$first:65536"
check_equal "exec as a user of the map made at create" 1500 "$(silo exec -u 1500 "$id" id -u)"
check_match "...as one that it lacks" "uid 2001 is not mapped into the container's user namespace: the uids there are 0-0, 1-1000, 1001-2000" \
	"$(silo exec -u 2001 "$id" id -u)"
silo delete --force "$id"

# --- root of a user namespace, as Podman runs it
nested()
{
	as_test_user unshare --map-root-user --map-auto --mount "$@" 2>&1 </dev/null
}
check_equal "root of a user namespace: its ids, no other user namespace" "$(nested cat /proc/self/uid_map | xargs)" \
	"$(nested "$WORK/runtime" run -b "$(bundle inner '.process.args = ["sh", "-c", "echo $(cat /proc/self/uid_map)"]')" "$PREFIX-inner")"
check_equal "...or a user namespace below it" "0 100 50" \
	"$(nested "$WORK/runtime" run -b "$(bundle inner '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [
		{containerID: 0, hostID: 100, size: 50}] | .linux.gidMappings = .linux.uidMappings |
		.process.args = ["sh", "-c", "echo $(cat /proc/self/uid_map)"]')" "$PREFIX-inner")"
check_match "...with ids that are not in it" "reaches beyond the user namespace that the runtime itself is in" \
	"$(nested "$WORK/runtime" run -b "$(bundle inner '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [
		{containerID: 0, hostID: 100000, size: 50}] | .linux.gidMappings = .linux.uidMappings')" "$PREFIX-inner")"
check_equal "...without a mount namespace of its own" 0 \
	"$(as_test_user unshare --map-root-user --map-auto "$WORK/runtime" run -b "$(bundle inner '.process.args = ["id", "-u"]')" "$PREFIX-inner" 2>&1 </dev/null)"

# --- id-mapped mounts
idmap()
{
	echo ".mounts += [{destination: \"/mnt\", type: \"bind\", source: \"$1\", options: [\"$2\"],
		uidMappings: [{containerID: 0, hostID: 7, size: 10}], gidMappings: [{containerID: 0, hostID: 8, size: 10}]}]"
}
install -d -o "$alice" "$WORK/alice/tree"
check_match "idmap without root: of a file system of the host" \
	"id-map $WORK/alice/tree: the file system there \($(stat -f -c %T "$WORK" | sed 's/ext2.*/ext[234]/;s/overlayfs/overlay/')\) was mounted by the host's root" \
	"$(in_container "$(idmap "$WORK/alice/tree" rbind)" true)"
check_equal "idmap without root: of a file system of the user namespace" "7:8" \
	"$(nested sh -c "mount -t tmpfs tmpfs '$WORK/alice/tree' && echo x >'$WORK/alice/tree/f' &&
		'$WORK/runtime' run -b '$(bundle inner "$(idmap "$WORK/alice/tree" idmap) | .process.args = [\"stat\", \"-c\", \"%u:%g\", \"/mnt/f\"]")' '$PREFIX-inner'")"
check_unchanged "nothing left" "$before"
suite_end
