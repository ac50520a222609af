/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.oci.delegate-cgroup, as crun has it: the process is in a cgroup below the container's, which the limits stay at. A
 * cgroup namespace is made before, so that the container sees its own cgroup as the root and that one below it.
 */
#include "aspects/aspects.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "aspects/annotations.h"
#include "aspects/id_mappings.h"
#include "cgroup/cgroup.h"
#include "sys/process.h"

/* Names and slashes, without "." and "..". */
static bool is_path(const char *path)
{
	bool any = false;

	while (*(path += strspn(path, "/"))) {
		size_t length = strcspn(path, "/");

		if (length > NAME_MAX || memchr(path, '\n', length) || strncmp(path, "..", length) == 0)
			return false;
		path += length;
		any = true;
	}
	return any;
}

static uid_t find_owner(const struct compile *c)
{
	const struct oci_process *process = c->config->process;

	/* An ordinary user owns what he makes; of a joined user namespace the maps are not known. */
	if (c->host->euid != 0 || c->joined_namespaces & CLONE_NEWUSER)
		return (uid_t)-1;
	return id_mapping_host_id(c->uid_mappings, process && process->user ? process->user->uid : 0);
}

int aspect_delegate_cgroup(struct compile *c)
{
	const char *const *slot = annotation_slot(c->config, DELEGATE_CGROUP);
	struct plan_sync sync = { .token = PLAN_TOKEN_CGROUP };
	struct host_cgroup_delegate *delegate;

	if (!slot || !**slot)
		return 0;
	if (!is_path(*slot))
		return plan_refuse(c, slot, EINVAL,
			DELEGATE_CGROUP " \"%s\" is no path below the container's cgroup: expected names, without `..` components",
			*slot);
	if (!c->cgroup || !c->cgroup->layout->unified_only)
		return plan_refuse(c, slot, ENOTSUP, DELEGATE_CGROUP " needs %s",
			c->cgroup ? "cgroup v2 alone: delegation is not safe on cgroup v1" :
				    "a cgroup, and cgroups are disabled");
	delegate = oci_arena_alloc(c->arena, sizeof(*delegate));
	if (!delegate)
		return error_set(c->err, ENOMEM, "compile " DELEGATE_CGROUP);
	delegate->path = *slot;
	delegate->owner = find_owner(c);
	plan_add(c, PLAN_SYNC, slot, &sync, sizeof(sync), "wait to be moved to cgroup %s, below the container's", *slot);
	plan_add_host(c, HOST_CGROUP_DELEGATE, HOST_AT_CGROUP, slot, delegate,
		"make cgroup %s below the container's, and move init there", *slot);
	return 0;
}
