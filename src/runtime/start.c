/* SPDX-License-Identifier: GPL-2.0-or-later */
/* start: a created container's init goes on to become its process. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "plan/plan.h"
#include "plan/protocol.h"
#include "runtime/activation.h"
#include "runtime/container.h"
#include "sys/process.h"
#include "util/cleanup.h"
#include "util/log.h"

/* How long the end of a process that has begun to end may take. */
#define END_WAIT_MS 5000

/* A container being started. */
struct starting {
	struct state_directory *directory;
	const struct container_state *state;
	const struct oci_config *config;
	int socket;  /* to init */
	int carried; /* descriptor that came with the last message; -1 if none */
	bool last_heard; /* PLAN_MESSAGE_LAST */
};

/* The only thing that init needs the host side for after it was woken. */
static int pass_listener(const struct starting *s, struct error *err)
{
	const struct oci_seccomp *seccomp = s->config->linux ? s->config->linux->seccomp : NULL;
	const struct container_state *state = s->state;
	struct host_seccomp agent = { .path = state->silo->seccompAgent,
		.metadata = seccomp ? seccomp->listenerMetadata : NULL };
	struct oci_state shown = container_shown(state, OCI_STATUS_CREATED);
	struct plan_message go = { .type = PLAN_MESSAGE_GO };
	int r;

	if (!agent.path)
		return error_say(err, EPROTO, "init sent a seccomp listener that nobody asked for");
	r = seccomp_agent_send(&agent, state->pid, &shown, s->carried, err);
	if (r == 0 && sys_send_with_fd(s->socket, &go, sizeof(go), -1) < 0)
		r = error_set(err, errno, "send to init");
	return r;
}

/* One message; *@ended is set when init has become the process. */
static int listen_once(struct starting *s, bool *ended, struct error *err)
{
	struct plan_message message;
	ssize_t got;

	if (s->carried >= 0)
		close(s->carried);
	do {
		got = sys_receive_with_fd(s->socket, &message, sizeof(message), &s->carried);
	} while (got < 0 && errno == EINTR);
	*ended = got == 0 || (got < 0 && errno == ECONNRESET);
	if (*ended)
		return 0;
	if (got != sizeof(message))
		return error_set(err, got < 0 ? errno : EPROTO, "receive from init");
	if (message.type == PLAN_MESSAGE_FAILED)
		return init_failure(&message, err);
	if (message.type == PLAN_MESSAGE_REACHED && message.token == PLAN_TOKEN_SECCOMP)
		return pass_listener(s, err);
	if (message.type == PLAN_MESSAGE_LAST)
		s->last_heard = true;
	else
		log_warning("%.*s", (int)sizeof(message.detail), message.detail);
	return 0;
}

/* Who ends gives up memory, and with it the program, before descriptors. */
static bool is_ending(pid_t pid)
{
	char path[64], target[64];

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	return readlink(path, target, sizeof(target)) < 0 && errno == ENOENT;
}

/* Init was killed for memory, which the cgroup tells: a negative errno; 0 if not. */
static int check_memory(const struct container_state *state, struct error *err)
{
	struct oci_arena *arena = oci_arena_new();
	struct cgroup *cgroup = NULL;
	int r = 0;

	if (arena && container_cgroup(state, arena, &cgroup, NULL) == 0 && cgroup)
		r = cgroup_oom_error(cgroup, err);
	cgroup_close(cgroup);
	oci_arena_free(arena);
	return r;
}

static int init_vanished(const struct container_state *state, int pidfd, struct error *err)
{
	int status;

	if (pidfd < 0 || !state_exit_code(state, pidfd, &status))
		return error_say(err, EPIPE,
			"init was killed before it had executed the program: see the kernel's log for what killed it");
	return init_ended(status, "executed the program", err);
}

/* The end of init's descriptors is that of execve(2), or of init: it may have been killed, for memory as a rule. */
static int check_end(const struct starting *s, int pidfd, struct error *err)
{
	bool ended = !s->last_heard || pidfd < 0 || is_ending(s->state->pid);
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	int r;

	if (ended && pidfd >= 0)
		poll(&end, 1, END_WAIT_MS);
	r = ended ? check_memory(s->state, err) : 0;
	return r == 0 && !s->last_heard ? init_vanished(s->state, pidfd, err) : r;
}

/* Wakes init up, and reads what it has to say until it has become the process. */
static int wake(struct starting *s, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct plan_message message = { .type = PLAN_MESSAGE_GO };
	/* Before it may end: how it did is told by a pidfd alone once somebody has waited for it. */
	_cleanup_close_ int pidfd = container_pidfd(s->state);
	bool ended = false;
	int r = 0;

	start_socket_path(s->directory, address.sun_path, sizeof(address.sun_path));
	s->socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (s->socket < 0 || connect(s->socket, (struct sockaddr *)&address, sizeof(address)) < 0)
		r = error_set(err, errno, "connect to the start socket of container %s", s->directory->id);
	else if (sys_send_with_fd(s->socket, &message, sizeof(message), -1) < 0)
		r = error_set(err, errno, "wake init");
	while (r == 0 && !ended)
		r = listen_once(s, &ended, err);
	if (r == 0)
		r = check_end(s, pidfd, err);
	if (s->carried >= 0)
		close(s->carried);
	if (s->socket >= 0)
		close(s->socket);
	return r;
}

/* A service manager that gave NOTIFY_SOCKET to `start` is told by it. */
static void wait_until_ready(const struct container_state *state, struct notify *notify)
{
	_cleanup_close_ int pidfd = notify->socket < 0 ? -1 : container_pidfd(state);

	if (pidfd >= 0)
		notify_wait(notify, state->pid, pidfd);
}

/*
 * The container runs, and others may work on it from here on: a hook may never end. One that they deleted meanwhile has
 * nothing left to be undone.
 */
static int poststart(struct state_directory *directory, const struct oci_config *config,
	const struct container_state *state, struct error *err)
{
	struct oci_state shown = container_shown(state, OCI_STATUS_RUNNING);
	struct error ignored;
	int r;

	state_unlock(directory);
	r = config->hooks ? hooks_run("poststart", &config->hooks->poststart, &shown, -1, err) : 0;
	if (r < 0 && state_relock(directory, &ignored) == 0)
		container_destroy(directory, &ignored);
	return r;
}

static int start_created(struct state_directory *directory, const struct container_state *state,
	struct error *err)
{
	struct oci_document *document = NULL;
	struct container_state running = *state;
	struct starting starting = { .directory = directory, .state = state, .socket = -1, .carried = -1 };
	struct net_move net = NET_MOVE_INIT;
	struct notify notify = NOTIFY_INIT;
	const struct oci_config *config;
	struct error ignored;
	int r = container_config(directory, &document, err);

	if (r < 0)
		return r;
	config = document->root;
	if (!config->process || !config->process->args.len) {
		oci_document_free(document);
		return error_say(err, EINVAL, "container %s has no process.args: there is no program to start",
			directory->id);
	}
	starting.config = config;
	r = notify_listen(directory, &notify, err);
	/* While its process lives for certain: it is the only way to the devices. */
	if (r == 0 && state->silo->netDevices.len)
		r = net_move_open(state->pid, &net, err);
	if (r == 0) {
		r = wake(&starting, err);
		if (r < 0)
			net_devices_return(&net, &state->silo->netDevices);
		net_move_close(&net);
	}
	if (r == 0) {
		running.status = OCI_STATUS_RUNNING;
		r = state_write(directory, &running, err);
	}
	if (r == 0)
		unlinkat(directory->fd, START_SOCKET, 0);
	/* LIF-07, LIF-09: stop the container and undo it. */
	if (r < 0)
		container_destroy(directory, &ignored);
	else
		r = poststart(directory, config, state, err);
	oci_document_free(document);
	if (r == 0)
		wait_until_ready(state, &notify);
	notify_close(&notify);
	return r;
}

/* Another version's init may say what we do not know, and leave out what we wait for. */
static int check_version(const struct container_state *state, struct error *err)
{
	if (state->silo->planVersion == PLAN_VERSION)
		return 0;
	return error_say(err, EPROTO,
		"cannot start container %s: it was created by another build of silo (version %.32s), whose init this one does not understand: start it with that, or delete it and create it again",
		state->id, state->silo->version);
}

int runtime_start(const struct runtime_context *context, const char *id, struct error *err)
{
	struct container container;
	int r = container_open(&container, context, id, STATE_LOCK_WAIT, err);

	if (r == 0 && container.status != OCI_STATUS_CREATED)
		r = error_say(err, EINVAL, "cannot start container %s: it is %s, not created", id,
			oci_enum_name(&oci_status_enum, (int)container.status));
	if (r == 0)
		r = check_version(container.state, err);
	if (r == 0)
		r = start_created(&container.directory, container.state, err);
	container_close(&container);
	return r;
}
