/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits as systemd's properties (systemd.resource-control(5), org.freedesktop.systemd1(5)), so that
 * systemd knows of them and keeps them when it applies its own again, as after a daemon-reload.
 */
#include "cgroup/systemd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/cgroup.h"

#define INFINITE UINT64_MAX
#define SECOND_US 1000000ULL
#define PERIOD_DEFAULT_US 100000ULL
#define CPU_MAX 8192 /* bits in AllowedCPUs that are worth sending */

#define CPU_IDLE 0	/* as a weight */
#define CPU_WEIGHT_DEFAULT 100

/* One conversion at work. What several files say together is noted, 0 for what was not seen. */
struct limits {
	struct oci_arena *arena;
	struct systemd_properties *properties;
	uint64_t quota, period, burst;
	uint64_t weight;
	const char *idle; /* of v2: what v1 writes, systemd does not know */
	bool v2;	  /* of the setting at hand */
};

struct systemd_property *systemd_add(struct oci_arena *arena, struct systemd_properties *properties,
	const char *name, enum systemd_type type)
{
	size_t size = sizeof(*properties->items), count = properties->count;
	struct systemd_property *items = properties->items;

	/* Grows by eight at a time. */
	if (count % 8 == 0) {
		items = oci_arena_alloc(arena, (count + 8) * size);
		if (!items)
			return NULL;
		if (count)
			memcpy(items, properties->items, count * size);
		properties->items = items;
	}
	properties->count++;
	items[count].name = name;
	items[count].type = type;
	return &items[count];
}

static int set_number(struct limits *limits, const char *name, uint64_t number)
{
	struct systemd_property *property =
		systemd_add(limits->arena, limits->properties, name, SYSTEMD_UINT64);

	if (!property)
		return -ENOMEM;
	property->number = number;
	return 0;
}

/* "max", and v1's "-1", are systemd's infinity. */
static uint64_t parse_number(const char *text)
{
	if (strncmp(text, "max", 3) == 0 || *text == '-')
		return INFINITE;
	return strtoull(text, NULL, 10);
}

static int to_number(struct limits *limits, const char *name, const char *value)
{
	return set_number(limits, name, parse_number(value));
}

static int set_quota(struct limits *limits, uint64_t quota, uint64_t period)
{
	uint64_t per_second = INFINITE;
	int r = 0;

	if (period)
		r = set_number(limits, "CPUQuotaPeriodUSec", period);
	else
		period = PERIOD_DEFAULT_US;
	/* Rounded up, so that systemd's limit is never below the one that was asked for. */
	if (quota != INFINITE && !__builtin_mul_overflow(quota, SECOND_US, &per_second))
		per_second = (per_second + period - 1) / period;
	return r < 0 ? r : set_number(limits, "CPUQuotaPerSecUSec", per_second);
}

/* cpu.max: "QUOTA [PERIOD]" */
static int note_max(struct limits *limits, const char *name, const char *value)
{
	const char *space = strchr(value, ' ');

	(void)name;
	limits->quota = parse_number(value);
	limits->period = space ? parse_number(space + 1) : 0;
	return 0;
}

static int note_burst(struct limits *limits, const char *name, const char *value)
{
	(void)name;
	limits->burst = parse_number(value);
	return 0;
}

static int note_weight(struct limits *limits, const char *name, const char *value)
{
	(void)name;
	limits->weight = parse_number(value);
	return 0;
}

static int note_idle(struct limits *limits, const char *name, const char *value)
{
	(void)name;
	limits->idle = limits->v2 ? value : NULL;
	return 0;
}

static int note_quota(struct limits *limits, const char *name, const char *value)
{
	(void)name;
	limits->quota = parse_number(value);
	return 0;
}

static int note_period(struct limits *limits, const char *name, const char *value)
{
	(void)name;
	limits->period = parse_number(value);
	return 0;
}

/* "0-3,8" to a mask; the kernel has the last word on the list, so one that is odd is left to it. */
static int to_mask(struct limits *limits, const char *name, const char *value)
{
	uint8_t *mask = oci_arena_alloc(limits->arena, CPU_MAX / 8);
	struct systemd_property *property;
	size_t bytes = 0;

	if (!mask)
		return -ENOMEM;
	while (*value) {
		char *end;
		unsigned long first = strtoul(value, &end, 10), last = first;

		if (end != value && *end == '-')
			last = strtoul(end + 1, &end, 10);
		if (end == value || (*end && *end != ',') || last >= CPU_MAX || first > last)
			return 0;
		for (unsigned long i = first; i <= last; i++)
			mask[i / 8] |= (uint8_t)(1U << i % 8);
		bytes = last / 8 + 1 > bytes ? last / 8 + 1 : bytes;
		value = end + (*end == ',');
	}
	property = systemd_add(limits->arena, limits->properties, name, SYSTEMD_BYTES);
	if (!property)
		return -ENOMEM;
	property->bytes = mask;
	property->count = bytes;
	return 0;
}

/* "MAJOR:MINOR NUMBER": for one device each. */
static int set_device(struct limits *limits, const char *name, const char *value, const char *number)
{
	struct systemd_property *property =
		systemd_add(limits->arena, limits->properties, name, SYSTEMD_NUMBERS);
	struct systemd_item *item = oci_arena_alloc(limits->arena, sizeof(*item));

	if (!property || !item)
		return -ENOMEM;
	item->text = oci_arena_printf(
		limits->arena, "/dev/block/%.*s", (int)strcspn(value, " "), value);
	item->number = parse_number(number);
	property->items = item;
	property->count = 1;
	return item->text ? 0 : -ENOMEM;
}

static int to_device(struct limits *limits, const char *name, const char *value)
{
	const char *space = strchr(value, ' ');

	return space ? set_device(limits, name, value, space + 1) : 0;
}

/* io.max: "MAJOR:MINOR rbps=N wbps=max ..." */
static int to_bandwidths(struct limits *limits, const char *name, const char *value)
{
	static const char *const keys[][2] = { { "rbps=", "IOReadBandwidthMax" },
		{ "wbps=", "IOWriteBandwidthMax" }, { "riops=", "IOReadIOPSMax" },
		{ "wiops=", "IOWriteIOPSMax" } };
	int r = 0;

	(void)name;
	for (const char *word = strchr(value, ' '); word && r == 0; word = strchr(word, ' ')) {
		word++;
		for (size_t i = 0; r == 0 && i < sizeof(keys) / sizeof(keys[0]); i++) {
			size_t length = strlen(keys[i][0]);

			if (strncmp(word, keys[i][0], length) == 0)
				r = set_device(limits, keys[i][1], value, word + length);
		}
	}
	return r;
}

/* io.weight: "[default] N" or "MAJOR:MINOR N" */
static int to_weight(struct limits *limits, const char *name, const char *value)
{
	if (strchr(value, ':'))
		return to_device(limits, "IODeviceWeight", value);
	if (strncmp(value, "default ", 8) == 0)
		value += 8;
	return to_number(limits, name, value);
}

static int to_flag(struct limits *limits, const char *name, const char *value)
{
	struct systemd_property *property =
		systemd_add(limits->arena, limits->properties, name, SYSTEMD_BOOLEAN);

	if (!property)
		return -ENOMEM;
	property->number = *value != '0';
	return 0;
}

/* Which property says the same as a file; files of v2 before those of v1. */
static const struct limit {
	const char *file, *name;
	int (*convert)(struct limits *limits, const char *name, const char *value);
	unsigned since; /* version of systemd; 0: that of all which are supported */
} known[] = {
	{ "memory.max", "MemoryMax", to_number, 0 },
	{ "memory.high", "MemoryHigh", to_number, 0 },
	{ "memory.low", "MemoryLow", to_number, 0 },
	{ "memory.min", "MemoryMin", to_number, 0 },
	{ "memory.swap.max", "MemorySwapMax", to_number, 0 },
	{ "memory.zswap.max", "MemoryZSwapMax", to_number, 253 },
	{ "memory.zswap.writeback", "MemoryZSwapWriteback", to_flag, 256 },
	{ "cpu.weight", NULL, note_weight, 0 },
	{ "cpu.idle", NULL, note_idle, 0 },
	{ "cpu.max", NULL, note_max, 0 },
	{ "cpu.max.burst", NULL, note_burst, 0 },
	{ "cpuset.cpus", "AllowedCPUs", to_mask, 0 },
	{ "cpuset.mems", "AllowedMemoryNodes", to_mask, 0 },
	{ "pids.max", "TasksMax", to_number, 0 },
	{ "io.weight", "IOWeight", to_weight, 0 },
	{ "io.bfq.weight", "IOWeight", to_weight, 0 },
	{ "io.max", NULL, to_bandwidths, 0 },
	{ "memory.limit_in_bytes", "MemoryLimit", to_number, 0 },
	{ "cpu.shares", "CPUShares", to_number, 0 },
	{ "cpu.cfs_quota_us", NULL, note_quota, 0 },
	{ "cpu.cfs_period_us", NULL, note_period, 0 },
	{ "blkio.weight", "BlockIOWeight", to_number, 0 },
	{ "blkio.throttle.read_bps_device", "BlockIOReadBandwidth", to_device, 0 },
	{ "blkio.throttle.write_bps_device", "BlockIOWriteBandwidth", to_device, 0 },
};

static int add_limit(struct limits *limits, const struct cgroup_setting *setting)
{
	/* io.weight has the range that systemd's weights have, io.bfq.weight has not. */
	bool bfq = strcmp(setting->file, "io.bfq.weight") == 0 && setting->other_value;
	const char *value = bfq ? setting->other_value : setting->value;
	size_t first = limits->properties->count;
	const struct limit *limit = NULL;
	int r;

	for (size_t i = 0; !limit && i < sizeof(known) / sizeof(known[0]); i++)
		limit = strcmp(known[i].file, setting->file) == 0 ? &known[i] : NULL;
	r = limit ? limit->convert(limits, limit->name, value) : 0;
	for (size_t i = first; i < limits->properties->count; i++) {
		limits->properties->items[i].pointer = setting->pointer;
		limits->properties->items[i].line = setting->line;
		limits->properties->items[i].since = limit->since;
	}
	return r;
}

/*
 * An idle cgroup has no weight. Among others it is the scope that counts: a cgroup that is idle below it has less
 * than its neighbours in there alone, and has none.
 */
static int add_weight(struct limits *limits)
{
	int r;

	if (!limits->idle || strcmp(limits->idle, "1") != 0) {
		uint64_t weight = limits->weight ? limits->weight : CPU_WEIGHT_DEFAULT;

		return limits->weight || limits->idle ? set_number(limits, "CPUWeight", weight) : 0;
	}
	r = set_number(limits, "CPUWeight", CPU_IDLE);
	if (r == 0)
		limits->properties->items[limits->properties->count - 1].since = 252;
	return r;
}

/* systemd knows of no burst: its quota would not let through what the quota below may make up for. */
static int add_quota(struct limits *limits, bool below)
{
	if (!limits->quota)
		return 0;
	return set_quota(limits, below && limits->burst ? INFINITE : limits->quota, limits->period);
}

int systemd_add_limits(struct oci_arena *arena, const struct cgroup_layout *layout,
	const struct cgroup_setting *settings, size_t count, bool below, struct systemd_properties *properties,
	struct error *err)
{
	struct limits limits = { .arena = arena, .properties = properties };
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		limits.v2 = layout->items[settings[i].hierarchy].v2;
		r = add_limit(&limits, &settings[i]);
	}
	if (r == 0)
		r = add_weight(&limits);
	if (r == 0)
		r = add_quota(&limits, below);
	return r < 0 ? error_set(err, -r, "compile the limits for systemd") : 0;
}
