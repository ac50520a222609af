# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Root file systems for tests.  Source this file; each function makes one root file system in the
# directory it is given, which must not exist or be empty, and returns non-zero (with a line on
# stderr) when it cannot.  No function mounts anything or makes device nodes: devices are the
# runtime's business, and a test must see it when the runtime forgets them.

# _rootfs_empty_dir DIR: make DIR unless it exists; refuse one that has something in it.
_rootfs_empty_dir()
{
	local dir=${1:?directory missing}

	mkdir -p -- "$dir" || return 1
	if [ -n "$(ls -A -- "$dir")" ]; then
		echo "rootfs.sh: $dir is not empty" >&2
		return 1
	fi
}

# _rootfs_skeleton DIR: the directories and /etc files that a small root file system needs.
_rootfs_skeleton()
{
	local dir=$1

	mkdir -p -- "$dir"/{bin,dev,etc,home,mnt,proc,root,run,sbin,sys,tmp,usr/bin,usr/sbin,var/tmp} &&
		chmod 1777 -- "$dir/tmp" "$dir/var/tmp" && chmod 0700 -- "$dir/root" || return 1
	cat >"$dir/etc/passwd" <<-'PASSWD' || return 1
		root:x:0:0:root:/root:/bin/sh
		daemon:x:1:1:daemon:/usr/sbin:/bin/false
		user:x:1000:1000:user:/home:/bin/sh
		nobody:x:65534:65534:nobody:/home:/bin/false
	PASSWD
	cat >"$dir/etc/group" <<-'GROUP' || return 1
		root:x:0:
		daemon:x:1:
		extra:x:500:user
		user:x:1000:
		nogroup:x:65534:
	GROUP
}

# make_busybox_rootfs DIR: a static busybox, every applet a symbolic link to it.
# ${BUSYBOX:-busybox} names the binary; it must be statically linked.
make_busybox_rootfs()
{
	local dir=${1:?directory missing} busybox

	busybox=$(command -v "${BUSYBOX:-busybox}") || {
		echo "rootfs.sh: no busybox: install busybox-static" >&2
		return 1
	}
	# ldd fails for a static binary; one that it can list needs libraries the rootfs lacks.
	if ldd "$busybox" >/dev/null 2>&1; then
		echo "rootfs.sh: $busybox is not static: install busybox-static" >&2
		return 1
	fi
	_rootfs_empty_dir "$dir" && _rootfs_skeleton "$dir" || return 1
	install -m 0755 -- "$busybox" "$dir/bin/busybox" || return 1
	# Applet names come with their directory: bin/ls, sbin/init, usr/bin/env...
	"$busybox" --list-full >"$dir/tmp/applets" || return 1
	# By its own shell, which executes nothing for ln: two hundred programs take a while on a slow machine.
	# shellcheck disable=SC2016 # for that shell
	"$busybox" sh -c 'cd "$1" && while read -r applet; do
		case $applet in bin/busybox | linuxrc) continue ;; esac
		[ -d "${applet%/*}" ] || mkdir -p -- "${applet%/*}" || exit 1
		ln -sf /bin/busybox "$applet" || exit 1
	done <tmp/applets' - "$dir" || return 1
	rm -f -- "$dir/tmp/applets"
}

# _with_all_ids COMMAND...: as root, or as root of a user namespace with our subordinate ids.
_with_all_ids()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		unshare --map-root-user --map-auto -- "$@"
	fi
}

# debian_tar: print the path of an archive of a minimal Debian bookworm, which is made once by mmdebstrap, from
# this machine's own apt sources, and kept; delete it to refresh it.
debian_tar()
{
	local cache=${XDG_CACHE_HOME:-/var/cache}/silo-tests
	local tar=$cache/debian-bookworm-minbase.tar

	mkdir -p -- "$cache" || return 1
	(
		# Two tests may want the archive at once: one makes it, the other waits.
		exec 9>"$cache/lock" && flock 9 || exit 1
		[ -s "$tar" ] || _make_debian_tar "$tar" >&2
	) && echo "$tar"
}

# make_debian_rootfs DIR: a minimal Debian bookworm, unpacked from that archive.
make_debian_rootfs()
{
	local dir=${1:?directory missing} tar

	_rootfs_empty_dir "$dir" && tar=$(debian_tar) || return 1
	# The archive leaves /dev out, for its nodes; the directory itself belongs to any image.
	_with_all_ids tar -C "$dir" --numeric-owner --xattrs --xattrs-include='*' -xpf "$tar" && mkdir -p -- "$dir/dev"
}

# _make_debian_tar FILE: FILE appears complete or not at all.
_make_debian_tar()
{
	local tar=$1 partial=$1.partial
	local -a sources=()

	# Debian's own archives only: this machine may have others' sources, whose keys it would need.
	mapfile -t sources < <(_debian_sources)
	if [ "${#sources[@]}" -eq 0 ]; then
		echo "rootfs.sh: no Debian bookworm source in /etc/apt" >&2
		return 1
	fi
	# No device nodes: the runtime provides /dev.
	mmdebstrap --quiet --variant=minbase --format=tar --mode=root --skip=output/dev \
		bookworm "$partial" "${sources[@]}" || {
		rm -f -- "$partial"
		return 1
	}
	mv -- "$partial" "$tar"
}

# _debian_sources: this machine's apt source files that offer the suite bookworm, one a line.
_debian_sources()
{
	local file

	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.sources \
		/etc/apt/sources.list.d/*.list; do
		[ -f "$file" ] || continue
		case $file in
		*.sources) grep -Eq '^Suites:(.*[[:space:]])?bookworm([[:space:]]|$)' "$file" ;;
		*) grep -Eq '^deb(-src)?[[:space:]].*[[:space:]]bookworm[[:space:]]' "$file" ;;
		esac && echo "$file"
	done
	return 0
}

# debian_mirror: where this machine gets Debian from, or nothing.
debian_mirror()
{
	_debian_sources | xargs -r cat | sed -nE 's/^URIs:[[:space:]]*([^[:space:]]+).*/\1/p
		s/^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+).*/\2/p' | head -n 1
}

# make_static_true DIR: a root file system with one file to execute, /true, which exits with 0:
# the least that a container can do, for timing and for rootfs-independent tests.
make_static_true()
{
	local dir=${1:?directory missing}

	_rootfs_empty_dir "$dir" && _rootfs_skeleton "$dir" || return 1
	printf 'int main(void)\n{\n\treturn 0;\n}\n' |
		${CC:-cc} -Os -static -s -x c - -o "$dir/bin/true" || return 1
	ln -s bin/true "$dir/true"
}

# own_rootfs DIR CONFIG: give DIR to the root of the user namespace that CONFIG describes, as managers
# do; nothing changes when it has none.  Only for root file systems whose files all belong to root.
own_rootfs()
{
	local dir=${1:?directory missing} config=${2:?config missing} owner

	owner=$(jq -r '[.linux.uidMappings, .linux.gidMappings]
		| map((. // [])[] | select(.containerID == 0) | .hostID) | join(":")' "$config") || return 1
	[ -z "$owner" ] || chown -R -h "$owner" -- "$dir"
}
