/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trees of the host's mounts, cloned by the host side. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/launch.h"
#include "runtime/mountinfo.h"
#include "runtime/user_namespace.h"
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

static int clone_in_namespace(int namespace, const struct host_open *open_step)
{
	return setns(namespace, CLONE_NEWNS) < 0 ? -errno : clone_here(open_step);
}

/*
 * The same for a bind that leaves out what is mounted below, which a copy does not let go of: of a copy of a namespace in which
 * the mount stands with nothing below: on /proc, which is there (on / it would look like a chroot, which makes no user
 * namespace). The working directory goes over to the copy (copy_mnt_ns() in the kernel), so that
 * no path is resolved again. None of it is seen by the host's. Only on directories something can be mounted below.
 */
static int clone_alone(int unused, const struct host_open *open_step)
{
	_cleanup_close_ int tree = clone_here(open_step);
	int fd;

	(void)unused;
	if (tree < 0)
		return tree;
	if (unshare(CLONE_NEWNS) < 0 || sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		sys_move_mount(tree, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH) < 0 || fchdir(tree) < 0 ||
		unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -errno;
	fd = sys_open_tree(AT_FDCWD, ".", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/*
 * An ordinary user may not clone the host's mounts, but those of a copy of the mount namespace that belongs to a user
 * namespace of hers, as the container's is (mount_namespaces(7)).
 */
static int clone_in_copy(int pidfd, const struct host_open *open_step)
{
	if (setns(pidfd, CLONE_NEWUSER) < 0)
		return -EPERM;
	return unshare(CLONE_NEWNS) < 0 ? -errno : clone_here(open_step);
}

static int open_mount_namespace(int unused, const struct host_open *open_step)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	(void)unused;
	(void)open_step;
	return fd < 0 ? -errno : fd;
}

/*
 * Calls @function in a child, which may enter other namespaces. The descriptor it returns is left in our table, which the
 * child shares.
 */
static int by_child(uint64_t namespaces, int (*function)(int, const struct host_open *), int fd,
	const struct host_open *open_step)
{
	struct clone_args args = { .flags = CLONE_FILES | namespaces, .exit_signal = SIGCHLD };
	int ends[2], result, status = -1;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = sys_clone3(&args);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		result = function(fd, open_step);
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

/* What a container with CAP_SYS_ADMIN could change: a mount that is read-only, and mounts that hide what is below them. */
static bool worth_locking(int tree, const struct host_open *open_step)
{
	struct statfs fs;
	struct stat st;

	if (!open_step->lock)
		return false;
	if (fstatfs(tree, &fs) < 0 || fstat(tree, &st) < 0 || fs.f_flags & MS_RDONLY)
		return true;
	/* Most volumes of a manager's are files, and /proc/self/mountinfo may be long. */
	return open_step->recursive && S_ISDIR(st.st_mode) && mountinfo_any_below(open_step->path);
}

/* The options of the config's count for more than the host's mount. */
static bool options_are_refused(int tree, const struct host_open *open_step)
{
	struct mount_attr own = { .attr_set = open_step->set, .attr_clr = open_step->clear };
	struct mount_attr all = { .attr_set = open_step->set_tree, .attr_clr = open_step->clear_tree };

	return (sys_mount_setattr(tree, "", AT_EMPTY_PATH, &own) < 0 && errno == EPERM) ||
		(sys_mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &all) < 0 && errno == EPERM);
}

/*
 * Only where a mount namespace is copied for another user namespace does the kernel lock mounts against changes there
 * (mount_namespaces(7), "Restrictions on mount namespaces"); clones of such a copy stay locked wherever they are attached. So
 * the clone is replaced by one of a copy.
 */
static int lock_tree(struct launch *launch, const struct host_open *open_step, int *tree, struct error *err)
{
	const uint64_t namespaces = CLONE_NEWUSER | CLONE_NEWNS;
	int locked;

	if (launch->mount_namespace < 0)
		launch->mount_namespace = by_child(namespaces, open_mount_namespace, -1, open_step);
	if (launch->mount_namespace == -ENOSPC || launch->mount_namespace == -EPERM)
		return user_namespace_refused(-launch->mount_namespace, namespaces, err);
	if (launch->mount_namespace < 0)
		return error_set(err, -launch->mount_namespace, "copy the mount namespace, to lock the mounts at %s",
			open_step->path);
	locked = by_child(0, clone_in_namespace, launch->mount_namespace, open_step);
	if (locked == -EINVAL && !open_step->recursive)
		locked = by_child(0, clone_alone, -1, open_step);
	if (locked < 0)
		return refused(launch, open_step, -locked, err);
	if (options_are_refused(locked, open_step)) {
		close(locked);
		return 0;
	}
	close(*tree);
	*tree = locked;
	return 0;
}

int tree_clone(struct launch *launch, const void *data, struct error *err)
{
	const struct host_open *open_step = data;
	int entered = launch->plan->entered_slot, r = 0;
	_cleanup_close_ int fd = clone_here(open_step);

	if (fd >= 0 && worth_locking(fd, open_step))
		r = lock_tree(launch, open_step, &fd, err);
	else if (fd == -EPERM && entered >= 0 && !open_step->uid_map)
		fd = by_child(0, clone_in_copy, launch->fds[entered], open_step);
	if (fd < 0)
		return refused(launch, open_step, -fd, err);
	if (r == 0 && open_step->uid_map)
		r = id_map_tree(fd, open_step, err);
	if (r < 0)
		return r;
	launch->fds[open_step->slot] = steal_fd(&fd);
	return 0;
}
