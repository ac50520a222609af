/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of org.systemd.property annotations, in GVariant's text format
 * (GLib's documentation, "GVariant Text Format"), as far as the types of allowed properties go.
 */
#include "cgroup/systemd.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A value as it is read. */
struct value_reader {
	struct oci_arena *arena;
	const char *at;
};

static void skip_space(struct value_reader *reader)
{
	reader->at += strspn(reader->at, " \t");
}

/* Takes a punctuation mark, and the space after it. */
static bool take(struct value_reader *reader, char mark)
{
	skip_space(reader);
	if (*reader->at != mark)
		return false;
	reader->at++;
	skip_space(reader);
	return true;
}

/* Takes a word, and the space after it. */
static bool take_word(struct value_reader *reader, const char *word)
{
	size_t length = strlen(word);

	skip_space(reader);
	if (strncmp(reader->at, word, length) != 0 || strchr(" \t", reader->at[length]) == NULL)
		return false;
	reader->at += length;
	skip_space(reader);
	return true;
}

static int read_unsigned(struct value_reader *reader, uint64_t max, uint64_t *ret)
{
	unsigned long long number;
	char *end;

	skip_space(reader);
	if (*reader->at < '0' || *reader->at > '9')
		return -EINVAL;
	errno = 0;
	number = strtoull(reader->at, &end, strncmp(reader->at, "0x", 2) == 0 ? 16 : 10);
	if (errno || number > max)
		return -ERANGE;
	if (*end && !strchr(" \t,]", *end))
		return -EINVAL;
	reader->at = end;
	*ret = number;
	return 0;
}

/* The name of a type in front of a number is optional, but must be the right one. */
static int read_number(
	struct value_reader *reader, const char *type, uint64_t max, uint64_t scale, uint64_t *ret)
{
	int r;

	take_word(reader, type);
	r = read_unsigned(reader, max, ret);
	if (r == 0 && __builtin_mul_overflow(*ret, scale, ret))
		r = -ERANGE;
	return r < 0 ? r : *ret > max ? -ERANGE : 0;
}

static int read_boolean(struct value_reader *reader, uint64_t *ret)
{
	*ret = take_word(reader, "true");
	return *ret || take_word(reader, "false") ? 0 : -EINVAL;
}

/* In single or double quotes. Control characters have no place in any property. */
static int read_string(struct value_reader *reader, const char **ret)
{
	char quote, *copy;
	size_t length = 0;

	skip_space(reader);
	quote = *reader->at;
	if (quote != '\'' && quote != '"')
		return -EINVAL;
	copy = oci_arena_alloc(reader->arena, strlen(reader->at) + 1);
	if (!copy)
		return -ENOMEM;
	for (reader->at++; *reader->at != quote; reader->at++) {
		if (*reader->at == '\\' && !strchr("\\'\"", *++reader->at))
			return -EINVAL;
		if ((unsigned char)*reader->at < ' ' || *reader->at == 0x7f)
			return -EINVAL; /* the end of the text, too */
		copy[length++] = *reader->at;
	}
	reader->at++;
	*ret = copy;
	return 0;
}

/* Calls @element until the bracket closes. */
static int read_array(struct value_reader *reader, const char *type, struct systemd_property *property,
	int (*element)(struct value_reader *, struct systemd_property *))
{
	int r;

	take_word(reader, type);
	if (!take(reader, '['))
		return -EINVAL;
	if (take(reader, ']'))
		return 0;
	do {
		r = element(reader, property);
	} while (r == 0 && take(reader, ','));
	return r < 0 ? r : take(reader, ']') ? 0 : -EINVAL;
}

static int read_byte(struct value_reader *reader, struct systemd_property *property)
{
	uint64_t number;
	int r;

	take_word(reader, "byte");
	r = read_unsigned(reader, UINT8_MAX, &number);
	if (r == 0)
		((uint8_t *)property->bytes)[property->count++] = (uint8_t)number;
	return r;
}

static int read_item(struct value_reader *reader, struct systemd_property *property)
{
	int r = read_string(reader, &property->items[property->count].text);

	property->count += r == 0;
	return r;
}

static int read_value(struct value_reader *reader, uint64_t scale, struct systemd_property *property)
{
	/* More elements than characters there cannot be. */
	size_t most = strlen(reader->at) + 1;

	switch (property->type) {
	case SYSTEMD_BOOLEAN:
		return read_boolean(reader, &property->number);
	case SYSTEMD_INT32:
		return read_number(reader, "int32", INT32_MAX, scale, &property->number);
	case SYSTEMD_UINT32:
		return read_number(reader, "uint32", UINT32_MAX, scale, &property->number);
	case SYSTEMD_UINT64:
		return read_number(reader, "uint64", UINT64_MAX, scale, &property->number);
	case SYSTEMD_STRING:
		return read_string(reader, &property->text);
	case SYSTEMD_STRINGS:
		property->items = oci_arena_alloc(reader->arena, most * sizeof(*property->items));
		return property->items ? read_array(reader, "@as", property, read_item) : -ENOMEM;
	case SYSTEMD_BYTES:
		property->bytes = oci_arena_alloc(reader->arena, most);
		return property->bytes ? read_array(reader, "@ay", property, read_byte) : -ENOMEM;
	default:
		return -EINVAL;
	}
}

int systemd_parse_value(struct oci_arena *arena, const char *text, uint64_t scale,
	struct systemd_property *property)
{
	struct value_reader reader = { arena, text };
	int r = read_value(&reader, scale, property);

	if (r < 0)
		return r;
	skip_space(&reader);
	return *reader.at ? -EINVAL : 0;
}
