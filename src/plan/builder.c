/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What aspects build the plan with. A lack of memory is noted, and reported once at the end. */
#include "plan/compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/process.h"

const enum host_phase host_phase_of_token[] = {
	[PLAN_TOKEN_MAPPED] = HOST_AT_MAPPED,
	[PLAN_TOKEN_CGROUP] = HOST_AT_CGROUP,
	[PLAN_TOKEN_RUNTIME_HOOKS] = HOST_AT_RUNTIME_HOOKS,
	[PLAN_TOKEN_TERMINAL] = HOST_AT_TERMINAL,
	[PLAN_TOKEN_SECCOMP] = HOST_AT_SECCOMP,
	[PLAN_TOKEN_CREATED] = HOST_AT_CREATED,
	[PLAN_TOKEN_LIMITS] = HOST_AT_LIMITS,
	[PLAN_TOKEN_SCHEDULER] = HOST_AT_SCHEDULER,
};

/* Makes room for one more element of @size bytes; false notes a lack of memory. */
static bool grow(struct compile *c, void **items, size_t *capacity, size_t count, size_t size)
{
	size_t wanted = *capacity ? *capacity * 2 : 64;
	void *moved;

	if (count < *capacity)
		return true;
	moved = realloc(*items, wanted * size);
	if (!moved) {
		c->out_of_memory = true;
		return false;
	}
	*items = moved;
	*capacity = wanted;
	return true;
}

static plan_ref put(struct compile *c, const void *bytes, size_t size, size_t alignment)
{
	struct plan *plan = c->plan;
	size_t start = (plan->blob_size + alignment - 1) & ~(alignment - 1);

	if (start + size > c->blob_capacity) {
		size_t wanted = c->blob_capacity ? c->blob_capacity : 8192;
		unsigned char *moved;

		while (wanted < start + size)
			wanted *= 2;
		moved = wanted <= UINT32_MAX ? realloc(plan->blob, wanted) : NULL;
		if (!moved) {
			c->out_of_memory = true;
			return 0;
		}
		plan->blob = moved;
		c->blob_capacity = wanted;
	}
	memset(plan->blob + plan->blob_size, 0, start - plan->blob_size);
	memcpy(plan->blob + start, bytes, size);
	plan->blob_size = start + size;
	return (plan_ref)start;
}

plan_ref plan_put_bytes(struct compile *c, const void *bytes, size_t size)
{
	return size ? put(c, bytes, size, 8) : 0;
}

plan_ref plan_put_string(struct compile *c, const char *text)
{
	return text ? put(c, text, strlen(text) + 1, 1) : 0;
}

struct plan_list plan_put_strings(struct compile *c, const char *const *items, size_t count)
{
	struct plan_list list = { 0 };
	plan_ref *refs;

	if (!count)
		return list;
	refs = oci_arena_alloc(c->arena, count * sizeof(*refs));
	if (!refs) {
		c->out_of_memory = true;
		return list;
	}
	for (size_t i = 0; i < count; i++)
		refs[i] = plan_put_string(c, items[i]);
	list.items = plan_put_bytes(c, refs, count * sizeof(*refs));
	list.count = (uint32_t)count;
	return list;
}

plan_slot plan_new_slot(struct compile *c)
{
	if (c->plan->fd_count >= PLAN_FDS_MAX)
		return -1;
	return (plan_slot)c->plan->fd_count++;
}

const char *plan_pointer(struct compile *c, const void *slot, unsigned *line)
{
	const struct plan_entered *entered = c->options->entered;
	struct oci_location location;
	const char *pointer;

	*line = 0;
	if (!slot || (!oci_locate(c->document, slot, &location) &&
			     !(entered && entered->file && oci_locate(entered->file, slot, &location))))
		return "";
	*line = location.line;
	pointer = oci_arena_strdup(c->arena, location.pointer);
	return pointer ? pointer : "";
}

void plan_add(struct compile *c, enum plan_kind kind, const void *slot, const void *args,
	size_t size, const char *format, ...)
{
	struct plan_step step = { .kind = kind };
	const char *pointer;
	char what[512];
	va_list list;

	va_start(list, format);
	vsnprintf(what, sizeof(what), format, list);
	va_end(list);
	pointer = plan_pointer(c, slot, &step.line);
	if (*pointer)
		step.pointer = plan_put_string(c, pointer);
	step.what = plan_put_string(c, what);
	step.args = args ? plan_put_bytes(c, args, size) : 0;
	if (!grow(c, (void **)&c->steps, &c->step_capacity, c->step_count, sizeof(step)))
		return;
	c->steps[c->step_count++] = step;
}

void plan_add_host(struct compile *c, enum host_kind kind, enum host_phase phase, const void *slot,
	const void *data, const char *format, ...)
{
	struct host_step step = { .kind = kind, .phase = phase, .data = data };
	struct plan *plan = c->plan;
	char what[512];
	va_list list;

	va_start(list, format);
	vsnprintf(what, sizeof(what), format, list);
	va_end(list);
	step.pointer = plan_pointer(c, slot, &step.line);
	step.what = oci_arena_strdup(c->arena, what);
	if (!step.what ||
		!grow(c, (void **)&plan->host, &c->host_capacity, plan->host_count, sizeof(step))) {
		c->out_of_memory = true;
		return;
	}
	plan->host[plan->host_count++] = step;
}

static void remark(struct compile *c, const char ***list, size_t *capacity, size_t *count,
	const char *format, va_list arguments)
{
	char text[512];
	const char *copy;

	vsnprintf(text, sizeof(text), format, arguments);
	copy = oci_arena_strdup(c->arena, text);
	if (!copy || !grow(c, (void **)list, capacity, *count, sizeof(**list))) {
		c->out_of_memory = true;
		return;
	}
	(*list)[(*count)++] = copy;
}

void plan_warn(struct compile *c, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	remark(c, &c->plan->warnings, &c->warning_capacity, &c->plan->warning_count, format, list);
	va_end(list);
}

void plan_note(struct compile *c, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	remark(c, &c->plan->notes, &c->note_capacity, &c->plan->note_count, format, list);
	va_end(list);
}

int plan_refuse(struct compile *c, const void *slot, int code, const char *format, ...)
{
	char text[1024];
	const char *pointer;
	unsigned line;
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	error_say(c->err, code, "%s", text);
	pointer = plan_pointer(c, slot, &line);
	error_origin(c->err, pointer, line);
	return -code;
}

bool plan_in_user_namespace(const struct compile *c)
{
	return c->host->in_user_namespace || (c->new_namespaces | c->joined_namespaces) & CLONE_NEWUSER;
}

bool plan_opens_trees(const struct compile *c)
{
	/* Once a running container is entered, nothing of the host is in sight. */
	return c->options->entered ||
		(c->host->euid == 0 && !c->host->foreign_mounts && (c->new_namespaces | c->joined_namespaces) & CLONE_NEWUSER);
}
