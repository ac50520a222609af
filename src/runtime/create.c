/* SPDX-License-Identifier: GPL-2.0-or-later */
/* create and run: one way to make a container, two ways to go on. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "aspects/annotations.h"
#include "cgroup/systemd.h"
#include "resctrl/resctrl.h"
#include "runtime/activation.h"
#include "runtime/container.h"
#include "runtime/foreground.h"
#include "runtime/host_facts.h"
#include "util/cleanup.h"
#include "util/file.h"
#include "util/log.h"
#include "util/version.h"

const char *start_socket_path(const struct state_directory *directory, char *buffer, size_t size)
{
	snprintf(buffer, size, "/proc/self/fd/%d/" START_SOCKET, directory->fd);
	return buffer;
}

static int listen_for_start(struct making *m, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	start_socket_path(&m->directory, address.sun_path, sizeof(address.sun_path));
	m->launch.start_socket = fd;
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 4) < 0)
		return error_set(err, errno, "make the start socket in the state directory");
	m->launch.fds[m->plan->start_slot] = fd;
	return 0;
}

const void *planned_step(const struct plan *plan, enum host_kind kind)
{
	for (size_t i = 0; i < plan->host_count; i++) {
		if (plan->host[i].kind == kind)
			return plan->host[i].data;
	}
	return NULL;
}

/* What is planned until it is made; nothing where none could be made, and none was asked for. */
static const char *cgroup_text(const struct making *m, enum oci_status status)
{
	const struct cgroup_spec *spec = planned_step(m->plan, HOST_CGROUP);
	const char *text = NULL;

	if (m->launch.cgroup)
		text = m->launch.cgroup->saved;
	else if (spec && status == OCI_STATUS_CREATING)
		text = m->planned_cgroup;
	return text && *text ? text : NULL;
}

static int save_state(struct making *m, enum oci_status status, struct error *err)
{
	static const char *const manager[] = { "cgroupfs", "systemd", "disabled" };
	const struct oci_config *config = m->bundle.config->root;
	const struct cgroup_spec *cgroup = planned_step(m->plan, HOST_CGROUP);
	const struct resctrl_group *resctrl = planned_step(m->plan, HOST_RESCTRL);
	const struct host_seccomp *agent = planned_step(m->plan, HOST_SEND_LISTENER);
	struct container_private private = {
		.cgroupPath = cgroup_text(m, status),
		.planVersion = PLAN_VERSION,
		.startTime = m->launch.start_time,
		.cgroupManager = manager[m->context->cgroup_manager],
		.systemdUnit = cgroup && cgroup->scope ? cgroup->scope->unit.name : NULL,
		.systemdUser = cgroup && cgroup->scope && cgroup->scope->unit.user,
		.poststop = config->hooks && config->hooks->poststop.len,
		.resctrlGroup = resctrl && resctrl->own ? resctrl->path : NULL,
		.resctrlMonitor = resctrl ? resctrl->monitor : NULL,
		.noNewKeyring = m->options->no_new_keyring,
		.seccompAgent = agent ? agent->path : NULL };
	struct container_state state = { .pid = m->launch.pid, .status = status,
		.bundle = m->bundle.path, .rootfs = config->root->path, .created = m->created,
		.annotations = config->annotations, .silo = &private };
	char rootfs[PATH_MAX * 2];
	int r = net_devices_save(&m->launch, m->bundle.config->arena, &private.netDevices, err);

	if (r < 0)
		return r;
	if (*state.rootfs != '/') {
		snprintf(rootfs, sizeof(rootfs), "%s/%s", m->bundle.path, config->root->path);
		state.rootfs = rootfs;
	}
	return state_write(&m->directory, &state, err);
}

/* Before any other side effect: whoever finds this knows what to clean (design, lifecycle on disk). */
static int claim(struct making *m, struct error *err)
{
	const struct cgroup_spec *spec = planned_step(m->plan, HOST_CGROUP);
	int r = state_claim(m->context->root, m->options->id, &m->directory, err);

	if (r < 0)
		return r;
	state_time(m->created);
	if (spec)
		r = cgroup_plan_text(spec, m->bundle.config->arena, &m->planned_cgroup, err);
	if (r == 0)
		r = save_state(m, OCI_STATUS_CREATING, err);
	if (r == 0)
		r = state_save_config(&m->directory, m->bundle.text, m->bundle.length, err);
	if (r == 0 && m->plan->filter.length)
		r = state_save_filter(&m->directory, m->plan->blob + m->plan->filter.program,
			m->plan->filter.length * sizeof(struct sock_filter), err);
	if (r == 0 && m->activation.notify_directory)
		r = notify_prepare(&m->directory, err);
	if (r == 0 && m->plan->start_slot >= 0)
		r = listen_for_start(m, err);
	return r;
}

static int check_terminal(const struct making *m, bool wait_for_start, struct error *err)
{
	bool detached = wait_for_start || m->options->detach;

	if (m->plan->terminal && detached && !m->options->console_socket)
		return error_say(err, EINVAL,
			"cannot allocate a terminal: use --console-socket with --detach or create when a terminal is used");
	if (!m->plan->terminal && m->options->console_socket)
		return error_say(err, EINVAL,
			"--console-socket is given, but /process/terminal is not true: there is no terminal to send");
	return 0;
}

static int compile(struct making *m, bool wait_for_start, struct error *err)
{
	int r;

	r = bundle_load(m->options->bundle, m->options->config, &m->bundle, err);
	if (r == 0)
		r = host_facts_read(m->bundle.config->arena, &m->facts, err);
	if (r == 0)
		r = activation_read(m->context->root, m->options->id, m->bundle.arena, &m->activation, err);
	/* These come first: what is preserved besides is counted from there. */
	if (r == 0)
		r = caller_reserve_fds(m->activation.listen_fds + m->options->preserve_fds, err);
	if (r < 0)
		return r;
	host_facts_choose(&m->facts, m->context);
	m->plan_options = (struct plan_options){ .id = m->options->id, .bundle = m->bundle.path,
		.preserve_fds = m->activation.listen_fds + m->options->preserve_fds,
		.activation = &m->activation, .wait_for_start = wait_for_start,
		.no_pivot = m->options->no_pivot, .no_new_keyring = m->options->no_new_keyring,
		.systemd = m->context->cgroup_manager == CGROUP_MANAGER_SYSTEMD,
		.strict = m->context->rootless == ROOTLESS_FALSE,
		.seccomp_receiver = getenv("RUN_OCI_SECCOMP_RECEIVER") };
	r = plan_compile(m->bundle.config, &m->facts, &m->plan_options, &m->plan, err);
	if (r < 0)
		return r;
	plan_log(m->plan);
	return check_terminal(m, wait_for_start, err);
}

static int tell_caller(struct making *m, struct error *err)
{
	const char *receiver = annotation_get(m->bundle.config->root, "run.oci.pidfd_receiver");
	int r = 0;

	if (m->options->pidfd_socket)
		r = caller_send_fd("pidfd socket", m->options->pidfd_socket, m->launch.pidfd, err);
	if (r == 0 && receiver)
		r = caller_send_fd("pidfd socket", receiver, m->launch.pidfd, err);
	if (r == 0 && m->options->pid_file) {
		r = caller_pid_file(m->options->pid_file, m->launch.pid, err);
		m->pid_file_written = r == 0;
	}
	return r;
}

/* Hooks may never end, and whoever deletes the container must find init to end them. */
static int remember_init(struct making *m, struct error *err)
{
	return save_state(m, OCI_STATUS_CREATING, err);
}

int making_begin(struct making *m, const struct runtime_context *context,
	const struct create_options *options, bool wait_for_start, struct error *err)
{
	int r;

	memset(m, 0, sizeof(*m));
	m->context = context;
	m->options = options;
	m->directory = (struct state_directory)STATE_DIRECTORY_INIT;
	launch_prepare(&m->launch, NULL, NULL, NULL, NULL);
	r = state_check_id(options->id, err);
	if (r == 0)
		r = compile(m, wait_for_start, err);
	if (r < 0)
		return r;
	launch_prepare(&m->launch, m->plan, m->bundle.config, &m->facts, &m->plan_options);
	m->launch.console_socket = options->console_socket;
	m->launch.before_hooks = remember_init;
	m->launch.making = m;
	r = claim(m, err);
	if (r == 0)
		r = launch_create(&m->launch, err);
	if (r == 0)
		r = save_state(m, OCI_STATUS_CREATED, err);
	if (r == 0)
		r = tell_caller(m, err);
	if (r < 0)
		making_undo(m);
	return r;
}

static struct oci_state hook_state(const struct making *m, enum oci_status status)
{
	const struct oci_config *config = m->bundle.config->root;

	return (struct oci_state){ .ociVersion = SILO_SPEC_VERSION, .id = m->options->id, .pid = m->launch.pid,
		.status = status, .bundle = m->bundle.path, .annotations = config->annotations };
}

void making_undo(struct making *m)
{
	struct oci_state state;
	struct error error;
	bool undone = launch_undo(&m->launch);

	/* LIF-04..06: a failed hook leads to the same end as delete, poststop hooks included. */
	if (m->launch.born) {
		state = hook_state(m, OCI_STATUS_STOPPED);
		hooks_poststop(m->bundle.config->root, &state);
	}
	if (m->pid_file_written)
		unlink(m->options->pid_file);
	/* What is left is found by the state: `delete --force` takes it back then. */
	if (undone && m->directory.fd >= 0 && state_remove(&m->directory, &error) < 0)
		log_warning("%s", error.message);
}

void making_end(struct making *m)
{
	launch_close(&m->launch);
	plan_free(m->plan);
	state_close(&m->directory);
	bundle_release(&m->bundle);
}

int runtime_create(const struct runtime_context *context, const struct create_options *options,
	struct error *err)
{
	struct making m;
	int r = making_begin(&m, context, options, true, err);

	if (r == 0) {
		r = launch_release(&m.launch, err);
		if (r < 0)
			making_undo(&m);
	}
	making_end(&m);
	return r;
}

/* Others may work on the container meanwhile: a hook may never end. One that somebody deleted has nothing to be undone. */
static int poststart(struct making *m, struct error *err)
{
	const struct oci_config *config = m->bundle.config->root;
	struct oci_state state = hook_state(m, OCI_STATUS_RUNNING);
	struct error ignored;
	int r;

	state_unlock(&m->directory);
	r = config->hooks ? hooks_run("poststart", &config->hooks->poststart, &state, -1, err) : 0;
	if (r < 0 && state_relock(&m->directory, &ignored) == 0)
		making_undo(m);
	return r;
}

/* What runtime_delete() does, by what is known already. */
static int end_run(struct making *m, struct error *err)
{
	struct oci_state state = hook_state(m, OCI_STATUS_STOPPED);
	int r = state_relock(&m->directory, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r; /* somebody else deleted it */
	r = resctrl_remove(m->launch.resctrl_group, m->launch.resctrl_monitor, err);
	return r < 0 ? r : container_end(&m->directory, m->launch.cgroup, m->bundle.config->root, &state, err);
}

/* The exit status alone does not tell why it was killed. */
static void explain_kill(const struct making *m)
{
	long long limit, usage;

	if (m->launch.cgroup && cgroup_oom(m->launch.cgroup, &limit, &usage))
		log_warning("the process was killed, and the container's memory limit of %lld bytes was exceeded: it used %lld",
			limit, usage);
}

/* The making's lock is kept all the while it starts, and given up before the hooks and the wait. */
static int run_made(struct making *m, struct notify *notify, int *exit_status, struct error *err)
{
	int r = notify_listen(&m->directory, notify, err);

	if (r == 0)
		r = launch_release(&m->launch, err);
	if (r == 0)
		r = launch_finish(&m->launch, err);
	if (r < 0) {
		making_undo(m);
		return r;
	}
	r = poststart(m, err);
	if (r < 0)
		return r;
	*exit_status = 0;
	if (m->options->detach) {
		notify_wait(notify, m->launch.pid, m->launch.pidfd);
		return 0;
	}
	r = foreground_wait(m->launch.pid, m->launch.pidfd, m->launch.terminal, notify, exit_status, err);
	m->launch.pid = 0;
	if (r == 0 && *exit_status == 128 + SIGKILL)
		explain_kill(m);
	if (r < 0 || m->options->keep)
		return r;
	return end_run(m, err);
}

int runtime_run(const struct runtime_context *context, const struct create_options *options,
	int *exit_status, struct error *err)
{
	struct notify notify = NOTIFY_INIT;
	struct making m;
	sigset_t all;
	int r;

	if (!options->detach) {
		sigfillset(&all);
		if (sigprocmask(SIG_BLOCK, &all, NULL) < 0)
			return error_set(err, errno, "block signals");
		if (!options->no_subreaper)
			prctl(PR_SET_CHILD_SUBREAPER, 1);
	}
	r = making_begin(&m, context, options, false, err);
	if (r == 0)
		r = run_made(&m, &notify, exit_status, err);
	notify_close(&notify);
	making_end(&m);
	return r;
}
