/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts. Each is built detached and attached by descriptor, so that no path is resolved twice: between opening the
 * target and mounting on it, nothing a container can rename matters
 * (CVE-2021-30465).
 */
#include "init/init.h"

#include <errno.h>
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
		if (fd < 0 && errno == EINVAL && !(mount->flags & PLAN_MOUNT_RECURSIVE))
			return init_refused(init, EINVAL,
				"open_tree (mounts below cannot be left out in a user namespace: use rbind)", source);
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

int mount_attributes(struct init *init, int fd, uint64_t set, uint64_t clear, uint64_t propagation,
	bool tree)
{
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear, .propagation = propagation };

	if (!set && !clear && !propagation)
		return 0;
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH | (tree ? AT_RECURSIVE : 0), &attr) < 0)
		return init_failed(init, "mount_setattr", tree ? "of the whole tree" : NULL);
	return 0;
}

int mount_attached(struct init *init, const struct plan_mount *mount, int fd)
{
	const char *path = init_string(init, mount->target);

	root_settle(init, path, fd);
	if (mount->handle) {
		int kept = fcntl(fd, F_DUPFD_CLOEXEC, 3);

		if (kept < 0)
			return init_failed(init, "keep the mount on", path);
		init->kept[mount->handle - 1] = kept;
	}
	/* A mount on / is the container's root from now on. */
	if (strcmp(path, "/") == 0) {
		int root = sys_openat2(fd, ".", O_PATH | O_DIRECTORY, 0, 0);

		if (root < 0)
			return init_failed(init, "open the new root", NULL);
		close(init->rootfs);
		init->rootfs = root;
	}
	return mount_attributes(init, fd, 0, 0, mount->propagation, mount->propagation_tree);
}

static int attach(struct init *init, const struct plan_mount *mount, int fd, int target)
{
	if (sys_move_mount(fd, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return init_failed(init, "move_mount to", init_string(init, mount->target));
	return mount_attached(init, mount, fd);
}

/* The source is a symbolic link: make the same one in the container. */
static int copy_symlink(struct init *init, const struct plan_mount *mount, int source)
{
	char link[ROOT_PATH_MAX];
	const char *name;
	ssize_t length = readlinkat(source, "", link, sizeof(link) - 1);
	int parent;

	if (length < 0)
		return init_failed(init, "readlink", init_string(init, mount->source));
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
	return 0;
}

static int bind_tree(struct init *init, const struct plan_mount *mount, int fd, bool directory)
{
	int target, r = mount_attributes(init, fd, mount->attr_set, mount->attr_clear, 0, false);
	bool made;

	if (r == 0)
		r = mount_attributes(init, fd, mount->attr_set_tree, mount->attr_clear_tree, 0, true);
	target = r < 0 ? r : mount_target(init, mount, directory, &made);
	r = target < 0 ? target : attach(init, mount, fd, target);
	if (target >= 0)
		close(target);
	return r;
}

static int bind(struct init *init, const struct plan_mount *mount)
{
	int fd = clone_source(init, mount), r;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		r = init_failed(init, "fstat", init_string(init, mount->source));
	else if (mount->flags & PLAN_MOUNT_COPY_SYMLINK && S_ISLNK(st.st_mode))
		r = copy_symlink(init, mount, fd);
	else
		r = bind_tree(init, mount, fd, S_ISDIR(st.st_mode));
	close(fd);
	return r;
}

/* A new file system would have nothing below: a caller's own cgroups, say, are not given by asking for a sysfs (CVE-2023-25809). */
static int read_only_below(struct init *init, const struct plan_mount *mount, int fd)
{
	struct statfs fs;
	int r = fstatfs(fd, &fs) < 0 ? init_failed(init, "fstatfs", init_string(init, mount->other_source)) : 0;

	if (r == 0)
		r = mount_attributes(init, fd, MOUNT_ATTR_RDONLY, 0, MS_PRIVATE, true);
	if (r == 0 && !(mount->attr_set & MOUNT_ATTR_RDONLY) && !(fs.f_flags & MS_RDONLY))
		r = mount_attributes(init, fd, 0, MOUNT_ATTR_RDONLY, 0, false);
	return r;
}

/* What the kernel does not let a user namespace mount anew is bound from the host. */
static int host_tree(struct init *init, const struct plan_mount *mount, int code)
{
	const char *source = init_string(init, mount->other_source);
	int fd = sys_open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	int r;

	if (fd < 0)
		return init_refused(init, code,
			"a user namespace may not mount it anew, and there is nothing to be bound at the host's", source);
	r = read_only_below(init, mount, fd);
	if (r == 0)
		r = mount_attributes(init, fd, mount->attr_set, 0, 0, false);
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

	target = mount_target(init, mount, true, &made);
	if (target < 0)
		return target;
	if (mount->flags & PLAN_MOUNT_COPY_UP)
		copied.attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	fd = make_filesystem(init, &copied, target, made);
	if (fd == -EINVAL && mount->flags & PLAN_MOUNT_OR_LEGACY) {
		close(target);
		return mount_legacy(init, mount);
	}
	if ((fd == -EPERM || fd == -EBUSY) && mount->other_source)
		fd = host_tree(init, mount, -fd);
	r = fd < 0 ? fd : 0;
	if (r == 0 && mount->flags & PLAN_MOUNT_COPY_UP && !made)
		r = copy_up(init, target, fd);
	if (r == 0 && mount->label)
		r = set_label(init, fd, init_string(init, mount->label));
	if (r == 0 && copied.attr_set != mount->attr_set)
		r = mount_attributes(init, fd, MOUNT_ATTR_RDONLY, 0, 0, false);
	if (r == 0)
		r = mount_attributes(init, fd, mount->attr_set_tree, mount->attr_clear_tree, 0, true);
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
		return mount_change(init, mount);
	if (mount->flags & PLAN_MOUNT_BIND)
		return bind(init, mount);
	if (mount->flags & PLAN_MOUNT_LEGACY)
		return mount_legacy(init, mount);
	return fresh(init, mount);
}
