#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# AppArmor profiles and SELinux labels, on machines that have the one or the other (tests/vm/run,
# VM_LSM=selinux tests/vm/run); what is said where they are missing.
. "$(dirname "$0")/../lib/harness.sh"
# shellcheck source=tests/lib/user.sh
. "$(dirname "$0")/../lib/user.sh"
suite_begin
id=$PREFIX-lsm
before=$(snapshot)
apparmor=false selinux=false
[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" != Y ] || apparmor=true
[ ! -e /sys/fs/selinux/enforce ] || selinux=true

# refused NAME FILTER REGEX
refused()
{
	local dir out status=0

	dir=$(bundle refused "$2")
	out=$(timeout 60 "$RUNTIME" --root "$STATE" create -b "$dir" "$id" 2>&1 </dev/null) || status=$?
	check_match "$1" "^1 .*$3" "$status $out"
	check_unchanged "GEN-10 ...nothing left" "$before"
}

# exec_file FILTER: exec with a process file made by FILTER.
exec_file()
{
	jq -n "{cwd: \"/\", env: [\"PATH=/bin\"]} | $1" >"$WORK/process.json"
	timeout 60 "$RUNTIME" --root "$STATE" exec --process "$WORK/process.json" "$id" 2>&1 </dev/null
}

if $apparmor && [ "$(id -u)" -eq 0 ] && command -v apparmor_parser >/dev/null && [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	profile=silo-test-$$
	apparmor_parser -r <<-PROFILE
		profile $profile flags=(attach_disconnected) {
			file,
			capability,
			deny /forbidden r,
		}
	PROFILE
	trap 'apparmor_parser -R <<<"profile $profile {}"; _suite_cleanup' EXIT
	echo secret >"$WORK/rootfs/forbidden"
	confined=".process.apparmorProfile = \"$profile\""
	for privileges in true false; do
		check_equal "PSL-02 AppArmor profile (noNewPrivileges $privileges)" "$profile (enforce)" \
			"$(run_in "$confined | .process.noNewPrivileges = $privileges" 'cat /proc/self/attr/current')"
	done
	check_match "PSL-02 AppArmor: what the profile denies" 'forbidden.*Permission denied' \
		"$(run_in "$confined" 'cat /forbidden')"
	check_equal "PSL-02 AppArmor: without a profile it is allowed" secret "$(run_in . 'cat /forbidden')"
	check_equal "PSL-02 AppArmor profile of another user" "$profile (enforce)" \
		"$(run_in "$confined | .process.user = {uid: 1000, gid: 1000}" 'cat /proc/self/attr/current')"
	dir=$(bundle confined "$confined | .process.args = [\"sleep\", \"1000\"]")
	runtime run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
	check_equal "PSL-02 AppArmor profile of exec" "$profile (enforce)" \
		"$(runtime exec "$id" cat /proc/self/attr/current 2>&1)"
	check_equal "PSL-02 AppArmor: exec by a file without a profile has the config's" "$profile (enforce)" \
		"$(exec_file '.args = ["cat", "/proc/self/attr/current"]')"
	check_match "PSL-02 AppArmor: what the profile denies to exec" 'forbidden.*Permission denied' \
		"$(exec_file '.args = ["cat", "/forbidden"]')"
	check_match "PSL-02 AppArmor: exec --apparmor of one that is not loaded" 'no-such-profile' \
		"$(runtime exec --apparmor no-such-profile "$id" true 2>&1 </dev/null)"
	runtime delete --force "$id"
	dir=$(bundle unconfined '.process.args = ["sleep", "1000"]')
	runtime run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
	check_equal "PSL-02 AppArmor: exec --apparmor" "$profile (enforce)" \
		"$(runtime exec --apparmor "$profile" "$id" cat /proc/self/attr/current 2>&1 </dev/null)"
	check_equal "PSL-02 AppArmor: exec by a file with a profile" "$profile (enforce)" \
		"$(exec_file ".args = [\"cat\", \"/proc/self/attr/current\"] | .apparmorProfile = \"$profile\"")"
	runtime delete --force "$id"
	dir=$(bundle confined "$confined | .process.args = [\"sleep\", \"1000\"]")
	runtime run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
	# The profile lets no signal in; cgroup v2 can kill all the same.
	check "PSL-02 AppArmor: delete --force, though the profile keeps signals out" runtime delete --force "$id"
	if id tester >/dev/null 2>&1; then
		mkdir "$WORK/user"
		install -m 0755 "$RUNTIME" "$WORK/runtime"
		(SILO_TEST_USER=tester test_user_make "$WORK/user"
			as_test_user "$WORK/runtime" --root "$WORK/user/home/state" run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
			as_test_user "$WORK/runtime" --root "$WORK/user/home/state" exec "$id" cat /proc/self/attr/current >"$WORK/current" 2>&1 </dev/null
			as_test_user "$WORK/runtime" --root "$WORK/user/home/state" delete --force "$id")
		check_equal "PSL-02 AppArmor profile of an ordinary user's exec" "$profile (enforce)" "$(cat "$WORK/log" "$WORK/current")"
	else
		skip "PSL-02 AppArmor profile of an ordinary user's exec" 'no user tester on this host'
	fi
	refused "PSL-02 AppArmor profile that is not loaded" '.process.apparmorProfile = "no-such-profile"' 'no-such-profile'
else
	skip "PSL-02 AppArmor profile" "needs AppArmor, root to load a profile, apparmor_parser, and cgroup v2 to end what keeps signals out"
fi
if ! $apparmor || ! $selinux; then
	dir=$(bundle plain '.process.args = ["sleep", "1000"]')
	runtime run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
	$apparmor || check_match "PSL-02 exec --apparmor without AppArmor" 'AppArmor is not enabled' \
		"$(runtime exec --apparmor any "$id" true 2>&1 </dev/null)"
	$selinux || check_match "PSL-03 exec --process-label without SELinux" 'SELinux is not enabled' \
		"$(runtime exec --process-label a:b:c:s0 "$id" true 2>&1 </dev/null)"
	runtime delete --force "$id"
fi
$apparmor || refused "PSL-02 a profile without AppArmor" '.process.apparmorProfile = "any"' 'AppArmor is not enabled'

if $selinux; then
	process=$(tr -d '\0' </proc/self/attr/current)
	label="${process%:s0*}:s0:c1,c2"
	object=system_u:object_r:tmp_t:s0:c1,c2
	labelled=".process.selinuxLabel = \"$label\" | .linux.mountLabel = \"$object\""
	check_equal "PSL-03 SELinux label of the process" "$label" \
		"$(run_in "$labelled" 'cat /proc/self/attr/current' | tr -d '\0')"
	check_equal "PSL-03 SELinux label without no_new_privs" "$label" \
		"$(run_in "$labelled | .process.noNewPrivileges = false" 'cat /proc/self/attr/current' | tr -d '\0')"
	# A tmpfs, a devpts, a tmpfs made by mount(2) for an option that fsconfig(2) does not take; not procfs.
	out=$(run_in "$labelled"' | .mounts += [{destination: "/mnt", type: "tmpfs", source: "tmpfs"},
		{destination: "/opt", type: "tmpfs", source: "tmpfs", options: ["iversion", "mode=700"]},
		{destination: "/srv", type: "tmpfs", source: "tmpfs",
			options: ["context=\"system_u:object_r:tmp_t:s0:c3\""]}] |
		.linux.maskedPaths += ["/home"]' 'cat /proc/self/mountinfo')
	for path in /dev /dev/pts /dev/shm /mnt /opt /home; do
		check_match "MSK-04 mountLabel on $path" " $path .*context=\"?$object" "$out"
	done
	check_match "MSK-04 a mount's own context counts" ' /srv .*context="?system_u:object_r:tmp_t:s0:c3' "$out"
	check_equal "MSK-04 not on proc and sysfs" "" "$(grep -E ' /(proc|sys) ' <<<"$out" | grep context=)"
	for type in fscontext rootcontext; do
		out=$(run_in ".linux.mountLabel = \"system_u:object_r:tmpfs_t:s0\" | .annotations = {
			\"run.oci.mount_context_type\": \"$type\"} | .mounts += [
			{destination: \"/mnt\", type: \"tmpfs\", source: \"tmpfs\"}]" 'cat /proc/self/mountinfo')
		check_match "ANN run.oci.mount_context_type $type" " /mnt .*$type=\"?system_u:object_r:tmpfs_t" "$out"
	done
	# The kernel takes it for file systems with labels of their own only, and says so (security/selinux/hooks.c).
	refused "ANN run.oci.mount_context_type defcontext" '.linux.mountLabel = "system_u:object_r:tmpfs_t:s0" |
		.annotations = {"run.oci.mount_context_type": "defcontext"}' 'make a file system of type tmpfs'
	if command -v python3 >/dev/null; then
		dir=$(bundle mqueue "$labelled | .process.args = [\"sleep\", \"1000\"]")
		runtime run -d --pid-file "$WORK/pid" -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
		for path in dev/mqueue dev/null dev/shm; do
			check_equal "MSK-04 label of /$path" "$object" "$(python3 -c \
				'import os, sys; print(os.getxattr(sys.argv[1], "security.selinux").decode().rstrip("\0"))' \
				"/proc/$(cat "$WORK/pid")/root/$path")"
		done
		runtime delete --force "$id"
	else
		skip "MSK-04 label of /dev/mqueue" "there is no python3 here"
	fi
	dir=$(bundle labelled "$labelled | .process.args = [\"sleep\", \"1000\"]")
	runtime run -d -b "$dir" "$id" >"$WORK/log" 2>&1 </dev/null
	check_equal "PSL-03 SELinux label of exec" "$label" \
		"$(runtime exec "$id" cat /proc/self/attr/current 2>&1 | tr -d '\0')"
	check_equal "PSL-03 SELinux: exec by a file without a label has the config's" "$label" \
		"$(exec_file '.args = ["cat", "/proc/self/attr/current"]' | tr -d '\0')"
	other="${process%:s0*}:s0:c3"
	check_equal "PSL-03 SELinux: exec --process-label" "$other" \
		"$(runtime exec --process-label "$other" "$id" cat /proc/self/attr/current 2>&1 </dev/null | tr -d '\0')"
	check_equal "PSL-03 SELinux: exec by a file with a label" "$other" \
		"$(exec_file ".args = [\"cat\", \"/proc/self/attr/current\"] | .selinuxLabel = \"$other\"" | tr -d '\0')"
	check_match "PSL-03 SELinux: exec --process-label that the policy does not know" 'no:such:label' \
		"$(runtime exec --process-label no:such:label:s0 "$id" true 2>&1 </dev/null)"
	runtime delete --force "$id"
	refused "PSL-03 a label that the policy does not know" '.process.selinuxLabel = "no:such:label:s0"' 'no:such:label'
	refused "MSK-04 a mount label that the policy does not know" '.linux.mountLabel = "no:such:label:s0"' 'no:such:label'
else
	skip "PSL-03 MSK-04 SELinux labels" "SELinux is not enabled here"
	refused "PSL-03 a label without SELinux" '.process.selinuxLabel = "a:b:c:s0"' 'SELinux is not enabled'
	refused "MSK-04 a mount label without SELinux" '.linux.mountLabel = "a:b:c:s0"' 'SELinux is not enabled'
fi
refused "ANN run.oci.mount_context_type" '.annotations = {"run.oci.mount_context_type": "nocontext"}' 'must be context'
check_unchanged "nothing left at the end" "$before"
suite_end
