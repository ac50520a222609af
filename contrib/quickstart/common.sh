# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the two quick start commands share: installing packages and building.
top=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# retry COMMAND...: three attempts, since package mirrors fail now and then.
retry()
{
	local attempt

	for attempt in 1 2 3; do
		"$@" && return 0
		echo "attempt $attempt failed: $*" >&2
		sleep $((attempt * 5))
	done
	return 1
}

# install_packages PACKAGE...: those that are not installed yet.
install_packages()
{
	local package
	local -a missing=()

	for package; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' ||
			missing+=("$package")
	done
	[ "${#missing[@]}" -gt 0 ] || return 0
	echo "Installing: ${missing[*]}"
	retry as_root apt-get update -q >/dev/null &&
		retry as_root env DEBIAN_FRONTEND=noninteractive \
			apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null
}

BUILD_PACKAGES=(autoconf automake make gcc libc6-dev linux-libc-dev binutils pkg-config musl-tools
	libyajl-dev libseccomp-dev libcap-dev libsystemd-dev)
TEST_PACKAGES=(libcriterion-dev clang libclang-rt-dev libc6-dev busybox-static jq mmdebstrap util-linux procps strace iproute2 iptables
	uidmap passwd xfsprogs btrfs-progs squashfs-tools erofs-utils e2fsprogs python3)
MANAGER_PACKAGES=(docker.io containerd podman buildah conmon catatonit netavark aardvark-dns iptables slirp4netns
	containernetworking-plugins python3-grpcio iproute2 hostname)

VM_PACKAGES=(qemu-system-x86 mmdebstrap e2fsprogs xz-utils)

# build DIR CONFIGURE-ARGUMENT...: out of tree, in DIR.
build()
{
	local dir=$1
	shift
	(
		[ -x "$top/configure" ] || (cd "$top" && ./autogen.sh) >/dev/null || exit 1
		mkdir -p "$dir" && cd "$dir" && "$top/configure" -q "$@" && make -s -j"$(nproc)"
	)
}
