/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "util/cleanup.h"
#include "util/file.h"

static int find(struct bundle *bundle, const char *directory, struct error *err)
{
	_cleanup_free_ char *path = realpath(directory ? directory : ".", NULL);

	if (!path)
		return error_set(err, errno, "find the bundle %s", directory ? directory : ".");
	bundle->path = oci_arena_strdup(bundle->arena, path);
	return bundle->path ? 0 : error_set(err, ENOMEM, "find the bundle %s", path);
}

static int parse(struct bundle *bundle, struct error *err)
{
	struct oci_error cause;

	if (oci_read(&oci_config_type, bundle->text, bundle->length, 0, &bundle->config, &cause) == 0)
		return 0;
	error_say(err, cause.code, "%s", cause.message);
	/* Errors of the whole document have a line, but the empty pointer, which error_origin() skips. */
	if (*cause.pointer)
		error_origin(err, cause.pointer, cause.line);
	else if (cause.line)
		error_prefix(err, "config.json (line %u, column %u)", cause.line, cause.column);
	else
		error_prefix(err, "config.json");
	return -cause.code;
}

int bundle_load(const char *directory, const char *config, struct bundle *ret, struct error *err)
{
	const char *name = config;
	int r;

	*ret = (struct bundle){ .arena = oci_arena_new() };
	if (!ret->arena)
		return error_set(err, ENOMEM, "load the bundle");
	r = find(ret, directory, err);
	if (r < 0)
		return r;
	if (!name)
		name = oci_arena_printf(ret->arena, "%s/config.json", ret->path);
	if (!name)
		return error_set(err, ENOMEM, "load the bundle");
	r = file_read(AT_FDCWD, name, OCI_DOCUMENT_MAX, ret->arena, &ret->text, &ret->length, err);
	return r < 0 ? r : parse(ret, err);
}

void bundle_release(struct bundle *bundle)
{
	oci_document_free(bundle->config);
	oci_arena_free(bundle->arena);
	*bundle = (struct bundle){ 0 };
}
