/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks (HKS-*). prestart and createRuntime are run by the host side;
 * createContainer and startContainer by init, in the container's namespaces;
 * poststart and poststop belong to `start` and `delete`, which read the saved config.
 */
#include "aspects/aspects.h"

#include <errno.h>
#include <string.h>

#include "aspects/annotations.h"
#include "aspects/capabilities.h"
#include "aspects/seccomp.h"
#include "util/version.h"

static int check(struct compile *c, const char *kind, const struct oci_hook_list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		const struct oci_hook *hook = list->items[i];

		if (*hook->path != '/')
			return plan_refuse(c, &hook->path, EINVAL, "path \"%s\" of %s hook #%zu must be absolute",
				hook->path, kind, i);
		if (hook->timeout && *hook->timeout <= 0)
			return plan_refuse(c, &hook->timeout, EINVAL,
				"timeout %d of %s hook #%zu must be greater than 0 seconds",
				*hook->timeout, kind, i);
	}
	return 0;
}

static int host_kind(struct compile *c, const char *name, const struct oci_hook_list *list,
	const void *slot)
{
	struct host_hooks *hooks = oci_arena_alloc(c->arena, sizeof(*hooks));

	if (!hooks)
		return error_set(c->err, ENOMEM, "compile hooks");
	hooks->kind = name;
	hooks->hooks = list;
	plan_add_host(c, HOST_HOOKS, HOST_AT_RUNTIME_HOOKS, slot, hooks, "run %zu %s hook%s",
		list->len, name, list->len == 1 ? "" : "s");
	return 0;
}

static int state_text(struct compile *c, enum oci_status status, plan_ref *head, plan_ref *tail)
{
	struct oci_state state = { .ociVersion = SILO_SPEC_VERSION, .id = c->options->id, .pid = 0,
		.status = status, .bundle = c->options->bundle,
		.annotations = c->config->annotations };
	struct oci_error error;
	const char *text;
	char *pid;

	if (oci_write(&oci_state_type, &state, 0, c->arena, &text, NULL, &error) < 0)
		return error_say(c->err, EINVAL, "write the state document for hooks: %s", error.message);
	pid = strstr(text, "\"pid\":0");
	if (!pid)
		return error_say(c->err, EINVAL, "the state document for hooks has no pid");
	pid += strlen("\"pid\":");
	*tail = plan_put_string(c, pid + 1);
	*pid = '\0';
	*head = plan_put_string(c, text);
	return 0;
}

/* Files for what hooks print, opened on the host side. */
static int outputs(struct compile *c, plan_slot slots[2])
{
	static const char *const keys[] = { HOOKS_STDOUT, HOOKS_STDERR };

	for (int i = 0; i < 2; i++) {
		const char *path = annotation_get(c->config, keys[i]);
		struct host_open *open;

		slots[i] = -1;
		if (!path)
			continue;
		open = oci_arena_alloc(c->arena, sizeof(*open));
		if (!open)
			return error_set(c->err, ENOMEM, "compile hooks");
		open->path = path;
		open->slot = slots[i] = plan_new_slot(c);
		plan_add_host(c, HOST_HOOK_OUTPUT, HOST_BEFORE_CLONE, annotation_slot(c->config, keys[i]), open,
			"open %s for the output of hooks", path);
	}
	return 0;
}

static int init_kind(struct compile *c, const char *name, const struct oci_hook_list *list,
	enum oci_status status, const struct plan_filter *filter, plan_ref capabilities)
{
	plan_ref head = 0, tail = 0;
	plan_slot slots[2];
	int r = check(c, name, list);

	if (r < 0 || !list->len)
		return r;
	r = state_text(c, status, &head, &tail);
	if (r == 0)
		r = outputs(c, slots);
	for (size_t i = 0; r == 0 && i < list->len; i++) {
		const struct oci_hook *hook = list->items[i];
		struct plan_hook args = { .state_head = head, .state_tail = tail,
			.index = (uint32_t)i, .filter = *filter, .output = { slots[0], slots[1] },
			.capabilities = capabilities };

		args.path = plan_put_string(c, hook->path);
		args.name = plan_put_string(c, name);
		args.args = hook->args.len ?
			plan_put_strings(c, (const char *const *)hook->args.items, hook->args.len) :
			plan_put_strings(c, (const char *const *)&hook->path, 1);
		args.env = plan_put_strings(c, (const char *const *)hook->env.items, hook->env.len);
		args.timeout = hook->timeout ? (uint32_t)*hook->timeout : 0;
		plan_add(c, PLAN_HOOK, &list->items[i], &args, sizeof(args), "run %s hook #%zu %s",
			name, i, hook->path);
	}
	return r;
}

int aspect_runtime_hooks(struct compile *c)
{
	const struct oci_hooks *hooks = c->config->hooks;
	struct plan_sync sync = { .token = PLAN_TOKEN_RUNTIME_HOOKS };
	int r;

	if (!hooks)
		return 0;
	r = check(c, "prestart", &hooks->prestart);
	if (r == 0)
		r = check(c, "createRuntime", &hooks->createRuntime);
	if (r == 0)
		r = check(c, "poststart", &hooks->poststart);
	if (r == 0)
		r = check(c, "poststop", &hooks->poststop);
	if (r < 0 || hooks->prestart.len + hooks->createRuntime.len == 0)
		return r;
	plan_add(c, PLAN_SYNC, &c->config->hooks, &sync, sizeof(sync),
		"wait for the hooks in the runtime's namespaces");
	if (hooks->prestart.len)
		r = host_kind(c, "prestart", &hooks->prestart, &hooks->prestart);
	if (r == 0 && hooks->createRuntime.len)
		r = host_kind(c, "createRuntime", &hooks->createRuntime, &hooks->createRuntime);
	return r;
}

int aspect_container_hooks(struct compile *c)
{
	const struct oci_hooks *hooks = c->config->hooks;
	const struct plan_filter none = { 0 };

	return hooks ? init_kind(c, "createContainer", &hooks->createContainer, OCI_STATUS_CREATING, &none, 0) : 0;
}

/*
 * Programs of the container's, so they are confined like its process: with its ids, limits, label, capabilities and
 * no_new_privs, which init has by now, and with its filter. Calls that an agent would decide about fail.
 */
int aspect_start_hooks(struct compile *c)
{
	const struct oci_hooks *hooks = c->config->hooks;
	struct plan_filter filter = c->filter.filter;
	struct plan_capabilities caps = { .sets_only = 1 };
	plan_ref drop = 0;
	int r = 0;

	if (!hooks || !hooks->startContainer.len)
		return 0;
	if (c->keep_for_filter) {
		r = capabilities_compile(c, &caps);
		drop = plan_put_bytes(c, &caps, sizeof(caps));
	}
	if (r < 0)
		return r;
	filter.flags &= ~(uint32_t)(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	return init_kind(c, "startContainer", &hooks->startContainer, OCI_STATUS_CREATED, &filter, drop);
}
