/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where values come from. */
#include <time.h>

#include "ocispec_help.h"

static void expect(const struct oci_document *document, const void *slot, const char *pointer,
	unsigned line, unsigned column)
{
	struct oci_location location;

	cr_assert(oci_locate(document, slot, &location), "%s is not found", pointer);
	cr_expect_str_eq(location.pointer, pointer);
	cr_expect(location.line == line && location.column == column, "%s: at %u:%u", pointer,
		location.line, location.column);
}

Test(ocispec_locate, every_kind_of_slot)
{
	struct oci_document *document = read_good(&oci_config_type,
		"{\"ociVersion\": \"1.3.0\",\n"
		" \"root\": {\"path\": \"r\", \"readonly\": true},\n"
		" \"process\": {\"cwd\": \"/\\u0041\", \"args\": [\"sh\",\n"
		"   \"-c\"], \"oomScoreAdj\": 1,\n"
		"   \"rlimits\": [{\"type\": \"RLIMIT_CPU\", \"soft\": 1, \"hard\": 2}]},\n"
		" \"annotations\": {\"a\": null, \"x/y~z\": \"v\"},\n"
		" \"linux\": {\"resources\": {\"rdma\": {\"m\": {\"hcaObjects\": 1}}},\n"
		"  \"seccomp\": {\"defaultAction\": \"SCMP_ACT_LOG\",\n"
		"   \"flags\": [\"SECCOMP_FILTER_FLAG_TSYNC\", \"SECCOMP_FILTER_FLAG_LOG\"]}}}");
	const struct oci_config *config = document->root;
	const struct oci_process *process = config->process;
	const struct oci_rdma_map *rdma = &config->linux->resources->rdma;
	struct oci_location location;

	expect(document, &config->ociVersion, "/ociVersion", 1, 16);
	expect(document, &config->root, "/root", 2, 10);
	expect(document, &config->root->readonly, "/root/readonly", 2, 36);
	expect(document, &process->cwd, "/process/cwd", 3, 21);
	expect(document, &process->args, "/process/args", 3, 40);
	expect(document, &process->args.items[0], "/process/args/0", 3, 41);
	expect(document, &process->args.items[1], "/process/args/1", 4, 4);
	expect(document, &process->oomScoreAdj, "/process/oomScoreAdj", 4, 26);
	expect(document, &process->rlimits.items[0], "/process/rlimits/0", 5, 16);
	expect(document, &process->rlimits.items[0]->type, "/process/rlimits/0/type", 5, 25);
	expect(document, &process->rlimits.items[0]->hard, "/process/rlimits/0/hard", 5, 58);
	expect(document, &config->annotations.items[0].value, "/annotations/x~1y~0z", 6, 38);
	expect(document, &rdma->items[0].value, "/linux/resources/rdma/m", 7, 40);
	expect(document, &rdma->items[0].value->hcaObjects, "/linux/resources/rdma/m/hcaObjects", 7,
		55);
	expect(document, &config->linux->seccomp->flags.items[1], "/linux/seccomp/flags/1", 9, 43);

	cr_expect(!oci_locate(document, &process->user, &location));
	cr_expect(!oci_locate(document, &process->terminal, &location));
	cr_expect(!oci_locate(document, &config->mounts, &location));
	cr_expect(!oci_locate(document, &location, &location));
	oci_document_free(document);
}

Test(ocispec_locate, bare_array)
{
	struct oci_document *document = read_good(&oci_mounts_type, "[{\"destination\": \"/a\"}]");
	const struct oci_mount_list *mounts = document->root;

	cr_assert(mounts->len == 1);
	expect(document, &mounts->items[0], "/0", 1, 2);
	expect(document, &mounts->items[0]->destination, "/0/destination", 1, 18);
	oci_document_free(document);
}

Test(ocispec_locate, long_keys_are_cut)
{
	char text[1024], *at = text;
	struct oci_document *document;
	const struct oci_state *state;
	struct oci_location location;

	at += sprintf(at, "{\"ociVersion\":\"1.3.0\",\"id\":\"c\",\"status\":\"running\","
			  "\"bundle\":\"/b\",\"annotations\":{\"");
	memset(at, 'k', 400);
	strcpy(at + 400, "\":\"v\"}}");
	document = read_good(&oci_state_type, text);
	state = document->root;
	cr_assert(oci_locate(document, &state->annotations.items[0].value, &location));
	cr_expect(strlen(location.pointer) < sizeof(location.pointer));
	cr_expect_str_eq(location.pointer + strlen(location.pointer) - 4, "k...");
	oci_document_free(document);
}

/* A quadratic reader or search would take minutes. */
Test(ocispec_locate, many_values, .timeout = 20)
{
	enum { COUNT = 300000 };
	char *text = malloc(COUNT * 24 + 64), *at = text;
	struct oci_location location;
	struct oci_document *document;
	const struct oci_resources *resources;
	char pointer[64];

	at += sprintf(at, "{\"unified\":{");
	for (int i = 0; i < COUNT; i++)
		at += sprintf(at, "%s\n\"k%d\":\"v\"", i > 0 ? "," : "", i);
	strcpy(at, "}}");
	document = read_good(&oci_resources_type, text);
	resources = document->root;
	cr_assert(resources->unified.len == COUNT);
	for (int i = 0; i < COUNT; i++) {
		cr_assert(oci_locate(document, &resources->unified.items[i].value, &location));
		snprintf(pointer, sizeof(pointer), "/unified/k%d", i);
		cr_assert_str_eq(location.pointer, pointer);
		cr_assert(location.line == (unsigned)i + 2);
	}
	oci_document_free(document);
	free(text);
}
