/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mounts of type cgroup (MNT-08): the container's view of its hierarchies.
 * With a cgroup namespace a fresh cgroup file system shows just the container's part; without one,
 * its own directories are bound, which is as much as it should see.
 */
#include "aspects/mounts.h"

#include <errno.h>
#include <string.h>

#include "cgroup/cgroup.h"
#include "sys/mount.h"
#include "sys/process.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The same attributes as the entry's own, on a synthetic entry. */
static int add_one(struct compile *c, const struct mount_request *model, const struct oci_mount *mount,
	uint64_t attr_clear)
{
	struct mount_request request = { .mount = mount, .args = model->args,
		.other_source = model->other_source };

	request.args.attr_set &= ~attr_clear;
	request.args.source = 0;
	request.target = mount->destination;
	request.source = mount->source;
	request.parameters = mount->options.items;
	request.parameter_count = mount->options.len;
	return mount_add(c, &request);
}

static struct oci_mount *make_mount(struct compile *c, const char *type, const char *source,
	const char *target, const char *option)
{
	struct oci_mount *mount = oci_arena_alloc(c->arena, sizeof(*mount));
	const char **options = oci_arena_alloc(c->arena, sizeof(*options));

	if (!mount || !options || !target) {
		c->out_of_memory = true;
		return NULL;
	}
	mount->type = type;
	mount->source = source;
	mount->destination = target;
	if (option)
		options[mount->options.len++] = option;
	mount->options.items = options;
	return mount;
}

/* Options for a v1 hierarchy: a word for each controller of it; "none" if it has but a name. */
static void name_controllers(struct compile *c, struct oci_mount *mount, const char *controllers)
{
	const char **options = oci_arena_alloc(c->arena, (strlen(controllers) + 2) * sizeof(*options));
	bool none = true;

	mount->options = (struct oci_string_list){ .items = options };
	while (options && *controllers) {
		size_t length = strcspn(controllers, ",");

		none = none && strncmp(controllers, "name=", 5) == 0;
		options[mount->options.len] = oci_arena_strndup(c->arena, controllers, length);
		if (!options[mount->options.len++])
			options = NULL;
		controllers += length + (controllers[length] == ',');
	}
	if (!options)
		c->out_of_memory = true;
	else if (none)
		options[mount->options.len++] = "none";
}

static int add_hierarchy(struct compile *c, struct mount_request *entry,
	const struct cgroup_hierarchy *hierarchy, const char *target)
{
	struct mount_request model = *entry;
	struct oci_mount *mount;

	if (c->new_namespaces & CLONE_NEWCGROUP) {
		const char *type = hierarchy->v2 ? "cgroup2" : "cgroup";

		mount = make_mount(c, type, type, target, NULL);
		if (mount && !hierarchy->v2)
			name_controllers(c, mount, hierarchy->controllers);
	} else {
		const char *path = c->cgroup ?
			c->cgroup->paths[hierarchy - c->host->cgroups->items] : hierarchy->own;

		/* Where no cgroup could be made for it, the container is in ours. */
		model.other_source = oci_arena_printf(c->arena, "%s%s", hierarchy->mountpoint, hierarchy->own);
		model.args.flags |= PLAN_MOUNT_BIND;
		mount = make_mount(c, NULL,
			oci_arena_printf(c->arena, "%s%s", hierarchy->mountpoint, path), target, NULL);
	}
	return mount ? add_one(c, &model, mount, 0) : error_set(c->err, ENOMEM, "compile mounts");
}

static const struct cgroup_hierarchy *unified(const struct cgroup_layout *layout)
{
	for (size_t i = 0; i < layout->count; i++) {
		if (layout->items[i].v2)
			return &layout->items[i];
	}
	return NULL;
}

/* Controllers mounted together are found under each one's name. */
static void link_controllers(struct compile *c, const char *target, const char *name,
	const char *controllers)
{
	while (*controllers) {
		size_t length = strcspn(controllers, ",");
		const char *link = oci_arena_printf(c->arena, "%s/%.*s", target, (int)length, controllers);
		struct plan_symlink args = { 0 };

		if (!link) {
			c->out_of_memory = true;
			return;
		}
		args.path = plan_put_string(c, link);
		args.target = plan_put_string(c, name);
		plan_add(c, PLAN_SYMLINK, NULL, &args, sizeof(args), "link %s to %s", link, name);
		controllers += length + (controllers[length] == ',');
	}
}

static int add_v1(struct compile *c, struct mount_request *entry, const struct cgroup_layout *layout)
{
	struct oci_mount *tmpfs = make_mount(c, "tmpfs", "tmpfs", entry->target, "mode=755");
	struct plan_mount remount = { .source_fd = -1, .flags = PLAN_MOUNT_REMOUNT | PLAN_MOUNT_BIND,
		.attr_set = MOUNT_ATTR_RDONLY };
	int r;

	if (!tmpfs)
		return error_set(c->err, ENOMEM, "compile mounts");
	/* Writable until the mount points are made in it. */
	r = add_one(c, entry, tmpfs, MOUNT_ATTR_RDONLY);
	for (size_t i = 0; r == 0 && i < layout->count; i++) {
		const struct cgroup_hierarchy *hierarchy = &layout->items[i];
		const char *name = base_name(hierarchy->mountpoint);

		if (hierarchy->v2)
			continue;
		r = add_hierarchy(c, entry, hierarchy,
			oci_arena_printf(c->arena, "%s/%s", entry->target, name));
		if (strchr(hierarchy->controllers, ','))
			link_controllers(c, entry->target, name, hierarchy->controllers);
	}
	if (r < 0 || !(entry->args.attr_set & MOUNT_ATTR_RDONLY))
		return r;
	remount.target = plan_put_string(c, entry->target);
	plan_add(c, PLAN_MOUNT, &entry->mount->options, &remount, sizeof(remount),
		"make %s read-only", entry->target);
	return 0;
}

int mount_add_cgroups(struct compile *c, struct mount_request *entry)
{
	const struct cgroup_layout *layout = c->host->cgroups;

	if (!layout || !layout->count)
		return plan_refuse(c, &entry->mount->type, ENODEV,
			"no cgroup file system is mounted on this host to be shown on %s", entry->target);
	if (layout->unified_only || strcmp(entry->mount->type, "cgroup2") == 0) {
		const struct cgroup_hierarchy *v2 = unified(layout);

		if (!v2)
			return plan_refuse(c, &entry->mount->type, ENODEV,
				"no cgroup2 file system is mounted on this host");
		return add_hierarchy(c, entry, v2, entry->target);
	}
	return add_v1(c, entry, layout);
}
