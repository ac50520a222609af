/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device nodes, the links beside them, and the terminal. */
#include "init/init.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "sys/mount.h"
#include "sys/path.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif

/*
 * DEV-06, DEV-07: a node that was not made here keeps its mode and owner, be it the host's, which cannot be another inside
 * of a user namespace, or the image's. Managers give them for every device, mostly as they are: what is
 * said is only what makes a difference. The owner does not where all may do the same.
 */
static void compare_node(struct init *init, const struct plan_device *device, const struct stat *st)
{
	mode_t mode = st->st_mode & 0777, others = mode & 07;

	if ((device->given & PLAN_DEVICE_MODE && mode != (device->mode & 0777)) ||
		(device->given & PLAN_DEVICE_OWNER && (st->st_uid != device->uid || st->st_gid != device->gid) &&
			mode != (others << 6 | others << 3 | others)))
		init_warn(init, "fileMode, uid and gid cannot be applied to a device node that is there already: ",
			init_string(init, device->path));
}

/* An existing node will do if it is the device that was asked for (DEV-04). */
static int check_existing(struct init *init, const struct plan_device *device, int parent,
	const char *name)
{
	struct stat st;

	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return init_failed(init, "fstatat", init_string(init, device->path));
	if ((st.st_mode & S_IFMT) == (device->mode & S_IFMT) &&
		(S_ISFIFO(st.st_mode) || st.st_rdev == makedev(device->major, device->minor))) {
		compare_node(init, device, &st);
		return 0;
	}
	return init_refused(init, EEXIST, "another file already exists at",
		init_string(init, device->path));
}

static int make_node(struct init *init, const struct plan_device *device, int parent, const char *name)
{
	const char *path = init_string(init, device->path);

	if (mknodat(parent, name, device->mode, makedev(device->major, device->minor)) < 0) {
		if (errno == EEXIST)
			return check_existing(init, device, parent, name);
		return init_failed(init, "mknod", path);
	}
	if ((device->uid || device->gid) &&
		fchownat(parent, name, device->uid, device->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return init_failed(init, "chown", path);
	return 0;
}

/* A bound node: the host's of the same path, if it is that device. */
static int bind_node(struct init *init, const struct plan_device *device, int parent, const char *name)
{
	const char *path = init_string(init, device->path);
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC };
	int fd, target, r;
	struct stat st;

	fd = openat(parent, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0666);
	if (fd < 0 && errno != EEXIST)
		return init_failed(init, "create a mount point for", path);
	if (fd >= 0)
		close(fd);
	fd = sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	if (fd < 0)
		return init_failed(init, "open_tree of the host's", path);
	target = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fstat(fd, &st) < 0 || (st.st_mode & S_IFMT) != (device->mode & S_IFMT) ||
		st.st_rdev != makedev(device->major, device->minor))
		r = init_refused(init, ENODEV, "the host has another device at", path);
	else if (target < 0 || sys_mount_setattr(fd, "", AT_EMPTY_PATH, &attr) < 0 ||
		sys_move_mount(fd, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		r = init_failed(init, "bind device", path);
	else
		r = 0;
	if (r == 0)
		compare_node(init, device, &st);
	if (target >= 0)
		close(target);
	close(fd);
	return r;
}

int step_device(struct init *init, const void *args)
{
	const struct plan_device *device = args;
	const char *name;
	int parent = root_parent(init, init_string(init, device->path), &name);

	if (parent < 0)
		return init_refused(init, -parent, "open the directory of",
			init_string(init, device->path));
	return device->bind ? bind_node(init, device, parent, name) :
			      make_node(init, device, parent, name);
}

int step_symlink(struct init *init, const void *args)
{
	const struct plan_symlink *link = args;
	const char *target = init_string(init, link->target), *name;
	bool is_ptmx = strcmp(target, "pts/ptmx") == 0;
	int parent;

	if (link->only_if) {
		int fd = root_open(init, init_string(init, link->only_if), 0);

		if (fd < 0)
			return 0;
		close(fd);
	}
	parent = root_parent(init, init_string(init, link->path), &name);
	if (parent < 0)
		return init_refused(init, -parent, "open the directory of", init_string(init, link->path));
	if (symlinkat(target, parent, name) == 0)
		return 0;
	/* The container's own devpts must answer, not what the image brought (DEV-11). */
	if (errno == EEXIST && is_ptmx) {
		if (unlinkat(parent, name, 0) == 0 && symlinkat(target, parent, name) == 0)
			return 0;
	} else if (errno == EEXIST) {
		return 0;
	}
	return init_failed(init, "symlink", init_string(init, link->path));
}

/* A regular file at /dev/console, never through a link (crun#2249). */
static int open_console(struct init *init)
{
	static const char path[] = "/dev/console";
	int parent = root_open(init, "/dev", O_DIRECTORY), fd;
	struct stat st;

	if (parent < 0)
		return init_refused(init, -parent, "open", "/dev");
	fd = openat(parent, "console", O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	fd = openat(parent, "console", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	close(parent);
	if (fd < 0)
		return init_failed(init, "open", path);
	if (fstat(fd, &st) < 0 || S_ISLNK(st.st_mode) || S_ISDIR(st.st_mode)) {
		close(fd);
		return init_refused(init, ELOOP, "not a file to put the terminal on:", path);
	}
	return fd;
}

static int bind_console(struct init *init, int slave)
{
	int tree = sys_open_tree(slave, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	int console, r;

	if (tree < 0)
		return init_failed(init, "open_tree of the terminal", NULL);
	console = open_console(init);
	r = console < 0 ? console : 0;
	if (r == 0 && sys_move_mount(tree, "", console, "",
			      MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		r = init_failed(init, "bind the terminal over", "/dev/console");
	if (console >= 0)
		close(console);
	close(tree);
	return r;
}

static int open_pair(struct init *init, int *slave)
{
	int master = sys_open_in_root(init->rootfs, "/dev/pts/ptmx", O_RDWR | O_NOCTTY), zero = 0;
	struct statfs fs;

	if (master < 0)
		return init_failed(init, "open (is devpts mounted on /dev/pts?)", "/dev/pts/ptmx");
	if (fstatfs(master, &fs) < 0 || fs.f_type != DEVPTS_SUPER_MAGIC) {
		close(master);
		return init_refused(init, ENODEV, "not on a devpts file system:", "/dev/pts/ptmx");
	}
	if (ioctl(master, TIOCSPTLCK, &zero) < 0)
		return init_failed(init, "unlock the terminal", NULL);
	*slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave < 0)
		return init_failed(init, "open the terminal's slave", NULL);
	return master;
}

int step_terminal(struct init *init, const void *args)
{
	const struct plan_terminal *terminal = args;
	struct winsize size = { .ws_row = (unsigned short)terminal->rows,
		.ws_col = (unsigned short)terminal->columns };
	int slave = -1, r;

	init->terminal = open_pair(init, &slave);
	if (init->terminal < 0)
		return init->terminal;
	if ((terminal->rows || terminal->columns) && ioctl(slave, TIOCSWINSZ, &size) < 0)
		return init_failed(init, "set the terminal's size", NULL);
	if (terminal->uid && fchown(slave, terminal->uid, (gid_t)-1) < 0)
		return init_failed(init, "chown the terminal", NULL);
	if (terminal->console) {
		r = bind_console(init, slave);
		if (r < 0)
			return r;
	}
	init->terminal_pending = terminal->clone_follows;
	if (!init->terminal_pending && ioctl(slave, TIOCSCTTY, 0) < 0)
		return init_failed(init, "make the terminal the controlling one", NULL);
	for (int fd = 0; fd < 3; fd++) {
		if (dup2(slave, fd) < 0)
			return init_failed(init, "dup2 the terminal", NULL);
	}
	close(slave);
	return 0;
}
