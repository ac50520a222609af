/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device rules for v1's devices.allow and devices.deny. The kernel keeps a
 * default and a list of exceptions from it, and takes an exception back only
 * when it is named exactly: so the list is followed here, and a rule that
 * takes back several exceptions becomes several lines (cgroup-v1/devices.rst).
 */
#include "cgroup/resources.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the kernel has after the lines so far. */
struct device_list {
	struct resource_compile *r;
	size_t hierarchy;
	bool allow; /* the default */
	struct device_rule *exceptions;
	size_t count;
	bool silent; /* only follow the list: no lines */
};

static const char *number_text(long long number, char *buffer, size_t size)
{
	if (number < 0)
		return "*";
	snprintf(buffer, size, "%lld", number);
	return buffer;
}

static void add_line(struct device_list *list, const struct device_rule *rule, unsigned access,
	bool allow, const void *slot)
{
	char major[24], minor[24];
	const char *line;

	if (list->silent)
		return;
	line = oci_arena_printf(list->r->c->arena, "%c %s:%s %s%s%s", rule->type,
		number_text(rule->major, major, sizeof(major)),
		number_text(rule->minor, minor, sizeof(minor)),
		access & BPF_DEVCG_ACC_READ ? "r" : "", access & BPF_DEVCG_ACC_WRITE ? "w" : "",
		access & BPF_DEVCG_ACC_MKNOD ? "m" : "");

	resource_add(
		list->r, list->hierarchy, allow ? "devices.allow" : "devices.deny", line, slot);
}

/* One number of a rule against an exception's. */
static bool covers(long long rule, long long exception)
{
	return rule < 0 || rule == exception;
}

static bool overlaps(long long rule, long long exception)
{
	return rule < 0 || exception < 0 || rule == exception;
}

static int take_back(struct device_list *list, const struct device_rule *rule)
{
	for (size_t i = 0; i < list->count; i++) {
		struct device_rule *exception = &list->exceptions[i];
		unsigned access = exception->access & rule->access;

		if (exception->type != rule->type || !access ||
			!overlaps(rule->major, exception->major) ||
			!overlaps(rule->minor, exception->minor))
			continue;
		bool whole = covers(rule->major, exception->major) && covers(rule->minor, exception->minor);

		/* A node that may be made, but not opened, gives nothing away: the default "c *:* m" stays. */
		if (!whole && access == BPF_DEVCG_ACC_MKNOD)
			continue;
		if (!whole)
			return plan_refuse(list->r->c, rule->slot, ENOTSUP,
				"cgroup v1 cannot %s a part of the devices that an earlier rule %s "
				"as a whole",
				rule->allow ? "allow" : "deny", rule->allow ? "denies" : "allows");
		add_line(list, exception, access, rule->allow, rule->slot);
		exception->access &= ~access;
	}
	return 0;
}

/* A rule for 'b' or 'c'. */
static int add_rule(struct device_list *list, const struct device_rule *rule)
{
	if (rule->allow == list->allow)
		return take_back(list, rule);
	add_line(list, rule, rule->access, rule->allow, rule->slot);
	for (size_t i = 0; i < list->count; i++) {
		struct device_rule *exception = &list->exceptions[i];

		if (exception->type == rule->type && exception->major == rule->major &&
			exception->minor == rule->minor) {
			exception->access |= rule->access; /* the kernel joins them */
			return 0;
		}
	}
	list->exceptions[list->count++] = *rule;
	return 0;
}

static void add_default(struct device_list *list, bool allow, const void *slot)
{
	if (!list->silent)
		resource_add(list->r, list->hierarchy, allow ? "devices.allow" : "devices.deny", "a", slot);
	list->allow = allow;
	list->count = 0;
}

/* One line of devices.list: "c 1:3 rwm", or "a *:* rwm" where the default is to allow. */
static void read_line(struct device_list *list, const char *line)
{
	struct device_rule *rule = &list->exceptions[list->count];
	char major[16], minor[16], access[8];

	if (sscanf(line, "%c %15[^:]:%15s %7s", &rule->type, major, minor, access) != 4)
		return;
	if (rule->type == 'a') {
		list->allow = true;
		return;
	}
	rule->major = *major == '*' ? -1 : atoll(major);
	rule->minor = *minor == '*' ? -1 : atoll(minor);
	rule->access = (strchr(access, 'r') ? BPF_DEVCG_ACC_READ : 0) |
		       (strchr(access, 'w') ? BPF_DEVCG_ACC_WRITE : 0) |
		       (strchr(access, 'm') ? BPF_DEVCG_ACC_MKNOD : 0);
	list->count++;
}

static unsigned listed_access(const struct device_list *list, const struct device_rule *rule)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct device_rule *exception = &list->exceptions[i];

		if (exception->type == rule->type && exception->major == rule->major &&
			exception->minor == rule->minor)
			return exception->access;
	}
	return 0;
}

/*
 * The lines that bring back what the kernel has now: another default makes it forget all exceptions. Those from
 * allowing everything it does not even show, but the container's config has them.
 */
static int remember(struct device_list *wanted, const struct device_list *now)
{
	struct cgroup_spec *spec = wanted->r->spec, lines = { .layout = spec->layout };
	struct resource_compile r = { .c = wanted->r->c, .resources = spec->before, .spec = &lines };
	struct device_list list = { .r = &r, .hierarchy = wanted->hierarchy };
	struct device_rule *rules;
	size_t count = 0;
	int result = 0;

	add_default(&list, now->allow, NULL);
	for (size_t i = 0; i < now->count; i++)
		add_line(&list, &now->exceptions[i], now->exceptions[i].access, true, NULL);
	if (now->allow && spec->before) {
		result = device_rules(&r, &rules, &count);
		if (result == 0)
			result = device_rules_v1(&r, rules, count, wanted->hierarchy);
	}
	spec->device_undo = lines.settings;
	spec->device_undo_count = lines.setting_count;
	return result;
}

/*
 * From what the kernel has to what is wanted, by the difference: what stays
 * allowed is so all the while. New exceptions come before old ones go.
 */
static int change(struct device_list *wanted, const char *text)
{
	const void *slot = &wanted->r->resources->devices;
	struct device_list now = { .r = wanted->r, .hierarchy = wanted->hierarchy };
	size_t lines = 1;

	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	now.exceptions = oci_arena_alloc(wanted->r->c->arena, lines * sizeof(*now.exceptions));
	if (!now.exceptions)
		return error_set(wanted->r->c->err, ENOMEM, "compile linux.resources.devices");
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		read_line(&now, text);
	/* What is excepted from allowing everything is not shown: start anew. */
	if (now.allow != wanted->allow || now.allow) {
		int result = remember(wanted, &now);

		if (result < 0)
			return result;
		add_default(&now, wanted->allow, slot);
	}
	for (size_t i = 0; i < wanted->count; i++) {
		const struct device_rule *rule = &wanted->exceptions[i];
		unsigned missing = rule->access & ~listed_access(&now, rule);

		if (missing)
			add_line(&now, rule, missing, !wanted->allow, rule->slot);
	}
	for (size_t i = 0; i < now.count; i++) {
		const struct device_rule *rule = &now.exceptions[i];
		unsigned excess = rule->access & ~listed_access(wanted, rule);

		if (excess)
			add_line(&now, rule, excess, wanted->allow, slot);
	}
	return 0;
}

int device_rules_v1(
	struct resource_compile *r, const struct device_rule *rules, size_t count, size_t hierarchy)
{
	struct device_list list = { .r = r, .hierarchy = hierarchy, .allow = true,
		.silent = r->spec->device_list != NULL };
	int result = 0;

	list.exceptions = oci_arena_alloc(r->c->arena, 2 * count * sizeof(*list.exceptions));
	if (!list.exceptions)
		return error_set(r->c->err, ENOMEM, "compile linux.resources.devices");
	for (size_t i = 0; result == 0 && i < count; i++) {
		struct device_rule rule = rules[i];

		if (device_rule_for_all(&rule)) {
			add_default(&list, rule.allow, rule.slot);
			continue;
		}
		for (const char *type = rules[i].type == 'c' ? "c" : "bc"; result == 0 && *type;
			type++) {
			rule.type = *type;
			if (rules[i].type == 'b' && *type == 'c')
				break;
			result = add_rule(&list, &rule);
		}
	}
	return result < 0 || !list.silent ? result : change(&list, r->spec->device_list);
}
