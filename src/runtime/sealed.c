/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/mount.h"
#include "util/cleanup.h"

/* Linux 6.3; before, memfds are executable, and nobody forbids it. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

#define INSTALLED_INIT SILO_LIBEXECDIR "/silo-init"

extern const unsigned char silo_init_image[], silo_init_image_end[];

static int make(const char *name, const void *bytes, size_t size, unsigned flags)
{
	int fd = memfd_create(name, flags | MFD_CLOEXEC | MFD_ALLOW_SEALING), code;
	size_t done = 0;

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	/* Why not all of it could be written says the next call. */
	while (done < size) {
		ssize_t written = write(fd, (const char *)bytes + done, size - done);

		if (written <= 0)
			break;
		done += (size_t)written;
	}
	if (done == size &&
		fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
		return fd;
	code = errno;
	close(fd);
	return -code;
}

int sealed_data(const char *name, const void *bytes, size_t size, struct error *err)
{
	int fd = make(name, bytes, size, MFD_NOEXEC_SEAL);

	return fd < 0 ? error_set(err, -fd, "put %s into a sealed memfd", name) : fd;
}

int sealed_installed_init(struct error *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID };
	_cleanup_close_ int file = open(INSTALLED_INIT, O_PATH | O_NOFOLLOW | O_CLOEXEC), tree = -1;
	struct stat st;

	if (file < 0)
		return error_set(err, errno,
			"executing a memfd is forbidden here (vm.memfd_noexec, IMA or a security module), and the copy "
			"of init for this case, which `make install` installs, cannot be opened: " INSTALLED_INIT);
	if (fstat(file, &st) < 0)
		return error_set(err, errno, "look at " INSTALLED_INIT);
	if (!S_ISREG(st.st_mode) || st.st_uid != 0 || st.st_mode & (S_IWGRP | S_IWOTH))
		return error_say(err, EPERM,
			INSTALLED_INIT " is not used: it must be a file of root's that nobody else may write to");
	tree = sys_open_tree(file, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0 && errno == EPERM && geteuid() != 0)
		return steal_fd(&file);
	if (tree < 0 || sys_mount_setattr(tree, "", AT_EMPTY_PATH, &attr) < 0)
		return error_set(err, errno, "make a read-only mount of " INSTALLED_INIT);
	return steal_fd(&tree);
}

int sealed_init(struct error *err)
{
	int fd = make("silo-init", silo_init_image, (size_t)(silo_init_image_end - silo_init_image), MFD_EXEC);

	if (fd == -EACCES)
		return sealed_installed_init(err);
	return fd < 0 ? error_set(err, -fd, "put init into a sealed memfd") : fd;
}
