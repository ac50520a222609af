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

/* One mounted hierarchy: a v1 one with its controllers, or the v2 tree. */
struct cgroup_hierarchy {
	const char *mountpoint;  /* "/sys/fs/cgroup/memory" */
	const char *root;        /* of that mount within the hierarchy: "/" unless in a container */
	const char *controllers; /* "cpu,cpuacct", "name=systemd"; for v2 those of cgroup.controllers */
	const char *own;         /* this process's cgroup, as /proc/self/cgroup names it */
	bool v2;
};

/* Every hierarchy found in /proc/self/mountinfo and /proc/self/cgroup. */
struct cgroup_layout {
	struct cgroup_hierarchy *items;
	size_t count;
	bool unified_only; /* pure v2 */
};

/* A value to write, in order. */
struct cgroup_setting {
	size_t hierarchy;     /* index into the layout */
	const char *file;     /* "memory.max" */
	const char *value;
	const char *pointer;  /* JSON pointer of the property, and its line */
	unsigned line;
	bool optional;        /* a missing file is no error */
};

/* What is asked of the container's cgroup: the result of aspect_cgroup(). */
struct cgroup_spec {
	const struct cgroup_layout *layout;
	const char *path;     /* below every hierarchy's mount point: "/user/abc"; starts with "/" */
	struct cgroup_setting *settings;
	size_t setting_count;
	const void *device_program; /* v2: struct bpf_insn[]; NULL when none */
	size_t device_program_length; /* in instructions */
	const char *enable;   /* v2: controllers to enable in all ancestors: "+cpu +memory" */
};

/* The container's cgroup once it exists; arena-held; saved in the state file by path only. */
struct cgroup {
	const struct cgroup_layout *layout;
	const char *path;
	int v2_fd;            /* O_DIRECTORY descriptor for CLONE_INTO_CGROUP; -1 without a v2 tree */
	bool *made;           /* per hierarchy: we made the leaf directory, so we remove it */
};

/**
 * cgroup_layout_read - find the mounted hierarchies
 * Reads /proc/self/mountinfo and /proc/self/cgroup. A machine without any is no error: count is 0.
 */
int cgroup_layout_read(struct oci_arena *arena, struct cgroup_layout **ret, struct error *err);

/**
 * cgroup_make - make the cgroup in every hierarchy and apply all settings
 * On failure everything that was made is removed again. A cgroup that already holds processes or is frozen is refused (CGP-06).
 */
int cgroup_make(const struct cgroup_spec *spec, struct oci_arena *arena, struct cgroup **ret,
	struct error *err);

/** cgroup_join - move a process into every hierarchy; @born_in_v2: it was cloned into the v2 one */
int cgroup_join(const struct cgroup *cgroup, pid_t pid, bool born_in_v2, struct error *err);

/** cgroup_open - find the cgroup of an existing container again, for signalling and removal */
int cgroup_open(const struct cgroup_layout *layout, const char *path, struct oci_arena *arena,
	struct cgroup **ret, struct error *err);

/** cgroup_signal - signal every process in the cgroup and below; SIGKILL uses cgroup.kill where there is one */
int cgroup_signal(const struct cgroup *cgroup, int signal, struct error *err);

/** cgroup_frozen - whether the container is paused */
bool cgroup_frozen(const struct cgroup *cgroup);

/**
 * cgroup_remove - kill what is left inside, wait (bounded, on events where the kernel has them), and remove
 * the directories with all that were made below. Missing ones are no error.
 */
int cgroup_remove(const struct cgroup *cgroup, struct error *err);

/**
 * cgroup_oom - whether the kernel killed a process of the cgroup for memory
 * @limit, @usage: receive the limit and the highest usage in bytes
 */
bool cgroup_oom(const struct cgroup *cgroup, long long *limit, long long *usage);

/** cgroup_close - release descriptors; NULL is fine */
void cgroup_close(struct cgroup *cgroup);

#endif
