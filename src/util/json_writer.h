/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON on a stream, value by value; commas are taken care of. For what has no description in libocispec. */
#ifndef SILO_UTIL_JSON_WRITER_H
#define SILO_UTIL_JSON_WRITER_H

#include <stdbool.h>
#include <stdio.h>

struct json_writer {
	FILE *stream;
	bool more; /* something stands before the next value, on its level */
};

/* @key is NULL in arrays and for the outermost value. */

/** json_open - begin an object ('{') or an array ('[') */
void json_open(struct json_writer *w, const char *key, char bracket);

/** json_close - end it ('}' or ']') */
void json_close(struct json_writer *w, char bracket);

void json_number(struct json_writer *w, const char *key, unsigned long long value);
void json_string(struct json_writer *w, const char *key, const char *text);

/** json_literal - a value that is JSON already: null, -1, 0.25 */
void json_literal(struct json_writer *w, const char *key, const char *text);

#endif
