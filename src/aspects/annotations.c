/* SPDX-License-Identifier: GPL-2.0-or-later */
/* annotations (ANN-*): the ones we know; what has no effect is said, never refused (GEN-04). */
#include "aspects/annotations.h"

#include <string.h>

#include "aspects/aspects.h"
#include "aspects/id_mappings.h"
#include "aspects/mounts.h"
#include "cgroup/systemd.h"

static const char needs_systemd[] = "it needs the systemd cgroup manager";

const struct annotation annotations[] = {
	{ "krun.", "there is no handler for virtual machines" },
	{ "module.wasm.image/variant", "there is no handler for WebAssembly" },
	{ "org.criu.config", "checkpoint and restore are not supported" },
	{ "org.systemd.property.", needs_systemd },
	{ "run.oci.delegate-cgroup", "sub-cgroups are not made by this version of silo" },
	{ "run.oci.handler", "there are no handlers other than the program itself" },
	{ HOOKS_STDERR, NULL },
	{ HOOKS_STDOUT, NULL },
	{ MOUNT_CONTEXT_TYPE, NULL },
	{ KEEP_GROUPS_ANNOTATION, NULL },
	{ "run.oci.pidfd_receiver", NULL },
	{ "run.oci.seccomp.plugins", "plugins are not loaded: name an agent's socket by run.oci.seccomp.receiver" },
	{ "run.oci.seccomp.receiver", NULL },
	{ "run.oci.seccomp_bpf_data", NULL },
	{ "run.oci.seccomp_fail_unknown_syscall", NULL },
	{ "run.oci.systemd.force_cgroup_v1", "the host's cgroups are used as they are mounted" },
	{ SYSTEMD_SUBGROUP, needs_systemd },
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

int aspect_annotations(struct compile *c)
{
	const struct oci_string_map *map = &c->config->annotations;

	for (size_t i = 0; i < map->len; i++) {
		for (size_t k = 0; k < annotation_count; k++) {
			const char *missing = annotations[k].missing;

			if (missing == needs_systemd && c->options->systemd)
				continue;
			if (missing && matches(&annotations[k], map->items[i].key))
				plan_warn(c, "annotation %s has no effect: %s", map->items[i].key, missing);
		}
	}
	return 0;
}
