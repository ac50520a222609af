#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What managers (go-runc, conmon, the shims) and service managers rely on besides the commands themselves.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)
id=$PREFIX-a

sleeper=$(bundle sleeper '.process.args = ["sleep", "1000"]')

# start_with OPTION...: a sleeping container made with more options of run.
start_with()
{
	runtime run -d -b "$sleeper" "$@" "$id" >"$WORK/log" 2>&1 </dev/null || cat "$WORK/log"
}

inside()
{
	timeout 30 "$RUNTIME" --root "$STATE" exec "$id" sh -c "$1" 2>&1 </dev/null
}

# --- --no-pivot
start_with --no-pivot
check_equal "--no-pivot: the container's root" "$(ls "$WORK/rootfs" | xargs)" "$(inside 'ls /' | xargs)"
check_equal "--no-pivot: .. of it is itself" "$(ls "$WORK/rootfs" | xargs)" "$(inside 'cd /; cd ..; cd ../..; ls' | xargs)"
check_equal "--no-pivot: the host's mounts are not in sight" "" "$(inside 'grep -E " /(work|home|usr) " /proc/self/mountinfo')"
runtime delete --force "$id"
escape=$(bundle escape '.process.args = ["sh", "-c", $cmd] | .process.capabilities |= map_values(. + ["CAP_SYS_CHROOT"])' \
	--arg cmd 'mkdir -p /tmp/sub; chroot /tmp/sub /../bin/true 2>/dev/null; cd ../../../..; ls -d work home/user 2>/dev/null; exit 0')
check_equal "--no-pivot: chroot does not lead out" "" "$(runtime run --no-pivot -b "$escape" "$id" 2>&1 </dev/null)"
# In a user namespace below, the kernel mounts no procfs that shows more than those in sight do (mount_namespaces(7)).
nested=$(bundle nested '.linux.maskedPaths = ["/proc/uptime"] | .process.capabilities |= map_values(. + ["CAP_SETFCAP"]) | .process.args = ["unshare", "-Urmpf", "sh", "-c", $cmd]' \
	--arg cmd 'mount -t proc proc /mnt 2>&1')
check_match "--no-pivot: the host's procfs is not in sight" "denied|not permitted" \
	"$(runtime run --no-pivot -b "$nested" "$id" 2>&1 </dev/null)"
check_unchanged "--no-pivot leaves nothing" "$before"
suite_end
