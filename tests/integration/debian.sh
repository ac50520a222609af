#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A Debian root file system: a shell pipeline, apt-get, and a program compiled here.
. "$(dirname "$0")/../lib/harness.sh"
suite_begin
if ! command -v mmdebstrap >/dev/null; then
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
check_unchanged "nothing left" "$before"
suite_end
