/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * openat2(2): the one way a path that a container controls is resolved.
 */
#ifndef SILO_SYS_PATH_H
#define SILO_SYS_PATH_H

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of openat2(2), which asks for it; whoever renames without pause may keep us from it, but not for ever. */
#define OPEN_TRIES 128

static inline int sys_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode,
	uint64_t resolve)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve };
	int fd = -1;

	/* EAGAIN: while ".." was resolved below a root, something was renamed or mounted somewhere on the machine. */
	for (int tries = 0; fd < 0 && tries < OPEN_TRIES; tries++) {
		fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
		if (fd < 0 && errno != EAGAIN)
			break;
	}
	return fd;
}

/*
 * Opens @path as a process whose root directory is @root_fd would see it:
 * absolute paths, ".." and symbolic links stay below it.
 */
static inline int sys_open_in_root(int root_fd, const char *path, uint64_t flags)
{
	return sys_openat2(root_fd, path, flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

#endif
