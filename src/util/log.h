/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: one line an event, in the two forms that managers parse from runc
 * (logrus' text and JSON). Until log_open() lines go to standard error as text.
 */
#ifndef SILO_UTIL_LOG_H
#define SILO_UTIL_LOG_H

#include "util/error.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/* What the command line says about the log; NULL members keep the defaults. */
struct log_options {
	const char *program; /* identifies us in journald and syslog when the target does not */
	const char *target;  /* "PATH", "file:PATH", "journald:[ID]", "syslog:[ID]"; standard error */
	const char *format;  /* "text" or "json"; text */
	const char *level;   /* "error", "warning", "info" or "debug"; info */
};

/**
 * log_open - say where the log goes
 * @options: strings must outlive the log
 *
 * A file is made if missing and appended to. Lines already written stay where they went.
 *
 * Return: 0, or a negative errno: -EINVAL for an unknown scheme, format or level.
 */
int log_open(const struct log_options *options, struct error *err);

/**
 * log_fatal - report the error that ends the program
 * @err: the error
 *
 * The line goes to the log, with the property and the errno as extra members
 * in JSON. If the log is not standard error, the bare sentence goes there as
 * well: callers without access to the log read it (compat-runc: Docker, CRI-O).
 */
void log_fatal(const struct error *err);

void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
