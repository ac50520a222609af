/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What cannot be told to fsconfig(2), or not to every kernel's: flags and data of mount(2). */
#include "aspects/mounts.h"

#include <errno.h>
#include <string.h>

#include "sys/mount.h"

/* mount(2) takes a page, with the NUL at its end; what is longer it would cut. */
#define MOUNT_DATA_MAX 4095

static const char *legacy_data(struct compile *c, struct mount_request *request)
{
	static const struct { const char *name; uint64_t set, clear; } flags[] = {
		{ "async", 0, MS_SYNCHRONOUS }, { "sync", MS_SYNCHRONOUS, 0 },
		{ "dirsync", MS_DIRSYNC, 0 }, { "lazytime", MS_LAZYTIME, 0 },
		{ "nolazytime", 0, MS_LAZYTIME }, { "mand", MS_MANDLOCK, 0 },
		{ "nomand", 0, MS_MANDLOCK }, { "ro", MS_RDONLY, 0 },
	};
	const char *data = "";

	for (size_t i = 0; i < request->parameter_count; i++) {
		const char *word = request->parameters[i];
		bool found = false;

		for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]) && !found; f++) {
			found = strcmp(flags[f].name, word) == 0;
			if (found)
				request->args.legacy_flags =
					(request->args.legacy_flags & ~flags[f].clear) | flags[f].set;
		}
		if (!found && mount_is_context(word))
			data = oci_arena_printf(c->arena, "%s%s%.*s=\"%s\"", data, *data ? "," : "",
				(int)strcspn(word, "="), word, strchr(word, '=') + 1);
		else if (!found)
			data = oci_arena_printf(c->arena, "%s%s%s", data, *data ? "," : "", word);
	}
	return data;
}

int mount_by_mount(struct compile *c, struct mount_request *request, const char *type)
{
	struct plan_mount *args = &request->args;
	const char *data = legacy_data(c, request);
	bool fits = data && strlen(data) <= MOUNT_DATA_MAX;

	if (!data)
		return error_set(c->err, ENOMEM, "compile mounts");
	if (strcmp(type, "overlay") == 0 && !(args->flags & PLAN_MOUNT_REMOUNT) &&
		!(args->legacy_flags & ~(uint64_t)MS_RDONLY) && overlay_split(c, request)) {
		args->flags &= ~(uint32_t)PLAN_MOUNT_LEGACY;
		args->flags |= fits ? PLAN_MOUNT_OR_LEGACY : 0;
	} else if (!fits) {
		return plan_refuse(c, &request->mount->options, E2BIG,
			"the options of the mount on %s are %zu bytes together: mount(2) takes %d", request->target,
			strlen(data), MOUNT_DATA_MAX);
	}
	args->legacy_data = fits ? plan_put_string(c, data) : 0;
	return 0;
}
