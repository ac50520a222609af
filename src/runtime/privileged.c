/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host steps that raise what a process may use. The kernel asks for a capability of the host's user namespace
 * (setrlimit(2), sched(7), ioprio_set(2)), which init has given up for one of the container's: it is done to init from
 * outside, while it waits. Its number is its own, since it has not been waited for.
 */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plan/scheduler.h"
#include "runtime/launch.h"

#define IOPRIO_WHO_PROCESS 1

int privileged_rlimit(struct launch *launch, const void *data, struct error *err)
{
	const struct plan_rlimit *limit = data;
	uint64_t values[2] = { limit->soft, limit->hard };

	if (syscall(SYS_prlimit64, launch->pid, limit->resource, values, NULL) < 0)
		return error_set(err, errno, "prlimit of the container's process");
	return 0;
}

int privileged_scheduler(struct launch *launch, const void *data, struct error *err)
{
	const struct plan_scheduler *scheduler = data;

	if (plan_scheduler_set(launch->pid, scheduler) == 0)
		return 0;
	if (errno == EPERM && scheduler->cpuset)
		return error_say(err, EPERM, PLAN_SCHEDULER_CPUSET);
	return error_set(err, errno, "sched_setattr of the container's process");
}

int privileged_io_priority(struct launch *launch, const void *data, struct error *err)
{
	const struct plan_io_priority *priority = data;

	if (syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, launch->pid, priority->value) < 0)
		return error_set(err, errno, "ioprio_set of the container's process");
	return 0;
}
