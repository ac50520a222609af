/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device rules as systemd's properties DevicePolicy and DeviceAllow (systemd.resource-control(5)). */
#include "cgroup/systemd.h"

#include <errno.h>
#include <linux/bpf.h>

#include "cgroup/resources.h"

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
