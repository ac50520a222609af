/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of mounts that init has made, and what only mount(2) can make. */
#include "init/init.h"

#include <errno.h>

#include "sys/mount.h"
#include "sys/path.h"

/*
 * The mount that the step changes: the one of its handle, or else what is found at its target. A link of the image's or the
 * container's would lead to another one than the config means, such as what keeps /proc/sys read-only.
 */
static int open_mount(struct init *init, const struct plan_mount *mount)
{
	const char *target = init_string(init, mount->target);
	int fd;

	if (mount->handle) {
		fd = fcntl(init->kept[mount->handle - 1], F_DUPFD_CLOEXEC, 3);
		return fd < 0 ? init_failed(init, "change the mount on", target) : fd;
	}
	fd = root_open_plain(init, target);
	return fd < 0 ? init_refused(init, -fd, "remount (no symbolic link is followed)", target) : fd;
}

static unsigned long legacy_flags(uint64_t attr)
{
	/* The first four have the same values in both interfaces. */
	unsigned long flags = attr & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);

	if ((attr & MOUNT_ATTR__ATIME) == MOUNT_ATTR_NOATIME)
		flags |= MS_NOATIME;
	if ((attr & MOUNT_ATTR__ATIME) == MOUNT_ATTR_STRICTATIME)
		flags |= MS_STRICTATIME;
	flags |= attr & MOUNT_ATTR_NODIRATIME ? MS_NODIRATIME : 0;
	flags |= attr & MOUNT_ATTR_NOSYMFOLLOW ? 256 /* MS_NOSYMFOLLOW */ : 0;
	return flags;
}

/*
 * What mount(2) has just put on a directory, without a path: ".." of a root directory stays there, and ends, as every
 * component but "." does, in what is mounted on it (path_resolution(7)).
 */
static int open_mounted(int directory)
{
	return sys_openat2(directory, "..", O_PATH | O_DIRECTORY, 0, RESOLVE_IN_ROOT);
}

/* mount(2), on the current directory: the target's path is not resolved again. */
static int mount_here(struct init *init, const struct plan_mount *mount, int directory)
{
	unsigned long flags = legacy_flags(mount->attr_set) | mount->legacy_flags;
	int r = 0;

	if (mount->flags & PLAN_MOUNT_REMOUNT)
		flags |= MS_REMOUNT;
	if (syscall(SYS_fchdir, directory) < 0)
		r = init_failed(init, "enter", init_string(init, mount->target));
	else if (sys_mount(init_string(init, mount->source), ".", init_string(init, mount->type), flags,
			 init_string(init, mount->legacy_data)) < 0)
		r = init_failed(init, "mount on", init_string(init, mount->target));
	if (syscall(SYS_chdir, "/") < 0 && r == 0)
		r = init_failed(init, "chdir", "/");
	return r;
}

int mount_legacy(struct init *init, const struct plan_mount *mount)
{
	bool made;
	int directory = mount_target(init, mount, true, &made), fd, r;

	if (directory < 0)
		return directory;
	r = mount_here(init, mount, directory);
	fd = r < 0 ? -1 : open_mounted(directory);
	if (r == 0 && fd < 0)
		r = init_failed(init, "open the mount on", init_string(init, mount->target));
	if (r == 0)
		r = mount_attached(init, mount, fd);
	if (fd >= 0)
		close(fd);
	close(directory);
	return r;
}

static int change_attributes(struct init *init, const struct plan_mount *mount, int fd)
{
	int r = mount_attributes(init, fd, mount->attr_set, mount->attr_clear, 0, false);

	return r < 0 ? r : mount_attributes(init, fd, mount->attr_set_tree, mount->attr_clear_tree, 0, true);
}

int mount_change(struct init *init, const struct plan_mount *mount)
{
	int fd = open_mount(init, mount), r;

	if (fd < 0)
		return fd;
	r = mount->flags & PLAN_MOUNT_BIND ? change_attributes(init, mount, fd) : mount_here(init, mount, fd);
	if (r == 0)
		r = mount_attributes(init, fd, 0, 0, mount->propagation, mount->propagation_tree);
	close(fd);
	return r;
}
