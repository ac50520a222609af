/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sched_setattr(2) as a plan has it, for init and for the host side. */
#ifndef SILO_PLAN_SCHEDULER_H
#define SILO_PLAN_SCHEDULER_H

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "plan/plan.h"

/* SCHED_DEADLINE needs every CPU (sched_setattr(2)); the words are runc's. */
#define PLAN_SCHEDULER_CPUSET \
	"sched_setattr: process scheduler can't be used together with AllowedCPUs (/linux/resources/cpu/cpus)"

/** plan_scheduler_set - give it to the process @pid, 0 is the caller; 0, or -1 with errno */
static inline int plan_scheduler_set(pid_t pid, const struct plan_scheduler *plan)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
		uint32_t util_min, util_max; /* the specification has flags for these, but no values */
	} attr = { sizeof(attr), plan->policy, plan->flags, plan->nice, plan->priority,
		plan->runtime, plan->deadline, plan->period, 0, 0 };

	return (int)syscall(SYS_sched_setattr, pid, &attr, 0);
}

#endif
