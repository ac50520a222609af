/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the tests of libocispec. */
#ifndef TESTS_OCISPEC_HELP_H
#define TESTS_OCISPEC_HELP_H

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libocispec/ocispec.h"

/* A file below TEST_DATA_DIR, NUL-terminated; to be freed. */
static inline char *slurp(const char *name)
{
	char path[512];
	char *text = calloc(1, 1 << 20);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", TEST_DATA_DIR, name);
	file = fopen(path, "re");
	cr_assert(file != NULL, "cannot open %s", path);
	cr_assert(fread(text, 1, (1 << 20) - 1, file) > 0, "cannot read %s", path);
	fclose(file);
	return text;
}

/* Reads what has to be readable. */
static inline struct oci_document *read_good(const struct oci_type *type, const char *text)
{
	struct oci_document *document = NULL;
	struct oci_error err;
	int ret = oci_read(type, text, strlen(text), 0, &document, &err);

	cr_assert(ret == 0, "%s:%u:%u: %s", err.pointer, err.line, err.column, err.message);
	return document;
}

#endif
