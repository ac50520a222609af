/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "runtime/state.h"
#include "util/log.h"

#define COLUMNS 6

/* As the table that runc prints: at least so wide, with so much between columns. */
#define COLUMN_MIN 12
#define COLUMN_GAP 3

struct list_options {
	const char *format;
	bool quiet;
};

static const struct cli_option list_options[] = {
	{ "format", 'f', CLI_STRING, offsetof(struct list_options, format), "FORMAT",
		"table or json" },
	{ "quiet", 'q', CLI_FLAG, offsetof(struct list_options, quiet), NULL, "print IDs only" },
	{ 0 },
};

struct container_list {
	struct oci_state *items;
	size_t count;
	struct oci_arena *arena;
};

static char *copy(struct oci_arena *arena, const char *text)
{
	return oci_arena_strdup(arena, text ? text : "");
}

/* Keeps what outlives the document that the state was read from. */
static int keep(struct container_list *list, const struct oci_state *shown, struct error *err)
{
	struct oci_state *item = &list->items[list->count++];
	struct oci_string_map *annotations = &item->annotations;

	*item = *shown;
	item->ociVersion = copy(list->arena, shown->ociVersion);
	item->id = copy(list->arena, shown->id);
	item->bundle = copy(list->arena, shown->bundle);
	item->rootfs = copy(list->arena, shown->rootfs);
	item->created = copy(list->arena, shown->created);
	item->owner = copy(list->arena, shown->owner);
	annotations->items = oci_arena_alloc(list->arena,
		(annotations->len + 1) * sizeof(*annotations->items));
	if (!item->ociVersion || !item->id || !item->bundle || !item->rootfs || !item->created ||
		!item->owner || !annotations->items)
		return error_set(err, ENOMEM, "list the containers");
	for (size_t i = 0; i < annotations->len; i++) {
		annotations->items[i].key = copy(list->arena, shown->annotations.items[i].key);
		annotations->items[i].value = copy(list->arena, shown->annotations.items[i].value);
		if (!annotations->items[i].key || !annotations->items[i].value)
			return error_set(err, ENOMEM, "list the containers");
	}
	if (!annotations->len)
		annotations->items = NULL;
	return 0;
}

/* Whether an entry still has no usable state while nobody is at work on it. */
static bool is_abandoned(const char *root, const char *id)
{
	const struct container_state *state;
	struct oci_document *document;
	struct state_directory dir;
	int r;

	if (state_open(root, id, STATE_LOCK_TRY, &dir, NULL) < 0)
		return false;
	r = state_read(&dir, &document, &state, NULL);
	state_close(&dir);
	if (r == 0)
		oci_document_free(document);
	return r == -ENODATA;
}

/*
 * An entry without a usable state is being made or removed right now, or the
 * remains of a crash, which are worth a word. Asked twice because a creator
 * makes the directory before it can lock it.
 */
static void explain(const char *root, const char *id, const struct error *why)
{
	const struct timespec moment = { .tv_nsec = 10000000 };

	if (!is_abandoned(root, id))
		return;
	nanosleep(&moment, NULL);
	if (is_abandoned(root, id))
		log_warning("%s", why->message);
}

static int add(struct container_list *list, const char *root, const char *id, struct error *err)
{
	const struct container_state *state;
	struct oci_document *document;
	struct error why = { 0 };
	struct state_directory dir;
	struct oci_state shown;
	int r = state_open(root, id, STATE_LOCK_NONE, &dir, &why);

	/* -ENOENT: deleted since the directory was read. */
	if (r < 0) {
		if (r != -ENOENT)
			log_warning("%s", why.message);
		return 0;
	}
	r = state_read(&dir, &document, &state, &why);
	if (r < 0) {
		state_close(&dir);
		explain(root, id, &why);
		return 0;
	}
	r = state_report(&dir, state, document->arena, &shown, err);
	if (r == 0)
		r = keep(list, &shown, err);
	oci_document_free(document);
	state_close(&dir);
	return r;
}

/* A default root that does not exist yet has no containers; a given one is a mistake. */
static int collect(const struct runtime_context *context, struct container_list *list,
	struct error *err)
{
	struct oci_string_list ids = { 0 };
	int r = state_list(context->root, list->arena, &ids, err);

	if (r == -ENOENT && !context->root_given)
		r = 0;
	if (r < 0)
		return r;
	list->items = oci_arena_alloc(list->arena, ids.len * sizeof(*list->items));
	if (!list->items)
		return error_set(err, ENOMEM, "list the containers");
	for (size_t i = 0; r == 0 && i < ids.len; i++)
		r = add(list, context->root, ids.items[i], err);
	return r;
}

static int print_json(const struct container_list *list, struct error *err)
{
	putchar('[');
	for (size_t i = 0; i < list->count; i++) {
		struct oci_error cause;
		const char *text;

		if (oci_write(&oci_state_type, &list->items[i], 0, list->arena, &text, NULL, &cause) < 0)
			return error_say(err, cause.code, "state of container %s: %s",
				list->items[i].id, cause.message);
		printf("%s%.*s", i ? "," : "", (int)strcspn(text, "\n"), text);
	}
	puts("]");
	return 0;
}

static const char *cell(const struct oci_state *item, int column, char *number, size_t size)
{
	switch (column) {
	case 0:
		return item->id;
	case 1:
		snprintf(number, size, "%d", item->pid);
		return number;
	case 2:
		return oci_enum_name(&oci_status_enum, item->status);
	case 3:
		return item->bundle;
	case 4:
		return item->created;
	default:
		return item->owner;
	}
}

static void print_row(const char *const *cells, const int *widths)
{
	for (int column = 0; column < COLUMNS - 1; column++)
		printf("%-*s", widths[column], cells[column]);
	puts(cells[COLUMNS - 1]);
}

static void print_table(const struct container_list *list, const char *program)
{
	bool like_crun = strcmp(program, "crun") == 0;
	const char *heading[COLUMNS] = { like_crun ? "NAME" : "ID", "PID", "STATUS",
		like_crun ? "BUNDLE PATH" : "BUNDLE", "CREATED", "OWNER" };
	const char *cells[COLUMNS];
	int widths[COLUMNS];
	char number[16];

	for (int column = 0; column < COLUMNS; column++) {
		size_t width = strlen(heading[column]);

		for (size_t i = 0; i < list->count; i++) {
			size_t length = strlen(cell(&list->items[i], column, number, sizeof(number)));

			width = length > width ? length : width;
		}
		width += COLUMN_GAP;
		widths[column] = width < COLUMN_MIN ? COLUMN_MIN : (int)width;
	}
	print_row(heading, widths);
	for (size_t i = 0; i < list->count; i++) {
		for (int column = 0; column < COLUMNS; column++)
			cells[column] = cell(&list->items[i], column, number, sizeof(number));
		print_row(cells, widths);
	}
}

static int print(const struct cli_call *call, const struct container_list *list, struct error *err)
{
	const struct list_options *options = call->options;
	int r = 0;

	if (options->quiet) {
		for (size_t i = 0; i < list->count; i++)
			puts(list->items[i].id);
	} else if (options->format && strcmp(options->format, "json") == 0) {
		r = print_json(list, err);
	} else {
		print_table(list, call->context->program);
	}
	return r < 0 ? r : cli_flush(err);
}

static int list_containers(struct cli_call *call, struct error *err)
{
	const struct list_options *options = call->options;
	struct container_list list = { 0 };
	int r;

	if (options->format && strcmp(options->format, "json") != 0 &&
		strcmp(options->format, "table") != 0)
		return error_say(err, EINVAL, "unknown format \"%s\": use table or json",
			options->format);
	list.arena = oci_arena_new();
	if (!list.arena)
		return error_set(err, ENOMEM, "list the containers");
	r = collect(call->context, &list, err);
	if (r == 0)
		r = print(call, &list, err);
	oci_arena_free(list.arena);
	return r;
}

const struct cli_command cli_list = {
	.name = "list",
	.summary = "list the containers",
	.usage = "",
	.options = list_options,
	.options_size = sizeof(struct list_options),
	.function = list_containers,
};
