/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The conversation with init, and taking back what was made. */
#include "runtime/launch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plan/protocol.h"
#include "resctrl/resctrl.h"
#include "runtime/sealed.h"
#include "runtime/state.h"
#include "sys/process.h"
#include "util/cleanup.h"
#include "util/log.h"

/* How long init may take to end after it closed its socket: milliseconds. */
#define HANG_UP_MS 1000

/* Within this time one that is killed at its birth has ended: milliseconds. */
#define BIRTH_MS 100

void launch_prepare(struct launch *launch, struct plan *plan, const struct oci_document *document,
	const struct host_facts *facts, const struct plan_options *options)
{
	memset(launch, 0, sizeof(*launch));
	launch->plan = plan;
	launch->document = document;
	launch->facts = facts;
	launch->options = options;
	launch->net = (struct net_move)NET_MOVE_INIT;
	launch->mount_namespace = launch->start_socket = launch->sync = launch->pidfd = launch->carried = launch->terminal = -1;
	for (int i = 0; i < PLAN_FDS_MAX; i++)
		launch->fds[i] = -1;
}

/* Init has its own copies; ours would pin mounts and cgroups for as long as `run` waits. */
static void close_slots(struct launch *launch)
{
	for (uint32_t i = 0; i < launch->plan->fd_count; i++) {
		if (launch->fds[i] >= 0 && launch->fds[i] != launch->start_socket)
			close(launch->fds[i]);
		launch->fds[i] = -1;
	}
	if (launch->mount_namespace >= 0)
		close(launch->mount_namespace);
	launch->mount_namespace = -1;
}

int init_failure(const struct plan_message *message, struct error *err)
{
	/* These already end in the reason, in the words that managers look for. */
	bool whole = strncmp(message->detail, "exec: \"", 7) == 0;

	error_say(err, message->error, "%.500s%s%s (step %u: %.250s)", message->detail,
		message->detail[0] && !whole ? ": " : "", whole ? "" : strerror(message->error),
		message->step, message->what);
	error_origin(err, message->pointer, message->line);
	return -message->error;
}

/* Whoever hangs up is about to end; one that does not is not waited for. */
static void end_init(const struct launch *launch)
{
	struct pollfd end = { .fd = launch->pidfd, .events = POLLIN };

	if (poll(&end, 1, HANG_UP_MS) <= 0)
		kill(launch->pid, SIGKILL);
}

int init_ended(int status, const char *before, struct error *err)
{
	if (WIFSIGNALED(status))
		return error_say(err, EPIPE, "init was killed by signal %d (%s) before it had %s", WTERMSIG(status),
			strsignal(WTERMSIG(status)), before);
	return error_say(err, EPIPE, "init ended with status %d before it had %s", WEXITSTATUS(status), before);
}

/* In a cgroup of its own: what was killed in one that exec entered may have been anybody. */
static bool killed_for_memory(const struct launch *launch, struct error *err)
{
	return launch->cgroup && launch->cgroup->spec && cgroup_oom_error(launch->cgroup, err) < 0;
}

/* Init ended without a word, or without the last one: killed, most likely for memory. */
static int init_vanished(struct launch *launch, struct error *err)
{
	int status = 0;

	if (killed_for_memory(launch, err))
		return -ENOMEM;
	end_init(launch);
	if (waitpid(launch->pid, &status, 0) == launch->pid) {
		launch->pid = 0;
		launch->status = status;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == PLAN_REFUSED)
		return error_say(err, EPROTO,
			"init refuses the plan as damaged or of another version: is the installed copy of init "
			"(libexec/silo-init) of this version of silo?");
	return init_ended(status, launch->created ? "executed the program" : "made the container", err);
}

static int go_with(struct launch *launch, uint32_t token, int fd, struct error *err)
{
	struct plan_message message = { .type = PLAN_MESSAGE_GO, .token = token };

	if (sys_send_with_fd(launch->sync, &message, sizeof(message), fd) < 0)
		return errno == EPIPE ? init_vanished(launch, err) :
					error_set(err, errno, "send to init");
	return 0;
}

static int go(struct launch *launch, uint32_t token, struct error *err)
{
	return go_with(launch, token, -1, err);
}

static int give_installed_init(struct launch *launch, struct error *err)
{
	_cleanup_close_ int fd = sealed_installed_init(err);

	return fd < 0 ? fd : go_with(launch, PLAN_TOKEN_INSTALLED_INIT, fd, err);
}

/* While init is busy with its first steps. Should it have ended, what it had to say is read next. */
static int born(struct launch *launch, struct error *err)
{
	int r = 0;

	if (launch->born_outside)
		r = launch->cgroup->unit ? cgroup_scope_enter(launch->cgroup, launch->pid, err) :
					   cgroup_enter(launch->cgroup, launch->pid, err);
	if (r == 0)
		r = host_phase_run(launch, HOST_AFTER_CLONE, err);
	if (r < 0)
		return r;
	/* Without it nobody would find the process again. One that has ended, and was not waited for, has it, too. */
	launch->start_time = 0;
	r = state_start_time(launch->pid, &launch->start_time);
	return launch->start_time ? 0 : error_set(err, -r, "look up when init was started");
}

/* PLAN_CLONE: the process that goes on is another one. */
static int adopt(struct launch *launch, const struct plan_message *message, struct error *err)
{
	int r;

	if (launch->carried < 0)
		return error_say(err, EPROTO, "init did not send its child's pidfd");
	waitpid(launch->pid, NULL, 0);
	close(launch->pidfd);
	launch->pidfd = steal_fd(&launch->carried);
	launch->pid = message->pid;
	r = born(launch, err);
	return r < 0 ? r : go(launch, 0, err);
}

static int reached(struct launch *launch, uint32_t token, struct error *err)
{
	int r;

	if (token == PLAN_TOKEN_INSTALLED_INIT)
		return give_installed_init(launch, err);
	if (token < PLAN_TOKEN_MAPPED || token > PLAN_TOKEN_SCHEDULER)
		return error_say(err, EPROTO, "init asked for the unknown token %u", token);
	r = token == PLAN_TOKEN_RUNTIME_HOOKS && launch->before_hooks ? launch->before_hooks(launch->making, err) : 0;
	if (r == 0)
		r = host_phase_run(launch, host_phase_of_token[token], err);
	if (r < 0)
		return r;
	if (token == PLAN_TOKEN_CREATED) {
		launch->created = true;
		return 0;
	}
	return go(launch, token, err);
}

/*
 * Waits for a message, or its end. An init that was killed just after PLAN_CLONE leaves a child with the same socket,
 * which waits for an answer to what was never said: there is no end of file then.
 */
static int wait_for_word(struct launch *launch, struct error *err)
{
	struct pollfd fds[] = { { .fd = launch->sync, .events = POLLIN },
		{ .fd = launch->pidfd, .events = POLLIN } };

	while (poll(fds, 2, -1) < 0) {
		if (errno != EINTR)
			return error_set(err, errno, "wait for init");
	}
	/* The socket is looked at first: what was said, or closed, and then ended in between shows by the pidfd alone. */
	return fds[0].revents || poll(fds, 1, 0) == 1 ? 0 : init_vanished(launch, err);
}

/* One message; *@ended is set when init has closed its end. */
static int listen_once(struct launch *launch, bool *ended, struct error *err)
{
	struct plan_message message;
	ssize_t got;
	int r;

	if (launch->carried >= 0)
		close(launch->carried);
	launch->carried = -1;
	r = wait_for_word(launch, err);
	if (r < 0)
		return r;
	do {
		got = sys_receive_with_fd(launch->sync, &message, sizeof(message), &launch->carried);
	} while (got < 0 && errno == EINTR);
	*ended = got == 0 || (got < 0 && errno == ECONNRESET);
	if (*ended)
		return 0;
	if (got != sizeof(message))
		return error_set(err, got < 0 ? errno : EPROTO, "receive from init");
	launch->heard = true;
	message.pointer[sizeof(message.pointer) - 1] = '\0';
	message.what[sizeof(message.what) - 1] = '\0';
	message.detail[sizeof(message.detail) - 1] = '\0';
	switch (message.type) {
	case PLAN_MESSAGE_FAILED:
		return init_failure(&message, err);
	case PLAN_MESSAGE_WARNING:
		log_warning("%s", message.detail);
		return 0;
	case PLAN_MESSAGE_LAST:
		launch->last_heard = true;
		return 0;
	case PLAN_MESSAGE_CHILD:
		return adopt(launch, &message, err);
	case PLAN_MESSAGE_REACHED:
		return reached(launch, message.token, err);
	}
	return error_say(err, EPROTO, "init sent a message of the unknown type %u", message.type);
}

bool launch_holds_init(const struct launch *launch)
{
	return launch->plan->clone_flags & CLONE_NEWUSER || (launch->born_outside && !launch->plan->joins);
}

/* From init's birth to PLAN_TOKEN_CREATED. */
static int bring_up(struct launch *launch, struct error *err)
{
	bool ended = false;
	int r = init_spawn(launch, launch->plan->clone_flags, err);

	if (r == 0 && !launch->plan->joins)
		r = born(launch, err);
	if (r == 0 && launch_holds_init(launch))
		r = go(launch, 0, err);
	while (r == 0 && !launch->created) {
		r = listen_once(launch, &ended, err);
		if (r == 0 && ended)
			r = init_vanished(launch, err);
	}
	return r;
}

/*
 * Kernels of 2025 on count what is written to cgroup.kill ("cgroup: fix race between fork and cgroup.kill"), and take
 * a process that is cloned into a cgroup from one with another count for one that was to be killed. So whatever was
 * ever killed could not be used again; and nothing be started from there. One that is moved lives.
 */
static bool killed_at_birth(struct launch *launch)
{
	struct pollfd end = { .fd = launch->pidfd, .events = POLLIN };
	struct error ignored;

	if (launch->heard || launch->born_outside || !launch->cgroup || launch->cgroup->v2_fd < 0 || !launch->born)
		return false;
	if (launch->pid > 0 && poll(&end, 1, BIRTH_MS) == 1 && waitpid(launch->pid, &launch->status, 0) == launch->pid)
		launch->pid = 0;
	return launch->pid == 0 && WIFSIGNALED(launch->status) && WTERMSIG(launch->status) == SIGKILL &&
	       !killed_for_memory(launch, &ignored);
}

int launch_create(struct launch *launch, struct error *err)
{
	int r = host_phase_run(launch, HOST_BEFORE_CLONE, err);

	if (r < 0)
		return r;
	r = bring_up(launch, err);
	if (r < 0 && killed_at_birth(launch)) {
		close(launch->sync);
		close(launch->pidfd);
		launch->sync = launch->pidfd = -1;
		launch->born_outside = true;
		r = bring_up(launch, err);
	}
	return r;
}

int launch_release(struct launch *launch, struct error *err)
{
	close_slots(launch);
	return go(launch, PLAN_TOKEN_CREATED, err);
}

int launch_finish(struct launch *launch, struct error *err)
{
	bool ended = false;
	int r = 0;

	while (r == 0 && !ended)
		r = listen_once(launch, &ended, err);
	/* The end of init's descriptors is that of execve(2), or of init. */
	if (r == 0 && !launch->last_heard)
		r = init_vanished(launch, err);
	if (r == 0 && poll(&(struct pollfd){ .fd = launch->pidfd, .events = POLLIN }, 1, 0) == 1 &&
		killed_for_memory(launch, err))
		r = -ENOMEM;
	if (r == 0) {
		/* From here on the devices are the container's, to the end of its namespace (NET-08). */
		launch->net_devices = NULL;
		net_move_close(&launch->net);
	}
	return r;
}

/* Warns of what could not be undone; whether it could. */
static bool undone(int r, const struct error *err)
{
	if (r < 0)
		log_warning("%s", err->message);
	return r == 0;
}

bool launch_undo(struct launch *launch)
{
	struct error err;
	bool all = true;

	/* Should it be descriptors that have run out, undoing needs some. */
	close_slots(launch);
	for (; launch->net_devices; launch->net_devices = launch->net_devices->next)
		all &= undone(net_device_return(&launch->net, launch->net_devices, &err), &err);
	if (launch->pid > 0) {
		/* Where it waits for us, this ends it, too: nobody but the kernel can promise that a signal is allowed. */
		if (launch->sync >= 0)
			close(launch->sync);
		launch->sync = -1;
		/* Not waited for, its number is still its own. */
		kill(launch->pid, SIGKILL);
		while (waitpid(launch->pid, NULL, 0) < 0 && errno == EINTR)
			;
		launch->pid = 0;
	}
	all &= undone(resctrl_remove(launch->resctrl_group, launch->resctrl_monitor, &err), &err);
	/* One that was there before is not ours to remove. */
	if (launch->cgroup && launch->cgroup->spec)
		all &= undone(cgroup_remove(launch->cgroup, &err), &err);
	return all;
}

void launch_close(struct launch *launch)
{
	int *const fds[] = { &launch->sync, &launch->pidfd, &launch->carried, &launch->start_socket };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
	net_move_close(&launch->net);
	cgroup_close(launch->cgroup);
	launch->cgroup = NULL;
}
