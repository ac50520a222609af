/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroups: where they are mounted (layout), what a config asks of them (spec),
 * and the container's own cgroup (make, join, signal, remove). v1, hybrid and
 * v2 differ only inside this directory.
 */
#ifndef SILO_CGROUP_CGROUP_H
#define SILO_CGROUP_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "libocispec/arena.h"
#include "util/error.h"

struct compile;
struct oci_resources;
struct systemd_scope;
struct systemd_unit;

/* One mounted hierarchy: a v1 one with its controllers, or the v2 tree. */
struct cgroup_hierarchy {
	const char *mountpoint; /* "/sys/fs/cgroup/memory" */
	const char *root;	/* of that mount within the hierarchy: "/" unless in a container */
	const char *
		controllers; /* "cpu,cpuacct", "name=systemd"; for v2 those of cgroup.controllers */
	const char *own;     /* this process's cgroup, below mountpoint; starts with "/" */
	bool v2;
	bool confined;       /* v2: we may not make cgroups beside our own, only below it */
};

/* Every hierarchy found in /proc/self/mountinfo and /proc/self/cgroup. */
struct cgroup_layout {
	struct cgroup_hierarchy *items;
	size_t count;
	bool unified_only; /* pure v2 */
};

/* A value to write, in order. */
struct cgroup_setting {
	size_t hierarchy; /* index into the layout */
	const char *file; /* "memory.max" */
	const char *value;
	const char *other_file,
		*other_value;	/* written instead where @file does not exist; or NULL */
	const char *usage_file; /* refuse a value below what is used now (RME-08); or NULL */
	const char *pointer;	/* JSON pointer of the property, and its line */
	unsigned line;
	bool optional;        /* a missing file is no error */
	bool late;            /* to be written once the process is in */
	bool pair;            /* refused with EINVAL: write the next one first, then this again */
	bool verbatim;        /* a key of unified: written even if the file holds the same */
};

/* What is asked of the container's cgroup: the result of aspect_cgroup(). */
struct cgroup_spec {
	const struct cgroup_layout *layout;
	struct systemd_scope *scope; /* systemd makes the cgroup (systemd.h), at paths that are only
					expected to be these; NULL: we do */
	const char
		*path; /* in the v2 tree, or in the first hierarchy without one; starts with "/" */
	const char **
		paths; /* below each hierarchy's mount point; they differ for relative paths only */
	const char *saved; /* the same as text, as cgroup_open() takes it */
	struct cgroup_setting *settings;
	size_t setting_count;
	const void *device_program;   /* v2: struct bpf_insn[]; NULL when none */
	size_t device_program_length; /* in instructions */
	const char *device_pointer;   /* JSON pointer of the device rules, and their line */
	unsigned device_line;
	const char *enable; /* v2: controllers that settings need: "cpu memory"; "" when none */
	const char *wanted; /* v2: controllers to enable where that is possible, for statistics */
	bool strict; /* a hierarchy that may not be written to is an error, setting or not */
	const char *device_list; /* for update: what v1's devices.list has now; NULL otherwise */
	const struct oci_resources *before; /* for update: what the container's config has; NULL otherwise */
	struct cgroup_setting *device_undo; /* v1, where reversing each line is not enough: what puts the */
	size_t device_undo_count;	    /* rules in force again that were so before */
	uid_t owner; /* v2: who gets the delegated files (CGP-08..CGP-14); (uid_t)-1: nobody */
};

/* The container's cgroup once it exists; arena-held. */
struct cgroup {
	const struct cgroup_layout *layout;
	const char *path;   /* as in cgroup_spec */
	const char **paths; /* NULL: not in this hierarchy, which could not be written and has no
			       setting */
	const char *lost;   /* the path that it had in a hierarchy, and that is gone; NULL: none */
	const char *
		saved; /* text for the state file: the paths, and which of them were there before */
	const struct cgroup_spec *spec; /* NULL after cgroup_open() */
	struct oci_arena *arena;
	int v2_fd;    /* O_DIRECTORY descriptor for CLONE_INTO_CGROUP; -1 without a v2 tree */
	const struct systemd_unit *unit; /* that it belongs to; NULL: none */
	size_t delegated; /* length of the part of path from which on the cgroups are ours; 0: all */
	pid_t holder; /* what keeps the scope alive until the container does; 0: nothing */
	int *dir_fds; /* per hierarchy: descriptor of the directory, or -1 while nobody needed it (cgroup_dir()) */
	bool *made;   /* per hierarchy: we made the leaf directory, so we remove it */
};

/**
 * cgroup_layout_read - find the mounted hierarchies
 * Reads /proc/self/mountinfo and /proc/self/cgroup. A machine without any is no error: count is 0.
 *
 * Return: 0 or a negative errno.
 */
int cgroup_layout_read(struct oci_arena *arena, struct cgroup_layout **ret, struct error *err);

/**
 * cgroup_layout_parse - the same from texts (for tests and fuzzing); neither is changed
 * @mountinfo: as in proc(5); mounts that others hide are left out
 * @own: text of /proc/self/cgroup
 *
 * The v2 hierarchy's controllers are left empty. Return: 0 or -ENOMEM.
 */
int cgroup_layout_parse(struct oci_arena *arena, const char *mountinfo, const char *own,
	struct cgroup_layout **ret, struct error *err);

/**
 * cgroup_find - the hierarchy that has a controller
 * @controller: kernel's name; "" finds the v2 tree
 * @v2: look among v2's controllers instead of v1's
 *
 * Return: index into the layout; -1 if there is none.
 */
ssize_t cgroup_find(const struct cgroup_layout *layout, const char *controller, bool v2);

/**
 * cgroup_settings - compile linux.resources to what has to be written, in order
 * @c: for its document, host, arena and err; nothing is added to the plan
 * @resources: NULL gives no settings
 * @spec: its layout is used; settings, setting_count, device_program* and enable are filled
 *
 * Return: 0, or a negative errno after plan_refuse().
 */
int cgroup_settings(
	struct compile *c, const struct oci_resources *resources, struct cgroup_spec *spec);

/**
 * cgroup_plan_text - the text for the state file, before anything is made
 * Says which directories are there already: should the runtime end before it has looked, `delete` must know whose
 * they are. One that holds processes, or is frozen, is refused as by cgroup_make().
 * @text: in @arena, or the spec's own
 *
 * Return: 0 or a negative errno.
 */
int cgroup_plan_text(const struct cgroup_spec *spec, struct oci_arena *arena, const char **text,
	struct error *err);

/**
 * cgroup_make - make the cgroup in every hierarchy and apply all settings
 * On failure everything that was made is removed again. A cgroup that already holds processes or is
 * frozen is refused (CGP-06). A hierarchy that may not be written to (EACCES, EPERM, EROFS) is
 * skipped if no setting is meant for it.
 *
 * Return: 0 or a negative errno, with the property in @err if a setting failed.
 */
int cgroup_make(const struct cgroup_spec *spec, struct oci_arena *arena, struct cgroup **ret,
	struct error *err);

/**
 * cgroup_apply - write settings to an existing cgroup, for update
 * @late: only those that are (or are not) marked so
 */
int cgroup_apply(const struct cgroup *cgroup, const struct cgroup_setting *settings, size_t count,
	bool late, struct error *err);

/**
 * cgroup_update - apply settings and device rules to a cgroup with processes in it
 * @spec: only its settings, device_program and enable count
 *
 * What the files hold already is not written; what was written is read back. If anything fails, what
 * was written before is set back; device rules come last.
 */
int cgroup_update(const struct cgroup *cgroup, const struct cgroup_spec *spec, struct error *err);

/**
 * cgroup_enable - v2: have controllers for the cgroup, in all cgroups above it
 * @spec: only its enable and settings count; controllers that the cgroup has already are fine
 */
int cgroup_enable(const struct cgroup *cgroup, const struct cgroup_spec *spec, struct error *err);

/**
 * cgroup_set_devices - put a device program in force in the v2 tree, in place of ours that was
 * there
 * @program, @length: struct bpf_insn[] and their number
 *
 * There is no moment without any program. Programs that others attached stay.
 */
int cgroup_set_devices(
	const struct cgroup *cgroup, const void *program, size_t length, struct error *err);

/**
 * cgroup_open_tasks - the files by which a process moves itself into the v1 hierarchies
 * @fds: receives one descriptor per v1 hierarchy of the layout, in its order; left as it is where the
 *	cgroup is not in that hierarchy
 *
 * In the v2 tree processes are born (CLONE_INTO_CGROUP).
 */
int cgroup_open_tasks(const struct cgroup *cgroup, int *fds, size_t count, struct error *err);

/**
 * cgroup_recall - the cgroup of an existing container, by its text alone
 * @saved: text of cgroup_spec or cgroup; a bare path counts for all hierarchies
 *
 * Nothing is opened, and it need not exist any more: enough for cgroup_remove().
 */
int cgroup_recall(const struct cgroup_layout *layout, const char *saved, struct oci_arena *arena,
	struct cgroup **ret, struct error *err);

/**
 * cgroup_open - find the cgroup of an existing container again, for signalling and settings
 * @saved: as for cgroup_recall()
 *
 * Hierarchies in which it does not exist (any more) are left out: that is no error, but told in its @lost, since a process that
 * is to be confined by it must be in all of them.
 */
int cgroup_open(const struct cgroup_layout *layout, const char *saved, struct oci_arena *arena,
	struct cgroup **ret, struct error *err);

/**
 * cgroup_descend - go on to a cgroup below an opened one, for exec --cgroup
 * @path: "[CONTROLLER[,CONTROLLER]:]PATH", without ".."; with controllers only v1 hierarchies that have them
 *	descend; "/" stays where it is
 *
 * v1 hierarchies without that directory are left as they are, if another one has it.
 *
 * Return: 0; -ENOENT if there is no such directory; -EINVAL.
 */
int cgroup_descend(struct cgroup *cgroup, const char *path, struct error *err);

/**
 * cgroup_follow - go on to the cgroup below an opened one that a process is in
 * @pid: process 1 of the container, in the v2 tree
 *
 * A systemd in a container moves itself below the container's cgroup, which then passes controllers on and may
 * hold no processes itself (cgroups(7), "no internal processes").
 *
 * Return: 0; -ENOENT if the process is not below.
 */
int cgroup_follow(struct cgroup *cgroup, pid_t pid, struct error *err);

/**
 * cgroup_delegate - make a cgroup below the container's, move a process there, and let it divide that
 * @path: components below the container's cgroup
 * @owner: who gets the delegated files, or (uid_t)-1
 *
 * The container's controllers are passed on. v2 only.
 */
int cgroup_delegate(const struct cgroup *cgroup, const char *path, uid_t owner, pid_t pid, struct error *err);

/**
 * cgroup_processes - the processes in the cgroup and below
 * @pids: receives them, in the cgroup's arena
 */
int cgroup_processes(const struct cgroup *cgroup, pid_t **pids, size_t *count, struct error *err);

/**
 * cgroup_signal - signal every process in the cgroup and below; SIGKILL uses cgroup.kill where there is one
 * @but: a process that has had the signal already, or 0
 */
int cgroup_signal(const struct cgroup *cgroup, int signal, pid_t but, struct error *err);

/**
 * cgroup_freeze - pause or resume all processes; returns when they are
 * A pause that does not complete within 10 seconds is taken back: -ETIMEDOUT.
 */
int cgroup_freeze(const struct cgroup *cgroup, bool frozen, struct error *err);

/** cgroup_frozen - whether the container is paused */
bool cgroup_frozen(const struct cgroup *cgroup);

/**
 * cgroup_remove - kill what is left inside, wait (bounded, on events where the kernel has them),
 * and remove the directories with all that were made below. Missing ones are no error; directories
 * that were there before the container are emptied, but stay (OPS-24).
 *
 * Return: 0; -EBUSY if processes did not go away in time.
 */
int cgroup_remove(const struct cgroup *cgroup, struct error *err);

/**
 * cgroup_oom - whether the kernel killed a process of the cgroup for memory
 * @limit, @usage: receive the limit and the highest usage in bytes; -1 where unlimited or unknown
 */
bool cgroup_oom(const struct cgroup *cgroup, long long *limit, long long *usage);

/*
 * The part of systemd (scope.c); nothing is to be done for a cgroup without a unit.
 */

/** cgroup_scope_start - let systemd make the scope of the cgroup's spec; fills paths, unit and holder */
int cgroup_scope_start(struct cgroup *cgroup, struct error *err);

/** cgroup_scope_settle - move the holder into the container's cgroup, whose directory is @dir: above it there
 * may be no process once controllers are enabled */
int cgroup_scope_settle(const struct cgroup *cgroup, int dir, struct error *err);

/** cgroup_scope_recall - say which unit an opened or recalled cgroup belongs to; @unit may be NULL */
void cgroup_scope_recall(struct cgroup *cgroup, const struct systemd_unit *unit);

/** cgroup_scope_enter - let systemd move a process into the container's cgroup, which we may not do */
int cgroup_scope_enter(const struct cgroup *cgroup, pid_t pid, struct error *err);

/** cgroup_scope_release - end the holder; the scope stays if it has another process */
void cgroup_scope_release(struct cgroup *cgroup);

/** cgroup_needs - whether a spec asks for anything in a hierarchy, so that doing without it would be wrong */
bool cgroup_needs(const struct cgroup_spec *spec, size_t hierarchy);

/*
 * Errors of users who lack a delegated cgroup (delegation.c): one sentence with the way out. Codes are negative
 * for the first three, as the calls that failed returned them, and so is what all of them return.
 */

/** cgroup_is_denial - whether a code means that we may not, and not that it cannot be done */
bool cgroup_is_denial(int code);

/** cgroup_not_delegated - the cgroup @path cannot be made */
int cgroup_not_delegated(const struct cgroup_hierarchy *hierarchy, const char *path, int code, struct error *err);

/** cgroup_lacks_controller - a controller cannot be enabled for @path */
int cgroup_lacks_controller(const char *path, const char *controller, int code, struct error *err);

/** cgroup_not_entered - no process can be moved into @path; @code is a positive errno */
int cgroup_not_entered(const char *path, int code, struct error *err);

/**
 * cgroup_oom_error - say that init was killed for memory, with limit and usage
 * Return: -ENOMEM; 0 with nothing said if the kernel killed nobody of the cgroup.
 */
int cgroup_oom_error(const struct cgroup *cgroup, struct error *err);

/** cgroup_enter - move a process into the container's cgroup in the v2 tree, which is open */
int cgroup_enter(const struct cgroup *cgroup, pid_t pid, struct error *err);

/* Waiting for the kernel to kill something for memory. */
struct cgroup_oom_watch {
	int fd;           /* to be polled for @events; -1: the container has no memory controller */
	short events;
	int control;      /* v1: its memory.oom_control, or -1 */
	long long killed; /* v2: processes so far */
};

/** cgroup_oom_watch_open - begin to watch; cgroup_oom_watch_close() is fine in any case */
int cgroup_oom_watch_open(const struct cgroup *cgroup, struct cgroup_oom_watch *watch, struct error *err);

/** cgroup_oom_watch_check - after poll(2): whether there was one since the last call */
bool cgroup_oom_watch_check(struct cgroup_oom_watch *watch);

void cgroup_oom_watch_close(struct cgroup_oom_watch *watch);

/** cgroup_close - release descriptors; NULL is fine */
void cgroup_close(struct cgroup *cgroup);

#endif
