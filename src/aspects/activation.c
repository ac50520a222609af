/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a service manager hands to the container's process through us: sockets
 * (sd_listen_fds(3)) and a way to say that it is ready (sd_notify(3)).
 */
#include "aspects/aspects.h"

#include <errno.h>
#include <string.h>

#include "aspects/mounts.h"
#include "sys/process.h"

#define NOTIFY_TARGET "/run/notify"
#define ADDITIONS_MAX 4

static bool can_notify(const struct compile *c)
{
	return c->options->activation && c->options->activation->notify_directory &&
		(c->new_namespaces | c->joined_namespaces) & CLONE_NEWNS;
}

int aspect_notify(struct compile *c)
{
	static const char *options[] = { "bind", "nosuid", "noexec", "nodev", "ro", NULL };
	struct mount_request request;
	struct oci_mount *mount;
	int r;

	if (!c->options->activation || !c->options->activation->notify_directory)
		return 0;
	if (!can_notify(c)) {
		plan_warn(c, "NOTIFY_SOCKET is not passed on: the container has no mount namespace");
		return 0;
	}
	mount = oci_arena_alloc(c->arena, sizeof(*mount));
	if (!mount)
		return error_set(c->err, ENOMEM, "compile the notify socket");
	mount->destination = NOTIFY_TARGET;
	mount->source = c->options->activation->notify_directory;
	mount->options.items = options;
	mount->options.len = sizeof(options) / sizeof(options[0]) - 1;
	r = mount_parse(c, mount, &request);
	return r < 0 ? r : mount_add(c, &request);
}

int activation_environment(struct compile *c, const struct oci_string_list *env,
	struct oci_string_list *ret)
{
	const struct plan_activation *activation = c->options->activation;
	const char **items;

	*ret = *env;
	if (!activation)
		return 0;
	items = oci_arena_alloc(c->arena, (env->len + ADDITIONS_MAX + 1) * sizeof(*items));
	if (!items)
		return error_set(c->err, ENOMEM, "compile the environment");
	if (env->len)
		memcpy(items, env->items, env->len * sizeof(*items));
	ret->items = items;
	if (can_notify(c))
		items[ret->len++] = "NOTIFY_SOCKET=" NOTIFY_TARGET "/" PLAN_NOTIFY_NAME;
	if (activation->listen_fds) {
		items[ret->len++] = oci_arena_printf(c->arena, "LISTEN_FDS=%u", activation->listen_fds);
		/* The process is the first in its pid namespace. */
		items[ret->len++] = "LISTEN_PID=1";
	}
	if (activation->listen_fds && activation->listen_names)
		items[ret->len++] = oci_arena_printf(c->arena, "LISTEN_FDNAMES=%s", activation->listen_names);
	for (size_t i = env->len; i < ret->len; i++) {
		if (!items[i])
			return error_set(c->err, ENOMEM, "compile the environment");
	}
	return 0;
}
