#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A Debian root file system: a shell pipeline, apt-get, and a program compiled here.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
if ! command -v mmdebstrap >/dev/null && [ ! -s "${XDG_CACHE_HOME:-/var/cache}/silo-tests/debian-bookworm-minbase.tar" ]; then
	skip "Debian root file system" "mmdebstrap is not installed"
	suite_end
fi
if ! timeout 240 bash -c '. "$1/rootfs.sh"; make_debian_rootfs "$2"' - "$HARNESS_DIR" "$WORK/debian" \
	>"$WORK/log" 2>&1; then
	fail "a Debian root file system is made" "$(tail -n 5 "$WORK/log")"
	suite_end
fi
cat >"$WORK/program.c" <<'PROGRAM'
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	printf("compiled, process %d\n", (int)getpid());
	return 3;
}
PROGRAM
debian=".root.path = \"$WORK/debian\""
before=$(snapshot)
check_equal "shell pipeline" 3 "$(run_in "$debian" 'printf "b\na\nb\nc\n" | sort -u | wc -l')"
check_match "apt-get --version" '^apt [0-9]' "$(run_in "$debian" 'apt-get --version')"
if command -v gcc >/dev/null && gcc -o "$WORK/debian/usr/local/bin/program" "$WORK/program.c"; then
	check_equal "compiled program" "compiled, process 1
3" "$(run_in "$debian" 'exec /usr/local/bin/program'; echo $?)"
else
	skip "compiled program" "no gcc"
fi

# A package whose files belong to two users and whose script changes owners and drops privileges, as
# real ones do: as root, and by the second pass (tests/rootless/run) under a map of ranges.
package=$WORK/package
mkdir -p "$package/DEBIAN" "$package/usr/share/silo-test"
echo "of the package" >"$package/usr/share/silo-test/file"
printf 'Package: silo-test\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: test\n' \
	>"$package/DEBIAN/control"
cat >"$package/DEBIAN/postinst" <<'POSTINST'
#!/bin/sh -e
install -d -o www-data -g www-data -m 0755 /var/lib/silo-test
setpriv --reuid=www-data --regid=www-data --init-groups touch /var/lib/silo-test/made
POSTINST
chmod 0755 "$package/DEBIAN/postinst"
if command -v dpkg-deb >/dev/null && dpkg-deb --root-owner-group --build "$package" "$WORK/silo-test.deb" >"$WORK/log" 2>&1; then
	capabilities=$(printf '"CAP_%s",' CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP SYS_CHROOT)
	installing="$debian | .process.capabilities |= map_values([${capabilities%,}]) | .mounts += [{destination: \"/silo-test.deb\",
		type: \"bind\", source: \"$WORK/silo-test.deb\", options: [\"bind\", \"ro\"]}]"
	out=$(run_in "$installing" 'DEBIAN_FRONTEND=noninteractive apt-get install -y /silo-test.deb 2>&1 && echo installed')
	check_match "apt-get install of a local package" '^installed$' "$out"
	check_equal "...its files, by owner" "root:root 644
www-data:www-data 755
www-data:www-data 644" "$(run_in "$debian" 'cd / && stat -c "%U:%G %a" usr/share/silo-test/file var/lib/silo-test var/lib/silo-test/made' 2>&1)"
	check_match "...as dpkg knows it" '^install ok installed 1.0$' \
		"$(run_in "$debian" "dpkg-query -W -f '\${Status} \${Version}\n' silo-test")"
else
	skip "apt-get install of a local package" "no dpkg-deb"
fi
check_unchanged "nothing left" "$before"
suite_end
