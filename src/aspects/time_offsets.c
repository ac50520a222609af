/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.timeOffsets (TIM-*). */
#include "aspects/aspects.h"

#include <errno.h>
#include <string.h>

#include "sys/process.h"

int aspect_time_offsets(struct compile *c)
{
	const struct oci_linux *os = c->config->linux;
	struct host_file *file;
	const char *text = "";

	if (!os || !os->timeOffsets.len)
		return 0;
	if (!(c->new_namespaces & CLONE_NEWTIME))
		return plan_refuse(c, &os->timeOffsets, EINVAL,
			"timeOffsets need a new time namespace in /linux/namespaces");
	for (size_t i = 0; i < os->timeOffsets.len; i++) {
		const char *clock = os->timeOffsets.items[i].key;
		const struct oci_time_offset *offset = os->timeOffsets.items[i].value;

		if (strcmp(clock, "monotonic") != 0 && strcmp(clock, "boottime") != 0)
			return plan_refuse(c, &os->timeOffsets.items[i].value, EINVAL,
				"unknown clock \"%s\": expected monotonic or boottime", clock);
		if (offset->nanosecs >= 1000000000)
			return plan_refuse(c, &offset->nanosecs, ERANGE,
				"nanosecs %u is not below 1000000000", offset->nanosecs);
		text = oci_arena_printf(c->arena, "%s%s %lld %u\n", text, clock, (long long)offset->secs,
			offset->nanosecs);
		if (!text)
			return error_set(c->err, ENOMEM, "compile timeOffsets");
	}
	file = oci_arena_alloc(c->arena, sizeof(*file));
	if (!file)
		return error_set(c->err, ENOMEM, "compile timeOffsets");
	file->name = "timens_offsets";
	file->text = text;
	plan_add_host(c, HOST_TIME_OFFSETS, HOST_AT_MAPPED, &os->timeOffsets, file,
		"write the time namespace's clock offsets");
	return 0;
}
