/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading and writing the files of cgroup file systems. Paths below a cgroup
 * mount hold no symbolic links, and only the host makes names in them, so
 * they may be walked; what a cgroup holds is nevertheless reached through
 * its descriptor wherever one is open.
 */
#ifndef SILO_CGROUP_FILES_H
#define SILO_CGROUP_FILES_H

#include "cgroup/cgroup.h"

/* How long processes get to freeze or to die, in milliseconds. */
#define CGROUP_WAIT_MS 10000

/**
 * cgroup_read_text - read a small file
 * @dir: directory descriptor or AT_FDCWD
 * @ret: receives the malloc'ed text without its last newline
 */
int cgroup_read_text(int dir, const char *name, char **ret);

/** cgroup_write_text - write a value in one write(2); Return: 0 or a negative errno */
int cgroup_write_text(int dir, const char *name, const char *value);

/** cgroup_key_value - the number after @key in a text of "key value" lines; -1 if it has none */
long long cgroup_key_value(const char *text, const char *key);

/** cgroup_read_number - the number in a file; -1 when it is unlimited, or cannot be read */
long long cgroup_read_number(int dir, const char *name);

/** cgroup_new - an empty cgroup without paths and descriptors, in the arena; NULL without memory */
struct cgroup *cgroup_new(const struct cgroup_layout *layout, struct oci_arena *arena);

/** cgroup_has_controller - whether the hierarchy has the controller of that name */
bool cgroup_has_controller(const struct cgroup_hierarchy *hierarchy, const char *name);

/** cgroup_check_fitness - the directory must run, and be empty if it was there before (CGP-06) */
int cgroup_check_fitness(struct cgroup *cgroup, size_t hierarchy, struct error *err);

/** cgroup_saved_text - the spec's text, with what was there before marked, and what was skipped left out */
const char *cgroup_saved_text(const struct cgroup *cgroup);

/** cgroup_path - path of a file in the container's cgroup ("" for the directory), in the arena;
 * NULL without memory */
const char *cgroup_path(const struct cgroup *cgroup, size_t hierarchy, const char *file);

/**
 * cgroup_dir - descriptor of the container's directory, opened when first asked for
 * Return: a descriptor that the cgroup keeps, or a negative errno.
 */
int cgroup_dir(const struct cgroup *cgroup, size_t hierarchy);

/** cgroup_move - move a process into the cgroup whose directory is @dir; 0 or a negative errno */
int cgroup_move(int dir, pid_t pid);

/** cgroup_give_away - change the owner of a v2 cgroup's directory and delegated files (CGP-12..CGP-14) */
int cgroup_give_away(int dir, const char *path, uid_t owner, struct error *err);

/**
 * cgroup_walk - call @function for a directory and all below it, deepest first
 * @dir: its descriptor
 * @function: stops the walk by returning non-zero, which is then returned; @parent and @name lead
 *	to the directory again, and are -1 and "" for the first one
 *
 * However deep they are, and whoever makes and removes some meanwhile: these may be left out.
 */
int cgroup_walk(
	int dir, int (*function)(int dir, int parent, const char *name, void *data), void *data);

/**
 * cgroup_wait_event - wait until a key of cgroup.events has a value
 * @events: open cgroup.events; the kernel signals a change with POLLPRI (cgroup-v2.rst)
 * @deadline: of clock_now_ms()
 * Return: 0, -ETIMEDOUT, or another negative errno.
 */
int cgroup_wait_event(int events, const char *key, long long value, long long deadline);

#endif
