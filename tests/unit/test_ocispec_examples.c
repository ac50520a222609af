/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The specification's own examples: good ones survive reading and writing, bad ones are refused. */
#include <yajl/yajl_tree.h>

#include "ocispec_help.h"

struct example {
	const struct oci_type *type;
	const char *file;
	/* Pointers of what is not written again: not ours (GEN-03, GEN-08), or a default. */
	const char *dropped[8];
};

static const struct example good[] = {
	{ &oci_config_type, "oci-schema/config/good/minimal.json", { NULL } },
	{ &oci_config_type, "oci-schema/config/good/minimal-for-start.json", { NULL } },
	{ &oci_config_type, "oci-schema/config/good/linux-rdma.json", { NULL } },
	{ &oci_config_type, "oci-schema/config/good/linux-netdevice.json", { NULL } },
	{ &oci_config_type, "oci-schema/config/good/spec-example.json",
		{ "/linux/resources/memory/checkBeforeUpdate",
			"/linux/resources/memory/disableOOMKiller", "/linux/resources/oomScoreAdj",
			"/linux/timeOffsets/monotonic/nanosecs",
			"/linux/timeOffsets/boottime/nanosecs" } },
	{ &oci_config_type, "oci-schema/config/good/freebsd-minimal.json", { "/freebsd" } },
	{ &oci_config_type, "oci-schema/config/good/freebsd-example.json", { "/freebsd" } },
	{ &oci_config_type, "oci-schema/config/good/zos-minimal.json", { "/zos" } },
	{ &oci_config_type, "oci-schema/config/good/zos-example.json", { "/zos" } },
	{ &oci_features_type, "oci-schema/features/good/minimal.json", { NULL } },
	{ &oci_features_type, "oci-schema/features/good/runc.json", { NULL } },
	{ &oci_state_type, "oci-schema/state/good/spec-example.json", { NULL } },
	{ &oci_config_type, "ocispec/runc-spec.json", { NULL } },
	{ &oci_state_type, "ocispec/runc-state.json", { NULL } },
};

static bool is_dropped(const struct example *example, const char *pointer)
{
	for (size_t i = 0; i < 8 && example->dropped[i] != NULL; i++)
		if (strcmp(example->dropped[i], pointer) == 0)
			return true;
	return false;
}

static void compare(const struct example *, yajl_val, yajl_val, const char *);

static void compare_objects(
	const struct example *example, yajl_val a, yajl_val b, const char *pointer)
{
	char inner[512];
	size_t dropped = 0;

	for (size_t i = 0; i < a->u.object.len; i++) {
		const char *key = a->u.object.keys[i], *path[] = { key, NULL };
		yajl_val other = yajl_tree_get(b, path, yajl_t_any);

		snprintf(inner, sizeof(inner), "%s/%s", pointer, key);
		if (is_dropped(example, inner)) {
			cr_expect(other == NULL, "%s: %s was written", example->file, inner);
			dropped++;
			continue;
		}
		cr_assert(other != NULL, "%s: %s is lost", example->file, inner);
		compare(example, a->u.object.values[i], other, inner);
	}
	cr_expect(b->u.object.len + dropped == a->u.object.len, "%s: %s grew", example->file,
		pointer);
}

/* Whether what was written (@b) says the same as what was read (@a). */
static void compare(const struct example *example, yajl_val a, yajl_val b, const char *pointer)
{
	char inner[512];

	cr_assert(a->type == b->type, "%s: %s changed its type", example->file, pointer);
	if (YAJL_IS_OBJECT(a)) {
		compare_objects(example, a, b, pointer);
	} else if (YAJL_IS_ARRAY(a)) {
		cr_assert(a->u.array.len == b->u.array.len, "%s: %s changed its length",
			example->file, pointer);
		for (size_t i = 0; i < a->u.array.len; i++) {
			snprintf(inner, sizeof(inner), "%s/%zu", pointer, i);
			compare(example, a->u.array.values[i], b->u.array.values[i], inner);
		}
	} else if (YAJL_IS_STRING(a)) {
		cr_expect_str_eq(a->u.string, b->u.string, "%s: %s", example->file, pointer);
	} else if (YAJL_IS_NUMBER(a)) {
		cr_expect_str_eq(a->u.number.r, b->u.number.r, "%s: %s", example->file, pointer);
	}
}

static void check_good(const struct example *example, const char *text)
{
	struct oci_document *first = read_good(example->type, text), *second;
	const char *once, *twice;
	yajl_val a, b;

	cr_assert(oci_write(example->type, first->root, OCI_WRITE_PRETTY, first->arena, &once, NULL,
			  NULL) == 0);
	second = read_good(example->type, once);
	cr_assert(oci_write(example->type, second->root, OCI_WRITE_PRETTY, second->arena, &twice,
			  NULL, NULL) == 0);
	cr_expect_str_eq(once, twice, "%s", example->file);
	a = yajl_tree_parse(text, NULL, 0);
	b = yajl_tree_parse(once, NULL, 0);
	cr_assert(a != NULL && b != NULL);
	compare(example, a, b, "");
	yajl_tree_free(a);
	yajl_tree_free(b);
	oci_document_free(second);
	oci_document_free(first);
}

Test(ocispec_examples, good_ones_survive)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char *text = slurp(good[i].file);

		check_good(&good[i], text);
		free(text);
	}
}

Test(ocispec_examples, bad_ones_are_refused)
{
	static const struct {
		const struct oci_type *type;
		const char *file, *pointer;
		unsigned line;
	} bad[] = {
		{ &oci_config_type, "oci-schema/config/bad/invalid-json.json", "", 1 },
		{ &oci_config_type, "oci-schema/config/bad/linux-hugepage.json",
			"/linux/resources/hugepageLimits/0/pageSize", 11 },
		{ &oci_config_type, "oci-schema/config/bad/linux-netdevice.json",
			"/linux/netDevices/eth0/name", 9 },
		{ &oci_config_type, "oci-schema/config/bad/linux-rdma.json",
			"/linux/resources/rdma/mlx5_1/hcaHandles", 10 },
		{ &oci_features_type, "oci-schema/features/bad/missing-ociVersionMax.json", "", 1 },
		{ &oci_state_type, "oci-schema/state/bad/invalid-json.json", "", 1 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *text = slurp(bad[i].file);
		struct oci_document *document = NULL;
		struct oci_error err;

		cr_expect(oci_read(bad[i].type, text, strlen(text), 0, &document, &err) == -EINVAL,
			"%s", bad[i].file);
		cr_expect(document == NULL);
		cr_expect_str_eq(err.pointer, bad[i].pointer, "%s", bad[i].file);
		cr_expect(err.line == bad[i].line, "%s: line %u", bad[i].file, err.line);
		free(text);
	}
}

/* GEN-08, PLT-02: bad for FreeBSD, but that section is not ours. */
Test(ocispec_examples, other_platforms_are_ignored)
{
	char *text = slurp("oci-schema/config/bad/freebsd-vnet-disable.json");

	oci_document_free(read_good(&oci_config_type, text));
	free(text);
}
