/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.resources to settings: what its parts share (RES-02, RES-03). */
#include "cgroup/resources.h"

#include <errno.h>
#include <string.h>

static const char *const resource_controllers[] = {
	"cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc", "dmem",
};

#define CONTROLLER_COUNT (sizeof(resource_controllers) / sizeof(resource_controllers[0]))

static int (*const parts[])(struct resource_compile *) = {
	resource_scalars,
	resource_block_devices,
	resource_huge_pages,
	resource_rdma,
	resource_priorities,
	resource_unified,
	resource_devices,
};

static int refuse_missing(struct resource_compile *r, const char *name, const void *slot,
	const struct resource_target *v1, const struct resource_target *v2)
{
	const struct cgroup_layout *layout = r->spec->layout;

	if (!layout || !layout->count)
		return plan_refuse(r->c, slot, ENODEV,
			"%s cannot be applied: no cgroup file system is mounted; mount cgroup2 on /sys/fs/cgroup",
			name);
	if (!v2->controller && cgroup_find(layout, "", true) >= 0 && layout->unified_only)
		return plan_refuse(r->c, slot, ENOTSUP,
			"%s cannot be applied: cgroup v2, which this host uses, has nothing like it", name);
	if (!v1->controller && !layout->unified_only)
		return plan_refuse(r->c, slot, ENOTSUP,
			"%s cannot be applied: cgroup v1, which this host uses, has nothing like it", name);
	return plan_refuse(r->c, slot, ENODEV,
		"%s cannot be applied: the cgroup controller %s is not available; %s", name,
		layout->unified_only || !v1->controller ? v2->controller : v1->controller,
		layout->unified_only ?
			"the kernel lacks it, its command line disables it (cgroup_disable=), or the parent "
			"cgroup of /sys/fs/cgroup does not delegate it" :
			"mount its v1 hierarchy, or boot with cgroup v2 only");
}

int resource_hierarchy(struct resource_compile *r, const char *name, const void *slot,
	const struct resource_target *v1, const struct resource_target *v2, size_t *ret,
	bool *is_v2)
{
	ssize_t found = v1->controller ? cgroup_find(r->spec->layout, v1->controller, false) : -1;

	*is_v2 = false;
	if (found < 0 && v2->controller) {
		found = cgroup_find(r->spec->layout, v2->controller, true);
		*is_v2 = true;
	}
	if (found < 0)
		return refuse_missing(r, name, slot, v1, v2);
	if (*is_v2)
		resource_enable(r, v2->controller);
	*ret = (size_t)found;
	return 0;
}

struct cgroup_setting *resource_add(struct resource_compile *r, size_t hierarchy, const char *file,
	const char *value, const void *slot)
{
	static struct cgroup_setting dummy;
	struct cgroup_spec *spec = r->spec;
	struct cgroup_setting *setting;

	if (!file || !value)
		r->c->out_of_memory = true;
	if (spec->setting_count == r->capacity) {
		size_t wanted = r->capacity ? 2 * r->capacity : 32;
		struct cgroup_setting *moved = oci_arena_alloc(r->c->arena, wanted * sizeof(*moved));

		if (!moved) {
			r->c->out_of_memory = true;
			return &dummy;
		}
		if (spec->setting_count)
			memcpy(moved, spec->settings, spec->setting_count * sizeof(*moved));
		spec->settings = moved;
		r->capacity = wanted;
	}
	setting = &spec->settings[spec->setting_count++];
	setting->hierarchy = hierarchy;
	setting->file = file;
	setting->value = value;
	setting->pointer = plan_pointer(r->c, slot, &setting->line);
	return setting;
}

void resource_enable(struct resource_compile *r, const char *controller)
{
	for (size_t i = 0; i < CONTROLLER_COUNT; i++) {
		if (strcmp(resource_controllers[i], controller) == 0)
			r->enabled[i] = true;
	}
}

static const char *enabled_list(struct resource_compile *r)
{
	const char *list = "";

	for (size_t i = 0; i < CONTROLLER_COUNT && list; i++) {
		if (r->enabled[i])
			list = oci_arena_printf(r->c->arena, "%s%s%s", list, *list ? " " : "",
				resource_controllers[i]);
	}
	return list;
}

int cgroup_settings(struct compile *c, const struct oci_resources *resources,
	struct cgroup_spec *spec)
{
	struct resource_compile r = { .c = c, .resources = resources, .spec = spec };
	int result = 0;

	spec->enable = "";
	if (!resources)
		return 0;
	for (size_t i = 0; result == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
		result = parts[i](&r);
	if (result < 0)
		return result;
	spec->enable = enabled_list(&r);
	if (c->out_of_memory || !spec->enable)
		return error_set(c->err, ENOMEM, "compile linux.resources");
	return 0;
}
