/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.scheduler, ioPriority; linux.memoryPolicy (SCH-*, IOP-*, MPO-*). */
#include "aspects/aspects.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>

#include "aspects/numbers.h"

#ifndef SCHED_FLAG_DL_OVERRUN
#define SCHED_FLAG_DL_OVERRUN 0x04
#endif
#ifndef MPOL_WEIGHTED_INTERLEAVE
#define MPOL_WEIGHTED_INTERLEAVE 6
#endif
#define IOPRIO_CLASS_SHIFT 13
#define NODES_MAX 1024

static const int policies[] = {
	[OCI_SCHED_OTHER] = SCHED_NORMAL, [OCI_SCHED_FIFO] = SCHED_FIFO, [OCI_SCHED_RR] = SCHED_RR,
	[OCI_SCHED_BATCH] = SCHED_BATCH, [OCI_SCHED_ISO] = -1, [OCI_SCHED_IDLE] = SCHED_IDLE,
	[OCI_SCHED_DEADLINE] = SCHED_DEADLINE,
};

static const uint64_t scheduler_flags[] = {
	[OCI_SCHED_FLAG_RESET_ON_FORK] = SCHED_FLAG_RESET_ON_FORK,
	[OCI_SCHED_FLAG_RECLAIM] = SCHED_FLAG_RECLAIM,
	[OCI_SCHED_FLAG_DL_OVERRUN] = SCHED_FLAG_DL_OVERRUN,
	[OCI_SCHED_FLAG_KEEP_POLICY] = SCHED_FLAG_KEEP_POLICY,
	[OCI_SCHED_FLAG_KEEP_PARAMS] = SCHED_FLAG_KEEP_PARAMS,
	[OCI_SCHED_FLAG_UTIL_CLAMP_MIN] = SCHED_FLAG_UTIL_CLAMP_MIN,
	[OCI_SCHED_FLAG_UTIL_CLAMP_MAX] = SCHED_FLAG_UTIL_CLAMP_MAX,
};

/* The kernel's own conditions (sched_setattr(2)), in the words that crun's users know. */
static int check_deadline(struct compile *c, const struct oci_scheduler *s)
{
	uint64_t period = s->period ? s->period : s->deadline;

	if (!s->runtime)
		return plan_refuse(c, &s->policy, EINVAL,
			"sched_setattr: `SCHED_DEADLINE` requires `runtime`: runtime must be greater than 0");
	if (!s->deadline)
		return plan_refuse(c, &s->policy, EINVAL,
			"sched_setattr: `SCHED_DEADLINE` requires `deadline`");
	if (s->runtime > s->deadline)
		return plan_refuse(c, &s->runtime, EINVAL,
			"sched_setattr: runtime (%llu) must be <= deadline (%llu)",
			(unsigned long long)s->runtime, (unsigned long long)s->deadline);
	if (s->deadline > period)
		return plan_refuse(c, &s->deadline, EINVAL,
			"sched_setattr: deadline (%llu) must be <= period (%llu)",
			(unsigned long long)s->deadline, (unsigned long long)period);
	if (s->runtime < 1024 || s->runtime >= 1ULL << 63)
		return plan_refuse(c, &s->runtime, EINVAL,
			"sched_setattr: runtime %llu must be between 1024 and 2^63-1 nanoseconds",
			(unsigned long long)s->runtime);
	return 0;
}

static int check_scheduler(struct compile *c, const struct oci_scheduler *s)
{
	bool realtime = s->policy == OCI_SCHED_FIFO || s->policy == OCI_SCHED_RR;

	if (policies[s->policy] < 0)
		return plan_refuse(c, &s->policy, ENOTSUP, "SCHED_ISO does not exist in the kernel");
	if (s->nice < -20 || s->nice > 19)
		return plan_refuse(c, &s->nice, ERANGE, "nice %d is not within -20..19", s->nice);
	if (!realtime && s->priority)
		return plan_refuse(c, &s->priority, EINVAL,
			"priority is only for SCHED_FIFO and SCHED_RR");
	if (realtime && (s->priority < 1 || s->priority > 99))
		return plan_refuse(c, s->priority ? (const void *)&s->priority : &s->policy, ERANGE,
			"priority %d is not within 1..99", s->priority);
	if (s->policy == OCI_SCHED_DEADLINE)
		return check_deadline(c, s);
	if (s->runtime || s->deadline || s->period)
		return plan_refuse(c, s->runtime ? &s->runtime : s->deadline ? &s->deadline : &s->period, EINVAL,
			"runtime, deadline and period are only for SCHED_DEADLINE");
	return 0;
}

static int add_scheduler(struct compile *c, const struct oci_process *process)
{
	const struct oci_scheduler *s = process->scheduler;
	struct plan_scheduler args = { 0 };
	int r = check_scheduler(c, s);

	if (r < 0)
		return r;
	args.cpuset = c->config->linux && c->config->linux->resources && c->config->linux->resources->cpu &&
		c->config->linux->resources->cpu->cpus;
	args.policy = (uint32_t)policies[s->policy];
	args.nice = s->nice;
	args.priority = (uint32_t)s->priority;
	args.runtime = s->runtime;
	args.deadline = s->deadline;
	args.period = s->period;
	for (size_t i = 0; i < s->flags.len; i++)
		args.flags |= scheduler_flags[s->flags.items[i]];
	plan_add_privileged(c, PLAN_SCHEDULER, &process->scheduler, &args, sizeof(args),
		"set the scheduler %s (nice %d, priority %u)",
		oci_enum_name(&oci_scheduler_policy_enum, (int)s->policy), args.nice, args.priority);
	return 0;
}

int aspect_scheduler(struct compile *c)
{
	static const uint32_t class[] = { [OCI_IOPRIO_CLASS_RT] = 1, [OCI_IOPRIO_CLASS_BE] = 2,
		[OCI_IOPRIO_CLASS_IDLE] = 3 };
	const struct oci_process *process = c->config->process;
	struct plan_io_priority args;
	int r;

	if (process && process->scheduler) {
		r = add_scheduler(c, process);
		if (r < 0)
			return r;
	}
	if (!process || !process->ioPriority)
		return 0;
	args.value = class[process->ioPriority->class] << IOPRIO_CLASS_SHIFT |
		(uint32_t)process->ioPriority->priority;
	plan_add_privileged(c, PLAN_IO_PRIORITY, &process->ioPriority, &args, sizeof(args),
		"set the I/O priority %s, %d",
		oci_enum_name(&oci_io_priority_class_enum, (int)process->ioPriority->class),
		process->ioPriority->priority);
	return 0;
}

static const uint32_t memory_modes[] = {
	[OCI_MPOL_DEFAULT] = MPOL_DEFAULT, [OCI_MPOL_BIND] = MPOL_BIND,
	[OCI_MPOL_INTERLEAVE] = MPOL_INTERLEAVE,
	[OCI_MPOL_WEIGHTED_INTERLEAVE] = MPOL_WEIGHTED_INTERLEAVE,
	[OCI_MPOL_PREFERRED] = MPOL_PREFERRED, [OCI_MPOL_PREFERRED_MANY] = MPOL_PREFERRED_MANY,
	[OCI_MPOL_LOCAL] = MPOL_LOCAL,
};

static const uint32_t memory_flags[] = {
	[OCI_MPOL_F_NUMA_BALANCING] = MPOL_F_NUMA_BALANCING,
	[OCI_MPOL_F_RELATIVE_NODES] = MPOL_F_RELATIVE_NODES,
	[OCI_MPOL_F_STATIC_NODES] = MPOL_F_STATIC_NODES,
};

int aspect_memory_policy(struct compile *c)
{
	unsigned long bits[NODES_MAX / NUMBERS_BITS] = { 0 };
	const struct oci_memory_policy *policy = c->config->linux ? c->config->linux->memoryPolicy : NULL;
	struct plan_memory_policy args = { 0 };
	const char *mode;
	unsigned count = 0;
	bool without;

	if (!policy)
		return 0;
	if (!policy->mode)
		return plan_refuse(c, &c->config->linux->memoryPolicy, EINVAL,
			"invalid memory policy: mode is missing");
	mode = oci_enum_name(&oci_memory_policy_mode_enum, (int)policy->mode);
	if (policy->nodes && !numbers_parse(policy->nodes, NODES_MAX, bits, &count))
		return plan_refuse(c, &policy->nodes, EINVAL,
			"invalid memory policy node list \"%s\": expected numbers below %d and ranges, like 0-1,3",
			policy->nodes, NODES_MAX);
	without = policy->mode == OCI_MPOL_DEFAULT || policy->mode == OCI_MPOL_LOCAL;
	if (without && count)
		return plan_refuse(c, &policy->nodes, EINVAL,
			"invalid memory policy: %s mode requires 0 nodes but got %u", mode, count);
	if (!without && !count && policy->mode != OCI_MPOL_PREFERRED)
		return plan_refuse(c, &policy->mode, EINVAL,
			"invalid memory policy: %s mode requires at least one node", mode);
	args.mode = memory_modes[policy->mode];
	for (size_t i = 0; i < policy->flags.len; i++)
		args.mode |= memory_flags[policy->flags.items[i]];
	if (count) {
		args.nodes = plan_put_bytes(c, bits, sizeof(bits));
		args.max_node = NODES_MAX + 1; /* the kernel takes one bit less than it is told */
	}
	plan_add(c, PLAN_MEMORY_POLICY, &c->config->linux->memoryPolicy, &args, sizeof(args),
		"set the memory policy %s of nodes %s", mode, policy->nodes ? policy->nodes : "(none)");
	return 0;
}
