/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operations on containers: what the commands of src/cli/ call. All return
 * 0 or a negative errno, and write nothing to standard output.
 */
#ifndef SILO_RUNTIME_OPERATIONS_H
#define SILO_RUNTIME_OPERATIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "libocispec/ocispec.h"
#include "util/error.h"

/* Who makes and manages cgroups. */
enum cgroup_manager {
	CGROUP_MANAGER_CGROUPFS,
	CGROUP_MANAGER_SYSTEMD,
	CGROUP_MANAGER_DISABLED,
};

/* --rootless: whether to act as if without the rights of the host's root. */
enum rootless_mode {
	ROOTLESS_AUTO,
	ROOTLESS_TRUE,
	ROOTLESS_FALSE,
};

/* What the global options say; the same for every command. */
struct runtime_context {
	const char *program;   /* the name we were called by, without directories */
	const char *root;      /* where containers' directories are */
	bool root_given;       /* by --root: it must exist then for `list` */
	bool debug;
	enum cgroup_manager cgroup_manager;
	bool cgroup_manager_given; /* otherwise an existing container's own one counts */
	enum rootless_mode rootless;
};

/* How a container is made. Paths are as given: relative ones to our working directory. */
struct create_options {
	const char *id;
	const char *bundle;         /* NULL: the working directory */
	const char *config;         /* NULL: config.json in the bundle */
	const char *console_socket; /* receives the terminal's master; NULL if none */
	const char *pid_file;       /* NULL if none */
	const char *pidfd_socket;   /* receives the process's pidfd; NULL if none */
	uint32_t preserve_fds;      /* descriptors from 3 on that the process inherits */
	bool no_pivot;
	bool no_new_keyring;
	bool no_subreaper;          /* run: do not become the reaper of the container's orphans */
	bool detach;                /* run: return once the process is started */
	bool keep;                  /* run: do not delete the container after its process ended */
};

/* What is executed in a container, and how. Members that are NULL, empty or false leave the config's value. */
struct exec_options {
	const char *id;
	const char *process_file;      /* --process: a file with a process object instead of the config's */
	struct oci_string_list args;   /* the program and its arguments */
	struct oci_string_list env;    /* more environment */
	struct oci_string_list capabilities; /* more bounding, effective and permitted ones */
	struct oci_string_list cgroups; /* "[CONTROLLER[,CONTROLLER]:]PATH" below the container's cgroup */
	struct oci_uint32_list groups; /* more supplementary groups */
	const uint32_t *uid, *gid;
	const char *cwd, *label, *apparmor;
	const char *console_socket, *pid_file, *pidfd_socket; /* as in create_options */
	uint32_t preserve_fds;
	bool terminal, no_new_privs;
	bool detach;                   /* return once the process is started */
	bool ignore_paused;            /* execute it in a paused container: it begins when that is resumed */
};

/**
 * runtime_exec - execute a process in a container that is created or running
 * @exit_status: receives the process's status, 128 + n if signal n ended it; 0 when detached
 */
int runtime_exec(const struct runtime_context *context, const struct exec_options *options,
	int *exit_status, struct error *err);

/** runtime_create - make a container, whose process then waits for runtime_start() */
int runtime_create(const struct runtime_context *context, const struct create_options *options,
	struct error *err);

/**
 * runtime_run - make and start a container, and unless detached wait for its end and delete it
 * @exit_status: receives the process's status, 128 + n if signal n ended it; 0 when detached
 */
int runtime_run(const struct runtime_context *context, const struct create_options *options,
	int *exit_status, struct error *err);

/* How an update is given; what the one says counts for more than what the other says. */
struct update_options {
	const char *resources_file;            /* JSON of linux.resources; "-" is standard input; NULL */
	const struct oci_resources *resources; /* from options */
	const char *l3_cache_schema, *mem_bw_schema; /* lines for resctrl's schemata; NULL */
};

/**
 * runtime_mounts - add mounts to a running container, or remove them
 * @file: a JSON array of mounts, as in config.json; for removing only their destinations count
 *
 * They are made in order; what was done before an error stays.
 */
int runtime_mounts(const struct runtime_context *context, const char *id, const char *file, bool remove,
	struct error *err);

/** runtime_start - let a created container's process execute the program */
int runtime_start(const struct runtime_context *context, const char *id, struct error *err);

/**
 * runtime_kill - send a signal
 * @signal: its number; 0 only checks
 * @all: to every process of the container, not just the first
 */
int runtime_kill(const struct runtime_context *context, const char *id, int signal, bool all,
	struct error *err);

/**
 * runtime_pause - stop all processes of a running or created container
 * If they do not all stop within 10 seconds, it is taken back.
 */
int runtime_pause(const struct runtime_context *context, const char *id, struct error *err);

/** runtime_resume - let the processes of a paused container go on */
int runtime_resume(const struct runtime_context *context, const char *id, struct error *err);

/**
 * runtime_update - change the limits of a container that is not stopped
 * All of it comes into force, or nothing. Limits that are not given stay; 0 counts as not given where
 * it means nothing.
 */
int runtime_update(const struct runtime_context *context, const char *id,
	const struct update_options *options, struct error *err);

struct cgroup;

/* What runtime_events() tells of a container. */
enum event_type {
	EVENT_STATS, /* the cgroup's statistics are to be read */
	EVENT_OOM,   /* the kernel ran out of the container's memory */
	EVENT_EXIT,  /* the container's process has ended */
};

struct event {
	enum event_type type;
	const struct cgroup *cgroup;
	bool exit_known; /* EVENT_EXIT: */
	int exit_code;	 /* as waitpid(2) gives it */
};

/* Receives events; a negative value ends runtime_events(), which returns it. */
typedef int (*event_function)(const struct event *event, void *data, struct error *err);

/**
 * runtime_events - tell of a container's events until its process has ended
 * @interval: milliseconds between statistics; 0: tell of these once and return
 */
int runtime_events(const struct runtime_context *context, const char *id, unsigned interval,
	event_function function, void *data, struct error *err);

/**
 * runtime_processes - the processes in the container's cgroup
 * @pids: receives their pids, malloc'ed; none of a stopped container is no error
 */
int runtime_processes(const struct runtime_context *context, const char *id, pid_t **pids,
	size_t *count, struct error *err);

/**
 * runtime_delete - remove a container and all that was made for it
 * @force: kill it first if it is alive; that it does not exist is no error then
 */
int runtime_delete(const struct runtime_context *context, const char *id, bool force,
	struct error *err);

#endif
