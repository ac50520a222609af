#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Root file systems made by an attacker: every name that a runtime touches is a symbolic link
# to the host. Nothing outside the root file system may change.
. "$(dirname "$0")/lib.sh"
security_begin

attempt . true
check "control: the config of these tests makes a container" ran

# link_to_host IDS NAME: NAME is a link out, absolute and relative, with a /dev mount and without,
# with a terminal and without.
link_to_host()
{
	local ids=$1 name=$2 target filter up base
	base=$(basename "$name")
	up=$(tr -cd / <<<"$name" | sed 's,/,../,g')
	[ -e "$WORK/victim/$base" ] || base=.
	for target in "$WORK/victim/$base" "../${up}victim/$base"; do
		evil_root evil "$name" "$target" >/dev/null
		for filter in . "$NO_DEV"; do
			attempt "$filter | .root.path = \"$WORK/evil\" | .process.user.uid = 1000" "id"
			bundle run "$filter | .root.path = \"$WORK/evil\" | .process.terminal = true
				| .process.args = [\"true\"]" >/dev/null
			timeout 20 "$WORK/attack" pty "$RUNTIME" --root "$STATE" run -b "$WORK/run" \
				"$PREFIX-run" >/dev/null 2>&1 </dev/null
			timeout 20 "$RUNTIME" --root "$STATE" delete --force "$PREFIX-run" >/dev/null 2>&1
		done
	done
	check_canary "$ids: /$name is a link to the host: nothing there changes"
}

link_to_host "CVE-2026-41579 CVE-2026-47766" dev
link_to_host "CVE-2026-88264" dev/console
link_to_host "CVE-2026-88265" dev/null
link_to_host "CVE-2026-41579 CVE-2025-52565" dev/pts
link_to_host "CVE-2026-41579" dev/ptmx
link_to_host "CVE-2026-41579" dev/fd
link_to_host "CVE-2026-41579" dev/shm
link_to_host "CVE-2019-19921 CVE-2023-27561 CVE-2025-54867" proc
link_to_host "CVE-2025-54867" sys
link_to_host "CVE-2018-15664" etc
link_to_host "CVE-2016-3697" etc/passwd
link_to_host "CVE-2025-24965" .krun_config.json

# /proc and /sys are what masks, labels and sysctls rely on: a link there is refused, wherever it leads.
for target in sys / tmp /tmp ../.. /proc/self; do
	evil_root evil proc "$target" >/dev/null
	attempt ".root.path = \"$WORK/evil\"" "cat /proc/self/status"
	check_no_run "CVE-2019-19921 CVE-2023-27561 CVE-2023-28642 CVE-2025-54867: /proc -> $target is refused" '/proc.*(link|loop)'
done
for target in proc / ../..; do
	evil_root evil sys "$target" >/dev/null
	attempt ".root.path = \"$WORK/evil\"" "ls /sys"
	check_no_run "CVE-2023-28642 CVE-2025-54867: /sys -> $target is refused" '/sys.*(link|loop)'
done

# Only a procfs on /proc, and nothing on what is written to below it.
for mount in '{"destination":"/proc","type":"tmpfs","source":"tmpfs"}' \
	"{\"destination\":\"/proc\",\"type\":\"bind\",\"source\":\"$WORK/victim\",\"options\":[\"bind\"]}" \
	'{"destination":"/proc/self","type":"tmpfs","source":"tmpfs"}' \
	'{"destination":"/proc/../proc/self/attr","type":"tmpfs","source":"tmpfs"}'; do
	attempt ".mounts += [$mount]" true
	check_no_run "CVE-2019-16884: refused: mount $(jq -r '.type + " on " + .destination' <<<"$mount")" '/mounts/.*/proc'
done
# (The kernel would refuse a file on a directory anyway.)
for destination in /proc/sys/kernel /proc/sys/net /proc/1/attr /proc/self/attr/exec /proc/sys/kernel/shmmax; do
	source=$WORK/victim
	[ -d "$destination" ] || source=/proc/sysrq-trigger
	attempt ".mounts += [{destination: \"$destination\", type: \"bind\", source: \"$source\", options: [\"bind\"]}]" true
	check_no_run "CVE-2025-52881 CVE-2025-62596: refused: ${source//$WORK/...} bound on $destination" '/mounts/.*/proc'
done
# Through a link in the image to a place inside /proc.
evil_root evil link /proc/sys/net >/dev/null
attempt ".root.path = \"$WORK/evil\" | .mounts += [{destination: \"/link\", type: \"tmpfs\", source: \"tmpfs\"}]" true
check_no_run "CVE-2025-52881: refused: a mount on a link into /proc/sys" '/mounts/.*/link'

# The link that masks are made of.
evil_root evil dev/null /proc/sys/kernel/core_pattern >/dev/null
for filter in . "$NO_DEV"; do
	attempt "$filter | .root.path = \"$WORK/evil\" | .linux.maskedPaths = [\"/proc/version\", \"/proc/keys\"]" \
		"stat -c %t:%T /proc/version; cat /proc/keys | wc -c; echo pwned >/proc/keys; cat /proc/sys/kernel/core_pattern"
	if ran; then
		check_match "CVE-2025-31133 CVE-2025-62161: a mask is the null device, or there is no container" \
			'^1:3$' "$out"
	else
		pass "CVE-2025-31133 CVE-2025-62161: a mask is the null device, or there is no container"
	fi
	check_canary "CVE-2025-31133 CVE-2025-62161: ...and the host's core_pattern stays"
done

# Masked and read-only paths through links of the image.
evil_root evil hidden "$WORK/victim" seen ../victim >/dev/null
attempt ".root.path = \"$WORK/evil\" | .linux.maskedPaths += [\"/hidden/file\", \"/seen/file\"]
	| .linux.readonlyPaths += [\"/hidden\", \"/seen\"]" true
check_canary "CVE-2025-31133: masks through links to the host change nothing there"

# A volume on /dev/pts with a farm of links where the terminal would be.
mkdir -p "$WORK/farm"
for ((i = 0; i < 64; i++)); do
	ln -sf "$WORK/victim/file" "$WORK/farm/$i"
done
ln -sf "$WORK/victim/file" "$WORK/farm/ptmx"
bundle run ".process.terminal = true | .process.args = [\"sh\", \"-c\",
	\"echo payload; stat -f -c %T /dev/console; stat -c %t /dev/console; cat /dev/console & sleep 0.2\"]
	| (.mounts[] | select(.destination == \"/dev/pts\")) |= {destination: \"/dev/pts\", type: \"bind\",
		source: \"$WORK/farm\", options: [\"bind\"]}" >/dev/null
out=$(timeout 20 "$WORK/attack" pty "$RUNTIME" --root "$STATE" run -b "$WORK/run" "$PREFIX-run" 2>&1 </dev/null)
timeout 20 "$RUNTIME" --root "$STATE" delete --force "$PREFIX-run" >/dev/null 2>&1
if ran && grep -q secret <<<"$out"; then
	fail "CVE-2025-52565: /dev/pts full of links: the console is a terminal, or there is no container" "$out"
else
	pass "CVE-2025-52565: /dev/pts full of links: the console is a terminal, or there is no container"
fi
check_canary "CVE-2025-52565: ...and nothing on the host changes"

# Mount points whose path leads out through links, or through names that lead to the old root elsewhere.
evil_root evil out1 "$WORK/victim" out2 ../../../../.. out3 /proc/1/root out4 /oldroot out5 /.pivot >/dev/null
for destination in "/out1/sub" "/out2$WORK/victim/sub" "/out3$WORK/victim/sub" "/out4/new" "/out5/new" \
	"/../../..$WORK/victim/sub" "/out1/made/deep" "/out1/file"; do
	attempt ".root.path = \"$WORK/evil\" | .mounts += [{destination: \"$destination\", type: \"tmpfs\",
		source: \"tmpfs\"}]" "grep -c ' - tmpfs tmpfs' /proc/self/mountinfo"
	check_canary "CVE-2019-18837 CVE-2026-87766 CVE-2021-30465: mount point ${destination//$WORK/...}: nothing on the host changes"
done
attempt ".root.path = \"$WORK/evil\" | .process.cwd = \"/out1/new/cwd\"" pwd
check_canary "CVE-2024-45310: working directory made through a link: nothing on the host changes"

# The symbolic link is the source.
ln -s victim "$WORK/source"
attempt ".mounts += [{destination: \"/mnt\", type: \"bind\", source: \"$WORK/source\", options: [\"bind\"]}]" "cat /mnt/file"
check_match "CVE-2024-1753 CVE-2024-9676 CVE-2024-42472: control: a link as the source is followed without it" '^secret' "$out"
attempt ".mounts += [{destination: \"/mnt\", type: \"bind\", source: \"$WORK/source\",
	options: [\"bind\", \"src-nofollow\"]}]" "cat /mnt/file"
if ! grep -q src-nofollow "$REAL"; then
	skip "CVE-2024-1753 CVE-2024-9676 CVE-2024-42472: src-nofollow does not follow the source" \
		"this $KIND has no such option"
elif ran && grep -q secret <<<"$out"; then
	fail "CVE-2024-1753 CVE-2024-9676 CVE-2024-42472: src-nofollow does not follow the source" "$out"
else
	pass "CVE-2024-1753 CVE-2024-9676 CVE-2024-42472: src-nofollow does not follow the source"
fi

# A user's data never gets into the files of the image.
before=$(find "$WORK/rootfs/etc" -type f -exec sha256sum {} +)
attempt '.process.env += ["HOME=/x:y\n0:0:evil", "A=\nroot::0:0::/:/bin/sh"] | .process.user.uid = 4242' id
check_equal "CVE-2022-4318: an environment with line breaks changes no file of the image" "$before" \
	"$(find "$WORK/rootfs/etc" -type f -exec sha256sum {} +)"
suite_end
