#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Mounts as a way out: what is mounted below a volume, on either side, what a link at a source or at a destination
# leads to, and what the host's own tree brings along where it has to be bound.
. "$(dirname "$0")/lib.sh"
security_begin
cp -a "$WORK/rootfs" "$WORK/rootfs-user" && chown -hR 100000:100000 "$WORK/rootfs-user"
userns=".root.path = \"$WORK/rootfs-user\" | .linux.namespaces += [{type: \"user\"}] |
	.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings"
maps='{uidMappings: [{containerID: 0, hostID: 0, size: 65536}], gidMappings: [{containerID: 0, hostID: 0, size: 65536}]}'
may_mount='.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"] | unique) | del(.linux.seccomp)'

# volume [OPTION]: an entry of mounts; the host's directory is on /mnt.
volume()
{
	echo "{destination: \"/mnt\", type: \"bind\", source: \"$WORK/volume\", options: ([\"rbind\"] + [\"${1:-}\" | select(. != \"\")])}"
}

# begin FILTER: a container that waits. mount_inside, mount_outside: below the volume, which the host shares.
begin()
{
	bundle waiting "$may_mount | $1 | .process.args = [\"sleep\", \"1000\"]" >/dev/null
	timeout 30 "$RUNTIME" --root "$STATE" run -d -b "$WORK/waiting" "$PREFIX-waiting" >"$WORK/log" 2>&1 </dev/null
	pid=$(runtime state "$PREFIX-waiting" 2>/dev/null | jq .pid)
}

end()
{
	runtime delete --force "$PREFIX-waiting" >/dev/null 2>&1
	umount "$WORK"/volume/{inside,outside} 2>/dev/null
}

# crosses: mounts below the volume, on each side. in: the container gets what is mounted outside, out: the host gets what
# is mounted inside.
crosses()
{
	mount -t tmpfs tmpfs "$WORK/volume/outside"
	timeout 30 "$RUNTIME" --root "$STATE" exec "$PREFIX-waiting" mount -t tmpfs tmpfs /mnt/inside >"$WORK/log" 2>&1 </dev/null ||
		echo "not mounted: $(cat "$WORK/log")"
	grep -q " /mnt/inside " "/proc/$pid/mountinfo" || echo "not there"
	! grep -q " /mnt/outside " "/proc/$pid/mountinfo" || echo in
	! grep -q " $WORK/volume/inside " /proc/self/mountinfo || echo out
}

# check_crosses HOW OPTION: rprivate keeps both sides apart; else the host's mounts arrive, as by the kernel's own copy.
check_crosses()
{
	local out expected=in

	if [ -z "$pid" ]; then
		skip "a shared volume, $1, ${2:-no option}: what is mounted inside is not on the host" "this $KIND does not make it"
		return
	fi
	out=$(crosses)
	[ "$2" != rprivate ] || expected=
	check_equal "a shared volume, $1, ${2:-no option}: what is mounted inside is not on the host" "" "$(grep -vx in <<<"$out")"
	if [ "$KIND" = crun ]; then
		skip "...and what is mounted outside arrives, but with rprivate" "crun makes all of the host's mounts private first"
	else
		check_equal "...and what is mounted outside arrives, but with rprivate" "$expected" "$(grep -vx out <<<"$out")"
	fi
}

mkdir -p "$WORK/volume"
mount -t tmpfs tmpfs "$WORK/volume" && mount --make-shared "$WORK/volume"
mkdir "$WORK"/volume/{inside,outside} && chmod -R 0777 "$WORK/volume"
for option in "" rprivate rslave rshared; do
	begin ".mounts += [$(volume "$option")]"
	check_crosses "with the host's ids" "$option"
	end
	begin "$userns | .mounts += [$(volume "$option")]"
	check_crosses "in a user namespace" "$option"
	end
	begin ".mounts += [$(volume "$option") + $maps]"
	check_crosses "id-mapped" "$option"
	end
	has mounts || continue
	jq -n "[$(volume "$option")]" >"$WORK/mounts.json"
	for filter in . "$userns"; do
		begin "$filter"
		runtime mounts add "$PREFIX-waiting" "$WORK/mounts.json" >"$WORK/log" 2>&1 || pid=
		check_crosses "added later$([ "$filter" = . ] || echo ", in a user namespace")" "$option"
		end
	done
done
umount "$WORK/volume"

# The kernel locks what it copies for another user namespace: the host's read-only mount stays so, what it hides stays hidden.
changes='grep -q " /mnt/sub ro[, ]" /proc/self/mountinfo && echo there; mount -o remount,bind,rw /mnt/sub 2>/dev/null
	echo x >/mnt/sub/new; umount /mnt/sub 2>/dev/null; cat /mnt/sub/below'
mount -t tmpfs tmpfs "$WORK/volume" && mkdir "$WORK/volume/sub" && echo secret >"$WORK/volume/sub/below"
mount -t tmpfs -o mode=0777 tmpfs "$WORK/volume/sub" && mkdir "$WORK/volume/sub/dir" && mount -o remount,bind,ro "$WORK/volume/sub"
# check_locked HOW: $out is what came of the changes.
check_locked()
{
	check_equal "control: the host's read-only mount below a volume is there, $1" there "$(grep '^there$' <<<"$out")"
	check_equal "...it cannot be made writable" "dir" "$(ls "$WORK/volume/sub")"
	check_equal "...nor be taken off" "" "$(grep secret <<<"$out")"
}

for option in "" rprivate ridmap; do
	attempt "$userns | $may_mount | .mounts += [$(volume "$option")]" "$changes"
	check_locked "${option:-no option}"
done
if has mounts; then
	begin "$userns"
	jq -n "[$(volume)]" >"$WORK/mounts.json"
	runtime mounts add "$PREFIX-waiting" "$WORK/mounts.json" >"$WORK/log" 2>&1
	out=$(runtime exec "$PREFIX-waiting" sh -c "$changes" 2>&1)
	check_locked "added later"
	jq -n '[{destination: "/mnt/sub"}]' >"$WORK/mounts.json"
	check_refused "...nor by mounts remove" runtime mounts remove "$PREFIX-waiting" "$WORK/mounts.json"
	jq -n '[{destination: "/mnt"}]' >"$WORK/mounts.json"
	runtime mounts remove "$PREFIX-waiting" "$WORK/mounts.json" >"$WORK/log" 2>&1
	check_equal "...but with the volume" "0 " "$? $(cat "$WORK/log")"
	end
fi
# The volume is the read-only mount itself; then with a mount below that the volume leaves out.
remount='grep -q " /mnt ro[, ]" /proc/self/mountinfo && echo there; mount -o remount,bind,rw /mnt; echo x >/mnt/new'
itself="$(volume) + {source: \"$WORK/volume/sub\", options: [\"bind\"]}"
check_itself()
{
	check_equal "control: the host's read-only mount is there, $1" there "$(grep '^there$' <<<"$out")"
	check_equal "...it cannot be made writable" "dir" "$(ls "$WORK/volume/sub")"
}
for below in alone "with a mount below, left out"; do
	[ "$below" = alone ] || mount -t tmpfs tmpfs "$WORK/volume/sub/dir"
	attempt "$userns | $may_mount | .mounts += [$itself]" "$remount"
	check_itself "$below"
	has mounts || continue
	begin "$userns"
	jq -n "[$itself]" >"$WORK/mounts.json"
	runtime mounts add "$PREFIX-waiting" "$WORK/mounts.json" >"$WORK/log" 2>&1
	out=$(runtime exec "$PREFIX-waiting" sh -c "$remount" 2>&1)
	check_itself "$below, added later"
	end
done
umount "$WORK/volume/sub/dir"
mkdir -p "$WORK/rootfs-user/mnt" && mount --rbind "$WORK/volume" "$WORK/rootfs-user/mnt"
attempt "$userns | $may_mount" "$changes"
check_locked "in the root file system"
umount -R "$WORK/rootfs-user/mnt"
umount -R "$WORK/volume"

# The symbolic link is the source. /file is no directory, as a link is none.
ln -s victim/file "$WORK/source"
not_followed="{destination: \"/file\", type: \"bind\", source: \"$WORK/source\", options: [\"bind\", \"src-nofollow\"]}"
for filter in "with the host's ids|.mounts += [$not_followed]" "in a user namespace|$userns | .mounts += [$not_followed]" \
	"id-mapped|.mounts += [$not_followed + $maps]"; do
	name="CVE-2024-1753 CVE-2024-9676 CVE-2024-42472: src-nofollow does not follow the source, ${filter%%|*}"
	attempt "${filter#*|}" "cat /file"
	if ! grep -q src-nofollow "$REAL"; then
		skip "$name" "this $KIND has no such option"
	else
		check_equal "$name" "" "$(grep secret <<<"$out")"
	fi
done

# Links that a container makes, in the way of what its caller does later. ro: what keeps /proc/sys read-only is there.
ro()
{
	runtime exec "$PREFIX-waiting" sh -c 'grep -q " /proc/sys ro," /proc/self/mountinfo && echo ro'
}

if has mounts; then
	for filter in "with the host's ids|." "in a user namespace|$userns"; do
		begin "${filter#*|}"
		name=${filter%%|*}
		jq -n "[$not_followed]" >"$WORK/mounts.json"
		runtime mounts add "$PREFIX-waiting" "$WORK/mounts.json" >"$WORK/log" 2>&1
		check_equal "CVE-2024-1753 CVE-2024-9676 CVE-2024-42472: src-nofollow does not follow the source, added later, $name" "" \
			"$(runtime exec "$PREFIX-waiting" cat /file 2>&1 | grep secret)"
		check_equal "control: /proc/sys is read-only, $name" ro "$(ro)"
		runtime exec "$PREFIX-waiting" sh -c 'mkdir /tmp/dir && ln -s /proc/sys /tmp/link && ln -s /proc /tmp/dir/links'
		for path in /tmp/link /tmp/dir/links/sys; do
			jq -n --arg path "$path" '[{destination: $path}]' >"$WORK/mounts.json"
			check_refused "mounts remove ${path#/tmp/}, a link of the container's: refused, $name" \
				runtime mounts remove "$PREFIX-waiting" "$WORK/mounts.json"
			check_equal "...and /proc/sys stays read-only" ro "$(ro)"
			jq -n --arg path "$path" '[{destination: $path, options: ["remount", "bind", "rw"]}]' >"$WORK/mounts.json"
			check_refused "mounts add remounts ${path#/tmp/}, a link of the container's: refused, $name" \
				runtime mounts add "$PREFIX-waiting" "$WORK/mounts.json"
			check_equal "...and /proc/sys stays read-only" ro "$(ro)"
		done
		runtime exec "$PREFIX-waiting" rm -r /tmp/dir /tmp/link
		end
	done
fi
evil_root evil volume /sys >/dev/null
attempt ".root.path = \"$WORK/evil\" | .mounts += [{destination: \"/volume\", options: [\"remount\", \"bind\", \"rw\"]}]" \
	'grep " /sys " /proc/self/mountinfo'
check_equal "a remount through a link of the image does not reach what is mounted there" "" "$(grep ' /sys rw' <<<"$out")"
check_no_run "...it is refused"

# Where no sysfs may be mounted, the host's is bound, with all that is mounted below it.
shown="$userns | del(.linux.namespaces[] | select(.type == \"network\")) | del(.mounts[] | select(.type == \"cgroup\"))"
attempt "$shown" "awk '\$5 ~ \"^/sys\" { print \$5, \$6 }' /proc/self/mountinfo"
if ran; then
	check_match "control: the host's /sys is there" '^/sys ' "$out"
	check_equal "CVE-2023-25809: nothing below the host's /sys can be written to" "" "$(grep '^/sys' <<<"$out" | grep -v ' ro,')"
else
	skip "CVE-2023-25809: nothing below the host's /sys can be written to" "this $KIND does not bind it: $(tail -n 1 <<<"$out")"
fi
mkdir "$WORK/sysfs" && echo secret >"$WORK/sysfs/file"
attempt "$shown | .mounts += [{destination: \"$WORK/sysfs\", type: \"sysfs\", source: \"sysfs\", options: [\"ro\"]}]" "ls $WORK/sysfs"
check_equal "a sysfs elsewhere is not what the host has at that path" "" "$(grep '^file$' <<<"$out")"
suite_end
