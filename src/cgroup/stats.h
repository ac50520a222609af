/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel counts about a container, in the form of runc's `events`. */
#ifndef SILO_CGROUP_STATS_H
#define SILO_CGROUP_STATS_H

#include "cgroup/cgroup.h"
#include "util/json_writer.h"

/**
 * cgroup_stats - write the "data" of a stats event
 *
 * Times are nanoseconds, sizes bytes; an unlimited size is the largest number. What the kernel does
 * not count is left out, or 0 where runc always has a member.
 */
void cgroup_stats(const struct cgroup *cgroup, struct json_writer *w);

/* Its parts (stats.c, stats_io.c). */

/* One version's directory of a controller, or -1. */
struct stats_dir {
	int fd;
	bool v2;
};

struct stats_dir stats_find(const struct cgroup *cgroup, const char *controller);

/** stats_pressure - a "psi" member from a file of the v2 tree (psi.rst), where there is one */
void stats_pressure(const struct cgroup *cgroup, const char *file, struct json_writer *w);

void stats_blkio(const struct cgroup *cgroup, struct json_writer *w);
void stats_hugetlb(const struct cgroup *cgroup, struct json_writer *w);

#endif
