/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What create and run, delete and a failed start have in common. */
#ifndef SILO_RUNTIME_CONTAINER_H
#define SILO_RUNTIME_CONTAINER_H

#include "runtime/bundle.h"
#include "runtime/launch.h"
#include "runtime/operations.h"
#include "runtime/state.h"

/* A container in the making. */
struct making {
	const struct runtime_context *context;
	const struct create_options *options;
	struct bundle bundle;
	struct host_facts facts;
	struct plan_activation activation;
	struct plan_options plan_options;
	struct plan *plan;
	struct launch launch;
	struct state_directory directory;
	const char *planned_cgroup; /* for the state file, before it is made */
	bool pid_file_written;
	char created[STATE_TIME_SIZE];
};

/* A container that exists, opened for an operation. */
struct container {
	struct state_directory directory;
	struct oci_document *document; /* of the state file; its arena is free for use */
	const struct container_state *state;
	enum oci_status status;        /* present one */
};

/**
 * making_begin - all up to init waiting for the release; undone on failure
 * @wait_for_start: init is to wait for runtime_start()
 * The caller calls making_end() in any case.
 */
int making_begin(struct making *making, const struct runtime_context *context,
	const struct create_options *options, bool wait_for_start, struct error *err);

/** making_undo - take everything back */
void making_undo(struct making *making);

/** making_end - release memory and descriptors; the container stays */
void making_end(struct making *making);

/**
 * container_open - find a container, lock it, read its state
 * The caller calls container_close() in any case.
 *
 * Return: 0; -ENOENT if there is none, -ENODATA if its state is unusable; another negative errno.
 */
int container_open(struct container *container, const struct runtime_context *context, const char *id,
	enum state_lock lock, struct error *err);

/** container_close - unlock and release it */
void container_close(struct container *container);

/** container_shown - what hooks and seccomp agents are told of an existing container; as @status, with @state's strings */
struct oci_state container_shown(const struct container_state *state, enum oci_status status);

/**
 * container_destroy - end an existing container's processes, remove its cgroup, run its
 * poststop hooks, remove its state; @directory is locked and only fit for state_close() afterwards
 */
int container_destroy(struct state_directory *directory, struct error *err);

/**
 * container_destroy_unknown - the same for a container whose state file is unusable
 * Its processes are found by the cgroup that its saved config names; no hooks are run.
 */
int container_destroy_unknown(struct state_directory *directory, struct error *err);

/**
 * container_end - remove the cgroup, run the poststop hooks, remove the state
 * @directory: locked; only fit for state_close() afterwards
 * @cgroup: NULL: there is none
 * @config: whose hooks are run; NULL: none are
 * @state: what hooks are told
 */
int container_end(struct state_directory *directory, const struct cgroup *cgroup,
	const struct oci_config *config, const struct oci_state *state, struct error *err);

/** planned_step - the data of the plan's host step of a kind; NULL without one */
const void *planned_step(const struct plan *plan, enum host_kind kind);

/** container_config - the config saved at create; release with oci_document_free() */
int container_config(const struct state_directory *directory, struct oci_document **ret,
	struct error *err);

/** container_unit - the systemd unit of an existing container; *@ret is NULL if it has none */
int container_unit(const struct container_state *state, struct oci_arena *arena,
	const struct systemd_unit **ret, struct error *err);

/** container_cgroup - the cgroup of an existing container; *@ret is NULL if it has none */
int container_cgroup(const struct container_state *state, struct oci_arena *arena,
	struct cgroup **ret, struct error *err);

/** container_pidfd - a pidfd of the container's process, -ESRCH if it has ended, or another negative errno */
int container_pidfd(const struct container_state *state);

/** caller_reserve_fds - keep what is open of descriptors 3 to 2+@count for the process, and ours off these numbers */
int caller_reserve_fds(uint32_t count, struct error *err);

/** caller_document - read a document other than a config from a file or pipe; release with oci_document_free() */
int caller_document(const struct oci_type *type, const char *path, struct oci_document **ret,
	struct error *err);

/**
 * caller_send_fd - pass a descriptor to the socket at @path (SCM_RIGHTS, as runc's --console-socket)
 * @what: what the socket is to the caller, for errors: "console socket"
 */
int caller_send_fd(const char *what, const char *path, int fd_sent, struct error *err);

/** caller_pid_file - write a pid file that readers never see half of; @path as the caller gave it */
int caller_pid_file(const char *path, pid_t pid, struct error *err);

/** start_socket_path - "/proc/self/fd/N/start": short enough for a socket address whatever the root is */
const char *start_socket_path(const struct state_directory *directory, char *buffer, size_t size);

#endif
