/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.uidMappings and gidMappings (UID-*), and those of single mounts (MNT-15..MNT-23). */
#include "aspects/aspects.h"

#include <errno.h>

#include "aspects/mounts.h"
#include "sys/process.h"

/* user_namespaces(7): lines in a map since Linux 4.15. */
#define MAP_LINES_MAX 340

static int check_range(struct compile *c, const struct oci_id_mapping *a,
	const struct oci_id_mapping_list *list, size_t index)
{
	if (a->size == 0)
		return plan_refuse(c, &a->size, EINVAL, "the mapping's size is 0: it must be at least 1");
	if ((uint64_t)a->containerID + a->size > UINT32_MAX ||
		(uint64_t)a->hostID + a->size > UINT32_MAX)
		return plan_refuse(c, &a->size, ERANGE,
			"the mapping %u %u %u reaches beyond the largest id, 4294967294",
			a->containerID, a->hostID, a->size);
	for (size_t i = 0; i < index; i++) {
		const struct oci_id_mapping *b = list->items[i];

		if ((uint64_t)a->containerID < (uint64_t)b->containerID + b->size &&
			(uint64_t)b->containerID < (uint64_t)a->containerID + a->size)
			return plan_refuse(c, &a->containerID, EINVAL,
				"the mapping %u %u %u overlaps %u %u %u in the container",
				a->containerID, a->hostID, a->size, b->containerID, b->hostID,
				b->size);
		if ((uint64_t)a->hostID < (uint64_t)b->hostID + b->size &&
			(uint64_t)b->hostID < (uint64_t)a->hostID + a->size)
			return plan_refuse(c, &a->hostID, EINVAL,
				"the mapping %u %u %u overlaps %u %u %u on the host", a->containerID,
				a->hostID, a->size, b->containerID, b->hostID, b->size);
	}
	return 0;
}

static int map_text(struct compile *c, const struct oci_id_mapping_list *list, const char **ret)
{
	const char *text = "";

	if (list->len > MAP_LINES_MAX)
		return plan_refuse(c, list, EINVAL, "%zu mappings: the kernel takes at most %d",
			list->len, MAP_LINES_MAX);
	for (size_t i = 0; i < list->len; i++) {
		const struct oci_id_mapping *m = list->items[i];
		int r = check_range(c, m, list, i);

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

int id_map_text(struct compile *c, const struct oci_mount *mount, const char **uid_map,
	const char **gid_map)
{
	const struct oci_linux *os = c->config->linux;
	int r;

	if (listed(&mount->uidMappings) != listed(&mount->gidMappings))
		return plan_refuse(c, &mount->destination, EINVAL,
			"mount on %s has only one of uidMappings and gidMappings: it needs both",
			mount->destination);
	if (listed(&mount->uidMappings)) {
		r = map_text(c, &mount->uidMappings, uid_map);
		return r < 0 ? r : map_text(c, &mount->gidMappings, gid_map);
	}
	if (!(c->new_namespaces & CLONE_NEWUSER) || !os || !listed(&os->uidMappings))
		return plan_refuse(c, &mount->options, EINVAL,
			"idmap on %s has no mappings: neither uidMappings and gidMappings of the mount nor a user namespace",
			mount->destination);
	r = map_text(c, &os->uidMappings, uid_map);
	return r < 0 ? r : map_text(c, &os->gidMappings, gid_map);
}

int aspect_id_mappings(struct compile *c)
{
	const struct oci_linux *os = c->config->linux;
	struct host_id_map *map;
	int r;

	if (!os)
		return 0;
	if (!(c->new_namespaces & CLONE_NEWUSER)) {
		if (listed(&os->uidMappings) && !(c->joined_namespaces & CLONE_NEWUSER))
			return plan_refuse(c, &os->uidMappings, EINVAL,
				"uidMappings need a new user namespace in /linux/namespaces");
		if (listed(&os->gidMappings) && !(c->joined_namespaces & CLONE_NEWUSER))
			return plan_refuse(c, &os->gidMappings, EINVAL,
				"gidMappings need a new user namespace in /linux/namespaces");
		return 0;
	}
	map = oci_arena_alloc(c->arena, sizeof(*map));
	if (!map)
		return error_set(c->err, ENOMEM, "compile id mappings");
	r = map_text(c, &os->uidMappings, &map->uid_map);
	if (r == 0)
		r = map_text(c, &os->gidMappings, &map->gid_map);
	if (r < 0)
		return r;
	/* As crun does: without mappings, the caller becomes root of the namespace. */
	if (!*map->uid_map)
		map->uid_map = oci_arena_printf(c->arena, "0 %u 1\n", c->host->euid);
	if (!*map->gid_map)
		map->gid_map = oci_arena_printf(c->arena, "0 %u 1\n", c->host->egid);
	if (!map->uid_map || !map->gid_map)
		return error_set(c->err, ENOMEM, "compile id mappings");
	map->deny_setgroups = c->host->euid != 0;
	plan_add_host(c, HOST_ID_MAP, HOST_AFTER_CLONE, &os->uidMappings, map,
		"write the user namespace's id maps");
	return 0;
}
