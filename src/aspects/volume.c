/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts of block devices and images (MNT-06); why the host side makes them, src/runtime/volume.c says. */
#include "aspects/mounts.h"

#include <errno.h>
#include <string.h>

#include "sys/mount.h"

/* A path as source of something that is neither virtual nor made of directories: a block device or an image. */
bool volume_is(const struct mount_request *request, const char *type)
{
	static const char *const others[] = { "9p", "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs",
		"devpts", "devtmpfs", "efivarfs", "hugetlbfs", "mqueue", "overlay", "proc", "ramfs", "securityfs",
		"selinuxfs", "sysfs", "tmpfs", "tracefs", "virtiofs" };

	return *type && request->source && *request->source == '/' &&
		!(request->args.flags & (PLAN_MOUNT_BIND | PLAN_MOUNT_REMOUNT | PLAN_MOUNT_LEGACY)) &&
		!(request->args.legacy_flags & ~(uint64_t)MS_RDONLY) && strncmp(type, "fuse", 4) != 0 &&
		!name_listed(type, others, sizeof(others) / sizeof(char *));
}

/* To init, the mount that the host side made is one more tree to attach. */
int volume_add(struct compile *c, struct mount_request *request, const char *type)
{
	struct host_volume *volume = oci_arena_alloc(c->arena, sizeof(*volume));
	struct plan_mount *args = &request->args;

	if (!volume)
		return error_set(c->err, ENOMEM, "compile mounts");
	volume->type = type;
	volume->source = request->source;
	volume->parameters = request->parameters;
	for (size_t i = 0; i < request->parameter_count; i++) {
		/* mount(8)'s word for what is done with any image. */
		if (strcmp(request->parameters[i], "loop") != 0)
			volume->parameters[volume->parameter_count++] = request->parameters[i];
	}
	volume->read_only = args->attr_set & MOUNT_ATTR_RDONLY;
	volume->slot = args->source_fd = plan_new_slot(c);
	if (volume->slot < 0)
		return plan_refuse(c, &request->mount->source, EMFILE, "more than %d sources to be opened", PLAN_FDS_MAX);
	plan_add_host(c, HOST_VOLUME, HOST_BEFORE_CLONE, &request->mount->source, volume,
		"open the file system of type %s on %s", type, request->source);
	args->flags |= PLAN_MOUNT_BIND;
	args->source = plan_put_string(c, request->source);
	args->target = plan_put_string(c, request->target);
	plan_add(c, PLAN_MOUNT, &request->mount->destination, args, sizeof(*args), "mount %s on %s (%s)", request->source,
		request->target, mount_words(c, request->mount));
	return 0;
}
