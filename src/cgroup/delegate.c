/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cgroups that belong to the container's own processes (cgroup-v2.rst, "Delegation"). */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/files.h"
#include "util/cleanup.h"

int cgroup_give_away(int dir, const char *path, uid_t owner, struct error *err)
{
	static const char fallback[] = "cgroup.procs\ncgroup.subtree_control\ncgroup.threads";
	_cleanup_free_ char *listed = NULL;
	const char *names;

	if (fchownat(dir, "", owner, (gid_t)-1, AT_EMPTY_PATH) < 0)
		return error_set(err, errno, "give cgroup %s to user %u", path, owner);
	names = cgroup_read_text(AT_FDCWD, "/sys/kernel/cgroup/delegate", &listed) < 0 ? fallback
										       : listed;
	while (*names) {
		char name[256];
		size_t length = strcspn(names, "\n");

		snprintf(name, sizeof(name), "%.*s", (int)length, names);
		if (length && fchownat(dir, name, owner, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 &&
			errno != ENOENT)
			return error_set(err, errno, "give %s of cgroup %s to user %u", name, path, owner);
		names += length + (names[length] == '\n');
	}
	return 0;
}

/* Makes the next component of @path, which it is moved past. Return: its descriptor or a negative errno. */
static int step_down(int dir, const char **path)
{
	char name[NAME_MAX + 1];
	size_t length;
	int fd;

	*path += strspn(*path, "/");
	length = strcspn(*path, "/");
	if (length >= sizeof(name))
		return -ENAMETOOLONG;
	memcpy(name, *path, length);
	name[length] = '\0';
	*path += length;
	*path += strspn(*path, "/");
	if (mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Passes all controllers that a cgroup has on to those below; there must be no process in it. */
static int pass_on(int dir)
{
	_cleanup_free_ char *controllers = NULL;
	int r = cgroup_read_text(dir, "cgroup.controllers", &controllers);

	for (const char *at = controllers; r == 0 && *at;) {
		size_t length = strcspn(at, " ");
		char word[64];

		snprintf(word, sizeof(word), "+%.*s", (int)length, at);
		r = cgroup_write_text(dir, "cgroup.subtree_control", word);
		at += length + (at[length] == ' ');
	}
	return r;
}

/* From @dir, which is closed, to the end of the path. Return: the descriptor there or a negative errno. */
static int walk(int dir, const char *path, bool pass)
{
	int r = dir < 0 ? -errno : 0;

	while (r == 0 && *path) {
		int next;

		r = pass ? pass_on(dir) : 0;
		next = r == 0 ? step_down(dir, &path) : r;
		close(dir);
		dir = next;
		r = dir < 0 ? dir : 0;
	}
	return r < 0 ? r : dir;
}

int cgroup_delegate(const struct cgroup *cgroup, const char *path, uid_t owner, pid_t pid, struct error *err)
{
	ssize_t v2 = cgroup ? cgroup_find(cgroup->layout, "", true) : -1;
	_cleanup_close_ int leaf = -1, again = -1;
	int r;

	if (v2 < 0 || !cgroup->paths[v2])
		return error_say(err, ENOENT, "the container has no cgroup of its own that could be divided");
	leaf = walk(openat(cgroup_dir(cgroup, (size_t)v2), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), path, false);
	r = leaf < 0 ? leaf : cgroup_move(leaf, pid);
	/* Where no process is any more, controllers may be passed on. */
	if (r == 0) {
		again = walk(openat(cgroup_dir(cgroup, (size_t)v2), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), path, true);
		r = again < 0 ? again : 0;
	}
	if (r < 0)
		return error_set(err, -r, "make cgroup %s below %s, with the container's process in it", path,
			cgroup->path);
	return owner == (uid_t)-1 ? 0 : cgroup_give_away(leaf, path, owner, err);
}
