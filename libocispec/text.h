/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What concerns characters, not objects. Private to the library. */
#ifndef OCISPEC_TEXT_H
#define OCISPEC_TEXT_H

#include "ocispec.h"

/* An integer as JSON has it: any of uint64_t, or the negative of any of them. */
struct oci_integer {
	bool negative;
	uint64_t magnitude;
};

enum oci_integer_result {
	OCI_INTEGER_OK,
	OCI_INTEGER_FRACTION, /* has a fraction or an exponent */
	OCI_INTEGER_HUGE,     /* does not fit */
};

/* Line and column of an offset that only ever grows. */
struct oci_cursor {
	const char *text;
	size_t offset, line_start;
	unsigned line;
};

/**
 * oci_utf8_valid_len - length of the longest valid UTF-8 prefix (RFC 3629: no overlongs, no
 * surrogates)
 */
size_t oci_utf8_valid_len(const char *text, size_t len);

/** oci_integer_parse - parse a JSON number that has to be an integer, and to be written as one */
enum oci_integer_result oci_integer_parse(const char *text, size_t len, struct oci_integer *ret);

/** oci_surrogates_paired - whether \uD800..\uDFFF escapes in a raw JSON string come in pairs */
bool oci_surrogates_paired(const char *raw, size_t len);

/**
 * oci_string_start - offset of the quote that opens the string whose closing quote is before @end
 */
size_t oci_string_start(const char *text, size_t end);

/** oci_cursor_move - set line and column of an offset; @offset must not be before the last one */
void oci_cursor_move(struct oci_cursor *cursor, size_t offset, unsigned *line, unsigned *column);

/**
 * oci_quote - a string as an error message shows it: quoted, short, and printable
 * @buffer: receives it
 * @size: of @buffer, at least 16
 * @string: valid UTF-8
 * @len: its length
 *
 * Return: @buffer.
 */
const char *oci_quote(char *buffer, size_t size, const char *string, size_t len);

/**
 * oci_pointer_push - append a reference token to a JSON pointer; what does not fit becomes "..."
 */
void oci_pointer_push(char *pointer, size_t size, const char *token);

/** oci_pointer_push_index - append an array index to a JSON pointer */
void oci_pointer_push_index(char *pointer, size_t size, size_t index);

/** oci_fail - record an error (not its place); @err may be NULL; Return: -@code */
int oci_fail(struct oci_error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
