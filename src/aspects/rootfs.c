/* SPDX-License-Identifier: GPL-2.0-or-later */
/* root, linux.rootfsPropagation, linux.readonlyPaths, linux.maskedPaths (ROOT-*, ROP-*, MSK-*). */
#include "aspects/aspects.h"

#include <errno.h>
#include <string.h>

#include "aspects/mounts.h"
#include "sys/mount.h"
#include "sys/process.h"

static const uint32_t propagation[] = {
	[OCI_PROPAGATION_SHARED] = MS_SHARED,
	[OCI_PROPAGATION_SLAVE] = MS_SLAVE,
	[OCI_PROPAGATION_PRIVATE] = MS_PRIVATE,
	[OCI_PROPAGATION_UNBINDABLE] = MS_UNBINDABLE,
	[OCI_PROPAGATION_RSHARED] = MS_SHARED | MS_REC,
	[OCI_PROPAGATION_RSLAVE] = MS_SLAVE | MS_REC,
	[OCI_PROPAGATION_RPRIVATE] = MS_PRIVATE | MS_REC,
	[OCI_PROPAGATION_RUNBINDABLE] = MS_UNBINDABLE | MS_REC,
};

static bool has_mount_namespace(const struct compile *c)
{
	return c->new_namespaces & CLONE_NEWNS;
}

static uint32_t wanted_propagation(const struct compile *c)
{
	return c->config->linux ? propagation[c->config->linux->rootfsPropagation] : 0;
}

uint32_t rootfs_propagation(const struct compile *c)
{
	uint32_t wanted = wanted_propagation(c);

	if (wanted & MS_PRIVATE)
		return MS_PRIVATE | MS_REC;
	if (wanted & MS_SHARED && !((c->new_namespaces | c->joined_namespaces) & CLONE_NEWUSER))
		return 0;
	return MS_SLAVE | MS_REC;
}

/* Mounts made without a mount namespace would stay on the host after the container. */
static int check_host_mounts(struct compile *c)
{
	const struct oci_config *config = c->config;

	if ((c->new_namespaces | c->joined_namespaces) & CLONE_NEWNS)
		return 0;
	if (config->mounts.len)
		return plan_refuse(c, &config->mounts, EINVAL,
			"mounts need a mount namespace in /linux/namespaces: without one they would be made on the host");
	if (config->linux && config->linux->maskedPaths.len)
		return plan_refuse(c, &config->linux->maskedPaths, EINVAL,
			"maskedPaths need a mount namespace in /linux/namespaces");
	if (config->linux && config->linux->readonlyPaths.len)
		return plan_refuse(c, &config->linux->readonlyPaths, EINVAL,
			"readonlyPaths need a mount namespace in /linux/namespaces");
	if (config->root->readonly)
		return plan_refuse(c, &config->root->readonly, EINVAL,
			"a read-only root needs a mount namespace in /linux/namespaces");
	return 0;
}

static const char *absolute_root(struct compile *c)
{
	const char *path = c->config->root->path;

	return *path == '/' ? path : oci_arena_printf(c->arena, "%s/%s", c->options->bundle, path);
}

int aspect_rootfs(struct compile *c)
{
	const struct oci_root *root = c->config->root;
	struct plan_rootfs args = { .fd = -1 };
	const char *path = absolute_root(c);
	int r = check_host_mounts(c);

	if (r < 0)
		return r;
	if (!path)
		return error_set(c->err, ENOMEM, "compile root");
	args.path = plan_put_string(c, path);
	args.plain = !((c->new_namespaces | c->joined_namespaces) & CLONE_NEWNS);
	args.make_private = 1;
	/* A shared root keeps its peers on the host; only what would carry the pivot is cut. */
	if (has_mount_namespace(c) && !(wanted_propagation(c) & MS_SHARED)) {
		struct plan_flags spread = { .flags = rootfs_propagation(c) };

		args.make_private = 0;
		plan_add(c, PLAN_PROPAGATION, NULL, &spread, sizeof(spread),
			"receive, but do not send mount events");
	}
	if (plan_opens_trees(c) && has_mount_namespace(c)) {
		struct host_open *open = oci_arena_alloc(c->arena, sizeof(*open));

		if (!open)
			return error_set(c->err, ENOMEM, "compile root");
		open->path = path;
		open->recursive = true;
		open->lock = true;
		open->propagation = rootfs_propagation(c);
		open->slot = args.fd = plan_new_slot(c);
		plan_add_host(c, HOST_OPEN_ROOTFS, HOST_BEFORE_CLONE, &root->path, open,
			"clone the root file system %s", path);
	}
	plan_add(c, PLAN_ROOTFS, &root->path, &args, sizeof(args), "open the root file system %s", path);
	return 0;
}

int aspect_pivot(struct compile *c)
{
	struct plan_root_attr attr = { 0 };
	struct plan_flags pivot = { 0 };
	const char *what = "make the root file system the root, detach the old one";

	if (!has_mount_namespace(c)) {
		pivot.flags = PLAN_PIVOT_CHROOT;
		what = "change root to the root file system";
	} else if (c->options->no_pivot) {
		pivot.flags = PLAN_PIVOT_MOVE;
		what = "move the root file system over the root";
	}
	if (has_mount_namespace(c) && wanted_propagation(c) & MS_SHARED)
		pivot.flags |= PLAN_PIVOT_CUT;
	plan_add(c, PLAN_PIVOT, &c->config->root->path, &pivot, sizeof(pivot), "%s", what);
	attr.readonly = c->config->root->readonly;
	attr.propagation = has_mount_namespace(c) ? wanted_propagation(c) : 0;
	if (attr.propagation)
		plan_add(c, PLAN_ROOT_ATTR, &c->config->linux->rootfsPropagation, &attr, sizeof(attr),
			"set the root's propagation%s", attr.readonly ? ", make it read-only" : "");
	else if (attr.readonly)
		plan_add(c, PLAN_ROOT_ATTR, &c->config->root->readonly, &attr, sizeof(attr),
			"make the root read-only");
	return 0;
}

static int add_paths(struct compile *c, enum plan_kind kind, const struct oci_string_list *list,
	const char *what)
{
	for (size_t i = 0; i < list->len; i++) {
		const char *path = path_clean(c->arena, list->items[i]);
		struct plan_path args = { 0 };
		bool repeated = false;

		if (*list->items[i] != '/')
			return plan_refuse(c, &list->items[i], EINVAL, "\"%s\" must be an absolute path",
				list->items[i]);
		if (!path)
			return error_set(c->err, ENOMEM, "compile paths");
		for (size_t k = 0; k < i && !repeated; k++)
			repeated = strcmp(list->items[k], list->items[i]) == 0;
		if (repeated)
			continue;
		args.path = plan_put_string(c, path);
		if (kind == PLAN_MASK_PATH)
			args.context = plan_put_string(c, mount_context(c, "tmpfs"));
		plan_add(c, kind, &list->items[i], &args, sizeof(args), "%s %s", what, path);
	}
	return 0;
}

int aspect_paths(struct compile *c)
{
	int r;

	if (!c->config->linux)
		return 0;
	r = add_paths(c, PLAN_READONLY_PATH, &c->config->linux->readonlyPaths, "make read-only:");
	if (r < 0)
		return r;
	return add_paths(c, PLAN_MASK_PATH, &c->config->linux->maskedPaths, "mask");
}
