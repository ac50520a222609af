/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the cgroup code: who is in a directory. */
#ifndef SILO_CGROUP_PROCESSES_H
#define SILO_CGROUP_PROCESSES_H

#include <poll.h>

#include "cgroup/cgroup.h"

/* How many processes are waited for at once. */
#define PIDFDS_MAX 256

struct pid_list {
	pid_t *pids; /* malloc'ed */
	size_t count, capacity;
};

void cleanup_pid_list(struct pid_list *list);

/** cgroup_list - the processes in a directory and below; Return: 0 or a negative errno */
int cgroup_list(int dir, struct pid_list *ret);

/**
 * cgroup_signal_listed - signal some of the processes in a directory and below
 * @wait: receives pidfds of those that got it, ready for poll(2); to be closed by the caller
 * @count: room in @wait; receives how many there are. 0 means that nobody is left.
 */
int cgroup_signal_listed(int dir, int signal, struct pollfd *wait, size_t *count);

/** cgroup_thaw_v1 - let everything in the container's v1 freezer run */
void cgroup_thaw_v1(const struct cgroup *cgroup);

#endif
