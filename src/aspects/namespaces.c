/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linux.namespaces (NS-*). Without paths, init is born in all new namespaces by
 * one clone3(2). With paths, init is born outside, joins first, and makes the
 * new ones after: they must belong to the user namespace that was joined.
 */
#include "aspects/aspects.h"

#include <errno.h>

#include "aspects/id_mappings.h"
#include "sys/process.h"

static const uint32_t clone_flag[] = {
	[OCI_NAMESPACE_PID] = CLONE_NEWPID,       [OCI_NAMESPACE_NETWORK] = CLONE_NEWNET,
	[OCI_NAMESPACE_MOUNT] = CLONE_NEWNS,      [OCI_NAMESPACE_IPC] = CLONE_NEWIPC,
	[OCI_NAMESPACE_UTS] = CLONE_NEWUTS,       [OCI_NAMESPACE_USER] = CLONE_NEWUSER,
	[OCI_NAMESPACE_CGROUP] = CLONE_NEWCGROUP, [OCI_NAMESPACE_TIME] = CLONE_NEWTIME,
};

/*
 * The cgroup namespace's root is the cgroup its maker is in, and the clock
 * offsets of a time namespace must be written before anyone enters: both come after init
 * has been born and placed.
 */
#define MADE_LATER ((uint64_t)(CLONE_NEWCGROUP | CLONE_NEWTIME))

static const char *type_name(const struct oci_namespace *ns)
{
	return oci_enum_name(&oci_namespace_type_enum, ns->type);
}

static int read_list(struct compile *c, const struct oci_namespace_list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		const struct oci_namespace *ns = list->items[i];
		uint64_t flag = clone_flag[ns->type];

		if ((c->new_namespaces | c->joined_namespaces) & flag)
			return plan_refuse(c, &ns->type, EINVAL, "namespace \"%s\" is listed twice",
				type_name(ns));
		if (ns->path && *ns->path != '/')
			return plan_refuse(c, &ns->path, EINVAL,
				"path \"%s\" of the %s namespace must be absolute", ns->path,
				type_name(ns));
		if (ns->path)
			c->joined_namespaces |= flag;
		else
			c->new_namespaces |= flag;
	}
	return 0;
}

static int join(struct compile *c, const struct oci_namespace *ns)
{
	struct host_open *open = oci_arena_alloc(c->arena, sizeof(*open));
	struct plan_join args = { .type = clone_flag[ns->type] };

	if (!open)
		return error_set(c->err, ENOMEM, "compile namespaces");
	open->path = ns->path;
	open->type = args.type;
	open->slot = args.fd = plan_new_slot(c);
	plan_add_host(c, HOST_OPEN_NAMESPACE, HOST_BEFORE_CLONE, &ns->path, open,
		"open the %s namespace %s", type_name(ns), ns->path);
	plan_add(c, PLAN_JOIN, &ns->path, &args, sizeof(args), "join the %s namespace %s",
		type_name(ns), ns->path);
	return 0;
}

/*
 * Root needs its capabilities over the other namespaces' owners, which it
 * loses on entering a user namespace; a user gains them only by that.
 */
static int join_all(struct compile *c, const struct oci_namespace_list *list)
{
	bool user_first = c->host->euid != 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < list->len; i++) {
			const struct oci_namespace *ns = list->items[i];
			bool is_user = ns->type == OCI_NAMESPACE_USER;
			int r;

			if (!ns->path || is_user != (user_first == (pass == 0)))
				continue;
			r = join(c, ns);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static void clone_after_join(struct compile *c)
{
	struct plan_flags args = { .flags = c->new_namespaces & ~MADE_LATER };
	bool child = (c->new_namespaces & CLONE_NEWUSER) ||
		((c->new_namespaces | c->joined_namespaces) & CLONE_NEWPID);

	c->plan->joins = child;
	if (child)
		plan_add(c, PLAN_CLONE, &c->config->linux->namespaces, &args, sizeof(args),
			"continue as a child in the new namespaces");
	else if (args.flags)
		plan_add(c, PLAN_UNSHARE, &c->config->linux->namespaces, &args, sizeof(args),
			"make the new namespaces");
}

static const struct oci_namespace_list *listed(const struct compile *c)
{
	static const struct oci_namespace_list none = { 0 };

	return c->config->linux ? &c->config->linux->namespaces : &none;
}

int aspect_namespace_list(struct compile *c)
{
	const struct oci_namespace_list *list = listed(c);
	int r = read_list(c, list);

	if (r < 0)
		return r;
	/* An ordinary user may make the other namespaces only in a user namespace of his own. */
	if (c->host->euid != 0 && !((c->new_namespaces | c->joined_namespaces) & CLONE_NEWUSER)) {
		if (c->options->strict)
			return plan_refuse(c, list->len ? list : NULL, EPERM,
				"user %u cannot make namespaces without a user namespace: add {\"type\": \"user\"}, or leave out --rootless=false",
				c->host->euid);
		c->new_namespaces |= CLONE_NEWUSER;
	}
	return id_mappings_choose(c);
}

int aspect_namespaces(struct compile *c)
{
	const struct oci_namespace_list *list = listed(c);
	struct host_clone *clone = oci_arena_alloc(c->arena, sizeof(*clone));
	int r;

	if (!clone)
		return error_set(c->err, ENOMEM, "compile namespaces");
	if (!c->joined_namespaces)
		c->plan->clone_flags = c->new_namespaces & ~MADE_LATER;
	clone->flags = c->plan->clone_flags;
	plan_add_host(c, HOST_CLONE, HOST_AFTER_CLONE, list->len ? &c->config->linux->namespaces : NULL,
		clone, "start init%s", clone->flags ? " in new namespaces" : "");
	if (c->host->euid == 0)
		plan_add(c, PLAN_PRIVATE, NULL, NULL, 0, "become unreadable to other processes");
	if (!c->joined_namespaces)
		return 0;
	r = join_all(c, list);
	if (r == 0)
		clone_after_join(c);
	return r;
}

/* Whether init must not go on before the host side has done something for it. */
static bool host_is_awaited(const struct plan *plan)
{
	for (size_t i = 0; i < plan->host_count; i++) {
		const struct host_step *step = &plan->host[i];

		if (step->phase == HOST_AT_MAPPED ||
			(step->phase == HOST_AFTER_CLONE && step->kind != HOST_CLONE))
			return true;
	}
	return false;
}

/* What needs the host side's part: its cgroup, its maps, its clock offsets. */
int aspect_mapped(struct compile *c)
{
	const void *slot = c->config->linux ? &c->config->linux->namespaces : NULL;
	struct plan_flags time = { .flags = CLONE_NEWTIME }, cgroup = { .flags = CLONE_NEWCGROUP };
	struct plan_flags root = { .flags = c->plan->keep_groups };
	struct plan_join enter = { .fd = -1, .type = CLONE_NEWTIME };
	struct plan_sync sync = { .token = PLAN_TOKEN_MAPPED };

	if (c->new_namespaces & CLONE_NEWTIME)
		plan_add(c, PLAN_UNSHARE, slot, &time, sizeof(time), "make a time namespace");
	if (host_is_awaited(c->plan))
		plan_add(c, PLAN_SYNC, NULL, &sync, sizeof(sync),
			"wait for the host side: cgroup, id maps, clock offsets, devices");
	if (c->joined_namespaces && (c->new_namespaces | c->joined_namespaces) & CLONE_NEWUSER)
		plan_add(c, PLAN_BECOME_ROOT, slot, &root, sizeof(root), "become root of the user namespace");
	if (c->new_namespaces & CLONE_NEWNET)
		plan_add(c, PLAN_LOOPBACK, slot, NULL, 0, "set the network device lo up");
	if (c->new_namespaces & CLONE_NEWTIME)
		plan_add(c, PLAN_JOIN, slot, &enter, sizeof(enter), "enter the time namespace");
	if (c->host->euid != 0)
		plan_add(c, PLAN_PRIVATE, NULL, NULL, 0, "become unreadable to other processes");
	if (c->new_namespaces & CLONE_NEWCGROUP)
		plan_add(c, PLAN_UNSHARE, slot, &cgroup, sizeof(cgroup), "make a cgroup namespace");
	return 0;
}
