/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carrying a plan out: the host side's steps, init's birth, and the
 * conversation with it. Everything that was made is remembered in struct
 * launch, so that launch_undo() can take it back in reverse.
 */
#ifndef SILO_RUNTIME_LAUNCH_H
#define SILO_RUNTIME_LAUNCH_H

#include <stdbool.h>
#include <sys/types.h>

#include "cgroup/cgroup.h"
#include "net/devices.h"
#include "plan/compile.h"
#include "runtime/state.h"
#include "util/error.h"

struct making;

struct launch {
	struct plan *plan;
	const struct oci_document *document;
	const struct host_facts *facts;
	const struct plan_options *options;
	const char *console_socket;  /* NULL: none was given */
	int start_socket;            /* listening; -1 when init does not wait for start */
	int fds[PLAN_FDS_MAX];       /* what host steps opened, by slot */
	int mount_namespace;         /* a copy of ours that another user namespace owns; -1 until one is needed */
	int sync;                    /* our end of the pair shared with init */
	int pidfd;
	pid_t pid;                   /* 0 until init exists */
	uint64_t start_time;         /* of init: state_start_time() */
	int carried;                 /* descriptor that came with the last message; -1 if none */
	struct cgroup *cgroup;       /* NULL until made, or for exec opened */
	int terminal;                /* the master, kept for the foreground; -1 */
	bool born_outside;           /* init cannot be born in the cgroup, and must be moved there */
	bool born;                   /* init was started: undoing runs the poststop hooks */
	bool heard;                  /* init has said something */
	bool last_heard;             /* ...and PLAN_MESSAGE_LAST */
	int status;                  /* of an init that has been waited for, as waitpid(2) gives it */
	struct net_move net;         /* into the container's network namespace; open once a device is moved */
	const struct net_device *net_devices; /* that were moved, the last one first */
	const char *resctrl_group, *resctrl_monitor; /* that were made; NULL if none */
	int (*before_hooks)(struct making *, struct error *); /* called before runtime hooks are run; NULL for exec */
	struct making *making;       /* its argument */
	bool created;                /* init has reached PLAN_TOKEN_CREATED */
};

/** launch_prepare - fill in a launch; undo works from here on */
void launch_prepare(struct launch *launch, struct plan *plan, const struct oci_document *document,
	const struct host_facts *facts, const struct plan_options *options);

/**
 * launch_create - all up to PLAN_TOKEN_CREATED, which is left unanswered
 * Return: 0; or a negative errno with @err naming step and property. The caller then calls launch_undo().
 */
int launch_create(struct launch *launch, struct error *err);

/** launch_release - answer PLAN_TOKEN_CREATED: init goes on to wait for start, or to become the process */
int launch_release(struct launch *launch, struct error *err);

/** launch_finish - read what init still has to say until it has become the container's process */
int launch_finish(struct launch *launch, struct error *err);

/**
 * launch_undo - end init and take back what was made for it; NULL members are fine
 * Return: whether all of it could be taken back; what could not was warned of.
 */
bool launch_undo(struct launch *launch);

/** net_devices_save - what start needs to move the devices back, last one first, in the arena */
int net_devices_save(const struct launch *launch, struct oci_arena *arena,
	struct container_net_device_list *ret, struct error *err);

/** net_devices_return - move devices back, by what net_devices_save() gave; what fails is logged */
void net_devices_return(const struct net_move *move, const struct container_net_device_list *saved);

/** launch_close - release descriptors; the container stays */
void launch_close(struct launch *launch);

/** host_phase_run - do the host steps of one phase */
int host_phase_run(struct launch *launch, enum host_phase phase, struct error *err);

/** init_spawn - start init from a sealed memfd in the new namespaces; fills sync, pidfd and pid */
int init_spawn(struct launch *launch, uint64_t namespaces, struct error *err);

/** launch_holds_init - whether what was just born must wait for id maps, or to be in its cgroup, before it becomes init */
bool launch_holds_init(const struct launch *launch);

/** privileged_rlimit, privileged_scheduler, privileged_io_priority - host steps of those kinds, on launch->pid */
int privileged_rlimit(struct launch *launch, const void *data, struct error *err);
int privileged_scheduler(struct launch *launch, const void *data, struct error *err);
int privileged_io_priority(struct launch *launch, const void *data, struct error *err);

/** init_failure - turn a PLAN_MESSAGE_FAILED into an error */
struct plan_message;
int init_failure(const struct plan_message *message, struct error *err);

/** init_ended - say how init ended; @status as waitpid(2) gives it, @before: what it had yet to do */
int init_ended(int status, const char *before, struct error *err);

/** write_proc_file - write /proc/PID/NAME of a child that has not been waited for */
int write_proc_file(pid_t pid, const char *name, const char *text, struct error *err);

/**
 * tree_clone - the step HOST_OPEN_TREE or HOST_OPEN_ROOTFS: clone mounts of the host's into its slot, detached
 * For a container that is entered, an ordinary user's is cloned in its user namespace. Root's for a user namespace is locked
 * against changes there, as far as the config's options do not change the host's.
 * @data: struct host_open
 *
 * Return: 0 or a negative errno.
 */
int tree_clone(struct launch *launch, const void *data, struct error *err);

/** id_map_tree - id-map a detached mount tree by a user namespace with the step's maps (MNT-15) */
int id_map_tree(int tree, const struct host_open *open_step, struct error *err);

/**
 * id_map_refused - the error for a source that could not be id-mapped: it names the mount and its file system
 * @namespace: the user namespace with the maps, or -1 if it did not come to that
 * @code: positive errno
 */
int id_map_refused(const struct host_open *open_step, int namespace, int code, struct error *err);

/** volume_mount - a detached mount of a file system on a block device or in an image; or a negative errno */
int volume_mount(const struct host_volume *volume, struct error *err);

/** hooks_open_output - the file that an annotation sends hooks' output to; relative to the bundle; or -errno */
int hooks_open_output(const char *bundle, const char *path, struct error *err);

/**
 * hooks_run - run hooks on the host side, in order, with the state document on stdin
 * @init: pidfd of init, which the hooks are for: once it has ended they have a few seconds left; -1: they do not depend
 *	on it
 */
int hooks_run(const char *kind, const struct oci_hook_list *hooks, const struct oci_state *state, int init,
	struct error *err);

/** hooks_poststop - run the poststop hooks of a container that is gone; failures only warn (LIF-12) */
void hooks_poststop(const struct oci_config *config, const struct oci_state *state);
/** seccomp_agent_find - see that there is a socket at an agent's path, before anything is made */
int seccomp_agent_find(const char *path, struct error *err);

/**
 * seccomp_agent_send - send an agent the container process state with a listener (SEC-14..17)
 * @pid: of the process with the filter, as we see it
 * @state: of its container
 * @listener: stays the caller's
 */
int seccomp_agent_send(const struct host_seccomp *agent, pid_t pid, const struct oci_state *state,
	int listener, struct error *err);

#endif
