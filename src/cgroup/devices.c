/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.resources.devices: the rules as v1 and v2 share them (RDV-01..RDV-06). */
#include "cgroup/resources.h"
#include "cgroup/systemd.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#define ACCESS_ALL (BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE)

/* What stays allowed when all is denied, as runc and crun have it. */
static const struct device_rule default_rules[] = {
	{ true, 'c', -1, -1, BPF_DEVCG_ACC_MKNOD, NULL }, /* a node alone opens nothing */
	{ true, 'b', -1, -1, BPF_DEVCG_ACC_MKNOD, NULL },
	{ true, 'c', 1, 3, ACCESS_ALL, NULL },	  /* null */
	{ true, 'c', 1, 5, ACCESS_ALL, NULL },	  /* zero */
	{ true, 'c', 1, 7, ACCESS_ALL, NULL },	  /* full */
	{ true, 'c', 1, 8, ACCESS_ALL, NULL },	  /* random */
	{ true, 'c', 1, 9, ACCESS_ALL, NULL },	  /* urandom */
	{ true, 'c', 5, 0, ACCESS_ALL, NULL },	  /* tty */
	{ true, 'c', 5, 2, ACCESS_ALL, NULL },	  /* ptmx */
	{ true, 'c', 136, -1, ACCESS_ALL, NULL }, /* pts/N, of which console is one */
};

#define DEFAULT_COUNT (sizeof(default_rules) / sizeof(default_rules[0]))

static int read_access(
	struct resource_compile *r, const struct oci_device_rule *entry, unsigned *ret)
{
	*ret = 0;
	if (!entry->access || !*entry->access) {
		*ret = ACCESS_ALL;
		return 0;
	}
	for (const char *p = entry->access; *p; p++) {
		if (*p == 'r')
			*ret |= BPF_DEVCG_ACC_READ;
		else if (*p == 'w')
			*ret |= BPF_DEVCG_ACC_WRITE;
		else if (*p == 'm')
			*ret |= BPF_DEVCG_ACC_MKNOD;
		else
			return plan_refuse(r->c, &entry->access, EINVAL,
				"access \"%s\" may only have the letters r, w and m",
				entry->access);
	}
	return 0;
}

static int read_number(
	struct resource_compile *r, const int64_t *const *slot, const char *name, long long *ret)
{
	*ret = *slot ? **slot : -1;
	if (*ret < -1 || *ret > UINT32_MAX)
		return plan_refuse(r->c, slot, ERANGE,
			"%s number %lld is not within -1..4294967295", name, *ret);
	return 0;
}

static int read_rule(
	struct resource_compile *r, const struct oci_device_rule *entry, struct device_rule *ret)
{
	int result = read_access(r, entry, &ret->access);

	ret->allow = entry->allow;
	ret->slot = &entry->allow;
	switch (entry->type) {
	case OCI_DEVICE_C:
	case OCI_DEVICE_U:
		ret->type = 'c';
		break;
	case OCI_DEVICE_B:
		ret->type = 'b';
		break;
	case OCI_DEVICE_P:
		return plan_refuse(
			r->c, &entry->type, EINVAL, "type must be one of \"a\", \"c\", \"b\"");
	default:
		ret->type = 'a';
		break;
	}
	if (result == 0)
		result = read_number(r, &entry->major, "major", &ret->major);
	return result < 0 ? result : read_number(r, &entry->minor, "minor", &ret->minor);
}

bool device_rule_for_all(const struct device_rule *rule)
{
	return rule->type == 'a' && rule->major < 0 && rule->minor < 0 &&
	       rule->access == ACCESS_ALL;
}

int device_rules(struct resource_compile *r, struct device_rule **ret, size_t *count)
{
	const struct oci_device_rule_list *list = &r->resources->devices;
	struct device_rule *rules =
		oci_arena_alloc(r->c->arena, list->len * (1 + DEFAULT_COUNT) * sizeof(*rules));

	if (!rules)
		return error_set(r->c->err, ENOMEM, "compile linux.resources.devices");
	*ret = rules;
	*count = 0;
	for (size_t i = 0; i < list->len; i++) {
		struct device_rule *rule = &rules[(*count)++];
		int result = read_rule(r, list->items[i], rule);

		if (result < 0)
			return result;
		if (!device_rule_for_all(rule))
			continue;
		/* Nothing before it counts any more. */
		rules[0] = *rule;
		*count = 1;
		if (rule->allow)
			continue;
		for (size_t k = 0; k < DEFAULT_COUNT; k++) {
			rules[*count] = default_rules[k];
			rules[(*count)++].slot = rules[0].slot;
		}
	}
	return 0;
}

/*
 * Where all but the defaults is denied, nodes may be made, and a rule for one device takes that back in v1 no more
 * than in runc (its "c *:* m" stays): a node that cannot be opened gives nothing away, and Docker denies
 * /dev/fuse before it allows it for reading and writing.
 */
static void let_nodes_be_made(struct device_rule *rules, size_t count)
{
	for (size_t i = 1; i < count && !rules[0].allow && device_rule_for_all(&rules[0]); i++) {
		if (!rules[i].allow && (rules[i].major >= 0 || rules[i].minor >= 0))
			rules[i].access &= ~(unsigned)BPF_DEVCG_ACC_MKNOD;
	}
}

int resource_devices(struct resource_compile *r)
{
	static const struct resource_target v1 = { "devices", NULL, NULL };
	struct cgroup_spec *spec = r->spec;
	struct device_rule *rules;
	ssize_t hierarchy;
	size_t count;
	int result;

	if (!r->resources->devices.len)
		return 0;
	result = device_rules(r, &rules, &count);
	if (result == 0 && spec->scope && !spec->scope->unit.user)
		result = systemd_add_devices(r->c->arena, rules, count, &spec->scope->properties, r->c->err);
	if (result < 0)
		return result;
	/* Only root of the initial user namespace can apply them; nobody else can make device nodes, either. */
	if (r->c->host->euid != 0 || r->c->host->in_user_namespace)
		return 0;
	hierarchy = cgroup_find(spec->layout, v1.controller, false);
	if (hierarchy >= 0)
		return device_rules_v1(r, rules, count, (size_t)hierarchy);
	if (cgroup_find(spec->layout, "", true) < 0)
		return plan_refuse(r->c, &r->resources->devices, ENODEV,
			"devices cannot be applied: neither cgroup v2 nor v1's devices controller "
			"is mounted");
	let_nodes_be_made(rules, count);
	spec->device_pointer = plan_pointer(r->c, &r->resources->devices, &spec->device_line);
	if (device_program(r->c->arena, rules, count, (void **)&spec->device_program,
		    &spec->device_program_length) < 0)
		r->c->out_of_memory = true;
	return 0;
}
