/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linux.intelRdt: groups of the resctrl file system (Documentation/filesystems/resctrl.rst), wherever it is
 * mounted. A group is a class of service (CLOS); a monitoring group lies in a group's mon_groups.
 */
#ifndef SILO_RESCTRL_RESCTRL_H
#define SILO_RESCTRL_RESCTRL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "libocispec/arena.h"
#include "util/error.h"

/* What a container's config says of its group. */
struct resctrl_group {
	const char *path;          /* below the mount point; "." is the root, the default CLOS */
	const char *monitor;       /* path of the monitoring group to make; NULL if there is none */
	bool own;                  /* named after the container: must be new, ends with it */
	const char *const *lines;  /* for the schemata file, in order */
	size_t line_count;
};

/**
 * resctrl_make - make the group, or check one that is shared, and write its schemata (RDT-03..RDT-13)
 * @made: whether there is something now that resctrl_remove() has to remove
 *
 * A shared group that exists must have just the schemata that are asked for; it is never changed. On failure
 * nothing stays.
 */
int resctrl_make(const struct resctrl_group *group, bool *made, struct error *err);

/** resctrl_join - put a process into the group and its monitoring group, which is made if @monitor (RDT-02, RDT-16) */
int resctrl_join(const struct resctrl_group *group, pid_t pid, bool monitor, struct error *err);

/** resctrl_read - what an existing group's schemata are now, as resctrl_write() takes them; @now is in @arena */
int resctrl_read(const struct resctrl_group *group, struct oci_arena *arena, struct resctrl_group *now,
	struct error *err);

/** resctrl_write - write lines to the schemata of an existing group, for update; those before one that fails stay */
int resctrl_write(const struct resctrl_group *group, struct error *err);

/** resctrl_remove - remove groups that were made for a container; NULL and missing ones are fine (RDT-14, RDT-16) */
int resctrl_remove(const char *path, const char *monitor, struct error *err);

#endif
