/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.intelRdt (RDT-*). */
#include "aspects/aspects.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "aspects/intel_rdt.h"

/* What is in the root of a resctrl file system already. */
static const char *const reserved[] = { ".", "..", "info", "mon_data", "mon_groups", "cpus", "cpus_list", "mode",
	"schemata", "size", "tasks" };

static int check(struct compile *c, const struct oci_intel_rdt *rdt, const char *name, const void *slot)
{
	bool bad = !*name || strlen(name) > NAME_MAX || strchr(name, '/') || strchr(name, '\n');

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		bad = bad || strcmp(name, reserved[i]) == 0;
	if (bad)
		return plan_refuse(c, slot, EINVAL,
			"\"%s\" cannot be the name of a resctrl group: a file name of at most 255 bytes, and none that resctrl has itself, as \"info\"%s",
			name, rdt->closID ? ", or \"/\" for the default one" : "");
	/* Only a recommendation of the specification; the kernel decides (RDT-05). */
	if (rdt->l3CacheSchema && strncmp(rdt->l3CacheSchema, "L3:", 3) != 0)
		plan_warn(c, "l3CacheSchema \"%s\" does not begin with \"L3:\"", rdt->l3CacheSchema);
	return 0;
}

bool intel_rdt_group(const struct oci_intel_rdt *rdt, const char *id, struct oci_arena *arena,
	struct resctrl_group *group)
{
	const char **lines = oci_arena_alloc(arena, (rdt->schemata.len + 2) * sizeof(*lines));
	bool root = rdt->closID && strcmp(rdt->closID, "/") == 0;
	size_t count = 0;

	memset(group, 0, sizeof(*group));
	group->path = root ? "." : rdt->closID ? rdt->closID : id;
	group->own = !rdt->closID;
	if (rdt->enableMonitoring) {
		group->monitor = oci_arena_printf(arena, "%s%smon_groups/%s", root ? "" : group->path,
			root ? "" : "/", id);
		if (!group->monitor)
			return false;
	}
	if (!lines)
		return false;
	if (rdt->l3CacheSchema && *rdt->l3CacheSchema)
		lines[count++] = rdt->l3CacheSchema;
	if (rdt->memBwSchema && *rdt->memBwSchema)
		lines[count++] = rdt->memBwSchema;
	for (size_t i = 0; i < rdt->schemata.len; i++)
		lines[count++] = rdt->schemata.items[i];
	group->lines = lines;
	group->line_count = count;
	return true;
}

int aspect_intel_rdt(struct compile *c)
{
	const struct oci_intel_rdt *rdt = c->config->linux ? c->config->linux->intelRdt : NULL;
	const void *slot = rdt ? &c->config->linux->intelRdt : NULL;
	struct resctrl_group *group;
	int r = 0;

	if (!rdt)
		return 0;
	if (!rdt->closID || strcmp(rdt->closID, "/") != 0)
		r = check(c, rdt, rdt->closID ? rdt->closID : c->options->id,
			rdt->closID ? (const void *)&rdt->closID : slot);
	if (r < 0)
		return r;
	group = oci_arena_alloc(c->arena, sizeof(*group));
	if (!group || !intel_rdt_group(rdt, c->options->id, c->arena, group))
		return error_set(c->err, ENOMEM, "compile intelRdt");
	if (!c->options->entered)
		plan_add_host(c, HOST_RESCTRL, HOST_BEFORE_CLONE, slot, group, "%s resctrl group %s",
			group->own ? "make" : "make or check", group->path);
	plan_add_host(c, HOST_RESCTRL_JOIN, HOST_AFTER_CLONE, slot, group, "join resctrl group %s%s",
		group->path, group->monitor ? ", with a monitoring group" : "");
	return 0;
}
