/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzz targets of the host side share. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdlib.h>
#include <string.h>

#include "util/error.h"

/* The text up to the next NUL or the end, in memory of just this size; *@rest and *@size go on behind it. */
static inline char *fuzz_text(const char **rest, size_t *size)
{
	size_t length = *size ? strnlen(*rest, *size) : 0, step = length + (length < *size);
	char *text = malloc(length + 1);

	if (length)
		memcpy(text, *rest, length);
	text[length] = '\0';
	*rest += step;
	*size -= step;
	return text;
}

/* An error says something, in one line. */
static inline void fuzz_check_error(const struct error *err)
{
	if (!err->message[0] || strnlen(err->message, sizeof(err->message)) == sizeof(err->message))
		abort();
}

#endif
