/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What operations on a container that exists have in common: its parts, and its end. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/processes.h"
#include "cgroup/systemd.h"
#include "resctrl/resctrl.h"
#include "runtime/container.h"
#include "sys/process.h"
#include "util/cleanup.h"
#include "util/log.h"
#include "util/version.h"

/* How long a killed process may take to be gone: milliseconds. */
#define KILL_DEADLINE 10000

int container_config(const struct state_directory *directory, struct oci_document **ret,
	struct error *err)
{
	struct oci_arena *arena = oci_arena_new();
	struct oci_error error;
	const char *text;
	size_t length;
	int r;

	if (!arena)
		return error_set(err, ENOMEM, "read the saved config");
	r = state_load_config(directory, arena, &text, &length, err);
	if (r == 0) {
		r = oci_read(&oci_config_type, text, length, 0, ret, &error);
		if (r < 0) {
			error_say(err, error.code, "saved config: %s", error.message);
			error_origin(err, error.pointer, error.line);
		}
	}
	oci_arena_free(arena);
	return r;
}

int container_unit(const struct container_state *state, struct oci_arena *arena,
	const struct systemd_unit **ret, struct error *err)
{
	const struct container_private *silo = state->silo;
	struct systemd_unit *unit = NULL;

	if (silo->systemdUnit) {
		unit = oci_arena_alloc(arena, sizeof(*unit));
		if (!unit)
			return error_set(err, ENOMEM, "find the container's unit");
		*unit = (struct systemd_unit){ silo->systemdUnit, silo->systemdUser };
	}
	*ret = unit;
	return 0;
}

/* @find is cgroup_open() or cgroup_recall(). */
static int find_cgroup(const struct container_state *state, struct oci_arena *arena,
	struct cgroup **ret, struct error *err,
	int (*find)(const struct cgroup_layout *, const char *, struct oci_arena *, struct cgroup **,
		struct error *))
{
	const struct systemd_unit *unit = NULL;
	struct cgroup_layout *layout;
	int r;

	*ret = NULL;
	if (!state->silo->cgroupPath)
		return 0;
	r = cgroup_layout_read(arena, &layout, err);
	if (r == 0)
		r = find(layout, state->silo->cgroupPath, arena, ret, err);
	if (r == 0)
		r = container_unit(state, arena, &unit, err);
	if (r == 0)
		cgroup_scope_recall(*ret, unit);
	return r;
}

int container_cgroup(const struct container_state *state, struct oci_arena *arena,
	struct cgroup **ret, struct error *err)
{
	return find_cgroup(state, arena, ret, err, cgroup_open);
}

int container_pidfd(const struct container_state *state)
{
	uint64_t start;
	int fd, r;

	if (state->pid <= 0)
		return -ESRCH;
	fd = sys_pidfd_open(state->pid);
	if (fd < 0)
		return -errno;
	/* Asked only now, when the number can no longer change hands. */
	r = state_start_time(state->pid, &start);
	if (r == 0 && start != state->silo->startTime)
		r = -ESRCH;
	if (r < 0)
		close(fd);
	return r < 0 ? r : fd;
}

/* @cgroup may be NULL. */
static int end_process(const struct container_state *state, const struct cgroup *cgroup,
	struct error *err)
{
	_cleanup_close_ int fd = container_pidfd(state);
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	int ready;

	if (fd == -ESRCH)
		return 0;
	if (fd < 0)
		return error_set(err, -fd, "find process %d", state->pid);
	if (sys_pidfd_send_signal(fd, SIGKILL) < 0) {
		if (errno == ESRCH)
			return 0;
		/* A profile of AppArmor may keep signals out, but not cgroup.kill. */
		error_set(err, errno, "kill process %d", state->pid);
		if (!cgroup || cgroup_signal(cgroup, SIGKILL, 0, err) < 0)
			return -err->code;
	}
	if (cgroup)
		cgroup_thaw_v1(cgroup);
	do {
		ready = poll(&poller, 1, KILL_DEADLINE);
	} while (ready < 0 && errno == EINTR);
	if (ready == 0)
		return error_say(err, ETIMEDOUT, "process %d did not end within %d s of SIGKILL",
			state->pid, KILL_DEADLINE / 1000);
	return 0;
}

int container_end(struct state_directory *directory, const struct cgroup *cgroup,
	const struct oci_config *config, const struct oci_state *state, struct error *err)
{
	int r = cgroup ? cgroup_remove(cgroup, err) : 0;

	if (r < 0)
		return r;
	if (config)
		hooks_poststop(config, state);
	return state_remove(directory, err);
}

/* The cgroup as the state file has it, which need not exist any more. */
static int recall_cgroup(const struct container_state *state, struct oci_arena *arena,
	struct cgroup **ret, struct error *err)
{
	return find_cgroup(state, arena, ret, err, cgroup_recall);
}

struct oci_state container_shown(const struct container_state *state, enum oci_status status)
{
	return (struct oci_state){ .ociVersion = SILO_SPEC_VERSION, .id = state->id,
		.pid = status == OCI_STATUS_STOPPED ? 0 : state->pid, .status = status, .bundle = state->bundle,
		.annotations = state->annotations };
}

static int destroy(struct state_directory *directory, const struct container_state *state,
	struct oci_arena *arena, struct error *err)
{
	struct oci_state shown = container_shown(state, OCI_STATUS_STOPPED);
	struct oci_document *config = NULL;
	struct cgroup *cgroup = NULL;
	int r = recall_cgroup(state, arena, &cgroup, err);

	if (r == 0)
		r = end_process(state, cgroup, err);
	if (r == 0)
		r = resctrl_remove(state->silo->resctrlGroup, state->silo->resctrlMonitor, err);
	if (r < 0)
		return r;
	/* A container that was never created gets no hooks (LIF-02). */
	if (state->silo->poststop && state->status != OCI_STATUS_CREATING) {
		struct error error = { 0 };

		if (container_config(directory, &config, &error) < 0)
			log_warning("poststop hooks: %s", error.message);
	}
	r = container_end(directory, cgroup, config ? config->root : NULL, &shown, err);
	cgroup_close(cgroup);
	oci_document_free(config);
	return r;
}

int container_destroy(struct state_directory *directory, struct error *err)
{
	struct oci_document *document = NULL;
	const struct container_state *state;
	int r = state_read(directory, &document, &state, err);

	if (r == -ENODATA)
		return container_destroy_unknown(directory, err);
	if (r == 0)
		r = destroy(directory, state, document->arena, err);
	oci_document_free(document);
	return r;
}

int container_open(struct container *container, const struct runtime_context *context, const char *id,
	enum state_lock lock, struct error *err)
{
	int r;

	*container = (struct container){ .directory = STATE_DIRECTORY_INIT };
	r = state_open(context->root, id, lock, &container->directory, err);
	if (r == 0)
		r = state_read(&container->directory, &container->document, &container->state, err);
	if (r == 0)
		container->status = state_status(&container->directory, container->state);
	return r;
}

void container_close(struct container *container)
{
	oci_document_free(container->document);
	state_close(&container->directory);
}

int runtime_processes(const struct runtime_context *context, const char *id, pid_t **pids,
	size_t *count, struct error *err)
{
	struct container container;
	struct cgroup *cgroup = NULL;
	pid_t *found = NULL;
	int r = container_open(&container, context, id, STATE_LOCK_NONE, err);

	*pids = NULL;
	*count = 0;
	if (r == 0)
		r = container_cgroup(container.state, container.document->arena, &cgroup, err);
	if (r == 0 && !cgroup)
		r = error_say(err, ENOTSUP, "container %s has no cgroup that would tell its processes", id);
	if (r == 0)
		r = cgroup_processes(cgroup, &found, count, err);
	if (r == 0 && *count) {
		*pids = calloc(*count, sizeof(**pids));
		if (*pids)
			memcpy(*pids, found, *count * sizeof(**pids));
		else
			r = error_set(err, ENOMEM, "list the processes of container %s", id);
	}
	cgroup_close(cgroup);
	container_close(&container);
	return r;
}
