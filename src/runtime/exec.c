/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exec: the same init as at create, with a plan that begins by joining the container. */
#include "runtime/exec.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/container.h"
#include "runtime/foreground.h"
#include "runtime/host_facts.h"
#include "runtime/user_namespace.h"
#include "util/cleanup.h"

/* A process on its way into a container. */
struct entering {
	const struct runtime_context *context;
	const struct exec_options *options;
	struct state_directory directory;
	struct oci_document *state_document, *config, *file;
	const struct container_state *state;
	int pidfd;                   /* of the container's process */
	struct host_facts facts;
	struct plan_entered entered;
	struct plan_options plan_options;
	struct plan *plan;
	struct launch launch;
};

static int check_status(const struct entering *e, struct error *err)
{
	switch (state_status(&e->directory, e->state)) {
	case OCI_STATUS_CREATING:
		return error_say(err, EBUSY, "cannot exec in container %s: it is still being created",
			e->options->id);
	case OCI_STATUS_STOPPED:
		return error_say(err, ESRCH, "cannot exec in a stopped container: container %s is not running",
			e->options->id);
	case OCI_STATUS_PAUSED:
		if (!e->options->ignore_paused)
			return error_say(err, EBUSY,
				"cannot exec in a paused container (use --ignore-paused to override)");
		return 0;
	default:
		return 0;
	}
}

static int find_container(struct entering *e, struct error *err)
{
	int r = state_open(e->context->root, e->options->id, STATE_LOCK_NONE, &e->directory, err);

	if (r == 0)
		r = state_read(&e->directory, &e->state_document, &e->state, err);
	if (r == 0)
		r = check_status(e, err);
	if (r < 0)
		return r;
	e->pidfd = container_pidfd(e->state);
	if (e->pidfd < 0 && e->pidfd != -ESRCH)
		return error_set(err, -e->pidfd, "find the process of container %s", e->options->id);
	if (e->pidfd < 0)
		return error_say(err, ESRCH, "container %s is not running: its process has ended",
			e->options->id);
	return container_config(&e->directory, &e->config, err);
}

static int check_terminal(const struct entering *e, struct error *err)
{
	if (e->plan->terminal && e->options->detach && !e->options->console_socket)
		return error_say(err, EINVAL,
			"cannot allocate a terminal: use --console-socket with --detach when a terminal is used");
	if (!e->plan->terminal && e->options->console_socket)
		return error_say(err, EINVAL,
			"--console-socket is given without --tty or terminal: there is no terminal to send");
	return 0;
}

static int compile(struct entering *e, struct error *err)
{
	const char *receiver = getenv("RUN_OCI_SECCOMP_RECEIVER"); /* as at create */
	int r = exec_process(e->options, e->config, &e->file, &e->entered.process, err);

	if (r == 0)
		r = host_facts_read(e->config->arena, &e->facts, err);
	if (r == 0)
		r = state_load_filter(&e->directory, e->config->arena, &e->entered.filter,
			&e->entered.filter_size, err);
	if (r < 0)
		return r;
	e->entered.pid = e->state->pid;
	e->entered.cgroup = e->state->silo->cgroupPath;
	r = user_namespace_read(e->entered.pid, e->config->arena, &e->entered.maps, err);
	if (r == 0)
		r = container_unit(e->state, e->config->arena, &e->entered.unit, err);
	if (r < 0)
		return r;
	e->entered.cgroups = e->options->cgroups;
	e->entered.file = e->file;
	e->plan_options = (struct plan_options){ .id = e->options->id, .bundle = e->state->bundle,
		.seccomp_receiver = receiver ? receiver : e->state->silo->seccompAgent,
		.no_new_keyring = e->state->silo->noNewKeyring,
		.preserve_fds = e->options->preserve_fds, .entered = &e->entered };
	r = plan_compile_exec(e->config, &e->facts, &e->plan_options, &e->plan, err);
	if (r < 0)
		return r;
	plan_log(e->plan);
	return check_terminal(e, err);
}

/*
 * From here on signals are the process's. Before, they end us as they end any program, and init with us, which sees
 * its socket closed: in a paused container that may be a long while.
 */
static int block_signals(struct error *err)
{
	sigset_t all;

	sigfillset(&all);
	return sigprocmask(SIG_BLOCK, &all, NULL) < 0 ? error_set(err, errno, "block signals") : 0;
}

/* All up to the process being ready, and its pid known to whoever asked for it. */
static int prepare(struct entering *e, struct error *err)
{
	bool written = false;
	int r;

	launch_prepare(&e->launch, e->plan, e->config, &e->facts, &e->plan_options);
	e->launch.console_socket = e->options->console_socket;
	e->launch.fds[e->plan->entered_slot] = steal_fd(&e->pidfd);
	r = launch_create(&e->launch, err);
	if (r == 0 && !e->options->detach)
		r = block_signals(err);
	if (r == 0 && e->options->pidfd_socket)
		r = caller_send_fd("pidfd socket", e->options->pidfd_socket, e->launch.pidfd, err);
	if (r == 0 && e->options->pid_file) {
		r = caller_pid_file(e->options->pid_file, e->launch.pid, err);
		written = r == 0;
	}
	if (r == 0)
		r = launch_release(&e->launch, err);
	if (r == 0)
		r = launch_finish(&e->launch, err);
	if (r < 0)
		launch_undo(&e->launch);
	if (r < 0 && written)
		unlink(e->options->pid_file);
	return r;
}

static int enter(struct entering *e, struct error *err)
{
	int r = state_check_id(e->options->id, err);

	if (r == 0)
		r = caller_reserve_fds(e->options->preserve_fds, err);
	if (r == 0)
		r = find_container(e, err);
	if (r == 0)
		r = compile(e, err);
	if (r == 0)
		r = prepare(e, err);
	if (r < 0) {
		exec_name_document(e->file, err);
		error_prefix(err, "exec failed");
	}
	return r;
}

static void leave(struct entering *e)
{
	launch_close(&e->launch);
	plan_free(e->plan);
	if (e->pidfd >= 0)
		close(e->pidfd);
	oci_document_free(e->file);
	oci_document_free(e->config);
	oci_document_free(e->state_document);
	state_close(&e->directory);
}

int runtime_exec(const struct runtime_context *context, const struct exec_options *options,
	int *exit_status, struct error *err)
{
	struct entering e = { .context = context, .options = options,
		.directory = STATE_DIRECTORY_INIT, .pidfd = -1 };
	int r;

	launch_prepare(&e.launch, NULL, NULL, NULL, NULL);
	r = enter(&e, err);
	*exit_status = 0;
	if (r == 0 && !options->detach)
		r = foreground_wait(e.launch.pid, e.launch.pidfd, e.launch.terminal, NULL, exit_status,
			err);
	leave(&e);
	return r;
}
