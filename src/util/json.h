/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON strings for the few places that write JSON without a description of it (log lines, `plan`). */
#ifndef SILO_UTIL_JSON_H
#define SILO_UTIL_JSON_H

#include <stddef.h>

/* Bytes that json_quote() needs at most for a text of @length bytes, NUL included. */
#define JSON_QUOTED_MAX(length) (6 * (length) + 3)

/**
 * json_quote - write a text as a JSON string, in quotes
 * @buffer: receives the string and a NUL; a text that does not fit is cut between two characters
 * @size: of @buffer in bytes; at least 3
 * @text: the text; bytes that are not UTF-8 become U+FFFD
 *
 * Return: length of what was written, without the NUL.
 */
size_t json_quote(char *buffer, size_t size, const char *text);

#endif
