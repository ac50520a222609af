/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* Length of the sequence at @s, 0 if it is not valid; RFC 3629 section 4. */
static size_t utf8_sequence(const unsigned char *s, size_t len)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (n == 1)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4 || len < n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
		(s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

size_t oci_utf8_valid_len(const char *text, size_t len)
{
	uint64_t word;
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = sizeof(word);
		if (len - i >= n) {
			memcpy(&word, text + i, n);
			if ((word & 0x8080808080808080u) == 0)
				continue;
		}
		n = utf8_sequence((const unsigned char *)text + i, len - i);
		if (n == 0)
			return i;
	}
	return len;
}

enum oci_integer_result oci_integer_parse(const char *text, size_t len, struct oci_integer *ret)
{
	size_t i = 0;
	uint64_t value = 0;
	bool huge = false;

	ret->negative = len > 0 && text[0] == '-';
	for (i = ret->negative; i < len; i++) {
		unsigned digit = (unsigned char)text[i] - '0';

		if (digit > 9)
			return OCI_INTEGER_FRACTION;
		if (__builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, digit, &value))
			huge = true;
	}
	ret->magnitude = value;
	return huge ? OCI_INTEGER_HUGE : OCI_INTEGER_OK;
}

static unsigned hex4(const char *s)
{
	unsigned value = 0;

	for (int i = 0; i < 4; i++) {
		unsigned c = (unsigned char)s[i];

		value = value << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

bool oci_surrogates_paired(const char *raw, size_t len)
{
	bool high = false;

	for (size_t i = 0; i < len; i++) {
		unsigned code = 0;

		if (raw[i] == '\\' && len - i >= 6 && raw[i + 1] == 'u') {
			code = hex4(raw + i + 2);
			i += 5;
		} else if (raw[i] == '\\') {
			i++;
		}
		if (high != ((code & 0xfc00) == 0xdc00))
			return false;
		high = (code & 0xfc00) == 0xd800;
	}
	return !high;
}

size_t oci_string_start(const char *text, size_t end)
{
	size_t start = end < 2 ? 0 : end - 2, escapes;

	for (; start > 0; start--) {
		if (text[start] != '"')
			continue;
		for (escapes = 0; escapes < start && text[start - 1 - escapes] == '\\'; escapes++)
			;
		if (escapes % 2 == 0)
			break;
	}
	return start;
}

void oci_cursor_move(struct oci_cursor *cursor, size_t offset, unsigned *line, unsigned *column)
{
	const char *from = cursor->text + cursor->offset, *to = cursor->text + offset, *newline;

	while (from < to && (newline = memchr(from, '\n', (size_t)(to - from))) != NULL) {
		from = newline + 1;
		cursor->line++;
		cursor->line_start = (size_t)(from - cursor->text);
	}
	if (offset > cursor->offset)
		cursor->offset = offset;
	*line = cursor->line;
	*column = (unsigned)(offset - cursor->line_start) + 1;
}

const char *oci_quote(char *buffer, size_t size, const char *string, size_t len)
{
	size_t room = size - sizeof("\"...\""), n = len;

	if (n > room)
		for (n = room; n > 0 && ((unsigned char)string[n] & 0xc0) == 0x80; n--)
			;
	snprintf(buffer, size, "\"%.*s%s\"", (int)n, string, n < len ? "..." : "");
	for (char *c = buffer; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return buffer;
}

void oci_pointer_push(char *pointer, size_t size, const char *token)
{
	static const char more[] = "...";
	size_t at = strlen(pointer), limit = size - 8;

	if (at >= limit) {
		if (strcmp(pointer + at - strlen(more), more) != 0)
			memcpy(pointer + at, more, sizeof(more));
		return;
	}
	pointer[at++] = '/';
	for (; *token != '\0' && at < limit; token++) {
		if (*token == '~' || *token == '/') {
			pointer[at++] = '~';
			pointer[at++] = *token == '~' ? '0' : '1';
		} else {
			pointer[at++] = *token;
		}
	}
	if (*token != '\0') {
		/*
		 * Not in the middle of a character, and long enough to be seen as full next time.
		 */
		while (((unsigned char)*token & 0xc0) == 0x80) {
			token--;
			at--;
		}
		memcpy(pointer + at, more, sizeof(more));
		return;
	}
	pointer[at] = '\0';
}

void oci_pointer_push_index(char *pointer, size_t size, size_t index)
{
	char token[24];

	snprintf(token, sizeof(token), "%zu", index);
	oci_pointer_push(pointer, size, token);
}

int oci_fail(struct oci_error *err, int code, const char *format, ...)
{
	va_list args;

	if (err == NULL)
		return -code;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	return -code;
}
