/* SPDX-License-Identifier: GPL-2.0-or-later */
/* annotations (ANN-*): the ones we know, and what is to become of those that have no effect. */
#include "aspects/annotations.h"

#include <errno.h>
#include <string.h>

#include "aspects/aspects.h"
#include "aspects/id_mappings.h"
#include "aspects/mounts.h"
#include "cgroup/systemd.h"

#define HANDLER "run.oci.handler"
/* Whatever begins so is meant for runtimes like this one. */
#define FAMILY "run.oci."

const struct annotation annotations[] = {
	{ CONTAINER_TYPE, ANNOTATION_APPLIED, NULL },
	{ "krun.", ANNOTATION_WARNED, "there is no handler for virtual machines" },
	{ "module.wasm.image/variant", ANNOTATION_WARNED,
		"there is no handler for WebAssembly, and a module runs only where the kernel's binfmt_misc knows it" },
	{ "org.criu.config", ANNOTATION_WARNED, "checkpoint and restore are not supported" },
	{ "org.systemd.property.", ANNOTATION_OF_SYSTEMD, "it needs the systemd cgroup manager" },
	{ DELEGATE_CGROUP, ANNOTATION_APPLIED, NULL },
	{ HANDLER, ANNOTATION_REFUSED,
		"there are no handlers, and without one the program would run on the host's kernel: leave the annotation out, or use a runtime that has the handler" },
	{ HOOKS_STDERR, ANNOTATION_APPLIED, NULL },
	{ HOOKS_STDOUT, ANNOTATION_APPLIED, NULL },
	{ MOUNT_CONTEXT_TYPE, ANNOTATION_APPLIED, NULL },
	{ KEEP_GROUPS_ANNOTATION, ANNOTATION_APPLIED, NULL },
	{ "run.oci.pidfd_receiver", ANNOTATION_APPLIED, NULL },
	{ "run.oci.seccomp.plugins", ANNOTATION_REFUSED,
		"plugins are not loaded into the runtime: name an agent's socket by listenerPath or run.oci.seccomp.receiver" },
	{ "run.oci.seccomp.receiver", ANNOTATION_APPLIED, NULL },
	{ "run.oci.seccomp_bpf_data", ANNOTATION_APPLIED, NULL },
	{ "run.oci.seccomp_fail_unknown_syscall", ANNOTATION_APPLIED, NULL },
	{ "run.oci.systemd.force_cgroup_v1", ANNOTATION_REFUSED,
		"the host's cgroups are shown as they are mounted: a v1 hierarchy of its own would have the whole host's in it" },
	{ SYSTEMD_SUBGROUP, ANNOTATION_OF_SYSTEMD, "it needs the systemd cgroup manager" },
	{ "run.oci.timens_offset", ANNOTATION_REFUSED, "clock offsets are given by linux.timeOffsets" },
};

const size_t annotation_count = sizeof(annotations) / sizeof(annotations[0]);

const char *const *annotation_slot(const struct oci_config *config, const char *key)
{
	const struct oci_string_map *map = &config->annotations;

	for (size_t i = 0; i < map->len; i++) {
		if (strcmp(map->items[i].key, key) == 0)
			return &map->items[i].value;
	}
	return NULL;
}

const char *annotation_find(const struct oci_string_map *map, const char *key)
{
	for (size_t i = 0; i < map->len; i++) {
		if (strcmp(map->items[i].key, key) == 0)
			return map->items[i].value;
	}
	return NULL;
}

const char *annotation_get(const struct oci_config *config, const char *key)
{
	return annotation_find(&config->annotations, key);
}

bool annotation_set(const struct oci_config *config, const char *key)
{
	const char *value = annotation_get(config, key);

	return value && strcmp(value, "0") != 0;
}

static bool matches(const struct annotation *annotation, const char *key)
{
	size_t length = strlen(annotation->key);

	if (annotation->key[length - 1] == '.')
		return strncmp(annotation->key, key, length) == 0;
	return strcmp(annotation->key, key) == 0;
}

static const struct annotation *find(const char *key)
{
	static const struct annotation unknown = { FAMILY, ANNOTATION_WARNED, "no such annotation is known" };

	for (size_t i = 0; i < annotation_count; i++) {
		if (matches(&annotations[i], key))
			return &annotations[i];
	}
	return strncmp(key, FAMILY, strlen(FAMILY)) == 0 ? &unknown : NULL;
}

/* A pod's annotations come with each of its containers. */
static bool is_sandbox(const struct compile *c)
{
	const char *type = annotation_get(c->config, CONTAINER_TYPE);

	return type && strcmp(type, "sandbox") == 0;
}

int aspect_annotations(struct compile *c)
{
	const struct oci_string_map *map = &c->config->annotations;

	for (size_t i = 0; i < map->len; i++) {
		const struct oci_string_entry *entry = &map->items[i];
		const struct annotation *annotation = find(entry->key);

		if (!annotation || !*entry->value || annotation->effect == ANNOTATION_APPLIED ||
			(annotation->effect == ANNOTATION_OF_SYSTEMD && c->options->systemd) ||
			(strcmp(annotation->key, HANDLER) == 0 && is_sandbox(c)))
			continue;
		if (annotation->effect == ANNOTATION_REFUSED)
			return plan_refuse(c, &entry->value, ENOTSUP, "annotation %s: %s", entry->key,
				annotation->missing);
		plan_warn(c, "annotation %s has no effect: %s", entry->key, annotation->missing);
	}
	return 0;
}
