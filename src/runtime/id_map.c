/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Id-mapped mounts: the kernel takes the maps from a user namespace, so one is
 * made for a moment, by a child that does nothing but exist in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/launch.h"
#include "runtime/mountinfo.h"
#include "runtime/user_namespace.h"
#include "sys/mount.h"
#include "sys/process.h"
#include "util/cleanup.h"

/* A process that does nothing but exist in a user namespace, until the pipe from us ends, or the runtime. */
struct holder {
	pid_t pid;
	int pipe; /* the end that is written to */
};

static void hold(const int pipe_fds[2])
{
	char nothing;

	close(pipe_fds[1]);
	/* A signal for the runtime's group is the runtime's to act on: if it ends, so do we. */
	while (read(pipe_fds[0], &nothing, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

static int start_holder(struct holder *holder, struct error *err)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	int pipe_fds[2], r = 0;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return error_set(err, errno, "make a pipe");
	holder->pid = sys_clone3(&args);
	if (holder->pid == 0)
		hold(pipe_fds);
	if (holder->pid < 0)
		r = user_namespace_refused(errno, CLONE_NEWUSER, err);
	close(pipe_fds[0]);
	holder->pipe = pipe_fds[1];
	return r;
}

/* Nobody else reads from the pipe. */
static bool holder_has_died(const struct holder *holder)
{
	struct pollfd end = { .fd = holder->pipe };

	return poll(&end, 1, 0) == 1 && end.revents & POLLERR;
}

static void end_holder(struct holder *holder)
{
	close(holder->pipe);
	if (holder->pid < 0)
		return;
	kill(holder->pid, SIGKILL);
	while (waitpid(holder->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

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

static int make_user_namespace(const struct host_open *open_step, struct error *err)
{
	struct holder holder = { .pid = -1, .pipe = -1 };
	int r = start_holder(&holder, err);

	if (r == 0)
		r = open_user_namespace(holder.pid, open_step, err);
	if (r < 0 && holder.pid > 0 && holder_has_died(&holder))
		error_say(err, -r, "id-map %s: the process that holds the user namespace with the maps was killed",
			open_step->path);
	if (holder.pipe >= 0)
		end_holder(&holder);
	return r;
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
	size_t size = 0;
	struct statx st = { 0 };
	bool found = false;

	if (!mountinfo || !real || syscall(SYS_statx, AT_FDCWD, real, 0, STATX_MNT_ID, &st) < 0) {
		if (mountinfo)
			fclose(mountinfo);
		return false;
	}
	while (!found && mountinfo_next(mountinfo, &line, &size, ret)) {
		bool top = ret->id == st.stx_mnt_id;
		bool below = tree && mountinfo_is_below(ret, real);

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
	if (geteuid() != 0 || user_namespace_nested() > 0)
		return error_say(err, code,
			"id-map %s: the file system there (%s) was mounted by the host's root, who alone may id-map it; "
			"one that is mounted in the user namespace the runtime runs in can be", mount.point, mount.type);
	return error_say(err, code, "id-map %s: the mount there (%s) is id-mapped already, or its file system belongs to "
		"another user namespace", mount.point, mount.type);
}

int id_map_tree(int tree, const struct host_open *open_step, struct error *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	unsigned flags = AT_EMPTY_PATH | (open_step->map_recursive ? AT_RECURSIVE : 0);
	_cleanup_close_ int namespace = make_user_namespace(open_step, err);

	if (namespace < 0)
		return namespace;
	attr.userns_fd = (uint64_t)namespace;
	if (sys_mount_setattr(tree, "", flags, &attr) < 0)
		return id_map_refused(open_step, namespace, errno, err);
	return 0;
}
