/* SPDX-License-Identifier: GPL-2.0-or-later */
/* update: limits as options, which become a struct oci_resources. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/cli.h"
#include "util/log.h"
#include "util/number.h"

enum kind {
	SIZE,   /* bytes, with or without a unit; -1 is unlimited */
	SIGNED,
	UNSIGNED,
	WEIGHT, /* uint16_t */
	TEXT,
	IGNORED,
};

/* The objects that options fill. */
struct values {
	struct oci_memory memory;
	struct oci_cpu cpu;
	struct oci_pids pids;
	struct oci_block_io block_io;
};

#define MEMBER(member) offsetof(struct values, member)

static const struct {
	const char *option;
	enum kind kind;
	size_t offset; /* of the pointer in struct values */
} limits[] = {
	{ "memory", SIZE, MEMBER(memory.limit) },
	{ "memory-reservation", SIZE, MEMBER(memory.reservation) },
	{ "memory-swap", SIZE, MEMBER(memory.swap) },
	{ "cpu-share", UNSIGNED, MEMBER(cpu.shares) },
	{ "cpu-period", UNSIGNED, MEMBER(cpu.period) },
	{ "cpu-quota", SIGNED, MEMBER(cpu.quota) },
	{ "cpu-burst", UNSIGNED, MEMBER(cpu.burst) },
	{ "cpu-rt-period", UNSIGNED, MEMBER(cpu.realtimePeriod) },
	{ "cpu-rt-runtime", SIGNED, MEMBER(cpu.realtimeRuntime) },
	{ "cpu-idle", SIGNED, MEMBER(cpu.idle) },
	{ "cpuset-cpus", TEXT, MEMBER(cpu.cpus) },
	{ "cpuset-mems", TEXT, MEMBER(cpu.mems) },
	{ "pids-limit", SIGNED, MEMBER(pids.limit) },
	{ "blkio-weight", WEIGHT, MEMBER(block_io.weight) },
	{ "kernel-memory", IGNORED, 0 },
	{ "kernel-memory-tcp", IGNORED, 0 },
};

#define LIMIT_COUNT (sizeof(limits) / sizeof(limits[0]))

struct update_call {
	const char *resources, *l3_cache_schema, *mem_bw_schema;
	const char *given[LIMIT_COUNT]; /* in the order of limits */
};

#define GIVEN(index) offsetof(struct update_call, given[index])

static const struct cli_option options[] = {
	{ "resources", 'r', CLI_STRING, offsetof(struct update_call, resources), "FILE",
		"a file (- for standard input) with linux.resources as in config.json" },
	{ "memory", 0, CLI_STRING, GIVEN(0), "BYTES", "memory limit; -1 is unlimited" },
	{ "memory-reservation", 0, CLI_STRING, GIVEN(1), "BYTES", "soft memory limit" },
	{ "memory-swap", 0, CLI_STRING, GIVEN(2), "BYTES", "limit of memory and swap together" },
	{ "cpu-share", 0, CLI_STRING, GIVEN(3), "SHARES", "relative share of CPU time" },
	{ "cpu-period", 0, CLI_STRING, GIVEN(4), "MICROSECONDS", "length of a period" },
	{ "cpu-quota", 0, CLI_STRING, GIVEN(5), "MICROSECONDS", "CPU time in a period; -1 is unlimited" },
	{ "cpu-burst", 0, CLI_STRING, GIVEN(6), "MICROSECONDS", "CPU time that may be saved up" },
	{ "cpu-rt-period", 0, CLI_STRING, GIVEN(7), "MICROSECONDS", "length of a realtime period" },
	{ "cpu-rt-runtime", 0, CLI_STRING, GIVEN(8), "MICROSECONDS", "realtime CPU time in a period" },
	{ "cpu-idle", 0, CLI_STRING, GIVEN(9), "0|1", "1: run only when nothing else does" },
	{ "cpuset-cpus", 0, CLI_STRING, GIVEN(10), "LIST", "CPUs it may use, like 0-3,8" },
	{ "cpuset-mems", 0, CLI_STRING, GIVEN(11), "LIST", "memory nodes it may use" },
	{ "pids-limit", 0, CLI_STRING, GIVEN(12), "NUMBER", "number of tasks; -1 is unlimited" },
	{ "blkio-weight", 0, CLI_STRING, GIVEN(13), "WEIGHT", "I/O weight, 10 to 1000" },
	{ "l3-cache-schema", 0, CLI_STRING, offsetof(struct update_call, l3_cache_schema), "LINE",
		"L3 cache allocation (intelRdt), like L3:0=f" },
	{ "mem-bw-schema", 0, CLI_STRING, offsetof(struct update_call, mem_bw_schema), "LINE",
		"memory bandwidth allocation (intelRdt), like MB:0=20" },
	{ "kernel-memory", 0, CLI_STRING, GIVEN(14), "BYTES", NULL },
	{ "kernel-memory-tcp", 0, CLI_STRING, GIVEN(15), "BYTES", NULL },
	{ 0 },
};

/* "50M", "1.5gb", "64KiB", "-1"; units are powers of 1024, as runc has them. */
static bool parse_size(const char *text, int64_t *ret)
{
	static const char units[] = "bkmgtp";
	const char *unit;
	double number;
	char *end;
	int power = 0;

	if (strcmp(text, "-1") == 0) {
		*ret = -1;
		return true;
	}
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoll(text, &end, 10);
	if (!*end)
		return errno == 0;
	number = strtod(text, &end);
	end += strspn(end, " ");
	unit = *end ? strchr(units, *end | 0x20) : units;
	if (!unit || strspn(text, "0123456789.") != strcspn(text, " bBkKmMgGtTpP"))
		return false;
	power = (int)(unit - units);
	end += *end != '\0';
	if (power && strcasecmp(end, "ib") != 0 && strcasecmp(end, "b") != 0 && *end)
		return false;
	if (!power && *end)
		return false;
	for (; power > 0; power--)
		number *= 1024;
	if (number >= 9223372036854775808.0)
		return false;
	*ret = (int64_t)number;
	return true;
}

static bool parse_signed(const char *text, int64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoll(text, &end, 10);
	return !errno && end != text && !*end && (*text == '-' || (*text >= '0' && *text <= '9'));
}

/* One option's value into @number, which the member then points to. */
static int fill(size_t index, const char *text, struct values *values, uint64_t *number, struct error *err)
{
	const void **member = (const void **)((char *)values + limits[index].offset);
	int64_t as_signed = 0;
	bool fine = true;

	switch (limits[index].kind) {
	case SIZE:
		fine = parse_size(text, &as_signed);
		memcpy(number, &as_signed, sizeof(as_signed));
		break;
	case SIGNED:
		fine = parse_signed(text, &as_signed);
		memcpy(number, &as_signed, sizeof(as_signed));
		break;
	case UNSIGNED:
		fine = number_parse(text, UINT64_MAX, number);
		break;
	case WEIGHT:
		fine = number_parse(text, UINT16_MAX, number);
		*(uint16_t *)(void *)number = (uint16_t)*number;
		break;
	case TEXT:
		*member = text;
		return 0;
	case IGNORED:
		log_warning("--%s has no effect: kernels no longer limit kernel memory apart", limits[index].option);
		return 0;
	}
	*member = number;
	return fine ? 0 : error_say(err, EINVAL, "invalid value for --%s: \"%s\"", limits[index].option, text);
}

static bool is_empty(const void *object, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (((const char *)object)[i])
			return false;
	}
	return true;
}

static int update(struct cli_call *call, struct error *err)
{
	const struct update_call *given = call->options;
	uint64_t numbers[LIMIT_COUNT] = { 0 };
	struct values values = { 0 };
	struct oci_resources resources = { 0 };
	struct update_options update_options = { .resources_file = given->resources, .resources = &resources,
		.l3_cache_schema = given->l3_cache_schema, .mem_bw_schema = given->mem_bw_schema };
	bool any = given->resources || given->l3_cache_schema || given->mem_bw_schema;
	int r = 0;

	for (size_t i = 0; r == 0 && i < LIMIT_COUNT; i++) {
		if (!given->given[i])
			continue;
		any = true;
		r = fill(i, given->given[i], &values, &numbers[i], err);
	}
	if (r < 0)
		return r;
	if (!any)
		return error_say(err, EINVAL, "update needs at least one limit, or --resources");
	resources.memory = is_empty(&values.memory, sizeof(values.memory)) ? NULL : &values.memory;
	resources.cpu = is_empty(&values.cpu, sizeof(values.cpu)) ? NULL : &values.cpu;
	resources.pids = values.pids.limit ? &values.pids : NULL;
	resources.blockIO = values.block_io.weight ? &values.block_io : NULL;
	return runtime_update(call->context, call->arguments[0], &update_options, err);
}

const struct cli_command cli_update = {
	.name = "update",
	.summary = "change the limits of a container that runs",
	.usage = "CONTAINER",
	.options = options,
	.options_size = sizeof(struct update_call),
	.arguments_min = 1,
	.arguments_max = 1,
	.function = update,
};
