/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Id-mapped mounts: the kernel takes the maps from a user namespace, so one is
 * made for a moment, by a child that does nothing but exist in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/launch.h"
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

int id_map_tree(int tree, const struct host_open *open_step, struct error *err)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	unsigned flags = AT_EMPTY_PATH | (open_step->map_recursive ? AT_RECURSIVE : 0);
	_cleanup_close_ int namespace = -1;
	pid_t pid = sys_clone3(&args);

	if (pid < 0)
		return error_set(err, errno, "make a user namespace to id-map %s", open_step->path);
	if (pid == 0) {
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
		return error_set(err, errno, "id-map %s (does its file system support it?)",
			open_step->path);
	return 0;
}
