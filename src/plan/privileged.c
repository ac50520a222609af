/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps that take a capability of the host's user namespace. Init has given it up once it is in another, so the host
 * side does them to it while it waits (src/runtime/privileged.c).
 */
#include "plan/compile.h"

#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* By the kind of the step where init does it. */
static const struct {
	unsigned capability;
	enum host_kind kind;
	enum host_phase phase;
	enum plan_token token;
	const char *right;
} privileged[] = {
	[PLAN_RLIMIT] = { CAP_SYS_RESOURCE, HOST_RLIMIT, HOST_AT_LIMITS, PLAN_TOKEN_LIMITS, "raise limits" },
	[PLAN_SCHEDULER] = { CAP_SYS_NICE, HOST_SCHEDULER, HOST_AT_SCHEDULER, PLAN_TOKEN_SCHEDULER, "raise priorities" },
	[PLAN_IO_PRIORITY] = { CAP_SYS_NICE, HOST_IO_PRIORITY, HOST_AT_SCHEDULER, PLAN_TOKEN_SCHEDULER, "raise priorities" },
};

bool plan_is_privileged(const struct compile *c, unsigned capability)
{
	return c->host->euid == 0 && !c->host->in_user_namespace && plan_in_user_namespace(c) &&
		c->host->bounding >> capability & 1;
}

/* Whether init's last step waits for this already. */
static bool waits_for(const struct compile *c, enum plan_token token)
{
	const struct plan_step *last = c->step_count ? &c->steps[c->step_count - 1] : NULL;

	return last && !c->out_of_memory && last->kind == PLAN_SYNC &&
		((const struct plan_sync *)(c->plan->blob + last->args))->token == token;
}

void plan_add_privileged(struct compile *c, enum plan_kind kind, const void *slot, const void *args, size_t size,
	const char *format, ...)
{
	struct plan_sync sync = { .token = privileged[kind].token };
	char what[512];
	void *copy;
	va_list list;

	va_start(list, format);
	vsnprintf(what, sizeof(what), format, list);
	va_end(list);
	if (!plan_is_privileged(c, privileged[kind].capability)) {
		plan_add(c, kind, slot, args, size, "%s", what);
		return;
	}
	copy = oci_arena_alloc(c->arena, size);
	if (!copy) {
		c->out_of_memory = true;
		return;
	}
	memcpy(copy, args, size);
	if (!waits_for(c, sync.token))
		plan_add(c, PLAN_SYNC, slot, &sync, sizeof(sync), "wait for the host side, which alone may %s",
			privileged[kind].right);
	plan_add_host(c, privileged[kind].kind, privileged[kind].phase, slot, copy, "%s", what);
}
