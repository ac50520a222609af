/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compiles small configs for a made-up machine and looks into the plan. */
#ifndef TESTS_PROCESS_HELP_H
#define TESTS_PROCESS_HELP_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "libocispec/ocispec.h"
#include "plan/compile.h"

struct compiled {
	struct oci_document *document;
	struct plan *plan; /* NULL: refused, see err */
	struct error err;
};

/* @process, @linux_, @top: members to add, each with a comma in front; namespaces are @namespaces. */
static inline struct compiled compile_config(const char *process, const char *namespaces,
	const char *linux_, const char *top)
{
	static const struct host_facts host = { .last_capability = 40,
		.bounding = (1ULL << 41) - 1 - (1ULL << 24) };
	static const struct plan_options options = { .id = "c1", .bundle = "/bundle" };
	struct compiled result = { 0 };
	struct oci_error err = { 0 };
	static char text[16384];

	snprintf(text, sizeof(text),
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},"
		"\"process\":{\"cwd\":\"/\",\"args\":[\"/bin/true\"],\"user\":{\"uid\":0,\"gid\":0}%s},"
		"\"linux\":{\"namespaces\":[{\"type\":\"mount\"}%s]%s}%s}",
		process, namespaces, linux_, top);
	if (oci_read(&oci_config_type, text, strlen(text), 0, &result.document, &err) < 0) {
		snprintf(result.err.pointer, sizeof(result.err.pointer), "%s", err.pointer);
		snprintf(result.err.message, sizeof(result.err.message), "%s", err.message);
		return result;
	}
	plan_compile(result.document, &host, &options, &result.plan, &result.err);
	return result;
}

static inline void compiled_free(struct compiled *result)
{
	plan_free(result->plan);
	if (result->document)
		oci_document_free(result->document);
}

/* Arguments of the nth (from 0) step of a kind; NULL if there is none. */
static inline const void *step_args(const struct plan *plan, enum plan_kind kind, unsigned n)
{
	const struct plan_header *header = (const void *)plan->blob;
	const struct plan_step *steps = (const void *)(plan->blob + header->steps);

	for (uint32_t i = 0; i < header->step_count; i++) {
		if (steps[i].kind == kind && n-- == 0)
			return plan->blob + steps[i].args;
	}
	return NULL;
}

static inline const char *blob_text(const struct plan *plan, plan_ref ref)
{
	return ref ? (const char *)plan->blob + ref : NULL;
}

#endif
