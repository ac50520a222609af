#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Mounts, the root file system, propagation, masked and read-only paths (MNT, ROOT, ROP, MSK, LFS).
. "$(dirname "$0")/../lib.sh"
conformance_begin
id=$PREFIX-mounts

# tmpfs NAME OPTION...: an entry for a tmpfs on /m/NAME, as JSON; entry TYPE does it for other types.
tmpfs()
{
	local name=$1
	shift
	jq -nc --arg destination "/m/$name" '{destination: $destination, type: "tmpfs", source: "tmpfs",
		options: $ARGS.positional}' --args "$@"
}

# bind DESTINATION SOURCE OPTION...
bind()
{
	local destination=$1 source=$2
	shift 2
	jq -nc --arg destination "$destination" --arg source "$source" '{destination: $destination, source: $source,
		options: $ARGS.positional}' --args "$@"
}

# with ENTRY...: a filter that adds the entries.
with()
{
	echo ".mounts += [$(paste -sd, <<<"$(printf '%s\n' "$@")")]"
}

# mount_line POINT MOUNTINFO: "options|propagation|superblock options" of the topmost mount there.
mount_line()
{
	awk -v point="$1" '$5 == point {
		tags = ""
		for (i = 7; $i != "-"; i++)
			tags = tags $i " "
		line = $6 "|" tags "|" $NF
	} END { print line }' <<<"$2"
}

# shows NAME MOUNTINFO POINT REGEX: the mount at POINT is like that; not_shows: it is mounted, but not so.
shows()
{
	check_match "$1" "$4" "$(mount_line "$3" "$2")"
}

not_shows()
{
	local line

	line=$(mount_line "$3" "$2")
	if [ -n "$line" ] && ! grep -Eq -- "$4" <<<"$line"; then
		pass "$1"
	else
		fail "$1" "\"$line\" matches \"$4\""
	fi
}

# Order, destinations, sources
inside "MNT-01 mounts are made in the listed order" "inner" \
	"$(with "$(tmpfs a)" "$(tmpfs a/b)")" 'grep -q " /m/a/b " /proc/mounts && echo inner'
inside "MNT-01 ...a later one covers an earlier one" "covered" \
	"$(with "$(tmpfs a/b)" "$(tmpfs a)")" '[ -d /m/a/b ] || echo covered'
refused "MNT-02 destination is absent" '/mounts/0.*destination.* is missing' \
	'.mounts = [{type: "tmpfs", source: "tmpfs"}]'
inside_match "MNT-03 a relative destination is taken from /" ' /rel/here ' \
	'.mounts += [{destination: "rel/here", type: "tmpfs", source: "tmpfs"}]' 'cat /proc/self/mountinfo'
mkdir -p "$WORK/outside" "$WORK/source/sub"
echo untouched >"$WORK/outside/file"
echo content >"$WORK/source/file"
ln -s "../../../../../..$WORK/outside" "$WORK/rootfs/escape"
ln -s "$WORK/outside" "$WORK/rootfs/absolute"
for link in escape absolute; do
	run_in "$(with "$(bind "/$link/made" "$WORK/source" bind)")" true >/dev/null 2>&1
	check_equal "MNT-04 a symbolic link in the destination never leaves the root ($link)" file "$(ls "$WORK/outside")"
done
rm -f "$WORK/rootfs/escape" "$WORK/rootfs/absolute"
inside "MNT-04 a missing mount point is made: a directory" content \
	"$(with "$(bind /missing/dir "$WORK/source" bind)")" 'cat /missing/dir/file'
inside "MNT-04 ...or a file, for the bind of a file" content \
	"$(with "$(bind /missing/file "$WORK/source/file" bind)")" 'cat /missing/file'
for type in none bind nonsense tmpfs; do
	inside "MNT-05 MNT-07 the type of a bind mount is ignored: $type" content \
		".mounts += [{destination: \"/mnt\", type: \"$type\", source: \"$WORK/source\", options: [\"bind\"]}]" 'cat /mnt/file'
done
dir=$(bundle relative '.mounts += [{destination: "/mnt", source: "data", options: ["bind"]}] | .process.args = ["cat", "/mnt/file"]')
mkdir "$dir/data" && echo "of the bundle" >"$dir/data/file"
check_equal "MNT-06 a relative source is taken from the bundle" "of the bundle" "$(runtime run -b "$dir" "$id" 2>&1 </dev/null)"
refused "MNT-05 an unknown file system type" '/mounts/[0-9]+.*nosuchfs' \
	'.mounts += [{destination: "/mnt", type: "nosuchfs", source: "none"}]'
refused "MNT-06 a source that does not exist" '/mounts/[0-9]+.*/no/such' "$(with "$(bind /mnt /no/such bind)")"
inside_match "MNT-08 a mount of type cgroup shows the container's own cgroup" '^[0-9]+$' '.' \
	'cat /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/pids/cgroup.procs 2>/dev/null'
inside "MNT-08 ...and no other" "" '.' \
	'find /sys/fs/cgroup/ -mindepth 1 -maxdepth 2 -name "t[0-9]*" -o -mindepth 1 -maxdepth 2 -name "cell*"'
inside "MNT-08 ...read-only when it says so" refused '.' \
	'd=/sys/fs/cgroup; [ ! -d $d/pids ] || d=$d/pids; mkdir $d/x 2>/dev/null || echo refused'

# Every flag of the table, each on a mount of its own; what undoes another comes after it.
entries=()
for words in async 'sync async' atime 'noatime atime' defaults 'nodev dev' 'nodiratime diratime' dirsync 'noexec exec' \
	iversion lazytime loud noatime nodev nodiratime noexec noiversion 'lazytime nolazytime' norelatime \
	'strictatime nostrictatime' nosuid relatime ro 'ro rw' 'rw ro' silent strictatime 'nosuid suid' sync \
	nosymfollow 'nosymfollow symfollow'; do
	# shellcheck disable=SC2086
	entries+=("$(tmpfs "${words// /-}" $words)")
done
info=$(run_in "$(with "${entries[@]}")" 'cat /proc/self/mountinfo')
for pair in ro:'^ro' noatime:noatime nodev:nodev nodiratime:nodiratime noexec:noexec nosuid:nosuid relatime:relatime \
	sync:'\|[^|]*sync$|\|[^|]*sync,' dirsync:'\|[^|]*dirsync' lazytime:'\|[^|]*lazytime' rw-ro:'^ro' defaults:'^rw,relatime\|' \
	norelatime:'^rw,relatime\|' strictatime-nostrictatime:'^rw,relatime\|' noatime-atime:'^rw,relatime\|' atime:'^rw,relatime\|'; do
	shows "MNT-09 option ${pair%%:*}" "$info" "/m/${pair%%:*}" "${pair#*:}"
done
for pair in sync-async:'\|[^|]*sync' nodev-dev:nodev nodiratime-diratime:nodiratime noexec-exec:noexec \
	lazytime-nolazytime:lazytime ro-rw:'^ro' nosuid-suid:nosuid strictatime:'relatime|noatime' async:sync; do
	not_shows "MNT-09 MNT-26 option ${pair%%:*}" "$info" "/m/${pair%%:*}" "${pair#*:}"
done
# These are seen nowhere: they are taken as flags, not as parameters, which a tmpfs would refuse.
for word in iversion noiversion loud silent; do
	shows "MNT-09 option $word" "$info" "/m/$word" '^rw'
done
shows "MNT-12 option nosymfollow" "$info" /m/nosymfollow 'nosymfollow'
not_shows "MNT-12 MNT-26 option nosymfollow-symfollow" "$info" /m/nosymfollow-symfollow nosymfollow
remounted=$(run_in "$(with "$(tmpfs r)" "$(tmpfs r remount ro)" "$(tmpfs s nosuid)" "$(tmpfs s remount rw nodev)")" 'cat /proc/self/mountinfo')
shows "MNT-09 option remount" "$remounted" /m/r '^ro'
shows "MNT-09 option remount, other flags" "$remounted" /m/s 'nodev'
# ...and by their effect
inside "MNT-09 ro: a write fails" refused "$(with "$(tmpfs ro ro)")" 'touch /m/ro/x 2>/dev/null || echo refused'
inside "MNT-09 noexec: an execution fails" refused "$(with "$(tmpfs noexec noexec)")" \
	'cp /bin/busybox /m/noexec/true; /m/noexec/true 2>/dev/null || echo refused'
inside "MNT-09 nodev: a device cannot be opened" "EACCES ok" "$(with "$(tmpfs nodev nodev)" "$(tmpfs dev nodev dev)") |
	.process.capabilities |= map_values(. + [\"CAP_MKNOD\"])" \
	'for d in nodev dev; do mknod /m/$d/null c 1 3; /probe open /m/$d/null r; done | xargs'
mkdir "$WORK/suid" && cp "$WORK/rootfs/probe" "$WORK/suid/probe" && chmod 4755 "$WORK/suid/probe"
for pair in nosuid:1000 suid:0; do
	inside "MNT-09 ${pair%:*}: a set-user-ID program" "uid 1000 ${pair#*:} ${pair#*:}" \
		"$(with "$(bind /mnt "$WORK/suid" bind "${pair%:*}")") | .process.noNewPrivileges = false |
		.process.user = {uid: 1000, gid: 1000}" '/mnt/probe ids | head -n 1'
done
inside "MNT-12 nosymfollow: a link is not followed" "ELOOP ok" "$(with "$(tmpfs n nosymfollow)" "$(tmpfs f symfollow)")" \
	'for d in n f; do ln -s /etc/passwd /m/$d/link; /probe open /m/$d/link r; done | xargs'
inside "MNT-09 noatime: reading leaves the time alone" same "$(with "$(tmpfs n noatime)")" \
	'cd /m/n; echo x >f; touch -a -d @1000 f; cat f >/dev/null; [ $(stat -c %X f) = 1000 ] && echo same'
inside "MNT-09 strictatime: reading changes it" changed "$(with "$(tmpfs n strictatime)")" \
	'cd /m/n; echo x >f; touch -a -d @99999999999 f; cat f >/dev/null; [ $(stat -c %X f) = 99999999999 ] || echo changed'

# Binds, and propagation
if mount -t tmpfs tmpfs "$WORK/source/sub" && echo below >"$WORK/source/sub/file"; then
	inside "MNT-10 bind: without what is mounted below" "" "$(with "$(bind /mnt "$WORK/source" bind)")" 'cat /mnt/sub/file 2>/dev/null'
	inside "MNT-10 rbind: with it" below "$(with "$(bind /mnt "$WORK/source" rbind)")" 'cat /mnt/sub/file'
	umount "$WORK/source/sub"
fi
# A tree of a shared mount with one more below; what comes and goes in it later is seen, or not.
mkdir -p "$WORK/tree"
mount -t tmpfs tmpfs "$WORK/tree" && mkdir "$WORK/tree/sub" "$WORK/tree/late" && mount -t tmpfs tmpfs "$WORK/tree/sub" &&
	mount --make-rshared "$WORK/tree" && mkdir "$WORK/tree/sub/late"
for option in private rprivate shared rshared slave rslave unbindable runbindable; do
	word=${option#r} top= below=
	case $word in
	shared) tag='shared: master:' ;; # a peer of the others here, and a slave of the host's
	slave) tag='master:' ;;
	unbindable) tag='unbindable' ;;
	private) tag='' ;;
	esac
	info=$(run_in "$(with "$(bind /mnt "$WORK/tree" rbind "$option")")" 'cat /proc/self/mountinfo')
	top=$(mount_line /mnt "$info" | cut -d'|' -f2)
	below=$(mount_line /mnt/sub "$info" | cut -d'|' -f2)
	check_equal "MNT-11 propagation $option: the mount" "$tag" "$(sed -E 's/:[0-9]+/:/g; s/ $//' <<<"$top")"
	case $option in
	r*) check_equal "MNT-11 propagation $option: what is below" "$tag" "$(sed -E 's/:[0-9]+/:/g; s/ $//' <<<"$below")" ;;
	esac
done
# events OPTION ROOT: "in" if a mount of the host arrives, "out" if one of the container leaves.
events()
{
	local pid result=

	pid=$(created events "$(with "$(bind /mnt "$WORK/tree" rbind "$1")") | .linux.rootfsPropagation = \"$2\"") || { echo failed; return; }
	mount -t tmpfs tmpfs "$WORK/tree/late"
	grep -q ' /mnt/late ' "/proc/$pid/mountinfo" && result=in
	umount "$WORK/tree/late"
	nsenter -t "$pid" -m -- /bin/busybox mount -t tmpfs tmpfs /mnt/sub/late 2>/dev/null
	grep -q " $WORK/tree/sub/late " /proc/self/mountinfo && result="$result out"
	runtime delete --force "$PREFIX-events"
	umount "$WORK/tree/sub/late" 2>/dev/null
	echo $result
}
check_equal "MNT-11 rslave: mounts arrive, none leave" in "$(events rslave slave)"
check_equal "MNT-11 rprivate: none arrive, none leave" "" "$(events rprivate private)"
check_equal "MNT-11 ROP-01 rshared: they arrive and leave" "in out" "$(events rshared rshared)"
check "ROP-02 a container with a shared root takes no mount of the host's away" mountpoint -q "$WORK/tree/sub"

# Recursive attributes: on the mount and on what is below it
mount -t tmpfs -o ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow tmpfs "$WORK/source/sub"
mkdir -p "$WORK/open/sub" && mount -t tmpfs tmpfs "$WORK/open/sub"
entries=()
for word in rro rnosuid rnodev rnoexec rnoatime rnodiratime rrelatime rnorelatime rstrictatime rnostrictatime rnosymfollow; do
	entries+=("$(bind "/m/$word" "$WORK/open" rbind "$word")")
done
for word in rrw rsuid rdev rexec ratime rdiratime rrelatime rstrictatime rsymfollow; do
	entries+=("$(bind "/m/un-$word" "$WORK/source" rbind "$word")")
done
info=$(run_in "$(with "${entries[@]}")" 'cat /proc/self/mountinfo')
for pair in rro:'^ro' rnosuid:nosuid rnodev:nodev rnoexec:noexec rnoatime:noatime rnodiratime:nodiratime rrelatime:relatime \
	rnostrictatime:relatime rnosymfollow:nosymfollow; do
	for point in "" /sub; do
		shows "MNT-13 option ${pair%%:*}, at ${point:-the top}" "$info" "/m/${pair%%:*}$point" "${pair#*:}"
	done
done
for pair in rstrictatime:'relatime|noatime' un-rrw:'^ro' un-rsuid:nosuid un-rdev:nodev un-rexec:noexec un-ratime:noatime \
	un-rdiratime:nodiratime un-rrelatime:noatime un-rstrictatime:'relatime|noatime' un-rsymfollow:nosymfollow; do
	not_shows "MNT-13 option ${pair%%:*}, below" "$info" "/m/${pair%%:*}/sub" "${pair#*:}"
done
not_shows "MNT-13 SDX-16 option rnodev is known" "$info" /m/rnodev '^$'
shows "MNT-13 option rnorelatime" "$info" /m/rnorelatime/sub '^rw'
inside "MNT-13 rro: a write below fails" refused "$(with "$(bind /mnt "$WORK/open" rbind rro)")" \
	'touch /mnt/sub/x 2>/dev/null || echo refused'
inside "MNT-13 ro: it does not reach below" written "$(with "$(bind /mnt "$WORK/open" rbind ro)")" \
	'touch /mnt/x 2>/dev/null; touch /mnt/sub/x && echo written'
umount "$WORK/open/sub" "$WORK/source/sub"

# tmpcopyup, mand, acl
mkdir -p "$WORK/rootfs/m/copied" && echo old >"$WORK/rootfs/m/copied/file"
inside "MNT-14 tmpcopyup" old "$(with "$(tmpfs copied tmpcopyup)")" 'grep -q " /m/copied " /proc/mounts && cat /m/copied/file'
inside "MNT-14 ...not without" "" "$(with "$(tmpfs copied)")" 'cat /m/copied/file 2>/dev/null'
for word in mand nomand acl noacl; do
	accepted "MNT-14 option $word" "$(with "$(tmpfs other "$word")")"
done

# Symbolic links as they are
mkdir -p "$WORK/links" "$WORK/rootfs/links" && echo real >"$WORK/links/real" && ln -s real "$WORK/links/link"
inside "MNT-24 copy-symlink: the source's link is made again" real "$(with "$(bind /links/made "$WORK/links/link" bind copy-symlink)")" \
	'readlink /links/made; grep " /links/made " /proc/mounts'
inside "MNT-24 ...may be there already" real "$(with "$(bind /links/made "$WORK/links/link" bind copy-symlink)")" 'readlink /links/made'
ln -s elsewhere "$WORK/rootfs/links/other"
refused "MNT-24 ...but no other" '/mounts/[0-9]+.*/links/other.*exists' "$(with "$(bind /links/other "$WORK/links/link" bind copy-symlink)")"
inside "MNT-24 ...what is no link is bound" real "$(with "$(bind /links/file "$WORK/links/real" bind copy-symlink)")" \
	'grep -q " /links/file " /proc/mounts && cat /links/file'
inside "MNT-24 src-nofollow: the link is bound" real "$(with "$(bind /links/bound "$WORK/links/link" bind src-nofollow)")" \
	'grep -q " /links/bound " /proc/mounts && readlink /links/bound'
inside "MNT-24 ...without, what it leads to" real "$(with "$(bind /links/bound2 "$WORK/links/link" bind)")" 'cat /links/bound2'
echo target >"$WORK/rootfs/links/target" && ln -s target "$WORK/rootfs/links/over"
inside "MNT-24 dest-nofollow: mounted over the link" "real target" \
	"$(with "$(bind /links/over "$WORK/links/real" bind dest-nofollow)")" 'echo $(cat /links/over /links/target)'
inside "MNT-24 ...without, over what it leads to" "real real" "$(with "$(bind /links/over "$WORK/links/real" bind)")" \
	'echo $(cat /links/over /links/target)'

# Id-mapped mounts
mkdir "$WORK/mapped" && mount -t tmpfs tmpfs "$WORK/mapped" && mkdir "$WORK/mapped/sub" &&
	mount -t tmpfs tmpfs "$WORK/mapped/sub" && touch "$WORK/mapped/file" "$WORK/mapped/sub/file"
maps='uidMappings: [{containerID: 0, hostID: 1000, size: 10}], gidMappings: [{containerID: 0, hostID: 2000, size: 10}]'
# mapped OPTIONS [MEMBERS]: a filter for an id-mapped bind mount
mapped()
{
	echo ".mounts += [{destination: \"/mnt\", source: \"$WORK/mapped\", options: [$1]${2:+, $2}}]"
}
owners='stat -c %u:%g /mnt/file /mnt/sub/file | xargs'
user=".linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: 5000, size: 70000}] |
	.linux.gidMappings = .linux.uidMappings | .root.path += \"-user\""
cp -a "$WORK/rootfs" "$WORK/rootfs-user" && chown -hR 5000:5000 "$WORK/rootfs-user"
inside "MNT-15 MNT-17 MNT-20 MNT-21 idmap with mappings: the mount, not what is below" "1000:2000 0:0" \
	"$(mapped '"rbind", "idmap"' "$maps")" "$owners"
inside "MNT-16 MNT-17 MNT-20 MNT-21 ridmap with mappings: and what is below" "1000:2000 1000:2000" \
	"$(mapped '"rbind", "ridmap"' "$maps")" "$owners"
inside "MNT-22 mappings without either option: as idmap" "1000:2000 0:0" "$(mapped '"rbind"' "$maps")" "$owners"
inside "MNT-18 idmap without mappings, with a user namespace: its own" "0:0 65534:65534" \
	"$(mapped '"rbind", "idmap"') | $user" "$owners"
inside "MNT-16 MNT-18 ridmap without mappings, with a user namespace" "0:0 0:0" "$(mapped '"rbind", "ridmap"') | $user" "$owners"
for word in idmap ridmap; do
	refused "MNT-19 $word without mappings and without a user namespace" '/mounts/[0-9]+/options.*mapping' "$(mapped "\"rbind\", \"$word\"")"
done
refused "MNT-20 uidMappings alone" '/mounts/[0-9]+.*gidMappings' "$(mapped '"bind"' 'uidMappings: [{containerID: 0, hostID: 1, size: 1}]')"
refused "MNT-21 gidMappings alone" '/mounts/[0-9]+.*uidMappings' "$(mapped '"bind"' 'gidMappings: [{containerID: 0, hostID: 1, size: 1}]')"
refused "MNT-23 a file system that cannot be id-mapped" '/mounts/[0-9]+.*(map|setattr)' \
	".mounts += [{destination: \"/mnt\", source: \"/proc\", options: [\"bind\", \"idmap\"], $maps}]"
refused "MNT-23 idmap of what is no bind mount" '/mounts/[0-9]+/options.*idmap' \
	".mounts += [{destination: \"/mnt\", type: \"tmpfs\", source: \"tmpfs\", options: [\"idmap\"], $maps}]"

# Other options
inside_match "MNT-25 unknown options go to the file system" 'size=64k' "$(with "$(tmpfs data size=64k)")" 'grep /m/data /proc/mounts'
refused "MNT-25 ...which may refuse them" '/mounts/[0-9]+.*no_such_option' "$(with "$(tmpfs data no_such_option)")"
refused "MNT-25 ...and a bind mount has none" '/mounts/[0-9]+/options.*size=1' "$(with "$(bind /mnt "$WORK/source" bind size=1)")"
mkdir -p "$WORK"/layers/{upper,work} && mount -t tmpfs tmpfs "$WORK/layers" && mkdir -p "$WORK"/layers/{upper,work}
lower=
for i in $(seq 20); do
	mkdir -p "$WORK/layers/lower-with-a-long-name-$i" && echo "$i" >"$WORK/layers/lower-with-a-long-name-$i/file$i"
	lower=${lower:+$lower:}$WORK/layers/lower-with-a-long-name-$i
done
inside "MNT-25 options of any length: an overlay of 20 layers" "1 20" ".mounts += [{destination: \"/mnt\", type: \"overlay\",
	source: \"overlay\", options: [\"lowerdir=$lower\", \"upperdir=$WORK/layers/upper\", \"workdir=$WORK/layers/work\"]}]" \
	'cat /mnt/file1 /mnt/file20 | xargs'
umount "$WORK/layers" "$WORK/mapped/sub" "$WORK/mapped" "$WORK/tree/sub" "$WORK/tree"

# The root file system
refused "ROOT-03 root.path does not exist" '/root/path.*No such file' '.root.path = "/no/such"'
refused "ROOT-03 root.path is no directory" '/root/path.*Not a directory' '.root.path = "/etc/passwd"'
mkdir "$WORK/spec" && (cd "$WORK/spec" && "$RUNTIME" spec)
check_equal "ROOT-04 the name that spec writes is rootfs" rootfs "$(jq -r .root.path "$WORK/spec/config.json")"
accepted "ROOT-04 ...no other is refused" '.root.path += "-user/../rootfs"'
inside "ROOT-05 root.readonly" "refused" '.root.readonly = true' 'touch /x 2>/dev/null || echo refused'
inside "ROOT-05 ...false" "written" '.root.readonly = false' 'touch /x && echo written'
inside "ROOT-05 ...absent" "written" 'del(.root.readonly)' 'touch /x && echo written'
for fs in proc:/proc sysfs:/sys devpts:/dev/pts tmpfs:/dev/shm; do
	inside_match "LFS-01 ${fs#*:} is available with what spec writes" "^[^ ]+ ${fs#*:} ${fs%:*} " . 'cat /proc/mounts'
done

# Propagation of the root: its own tags
for value in shared:shared: slave: private: unbindable:unbindable rshared:shared: rslave: rprivate: runbindable:unbindable; do
	IFS=: read -r word tag _ <<<"$value"
	info=$(run_in ".linux.rootfsPropagation = \"$word\"" 'cat /proc/self/mountinfo')
	check_equal "ROP-01 ROP-02 rootfsPropagation $word" "$tag" "$(mount_line / "$info" | cut -d'|' -f2 | grep -oE 'shared|unbindable' | head -n 1)"
done
for value in "" unshared SHARED; do
	refused "ROP-01 SDX-13 rootfsPropagation \"$value\"" '/linux/rootfsPropagation \(line [0-9]+\): expected one of' ".linux.rootfsPropagation = \"$value\""
done

# Masked and read-only paths
mkdir -p "$WORK/rootfs/m/secret" && echo secret >"$WORK/rootfs/m/secret/file"
inside "MSK-01 a masked file reads as empty" "" '.linux.maskedPaths = ["/m/secret/file"]' 'cat /m/secret/file'
inside "MSK-01 a masked directory is empty" "" '.linux.maskedPaths = ["/m/secret"]' 'ls -A /m/secret'
inside "MSK-01 ...and read-only" refused '.linux.maskedPaths = ["/m/secret"]' 'touch /m/secret/x 2>/dev/null || echo refused'
accepted "MSK-01 one that does not exist is no error" '.linux.maskedPaths = ["/m/no/such"]'
inside "MSK-02 a read-only path" "secret refused" '.linux.readonlyPaths = ["/m/secret"]' \
	'echo $(cat /m/secret/file; touch /m/secret/x 2>/dev/null || echo refused)'
inside "MSK-02 ...its neighbours are not" written '.linux.readonlyPaths = ["/m/secret"]' 'touch /m/x && echo written'
accepted "MSK-02 one that does not exist is no error" '.linux.readonlyPaths = ["/m/no/such"]'
for list in maskedPaths readonlyPaths; do
	refused "MSK-03 a relative path in $list" "/linux/$list/0 \\(line [0-9]+\\): .*absolute" ".linux.$list = [\"m/secret\"]"
done
conformance_end
