/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.uidMappings and gidMappings (UID-*). Those of single mounts: mount_id_map.c. */
#include "aspects/aspects.h"

#include <errno.h>
#include <string.h>

#include "aspects/annotations.h"
#include "aspects/id_mappings.h"
#include "sys/process.h"

/* user_namespaces(7): lines in a map since Linux 4.15. */
#define MAP_LINES_MAX 340

static int check_range(struct compile *c, const struct oci_id_mapping *a,
	const struct oci_id_mapping_list *list, size_t index, const void *slot)
{
	if (a->size == 0)
		return plan_refuse(c, slot ? slot : &a->size, EINVAL, "the mapping's size is 0: it must be at least 1");
	if ((uint64_t)a->containerID + a->size > UINT32_MAX ||
		(uint64_t)a->hostID + a->size > UINT32_MAX)
		return plan_refuse(c, slot ? slot : &a->size, ERANGE,
			"the mapping %u %u %u reaches beyond the largest id, 4294967294",
			a->containerID, a->hostID, a->size);
	for (size_t i = 0; i < index; i++) {
		const struct oci_id_mapping *b = list->items[i];

		if ((uint64_t)a->containerID < (uint64_t)b->containerID + b->size &&
			(uint64_t)b->containerID < (uint64_t)a->containerID + a->size)
			return plan_refuse(c, slot ? slot : &a->containerID, EINVAL,
				"the mapping %u %u %u overlaps %u %u %u in the container",
				a->containerID, a->hostID, a->size, b->containerID, b->hostID,
				b->size);
		if ((uint64_t)a->hostID < (uint64_t)b->hostID + b->size &&
			(uint64_t)b->hostID < (uint64_t)a->hostID + a->size)
			return plan_refuse(c, slot ? slot : &a->hostID, EINVAL,
				"the mapping %u %u %u overlaps %u %u %u on the host", a->containerID,
				a->hostID, a->size, b->containerID, b->hostID, b->size);
	}
	return 0;
}

int id_map_text(struct compile *c, const struct oci_id_mapping_list *list, const void *slot, const char **ret)
{
	const char *text = "";

	if (list->len > MAP_LINES_MAX)
		return plan_refuse(c, slot ? slot : list, EINVAL, "%zu mappings: the kernel takes at most %d",
			list->len, MAP_LINES_MAX);
	for (size_t i = 0; i < list->len; i++) {
		const struct oci_id_mapping *m = list->items[i];
		int r = check_range(c, m, list, i, slot);

		if (r < 0)
			return r;
		text = oci_arena_printf(c->arena, "%s%u %u %u\n", text, m->containerID, m->hostID,
			m->size);
		if (!text)
			return error_set(c->err, ENOMEM, "compile id mappings");
	}
	*ret = text;
	return 0;
}

static bool listed(const struct oci_id_mapping_list *list)
{
	return list->len > 0;
}

static bool overlaps(const struct oci_id_mapping *m, const struct id_range *range)
{
	return m->hostID < (uint64_t)range->start + range->count && range->start < (uint64_t)m->hostID + m->size;
}

/* Whether a line's range can come after those there are: the kernel takes no id of the host twice. */
static bool fits(const struct oci_id_mapping *items, size_t count, const struct id_range *range)
{
	const struct oci_id_mapping *last = &items[count - 1];

	for (size_t i = 0; i < count; i++) {
		if (overlaps(&items[i], range))
			return false;
	}
	return (uint64_t)last->containerID + last->size + range->count <= UINT32_MAX;
}

/*
 * The map for a user namespace that the config gives none for: the caller is its root, and what /etc/subuid
 * grants the caller comes after, line by line, if that can be mapped at all.
 */
static const struct oci_id_mapping_list *default_list(struct compile *c, uint32_t own,
	const struct id_ranges *more)
{
	struct {
		struct oci_id_mapping_list list;
		struct oci_id_mapping items[1 + SUBID_RANGES_MAX];
		const struct oci_id_mapping *pointers[1 + SUBID_RANGES_MAX];
	} *all = oci_arena_alloc(c->arena, sizeof(*all));
	size_t count = 1;

	if (!all) {
		c->out_of_memory = true;
		return NULL;
	}
	all->items[0] = (struct oci_id_mapping){ .containerID = 0, .hostID = own, .size = 1 };
	for (size_t i = 0; c->host->euid != 0 && i < more->count; i++) {
		const struct oci_id_mapping *last = &all->items[count - 1];

		if (fits(all->items, count, &more->items[i]))
			all->items[count++] = (struct oci_id_mapping){ .containerID = last->containerID + last->size,
				.hostID = more->items[i].start, .size = more->items[i].count };
	}
	for (size_t i = 0; i < count; i++)
		all->pointers[i] = &all->items[i];
	all->list.items = all->pointers;
	all->list.len = count;
	return &all->list;
}

static bool keeps_groups(const struct oci_config *config)
{
	const char *value = annotation_get(config, KEEP_GROUPS_ANNOTATION);

	return value && strcmp(value, "1") == 0;
}

int id_mappings_choose(struct compile *c)
{
	static const struct oci_linux nothing;
	const struct oci_linux *os = c->config->linux ? c->config->linux : &nothing;
	const struct entered_maps *maps = c->options->entered ? c->options->entered->maps : NULL;

	c->plan->keep_groups = keeps_groups(c->config);
	if (maps) {
		c->uid_mappings = maps->uids;
		c->gid_mappings = maps->gids;
		return 0;
	}
	if (c->new_namespaces & CLONE_NEWUSER) {
		c->uid_mappings = listed(&os->uidMappings) ? &os->uidMappings :
			default_list(c, c->host->euid, &c->host->subuids);
		c->gid_mappings = listed(&os->gidMappings) ? &os->gidMappings :
			default_list(c, c->host->egid, &c->host->subgids);
		return c->uid_mappings && c->gid_mappings ? 0 : error_set(c->err, ENOMEM, "compile id mappings");
	}
	if (c->joined_namespaces & CLONE_NEWUSER)
		return 0;
	if (listed(&os->uidMappings))
		return plan_refuse(c, &os->uidMappings, EINVAL,
			"uidMappings need a new user namespace in /linux/namespaces");
	if (listed(&os->gidMappings))
		return plan_refuse(c, &os->gidMappings, EINVAL,
			"gidMappings need a new user namespace in /linux/namespaces");
	return 0;
}

/* An ordinary user may map just the own id; for all else the set-user-ID helpers are asked. */
static bool needs_helper(const struct compile *c, const struct oci_id_mapping_list *list, uint32_t own)
{
	return c->host->euid != 0 &&
		!(list->len == 1 && list->items[0]->hostID == own && list->items[0]->size == 1);
}

bool id_mappings_allow_setgroups(const struct compile *c)
{
	const struct entered_maps *maps = c->options->entered ? c->options->entered->maps : NULL;

	if (maps && maps->uids)
		return !maps->setgroups_denied;
	if (c->host->setgroups_denied)
		return false;
	return c->host->euid == 0 || !c->gid_mappings ||
		needs_helper(c, c->gid_mappings, c->host->egid);
}

/* Init sets everything up as root of the user namespace; only then does it become the process's user. */
static int check_root(struct compile *c, const struct oci_id_mapping_list *list, const char *kind)
{
	for (size_t i = 0; i < list->len; i++) {
		if (list->items[i]->containerID == 0)
			return 0;
	}
	return plan_refuse(c, list, EINVAL,
		"%s 0 of the container is not mapped, and without it nothing can be set up: add a mapping with containerID 0",
		kind);
}

int aspect_id_mappings(struct compile *c)
{
	const void *slot = c->config->linux ? &c->config->linux->uidMappings : NULL;
	struct host_id_map *map;
	int r;

	if (!c->uid_mappings)
		return 0;
	map = oci_arena_alloc(c->arena, sizeof(*map));
	if (!map)
		return error_set(c->err, ENOMEM, "compile id mappings");
	r = id_map_text(c, c->uid_mappings, NULL, &map->uid_map);
	if (r == 0)
		r = id_map_text(c, c->gid_mappings, NULL, &map->gid_map);
	if (r < 0)
		return r;
	r = check_root(c, c->uid_mappings, "uid");
	if (r == 0)
		r = check_root(c, c->gid_mappings, "gid");
	if (r < 0)
		return r;
	map->uid_helper = needs_helper(c, c->uid_mappings, c->host->euid);
	map->gid_helper = needs_helper(c, c->gid_mappings, c->host->egid);
	map->deny_setgroups = c->host->euid != 0 && !map->gid_helper;
	plan_add_host(c, HOST_ID_MAP, HOST_AFTER_CLONE, slot, map, "write the user namespace's id maps%s",
		map->uid_helper || map->gid_helper ? " by newuidmap and newgidmap" : "");
	return 0;
}

uint32_t id_mapping_host_id(const struct oci_id_mapping_list *list, uint32_t id)
{
	for (size_t i = 0; list && i < list->len; i++) {
		const struct oci_id_mapping *map = list->items[i];

		if (id >= map->containerID && id - map->containerID < map->size)
			return map->hostID + (id - map->containerID);
	}
	return list ? UINT32_MAX : id;
}
