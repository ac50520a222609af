/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties of linux.resources with one value each, as a table: where it stands in the config,
 * which file it goes to in v1 and in v2, and how its value is converted. The order of lines is the
 * order of writing.
 */
#include "cgroup/resources.h"

#include <errno.h>
#include <string.h>

enum kind { I64, U64, U16, U32, TEXT, FLAG, OPTIONAL_FLAG };

/* *@ret stays NULL where nothing is to be written. */
typedef int (*conversion)(
	struct resource_compile *r, const struct resource_value *value, const char **ret);

struct property {
	const char *name;
	size_t group, member; /* offsets in struct oci_resources and in the object there */
	enum kind kind;
	struct resource_target v1, v2;
	conversion to_v1, to_v2;
	const char *v1_usage, *v2_usage; /* see struct cgroup_setting */
	bool pair;			 /* the kernel may want the next property first */
	bool zero_unset;		 /* callers written in Go send 0 for "not set" */
};

static int as_number(
	struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	*ret = oci_arena_printf(r->c->arena, "%lld", value->number);
	return 0;
}

static int as_text(struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	if (strchr(value->text, '\n'))
		return plan_refuse(
			r->c, value->slot, EINVAL, "%s may not contain a newline", value->name);
	if (*value->text) /* what an empty list means is up to the parent: nothing is set */
		*ret = value->text;
	return 0;
}

static int check_limit(struct resource_compile *r, const struct resource_value *value)
{
	if (value->number < -1)
		return plan_refuse(r->c, value->slot, EINVAL,
			"%s %lld is not valid: it is a number of bytes, or -1 for unlimited",
			value->name, value->number);
	return 0;
}

static int limit_v1(
	struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	int result = check_limit(r, value);

	return result < 0 ? result : as_number(r, value, ret);
}

static int limit_v2(
	struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	int result = check_limit(r, value);

	if (result < 0 || value->number > 0)
		return result < 0 ? result : as_number(r, value, ret);
	*ret = "max";
	return 0;
}

/* memory.swap counts memory, too; memory.swap.max does not. */
static int swap_v2(struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	const struct oci_memory *memory = r->resources->memory;
	long long limit = memory->limit ? *memory->limit : 0;
	int result = limit_v2(r, value, ret);

	if (result < 0 || value->number < 0)
		return result;
	if (limit <= 0)
		return plan_refuse(r->c, value->slot, EINVAL,
			"memory.swap needs memory.limit, too: it is the limit of memory and swap "
			"together, "
			"of which cgroup v2 limits the part beyond memory.limit");
	*ret = oci_arena_printf(r->c->arena, "%lld", value->number - limit);
	return 0;
}

static int check_swap(struct resource_compile *r, const struct resource_value *value)
{
	const struct oci_memory *memory = r->resources->memory;

	if (value->number > 0 && memory->limit && *memory->limit > value->number)
		return plan_refuse(r->c, value->slot, EINVAL,
			"memory.swap %lld is less than memory.limit %lld, but it is the limit of "
			"both together",
			value->number, (long long)*memory->limit);
	return 0;
}

static int swap_v1_checked(
	struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	int result = check_swap(r, value);

	return result < 0 ? result : limit_v1(r, value, ret);
}

static int swap_v2_checked(
	struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	int result = check_swap(r, value);

	return result < 0 ? result : swap_v2(r, value, ret);
}

static int flag(struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	(void)r;
	*ret = value->number ? "1" : "0";
	return 0;
}

/* Kernel memory cannot be limited apart in v2, and "unlimited" is how it is anyway. */
static int none_in_v2(
	struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	(void)ret;
	if (value->number <= 0)
		return 0;
	return plan_refuse(r->c, value->slot, ENOTSUP,
		"%s cannot be applied: cgroup v2, which this host uses, has nothing like it",
		value->name);
}

/* v2 always counts hierarchically. */
static int always_in_v2(
	struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	(void)ret;
	if (value->number)
		return 0;
	return plan_refuse(
		r->c, value->slot, ENOTSUP, "%s cannot be false in cgroup v2", value->name);
}

static int shares_v1(
	struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	/* The kernel would silently take the nearest valid value. */
	if (value->number < 2 || value->number > 262144)
		return plan_refuse(r->c, value->slot, ERANGE, "%s %lld is not within 2..262144",
			value->name, value->number);
	return as_number(r, value, ret);
}

static int shares_v2(
	struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	*ret = oci_arena_printf(r->c->arena, "%u", cpu_weight((unsigned long long)value->number));
	return 0;
}

static int check_burst(struct resource_compile *r, const struct resource_value *value)
{
	const struct oci_cpu *cpu = r->resources->cpu;

	if (cpu->quota && *cpu->quota > 0 && value->number > *cpu->quota)
		return plan_refuse(r->c, value->slot, EINVAL,
			"cpu.burst %lld is more than cpu.quota %lld", value->number,
			(long long)*cpu->quota);
	return 0;
}

static int burst(struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	int result = check_burst(r, value);

	return result < 0 ? result : as_number(r, value, ret);
}

static int quota_v1(
	struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	*ret = value->number > 0 ? oci_arena_printf(r->c->arena, "%lld", value->number) : "-1";
	return 0;
}

static int quota_v2(
	struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	const struct oci_cpu *cpu = r->resources->cpu;
	const char *quota =
		value->number > 0 ? oci_arena_printf(r->c->arena, "%lld", value->number) : "max";

	*ret = cpu->period && *cpu->period ? oci_arena_printf(r->c->arena, "%s %llu", quota,
						     (unsigned long long)*cpu->period)
					   : quota;
	return 0;
}

/* Together with the quota where there is one. */
static int period_v2(
	struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	if (!r->resources->cpu->quota)
		*ret = oci_arena_printf(r->c->arena, "max %lld", value->number);
	return 0;
}

static int idle(struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	if (value->number != 0 && value->number != 1)
		return plan_refuse(r->c, value->slot, EINVAL, "%s is %lld, but must be 0 or 1",
			value->name, value->number);
	return as_number(r, value, ret);
}

static int pids(struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	if (value->number < -1)
		return plan_refuse(r->c, value->slot, EINVAL,
			"%s %lld is not valid: it is a number of tasks, or -1 for unlimited",
			value->name, value->number);
	*ret = value->number < 0 ? "max" : oci_arena_printf(r->c->arena, "%lld", value->number);
	return 0;
}

static int block_weight(
	struct resource_compile *r, const struct resource_value *value, const char **ret)
{
	if (value->number < 10 || value->number > 1000)
		return plan_refuse(r->c, value->slot, ERANGE, "%s %lld is not within 10..1000",
			value->name, value->number);
	return as_number(r, value, ret);
}

#define IN(group, member_)                                                                         \
	offsetof(struct oci_resources, group), offsetof(struct oci_##group, member_)
#define IN_BLOCK(member_)                                                                          \
	offsetof(struct oci_resources, blockIO), offsetof(struct oci_block_io, member_)

static const struct property properties[] = {
	{ "memory.limit", IN(memory, limit), I64, .zero_unset = true, .pair = true,
		.v1 = { "memory", "memory.limit_in_bytes", NULL }, .to_v1 = limit_v1,
		.v2 = { "memory", "memory.max", NULL }, .to_v2 = limit_v2,
		.v1_usage = "memory.usage_in_bytes", .v2_usage = "memory.current" },
	{ "memory.swap", IN(memory, swap), I64, .zero_unset = true,
		.v1 = { "memory", "memory.memsw.limit_in_bytes", NULL }, .to_v1 = swap_v1_checked,
		.v2 = { "memory", "memory.swap.max", NULL }, .to_v2 = swap_v2_checked,
		.v1_usage = "memory.memsw.usage_in_bytes", .v2_usage = "memory.swap.current" },
	{ "memory.reservation", IN(memory, reservation), I64, .zero_unset = true,
		.v1 = { "memory", "memory.soft_limit_in_bytes", NULL }, .to_v1 = limit_v1,
		.v2 = { "memory", "memory.low", NULL }, .to_v2 = limit_v2 },
	{ "memory.kernel", IN(memory, kernel), I64, .zero_unset = true,
		.v1 = { "memory", "memory.kmem.limit_in_bytes", NULL }, .to_v1 = limit_v1,
		.v2 = { "memory", NULL, NULL }, .to_v2 = none_in_v2 },
	{ "memory.kernelTCP", IN(memory, kernelTCP), I64, .zero_unset = true,
		.v1 = { "memory", "memory.kmem.tcp.limit_in_bytes", NULL }, .to_v1 = limit_v1,
		.v2 = { "memory", NULL, NULL }, .to_v2 = none_in_v2 },
	{ "memory.swappiness", IN(memory, swappiness), U64,
		.v1 = { "memory", "memory.swappiness", NULL }, .to_v1 = as_number },
	{ "memory.disableOOMKiller", IN(memory, disableOOMKiller), FLAG, .zero_unset = true,
		.v1 = { "memory", "memory.oom_control", NULL }, .to_v1 = flag,
		.v2 = { "memory", NULL, NULL }, .to_v2 = none_in_v2 },
	{ "memory.useHierarchy", IN(memory, useHierarchy), OPTIONAL_FLAG,
		.v1 = { "memory", "memory.use_hierarchy", NULL }, .to_v1 = flag,
		.v2 = { "memory", NULL, NULL }, .to_v2 = always_in_v2 },
	{ "cpu.shares", IN(cpu, shares), U64, .zero_unset = true, .pair = true,
		.v1 = { "cpu", "cpu.shares", NULL }, .to_v1 = shares_v1,
		.v2 = { "cpu", "cpu.weight", NULL }, .to_v2 = shares_v2 },
	{ "cpu.idle", IN(cpu, idle), I64, /* after shares: an idle cgroup takes none */
		.v1 = { "cpu", "cpu.idle", NULL }, .to_v1 = idle, .v2 = { "cpu", "cpu.idle", NULL },
		.to_v2 = idle },
	{ "cpu.period", IN(cpu, period), U64, .zero_unset = true, .pair = true,
		.v1 = { "cpu", "cpu.cfs_period_us", NULL }, .to_v1 = as_number,
		.v2 = { "cpu", "cpu.max", NULL }, .to_v2 = period_v2 },
	{ "cpu.quota", IN(cpu, quota), I64, .pair = true,
		.v1 = { "cpu", "cpu.cfs_quota_us", NULL }, .to_v1 = quota_v1, .v2 = { "cpu", "cpu.max", NULL }, .to_v2 = quota_v2 },
	{ "cpu.burst", IN(cpu, burst), U64, .v1 = { "cpu", "cpu.cfs_burst_us", NULL },
		.to_v1 = burst, .v2 = { "cpu", "cpu.max.burst", NULL }, .to_v2 = burst },
	{ "cpu.realtimePeriod", IN(cpu, realtimePeriod), U64, .zero_unset = true, .pair = true,
		.v1 = { "cpu", "cpu.rt_period_us", NULL }, .to_v1 = as_number },
	{ "cpu.realtimeRuntime", IN(cpu, realtimeRuntime), I64, .zero_unset = true,
		.v1 = { "cpu", "cpu.rt_runtime_us", NULL }, .to_v1 = as_number },
	{ "cpu.cpus", IN(cpu, cpus), TEXT, .v1 = { "cpuset", "cpuset.cpus", NULL },
		.to_v1 = as_text, .v2 = { "cpuset", "cpuset.cpus", NULL }, .to_v2 = as_text },
	{ "cpu.mems", IN(cpu, mems), TEXT, .v1 = { "cpuset", "cpuset.mems", NULL },
		.to_v1 = as_text, .v2 = { "cpuset", "cpuset.mems", NULL }, .to_v2 = as_text },
	{ "pids.limit", IN(pids, limit), I64, .v1 = { "pids", "pids.max", NULL }, .to_v1 = pids,
		.v2 = { "pids", "pids.max", NULL }, .to_v2 = pids },
	{ "blockIO.weight", IN_BLOCK(weight), U16, .zero_unset = true,
		.v1 = { "blkio", "blkio.weight", "blkio.bfq.weight" }, .to_v1 = block_weight,
		.v2 = { "io", "io.bfq.weight", "io.weight" }, .to_v2 = block_weight },
	{ "blockIO.leafWeight", IN_BLOCK(leafWeight), U16, .zero_unset = true,
		.v1 = { "blkio", "blkio.leaf_weight", NULL }, .to_v1 = block_weight },
	{ "network.classID", IN(network, classID), U32, .zero_unset = true,
		.v1 = { "net_cls", "net_cls.classid", NULL }, .to_v1 = as_number },
};

/* Whether the property is there; its value. */
static int read_value(
	struct resource_compile *r, const struct property *property, struct resource_value *value)
{
	const char *object = *(const char *const *)((const char *)r->resources + property->group);
	const void *const *slot;
	const void *item;

	if (!object)
		return 0;
	slot = (const void *const *)(const void *)(object + property->member);
	value->name = property->name;
	value->slot = slot;
	item = property->kind == FLAG ? (const void *)slot : *slot;
	if (!item)
		return 0;
	switch (property->kind) {
	case I64:
		value->number = *(const int64_t *)item;
		break;
	case U64:
		if (*(const uint64_t *)item > INT64_MAX)
			return plan_refuse(r->c, slot, ERANGE, "%s is too large", property->name);
		value->number = (long long)*(const uint64_t *)item;
		break;
	case U16:
		value->number = *(const uint16_t *)item;
		break;
	case U32:
		value->number = *(const uint32_t *)item;
		break;
	case TEXT:
		value->text = item;
		break;
	case FLAG:
	case OPTIONAL_FLAG:
		value->number = *(const bool *)item;
		break;
	}
	return value->number || value->text || !property->zero_unset;
}

static void finish_setting(struct resource_compile *r, struct cgroup_setting *setting,
	const struct property *property, const struct resource_value *value, bool is_v2)
{
	const struct oci_memory *memory = r->resources->memory;
	const struct resource_target *target = is_v2 ? &property->v2 : &property->v1;

	setting->pair = property->pair;
	setting->other_file = target->other_file;
	setting->other_value = setting->value;
	if (is_v2 && target->other_file) /* io.weight */
		setting->other_value = oci_arena_printf(
			r->c->arena, "default %u", io_weight((unsigned)value->number));
	if (memory && memory->checkBeforeUpdate && value->number > 0)
		setting->usage_file = is_v2 ? property->v2_usage : property->v1_usage;
	/* In v2 the container's first process is born inside: with a limit of 0 it could not be. */
	setting->late = is_v2 && property->to_v2 == pids && value->number == 0;
}

static int compile_property(struct resource_compile *r, const struct property *property)
{
	struct resource_value value = { 0 };
	const char *text = NULL;
	size_t hierarchy;
	bool is_v2;
	int result = read_value(r, property, &value);

	if (result <= 0)
		return result;
	result = resource_hierarchy(
		r, property->name, value.slot, &property->v1, &property->v2, &hierarchy, &is_v2);
	if (result == 0)
		result = (is_v2 ? property->to_v2 : property->to_v1)(r, &value, &text);
	if (result < 0 || !text)
		return result;
	finish_setting(r,
		resource_add(r, hierarchy, is_v2 ? property->v2.file : property->v1.file, text,
			value.slot),
		property, &value, is_v2);
	return 0;
}

int resource_scalars(struct resource_compile *r)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < sizeof(properties) / sizeof(properties[0]); i++)
		result = compile_property(r, &properties[i]);
	return result;
}
