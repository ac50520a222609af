/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For LD_PRELOAD: what the kernel does in a resctrl file system, done in an ordinary directory, for machines
 * without the hardware. The program under test is the one that is installed, without a hook of its own.
 *
 * - /proc/self/mounts is $FAKE_MOUNTS.
 * - mkdir in a directory with a file "tasks" makes tasks, and, but in mon_groups, schemata (the root's) and mon_groups.
 * - rmdir of such a directory removes all that is in it.
 * - what is written to tasks is appended; "bad" in a line for schemata is refused, with a reason in info/last_cmd_status.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

FILE *setmntent(const char *file, const char *mode)
{
	const char *fake = getenv("FAKE_MOUNTS");

	return REAL(setmntent)(fake && strcmp(file, "/proc/self/mounts") == 0 ? fake : file, mode);
}

static void shell(const char *format, const char *a, const char *b)
{
	char command[8192];
	int length = snprintf(command, sizeof(command), format, a, b, a);

	if (length < (int)sizeof(command)) {
		unsetenv("LD_PRELOAD");
		if (system(command) != 0)
			abort();
	}
}

static int locate(int dir, const char *path, char buffer[4096])
{
	char link[64], root[2048];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
	length = readlink(link, root, sizeof(root) - 1);
	if (length < 0)
		return -1;
	root[length] = '\0';
	snprintf(buffer, 4096, "%s/%s", root, path);
	return strstr(buffer, "/fake-resctrl/") ? 0 : -1;
}

int mkdirat(int dir, const char *path, mode_t mode)
{
	int r = REAL(mkdirat)(dir, path, mode);
	char full[4096];

	if (r < 0 || locate(dir, path, full) < 0)
		return r;
	if (strstr(path, "mon_groups/"))
		shell("touch '%s/tasks'", full, "");
	else
		shell("touch '%1$s/tasks' && mkdir '%1$s/mon_groups' && cp \"$FAKE_RESCTRL/schemata\" '%1$s/'", full, "");
	return 0;
}

int unlinkat(int dir, const char *path, int flags)
{
	char full[4096];

	if (flags & AT_REMOVEDIR && locate(dir, path, full) == 0 && access(full, F_OK) == 0) {
		shell("test -e '%1$s/tasks' && rm -r '%1$s'", full, "");
		return 0;
	}
	return REAL(unlinkat)(dir, path, flags);
}

int openat(int dir, const char *path, int flags, ...)
{
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
	va_end(list);
	return REAL(openat)(dir, path, strcmp(path, "tasks") == 0 ? flags | O_APPEND : flags, mode);
}

ssize_t write(int fd, const void *data, size_t size)
{
	char link[64], path[4096];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	path[length > 0 ? length : 0] = '\0';
	if (strstr(path, "/fake-resctrl/") && memmem(data, size, "bad", 3)) {
		shell("echo 'Unknown or unsupported resource name' >\"$FAKE_RESCTRL/info/last_cmd_status\"", "", "");
		errno = EINVAL;
		return -1;
	}
	return REAL(write)(fd, data, size);
}
