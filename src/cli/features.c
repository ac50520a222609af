/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What silo can do, from the tables that do it; depends on the build alone (FEA-02). */
#include <ctype.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

#include "aspects/annotations.h"
#include "aspects/mount_options.h"
#include "aspects/seccomp.h"
#include "cli/cli.h"
#include "libocispec/ocispec.h"
#include "util/libsystemd.h"
#include "util/version.h"

static const struct cli_option no_options[] = {
	{ 0 },
};

static const char *hook_names[] = { "prestart", "createRuntime", "createContainer",
	"startContainer", "poststart", "poststop" };

static const bool yes = true, no = false;

/* Lists of enum values look alike, whichever the enum. */
struct value_list {
	size_t len;
	const int *items;
};

_Static_assert(sizeof(struct value_list) == sizeof(struct oci_seccomp_arch_list) &&
		sizeof(int) == sizeof(enum oci_seccomp_arch),
	"lists of enum values are lists of int");

/* Fills a list with the values of its enum, or with those that @known says yes to; 0 is "absent". */
static void add_values(const struct oci_enum *e, bool (*known)(int), struct oci_arena *arena,
	void *list)
{
	int *items = oci_arena_alloc(arena, e->count * sizeof(*items));
	struct value_list values = { 0, items };

	for (int i = 1; items && (size_t)i < e->count; i++) {
		if (!known || known(i))
			items[values.len++] = i;
	}
	memcpy(list, &values, sizeof(values));
}

static struct oci_string_list mount_words(struct oci_arena *arena)
{
	const char **items = oci_arena_alloc(arena, (mount_option_count + 1) * sizeof(*items));

	for (size_t i = 0; items && i < mount_option_count; i++)
		items[i] = mount_options[i].name;
	return (struct oci_string_list){ items ? mount_option_count : 0, items };
}

/* What changes what is done, and what would if it were supported (FEA-09). */
static struct oci_string_list annotation_keys(struct oci_arena *arena)
{
	const char **items = oci_arena_alloc(arena, (annotation_count + 1) * sizeof(*items));

	for (size_t i = 0; items && i < annotation_count; i++)
		items[i] = annotations[i].key;
	return (struct oci_string_list){ items ? annotation_count : 0, items };
}

static bool knows_arch(int arch)
{
	return seccomp_arch(arch) != 0;
}

static const char *capability_name(int capability, struct oci_arena *arena)
{
	char *known = cap_to_name(capability), *copy = NULL;

	if (known)
		copy = oci_arena_strdup(arena, known);
	cap_free(known);
	for (char *c = copy; c && *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return copy;
}

static struct oci_string_list capability_list(struct oci_arena *arena)
{
	struct oci_string_list list = { 0 };

	list.items = oci_arena_alloc(arena, (CAP_LAST_CAP + 2) * sizeof(*list.items));
	for (int i = 0; list.items && i <= CAP_LAST_CAP; i++) {
		const char *name = capability_name(i, arena);

		/* A number is all that an older library knows of a newer capability. */
		if (name && strncmp(name, "CAP_", 4) == 0)
			list.items[list.len++] = name;
	}
	return list;
}

static const struct oci_features_apparmor apparmor = { .enabled = &yes };
static const struct oci_features_selinux selinux = { .enabled = &yes };
static const struct oci_features_intel_rdt intel_rdt = { .enabled = &yes, .schemata = &yes,
	.monitoring = &yes };
static const struct oci_features_idmap idmap = { .enabled = &yes };
static const struct oci_features_mount_extensions mount_extensions = { .idmap = &idmap };
static const struct oci_features_net_devices net_devices = { .enabled = &yes };

static void add_lists(struct oci_arena *arena, struct oci_features_seccomp *seccomp,
	struct oci_features_memory_policy *memory_policy, struct oci_features_linux *os)
{
	add_values(&oci_seccomp_action_enum, NULL, arena, &seccomp->actions);
	add_values(&oci_seccomp_op_enum, NULL, arena, &seccomp->operators);
	add_values(&oci_seccomp_arch_enum, knows_arch, arena, &seccomp->archs);
	add_values(&oci_seccomp_flag_enum, NULL, arena, &seccomp->knownFlags);
	add_values(&oci_seccomp_flag_enum, NULL, arena, &seccomp->supportedFlags);
	add_values(&oci_memory_policy_mode_enum, NULL, arena, &memory_policy->modes);
	add_values(&oci_memory_policy_flag_enum, NULL, arena, &memory_policy->flags);
	add_values(&oci_namespace_type_enum, NULL, arena, &os->namespaces);
	os->capabilities = capability_list(arena);
}

static int print(struct oci_arena *arena, struct error *err)
{
	struct oci_features_seccomp seccomp = { .enabled = &yes };
	struct oci_features_memory_policy memory_policy = { 0 };
	const bool *systemd = libsystemd_loadable() ? &yes : &no;
	const struct oci_features_cgroup cgroup = { .v1 = &yes, .v2 = &yes, .systemd = systemd,
		.systemdUser = systemd, .rdma = &yes };
	struct oci_features_linux os = { .cgroup = &cgroup, .seccomp = &seccomp,
		.apparmor = &apparmor, .selinux = &selinux, .intelRdt = &intel_rdt,
		.memoryPolicy = &memory_policy, .mountExtensions = &mount_extensions,
		.netDevices = &net_devices };
	struct oci_string_entry build[] = { { "silo.commit", SILO_COMMIT },
		{ "silo.version", SILO_VERSION } };
	const struct oci_features features = { .ociVersionMin = SILO_SPEC_VERSION_MIN,
		.ociVersionMax = SILO_SPEC_VERSION,
		.hooks = { sizeof(hook_names) / sizeof(hook_names[0]), hook_names },
		.mountOptions = mount_words(arena), .linux = &os, .annotations = { 2, build },
		.potentiallyUnsafeConfigAnnotations = annotation_keys(arena) };
	struct oci_error cause;
	const char *text;

	add_lists(arena, &seccomp, &memory_policy, &os);
	if (oci_write(&oci_features_type, &features, OCI_WRITE_PRETTY, arena, &text, NULL, &cause) < 0)
		return error_say(err, cause.code, "describe the features: %s: %s", cause.pointer,
			cause.message);
	puts(text);
	return cli_flush(err);
}

static int print_features(struct cli_call *call, struct error *err)
{
	struct oci_arena *arena = oci_arena_new();
	int r;

	(void)call;
	if (!arena)
		return error_set(err, ENOMEM, "describe the features");
	r = print(arena, err);
	oci_arena_free(arena);
	return r;
}

const struct cli_command cli_features = {
	.name = "features",
	.summary = "print what is supported",
	.usage = "",
	.options = no_options,
	.function = print_features,
};
