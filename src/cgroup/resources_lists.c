/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Properties of linux.resources with one line for each of several devices, page sizes or
 * interfaces. */
#include "cgroup/resources.h"

#include <errno.h>
#include <string.h>

static const struct resource_target none = { NULL, NULL, NULL };

static const struct {
	const char *name;
	size_t member; /* offset of the list in struct oci_block_io */
	const char *v1, *v2_key;
} throttles[] = {
	{ "blockIO.throttleReadBpsDevice", offsetof(struct oci_block_io, throttleReadBpsDevice),
		"blkio.throttle.read_bps_device", "rbps" },
	{ "blockIO.throttleWriteBpsDevice", offsetof(struct oci_block_io, throttleWriteBpsDevice),
		"blkio.throttle.write_bps_device", "wbps" },
	{ "blockIO.throttleReadIOPSDevice", offsetof(struct oci_block_io, throttleReadIOPSDevice),
		"blkio.throttle.read_iops_device", "riops" },
	{ "blockIO.throttleWriteIOPSDevice", offsetof(struct oci_block_io, throttleWriteIOPSDevice),
		"blkio.throttle.write_iops_device", "wiops" },
};

static const struct resource_target v1_throttle = { "blkio", NULL, NULL };
static const struct resource_target v2_throttle = { "io", "io.max", NULL };

static int add_throttle(
	struct resource_compile *r, size_t kind, const struct oci_throttle_device *entry)
{
	const void *slot = &entry->rate;
	unsigned long long rate = entry->rate;
	const char *value;
	size_t hierarchy;
	bool is_v2;
	int result = resource_hierarchy(
		r, throttles[kind].name, slot, &v1_throttle, &v2_throttle, &hierarchy, &is_v2);

	if (result < 0)
		return result;
	if (is_v2 && !rate) /* v1's way to say unlimited */
		value = oci_arena_printf(r->c->arena, "%lld:%lld %s=max", (long long)entry->major,
			(long long)entry->minor, throttles[kind].v2_key);
	else if (is_v2)
		value = oci_arena_printf(r->c->arena, "%lld:%lld %s=%llu", (long long)entry->major,
			(long long)entry->minor, throttles[kind].v2_key, rate);
	else
		value = oci_arena_printf(r->c->arena, "%lld:%lld %llu", (long long)entry->major,
			(long long)entry->minor, rate);
	resource_add(r, hierarchy, is_v2 ? v2_throttle.file : throttles[kind].v1, value, slot);
	return 0;
}

/* One of a device's two weights; @v2 may be none. */
static int add_weight(struct resource_compile *r, const struct oci_weight_device *entry,
	const char *name, const uint16_t *const *slot, const struct resource_target *v1,
	const struct resource_target *v2)
{
	struct cgroup_setting *setting;
	unsigned weight = *slot ? **slot : 0;
	size_t hierarchy;
	const char *value;
	bool is_v2;
	int result;

	if (!weight)
		return 0;
	if (weight < 10 || weight > 1000)
		return plan_refuse(
			r->c, slot, ERANGE, "%s %u is not within 10..1000", name, weight);
	result = resource_hierarchy(r, name, slot, v1, v2, &hierarchy, &is_v2);
	if (result < 0)
		return result;
	value = oci_arena_printf(r->c->arena, "%lld:%lld %u", (long long)entry->major,
		(long long)entry->minor, weight);
	setting = resource_add(r, hierarchy, is_v2 ? v2->file : v1->file, value, slot);
	setting->other_file = is_v2 ? v2->other_file : v1->other_file;
	setting->other_value =
		is_v2 ? oci_arena_printf(r->c->arena, "%lld:%lld %u", (long long)entry->major,
				(long long)entry->minor, io_weight(weight))
		      : value;
	return 0;
}

int resource_block_devices(struct resource_compile *r)
{
	static const struct resource_target weight_v1 = { "blkio", "blkio.weight_device",
		"blkio.bfq.weight_device" };
	static const struct resource_target weight_v2 = { "io", "io.bfq.weight", "io.weight" };
	static const struct resource_target leaf_v1 = { "blkio", "blkio.leaf_weight_device", NULL };
	const struct oci_block_io *block = r->resources->blockIO;
	int result = 0;

	if (!block)
		return 0;
	for (size_t i = 0; result == 0 && i < block->weightDevice.len; i++) {
		const struct oci_weight_device *entry = block->weightDevice.items[i];

		result = add_weight(r, entry, "blockIO.weightDevice.weight", &entry->weight,
			&weight_v1, &weight_v2);
		if (result == 0)
			result = add_weight(r, entry, "blockIO.weightDevice.leafWeight",
				&entry->leafWeight, &leaf_v1, &none);
	}
	for (size_t kind = 0; kind < sizeof(throttles) / sizeof(throttles[0]); kind++) {
		const struct oci_throttle_device_list *list =
			(const void *)((const char *)block + throttles[kind].member);

		for (size_t i = 0; result == 0 && i < list->len; i++)
			result = add_throttle(r, kind, list->items[i]);
	}
	return result;
}

/* Limits what is used and, where the kernel can, what is reserved (RHP-03). */
int resource_huge_pages(struct resource_compile *r)
{
	static const struct resource_target target = { "hugetlb", NULL, NULL };
	const struct oci_hugepage_limit_list *list = &r->resources->hugepageLimits;

	for (size_t i = 0; i < list->len; i++) {
		const struct oci_hugepage_limit *entry = list->items[i];
		const char *end, *value;
		size_t hierarchy;
		bool is_v2;
		int result = resource_hierarchy(r, "hugepageLimits", &entry->pageSize, &target,
			&target, &hierarchy, &is_v2);

		if (result < 0)
			return result;
		end = is_v2 ? "max" : "limit_in_bytes";
		value = oci_arena_printf(r->c->arena, "%llu", (unsigned long long)entry->limit);
		resource_add(r, hierarchy,
			oci_arena_printf(r->c->arena, "hugetlb.%s.%s", entry->pageSize, end), value,
			&entry->limit);
		resource_add(r, hierarchy,
			oci_arena_printf(r->c->arena, "hugetlb.%s.rsvd.%s", entry->pageSize, end),
			value, &entry->limit)
			->optional = true;
	}
	return 0;
}

int resource_rdma(struct resource_compile *r)
{
	static const struct resource_target target = { "rdma", "rdma.max", NULL };

	for (size_t i = 0; i < r->resources->rdma.len; i++) {
		const char *device = r->resources->rdma.items[i].key;
		const struct oci_rdma *entry = r->resources->rdma.items[i].value;
		const void *slot = &r->resources->rdma.items[i].value;
		const char *value = device;
		size_t hierarchy;
		bool is_v2;
		int result;

		if (strpbrk(device, " \t\n"))
			return plan_refuse(
				r->c, slot, EINVAL, "rdma: \"%s\" is no device name", device);
		result = resource_hierarchy(r, "rdma", slot, &target, &target, &hierarchy, &is_v2);
		if (result < 0)
			return result;
		if (entry->hcaHandles)
			value = oci_arena_printf(
				r->c->arena, "%s hca_handle=%u", value, *entry->hcaHandles);
		if (entry->hcaObjects && value)
			value = oci_arena_printf(
				r->c->arena, "%s hca_object=%u", value, *entry->hcaObjects);
		resource_add(r, hierarchy, target.file, value, slot);
	}
	return 0;
}

int resource_priorities(struct resource_compile *r)
{
	static const struct resource_target v1 = { "net_prio", "net_prio.ifpriomap", NULL };
	const struct oci_network *network = r->resources->network;

	for (size_t i = 0; network && i < network->priorities.len; i++) {
		const struct oci_interface_priority *entry = network->priorities.items[i];
		size_t hierarchy;
		bool is_v2;
		int result = resource_hierarchy(
			r, "network.priorities", &entry->name, &v1, &none, &hierarchy, &is_v2);

		if (result < 0)
			return result;
		if (strpbrk(entry->name, " \t\n"))
			return plan_refuse(r->c, &entry->name, EINVAL,
				"\"%s\" is no interface name", entry->name);
		resource_add(r, hierarchy, v1.file,
			oci_arena_printf(r->c->arena, "%s %u", entry->name, entry->priority),
			&entry->priority);
	}
	return 0;
}

/* One key of unified: a file of the v2 tree (RUN-01..RUN-04). */
static int add_unified(
	struct resource_compile *r, const char *file, const char *value, const void *slot)
{
	size_t length = strcspn(file, ".");
	const char *controller = oci_arena_strndup(r->c->arena, file, length);
	ssize_t v2 = cgroup_find(r->spec->layout, "", true);

	if (strchr(file, '/') || !file[length] || !length)
		return plan_refuse(r->c, slot, EINVAL,
			"unified: \"%s\" is not the name of a file in a cgroup, like "
			"\"memory.max\"",
			file);
	if (v2 < 0)
		return plan_refuse(r->c, slot, EINVAL,
			"invalid configuration: unified needs cgroup v2, but no cgroup2 file "
			"system is mounted");
	if (!controller)
		return error_set(r->c->err, ENOMEM, "compile linux.resources.unified");
	if (strcmp(controller, "cgroup") != 0) {
		if (cgroup_find(r->spec->layout, controller, true) < 0)
			return plan_refuse(r->c, slot, ENODEV,
				"invalid configuration: the requested cgroup controller `%s` is "
				"not available in "
				"cgroup v2%s",
				controller,
				cgroup_find(r->spec->layout, controller, false) >= 0
					? " (a v1 hierarchy has it)"
					: "");
		resource_enable(r, controller);
	}
	resource_add(r, (size_t)v2, file, value, slot)->verbatim = true;
	return 0;
}

int resource_unified(struct resource_compile *r)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < r->resources->unified.len; i++) {
		const struct oci_string_entry *entry = &r->resources->unified.items[i];

		result = add_unified(r, entry->key, entry->value, &entry->value);
	}
	return result;
}
