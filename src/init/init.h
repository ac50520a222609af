/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * init: the only program of ours that runs inside a namespace that others can
 * see. Static, sealed, without allocation: it maps the plan and runs its
 * steps in order.
 *
 * A step function returns 0, or a negative errno after noting in
 * init->detail which call on what failed.
 */
#ifndef SILO_INIT_INIT_H
#define SILO_INIT_INIT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"

#define ROOT_PATH_MAX PATH_MAX
#define INIT_SETTLED 2

struct init {
	const unsigned char *blob;
	const struct plan_header *header;
	int sync;         /* SOCK_SEQPACKET to the host side, or to `silo start` */
	int rootfs;       /* O_PATH, the container's root directory */
	int proc;         /* our own procfs; -1 until it is needed */
	int settled[INIT_SETTLED]; /* what the plan mounted on /proc and /sys; -1 until then */
	int kept[PLAN_HANDLES_MAX]; /* mounts that a later step changes, by handle */
	int mask;         /* the empty read-only directory behind masked paths; -1 until needed */
	int null;         /* the host's /dev/null behind masked files; -1 until needed */
	int parent;       /* the last parent directory that was opened, ... */
	const char *parent_path; /* ... and the path in the plan that begins with its path, ... */
	size_t parent_length;    /* ... of this length */
	int terminal;     /* master, until it is handed over */
	bool last_said;   /* the host side knows that only the filter and execve(2) are left */
	bool pivoted;     /* the caller's file system is out of reach */
	bool cwd_entered;
	bool terminal_pending; /* standard input is to become the controlling terminal after PLAN_CLONE */
	char detail[512]; /* which call on what failed */
	char program[ROOT_PATH_MAX]; /* found for args[0] */
	char home[ROOT_PATH_MAX + 6]; /* "HOME=..." */
};

/** init_string - a string of the plan; NULL for 0 */
static inline const char *init_string(const struct init *init, plan_ref ref)
{
	return ref ? (const char *)init->blob + ref : NULL;
}

/** init_strings - the references of a list of strings */
static inline const plan_ref *init_strings(const struct init *init, struct plan_list list)
{
	return (const plan_ref *)(init->blob + list.items);
}

/** init_fd - the descriptor the host side put into a slot */
static inline int init_fd(const struct init *init, plan_slot slot)
{
	return ((const int32_t *)(init->blob + init->header->fds))[slot];
}

/** init_failed - note "CALL SUBJECT" as what failed; returns -errno */
int init_failed(struct init *init, const char *call, const char *subject);

/** init_refused - the same with a given code */
int init_refused(struct init *init, int code, const char *message, const char *subject);

/** init_number - decimal text of a number; @buffer holds at least 24 bytes; returns its start */
char *init_number(char *buffer, unsigned long long value);

/** init_sync - tell the host side that @token is reached, with @fd unless -1, and wait until it says go */
int init_sync(struct init *init, uint32_t token, int fd);

/** init_warn - a line for the host side's log */
void init_warn(struct init *init, const char *text, const char *subject);

/** init_last - say PLAN_MESSAGE_LAST, once */
void init_last(struct init *init);

/** init_open_proc - make sure init->proc is open; 0 or a negative errno */
int init_open_proc(struct init *init);

/*
 * Paths in the container (root.c). None ever leaves the root file system.
 */

/** root_open - open an existing path with O_PATH and more @flags; a descriptor or -errno without detail */
int root_open(struct init *init, const char *path, uint64_t flags);

/** root_open_plain - as root_open, but no symbolic link is followed, nor opened: -ELOOP */
int root_open_plain(struct init *init, const char *path);

/** root_plain_parent - the directory that @path is in, opened in the same way; @name receives the last component */
int root_plain_parent(struct init *init, const char *path, const char **name);

/** root_settle - remember @fd as what is mounted at @path from now on, if that is /proc or /sys */
void root_settle(struct init *init, const char *path, int fd);

/**
 * root_open_settled - as root_open, but a path below /proc or /sys is resolved from what the plan mounted
 * there, under whatever name somebody may have put that by now
 */
int root_open_settled(struct init *init, const char *path, uint64_t flags);

/**
 * root_make - open a mount point with O_PATH, made if it is missing: a directory, or an empty file
 * @path: of the plan, as for root_parent()
 */
int root_make(struct init *init, const char *path, bool directory, bool *made);

/**
 * root_parent - open (and make) the directory that holds a path; the descriptor stays cached in init
 * @path: of the plan: it must outlive the cache
 * @name: receives the last component, pointing into the path
 */
int root_parent(struct init *init, const char *path, const char **name);

/** root_forget - drop the cached directory: something may cover it now */
void root_forget(struct init *init);

int step_join(struct init *init, const void *args);
int step_enter_root(struct init *init, const void *args);
int step_clone(struct init *init, const void *args);
int step_unshare(struct init *init, const void *args);
int step_cgroup_join(struct init *init, const void *args);
int step_affinity(struct init *init, const void *args);
int step_sync(struct init *init, const void *args);
int step_loopback(struct init *init, const void *args);
int step_become_root(struct init *init, const void *args);
int step_private(struct init *init, const void *args);
int step_propagation(struct init *init, const void *args);
int step_rootfs(struct init *init, const void *args);
int step_mount(struct init *init, const void *args);
int step_umount(struct init *init, const void *args);
int step_device(struct init *init, const void *args);
int step_symlink(struct init *init, const void *args);
int step_hook(struct init *init, const void *args);
int step_pivot(struct init *init, const void *args);
int step_root_attr(struct init *init, const void *args);
int step_readonly_path(struct init *init, const void *args);
int step_mask_path(struct init *init, const void *args);
int step_hostname(struct init *init, const void *args);
int step_domainname(struct init *init, const void *args);
int step_sysctl(struct init *init, const void *args);
int step_terminal(struct init *init, const void *args);
int step_oom_score(struct init *init, const void *args);
int step_keyring(struct init *init, const void *args);
int step_personality(struct init *init, const void *args);
int step_rlimit(struct init *init, const void *args);
int step_scheduler(struct init *init, const void *args);
int step_io_priority(struct init *init, const void *args);
int step_memory_policy(struct init *init, const void *args);
int step_label(struct init *init, const void *args);
int step_bounding(struct init *init, const void *args);
int step_user(struct init *init, const void *args);
int step_cwd(struct init *init, const void *args);
int step_capabilities(struct init *init, const void *args);
int step_find_program(struct init *init, const void *args);
int step_start(struct init *init, const void *args);
int step_no_new_privs(struct init *init, const void *args);
int step_seccomp(struct init *init, const void *args);
int step_exec(struct init *init, const void *args);

/**
 * move_root - move init->rootfs over the root, change to it, and hide the host's procfs and sysfs
 * @cut: mounts have peers on the host, which all this must not reach
 */
int move_root(struct init *init, bool cut);

/*
 * Mounts: mounts.c makes them, mount_target.c finds their mount points, mount_change.c is for what mount(2) must do, and for changes.
 */

/** mount_target - open the mount point of a step, made if it is missing: a descriptor, or a negative errno with detail */
int mount_target(struct init *init, const struct plan_mount *mount, bool directory, bool *made);

/** mount_attached - what follows once the mount @fd is in its place: it is remembered, and gets its propagation */
int mount_attached(struct init *init, const struct plan_mount *mount, int fd);

/** mount_attributes - mount_setattr(2) of the mount @fd, or of its @tree; nothing for nothing */
int mount_attributes(struct init *init, int fd, uint64_t set, uint64_t clear, uint64_t propagation, bool tree);

/** mount_legacy - make a mount by mount(2) */
int mount_legacy(struct init *init, const struct plan_mount *mount);

/** mount_change - PLAN_MOUNT_REMOUNT */
int mount_change(struct init *init, const struct plan_mount *mount);

/** mount_parameter - fsconfig(2) with "key" or "key=value" */
int mount_parameter(struct init *init, int fs, const char *text);

/** filter_install - seccomp(2); a listener's descriptor if the flags ask for one, or -1 with errno */
int filter_install(const struct init *init, const struct plan_filter *filter);

/** tree_copy - copy what a directory holds into another (tmpcopyup); both open for reading */
int tree_copy(struct init *init, int from, int to);

#endif
