/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Joining and making namespaces, and waiting for the host side. */
#include "init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plan/protocol.h"
#include "sys/process.h"

int step_join(struct init *init, const void *args)
{
	const struct plan_join *join = args;
	int fd, r;

	if (join->fd >= 0) {
		fd = init_fd(init, join->fd);
		r = (int)syscall(SYS_setns, fd, join->type);
		if (r < 0)
			r = init_failed(init, "setns", NULL);
		close(fd);
		return r;
	}
	/* A time namespace that PLAN_UNSHARE made; only children are born into it. */
	r = init_open_proc(init);
	if (r < 0)
		return r;
	fd = openat(init->proc, "self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return init_failed(init, "open /proc/self/ns/time_for_children", NULL);
	r = (int)syscall(SYS_setns, fd, join->type);
	if (r < 0)
		r = init_failed(init, "setns", "time_for_children");
	close(fd);
	return r;
}

/* Joining a mount namespace changes root and working directory to its root (setns(2)). */
int step_enter_root(struct init *init, const void *args)
{
	const struct plan_enter_root *root = args;

	if (root->fd >= 0) {
		if (syscall(SYS_fchdir, init_fd(init, root->fd)) < 0 || syscall(SYS_chroot, ".") < 0)
			return init_failed(init, "chroot to the container's root directory", NULL);
		close(init_fd(init, root->fd));
	}
	init->rootfs = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (init->rootfs < 0)
		return init_failed(init, "open", "/");
	init->pivoted = true;
	return 0;
}

int step_clone(struct init *init, const void *args)
{
	const struct plan_flags *clone = args;
	struct plan_message message = { .type = PLAN_MESSAGE_CHILD };
	int pidfd = -1;
	/* The child belongs to the runtime, which waits for it or leaves it to the manager. */
	struct clone_args ca = { .flags = clone->flags | CLONE_PARENT | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd };
	pid_t pid = sys_clone3(&ca);

	if (pid < 0)
		return init_failed(init, "clone3", NULL);
	if (pid > 0) {
		message.pid = pid;
		_exit(sys_send_with_fd(init->sync, &message, sizeof(message), pidfd) < 0);
	}
	if (recv(init->sync, &message, sizeof(message), 0) != sizeof(message))
		_exit(1);
	setsid();
	if (init->terminal_pending && ioctl(0, TIOCSCTTY, 0) < 0)
		return init_failed(init, "make the terminal the controlling one", NULL);
	return 0;
}

int step_unshare(struct init *init, const void *args)
{
	const struct plan_flags *unshare = args;

	if (syscall(SYS_unshare, unshare->flags) < 0)
		return init_failed(init, "unshare", NULL);
	return 0;
}

/*
 * A thread that moves itself through v1's tasks file needs no lock on all thread
 * groups: written into cgroup.procs from outside, the same move waits for an RCU grace period, milliseconds on an idle machine.
 */
int step_cgroup_join(struct init *init, const void *args)
{
	const struct plan_cgroup_join *join = args;

	for (uint32_t i = 0; i < join->count; i++) {
		int fd = init_fd(init, join->first + (plan_slot)i);

		if (fd >= 0 && write(fd, "0", 1) != 1)
			return init_failed(init, "join a v1 cgroup", NULL);
		/* Files of the host's: not to be open in the container. */
		close(fd);
	}
	return 0;
}

int step_sync(struct init *init, const void *args)
{
	const struct plan_sync *sync = args;
	int *fd = sync->token == PLAN_TOKEN_TERMINAL ? &init->terminal : NULL;
	int r = init_sync(init, sync->token, fd ? *fd : -1);

	if (fd) {
		close(*fd);
		*fd = -1;
	}
	return r;
}

int step_loopback(struct init *init, const void *args)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;

	(void)args;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		r = init_failed(init, "set up the network device lo", NULL);
	close(fd);
	return r;
}

int step_become_root(struct init *init, const void *args)
{
	const struct plan_flags *keep_groups = args;

	/* Fails where the gid map was written without privilege (user_namespaces(7)): then there is nothing to drop. */
	if (!keep_groups->flags && syscall(SYS_setgroups, 0, NULL) < 0 && errno != EPERM)
		return init_failed(init, "setgroups", NULL);
	if (syscall(SYS_setresgid, 0, 0, 0) < 0)
		return init_failed(init, "setresgid", "0");
	if (syscall(SYS_setresuid, 0, 0, 0) < 0)
		return init_failed(init, "setresuid", "0");
	return 0;
}

int step_private(struct init *init, const void *args)
{
	(void)args;
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return init_failed(init, "prctl PR_SET_DUMPABLE", NULL);
	return 0;
}
