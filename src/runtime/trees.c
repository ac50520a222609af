/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trees of the host's mounts, cloned by the host side. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/launch.h"
#include "sys/mount.h"
#include "sys/process.h"
#include "util/cleanup.h"

/* A clone is a peer of what it was made of (mount_namespaces(7)): whatever is mounted below one would be in the other. */
static int leave_peers(int tree, const struct host_open *open_step)
{
	struct mount_attr attr = { .propagation = open_step->propagation & ~(uint64_t)MS_REC };

	if (attr.propagation && sys_mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr) < 0)
		return -errno;
	return 0;
}

static int clone_here(const struct host_open *open_step)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (open_step->recursive ? AT_RECURSIVE : 0) |
		(open_step->no_follow ? AT_SYMLINK_NOFOLLOW : 0);
	int fd = sys_open_tree(AT_FDCWD, open_step->path, flags), r;

	if (fd < 0 && errno == ENOENT && open_step->other)
		fd = sys_open_tree(AT_FDCWD, open_step->other, flags);
	r = fd < 0 ? -errno : leave_peers(fd, open_step);
	if (r == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return r;
}

static int clone_in_copy(int pidfd, const struct host_open *open_step)
{
	if (setns(pidfd, CLONE_NEWUSER) < 0)
		return -EPERM;
	return unshare(CLONE_NEWNS) < 0 ? -errno : clone_here(open_step);
}

/*
 * An ordinary user may not clone the host's mounts, but those of a copy of the mount namespace that belongs to a user
 * namespace of hers, as the container's is (mount_namespaces(7)). A child makes the copy; the clone is left in our
 * table of descriptors, which it shares.
 */
static int clone_by_child(int pidfd, const struct host_open *open_step)
{
	struct clone_args args = { .flags = CLONE_FILES, .exit_signal = SIGCHLD };
	int ends[2], result, status = -1;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = sys_clone3(&args);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		result = clone_in_copy(pidfd, open_step);
		_exit(write(ends[1], &result, sizeof(result)) != sizeof(result));
	}
	if (pid < 0)
		result = -errno;
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	/* Only a child that is killed leaves no result. */
	if (pid > 0 && (status != 0 || read(ends[0], &result, sizeof(result)) != sizeof(result)))
		result = -EINTR;
	close(ends[0]);
	close(ends[1]);
	return result;
}

static int refused(const struct launch *launch, const struct host_open *open_step, int code, struct error *err)
{
	if (code == EPERM && open_step->uid_map)
		return id_map_refused(open_step, -1, EPERM, err);
	if (code == ENOSPC)
		return error_say(err, code,
			"open_tree %s: No space left on device: the limit /proc/sys/user/max_mnt_namespaces or /proc/sys/fs/mount-max is reached",
			open_step->path);
	if (code == EPERM && launch->plan->entered_slot >= 0)
		return error_say(err, code,
			"open_tree %s: the user namespace of the container's is not this user's, who is not root where the mount was made: bind it by config.json, or add a file system of its own, like a tmpfs",
			open_step->path);
	if (code == EINVAL && !open_step->recursive)
		return error_say(err, code,
			"open_tree %s: Invalid argument: there are mounts below that a user namespace may not leave out (use rbind), or it is unbindable",
			open_step->path);
	return error_set(err, code, "open_tree %s", open_step->path);
}

int tree_clone(struct launch *launch, const struct host_open *open_step, struct error *err)
{
	int entered = launch->plan->entered_slot, r;
	_cleanup_close_ int fd = clone_here(open_step);

	if (fd == -EPERM && entered >= 0 && !open_step->uid_map)
		fd = clone_by_child(launch->fds[entered], open_step);
	if (fd < 0)
		return refused(launch, open_step, -fd, err);
	r = open_step->uid_map ? id_map_tree(fd, open_step, err) : 0;
	if (r < 0)
		return r;
	launch->fds[open_step->slot] = steal_fd(&fd);
	return 0;
}
