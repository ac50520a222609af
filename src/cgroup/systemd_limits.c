/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits as systemd's properties (systemd.resource-control(5), org.freedesktop.systemd1(5)), so that
 * systemd knows of them and keeps them when it applies its own again, as after a daemon-reload.
 */
#include "cgroup/systemd.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/cgroup.h"
#include "cgroup/resources.h"

#define INFINITE UINT64_MAX
#define SECOND_US 1000000ULL
#define PERIOD_DEFAULT_US 100000ULL
#define CPU_MAX 8192 /* bits in AllowedCPUs that are worth sending */

/* One conversion at work. */
struct limits {
	struct oci_arena *arena;
	struct systemd_properties *properties;
	uint64_t quota, period; /* v1 has them in two files; 0: not seen */
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
static int to_quota(struct limits *limits, const char *name, const char *value)
{
	const char *space = strchr(value, ' ');

	(void)name;
	return set_quota(limits, parse_number(value), space ? parse_number(space + 1) : 0);
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

/* Which property says the same as a file; files of v2 before those of v1. */
static const struct limit {
	const char *file, *name;
	int (*convert)(struct limits *limits, const char *name, const char *value);
} known[] = {
	{ "memory.max", "MemoryMax", to_number },
	{ "memory.high", "MemoryHigh", to_number },
	{ "memory.low", "MemoryLow", to_number },
	{ "memory.min", "MemoryMin", to_number },
	{ "memory.swap.max", "MemorySwapMax", to_number },
	{ "cpu.weight", "CPUWeight", to_number },
	{ "cpu.max", NULL, to_quota },
	{ "cpuset.cpus", "AllowedCPUs", to_mask },
	{ "cpuset.mems", "AllowedMemoryNodes", to_mask },
	{ "pids.max", "TasksMax", to_number },
	{ "io.weight", "IOWeight", to_weight },
	{ "io.bfq.weight", "IOWeight", to_weight },
	{ "io.max", NULL, to_bandwidths },
	{ "memory.limit_in_bytes", "MemoryLimit", to_number },
	{ "cpu.shares", "CPUShares", to_number },
	{ "cpu.cfs_quota_us", NULL, note_quota },
	{ "cpu.cfs_period_us", NULL, note_period },
	{ "blkio.weight", "BlockIOWeight", to_number },
	{ "blkio.throttle.read_bps_device", "BlockIOReadBandwidth", to_device },
	{ "blkio.throttle.write_bps_device", "BlockIOWriteBandwidth", to_device },
};

static int add_limit(struct limits *limits, const struct cgroup_setting *setting)
{
	/* io.weight has the range that systemd's weights have, io.bfq.weight has not. */
	bool bfq = strcmp(setting->file, "io.bfq.weight") == 0 && setting->other_value;
	const char *value = bfq ? setting->other_value : setting->value;
	size_t first = limits->properties->count;
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].file, setting->file) == 0)
			r = known[i].convert(limits, known[i].name, value);
	}
	for (size_t i = first; i < limits->properties->count; i++) {
		limits->properties->items[i].pointer = setting->pointer;
		limits->properties->items[i].line = setting->line;
	}
	return r;
}

int systemd_add_limits(struct oci_arena *arena, const struct cgroup_setting *settings, size_t count,
	struct systemd_properties *properties, struct error *err)
{
	struct limits limits = { .arena = arena, .properties = properties };
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_limit(&limits, &settings[i]);
	if (r == 0 && limits.quota)
		r = set_quota(&limits, limits.quota, limits.period);
	return r < 0 ? error_set(err, -r, "compile the limits for systemd") : 0;
}

/* Whether @rule is one of a list of what is allowed: DeviceAllow takes a number, or all. */
static bool can_be_listed(const struct device_rule *rule)
{
	return rule->allow && (rule->major >= 0 || rule->minor < 0) &&
		!(rule->type == 'a' && rule->major >= 0);
}

static const char *access_text(unsigned access)
{
	static const char *const texts[] = { "", "m", "r", "rm", "w", "wm", "rw", "rwm" };

	return texts[(access & BPF_DEVCG_ACC_MKNOD ? 1 : 0) | (access & BPF_DEVCG_ACC_READ ? 2 : 0) |
		(access & BPF_DEVCG_ACC_WRITE ? 4 : 0)];
}

/* systemd takes "/dev/char/1:3", "char-136" and "char-*", whether or not there is such a device. */
static int list_rule(struct oci_arena *arena, const struct device_rule *rule,
	struct systemd_property *list)
{
	for (int block = 0; block < 2; block++) {
		struct systemd_item *item = &list->items[list->count];
		const char *kind = block ? "block" : "char";

		if (rule->type != 'a' && rule->type != *kind)
			continue;
		if (rule->major < 0)
			item->text = oci_arena_printf(arena, "%s-*", kind);
		else if (rule->minor < 0)
			item->text = oci_arena_printf(arena, "%s-%lld", kind, rule->major);
		else
			item->text = oci_arena_printf(
				arena, "/dev/%s/%lld:%lld", kind, rule->major, rule->minor);
		item->access = access_text(rule->access);
		if (!item->text)
			return -ENOMEM;
		list->count++;
	}
	return 0;
}

/* An empty list makes systemd forget the one it has. */
static int set_policy(struct oci_arena *arena, const char *name, struct systemd_properties *properties)
{
	struct systemd_property *policy = systemd_add(arena, properties, "DevicePolicy", SYSTEMD_STRING);

	if (!policy)
		return -ENOMEM;
	policy->text = name;
	return systemd_add(arena, properties, "DeviceAllow", SYSTEMD_ACCESS) ? 0 : -ENOMEM;
}

int systemd_free_devices(struct oci_arena *arena, struct systemd_properties *properties)
{
	return set_policy(arena, "auto", properties);
}

static bool can_all_be_listed(const struct device_rule *rules, size_t count)
{
	if (!count || rules[0].allow || !device_rule_for_all(&rules[0]))
		return false;
	for (size_t i = 1; i < count; i++) {
		if (!can_be_listed(&rules[i]))
			return false;
	}
	return true;
}

int systemd_add_devices(struct oci_arena *arena, const struct device_rule *rules, size_t count,
	struct systemd_properties *properties, struct error *err)
{
	struct systemd_property *list = NULL;
	int r;

	if (!can_all_be_listed(rules, count))
		return systemd_free_devices(arena, properties);
	r = set_policy(arena, "strict", properties);
	if (r == 0)
		list = systemd_add(arena, properties, "DeviceAllow", SYSTEMD_ACCESS);
	if (list)
		list->items = oci_arena_alloc(arena, 2 * count * sizeof(*list->items));
	if (!list || !list->items)
		r = -ENOMEM;
	for (size_t i = 1; r == 0 && i < count; i++)
		r = list_rule(arena, &rules[i], list);
	return r < 0 ? error_set(err, -r, "compile the device rules for systemd") : 0;
}
