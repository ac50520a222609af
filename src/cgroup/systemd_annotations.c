/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Annotations org.systemd.property.NAME. Whoever writes a config, or a pod that becomes one, reaches
 * the host's systemd through them, so only what concerns the scope alone is allowed: nothing that
 * starts or stops other units, runs a program or acts on the machine (CVE-2024-3154).
 */
#include "cgroup/systemd.h"

#include <errno.h>
#include <string.h>

#include "plan/compile.h"

#define PREFIX "org.systemd.property."

static const struct allowed {
	const char *name;
	enum systemd_type type;
} allowed[] = {
	/* what is waited for, and for how long */
	{ "After", SYSTEMD_STRINGS },
	{ "Before", SYSTEMD_STRINGS },
	{ "CollectMode", SYSTEMD_STRING },
	{ "DefaultDependencies", SYSTEMD_BOOLEAN },
	{ "Documentation", SYSTEMD_STRINGS },
	{ "RuntimeMaxUSec", SYSTEMD_UINT64 },
	{ "TimeoutStopUSec", SYSTEMD_UINT64 },
	/* how its processes are ended */
	{ "FinalKillSignal", SYSTEMD_INT32 },
	{ "KillMode", SYSTEMD_STRING },
	{ "KillSignal", SYSTEMD_INT32 },
	{ "OOMPolicy", SYSTEMD_STRING },
	{ "SendSIGHUP", SYSTEMD_BOOLEAN },
	{ "SendSIGKILL", SYSTEMD_BOOLEAN },
	/* systemd.resource-control(5) */
	{ "AllowedCPUs", SYSTEMD_BYTES },
	{ "AllowedMemoryNodes", SYSTEMD_BYTES },
	{ "CPUAccounting", SYSTEMD_BOOLEAN },
	{ "CPUQuotaPerSecUSec", SYSTEMD_UINT64 },
	{ "CPUQuotaPeriodUSec", SYSTEMD_UINT64 },
	{ "CPUWeight", SYSTEMD_UINT64 },
	{ "IOAccounting", SYSTEMD_BOOLEAN },
	{ "IOWeight", SYSTEMD_UINT64 },
	{ "IPAccounting", SYSTEMD_BOOLEAN },
	{ "ManagedOOMMemoryPressure", SYSTEMD_STRING },
	{ "ManagedOOMMemoryPressureLimit", SYSTEMD_UINT32 },
	{ "ManagedOOMPreference", SYSTEMD_STRING },
	{ "ManagedOOMSwap", SYSTEMD_STRING },
	{ "MemoryAccounting", SYSTEMD_BOOLEAN },
	{ "MemoryHigh", SYSTEMD_UINT64 },
	{ "MemoryLow", SYSTEMD_UINT64 },
	{ "MemoryMax", SYSTEMD_UINT64 },
	{ "MemoryMin", SYSTEMD_UINT64 },
	{ "MemorySwapMax", SYSTEMD_UINT64 },
	{ "StartupCPUWeight", SYSTEMD_UINT64 },
	{ "StartupIOWeight", SYSTEMD_UINT64 },
	{ "TasksAccounting", SYSTEMD_BOOLEAN },
	{ "TasksMax", SYSTEMD_UINT64 },
};

static const char *const type_examples[] = {
	[SYSTEMD_BOOLEAN] = "true or false",
	[SYSTEMD_INT32] = "a number, as in int32 15",
	[SYSTEMD_UINT32] = "a number, as in uint32 10",
	[SYSTEMD_UINT64] = "a number, as in uint64 1000",
	[SYSTEMD_STRING] = "a string in quotes, as in 'inactive'",
	[SYSTEMD_STRINGS] = "a list of strings, as in ['a.service', 'b.service']",
	[SYSTEMD_BYTES] = "a list of bytes, as in [byte 0x03]",
};

static bool ends_with(const char *text, size_t length, const char *end)
{
	return length >= strlen(end) && memcmp(text + length - strlen(end), end, strlen(end)) == 0;
}

/* Spans are also known by the names of unit files: "TimeoutStopSec" in seconds. */
static const struct allowed *find_allowed(const char *name, uint64_t *scale)
{
	size_t length = strlen(name);
	bool seconds = ends_with(name, length, "Sec") && !ends_with(name, length, "USec");

	*scale = seconds ? 1000000 : 1;
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		const char *other = allowed[i].name;

		if (!seconds && strcmp(other, name) == 0)
			return &allowed[i];
		if (seconds && strlen(other) == length + 1 && memcmp(other, name, length - 3) == 0 &&
			strcmp(other + length - 3, "USec") == 0)
			return &allowed[i];
	}
	return NULL;
}

static int add_annotation(
	struct compile *c, const struct oci_string_entry *entry, struct systemd_properties *properties)
{
	const char *name = entry->key + strlen(PREFIX);
	uint64_t scale;
	const struct allowed *found = find_allowed(name, &scale);
	struct systemd_property *property;
	int r;

	if (!found)
		return plan_refuse(c, &entry->value, EPERM,
			"%s is no property of systemd that an annotation may set: only those that concern the container's scope alone are (silo(8) lists them)",
			name);
	property = systemd_add(c->arena, properties, found->name, found->type);
	if (!property)
		return error_set(c->err, ENOMEM, "compile the annotation %s", entry->key);
	property->pointer = plan_pointer(c, &entry->value, &property->line);
	r = systemd_parse_value(c->arena, entry->value, scale, property);
	if (r == -ENOMEM)
		return error_set(c->err, ENOMEM, "compile the annotation %s", entry->key);
	if (r < 0)
		return plan_refuse(c, &entry->value, -r, "\"%s\" is no value for %s: it must be %s%s",
			entry->value, name, type_examples[found->type],
			r == -ERANGE ? ", and within its range" : "");
	return 0;
}

int systemd_add_annotations(struct compile *c, struct systemd_properties *properties)
{
	const struct oci_string_map *map = &c->config->annotations;
	int r = 0;

	for (size_t i = 0; r == 0 && i < map->len; i++) {
		if (strncmp(map->items[i].key, PREFIX, strlen(PREFIX)) == 0)
			r = add_annotation(c, &map->items[i], properties);
	}
	return r;
}
