/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading of strings, numbers, booleans and null. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "read.h"

static bool in_text(const struct oci_reader *r, const char *p)
{
	return (uintptr_t)p >= (uintptr_t)r->text && (uintptr_t)p < (uintptr_t)r->text + r->len;
}

/*
 * yajl passes a string without escapes as it stands in the text, and one with escapes in a buffer
 * of its own.
 */
size_t oci_token_start(struct oci_reader *r, const char *string)
{
	if (in_text(r, string))
		return (size_t)(string - r->text) - 1;
	return oci_string_start(r->text, yajl_get_bytes_consumed(r->parser));
}

int oci_check_string(struct oci_reader *r, const char *string, size_t len, size_t offset)
{
	size_t end = yajl_get_bytes_consumed(r->parser);

	if (in_text(r, string))
		return 1;
	if (memchr(string, '\0', len) != NULL)
		return oci_refuse(r, offset, "the string contains \\u0000");
	if (!oci_surrogates_paired(r->text + offset, end - offset))
		return oci_refuse(r, offset, "the string contains half of a surrogate pair");
	return 1;
}

int oci_check_format(struct oci_reader *r, const struct oci_format *format, const char *string,
	size_t len, size_t offset)
{
	char found[64];

	if (format == NULL || format->test(string))
		return 1;
	return oci_refuse(r, offset, "expected %s, found %s", format->expects,
		oci_quote(found, sizeof(found), string, len));
}

static int refuse_enum(struct oci_reader *r, const struct oci_field *field, size_t offset,
	const char *string, size_t len)
{
	char found[64], list[440] = "";
	int64_t min;
	uint64_t max;
	size_t used = 0;

	oci_field_range(field, &min, &max);
	for (size_t i = (size_t)min; i <= max && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
			used > 0 ? ", " : "", field->values->names[i]);
	return oci_refuse(r, offset, "expected one of %s; found %s", list,
		oci_quote(found, sizeof(found), string, len));
}

static int read_enum(struct oci_reader *r, const struct oci_field *field, size_t offset,
	const char *string, size_t len)
{
	union oci_value value = { .number = (uint64_t)oci_enum_value(field->values, string, len) };
	int64_t min;
	uint64_t max;

	oci_field_range(field, &min, &max);
	if (value.number < (uint64_t)min || value.number > max)
		return refuse_enum(r, field, offset, string, len);
	return oci_put(r, value, offset, NULL);
}

int oci_on_string(void *ctx, const unsigned char *bytes, size_t len)
{
	struct oci_reader *r = ctx;
	const struct oci_field *field = oci_wanted(r);
	const char *string = (const char *)bytes;
	union oci_value value;
	char found[64];
	size_t offset;

	if (field == NULL)
		return 1;
	offset = oci_token_start(r, string);
	if ((field->kind != OCI_KIND_STRING && field->kind != OCI_KIND_ENUM) ||
		oci_wanted_shape(r) != OCI_SHAPE_ONE)
		return oci_refuse_type(
			r, field, offset, oci_quote(found, sizeof(found), string, len));
	if (!oci_check_string(r, string, len, offset))
		return 0;
	if (field->kind == OCI_KIND_ENUM)
		return read_enum(r, field, offset, string, len);
	value.pointer = oci_arena_strndup(r->arena, string, len);
	if (value.pointer == NULL)
		return oci_out_of_memory(r);
	/* A map's format is its keys'. */
	if (oci_reader_top(r)->shape != OCI_SHAPE_MAP &&
		!oci_check_format(r, field->format, value.pointer, len, offset))
		return 0;
	return oci_put(r, value, offset, NULL);
}

static int refuse_range(
	struct oci_reader *r, const struct oci_field *field, size_t offset, const char *found)
{
	int64_t min;
	uint64_t max;

	oci_field_range(field, &min, &max);
	return oci_refuse(r, offset,
		"expected an integer from %" PRId64 " to %" PRIu64 ", found %s", min, max, found);
}

int oci_on_number(void *ctx, const char *text, size_t len)
{
	struct oci_reader *r = ctx;
	const struct oci_field *field = oci_wanted(r);
	union oci_value value = { .number = 0 };
	struct oci_integer integer;
	int64_t min;
	uint64_t max;
	char found[48];
	size_t offset;

	if (field == NULL)
		return 1;
	offset = in_text(r, text) ? (size_t)(text - r->text) : r->len - len;
	snprintf(found, sizeof(found), "%.*s%s", (int)(len < 40 ? len : 40), text,
		len < 40 ? "" : "...");
	if (field->kind != OCI_KIND_NUMBER || oci_wanted_shape(r) != OCI_SHAPE_ONE)
		return oci_refuse_type(r, field, offset, found);
	switch (oci_integer_parse(text, len, &integer)) {
	case OCI_INTEGER_FRACTION:
		return oci_refuse(r, offset,
			"expected an integer without fraction and exponent, found %s", found);
	case OCI_INTEGER_HUGE:
		return refuse_range(r, field, offset, found);
	case OCI_INTEGER_OK:
		break;
	}
	oci_field_range(field, &min, &max);
	if (integer.negative ? min > 0 || integer.magnitude > -(uint64_t)min : integer.magnitude > max)
		return refuse_range(r, field, offset, found);
	if (min > 0 && integer.magnitude < (uint64_t)min)
		return refuse_range(r, field, offset, found);
	value.number = integer.negative ? -integer.magnitude : integer.magnitude;
	return oci_put(r, value, offset, NULL);
}

int oci_on_boolean(void *ctx, int boolean)
{
	struct oci_reader *r = ctx;
	const struct oci_field *field = oci_wanted(r);
	const char *found = boolean ? "true" : "false";
	union oci_value value = { .number = boolean != 0 };
	size_t offset = yajl_get_bytes_consumed(r->parser) - strlen(found);

	if (field == NULL)
		return 1;
	if (field->kind != OCI_KIND_BOOL || oci_wanted_shape(r) != OCI_SHAPE_ONE)
		return oci_refuse_type(r, field, offset, found);
	return oci_put(r, value, offset, NULL);
}

/*
 * GEN-15: as if the member or the map's entry were not there. An array has no place for what is not
 * there.
 */
int oci_on_null(void *ctx)
{
	struct oci_reader *r = ctx;
	const struct oci_field *field = oci_wanted(r);
	size_t offset = yajl_get_bytes_consumed(r->parser) - strlen("null");

	if (field == NULL)
		return 1;
	switch (oci_reader_top(r)->shape) {
	case OCI_SHAPE_LIST:
		return oci_refuse_type(r, field, offset, "null");
	case OCI_SHAPE_MAP:
		return oci_put(r, (union oci_value){ .pointer = NULL }, offset, NULL);
	default:
		return r->depth > 1 ? 1 : oci_refuse_type(r, field, offset, "null");
	}
}
