/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one error type of the host side. Functions return 0 or a negative errno
 * and fill a struct error; callers may put words in front of it; main prints
 * it once.
 */
#ifndef SILO_UTIL_ERROR_H
#define SILO_UTIL_ERROR_H

#include <stdarg.h>

struct error {
	int code;           /* positive errno; 0 while there is no error */
	unsigned line;      /* line in config.json; 0 when no property is behind it */
	char pointer[256];  /* JSON pointer of the property behind it; "" when none */
	char message[1536]; /* what was attempted, on what, and why; one line */
};

/**
 * error_set - record an error, adding strerror(code) after the message
 * @err: where to record it; may be NULL
 * @code: positive errno
 * @format: printf format of what was attempted and on what
 *
 * Return: -code, so that callers can write `return error_set(...)`.
 */
int error_set(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * error_say - record an error whose message is complete without strerror()
 * @err: where to record it; may be NULL
 * @code: positive errno that a caller should act on
 * @format: printf format of the whole message
 *
 * Return: -code.
 */
int error_say(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * error_prefix - put words in front of a recorded error's message
 * @err: a recorded error; may be NULL
 * @format: printf format of the words; ": " is added after them
 */
void error_prefix(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * error_origin - name the property of config.json behind a recorded error
 * @err: a recorded error; may be NULL
 * @pointer: JSON pointer; NULL or "" changes nothing
 * @line: its line in config.json, counted from 1; 0 if unknown
 */
void error_origin(struct error *err, const char *pointer, unsigned line);

/**
 * error_text - the one sentence a person reads
 * @err: a recorded error
 * @buffer: receives "config.json: POINTER (line N): MESSAGE" or just MESSAGE
 * @size: size of @buffer in bytes
 *
 * Return: @buffer.
 */
const char *error_text(const struct error *err, char *buffer, unsigned long size);

#endif
