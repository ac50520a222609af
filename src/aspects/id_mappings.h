/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SILO_ASPECTS_ID_MAPPINGS_H
#define SILO_ASPECTS_ID_MAPPINGS_H

#include "plan/compile.h"

/* With the value 1: the process keeps the supplementary groups of whoever called us, as with crun. */
#define KEEP_GROUPS_ANNOTATION "run.oci.keep_original_groups"

/**
 * id_mappings_choose - the maps of the new user namespace: the config's, or ones for the caller (UID-*)
 * Fills uid_mappings and gid_mappings of @c, and keep_groups of its plan; new_namespaces and joined_namespaces must be set.
 *
 * Return: 0 or a negative errno after plan_refuse().
 */
int id_mappings_choose(struct compile *c);

/** id_mappings_allow_setgroups - whether setgroups(2) works in the container (user_namespaces(7)) */
bool id_mappings_allow_setgroups(const struct compile *c);

/**
 * id_map_text - a map as /proc/PID/uid_map and gid_map take it (user_namespaces(7)); refused if the kernel would not
 * @slot: what to name if it is refused; NULL: the property of @list
 * @ret: receives the text, in the arena
 *
 * Return: 0 or a negative errno after plan_refuse().
 */
int id_map_text(struct compile *c, const struct oci_id_mapping_list *list, const void *slot, const char **ret);

/** id_mapping_host_id - what an id of the container is outside; the same without a map, -1 if it is not mapped */
uint32_t id_mapping_host_id(const struct oci_id_mapping_list *list, uint32_t id);

#endif
