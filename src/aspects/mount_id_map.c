/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The maps of an id-mapped mount (MNT-15..MNT-22): its own, those in an option of crun's, or the user namespace's. */
#include <errno.h>
#include <string.h>

#include "aspects/id_mappings.h"
#include "aspects/mounts.h"
#include "util/number.h"

struct id_map_list {
	struct oci_id_mapping_list list;
	const struct oci_id_mapping *pointers[];
};

static int refuse_text(struct compile *c, const struct mount_request *request, const char *word)
{
	return plan_refuse(c, &request->mount->options, EINVAL,
		"mount on %s has the option \"%s\": the maps of idmap are written as idmap=uids=FIRST-HOST-SIZE;gids=FIRST-HOST-SIZE, several ranges with # between them, each with @ before it if HOST is an id of the container",
		request->target, word);
}

/*
 * "@": the id on the host is the container's. A range that the user namespace maps in pieces, or not at all,
 * is refused, where crun maps it to other ids.
 */
static int make_absolute(struct compile *c, const struct mount_request *request,
	const struct oci_id_mapping_list *all, struct oci_id_mapping *mapping)
{
	uint32_t first = mapping->hostID;

	for (size_t i = 0; all && i < all->len; i++) {
		const struct oci_id_mapping *m = all->items[i];

		if (first < m->containerID || first - m->containerID >= m->size ||
			mapping->size > m->size - (first - m->containerID))
			continue;
		mapping->hostID = m->hostID + (first - m->containerID);
		return 0;
	}
	return plan_refuse(c, &request->mount->options, EINVAL,
		"idmap on %s: the container has no user namespace of its own that maps the ids from %u, %u of them, in one range",
		request->target, first, mapping->size);
}

/* "FIRST-HOST-SIZE", and where that ends */
static bool scan_range(const char **text, struct oci_id_mapping *ret)
{
	uint64_t first, host, size;

	if (!number_scan(text, UINT32_MAX, &first) || *(*text)++ != '-' || !number_scan(text, UINT32_MAX, &host) ||
		*(*text)++ != '-' || !number_scan(text, UINT32_MAX, &size))
		return false;
	*ret = (struct oci_id_mapping){ .containerID = (uint32_t)first, .hostID = (uint32_t)host,
		.size = (uint32_t)size };
	return true;
}

/* Ranges up to the end or ";"; *@text is moved there. 1 if they are no such ranges. */
static int scan_list(struct compile *c, const struct mount_request *request, const char **text,
	const struct oci_id_mapping_list *all, const struct oci_id_mapping_list **ret)
{
	size_t most = 1, count = 0;
	struct oci_id_mapping *items;
	struct id_map_list *found;

	for (const char *at = *text; *at && *at != ';'; at++)
		most += *at == '#';
	items = oci_arena_alloc(c->arena, most * sizeof(*items));
	found = oci_arena_alloc(c->arena, sizeof(*found) + most * sizeof(found->pointers[0]));
	if (!items || !found)
		return error_set(c->err, ENOMEM, "compile mounts");
	do {
		bool relative = **text == '@';
		int r;

		*text += relative;
		if (!scan_range(text, &items[count]))
			return 1;
		r = relative ? make_absolute(c, request, all, &items[count]) : 0;
		if (r < 0)
			return r;
		found->pointers[count] = &items[count];
		count++;
	} while (*(*text)++ == '#');
	(*text)--;
	found->list = (struct oci_id_mapping_list){ .items = found->pointers, .len = count };
	*ret = &found->list;
	return 0;
}

int mount_id_map_option(struct compile *c, struct mount_request *request, const char *word)
{
	const char *text = strchr(word, '=') + 1;
	int r = 0;

	request->uids = request->gids = NULL;
	while (r == 0) {
		if (strncmp(text, "uids=", 5) == 0 && !request->uids) {
			text += 5;
			r = scan_list(c, request, &text, c->uid_mappings, &request->uids);
		} else if (strncmp(text, "gids=", 5) == 0 && !request->gids) {
			text += 5;
			r = scan_list(c, request, &text, c->gid_mappings, &request->gids);
		} else {
			r = 1;
		}
		if (r == 0 && !*text)
			break;
		if (r == 0 && *text++ != ';')
			r = 1;
	}
	if (r == 0 && (!request->uids || !request->gids))
		r = 1;
	return r == 1 ? refuse_text(c, request, word) : r;
}

int mount_id_map(struct compile *c, const struct mount_request *request, const char **uid_map,
	const char **gid_map)
{
	const struct oci_mount *mount = request->mount;
	const struct oci_id_mapping_list *uids = c->uid_mappings, *gids = c->gid_mappings;
	const void *slot = NULL;
	int r;

	if (!mount->uidMappings.len != !mount->gidMappings.len)
		return plan_refuse(c, &mount->destination, EINVAL,
			"mount on %s has only one of uidMappings and gidMappings: it needs both",
			mount->destination);
	if (request->uids && mount->uidMappings.len)
		return plan_refuse(c, &mount->options, EINVAL,
			"mount on %s has maps both in the option idmap and in uidMappings: only one may have them",
			mount->destination);
	if (request->uids) {
		uids = request->uids, gids = request->gids;
		slot = &mount->options;
	} else if (mount->uidMappings.len) {
		uids = &mount->uidMappings, gids = &mount->gidMappings;
	}
	if (!uids)
		return plan_refuse(c, &mount->options, EINVAL,
			"idmap on %s has no mappings: neither uidMappings and gidMappings of the mount nor a user namespace",
			mount->destination);
	r = id_map_text(c, uids, slot, uid_map);
	return r < 0 ? r : id_map_text(c, gids, slot, gid_map);
}
