/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compiler: (config, host facts, options) -> plan, without a system call
 * that changes anything. Aspects (src/aspects/) each turn one part of the
 * config into init's steps (the blob of plan.h) and the host side's steps
 * (struct host_step).
 */
#ifndef SILO_PLAN_COMPILE_H
#define SILO_PLAN_COMPILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libocispec/arena.h"
#include "libocispec/ocispec.h"
#include "plan/plan.h"
#include "util/error.h"
#include "util/subid.h"

struct cgroup_layout;
struct cgroup_spec;
struct systemd_unit;

/* What the compiler must know of the machine; gathered once, fixed in tests. */
struct host_facts {
	uid_t euid;
	gid_t egid;
	bool in_user_namespace;              /* not the initial one: root there may not rule devices */
	bool setgroups_denied;               /* where we are (user_namespaces(7)) */
	bool foreign_mounts;                 /* our mount namespace is not our user namespace's: no mount can be cloned */
	struct subid_user user;              /* us, where not root */
	bool no_uid_helper, no_gid_helper;   /* newuidmap(1), newgidmap(1) are not there */
	const char *subuid_text, *subgid_text; /* /etc/subuid, /etc/subgid; NULL: not read */
	struct id_ranges subuids, subgids;   /* what the helpers would map for an ordinary user */
	unsigned last_capability;            /* highest capability the kernel knows */
	uint64_t bounding;                   /* our own bounding set: what can be granted */
	uint64_t ignored_signals;            /* by us, and so by every child; bit n-1 is signal n */
	bool apparmor, selinux;              /* enabled in the running kernel */
	const struct cgroup_layout *cgroups; /* NULL: no cgroups are mounted */
	bool cgroups_disabled;               /* by the caller: the container stays in our own cgroup */
};

/* What the command line adds to the config. */
struct plan_options {
	const char *id;
	const char *bundle;       /* absolute path */
	uint32_t preserve_fds;
	bool wait_for_start;      /* create: block until `silo start` */
	bool no_pivot;
	bool no_new_keyring;
	bool systemd;             /* cgroups are made by systemd */
	bool strict;              /* --rootless=false: no user namespace but the config's, no doing without a cgroup */
	const char *seccomp_receiver; /* RUN_OCI_SECCOMP_RECEIVER of the environment; NULL if not set */
	const struct plan_activation *activation; /* what a service manager passes on; NULL: nothing */
	const struct plan_entered *entered; /* exec: the container that is entered; NULL otherwise */
};

/* Name of the socket in struct plan_activation's notify_directory. */
#define PLAN_NOTIFY_NAME "notify.sock"

/* What a service manager hands to the container's process (sd_listen_fds(3), sd_notify(3)). */
struct plan_activation {
	uint32_t listen_fds;           /* sockets from descriptor 3 on, counted in preserve_fds; 0: none */
	const char *listen_names;      /* LISTEN_FDNAMES; NULL */
	const char *notify_directory;  /* absolute path of the directory the socket will be in; NULL: none */
};

/* The maps of a user namespace that is there already; NULL where it is ours. */
struct entered_maps {
	const struct oci_id_mapping_list *uids, *gids;
	bool setgroups_denied;
};

/* What exec must know of the container besides its config. */
struct plan_entered {
	pid_t pid;                       /* of its process */
	const struct entered_maps *maps; /* NULL: not known, the config's are taken for them */
	const char *cgroup;              /* text for cgroup_open(); NULL: it has none */
	const struct systemd_unit *unit; /* that it belongs to; NULL: none */
	struct oci_string_list cgroups;  /* --cgroup: "[CONTROLLER[,CONTROLLER]:]PATH" below it */
	const struct oci_document *file; /* --process: its document; NULL */
	const struct oci_process *process;  /* what is executed instead of the config's process */
	const struct oci_mount_list *mounts; /* what `mounts` adds or removes; in file */
	bool remove_mounts;
	const void *filter;              /* the seccomp filter's program as create made it; NULL: compile it */
	size_t filter_size;              /* in bytes */
};

/*
 * When the host side does a step: before init exists, or after (at once, beside
 * init's first steps, which wait at PLAN_TOKEN_MAPPED), or at one of the later tokens.
 */
enum host_phase {
	HOST_BEFORE_CLONE,
	HOST_AFTER_CLONE,     /* must be done before PLAN_TOKEN_MAPPED is answered */
	HOST_AT_MAPPED,       /* needs something init did first; with no step of these two, init does not wait */
	HOST_AT_CGROUP,
	HOST_AT_RUNTIME_HOOKS,
	HOST_AT_TERMINAL,
	HOST_AT_SECCOMP,
	HOST_AT_CREATED,
	HOST_AT_LIMITS,
	HOST_AT_SCHEDULER,
};

/** host_phase_of_token - by enum plan_token: the steps that are done while init waits at that token's PLAN_SYNC */
extern const enum host_phase host_phase_of_token[];

/* What the host side does; each kind has one function in src/runtime/. */
enum host_kind {
	HOST_CGROUP_OPEN,    /* exec: open the cgroup there is; data: struct host_cgroup_open */
	HOST_CGROUP,         /* make the cgroup and set its limits; data: struct cgroup_spec */
	HOST_CGROUP_JOIN,    /* open v1's tasks files for init; data: struct host_cgroup_join */
	HOST_CGROUP_INHABITED, /* end what kept systemd's scope until init was there */
	HOST_CGROUP_LATE,    /* settings for an inhabited cgroup; data: struct cgroup_spec */
	HOST_CGROUP_DELEGATE, /* move init into a cgroup below; data: struct host_cgroup_delegate */
	HOST_OPEN_NAMESPACE, /* data: struct host_open */
	HOST_OPEN_ROOTFS,    /* data: struct host_open */
	HOST_OPEN_TREE,      /* bind source cloned on the host side; data: struct host_open */
	HOST_OPEN_ROOT,      /* exec: open the container's root directory; data: struct host_open */
	HOST_AFFINITY,       /* exec: run on these CPUs until init is born; data: struct host_affinity */
	HOST_CLONE,          /* start init; data: struct host_clone */
	HOST_ID_MAP,         /* data: struct host_id_map */
	HOST_TIME_OFFSETS,   /* data: struct host_file */
	HOST_OOM_SCORE,      /* data: struct host_file */
	HOST_HOOKS,          /* data: struct host_hooks */
	HOST_SEND_TERMINAL,
	HOST_HOOK_OUTPUT,    /* open a file for hooks that init runs; data: struct host_open */
	HOST_VOLUME,         /* mount a block device or an image, detached; data: struct host_volume */
	HOST_NET_DEVICE,     /* move a device into the network namespace; data: struct host_net_device */
	HOST_RESCTRL,        /* make or check the resctrl group; data: struct resctrl_group */
	HOST_RESCTRL_JOIN,   /* put init into it; the same data */
	HOST_FIND_AGENT,     /* see that a seccomp agent's socket is there; data: struct host_seccomp */
	HOST_SEND_LISTENER,  /* pass the seccomp listener to the agent; data: struct host_seccomp */
	HOST_RLIMIT,         /* of init; data: struct plan_rlimit */
	HOST_SCHEDULER,      /* of init; data: struct plan_scheduler */
	HOST_IO_PRIORITY,    /* of init; data: struct plan_io_priority */
	HOST_KIND_COUNT
};

struct host_open {
	const char *path;
	plan_slot slot;    /* where the descriptor goes */
	uint32_t type;     /* CLONE_NEW* for a namespace */
	bool recursive;    /* HOST_OPEN_ROOTFS, HOST_OPEN_TREE */
	bool no_follow;    /* HOST_OPEN_TREE: a link at the end of path is itself what is cloned */
	uint32_t propagation; /* HOST_OPEN_ROOTFS, HOST_OPEN_TREE: MS_* of all that is cloned; 0: peers of the host's mounts */
	bool lock;         /* HOST_OPEN_ROOTFS, HOST_OPEN_TREE: for another user namespace, which may not change the host's mounts */
	uint64_t set, clear, set_tree, clear_tree; /* HOST_OPEN_TREE: MOUNT_ATTR_*, as in struct plan_mount */
	bool map_recursive; /* ridmap: what is mounted below, too (MNT-16) */
	const char *other; /* HOST_OPEN_TREE: taken where path does not exist; NULL: that is an error */
	const char *uid_map, *gid_map; /* HOST_OPEN_TREE: id-map the tree; NULL if not */
};

struct host_clone {
	uint64_t flags;    /* CLONE_NEW* that init is born with */
};

struct host_id_map {
	const char *uid_map, *gid_map; /* the text of /proc/PID/uid_map and gid_map */
	bool uid_helper, gid_helper;   /* to be written by newuidmap(1), newgidmap(1) */
	bool deny_setgroups;
};

struct host_cgroup_join { /* v1: tasks files for init to join by */
	plan_slot first;
	uint32_t count;
};

struct host_cgroup_open {
	const char *saved;                  /* text for cgroup_open() */
	const struct systemd_unit *unit;    /* that it belongs to; NULL: none */
	const struct oci_string_list *below; /* struct plan_entered's cgroups */
};

struct host_cgroup_delegate {
	const char *path; /* below the container's cgroup */
	uid_t owner;      /* as in struct cgroup_spec */
};

struct host_affinity {
	const unsigned long *cpus; /* a bit each */
	size_t size;               /* in bytes */
};

struct host_file {
	const char *name;  /* below /proc/PID */
	const char *text;
};

struct host_hooks {
	const char *kind;  /* "prestart", "createRuntime" */
	const struct oci_hook_list *hooks;
};

struct host_volume {
	const char *type;
	const char *source;      /* block device, or an image for a loop device */
	const char **parameters; /* for fsconfig(2) */
	size_t parameter_count;
	bool read_only;
	plan_slot slot;
};

struct host_net_device {
	const char *from;  /* its name outside */
	const char *to;    /* its name inside; with "%d": the first that is free */
};

struct host_seccomp {
	const char *path;     /* of the agent's socket; "@name" is an abstract one */
	const char *metadata; /* listenerMetadata; NULL if there is none */
};

struct host_step {
	enum host_kind kind;
	enum host_phase phase;
	const char *pointer;  /* JSON pointer of the property; "" if none */
	unsigned line;
	const char *what;     /* for people */
	const void *data;
};

/* The compiler's result. Lives in the document's arena, but for blob (malloc). */
struct plan {
	unsigned char *blob;      /* starts with struct plan_header */
	size_t blob_size;
	struct host_step *host;   /* in order of phase */
	size_t host_count;
	uint32_t fd_count;        /* slots that host steps fill */
	plan_slot start_slot;     /* of the start socket; -1 when init does not wait for start */
	plan_slot entered_slot;   /* exec: of the container's pidfd; -1 otherwise */
	struct plan_filter filter; /* the seccomp filter, in the blob; length 0 without one */
	uint64_t clone_flags;     /* namespaces init is born with */
	bool joins;               /* init clones again after joining: its pid arrives by message */
	bool terminal;
	bool keep_groups;         /* the caller's supplementary groups stay (run.oci.keep_original_groups) */
	const char **warnings;    /* what was accepted but cannot be honoured */
	size_t warning_count;
	const char **notes;       /* what only who looks for it wants to know: for the log's debug level */
	size_t note_count;
};

/* State of one compilation, handed to every aspect. */
struct compile {
	const struct oci_document *document;
	const struct oci_config *config;
	const struct host_facts *host;
	const struct plan_options *options;
	struct oci_arena *arena;
	struct error *err;
	struct plan *plan;
	const struct cgroup_spec *cgroup; /* set by aspect_cgroup; NULL without a cgroup */
	uint64_t new_namespaces;  /* CLONE_NEW*: made by this container */
	uint64_t joined_namespaces; /* CLONE_NEW*: entered by path */
	const struct oci_id_mapping_list *uid_mappings, *gid_mappings; /* of the new user namespace, defaults
		included, or for exec of the container's; NULL without one */
	const char **late_mounts; /* for each entry of mounts its target, if it becomes read-only late; NULL: none */
	struct plan_step *steps;  /* init's steps so far */
	uint32_t step_count;
	size_t step_capacity, blob_capacity;
	size_t host_capacity, warning_capacity, note_capacity;
	struct plan_seccomp filter; /* set by aspect_filter, if filtered */
	bool filtered;
	uint64_t keep_for_filter; /* capabilities that stay until the seccomp filter is installed */
	bool capabilities_warned; /* they are compiled twice, but warned about once */
	bool out_of_memory;       /* checked once, at the end */
};

/**
 * plan_compile - compile a config
 * @document: a document of oci_config_type; must outlive the plan
 * @host: facts of the machine; must outlive the plan
 * @options: must outlive the plan
 * @ret: receives the plan; release with plan_free()
 *
 * Return: 0, or a negative errno with @err naming the property.
 */
int plan_compile(const struct oci_document *document, const struct host_facts *host,
	const struct plan_options *options, struct plan **ret, struct error *err);

/** plan_compile_mounts - compile what it takes to change a running container's mounts; as plan_compile_exec() */
int plan_compile_mounts(const struct oci_document *document, const struct host_facts *host,
	const struct plan_options *options, struct plan **ret, struct error *err);

/** plan_log - write a plan's warnings and notes to the log */
void plan_log(const struct plan *plan);

/**
 * plan_compile_exec - compile what it takes to execute a process in a container
 * @document: the config saved at create
 * @options: entered says which container and what process
 *
 * Otherwise as plan_compile().
 */
int plan_compile_exec(const struct oci_document *document, const struct host_facts *host,
	const struct plan_options *options, struct plan **ret, struct error *err);

/** plan_free - release a plan; NULL is fine */
void plan_free(struct plan *plan);

/*
 * For aspects. @slot is always the address of the member of config that a step
 * comes from (as oci_locate() takes it), or NULL.
 */

/**
 * plan_add - append a step for init
 * @args: the kind's struct of plan.h, copied; NULL if it has none
 * @size: of @args
 * @format: printf format of what the step does, for people
 */
void plan_add(struct compile *c, enum plan_kind kind, const void *slot, const void *args,
	size_t size, const char *format, ...) __attribute__((format(printf, 6, 7)));

/** plan_put_string - copy a string into the blob; NULL gives 0 */
plan_ref plan_put_string(struct compile *c, const char *text);

/** plan_put_bytes - copy @size bytes into the blob, aligned to 8 */
plan_ref plan_put_bytes(struct compile *c, const void *bytes, size_t size);

/** plan_put_strings - copy a list of strings into the blob */
struct plan_list plan_put_strings(struct compile *c, const char *const *items, size_t count);

/** plan_new_slot - reserve a descriptor that a host step will open */
plan_slot plan_new_slot(struct compile *c);

/**
 * plan_add_host - append a step for the host side
 * @data: the kind's struct, in the arena or static
 */
void plan_add_host(struct compile *c, enum host_kind kind, enum host_phase phase, const void *slot,
	const void *data, const char *format, ...) __attribute__((format(printf, 6, 7)));

/** plan_warn - note something that is accepted, but cannot be honoured */
void plan_warn(struct compile *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** plan_note - note what explains the plan, but is no reason to worry */
void plan_note(struct compile *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * plan_refuse - refuse the config because of one property
 * @code: positive errno, EINVAL unless another says more
 * @format: what is wrong and what would be valid; no strerror() is added
 *
 * Return: -code.
 */
int plan_refuse(struct compile *c, const void *slot, int code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/** plan_in_user_namespace - whether the container's root is not the host's: no mknod(2), nor all file systems */
bool plan_in_user_namespace(const struct compile *c);

/**
 * plan_opens_trees - whether the host side must clone what is mounted from the host
 * It can, as root over its own mount namespace; and a user namespace's root, made or joined, may not reach the source.
 */
bool plan_opens_trees(const struct compile *c);

/**
 * plan_is_privileged - whether what takes a capability of the host's user namespace is done to init by the host side
 * @capability: CAP_*. Without it the host side can do no more than init, which then does it.
 */
bool plan_is_privileged(const struct compile *c, unsigned capability);

/**
 * plan_add_privileged - append a step that may take a capability of the host's user namespace
 * @kind: PLAN_RLIMIT, PLAN_SCHEDULER or PLAN_IO_PRIORITY; where init has given the capability up, the host step of the same
 *	name is added in its place, and one of init's that waits for it
 * @args, @size, @format: as for plan_add()
 */
void plan_add_privileged(struct compile *c, enum plan_kind kind, const void *slot, const void *args, size_t size,
	const char *format, ...) __attribute__((format(printf, 6, 7)));

/** plan_pointer - JSON pointer of a member, in the arena; "" if it is absent from the document */
const char *plan_pointer(struct compile *c, const void *slot, unsigned *line);

#endif
