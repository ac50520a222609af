/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kill and delete: what must work on a container whatever others are doing with it. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "runtime/container.h"
#include "sys/process.h"
#include "util/cleanup.h"
#include "util/log.h"

/* How long a process that cgroup.kill alone may reach has to end: milliseconds. */
#define END_WAIT_MS 10000

/* A profile of AppArmor may keep our signals out, but not cgroup.kill; which reaches only who is in the cgroup. */
static int check_reached(int pidfd, pid_t pid, int code, struct error *err)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	if (!code || code == ESRCH || (code == EPERM && poll(&end, 1, END_WAIT_MS) == 1))
		return 0;
	return error_set(err, code, "send signal %d to process %d", SIGKILL, pid);
}

/*
 * The container's process by its pidfd, wherever it may have been moved, and all that are in its cgroup. The cgroup was
 * opened while the container was there, or it could be that of another one by now, which has the same path.
 */
static int signal_all(const struct container *container, int pidfd, int signal, struct error *err)
{
	pid_t pid = container->state->pid;
	struct cgroup *cgroup = NULL;
	int code = pidfd >= 0 && sys_pidfd_send_signal(pidfd, signal) < 0 ? errno : 0;
	int r = container_cgroup(container->state, container->document->arena, &cgroup, err);

	if (r == 0 && !state_exists(&container->directory))
		r = error_say(err, ENOENT, "container \"%s\" does not exist", container->directory.id);
	if (r == 0 && cgroup)
		r = cgroup_signal(cgroup, signal, pidfd >= 0 ? pid : 0, err);
	if (r == 0 && cgroup && signal == SIGKILL)
		r = check_reached(pidfd, pid, code, err);
	else if (r == 0 && code && !(cgroup && code == ESRCH))
		r = error_set(err, code, "send signal %d to process %d", signal, pid);
	cgroup_close(cgroup);
	return r;
}

/* Without a cgroup nothing then tells the container's other processes from those around them. */
static bool shares_pid_namespace(pid_t pid)
{
	struct stat ours, theirs;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
	return stat("/proc/self/ns/pid", &ours) == 0 && stat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino;
}

static int send_signal(const struct container *container, int signal, bool all, struct error *err)
{
	bool stopped = container->status == OCI_STATUS_STOPPED;
	_cleanup_close_ int pidfd = stopped ? -ESRCH : container_pidfd(container->state);

	if (pidfd < 0 && pidfd != -ESRCH)
		return error_set(err, -pidfd, "find process %d", container->state->pid);
	if (pidfd < 0 && !all)
		return error_say(err, ESRCH, "container not running");
	if (all && pidfd >= 0 && !container->state->silo->cgroupPath && shares_pid_namespace(container->state->pid))
		log_warning("container %s has neither a cgroup nor a pid namespace of its own: only its first process is signalled",
			container->directory.id);
	if (all || signal == SIGKILL)
		return signal_all(container, pidfd, signal, err);
	if (sys_pidfd_send_signal(pidfd, signal) < 0)
		return error_set(err, errno, "send signal %d to process %d", signal, container->state->pid);
	return 0;
}

/* Without the lock: whoever has it may wait for what the signal is to end. */
int runtime_kill(const struct runtime_context *context, const char *id, int signal, bool all,
	struct error *err)
{
	struct container container;
	int r = container_open(&container, context, id, STATE_LOCK_NONE, err);

	if (r == 0 && container.status == OCI_STATUS_CREATING)
		r = error_say(err, EBUSY,
			"cannot kill container %s: it is still being created; `delete --force` ends that", id);
	if (r == 0)
		r = send_signal(&container, signal, all, err);
	container_close(&container);
	return r;
}

/*
 * Somebody has worked on the container for a while: most likely a create whose hook does not come to its end. Once its
 * init has ended it gives up, takes back what it has made and lets go of the lock.
 */
static void interrupt(const struct runtime_context *context, const char *id)
{
	_cleanup_close_ int pidfd = -1;
	struct container container;
	struct error ignored;

	if (container_open(&container, context, id, STATE_LOCK_NONE, &ignored) == 0) {
		pidfd = container_pidfd(container.state);
		signal_all(&container, pidfd, SIGKILL, &ignored);
	}
	container_close(&container);
}

static int open_for_delete(const struct runtime_context *context, const char *id, bool force,
	struct state_directory *directory, struct error *err)
{
	int r = state_open(context->root, id, STATE_LOCK_SOON, directory, err);

	if (r != -EBUSY || !force)
		return r;
	interrupt(context, id);
	return state_open(context->root, id, STATE_LOCK_WAIT, directory, err);
}

static int check_stopped(const struct state_directory *directory, struct error *err)
{
	struct oci_document *document = NULL;
	const struct container_state *state;
	int r = state_read(directory, &document, &state, err);

	if (r == 0) {
		enum oci_status status = state_status(directory, state);

		if (status == OCI_STATUS_RUNNING || status == OCI_STATUS_PAUSED)
			r = error_say(err, EBUSY, "cannot delete container %s that is not stopped: %s", directory->id,
				oci_enum_name(&oci_status_enum, (int)status));
	}
	oci_document_free(document);
	return r;
}

int runtime_delete(const struct runtime_context *context, const char *id, bool force,
	struct error *err)
{
	struct state_directory directory = STATE_DIRECTORY_INIT;
	int r = open_for_delete(context, id, force, &directory, err);

	if (r == -ENOENT && force)
		return 0;
	if (r == 0 && !force)
		r = check_stopped(&directory, err);
	if (r == 0)
		r = container_destroy(&directory, err);
	state_close(&directory);
	return r;
}
