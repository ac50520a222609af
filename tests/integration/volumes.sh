#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Mounts that are more than a directory: overlays with many layers, file systems of block devices.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
before=$(snapshot)

# Overlays: 255 bytes is what fsconfig(2) takes at once, 4095 what mount(2) takes.
mkdir "$WORK/layers"
mount -t tmpfs tmpfs "$WORK/layers"
# overlay COUNT PADDING: options of an overlay with so many layers below, each with a file of its own.
overlay()
{
	local n lower='' name

	rm -rf "${WORK:?}/layers"/*
	mkdir "$WORK/layers/upper" "$WORK/layers/work"
	for ((n = 1; n <= $1; n++)); do
		name=$WORK/layers/$2$n
		mkdir "$name" && echo "$n" >"$name/file$n" && echo "$n" >"$name/top"
		lower+=${lower:+:}${name//:/\\:}
	done
	length=${#lower}
	options=$(jq -nc --arg lower "$lower" --arg work "$WORK/layers" \
		'["lowerdir=\($lower)", "upperdir=\($work)/upper", "workdir=\($work)/work"]')
}
for layers in "2 x" "12 layer" "120 a-layer-with-quite-a-long-name-" "60 with:colon-and-more-"; do
	read -r count padding <<<"$layers"
	overlay "$count" "$padding"
	for more in '[]' '["ro"]'; do
		out=$(run_in ".mounts += [{destination: \"/mnt\", type: \"overlay\", source: \"overlay\", options: ($options + $more)}]" \
			'ls /mnt | grep -c file; cat /mnt/top; touch /mnt/new 2>/dev/null && echo written')
		check_equal "MNT-25 overlay of $count layers, $length bytes, $more" \
			"$count 1$([ "$more" = '["ro"]' ] || echo ' written')" "$(paste -sd ' ' <<<"$out")"
	done
done
# What cannot be told to mount(2) as a whole is not told in part.
long=$(printf 'x%.0s' {1..5000})
check_match "MNT-25 options that are too long are refused" 'options.*5[0-9]* bytes.*4095' \
	"$(run_in ".mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"tmpfs\", options: [\"$long\"]}]" true)"
umount "$WORK/layers"

# A block device. Its nodes are the host's: a machine in which they are not to be had cannot run this.
if command -v mkfs.ext4 >/dev/null && truncate -s 8M "$WORK/image" && mkfs.ext4 -q "$WORK/image" 2>/dev/null &&
	loop=$(losetup --find --show "$WORK/image" 2>/dev/null); then
	volume=".mounts += [{destination: \"/mnt\", type: \"ext4\", source: \"$loop\", options: [\"nosuid\"]}]"
	check_equal "MNT-06 a file system of a block device" "ext4 nosuid" \
		"$(run_in "$volume" 'echo kept >/mnt/file; grep " /mnt " /proc/mounts | grep -o "ext4\|nosuid" | xargs')"
	check_equal "MNT-06 ...keeps what is written" kept "$(run_in "$volume" 'cat /mnt/file')"
	check_equal "MNT-06 ...read-only" "refused kept" \
		"$(run_in "${volume/\"nosuid\"/\"ro\"}" '(echo no >/mnt/file) 2>/dev/null || echo refused; cat /mnt/file' | xargs)"
	check_match "MNT-06 ...that holds no such file system" '/mounts/.*(Invalid argument|No such device)' \
		"$(run_in "${volume/ext4/squashfs}" true)"
	check_equal "MNT-06 ...in a user namespace" "kept" "$(chown -hR 100000:100000 "$WORK/rootfs"; run_in "$volume | .linux.namespaces += [
		{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings" \
		'cat /mnt/file'; chown -hR 0:0 "$WORK/rootfs")"
	losetup -d "$loop"
	check "GEN-10 ...and is free again" wait_until 5 eval "! losetup '$loop' 2>/dev/null"
	loops=$(losetup --list --noheadings --raw --output NAME)
	volume=${volume/$loop/$WORK/image}
	check_equal "MNT-06 a file system in an image" "ext4 nosuid kept" \
		"$(run_in "$volume" 'grep " /mnt " /proc/mounts | grep -o "ext4\|nosuid" | xargs; cat /mnt/file' | xargs)"
	check_equal "MNT-06 ...with mount(8)'s word, read-only" "refused kept" \
		"$(run_in "${volume/\"nosuid\"/\"loop\", \"ro\"}" '(echo no >/mnt/file) 2>/dev/null || echo refused; cat /mnt/file' | xargs)"
	check_refused "MNT-06 ...that holds none" runtime create -b "$(bundle none "${volume/$WORK\/image/\/etc\/passwd}")" "$PREFIX-volume"
	check_refused "MNT-06 ...that is missing" runtime create -b "$(bundle none "${volume/$WORK\/image/\/no\/such}")" "$PREFIX-volume"
	check "GEN-10 ...its loop device is free again" wait_until 5 eval "[ \"\$(losetup --list --noheadings --raw --output NAME)\" = '$loops' ]"
else
	skip "MNT-06 a file system of a block device" "needs mkfs.ext4 and loop devices"
fi
check_unchanged "nothing left at the end" "$before"
suite_end
