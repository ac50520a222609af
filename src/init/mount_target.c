/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a mount goes: its mount point, opened or made. */
#include "init/init.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "sys/path.h"

/*
 * Hands an existing mount point on. Only what the plan allows may end up on a procfs: labels and
 * sysctls are written there (CVE-2019-16884).
 */
static int check_target(struct init *init, const struct plan_mount *mount, int target)
{
	struct statfs fs;
	int r = 0;

	/* The mount may cover the cached directory. */
	root_forget(init);
	if (mount->flags & PLAN_MOUNT_OVER_PROC)
		return target;
	if (fstatfs(target, &fs) < 0)
		r = init_failed(init, "fstatfs the mount point", NULL);
	else if (fs.f_type == PROC_SUPER_MAGIC)
		r = init_refused(init, EPERM, "the mount point lies inside /proc:",
			init_string(init, mount->target));
	if (r == 0)
		return target;
	close(target);
	return r;
}

/* No symbolic link may lead there, neither now nor in the moment in which it is made (CVE-2019-19921). */
static int open_real_directory(struct init *init, const char *target, bool *made)
{
	const char *relative = strcmp(target, "/") == 0 ? "." : target + strspn(target, "/");
	int fd = sys_openat2(init->rootfs, relative, O_PATH | O_DIRECTORY, 0,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

	*made = false;
	if (fd >= 0 || errno != ENOENT)
		return fd < 0 ? -errno : fd;
	fd = root_make(init, target, true, made);
	if (fd < 0)
		return fd;
	close(fd);
	fd = sys_openat2(init->rootfs, relative, O_PATH | O_DIRECTORY, 0,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	return fd < 0 ? -errno : fd;
}

int mount_target(struct init *init, const struct plan_mount *mount, bool directory, bool *made)
{
	const char *target = init_string(init, mount->target);
	struct stat st;
	int fd;

	*made = false;
	if (mount->flags & PLAN_MOUNT_DEST_NOFOLLOW) {
		fd = root_open(init, target, O_NOFOLLOW);
		if (fd >= 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode)) {
			root_forget(init);
			return fd;
		}
		if (fd >= 0)
			close(fd);
	}
	if (mount->flags & PLAN_MOUNT_REAL_DIRECTORY) {
		fd = open_real_directory(init, target, made);
		if (fd == -ELOOP)
			return init_refused(init, ELOOP,
				"the file system must be mounted on ordinary directory, not through a symbolic link:",
				target);
	} else {
		fd = root_make(init, target, directory, made);
	}
	if (fd < 0)
		return init_refused(init, -fd, "open the mount point", target);
	/* Nothing is ever made on a procfs, and a mount on a new entry covers nothing. */
	return *made ? fd : check_target(init, mount, fd);
}
