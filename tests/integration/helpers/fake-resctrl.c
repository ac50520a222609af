/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For LD_PRELOAD: what the kernel does in a resctrl file system, done in an ordinary directory, for machines
 * without the hardware. The program under test is the one that is installed, without a hook of its own.
 *
 * - /proc/self/mounts is $FAKE_MOUNTS.
 * - a directory that is made there gets tasks, and, but in mon_groups, schemata (the root's) and mon_groups. Should
 *   that fail (tests/fault), they are made when they are needed.
 * - rmdir of such a directory removes all that is in it.
 * - what is written to tasks is appended; "bad" in a line for schemata is refused, with a reason in info/last_cmd_status.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <mntent.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define PATH_SIZE 4096

FILE *setmntent(const char *file, const char *mode)
{
	const char *fake = getenv("FAKE_MOUNTS");

	return REAL(setmntent)(fake && strcmp(file, "/proc/self/mounts") == 0 ? fake : file, mode);
}

/* The path of a file relative to a descriptor; whether it is below the fake. */
static bool locate(int dir, const char *path, char buffer[PATH_SIZE])
{
	char link[64], root[PATH_SIZE / 2];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
	length = readlink(link, root, sizeof(root) - 1);
	if (length < 0)
		return false;
	root[length] = '\0';
	snprintf(buffer, PATH_SIZE, "%s%s%.2000s", root, *path ? "/" : "", path);
	return strstr(buffer, "/fake-resctrl/") != NULL;
}

/* Makes FILE of the fake with what the root's says, unless it is there. */
static void furnish(const char *path, const char *name)
{
	char file[PATH_SIZE + 32], text[PATH_SIZE];
	int from, to;
	ssize_t got = 0;

	snprintf(file, sizeof(file), "%s/%s", path, name);
	to = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (to < 0)
		return;
	snprintf(file, sizeof(file), "%s/%s", getenv("FAKE_RESCTRL"), name);
	from = strcmp(name, "schemata") == 0 ? open(file, O_RDONLY | O_CLOEXEC) : -1;
	if (from >= 0)
		got = read(from, text, sizeof(text));
	if (got > 0)
		got = REAL(write)(to, text, (size_t)got);
	close(from);
	close(to);
}

int mkdirat(int dir, const char *path, mode_t mode)
{
	char full[PATH_SIZE], below[PATH_SIZE + 16];
	bool fake = locate(dir, path, full);
	int r;

	if (fake && strstr(path, "/mon_groups/")) {
		snprintf(below, sizeof(below), "%.*s", (int)(strrchr(full, '/') - full), full);
		mkdir(below, 0755);
	}
	r = REAL(mkdirat)(dir, path, mode);
	if (r < 0 || !fake)
		return r;
	furnish(full, "tasks");
	if (!strstr(path, "mon_groups/")) {
		furnish(full, "schemata");
		snprintf(below, sizeof(below), "%s/mon_groups", full);
		mkdir(below, 0755);
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int unlinkat(int dir, const char *path, int flags)
{
	char full[PATH_SIZE];

	if (flags & AT_REMOVEDIR && locate(dir, path, full) && access(full, F_OK) == 0)
		return nftw(full, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : (errno = EBUSY, -1);
	return REAL(unlinkat)(dir, path, flags);
}

int openat(int dir, const char *path, int flags, ...)
{
	bool tasks = strcmp(path, "tasks") == 0;
	char full[PATH_SIZE];
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
	va_end(list);
	if ((tasks || strcmp(path, "schemata") == 0) && locate(dir, "", full))
		furnish(full, path);
	return REAL(openat)(dir, path, tasks ? flags | O_APPEND : flags, mode);
}

ssize_t write(int fd, const void *data, size_t size)
{
	static const char reason[] = "Unknown or unsupported resource name\n";
	char path[PATH_SIZE], file[PATH_SIZE];
	int status;

	if (!locate(fd, "", path) || !memmem(data, size, "bad", 3))
		return REAL(write)(fd, data, size);
	snprintf(file, sizeof(file), "%s/info/last_cmd_status", getenv("FAKE_RESCTRL"));
	status = open(file, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (status >= 0 && REAL(write)(status, reason, sizeof(reason) - 1) > 0)
		close(status);
	errno = EINVAL;
	return -1;
}
