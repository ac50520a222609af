/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in a container's directory: state.json, config.json, seccomp. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libocispec/types.h"
#include "runtime/state.h"
#include "util/file.h"
#include "util/version.h"

#include "libocispec/spec/describe.h"
#include "runtime/state.def"

#define STATE_FILE "state.json"
#define CONFIG_FILE "config.json"
#define FILTER_FILE "seccomp"

/* The kernel takes 4096 instructions of 8 bytes each (BPF_MAXINSNS). */
#define FILTER_MAX (4096u * 8u)

/* A state holds no more than a config's annotations and some paths. */
#define STATE_MAX (4u << 20)

static int write_text(const struct state_directory *dir, const struct container_state *state,
	struct oci_arena *arena, struct error *err)
{
	struct container_private private = { 0 };
	struct container_state complete = *state;
	struct oci_error cause;
	const char *text;
	size_t length;

	if (state->silo)
		private = *state->silo;
	if (!private.version)
		private.version = SILO_VERSION;
	if (!complete.ociVersion)
		complete.ociVersion = SILO_SPEC_VERSION;
	complete.id = dir->id;
	complete.silo = &private;
	if (oci_write(&container_state_type, &complete, 0, arena, &text, &length, &cause) < 0)
		return error_say(err, cause.code, "describe the state of container %s: %s%s%s",
			dir->id, cause.pointer, *cause.pointer ? ": " : "", cause.message);
	return file_replace(dir->fd, STATE_FILE, text, length, err);
}

int state_write(const struct state_directory *dir, const struct container_state *state,
	struct error *err)
{
	struct oci_arena *arena = oci_arena_new();
	int r;

	if (!arena)
		return error_set(err, ENOMEM, "describe the state of container %s", dir->id);
	r = write_text(dir, state, arena, err);
	oci_arena_free(arena);
	if (r < 0)
		error_prefix(err, "container %s", dir->id);
	return r;
}

static int unusable(const struct state_directory *dir, const char *why, struct error *err)
{
	return error_say(err, ENODATA,
		"the state of container %s is unusable (%s); `delete --force` removes it", dir->id, why);
}

/* A new major version may keep what this one does not know how to undo. */
static int check_content(const struct state_directory *dir, const struct container_state *state,
	struct error *err)
{
	const char *version = state->silo->version;

	if (strcmp(state->id, dir->id) != 0)
		return unusable(dir, "it belongs to another container", err);
	if (strtoul(version, NULL, 10) > strtoul(SILO_VERSION, NULL, 10))
		return error_say(err, EPROTO, "container %s was made by silo %.32s, this is %s: use that version for it",
			dir->id, version, SILO_VERSION);
	return 0;
}

static int parse(const struct state_directory *dir, const char *text, size_t length,
	struct oci_document **document, struct error *err)
{
	struct oci_error cause;
	int r = oci_read(&container_state_type, text, length, 0, document, &cause);

	if (r == -ENOMEM)
		return error_set(err, ENOMEM, "read the state of container %s", dir->id);
	if (r < 0)
		return unusable(dir, cause.message, err);
	r = check_content(dir, (*document)->root, err);
	if (r < 0) {
		oci_document_free(*document);
		*document = NULL;
	}
	return r;
}

/* Everything that may be found instead of a good file is the same to the caller: nothing to go by. */
static int damaged(int code)
{
	return code == ENOENT || code == EINVAL || code == ELOOP || code == EFBIG || code == ENXIO;
}

int state_read(const struct state_directory *dir, struct oci_document **document,
	const struct container_state **state, struct error *err)
{
	struct oci_arena *arena = oci_arena_new();
	struct error cause = { 0 };
	const char *text;
	size_t length;
	int r;

	if (!arena)
		return error_set(err, ENOMEM, "read the state of container %s", dir->id);
	r = file_read(dir->fd, STATE_FILE, STATE_MAX, arena, &text, &length, &cause);
	if (r == 0)
		r = parse(dir, text, length, document, err);
	else if (damaged(cause.code))
		r = unusable(dir, cause.message, err);
	else
		r = error_say(err, cause.code, "container %s: %s", dir->id, cause.message);
	oci_arena_free(arena);
	if (r == 0)
		*state = (*document)->root;
	return r;
}

int state_save_config(const struct state_directory *dir, const char *text, size_t length,
	struct error *err)
{
	return file_replace(dir->fd, CONFIG_FILE, text, length, err);
}

int state_load_config(const struct state_directory *dir, struct oci_arena *arena, const char **text,
	size_t *length, struct error *err)
{
	int r = file_read(dir->fd, CONFIG_FILE, OCI_DOCUMENT_MAX, arena, text, length, err);

	if (r < 0)
		error_prefix(err, "container %s", dir->id);
	return r;
}

int state_save_filter(const struct state_directory *dir, const void *program, size_t size,
	struct error *err)
{
	return file_replace(dir->fd, FILTER_FILE, program, size, err);
}

int state_load_filter(const struct state_directory *dir, struct oci_arena *arena, const void **program,
	size_t *size, struct error *err)
{
	const char *text;
	int r;

	*program = NULL;
	*size = 0;
	if (faccessat(dir->fd, FILTER_FILE, F_OK, 0) < 0 && errno == ENOENT)
		return 0;
	r = file_read(dir->fd, FILTER_FILE, FILTER_MAX, arena, &text, size, err);
	if (r == 0)
		*program = text;
	return r;
}
