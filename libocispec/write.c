/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From objects to text. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_gen.h>

#include "text.h"
#include "types.h"

struct writer {
	yajl_gen gen;
	char pointer[256]; /* of the present member, for errors */
	struct oci_error *err;
};

static int write_object(struct writer *w, const struct oci_type *type, const void *object);

__attribute__((format(printf, 2, 3))) static int refuse(struct writer *w, const char *format, ...)
{
	va_list args;

	w->err->code = EINVAL;
	memcpy(w->err->pointer, w->pointer, sizeof(w->pointer));
	va_start(args, format);
	vsnprintf(w->err->message, sizeof(w->err->message), format, args);
	va_end(args);
	return -EINVAL;
}

/* All that can go wrong inside yajl with what it is given here. */
static int generated(struct writer *w, yajl_gen_status status)
{
	return status == yajl_gen_status_ok ? 0 : oci_fail(w->err, ENOMEM, "out of memory");
}

static int write_string(struct writer *w, const char *string)
{
	size_t len = strlen(string);

	if (oci_utf8_valid_len(string, len) != len)
		return refuse(w, "the string is not UTF-8");
	return generated(w, yajl_gen_string(w->gen, (const unsigned char *)string, len));
}

static int write_enum(struct writer *w, const struct oci_field *field, int value)
{
	const char *name = oci_enum_name(field->values, value);

	return name == NULL ? refuse(w, "%d is not a value of %s", value, field->values->name)
			    : write_string(w, name);
}

static uint64_t load_number(const struct oci_field *field, const void *slot)
{
	if (field->size == sizeof(uint16_t))
		return *(const uint16_t *)slot;
	if (field->size == sizeof(uint32_t))
		return field->is_signed ? (uint64_t) * (const int32_t *)slot
					: *(const uint32_t *)slot;
	return *(const uint64_t *)slot;
}

static int write_number(struct writer *w, const struct oci_field *field, const void *slot)
{
	uint64_t value = load_number(field, slot);
	char text[24];
	int len;

	if (field->is_signed)
		len = snprintf(text, sizeof(text), "%" PRId64, (int64_t)value);
	else
		len = snprintf(text, sizeof(text), "%" PRIu64, value);
	return generated(w, yajl_gen_number(w->gen, text, (size_t)len));
}

/* @slot: a C object of the field's kind */
static int write_one(struct writer *w, const struct oci_field *field, const void *slot)
{
	switch (field->kind) {
	case OCI_KIND_BOOL:
		return generated(w, yajl_gen_bool(w->gen, *(const bool *)slot));
	case OCI_KIND_NUMBER:
		return write_number(w, field, slot);
	case OCI_KIND_ENUM:
		return write_enum(w, field, (int)*(const enum oci_status *)slot);
	case OCI_KIND_STRING:
		if (*(const char *const *)slot == NULL)
			return refuse(w, "a string is missing");
		return write_string(w, *(const char *const *)slot);
	default:
		if (*(const void *const *)slot == NULL)
			return refuse(w, "an object is missing");
		return write_object(w, field->type, *(const void *const *)slot);
	}
}

/* yajl spreads what is empty over three lines when it indents. */
static int write_empty(struct writer *w, const char *text)
{
	return generated(w, yajl_gen_number(w->gen, text, 2));
}

static int write_list(
	struct writer *w, const struct oci_field *field, const struct oci_any_list *list)
{
	size_t size = oci_kind_size(field), mark = strlen(w->pointer);
	const char *slot = list->items;
	int ret;

	if (list->len == 0)
		return write_empty(w, "[]");
	ret = generated(w, yajl_gen_array_open(w->gen));
	for (size_t i = 0; ret == 0 && i < list->len; i++, slot += size) {
		oci_pointer_push_index(w->pointer, sizeof(w->pointer), i);
		ret = write_one(w, field, slot);
		w->pointer[mark] = '\0';
	}
	return ret < 0 ? ret : generated(w, yajl_gen_array_close(w->gen));
}

static int write_map(struct writer *w, const struct oci_field *field, const struct oci_any_map *map)
{
	size_t mark = strlen(w->pointer);
	const struct oci_any_entry *entry = map->items;
	int ret;

	if (map->len == 0)
		return write_empty(w, "{}");
	ret = generated(w, yajl_gen_map_open(w->gen));
	for (; ret == 0 && entry < map->items + map->len; entry++) {
		if (entry->key == NULL)
			return refuse(w, "a key is missing");
		oci_pointer_push(w->pointer, sizeof(w->pointer), entry->key);
		ret = write_string(w, entry->key);
		if (ret == 0)
			ret = write_one(w, field, &entry->value);
		w->pointer[mark] = '\0';
	}
	return ret < 0 ? ret : generated(w, yajl_gen_map_close(w->gen));
}

/* Whether absence is kept in a pointer (to be followed), rather than in the value itself. */
static bool is_boxed(const struct oci_field *field)
{
	return field->presence == OCI_OPTIONAL && field->shape == OCI_SHAPE_ONE &&
	       (field->kind == OCI_KIND_BOOL || field->kind == OCI_KIND_NUMBER);
}

static bool is_absent(const struct oci_field *field, const void *slot)
{
	if (field->shape != OCI_SHAPE_ONE)
		return ((const struct oci_any_list *)slot)->items == NULL;
	if (is_boxed(field))
		return *(const void *const *)slot == NULL;
	switch (field->kind) {
	case OCI_KIND_BOOL:
		return field->presence == OCI_DEFAULT && !*(const bool *)slot;
	case OCI_KIND_NUMBER:
		return field->presence == OCI_DEFAULT && load_number(field, slot) == 0;
	case OCI_KIND_ENUM:
		return *(const enum oci_status *)slot == 0;
	default:
		return *(const void *const *)slot == NULL;
	}
}

static int write_value(struct writer *w, const struct oci_field *field, const void *slot)
{
	if (field->shape == OCI_SHAPE_LIST)
		return write_list(w, field, slot);
	if (field->shape == OCI_SHAPE_MAP)
		return write_map(w, field, slot);
	return write_one(w, field, is_boxed(field) ? *(const void *const *)slot : slot);
}

static int write_member(struct writer *w, const struct oci_field *field, const char *object)
{
	const void *slot = object + field->offset;
	int ret;

	if (is_absent(field, slot)) {
		if (field->presence == OCI_REQUIRED)
			return refuse(w, "the required property \"%s\" is missing", field->name);
		return 0;
	}
	oci_pointer_push(w->pointer, sizeof(w->pointer), field->name);
	ret = generated(
		w, yajl_gen_string(w->gen, (const unsigned char *)field->name, field->name_len));
	return ret < 0 ? ret : write_value(w, field, slot);
}

static bool is_empty(const struct oci_type *type, const char *object)
{
	const struct oci_field *field = type->fields();

	while (field->name != NULL && is_absent(field, object + field->offset) &&
		field->presence != OCI_REQUIRED)
		field++;
	return field->name == NULL;
}

static int write_object(struct writer *w, const struct oci_type *type, const void *object)
{
	size_t mark = strlen(w->pointer);
	int ret;

	if (is_empty(type, object))
		return write_empty(w, "{}");
	ret = generated(w, yajl_gen_map_open(w->gen));
	for (const struct oci_field *field = type->fields(); ret == 0 && field->name != NULL;
		field++) {
		ret = write_member(w, field, object);
		w->pointer[mark] = '\0';
	}
	return ret < 0 ? ret : generated(w, yajl_gen_map_close(w->gen));
}

static int take_text(struct writer *w, struct oci_arena *arena, const char **text, size_t *len)
{
	const unsigned char *buffer;
	size_t n;

	if (yajl_gen_get_buf(w->gen, &buffer, &n) != yajl_gen_status_ok)
		return oci_fail(w->err, ENOMEM, "out of memory");
	*text = oci_arena_strndup(arena, (const char *)buffer, n);
	if (*text == NULL)
		return oci_fail(w->err, ENOMEM, "out of memory");
	if (len != NULL)
		*len = n;
	return 0;
}

int oci_write(const struct oci_type *type, const void *object, unsigned flags,
	struct oci_arena *arena, const char **text, size_t *len, struct oci_error *err)
{
	struct oci_error unwanted;
	struct writer w = { .gen = yajl_gen_alloc(NULL), .err = err == NULL ? &unwanted : err };
	int ret;

	*w.err = (struct oci_error){ 0 };
	if (w.gen == NULL)
		return oci_fail(w.err, ENOMEM, "out of memory");
	if (flags & (OCI_WRITE_PRETTY | OCI_WRITE_TABS)) {
		yajl_gen_config(w.gen, yajl_gen_beautify, 1);
		yajl_gen_config(
			w.gen, yajl_gen_indent_string, flags & OCI_WRITE_TABS ? "\t" : "  ");
	}
	ret = type->bare ? write_value(&w, type->fields(), object) : write_object(&w, type, object);
	if (ret == 0)
		ret = take_text(&w, arena, text, len);
	yajl_gen_free(w.gen);
	return ret;
}
