/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.user, cwd, and the capability bounding set (PRC-05, PRC-11..14). */
#include "aspects/aspects.h"

#include <errno.h>

#include "aspects/capabilities.h"
#include "sys/process.h"

static bool mapped(const struct oci_id_mapping_list *list, uint32_t id, uint32_t only)
{
	if (!list->len)
		return id == only;
	for (size_t i = 0; i < list->len; i++) {
		const struct oci_id_mapping *m = list->items[i];

		if (id >= m->containerID && id - m->containerID < m->size)
			return true;
	}
	return false;
}

static int check_mapped(struct compile *c, const struct oci_user *user)
{
	const struct oci_linux *os = c->config->linux;

	if (!(c->new_namespaces & CLONE_NEWUSER))
		return 0;
	if (!mapped(&os->uidMappings, user->uid, 0))
		return plan_refuse(c, &user->uid, EINVAL,
			"uid %u is not mapped into the user namespace: add it to /linux/uidMappings",
			user->uid);
	if (!mapped(&os->gidMappings, user->gid, 0))
		return plan_refuse(c, &user->gid, EINVAL,
			"gid %u is not mapped into the user namespace: add it to /linux/gidMappings",
			user->gid);
	for (size_t i = 0; i < user->additionalGids.len; i++) {
		if (!mapped(&os->gidMappings, user->additionalGids.items[i], 0))
			return plan_refuse(c, &user->additionalGids.items[i], EINVAL,
				"gid %u is not mapped into the user namespace: add it to /linux/gidMappings",
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
	struct plan_cwd args = { .retry_as_user = retry };

	args.path = plan_put_string(c, c->config->process->cwd);
	plan_add(c, PLAN_CWD, &c->config->process->cwd, &args, sizeof(args), "enter %s",
		c->config->process->cwd);
}

int aspect_user(struct compile *c)
{
	static const struct oci_user root = { 0 };
	const struct oci_process *process = c->config->process;
	const struct oci_user *user;
	struct plan_user args = { .umask = 0022, .set_groups = 1 };
	int r;

	if (!process)
		return 0;
	user = process->user ? process->user : &root;
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
	if (c->host->euid != 0 && c->new_namespaces & CLONE_NEWUSER) {
		if (user->additionalGids.len)
			return plan_refuse(c, &user->additionalGids, EPERM,
				"additionalGids cannot be set in a user namespace made without privilege");
		args.set_groups = 0;
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
