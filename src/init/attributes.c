/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rootfs as a whole: propagation, binding, pivot, read-only and masked paths. */
#include "init/init.h"

#include <errno.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "sys/mount.h"
#include "sys/path.h"

int step_propagation(struct init *init, const void *args)
{
	const struct plan_flags *spread = args;

	if (sys_mount(NULL, "/", NULL, spread->flags, NULL) < 0)
		return init_failed(init, "set the propagation of", "/");
	return 0;
}

/* Makes the mount that @path lies on private: a bind of it must not be its peer. */
static int make_private(struct init *init, const char *path)
{
	struct mount_attr attr = { .propagation = MS_PRIVATE };
	int fd = sys_openat2(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0, 0), up, r = 0;

	while (fd >= 0) {
		struct statx st;

		if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, 0, &st) < 0 ||
			st.stx_attributes & STATX_ATTR_MOUNT_ROOT)
			break;
		up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = up;
	}
	if (fd < 0)
		return init_failed(init, "open", path);
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH, &attr) < 0)
		r = init_failed(init, "make private the mount of", path);
	close(fd);
	return r;
}

static int bind_root(struct init *init, const struct plan_rootfs *root, const char *path)
{
	int tree = root->fd >= 0 ? init_fd(init, root->fd) :
				   sys_open_tree(AT_FDCWD, path,
					   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	struct statx st;

	if (tree < 0)
		return init_failed(init, "open_tree", path);
	if (syscall(SYS_statx, tree, "", AT_EMPTY_PATH, STATX_TYPE, &st) == 0 && !S_ISDIR(st.stx_mode))
		return init_refused(init, ENOTDIR, "open the root file system", path);
	if (sys_move_mount(tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) == 0)
		return tree;
	/* The path may be closed to the user namespace's root; / never is. */
	if (errno != EACCES || sys_move_mount(tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0) {
		int r = init_failed(init, "move_mount to", path);

		close(tree);
		return r;
	}
	return tree;
}

int step_rootfs(struct init *init, const void *args)
{
	const struct plan_rootfs *root = args;
	const char *path = init_string(init, root->path);
	int r;

	syscall(SYS_umask, 0);
	if (root->plain) {
		init->rootfs = sys_openat2(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0, 0);
		return init->rootfs < 0 ? init_failed(init, "open", path) : 0;
	}
	if (root->make_private) {
		r = make_private(init, path);
		if (r < 0)
			return r;
	}
	r = bind_root(init, root, path);
	if (r < 0)
		return r;
	init->rootfs = r;
	return 0;
}

/* The old root ends up on top of the new one, and is taken off there (pivot_root(2)). */
static int swap_roots(struct init *init, bool cut)
{
	struct mount_attr slave = { .propagation = MS_SLAVE };
	int old = cut ? sys_openat2(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0, 0) : -1;

	if (cut && old < 0)
		return init_failed(init, "open", "/");
	if (sys_pivot_root(".", ".") < 0)
		return init_failed(init, "pivot_root", NULL);
	/* Peers on the host would be unmounted, too. */
	if (cut && sys_mount_setattr(old, "", AT_EMPTY_PATH | AT_RECURSIVE, &slave) < 0)
		return init_failed(init, "cut the old root off from the host's", NULL);
	if (sys_umount2(".", MNT_DETACH) < 0)
		return init_failed(init, "umount the old root", NULL);
	if (cut)
		close(old);
	return 0;
}

int step_pivot(struct init *init, const void *args)
{
	const struct plan_flags *pivot = args;
	int r = 0;

	if (syscall(SYS_fchdir, init->rootfs) < 0)
		return init_failed(init, "enter the root file system", NULL);
	if (pivot->flags & PLAN_PIVOT_MOVE)
		r = move_root(init, pivot->flags & PLAN_PIVOT_CUT);
	else if (!(pivot->flags & PLAN_PIVOT_CHROOT))
		r = swap_roots(init, pivot->flags & PLAN_PIVOT_CUT);
	else if (syscall(SYS_chroot, ".") < 0)
		r = init_failed(init, "chroot", NULL);
	if (r < 0)
		return r;
	init->pivoted = true;
	if (syscall(SYS_chdir, "/") < 0)
		return init_failed(init, "chdir", "/");
	return 0;
}

int step_root_attr(struct init *init, const void *args)
{
	const struct plan_root_attr *root = args;
	struct mount_attr attr = { .attr_set = root->readonly ? MOUNT_ATTR_RDONLY : 0,
		.propagation = root->propagation & ~(uint64_t)MS_REC };
	unsigned flags = root->propagation & MS_REC ? AT_RECURSIVE : 0;

	if (root->readonly && flags) {
		struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };

		if (sys_mount_setattr(AT_FDCWD, "/", 0, &readonly) < 0)
			return init_failed(init, "make read-only", "/");
		attr.attr_set = 0;
	}
	if (sys_mount_setattr(AT_FDCWD, "/", flags, &attr) < 0)
		return init_failed(init, "mount_setattr", "/");
	return 0;
}

/* Puts a clone of @from with more attributes on top of @target. */
static int cover(struct init *init, int from_fd, const char *from, uint64_t set, int target,
	const char *path)
{
	struct mount_attr attr = { .attr_set = set };
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (*from ? 0 : AT_EMPTY_PATH | AT_RECURSIVE);
	int tree = sys_open_tree(from_fd, from, flags), r = 0;

	if (tree < 0)
		return init_failed(init, "open_tree for", path);
	if (set && sys_mount_setattr(tree, "", AT_EMPTY_PATH, &attr) < 0)
		r = init_failed(init, "mount_setattr for", path);
	else if (sys_move_mount(tree, "", target, "",
			 MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		r = init_failed(init, "move_mount to", path);
	close(tree);
	return r;
}

/*
 * The container's root is ours by then: no path leads out of it. But a link of the container's on the way would lead to
 * another mount than the caller means, such as one that keeps /proc/sys read-only.
 */
int step_umount(struct init *init, const void *args)
{
	const char *path = init_string(init, ((const struct plan_path *)args)->path), *name;
	int parent = root_plain_parent(init, path, &name), r = 0;

	if (parent < 0)
		return init_refused(init, -parent, "umount (no symbolic link is followed)", path);
	if (syscall(SYS_fchdir, parent) < 0)
		r = init_failed(init, "enter the directory of", path);
	else if (sys_umount2(name, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
		r = errno == EINVAL ?
			init_refused(init, EINVAL,
				"umount: it is no mount point (a symbolic link is none), or one that came with a bind and is locked:", path) :
			init_failed(init, "umount", path);
	close(parent);
	if (syscall(SYS_chdir, "/") < 0 && r == 0)
		r = init_failed(init, "chdir", "/");
	return r;
}

/* What does not exist needs no hiding (MSK-01, MSK-02). */
static int open_existing(struct init *init, const char *path)
{
	int fd = root_open_settled(init, path, 0);

	if (fd == -ENOENT || fd == -ENOTDIR)
		return -ENOENT;
	return fd < 0 ? init_refused(init, -fd, "open", path) : fd;
}

int step_readonly_path(struct init *init, const void *args)
{
	const char *path = init_string(init, ((const struct plan_path *)args)->path);
	int fd = open_existing(init, path), r;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	r = cover(init, fd, "", MOUNT_ATTR_RDONLY, fd, path);
	close(fd);
	return r;
}

/* One empty read-only directory serves all masks, so that the kernel keeps one superblock. */
static int mask_directory(struct init *init, int target, const char *path, const char *context)
{
	int fs, r = 0;

	if (init->mask >= 0)
		return cover(init, init->mask, "", 0, target, path);
	fs = sys_fsopen("tmpfs", FSOPEN_CLOEXEC);
	if (fs < 0)
		return init_failed(init, "fsopen tmpfs to mask", path);
	if (context)
		r = mount_parameter(init, fs, context);
	if (r == 0 && (sys_fsconfig(fs, FSCONFIG_SET_STRING, "mode", "755", 0) < 0 ||
		sys_fsconfig(fs, FSCONFIG_SET_STRING, "nr_inodes", "1", 0) < 0 ||
		sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0))
		r = init_failed(init, "make a tmpfs to mask", path);
	if (r == 0) {
		init->mask = sys_fsmount(fs, FSMOUNT_CLOEXEC,
			MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
		if (init->mask < 0 ||
			sys_move_mount(init->mask, "", target, "",
				MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
			r = init_failed(init, "mount a tmpfs to mask", path);
	}
	close(fs);
	return r;
}

/* The host's, before the pivot; a container's may be anything (CVE-2025-31133). */
static int open_null(struct init *init)
{
	struct stat st;

	init->null = sys_openat2(AT_FDCWD, "/dev/null", O_PATH | O_NOFOLLOW, 0, 0);
	if (init->null < 0)
		return init_failed(init, "open", "/dev/null");
	if (fstat(init->null, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
		return 0;
	return init_refused(init, ENODEV, "mask files: the host's /dev/null is not the null device", NULL);
}

static int mask_file(struct init *init, int target, const char *path)
{
	int r = init->null >= 0 ? 0 : open_null(init);

	return r < 0 ? r : cover(init, init->null, "", 0, target, path);
}

int step_mask_path(struct init *init, const void *args)
{
	const struct plan_path *mask = args;
	const char *path = init_string(init, mask->path);
	int fd = open_existing(init, path), r;
	struct stat st;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (fstat(fd, &st) < 0)
		r = init_failed(init, "fstat", path);
	else if (S_ISDIR(st.st_mode))
		r = mask_directory(init, fd, path, init_string(init, mask->context));
	else
		r = mask_file(init, fd, path);
	close(fd);
	return r;
}
