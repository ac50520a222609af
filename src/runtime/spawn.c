/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Init's birth. The image is embedded in this binary and executed from a sealed
 * memfd, so no container can write to it, and this binary itself never runs
 * where a container could see it (CVE-2019-5736).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plan/protocol.h"
#include "runtime/launch.h"
#include "runtime/sealed.h"
#include "runtime/user_namespace.h"
#include "sys/process.h"
#include "util/cleanup.h"

static void wait_for_go(int sync)
{
	struct plan_message go;

	if (recv(sync, &go, sizeof(go), 0) != sizeof(go))
		_exit(1);
}

/*
 * execve(2) leaves an id that has no mapping without capabilities: the maps must
 * be written, and root become, before init is executed.
 */
static void enter_user_namespace(bool keep_groups)
{
	/* Denied where the gid map was written without privilege; there is nothing to drop then. */
	if (!keep_groups && syscall(SYS_setgroups, 0, NULL) < 0 && errno != EPERM)
		_exit(126);
	if (syscall(SYS_setresgid, 0, 0, 0) < 0 || syscall(SYS_setresuid, 0, 0, 0) < 0)
		_exit(126);
}

/* The host side's answer brings it: who owns a file is not to be seen from every user namespace. */
static int ask_for_installed(int sync)
{
	struct plan_message message = { .type = PLAN_MESSAGE_REACHED, .token = PLAN_TOKEN_INSTALLED_INIT };
	int fd = -1;

	if (sys_send_with_fd(sync, &message, sizeof(message), -1) < 0 ||
		sys_receive_with_fd(sync, &message, sizeof(message), &fd) != sizeof(message))
		_exit(1);
	return fd;
}

/* IMA or a security module may refuse to execute what is no file of the system's; the installed copy is one. */
static void execute(int image, int plan_fd, int sync)
{
	struct plan_message message = { .type = PLAN_MESSAGE_FAILED, .what = "become init", .detail = "execute init" };
	char number[16], *argv[] = { "silo-init", number, NULL }, *envp[] = { NULL };

	snprintf(number, sizeof(number), "%d", plan_fd);
	sys_execveat(image, "", argv, envp, AT_EMPTY_PATH);
	if (errno == EACCES || errno == EPERM)
		sys_execveat(ask_for_installed(sync), "", argv, envp, AT_EMPTY_PATH);
	message.error = errno;
	sys_send_with_fd(sync, &message, sizeof(message), -1);
	_exit(127);
}

static void child(const struct launch *launch, int image, int plan_fd, int sync)
{
	sigset_t none;

	/* Or the end of the runtime would never be the end of file that ends this process, too. */
	close(launch->sync);
	if (launch_holds_init(launch))
		wait_for_go(sync);
	if (launch->plan->clone_flags & CLONE_NEWUSER)
		enter_user_namespace(launch->plan->keep_groups);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* What the caller ignores would stay ignored in the container. */
	for (int signal_number = 1; signal_number <= 64; signal_number++) {
		if (launch->facts->ignored_signals >> (signal_number - 1) & 1)
			signal(signal_number, SIG_DFL);
	}
	sys_close_range(3 + launch->options->preserve_fds, ~0U, CLOSE_RANGE_CLOEXEC);
	fcntl(plan_fd, F_SETFD, 0);
	fcntl(sync, F_SETFD, 0);
	for (uint32_t i = 0; i < launch->plan->fd_count; i++) {
		if (launch->fds[i] >= 0)
			fcntl(launch->fds[i], F_SETFD, 0);
	}
	execute(image, plan_fd, sync);
}

/* The numbers of descriptors are known only now. */
static void patch_header(struct launch *launch, int sync)
{
	struct plan_header *header = (struct plan_header *)launch->plan->blob;
	const char *fail = NULL;

#ifdef SILO_FAULT_INJECTION
	fail = getenv("SILO_FAIL_STEP");
#endif
	header->sync_fd = sync;
	header->fail_step = fail ? (uint32_t)atoi(fail) + 1 : 0;
	memcpy(launch->plan->blob + header->fds, launch->fds, header->fd_count * sizeof(int32_t));
}

/*
 * The cgroup could be made, but nobody be moved there from here (cgroups(7), "Delegation containment"). Only
 * where nothing is asked of it can the container do without.
 */
static int leave_cgroup(struct launch *launch, struct clone_args *args, struct error *err)
{
	const struct cgroup *cgroup = launch->cgroup;
	bool needed = !cgroup->spec || cgroup->spec->strict; /* exec must not be without its limits */
	int r;

	args->flags &= ~(uint64_t)CLONE_INTO_CGROUP;
	/* systemd may move processes anywhere. */
	launch->born_outside = cgroup->unit;
	if (launch->born_outside)
		return 0;
	for (size_t i = 0; !needed && i < cgroup->layout->count; i++)
		needed = cgroup_needs(cgroup->spec, i);
	if (needed)
		return cgroup_not_entered(cgroup->path, EACCES, err);
	r = cgroup_remove(cgroup, err);
	if (r < 0)
		return r;
	cgroup_close(launch->cgroup);
	launch->cgroup = NULL;
	return 0;
}

/*
 * exec: the container has divided its cgroup up, as systemd does: where its process 1 went, others can go, unless the
 * caller said where.
 */
static int follow(struct launch *launch, struct clone_args *args, struct error *err)
{
	const struct plan_entered *entered = launch->options->entered;
	int r;

	if (entered->cgroups.len)
		return error_say(err, EBUSY,
			"--cgroup %s: it has cgroups with controllers below it, and so can have no processes itself (cgroups(7)): name one of those",
			entered->cgroups.items[entered->cgroups.len - 1]);
	r = cgroup_follow(launch->cgroup, entered->pid, err);
	args->cgroup = (uint64_t)launch->cgroup->v2_fd;
	return r;
}

int init_spawn(struct launch *launch, uint64_t namespaces, struct error *err)
{
	_cleanup_close_ int image = -1, plan_fd = -1, theirs = -1;
	struct clone_args args = { .flags = namespaces | CLONE_PIDFD, .exit_signal = SIGCHLD,
		.pidfd = (uint64_t)(uintptr_t)&launch->pidfd };
	int pair[2], r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_set(err, errno, "make a socket pair for init");
	launch->sync = pair[0];
	theirs = pair[1];
	patch_header(launch, theirs);
	image = sealed_init(err);
	if (image < 0)
		return image;
	plan_fd = sealed_data("silo-plan", launch->plan->blob, launch->plan->blob_size, err);
	if (plan_fd < 0)
		return plan_fd;
	if (launch->cgroup && launch->cgroup->v2_fd >= 0 && !launch->born_outside) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)launch->cgroup->v2_fd;
	}
	pid = sys_clone3(&args);
	if (pid < 0 && errno == EBUSY && launch->options->entered && args.flags & CLONE_INTO_CGROUP) {
		r = follow(launch, &args, err);
		if (r < 0)
			return r;
		pid = sys_clone3(&args);
	}
	if (pid < 0 && errno == EACCES && args.flags & CLONE_INTO_CGROUP) {
		r = leave_cgroup(launch, &args, err);
		if (r < 0)
			return r;
		pid = sys_clone3(&args);
	}
	if (pid == 0)
		child(launch, image, plan_fd, theirs);
	if (pid < 0)
		return user_namespace_refused(errno, namespaces, err);
	launch->pid = pid;
	launch->born = true;
	return 0;
}
