# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A file system that looks like resctrl, for machines without one: with $WORK/fake.so preloaded, whatever is in
# $FAKE_RESCTRL is taken for it.

# fake_resctrl SCHEMATA: makes it, and the library. Its status: whether there is a compiler.
fake_resctrl()
{
	export FAKE_RESCTRL=$WORK/fake-resctrl FAKE_MOUNTS=$WORK/mounts
	mkdir -p "$FAKE_RESCTRL/info" "$FAKE_RESCTRL/mon_groups"
	printf "$1" >"$FAKE_RESCTRL/schemata"
	echo ok >"$FAKE_RESCTRL/info/last_cmd_status"
	touch "$FAKE_RESCTRL/tasks"
	{ cat /proc/self/mounts && echo "resctrl $FAKE_RESCTRL resctrl rw,relatime 0 0"; } >"$FAKE_MOUNTS"
	"${CC:-cc}" -shared -fPIC -o "$WORK/fake.so" "$(dirname "${BASH_SOURCE[0]}")/../integration/helpers/fake-resctrl.c" -ldl
}
