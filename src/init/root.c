/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths below the container's root. Everything is resolved by openat2(2) with
 * RESOLVE_IN_ROOT; what is missing is made one component at a time, relative to a
 * directory that was opened just so. A component that exists but cannot be entered is a symbolic link
 * to something missing: its target takes its place and is made instead.
 */
#include "init/init.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "sys/mount.h"
#include "sys/path.h"

#define SYMLINKS_MAX 40 /* as many as the kernel follows */

int root_open(struct init *init, const char *path, uint64_t flags)
{
	int fd = sys_open_in_root(init->rootfs, path, O_PATH | flags);

	return fd < 0 ? -errno : fd;
}

int root_open_plain(struct init *init, const char *path)
{
	int fd = sys_openat2(init->rootfs, path, O_PATH, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);

	return fd < 0 ? -errno : fd;
}

int root_plain_parent(struct init *init, const char *path, const char **name)
{
	size_t length = (size_t)(strrchr(path, '/') - path);
	char buffer[ROOT_PATH_MAX];

	*name = path + length + 1;
	if (length >= sizeof(buffer))
		return -ENAMETOOLONG;
	memcpy(buffer, path, length);
	buffer[length] = '\0';
	return root_open_plain(init, length ? buffer : "/");
}

static const char *const settled_paths[INIT_SETTLED] = { "/proc", "/sys" };

void root_settle(struct init *init, const char *path, int fd)
{
	for (int i = 0; i < INIT_SETTLED; i++) {
		if (strcmp(path, settled_paths[i]) != 0)
			continue;
		if (init->settled[i] >= 0)
			close(init->settled[i]);
		init->settled[i] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	}
}

int root_open_settled(struct init *init, const char *path, uint64_t flags)
{
	for (int i = 0; i < INIT_SETTLED; i++) {
		size_t length = strlen(settled_paths[i]);
		int fd;

		if (init->settled[i] < 0 || strncmp(path, settled_paths[i], length) != 0 ||
			path[length] != '/')
			continue;
		fd = sys_open_in_root(init->settled[i], path + length, O_PATH | flags);
		return fd < 0 ? -errno : fd;
	}
	return root_open(init, path, flags);
}

/* Replaces buffer's component at [start, end) by the link's text. */
static int splice_link(int parent, char *buffer, size_t start, size_t end)
{
	char link[ROOT_PATH_MAX], name[NAME_MAX + 1], rest[ROOT_PATH_MAX];
	ssize_t length;
	size_t prefix;

	if (end - start > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, buffer + start, end - start);
	name[end - start] = '\0';
	length = readlinkat(parent, name, link, sizeof(link) - 1);
	if (length < 0)
		return errno == EINVAL ? -ENOTDIR : -errno;
	link[length] = '\0';
	strcpy(rest, buffer + end);
	prefix = link[0] == '/' ? 0 : start;
	if (prefix + (size_t)length + strlen(rest) >= ROOT_PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(buffer + prefix, link, (size_t)length);
	strcpy(buffer + prefix + length, rest);
	return 0;
}

static int make_one(int parent, const char *name, bool directory)
{
	int fd;

	if (directory)
		return mkdirat(parent, name, 0755);
	fd = openat(parent, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_WRONLY, 0644);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

/* One pass over the components; -EAGAIN after a link was replaced in the buffer. */
static int make_components(struct init *init, char *buffer, bool directory)
{
	int parent = sys_open_in_root(init->rootfs, "/", O_PATH | O_DIRECTORY);
	size_t start = 0, end;

	if (parent < 0)
		return -errno;
	for (;; start = end) {
		char kept, name[NAME_MAX + 1];
		bool last;
		int fd, r;

		start += strspn(buffer + start, "/");
		end = start + strcspn(buffer + start, "/");
		last = buffer[end + strspn(buffer + end, "/")] == '\0';
		if (start == end)
			return parent;
		if (end - start > NAME_MAX) {
			close(parent);
			return -ENAMETOOLONG;
		}
		memcpy(name, buffer + start, end - start);
		name[end - start] = '\0';
		kept = buffer[end];
		buffer[end] = '\0';
		fd = sys_open_in_root(init->rootfs, buffer, O_PATH);
		if (fd < 0 && errno == ENOENT) {
			r = make_one(parent, name, !last || directory);
			if (r < 0 && errno == EEXIST) {
				buffer[end] = kept;
				r = splice_link(parent, buffer, start, end);
				close(parent);
				return r < 0 ? r : -EAGAIN;
			}
			fd = r < 0 ? -1 : sys_open_in_root(init->rootfs, buffer, O_PATH);
		}
		r = fd < 0 ? -errno : fd;
		buffer[end] = kept;
		close(parent);
		if (r < 0 || last)
			return r;
		parent = fd;
	}
}

static int make_path(struct init *init, const char *path, size_t length, bool directory)
{
	char buffer[ROOT_PATH_MAX];
	int r = -ELOOP;

	if (length >= sizeof(buffer))
		return -ENAMETOOLONG;
	memcpy(buffer, path, length);
	buffer[length] = '\0';
	for (int i = 0; i < SYMLINKS_MAX; i++) {
		r = make_components(init, buffer, directory);
		if (r != -EAGAIN)
			return r;
	}
	return -ELOOP;
}

void root_forget(struct init *init)
{
	if (init->parent >= 0)
		close(init->parent);
	init->parent = -1;
}

int root_parent(struct init *init, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t length = (size_t)(slash - path);
	char buffer[ROOT_PATH_MAX];
	int fd;

	*name = slash + 1;
	if (init->parent >= 0 && init->parent_length == length &&
		memcmp(init->parent_path, path, length) == 0)
		return init->parent;
	if (length >= sizeof(buffer))
		return -ENAMETOOLONG;
	memcpy(buffer, path, length);
	buffer[length] = '\0';
	fd = root_open(init, length ? buffer : "/", O_DIRECTORY);
	if (fd == -ENOENT)
		fd = make_path(init, path, length, true);
	if (fd < 0)
		return fd;
	root_forget(init);
	init->parent = fd;
	init->parent_path = path;
	init->parent_length = length;
	return fd;
}

/* In the directory that most often was the last one's, too. What is in the way is a dangling link. */
static int make_entry(struct init *init, const char *path, bool directory)
{
	const char *name;
	int parent = root_parent(init, path, &name), fd;

	if (parent < 0)
		return parent;
	if (!*name || make_one(parent, name, directory) < 0)
		return make_path(init, path, strlen(path), directory);
	fd = sys_openat2(parent, name, O_PATH, 0,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	return fd < 0 ? -errno : fd;
}

int root_make(struct init *init, const char *path, bool directory, bool *made)
{
	int fd = root_open(init, path, 0);

	*made = fd == -ENOENT;
	return *made ? make_entry(init, path, directory) : fd;
}

/*
 * A user namespace that does not own the pid namespace may not mount a procfs. Until the pivot the
 * caller's own one is still at its place, out of the container's reach.
 */
static int callers_proc(struct init *init)
{
	struct statfs fs;
	int fd = sys_openat2(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS);

	if (fd < 0)
		return init_failed(init, "open the caller's /proc", NULL);
	if (init->pivoted || fstatfs(fd, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC) {
		close(fd);
		return init_refused(init, EPERM, "neither a private procfs nor the caller's can be used", NULL);
	}
	init->proc = fd;
	return 0;
}

int init_open_proc(struct init *init)
{
	int fs, fd;

	if (init->proc >= 0)
		return 0;
	fs = sys_fsopen("proc", FSOPEN_CLOEXEC);
	if (fs < 0 && errno == EPERM) /* an ordinary user's exec, which is in no user namespace yet */
		return callers_proc(init);
	if (fs < 0)
		return init_failed(init, "fsopen proc", NULL);
	fd = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ?
		-1 :
		sys_fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV);
	close(fs);
	if (fd < 0)
		return callers_proc(init);
	init->proc = fd;
	return 0;
}
