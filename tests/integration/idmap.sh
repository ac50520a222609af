#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Id-mapped mounts (MNT-15 to MNT-22): on each file system that this kernel has and that can be made
# here, by what owner a file has inside, and what owner a new one gets outside.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
tree=$WORK/tree
mkdir "$tree"

# mapped SOURCE OPTION [MAPS]: an entry of mounts; 0 to 9 of the source are 7007 to 7016 inside.
mapped()
{
	local maps='{uidMappings: [{containerID: 0, hostID: 7007, size: 10}], gidMappings: [{containerID: 0, hostID: 8008, size: 10}]}'

	[ $# -lt 3 ] || maps=$3
	echo "{destination: \"/mnt\", type: \"bind\", source: \"$1\", options: [\"bind\", \"$2\"]} + ($maps)"
}

inside()
{
	run_in ".mounts += [$1]" "$2"
}

# fill DIR: a file of root and one of uid 3.
fill()
{
	echo x >"$1/zero" && echo x >"$1/three" && chown 3:4 "$1/three" && mkdir -p "$1/sub" && echo x >"$1/sub/zero"
}

# read_only NAME: file systems that are made complete.
read_only()
{
	[ "$1" = squashfs ] || [ "$1" = erofs ] || [ "$1" = overlay ]
}

# make NAME: mount a file system of this kind on $tree, filled; 2 if this machine cannot.
make_fs()
{
	local image=$WORK/image
	rm -f "$image"
	case $1 in
	tmpfs) mount -t tmpfs tmpfs "$tree" ;;
	overlay) mkdir -p "$WORK/lower" "$WORK/lower2" && mount -t overlay overlay -o "lowerdir=$WORK/lower:$WORK/lower2" "$tree" ;;
	ext4) truncate -s 32M "$image" && mkfs.ext4 -q "$image" && mount -o loop "$image" "$tree" ;;
	xfs) truncate -s 320M "$image" && mkfs.xfs -q "$image" && mount -o loop "$image" "$tree" ;;
	btrfs) truncate -s 128M "$image" && mkfs.btrfs -q "$image" && mount -o loop "$image" "$tree" ;;
	squashfs) mkdir -p "$WORK/content" && fill "$WORK/content" &&
		mksquashfs "$WORK/content" "$image" -quiet -no-progress && mount -o loop "$image" "$tree" ;;
	erofs) mkdir -p "$WORK/content" && fill "$WORK/content" && mkfs.erofs "$image" "$WORK/content" &&
		mount -o loop "$image" "$tree" ;;
	esac >"$WORK/log" 2>&1 || return 2
	read_only "$1" || fill "$tree"
}

unmount()
{
	umount -R "$tree" 2>/dev/null
}

before=$(snapshot)
for fs in tmpfs ext4 xfs btrfs squashfs erofs; do
	if ! make_fs "$fs"; then
		unmount
		skip "MNT-15 idmap on $fs" "this machine cannot make or mount one"
		continue
	fi
	check_equal "MNT-15 MNT-17 idmap on $fs: owners" "7007:8008 7010:8012 7007:8008" \
		"$(inside "$(mapped "$tree" idmap)" 'cd /mnt; echo $(stat -c %u:%g zero three sub/zero)')"
	if ! read_only "$fs"; then
		out=$(run_in ".mounts += [$(mapped "$tree" idmap)] | .process.user = {uid: 7009, gid: 8010}" 'touch /mnt/sub/made 2>&1; echo $?')
		check_match "idmap on $fs: others' permissions hold" 'Permission denied' "$out"
		chmod 1777 "$tree/sub"
		run_in ".mounts += [$(mapped "$tree" idmap)] | .process.user = {uid: 7009, gid: 8010}" 'touch /mnt/sub/made' >/dev/null
		check_equal "idmap on $fs: a new file belongs to the mapped owner" 2:2 "$(stat -c %u:%g "$tree/sub/made" 2>&1)"
		check_match "idmap on $fs: who is not mapped cannot make files" 'Value too large' \
			"$(inside "$(mapped "$tree" idmap)" 'touch /mnt/sub/by-root 2>&1')"
	fi
	check_equal "idmap on $fs: the source itself is as before" "0:0 3:4" \
		"$(cd "$tree" && stat -c %u:%g zero three | xargs)"
	unmount
done

# Trees
make_fs tmpfs
mkdir -p "$tree/below" && mount -t tmpfs tmpfs "$tree/below" && echo x >"$tree/below/zero"
tree_of()
{
	inside "$(mapped "$tree" "$1") | .options[0] = \"rbind\"" 'cd /mnt; echo $(stat -c %u:%g zero below/zero)'
}
check_equal "MNT-15 idmap of a tree maps the mount at its top" "7007:8008 0:0" "$(tree_of idmap)"
check_equal "MNT-16 ridmap maps all of it" "7007:8008 7007:8008" "$(tree_of ridmap)"
check_equal "MNT-22 mappings without the option are taken as idmap" "7007:8008" \
	"$(inside "$(mapped "$tree" nosuid)" 'stat -c %u:%g /mnt/zero')"
check_equal "several ranges" "5000:5000 9003:9004" \
	"$(inside "$(mapped "$tree" idmap '{uidMappings: [{containerID: 0, hostID: 5000, size: 1}, {containerID: 1, hostID: 9001, size: 10}]}
		| .gidMappings = .uidMappings')" 'cd /mnt; echo $(stat -c %u:%g zero three)')"
user_namespace='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
	.linux.gidMappings = .linux.uidMappings'
cp -a "$WORK/rootfs" "$WORK/rootfs-user" && chown -hR 100000:100000 "$WORK/rootfs-user"
check_equal "MNT-18 without mappings, those of the user namespace" "0:0 3:4" \
	"$(run_in "$user_namespace | .root.path += \"-user\" | .mounts += [$(mapped "$tree" idmap '{}')]" 'cd /mnt; echo $(stat -c %u:%g zero three)')"
check_equal "...and without idmap the host's owner is nobody inside" "65534:65534" \
	"$(run_in "$user_namespace | .root.path += \"-user\" | .mounts += [$(mapped "$tree" nosuid '{}')]" 'stat -c %u:%g /mnt/zero')"
check_equal "mappings of the mount in a user namespace: to the host's ids" "7:7" \
	"$(run_in "$user_namespace | .root.path += \"-user\" | .mounts += [$(mapped "$tree" idmap '{uidMappings: [{containerID: 0, hostID: 100007, size: 1}]}
		| .gidMappings = .uidMappings')]" 'stat -c %u:%g /mnt/zero')"

# The maps in crun's option: "FIRST-HOST-SIZE", and with "@" HOST is an id of the container.
text='idmap=uids=0-7007-1#3-5010-10;gids=0-8008-10'
check_equal "maps in the option, several ranges" "7007:8008 5010:8012" \
	"$(inside "$(mapped "$tree" "$text" '{}')" 'cd /mnt; echo $(stat -c %u:%g zero three)')"
check_equal "...relative to the user namespace" "7:9 10:13" \
	"$(run_in "$user_namespace | .root.path += \"-user\" | .mounts += [$(mapped "$tree" 'idmap=gids=@0-9-10;uids=@0-7-10' '{}')]" \
		'cd /mnt; echo $(stat -c %u:%g zero three)')"
check_match "...not without one" 'option|no user namespace of its own' "$(inside "$(mapped "$tree" 'idmap=uids=@0-7-1;gids=@0-7-1' '{}')" true)"

# What is refused, and by what
check_match "MNT-19 idmap without any mappings" '/mounts/.*idmap on /mnt has no mappings' \
	"$(inside "$(mapped "$tree" idmap '{}')" true)"
check_match "MNT-20 uidMappings without gidMappings" 'go only together' \
	"$(inside "$(mapped "$tree" idmap '{uidMappings: [{containerID: 0, hostID: 5000, size: 1}]}')" true)"
check_match "MNT-21 gidMappings without uidMappings" 'go only together' \
	"$(inside "$(mapped "$tree" idmap '{gidMappings: [{containerID: 0, hostID: 5000, size: 1}]}')" true)"
check_match "mappings that overlap" 'overlaps' "$(inside "$(mapped "$tree" idmap '{uidMappings: [
	{containerID: 0, hostID: 5000, size: 2}, {containerID: 1, hostID: 9000, size: 2}]} | .gidMappings = .uidMappings')" true)"
check_match "a file system that does not support it is named" 'id-map /proc: the file system there \(proc\) does not support id-mapped mounts' \
	"$(inside "$(mapped /proc idmap)" true)"
if mount -t mqueue mqueue "$tree/sub" 2>/dev/null; then
	check_match "...in a tree, the one that refuses" "id-map $tree/sub: the file system there \(mqueue\) does not support" \
		"$(inside "$(mapped "$tree" ridmap) | .options[0] = \"rbind\"" true)"
	check_equal "...while idmap of its top works" "7007:8008" \
		"$(inside "$(mapped "$tree" idmap) | .options[0] = \"rbind\"" 'stat -c %u:%g /mnt/zero')"
fi
unmount
if make_fs overlay; then
	# Its layers can be, but not the whole.
	check_match "...as overlay" "id-map $tree: the file system there \(overlay\) does not support" \
		"$(inside "$(mapped "$tree" idmap)" true)"
fi
check_match "a source that does not exist" 'No such file or directory' "$(inside "$(mapped "$WORK/nowhere" idmap)" true)"
unmount
check_unchanged "nothing left" "$before"
suite_end
