/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SILO_ASPECTS_MOUNTS_H
#define SILO_ASPECTS_MOUNTS_H

#include "plan/compile.h"

/*
 * One entry of mounts on its way into the plan: the step's arguments, and the
 * parameters still as text.
 */
struct mount_request {
	const struct oci_mount *mount;
	const char *target;       /* absolute, cleaned */
	const char *source;       /* absolute for binds */
	const char *other_source; /* bound where source does not exist; NULL mostly */
	struct plan_mount args;
	const char **parameters;  /* for fsconfig(2) */
	size_t parameter_count;
	bool idmap, idmap_tree;
	const struct oci_id_mapping_list *uids, *gids; /* of an option of crun's; else NULL */
};

/**
 * mount_parse - read one entry's options, target and source; adds nothing to the plan
 * Return: 0 or a negative errno after plan_refuse().
 */
int mount_parse(struct compile *c, const struct oci_mount *mount, struct mount_request *ret);

/** mount_add - append the PLAN_MOUNT step (and host steps) of a parsed entry */
int mount_add(struct compile *c, struct mount_request *request);

/**
 * mount_add_cgroups - the steps for an entry of type cgroup (MNT-08)
 * v2: a cgroup2 file system, or a bind of the container's own cgroup when it has no cgroup namespace. v1: a tmpfs with
 * one mount per hierarchy.
 */
int mount_add_cgroups(struct compile *c, struct mount_request *request);

/**
 * mount_keep_writable - leave it to aspect_read_only_mounts() to make entry @index read-only, if more is made in it
 * Return: 0 or -ENOMEM.
 */
int mount_keep_writable(struct compile *c, size_t index, struct mount_request *request);

/**
 * rootfs_propagation - what mounts of the host get as they come into the container's mount namespace
 * By default, as with mount(8): events from the host arrive, none leave. A shared root has peers on the host, but not across
 * user namespaces, as when the kernel copies a mount namespace (mount_namespaces(7)).
 *
 * Return: MS_SLAVE or MS_PRIVATE with MS_REC, or 0: they stay peers.
 */
uint32_t rootfs_propagation(const struct compile *c);

/** mount_words - an entry's options, "a,b,c", for the step's description */
const char *mount_words(struct compile *c, const struct oci_mount *mount);

/** mount_by_mount - fill in what mount(2) needs, or find another way; 0 or a negative errno after plan_refuse() */
int mount_by_mount(struct compile *c, struct mount_request *request, const char *type);

/** volume_is - whether an entry is a file system on a block device or in an image */
bool volume_is(const struct mount_request *request, const char *type);

/** volume_add - its steps */
int volume_add(struct compile *c, struct mount_request *request, const char *type);

/* fsconfig(2) refuses strings of 256 bytes and more (fs/fsopen.c). */
#define MOUNT_PARAMETER_MAX 255

/** overlay_split - replace lowerdir= by one parameter for each layer; false if that is not possible */
bool overlay_split(struct compile *c, struct mount_request *request);

/**
 * mount_id_map_option - read "idmap=uids=0-1-10#10-11-10;gids=0-100-10", which crun takes besides the plain option
 * Fills uids and gids of @request. Each range: first id in the file system, first id on the host (behind "@", in the
 * container), how many.
 *
 * Return: 0 or a negative errno after plan_refuse().
 */
int mount_id_map_option(struct compile *c, struct mount_request *request, const char *word);

/**
 * mount_id_map - the maps of an id-mapped mount: its option's or its own, else the user namespace's (MNT-15..MNT-22)
 * @uid_map, @gid_map: receive the text of /proc/PID/uid_map and gid_map, in the arena
 *
 * Return: 0 or a negative errno after plan_refuse().
 */
int mount_id_map(struct compile *c, const struct mount_request *request, const char **uid_map,
	const char **gid_map);

/*
 * SELinux (mount_label.c).
 */

#define MOUNT_CONTEXT_TYPE "run.oci.mount_context_type"

/** mount_label_check - refuse a mountLabel that cannot be applied; 0 or a negative errno after plan_refuse() */
int mount_label_check(struct compile *c);

/** mount_label - linux.mountLabel; NULL without one */
const char *mount_label(const struct compile *c);

/** mount_context - the parameter "context=LABEL" for a new file system; NULL if it gets none */
const char *mount_context(struct compile *c, const char *type);

/** mount_is_context - whether a parameter is one of the kind: its value may be quoted, and hold commas */
bool mount_is_context(const char *parameter);

/** name_listed - whether a list of @count names has @name */
bool name_listed(const char *name, const char *const *list, size_t count);

/** path_clean - an absolute path without "//", "." and "..": in the arena; NULL without memory */
const char *path_clean(struct oci_arena *arena, const char *path);

#endif
