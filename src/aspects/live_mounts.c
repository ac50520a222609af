/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `mounts add` and `mounts remove`: the mounts of a container that runs. */
#include <errno.h>
#include <string.h>

#include "aspects/aspects.h"
#include "aspects/mounts.h"
#include "sys/process.h"

/* A new procfs would be of our own pid namespace, a new cgroup file system of our own cgroup namespace. */
static int check(struct compile *c, const struct oci_mount *mount)
{
	const char *type = mount->type ? mount->type : "";

	if (strcmp(type, "proc") == 0 || strcmp(type, "cgroup") == 0 || strcmp(type, "cgroup2") == 0)
		return plan_refuse(c, &mount->type, ENOTSUP, "a mount of type %s cannot be added to a running container",
			type);
	return 0;
}

/* From the last to the first: what add has put on another of the list goes before that. */
static int remove_all(struct compile *c)
{
	for (size_t i = c->config->mounts.len; i-- > 0;) {
		const struct oci_mount *mount = c->config->mounts.items[i];
		const char *target = path_clean(c->arena, mount->destination);
		struct plan_path args = { 0 };

		if (!target)
			return error_set(c->err, ENOMEM, "compile mounts");
		if (strcmp(target, "/") == 0)
			return plan_refuse(c, &mount->destination, EINVAL, "the root cannot be unmounted");
		args.path = plan_put_string(c, target);
		plan_add(c, PLAN_UMOUNT, &mount->destination, &args, sizeof(args), "unmount %s", target);
	}
	return 0;
}

int aspect_live_mounts(struct compile *c)
{
	if (!(c->joined_namespaces & CLONE_NEWNS))
		return plan_refuse(c, NULL, EINVAL, "the container has no mount namespace: its mounts would be the host's");
	/* Nobody is born in here: whoever mounts is not to be seen in the container. */
	c->plan->joins = false;
	if (c->options->entered->remove_mounts)
		return remove_all(c);
	for (size_t i = 0; i < c->config->mounts.len; i++) {
		int r = check(c, c->config->mounts.items[i]);

		if (r < 0)
			return r;
	}
	return aspect_mounts(c);
}
