/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.user, cwd, and the capability bounding set (PRC-05, PRC-11..14). */
#include "aspects/aspects.h"

#include <errno.h>
#include <stdio.h>

#include "aspects/capabilities.h"
#include "aspects/id_mappings.h"
#include "sys/process.h"

static bool mapped(const struct oci_id_mapping_list *list, uint32_t id)
{
	for (size_t i = 0; i < list->len; i++) {
		const struct oci_id_mapping *m = list->items[i];

		if (id >= m->containerID && id - m->containerID < m->size)
			return true;
	}
	return false;
}

/* setresuid(2) takes -1 for "as it is": the process would stay root. */
static int check_ids(struct compile *c, const struct oci_user *user)
{
	if (user->uid == UINT32_MAX)
		return plan_refuse(c, &user->uid, EINVAL, "uid %u belongs to nobody: the highest is %u",
			user->uid, UINT32_MAX - 1);
	if (user->gid == UINT32_MAX)
		return plan_refuse(c, &user->gid, EINVAL, "gid %u belongs to nobody: the highest is %u",
			user->gid, UINT32_MAX - 1);
	for (size_t i = 0; i < user->additionalGids.len; i++) {
		if (user->additionalGids.items[i] == UINT32_MAX)
			return plan_refuse(c, &user->additionalGids.items[i], EINVAL,
				"gid %u belongs to nobody: the highest is %u", UINT32_MAX, UINT32_MAX - 1);
	}
	return 0;
}

/* The map was made from what /etc/subuid grants: the way out is a range for the caller, not an entry in the config. */
static int ungranted(struct compile *c, const void *slot, const char *kind, uint32_t id)
{
	const struct host_facts *host = c->host;
	bool uids = *kind == 'u';
	const struct oci_id_mapping_list *map = uids ? c->uid_mappings : c->gid_mappings;
	const struct oci_id_mapping *last = map->items[map->len - 1];
	uint32_t mapped_ids = last->containerID + last->size;
	struct id_range range = { .count = id - mapped_ids + 1 };
	char user[256], advice[512];

	subid_user_text(&host->user, user, sizeof(user));
	if (uids ? host->no_uid_helper : host->no_gid_helper)
		return plan_refuse(c, slot, EINVAL,
			"%s %u is not mapped into the user namespace, where user %s has but %u id%s: more are mapped by %s, "
			"which is not in PATH: install it (Debian: uidmap, Fedora: shadow-utils)",
			kind, id, user, mapped_ids, mapped_ids == 1 ? "" : "s", uids ? "newuidmap" : "newgidmap");
	subid_offer(uids ? host->subuid_text : host->subgid_text, &host->user, &range);
	subid_advice(uids ? SUBUID_FILE : SUBGID_FILE, &host->user, &range, advice, sizeof(advice));
	return plan_refuse(c, slot, EINVAL,
		"%s %u is not mapped into the user namespace, where user %s has but %u id%s: %s grants more", kind, id, user,
		mapped_ids, mapped_ids == 1 ? "" : "s", advice);
}

/* exec: what the namespace maps is fixed. */
static int unmapped_there(struct compile *c, const void *slot, const char *kind, uint32_t id)
{
	const struct oci_id_mapping_list *map = *kind == 'u' ? c->uid_mappings : c->gid_mappings;
	char text[512] = "none";
	size_t used = 0;

	for (size_t i = 0; i < map->len && sizeof(text) - used > 64; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u-%u", i ? ", " : "",
			map->items[i]->containerID, map->items[i]->containerID + (map->items[i]->size - 1));
	return plan_refuse(c, slot, EINVAL,
		"%s %u is not mapped into the container's user namespace: the %ss there are %s", kind, id, kind, text);
}

static int unmapped(struct compile *c, const void *slot, const char *kind, uint32_t id)
{
	const struct oci_linux *os = c->config->linux;
	bool own = os && (*kind == 'u' ? os->uidMappings.len : os->gidMappings.len);

	if (c->options->entered && c->options->entered->maps)
		return unmapped_there(c, slot, kind, id);
	if (!own && c->host->euid != 0)
		return ungranted(c, slot, kind, id);
	return plan_refuse(c, slot, EINVAL,
		"%s %u is not mapped into the user namespace: add it to /linux/%sMappings", kind, id, kind);
}

static int check_mapped(struct compile *c, const struct oci_user *user)
{
	if (!c->uid_mappings)
		return 0;
	if (!mapped(c->uid_mappings, user->uid))
		return unmapped(c, &user->uid, "uid", user->uid);
	if (!mapped(c->gid_mappings, user->gid))
		return unmapped(c, &user->gid, "gid", user->gid);
	for (size_t i = 0; i < user->additionalGids.len; i++) {
		if (!mapped(c->gid_mappings, user->additionalGids.items[i]))
			return unmapped(c, &user->additionalGids.items[i], "gid",
				user->additionalGids.items[i]);
	}
	return 0;
}

/*
 * Names every capability to be dropped. A fresh user namespace starts with all
 * of them; otherwise only what we hold ourselves is left to drop.
 */
static int drop_bounding(struct compile *c)
{
	bool user_namespace = (c->new_namespaces | c->joined_namespaces) & CLONE_NEWUSER;
	uint64_t all = c->host->last_capability >= 63 ? UINT64_MAX :
							(1ULL << (c->host->last_capability + 1)) - 1;
	struct plan_capabilities args = { 0 };
	const struct oci_process *process = c->config->process;
	int r = capabilities_compile(c, &args);

	if (r < 0)
		return r;
	args.bounding = (user_namespace ? all : c->host->bounding & all) & ~args.bounding;
	if (args.bounding)
		plan_add(c, PLAN_BOUNDING,
			process->capabilities ? &process->capabilities->bounding : NULL, &args,
			sizeof(args), "drop %d capabilities from the bounding set",
			__builtin_popcountll(args.bounding));
	return 0;
}

static void add_cwd(struct compile *c, bool retry)
{
	struct plan_cwd args = { .retry_as_user = retry, .must_exist = c->options->entered != NULL };

	args.path = plan_put_string(c, c->config->process->cwd);
	plan_add(c, PLAN_CWD, &c->config->process->cwd, &args, sizeof(args), "enter %s",
		c->config->process->cwd);
}

int aspect_user(struct compile *c)
{
	static const struct oci_user root = { 0 };
	const struct oci_process *process = c->config->process;
	const struct oci_user *user;
	struct plan_user args = { .umask = 0022, .set_groups = PLAN_GROUPS_SET };
	int r;

	if (!process)
		return 0;
	user = process->user ? process->user : &root;
	r = check_ids(c, user);
	if (r == 0)
		r = check_mapped(c, user);
	if (r == 0)
		r = drop_bounding(c);
	if (r < 0)
		return r;
	args.uid = user->uid;
	args.gid = user->gid;
	if (user->umask)
		args.umask = *user->umask;
	/* setgroups(2) is denied for good where an ordinary user wrote the gid map. */
	if (c->plan->keep_groups || !id_mappings_allow_setgroups(c)) {
		if (user->additionalGids.len)
			plan_warn(c, "additionalGids are not set: %s", c->plan->keep_groups ?
				"the annotation " KEEP_GROUPS_ANNOTATION " keeps the caller's groups" :
				"setgroups(2) is denied in a user namespace whose gid map needed no privilege");
		args.set_groups = PLAN_GROUPS_KEEP;
	} else if (c->joined_namespaces & CLONE_NEWUSER) {
		args.set_groups = PLAN_GROUPS_IF_ALLOWED;
	}
	args.groups.count = (uint32_t)user->additionalGids.len;
	args.groups.items = plan_put_bytes(c, user->additionalGids.items,
		user->additionalGids.len * sizeof(uint32_t));
	add_cwd(c, user->uid != 0);
	plan_add(c, PLAN_USER, &process->user, &args, sizeof(args),
		"become uid %u, gid %u with %u more groups, umask %04o", args.uid, args.gid,
		args.groups.count, args.umask);
	if (user->uid != 0)
		add_cwd(c, false);
	return 0;
}
