/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Id-mapped mounts: the kernel takes the maps from a user namespace, so one is
 * made for a moment, by a child that does nothing but exist in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/launch.h"
#include "runtime/user_namespace.h"
#include "sys/mount.h"
#include "sys/process.h"
#include "util/cleanup.h"

static int open_user_namespace(pid_t pid, const struct host_open *open_step, struct error *err)
{
	char path[64];
	int r = write_proc_file(pid, "uid_map", open_step->uid_map, err);

	if (r == 0)
		r = write_proc_file(pid, "gid_map", open_step->gid_map, err);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	r = open(path, O_RDONLY | O_CLOEXEC);
	return r < 0 ? error_set(err, errno, "open %s", path) : r;
}

/* A mount of /proc/self/mountinfo, as far as it matters here. */
struct mount_line {
	unsigned long long id;
	char point[4096], type[64];
};

static bool read_mount(FILE *mountinfo, char **line, size_t *size, struct mount_line *ret)
{
	while (getline(line, size, mountinfo) > 0) {
		const char *type = strstr(*line, " - ");

		if (type && sscanf(*line, "%llu %*u %*s %*s %4095s", &ret->id, ret->point) == 2 &&
			sscanf(type, " - %63s", ret->type) == 1)
			return true;
	}
	return false;
}

static int try_mount(const char *path, int namespace)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)namespace };
	_cleanup_close_ int tree = sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree < 0 || sys_mount_setattr(tree, "", AT_EMPTY_PATH, &attr) < 0)
		return errno;
	return 0;
}

/*
 * The mount that refuses: the one @path lies on, or for a tree the first below it. The kernel says only that one
 * did. False if all of them agree now.
 */
static bool find_refusing(const char *path, bool tree, int namespace, struct mount_line *ret, int *code)
{
	FILE *mountinfo = fopen("/proc/self/mountinfo", "re");
	_cleanup_free_ char *real = realpath(path, NULL), *line = NULL;
	size_t size = 0, length = real ? strlen(real) : 0;
	struct statx st = { 0 };
	bool found = false;

	if (!mountinfo || !real || syscall(SYS_statx, AT_FDCWD, real, 0, STATX_MNT_ID, &st) < 0) {
		if (mountinfo)
			fclose(mountinfo);
		return false;
	}
	while (!found && read_mount(mountinfo, &line, &size, ret)) {
		bool top = ret->id == st.stx_mnt_id;
		bool below = tree && strncmp(ret->point, real, length) == 0 && ret->point[length] == '/';

		if (!top && !below)
			continue;
		if (top)
			snprintf(ret->point, sizeof(ret->point), "%s", real);
		*code = try_mount(ret->point, namespace);
		found = *code != 0;
	}
	fclose(mountinfo);
	return found;
}

int id_map_refused(const struct host_open *open_step, int namespace, int code, struct error *err)
{
	struct mount_line mount;

	if (!find_refusing(open_step->path, open_step->map_recursive, namespace, &mount, &code))
		return error_set(err, code, "id-map %s", open_step->path);
	if (code == EINVAL)
		return error_say(err, code, "id-map %s: the file system there (%s) does not support id-mapped mounts",
			mount.point, mount.type);
	if (code != EPERM)
		return error_set(err, code, "id-map %s (a %s file system)", mount.point, mount.type);
	if (geteuid() != 0 || user_namespace_is_nested())
		return error_say(err, code,
			"id-map %s: the file system there (%s) was mounted by the host's root, who alone may id-map it; "
			"one that is mounted in the user namespace the runtime runs in can be", mount.point, mount.type);
	return error_say(err, code, "id-map %s: the mount there (%s) is id-mapped already, or its file system belongs to "
		"another user namespace", mount.point, mount.type);
}

int id_map_tree(int tree, const struct host_open *open_step, struct error *err)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	unsigned flags = AT_EMPTY_PATH | (open_step->map_recursive ? AT_RECURSIVE : 0);
	_cleanup_close_ int namespace = -1;
	pid_t pid = sys_clone3(&args);

	if (pid < 0)
		return user_namespace_refused(errno, CLONE_NEWUSER, err);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	namespace = open_user_namespace(pid, open_step, err);
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (namespace < 0)
		return namespace;
	attr.userns_fd = (uint64_t)namespace;
	if (sys_mount_setattr(tree, "", flags, &attr) < 0)
		return id_map_refused(open_step, namespace, errno, err);
	return 0;
}
