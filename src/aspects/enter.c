/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exec: into a container that is there already (its cgroup, its namespaces, its root directory). */
#include "aspects/aspects.h"

#include <errno.h>
#include <string.h>

#include "aspects/numbers.h"
#include "cgroup/cgroup.h"
#include "sys/process.h"

int aspect_private(struct compile *c)
{
	plan_add(c, PLAN_PRIVATE, NULL, NULL, 0, "become unreadable to other processes");
	return 0;
}

/* As at birth: init is born in the v2 cgroup, and moves itself into v1's (doc/design.md says why). */
int aspect_enter_cgroup(struct compile *c)
{
	const struct plan_entered *entered = c->options->entered;
	const struct cgroup_layout *layout = c->host->cgroups;
	struct host_cgroup_open *open = oci_arena_alloc(c->arena, sizeof(*open));
	struct host_cgroup_join *join = oci_arena_alloc(c->arena, sizeof(*join));
	struct plan_cgroup_join args = { .first = -1 };

	if (!entered->cgroup)
		return entered->cgroups.len ?
			plan_refuse(c, NULL, EINVAL, "--cgroup: the container has no cgroup") : 0;
	/* Its process would be outside of the limits. (`silo plan` has no container, and so an empty path.) */
	if (!layout && !*entered->cgroup)
		return 0;
	if (!layout)
		return plan_refuse(c, NULL, ENOENT,
			"the container is in the cgroup %s, but no cgroup hierarchy is mounted here: execute where one is",
			entered->cgroup);
	if (!open || !join)
		return error_set(c->err, ENOMEM, "compile cgroup");
	open->saved = entered->cgroup;
	open->unit = entered->unit;
	open->below = &entered->cgroups;
	plan_add_host(c, HOST_CGROUP_OPEN, HOST_BEFORE_CLONE, NULL, open, "open the container's cgroup");
	for (size_t i = 0; i < layout->count; i++) {
		plan_slot slot = layout->items[i].v2 ? -1 : plan_new_slot(c);

		if (slot >= 0 && args.count++ == 0)
			args.first = slot;
	}
	if (!args.count)
		return 0;
	join->first = args.first;
	join->count = args.count;
	plan_add_host(c, HOST_CGROUP_JOIN, HOST_BEFORE_CLONE, NULL, join,
		"open the tasks files of the container's cgroup");
	plan_add(c, PLAN_CGROUP_JOIN, NULL, &args, sizeof(args), "move into %u v1 cgroups", args.count);
	return 0;
}

/*
 * Without a list the cgroup's own cpuset counts, not what whoever called us is confined to: the kernel cuts
 * "all CPUs" down to it.
 */
static int affinity(struct compile *c, const char *text, const void *slot, unsigned long *bits)
{
	unsigned count = 0;

	if (!text || !*text) {
		memset(bits, 0xff, NUMBERS_MAX / 8);
		return 0;
	}
	if (!numbers_parse(text, NUMBERS_MAX, bits, &count) || !count)
		return plan_refuse(c, slot, EINVAL,
			"\"%s\" is no list of CPUs: expected numbers below %d and ranges, like 0-1,3", text,
			NUMBERS_MAX);
	return 0;
}

static int run_on_initial(struct compile *c, const struct oci_exec_cpu_affinity *wanted)
{
	struct host_affinity *host = oci_arena_alloc(c->arena, sizeof(*host));
	unsigned long *bits = oci_arena_alloc(c->arena, NUMBERS_MAX / 8);
	int r;

	if (!host || !bits)
		return error_set(c->err, ENOMEM, "compile execCPUAffinity");
	r = affinity(c, wanted->initial, &wanted->initial, bits);
	if (r < 0)
		return r;
	host->cpus = bits;
	host->size = NUMBERS_MAX / 8;
	plan_add_host(c, HOST_AFFINITY, HOST_BEFORE_CLONE, &wanted->initial, host,
		"run on CPUs %s until the process is in its cgroup", wanted->initial);
	return 0;
}

int aspect_affinity(struct compile *c)
{
	const struct oci_exec_cpu_affinity *wanted = c->config->process->execCPUAffinity;
	const char *final = wanted ? wanted->final : NULL;
	const void *slot = final ? &wanted->final : NULL;
	unsigned long bits[NUMBERS_MAX / NUMBERS_BITS] = { 0 };
	struct plan_affinity args = { .size = sizeof(bits) };
	int r = 0;

	if (wanted && wanted->initial && *wanted->initial)
		r = run_on_initial(c, wanted);
	if (r == 0)
		r = affinity(c, final, slot, bits);
	if (r < 0)
		return r;
	args.cpus = plan_put_bytes(c, bits, sizeof(bits));
	plan_add(c, PLAN_AFFINITY, slot, &args, sizeof(args), "run on CPUs %s",
		final && *final ? final : "of the cgroup");
	return 0;
}

static int change_root(struct compile *c, struct plan_enter_root *args)
{
	struct host_open *open = oci_arena_alloc(c->arena, sizeof(*open));

	if (!open)
		return error_set(c->err, ENOMEM, "compile root");
	open->path = oci_arena_printf(c->arena, "/proc/%d/root", (int)c->options->entered->pid);
	open->slot = args->fd = plan_new_slot(c);
	plan_add_host(c, HOST_OPEN_ROOT, HOST_BEFORE_CLONE, NULL, open,
		"open the container's root directory");
	return open->path ? 0 : error_set(c->err, ENOMEM, "compile root");
}

/*
 * One setns(2) for all (Linux 5.8): the kernel checks everything against what we were before, so
 * that the order of joining, and who owns what, does not matter.
 */
int aspect_enter(struct compile *c)
{
	const void *slot = c->config->linux ? &c->config->linux->namespaces : NULL;
	struct plan_flags keep_groups = { .flags = c->plan->keep_groups };
	struct plan_enter_root root = { .fd = -1 };
	struct plan_join join;
	int r = 0;

	/* Whatever was made or joined at create is joined now. */
	c->joined_namespaces |= c->new_namespaces;
	c->new_namespaces = 0;
	c->plan->joins = (c->joined_namespaces & CLONE_NEWPID) != 0;
	c->plan->entered_slot = join.fd = plan_new_slot(c);
	join.type = (uint32_t)c->joined_namespaces;
	if (!(c->joined_namespaces & CLONE_NEWNS))
		r = change_root(c, &root);
	if (r < 0)
		return r;
	if (join.type)
		plan_add(c, PLAN_JOIN, slot, &join, sizeof(join), "join the container's %d namespaces",
			__builtin_popcount(join.type));
	plan_add(c, PLAN_ENTER_ROOT, NULL, &root, sizeof(root), "enter the container's root directory");
	if (c->joined_namespaces & CLONE_NEWUSER)
		plan_add(c, PLAN_BECOME_ROOT, slot, &keep_groups, sizeof(keep_groups),
			"become root of the user namespace");
	return 0;
}

/* From here on the container's processes can see it. */
int aspect_visible(struct compile *c)
{
	struct plan_sync sync = { .token = PLAN_TOKEN_CREATED };
	struct plan_flags none = { 0 };

	if (c->plan->joins)
		plan_add(c, PLAN_CLONE, &c->config->linux->namespaces, &none, sizeof(none),
			"continue as a child in the container's pid namespace");
	plan_add(c, PLAN_SYNC, NULL, &sync, sizeof(sync), "wait until the pid file is written");
	return 0;
}
