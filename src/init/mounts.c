/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts. Each is built detached and attached by descriptor, so that no path is resolved twice: between opening the
 * target and mounting on it, nothing a container can rename matters
 * (CVE-2021-30465).
 */
#include "init/init.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "sys/mount.h"
#include "sys/path.h"

int mount_parameter(struct init *init, int fs, const char *text)
{
	const char *equals = strchr(text, '=');
	char key[256];
	int r;

	if (!equals) {
		r = sys_fsconfig(fs, FSCONFIG_SET_FLAG, text, NULL, 0);
	} else if ((size_t)(equals - text) >= sizeof(key)) {
		errno = EINVAL;
		r = -1;
	} else {
		memcpy(key, text, (size_t)(equals - text));
		key[equals - text] = '\0';
		r = sys_fsconfig(fs, FSCONFIG_SET_STRING, key, equals + 1, 0);
	}
	return r < 0 ? init_failed(init, "fsconfig", text) : 0;
}

/* A tmpfs without mode= looks like the directory it covers. */
static int inherit_mode(struct init *init, int fs, int target)
{
	char text[8], number[24], *p = text + sizeof(text) - 1;
	struct stat st;
	mode_t mode;

	if (fstat(target, &st) < 0)
		return init_failed(init, "fstat the mount point", NULL);
	*p = '\0';
	for (mode = st.st_mode & 07777; mode || p == text + sizeof(text) - 1; mode >>= 3)
		*--p = (char)('0' + (mode & 7));
	if (sys_fsconfig(fs, FSCONFIG_SET_STRING, "mode", p, 0) < 0)
		return init_failed(init, "fsconfig mode", p);
	if (st.st_uid && sys_fsconfig(fs, FSCONFIG_SET_STRING, "uid", init_number(number, st.st_uid), 0) < 0)
		return init_failed(init, "fsconfig uid", number);
	if (st.st_gid && sys_fsconfig(fs, FSCONFIG_SET_STRING, "gid", init_number(number, st.st_gid), 0) < 0)
		return init_failed(init, "fsconfig gid", number);
	return 0;
}

static int make_filesystem(struct init *init, const struct plan_mount *mount, int target, bool made)
{
	const char *type = init_string(init, mount->type);
	const char *source = init_string(init, mount->source);
	const plan_ref *parameters = init_strings(init, mount->parameters);
	int fs = sys_fsopen(type, FSOPEN_CLOEXEC), fd = -1, r = 0;

	if (fs < 0)
		return init_failed(init, "fsopen", type);
	if (source && *source && sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0) < 0)
		r = init_failed(init, "fsconfig source", source);
	for (uint32_t i = 0; r == 0 && i < mount->parameters.count; i++)
		r = mount_parameter(init, fs, init_string(init, parameters[i]));
	if (r == 0 && mount->flags & PLAN_MOUNT_INHERIT_MODE && !made)
		r = inherit_mode(init, fs, target);
	if (r == 0 && sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		r = init_failed(init, "make a file system of type", type);
	if (r == 0) {
		fd = sys_fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)mount->attr_set);
		if (fd < 0)
			r = init_failed(init, "fsmount", type);
	}
	close(fs);
	return r < 0 ? r : fd;
}

static int clone_source(struct init *init, const struct plan_mount *mount)
{
	const char *source = init_string(init, mount->source);
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	int from, fd;

	if (mount->source_fd >= 0)
		return init_fd(init, mount->source_fd);
	if (mount->flags & PLAN_MOUNT_RECURSIVE)
		flags |= AT_RECURSIVE;
	if (mount->flags & (PLAN_MOUNT_SRC_NOFOLLOW | PLAN_MOUNT_COPY_SYMLINK))
		flags |= AT_SYMLINK_NOFOLLOW;
	if (!(mount->flags & PLAN_MOUNT_IN_ROOTFS)) {
		fd = sys_open_tree(AT_FDCWD, source, flags);
		if (fd < 0 && errno == ENOENT && mount->other_source)
			fd = sys_open_tree(AT_FDCWD, init_string(init, mount->other_source), flags);
		return fd < 0 ? init_failed(init, "open_tree", source) : fd;
	}
	from = root_open(init, source, flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0);
	if (from < 0)
		return init_refused(init, -from, "open in the root file system", source);
	fd = sys_open_tree(from, "", (flags & ~(unsigned)AT_SYMLINK_NOFOLLOW) | AT_EMPTY_PATH);
	if (fd < 0)
		fd = init_failed(init, "open_tree in the root file system", source);
	close(from);
	return fd;
}

static int set_attributes(struct init *init, int fd, uint64_t set, uint64_t clear, uint64_t propagation,
	bool tree)
{
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear, .propagation = propagation };

	if (!set && !clear && !propagation)
		return 0;
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH | (tree ? AT_RECURSIVE : 0), &attr) < 0)
		return init_failed(init, "mount_setattr", tree ? "of the whole tree" : NULL);
	return 0;
}

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

static int open_target(struct init *init, const struct plan_mount *mount, bool directory, bool *made)
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

static int attach(struct init *init, const struct plan_mount *mount, int fd, int target)
{
	const char *path = init_string(init, mount->target);

	if (sys_move_mount(fd, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return init_failed(init, "move_mount to", path);
	root_settle(init, path, fd);
	/* A mount on / is the container's root from now on. */
	if (strcmp(path, "/") == 0) {
		int root = sys_openat2(fd, ".", O_PATH | O_DIRECTORY, 0, 0);

		if (root < 0)
			return init_failed(init, "open the new root", NULL);
		close(init->rootfs);
		init->rootfs = root;
	}
	return set_attributes(init, fd, 0, 0, mount->propagation, mount->propagation_tree);
}

/* The source is a symbolic link: make the same one in the container. */
static int copy_symlink(struct init *init, const struct plan_mount *mount)
{
	char link[ROOT_PATH_MAX];
	const char *name;
	ssize_t length = readlinkat(AT_FDCWD, init_string(init, mount->source), link, sizeof(link) - 1);
	int parent;

	if (length < 0)
		return 0;
	link[length] = '\0';
	parent = root_parent(init, init_string(init, mount->target), &name);
	if (parent < 0)
		return init_refused(init, -parent, "open the directory of",
			init_string(init, mount->target));
	if (symlinkat(link, parent, name) < 0) {
		char existing[ROOT_PATH_MAX];
		ssize_t got = errno == EEXIST ? readlinkat(parent, name, existing, sizeof(existing)) : -1;

		if (got != length || memcmp(existing, link, (size_t)length) != 0) {
			errno = EEXIST;
			return init_failed(init, "symlink", init_string(init, mount->target));
		}
	}
	return 1;
}

static int bind(struct init *init, const struct plan_mount *mount)
{
	int fd, target, r;
	struct stat st;
	bool made;

	if (mount->flags & PLAN_MOUNT_COPY_SYMLINK) {
		r = copy_symlink(init, mount);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	fd = clone_source(init, mount);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0) {
		close(fd);
		return init_failed(init, "fstat", init_string(init, mount->source));
	}
	r = set_attributes(init, fd, mount->attr_set, mount->attr_clear, 0, false);
	if (r == 0)
		r = set_attributes(init, fd, mount->attr_set_tree, mount->attr_clear_tree, 0, true);
	target = r < 0 ? r : open_target(init, mount, S_ISDIR(st.st_mode), &made);
	r = target < 0 ? target : attach(init, mount, fd, target);
	if (target >= 0)
		close(target);
	close(fd);
	return r;
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

/* mount(2), on the current directory: the target's path is not resolved again. */
static int legacy(struct init *init, const struct plan_mount *mount)
{
	const char *target = init_string(init, mount->target);
	unsigned long flags = legacy_flags(mount->attr_set) | mount->legacy_flags;
	bool made;
	int fd = open_target(init, mount, true, &made), r = 0;

	if (fd < 0)
		return fd;
	if (mount->flags & PLAN_MOUNT_REMOUNT)
		flags |= MS_REMOUNT;
	if (fchdir(fd) < 0)
		r = init_failed(init, "enter", target);
	else if (sys_mount(init_string(init, mount->source), ".", init_string(init, mount->type), flags,
			 init_string(init, mount->legacy_data)) < 0)
		r = init_failed(init, "mount on", target);
	close(fd);
	if (chdir("/") < 0 && r == 0)
		r = init_failed(init, "chdir", "/");
	if (r < 0 || !mount->propagation)
		return r;
	fd = root_open(init, target, 0);
	r = fd < 0 ? init_refused(init, -fd, "open", target) :
		     set_attributes(init, fd, 0, 0, mount->propagation, mount->propagation_tree);
	if (fd >= 0)
		close(fd);
	return r;
}

static int remount(struct init *init, const struct plan_mount *mount)
{
	int fd, r;

	if (!(mount->flags & PLAN_MOUNT_BIND))
		return legacy(init, mount);
	fd = root_open(init, init_string(init, mount->target), 0);
	if (fd < 0)
		return init_refused(init, -fd, "open", init_string(init, mount->target));
	r = set_attributes(init, fd, mount->attr_set, mount->attr_clear, 0, false);
	if (r == 0)
		r = set_attributes(init, fd, mount->attr_set_tree, mount->attr_clear_tree, 0, true);
	if (r == 0)
		r = set_attributes(init, fd, 0, 0, mount->propagation, mount->propagation_tree);
	close(fd);
	return r;
}

/* What the kernel does not let a user namespace mount anew is bound from the host. */
static int host_tree(struct init *init, const struct plan_mount *mount, int code)
{
	const char *target = init_string(init, mount->target);
	int fd = sys_open_tree(AT_FDCWD, target, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	int r;

	if (fd < 0)
		return init_refused(init, code,
			"a user namespace may not mount it anew, and there is nothing to be bound at the host's", target);
	r = set_attributes(init, fd, mount->attr_set, 0, 0, false);
	if (r < 0)
		close(fd);
	return r < 0 ? r : fd;
}

/* The root directory of a new file system that knows no context=: mqueue. */
static int set_label(struct init *init, int fd, const char *label)
{
	int root = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	if (root < 0 || syscall(SYS_fsetxattr, root, "security.selinux", label, strlen(label), 0) < 0)
		r = init_failed(init, "set the SELinux label", label);
	close(root);
	return r;
}

static int copy_up(struct init *init, int target, int fd)
{
	int from = openat(target, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int to = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (from < 0 || to < 0)
		r = init_failed(init, "open for tmpcopyup", NULL);
	else
		r = tree_copy(init, from, to);
	close(from);
	close(to);
	return r;
}

static int fresh(struct init *init, const struct plan_mount *mount)
{
	struct plan_mount copied = *mount;
	int target, fd, r;
	bool made;

	target = open_target(init, mount, true, &made);
	if (target < 0)
		return target;
	if (mount->flags & PLAN_MOUNT_COPY_UP)
		copied.attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	fd = make_filesystem(init, &copied, target, made);
	if (fd == -EINVAL && mount->flags & PLAN_MOUNT_OR_LEGACY) {
		close(target);
		return legacy(init, mount);
	}
	if ((fd == -EPERM || fd == -EBUSY) && mount->flags & PLAN_MOUNT_BIND_FALLBACK)
		fd = host_tree(init, mount, -fd);
	r = fd < 0 ? fd : 0;
	if (r == 0 && mount->flags & PLAN_MOUNT_COPY_UP && !made)
		r = copy_up(init, target, fd);
	if (r == 0 && mount->label)
		r = set_label(init, fd, init_string(init, mount->label));
	if (r == 0 && copied.attr_set != mount->attr_set)
		r = set_attributes(init, fd, MOUNT_ATTR_RDONLY, 0, 0, false);
	if (r == 0)
		r = set_attributes(init, fd, mount->attr_set_tree, mount->attr_clear_tree, 0, true);
	if (r == 0)
		r = attach(init, mount, fd, target);
	if (fd >= 0)
		close(fd);
	close(target);
	return r;
}

int step_mount(struct init *init, const void *args)
{
	const struct plan_mount *mount = args;

	if (mount->flags & PLAN_MOUNT_REMOUNT)
		return remount(init, mount);
	if (mount->flags & PLAN_MOUNT_BIND)
		return bind(init, mount);
	if (mount->flags & PLAN_MOUNT_LEGACY)
		return legacy(init, mount);
	return fresh(init, mount);
}
