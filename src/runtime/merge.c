/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/merge.h"

#include <string.h>

/* Any list of pointers to objects, and any map. */
struct list {
	size_t len;
	const void **items;
};

struct map {
	size_t len;
	struct entry {
		const char *key;
		const void *value;
	} *items;
};

/* What tells a list's items apart: a name, or a device's numbers, first in the item. */
enum identity { BY_NAME, BY_DEVICE };

#define TAKE(member) result->member = over->member ? over->member : result->member
/* Docker sends 0, and an empty list of CPUs, for what is not asked for. */
#define TAKE_NONZERO(member)                                                                        \
	result->member = over->member && *over->member ? over->member : result->member

static const void *copy(struct oci_arena *arena, const void *base, size_t size)
{
	void *result = oci_arena_alloc(arena, size);

	if (result && base)
		memcpy(result, base, size);
	return result;
}

#define COPY(arena, base) ((void *)(uintptr_t)copy(arena, base, sizeof(*(base))))

static bool same(const void *a, const void *b, enum identity identity)
{
	if (identity == BY_NAME)
		return strcmp(*(const char *const *)a, *(const char *const *)b) == 0;
	return memcmp(a, b, 2 * sizeof(int64_t)) == 0;
}

static bool merge_list(void *into, const void *from, enum identity identity, struct oci_arena *arena)
{
	struct list *result = into;
	const struct list *over = from;
	const void **items;

	if (!over->len)
		return true;
	items = oci_arena_alloc(arena, (result->len + over->len + 1) * sizeof(*items));
	if (!items)
		return false;
	if (result->len)
		memcpy(items, result->items, result->len * sizeof(*items));
	for (size_t i = 0; i < over->len; i++) {
		size_t at = 0;

		while (at < result->len && !same(items[at], over->items[i], identity))
			at++;
		items[at] = over->items[i];
		result->len += at == result->len;
	}
	result->items = items;
	return true;
}

static bool merge_map(void *into, const void *from, struct oci_arena *arena)
{
	struct map *result = into;
	const struct map *over = from;
	struct entry *items;

	if (!over->len)
		return true;
	items = oci_arena_alloc(arena, (result->len + over->len + 1) * sizeof(*items));
	if (!items)
		return false;
	if (result->len)
		memcpy(items, result->items, result->len * sizeof(*items));
	for (size_t i = 0; i < over->len; i++) {
		size_t at = 0;

		while (at < result->len && strcmp(items[at].key, over->items[i].key) != 0)
			at++;
		items[at] = over->items[i];
		result->len += at == result->len;
	}
	result->items = items;
	return true;
}

static const struct oci_memory *merge_memory(const struct oci_memory *base,
	const struct oci_memory *over, struct oci_arena *arena)
{
	struct oci_memory *result = COPY(arena, base);

	if (!result)
		return NULL;
	TAKE_NONZERO(limit);
	TAKE_NONZERO(reservation);
	TAKE_NONZERO(swap);
	TAKE_NONZERO(kernel);
	TAKE_NONZERO(kernelTCP);
	TAKE(swappiness);
	TAKE(disableOOMKiller);
	TAKE(useHierarchy);
	TAKE(checkBeforeUpdate);
	return result;
}

static const struct oci_cpu *merge_cpu(
	const struct oci_cpu *base, const struct oci_cpu *over, struct oci_arena *arena)
{
	struct oci_cpu *result = COPY(arena, base);

	if (!result)
		return NULL;
	TAKE_NONZERO(shares);
	TAKE_NONZERO(quota);
	TAKE(burst);
	TAKE_NONZERO(period);
	TAKE_NONZERO(realtimeRuntime);
	TAKE_NONZERO(realtimePeriod);
	TAKE_NONZERO(cpus);
	TAKE_NONZERO(mems);
	TAKE(idle);
	return result;
}

static const struct oci_block_io *merge_block_io(
	const struct oci_block_io *base, const struct oci_block_io *over, struct oci_arena *arena)
{
	struct oci_block_io *result = COPY(arena, base);

	if (!result)
		return NULL;
	TAKE_NONZERO(weight);
	TAKE_NONZERO(leafWeight);
	if (!merge_list(&result->weightDevice, &over->weightDevice, BY_DEVICE, arena) ||
		!merge_list(&result->throttleReadBpsDevice, &over->throttleReadBpsDevice, BY_DEVICE, arena) ||
		!merge_list(&result->throttleWriteBpsDevice, &over->throttleWriteBpsDevice, BY_DEVICE, arena) ||
		!merge_list(&result->throttleReadIOPSDevice, &over->throttleReadIOPSDevice, BY_DEVICE, arena) ||
		!merge_list(&result->throttleWriteIOPSDevice, &over->throttleWriteIOPSDevice, BY_DEVICE, arena))
		return NULL;
	return result;
}

static const struct oci_network *merge_network(
	const struct oci_network *base, const struct oci_network *over, struct oci_arena *arena)
{
	struct oci_network *result = COPY(arena, base);

	if (!result)
		return NULL;
	TAKE_NONZERO(classID);
	return merge_list(&result->priorities, &over->priorities, BY_NAME, arena) ? result : NULL;
}

const struct oci_resources *resources_merge(const struct oci_resources *base,
	const struct oci_resources *over, struct oci_arena *arena)
{
	struct oci_resources *result = COPY(arena, base);

	if (!result)
		return NULL;
	if (over->devices.items)
		result->devices = over->devices;
	if (over->memory && !(result->memory = merge_memory(result->memory, over->memory, arena)))
		return NULL;
	if (over->cpu && !(result->cpu = merge_cpu(result->cpu, over->cpu, arena)))
		return NULL;
	TAKE(pids);
	if (over->blockIO && !(result->blockIO = merge_block_io(result->blockIO, over->blockIO, arena)))
		return NULL;
	if (over->network && !(result->network = merge_network(result->network, over->network, arena)))
		return NULL;
	if (!merge_list(&result->hugepageLimits, &over->hugepageLimits, BY_NAME, arena) ||
		!merge_map(&result->rdma, &over->rdma, arena) ||
		!merge_map(&result->unified, &over->unified, arena))
		return NULL;
	return result;
}
