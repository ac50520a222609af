/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of mounts after they were made: by entries with "remount", and of a tmpfs that is to be read-only, and
 * that something is made in: Podman has /dev so in containers that are read-only altogether. It becomes read-only
 * once all that is there, as with crun and runc.
 */
#include "aspects/aspects.h"

#include <errno.h>
#include <string.h>

#include "aspects/mounts.h"
#include "sys/mount.h"

static bool more_is_made_below(struct compile *c, size_t index, const char *target)
{
	const struct oci_mount_list *mounts = &c->config->mounts;
	size_t length = strlen(target);

	if (strcmp(target, "/dev") == 0)
		return true;
	for (size_t i = index + 1; i < mounts->len; i++) {
		const char *other = path_clean(c->arena, mounts->items[i]->destination);

		if (other && strncmp(other, target, length) == 0 && other[length] == '/')
			return true;
	}
	return false;
}

int mount_keep_writable(struct compile *c, size_t index, struct mount_request *request)
{
	const char *type = request->mount->type;

	if (!type || strcmp(type, "tmpfs") != 0 || request->args.flags & (PLAN_MOUNT_BIND | PLAN_MOUNT_REMOUNT) ||
		!(request->args.attr_set & MOUNT_ATTR_RDONLY) || !more_is_made_below(c, index, request->target))
		return 0;
	if (!c->late_mounts)
		c->late_mounts = oci_arena_alloc(c->arena, c->config->mounts.len * sizeof(*c->late_mounts));
	if (!c->late_mounts)
		return error_set(c->err, ENOMEM, "compile mounts");
	c->late_mounts[index] = request->target;
	request->args.attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	request->args.legacy_flags &= ~(uint64_t)MS_RDONLY;
	return 0;
}

int aspect_read_only_mounts(struct compile *c)
{
	struct plan_mount remount = { .source_fd = -1, .flags = PLAN_MOUNT_REMOUNT | PLAN_MOUNT_BIND,
		.attr_set = MOUNT_ATTR_RDONLY };

	for (size_t i = 0; c->late_mounts && i < c->config->mounts.len; i++) {
		if (!c->late_mounts[i])
			continue;
		remount.target = plan_put_string(c, c->late_mounts[i]);
		plan_add(c, PLAN_MOUNT, &c->config->mounts.items[i]->options, &remount, sizeof(remount),
			"make %s read-only", c->late_mounts[i]);
	}
	return 0;
}

static struct plan_mount *mount_of(struct compile *c, uint32_t step)
{
	return c->steps[step].kind == PLAN_MOUNT ? (struct plan_mount *)(c->plan->blob + c->steps[step].args) : NULL;
}

/* The last one that is made at the same target before; NULL if none is. */
static struct plan_mount *changed_by(struct compile *c, uint32_t step)
{
	const char *blob = (const char *)c->plan->blob;
	const struct plan_mount *change = mount_of(c, step);

	while (step-- > 0) {
		struct plan_mount *made = mount_of(c, step);

		if (made && !(made->flags & PLAN_MOUNT_REMOUNT) && strcmp(blob + made->target, blob + change->target) == 0)
			return made;
	}
	return NULL;
}

/* Who shares the root file system may exchange what leads to a mount meanwhile: its path is not resolved again. */
int aspect_remounts(struct compile *c)
{
	uint32_t handles = 0;

	for (uint32_t i = 0; !c->out_of_memory && i < c->step_count; i++) {
		struct plan_mount *change = mount_of(c, i);
		struct plan_mount *made = change && change->flags & PLAN_MOUNT_REMOUNT ? changed_by(c, i) : NULL;

		if (!made)
			continue;
		if (!made->handle)
			made->handle = ++handles;
		change->handle = made->handle;
	}
	if (handles > PLAN_HANDLES_MAX)
		return plan_refuse(c, &c->config->mounts, E2BIG, "more than %d mounts are changed after they were made",
			PLAN_HANDLES_MAX);
	return 0;
}
