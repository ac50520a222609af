/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer target: no input may crash the reader, and what it takes must be written such that it
 * is taken again and written the same. The first byte picks the type and the flags.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libocispec/ocispec.h"

static const struct oci_type *const types[] = {
	&oci_config_type,
	&oci_process_type,
	&oci_linux_type,
	&oci_resources_type,
	&oci_state_type,
	&oci_features_type,
	&oci_container_process_state_type,
	&oci_mounts_type,
};

/* Every error has a code, a place and something to say. */
static void check_error(const struct oci_error *err, int ret)
{
	if (ret != -err->code || err->code <= 0 || err->message[0] == '\0')
		abort();
	if (strchr(err->message, '\n') != NULL ||
		strnlen(err->pointer, sizeof(err->pointer)) == sizeof(err->pointer))
		abort();
	if (ret == -EINVAL && (err->line == 0 || err->column == 0))
		abort();
}

static void check_document(const struct oci_type *type, struct oci_document *document)
{
	struct oci_document *again = NULL;
	const char *once, *twice;
	size_t len;

	if (oci_write(type, document->root, 0, document->arena, &once, &len, NULL) < 0)
		abort();
	if (oci_read(type, once, len, 0, &again, NULL) < 0)
		abort();
	if (oci_write(type, again->root, 0, again->arena, &twice, NULL, NULL) < 0)
		abort();
	if (strcmp(once, twice) != 0)
		abort();
	oci_document_free(again);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct oci_document *document = NULL;
	const struct oci_type *type;
	struct oci_error err;
	char *text;
	int ret;

	if (size == 0)
		return 0;
	type = types[data[0] % (sizeof(types) / sizeof(types[0]))];
	/* A copy of exactly this size, so that reading past its end shows. */
	text = malloc(size - 1);
	memcpy(text, data + 1, size - 1);
	ret = oci_read(
		type, text, size - 1, data[0] & 0x80 ? OCI_READ_FOLD_CASE : 0, &document, &err);
	if (ret < 0)
		check_error(&err, ret);
	else
		check_document(type, document);
	oci_document_free(document);
	free(text);
	return 0;
}
