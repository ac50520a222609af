/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/error.h"

#include <stdio.h>
#include <string.h>

/* Keeps a message on one line, since log readers take a line for an event. */
static void one_line(char *text)
{
	for (; *text; text++) {
		if (*text == '\n' || *text == '\r')
			*text = ' ';
	}
}

static void record(struct error *err, int code, const char *format, va_list args)
{
	err->code = code;
	err->line = 0;
	err->pointer[0] = '\0';
	vsnprintf(err->message, sizeof(err->message), format, args);
	one_line(err->message);
}

int error_set(struct error *err, int code, const char *format, ...)
{
	va_list args;
	size_t used;

	if (!err)
		return -code;
	va_start(args, format);
	record(err, code, format, args);
	va_end(args);
	used = strlen(err->message);
	snprintf(err->message + used, sizeof(err->message) - used, ": %s", strerror(code));
	return -code;
}

int error_say(struct error *err, int code, const char *format, ...)
{
	va_list args;

	if (!err)
		return -code;
	va_start(args, format);
	record(err, code, format, args);
	va_end(args);
	return -code;
}

void error_prefix(struct error *err, const char *format, ...)
{
	char prefix[512], rest[sizeof(err->message)];
	va_list args;

	if (!err)
		return;
	va_start(args, format);
	vsnprintf(prefix, sizeof(prefix), format, args);
	va_end(args);
	memcpy(rest, err->message, sizeof(rest));
	snprintf(err->message, sizeof(err->message), "%s: %.*s", prefix,
		(int)(sizeof(err->message) - sizeof(prefix) - 3), rest);
	one_line(err->message);
}

void error_origin(struct error *err, const char *pointer, unsigned line)
{
	if (!err || !pointer || !*pointer)
		return;
	snprintf(err->pointer, sizeof(err->pointer), "%s", pointer);
	err->line = line;
}

const char *error_text(const struct error *err, char *buffer, unsigned long size)
{
	if (!err->pointer[0])
		snprintf(buffer, size, "%s", err->message);
	else if (err->line)
		snprintf(buffer, size, "config.json: %s (line %u): %s", err->pointer, err->line,
			err->message);
	else
		snprintf(buffer, size, "config.json: %s: %s", err->pointer, err->message);
	return buffer;
}
