/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "util/json.h"

/* The longest message (error_text() of a full struct error), each byte escaped, and the rest of the line. */
#define MESSAGE_MAX 2048
#define LINE_MAX_BYTES (JSON_QUOTED_MAX(MESSAGE_MAX) + JSON_QUOTED_MAX(256) + 256)

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

enum log_target {
	LOG_TARGET_FILE,
	LOG_TARGET_JOURNALD,
	LOG_TARGET_SYSLOG,
};

static struct {
	enum log_target target;
	int fd;
	bool json;
	enum log_level level;
	const char *identifier;
} log_state = { .target = LOG_TARGET_FILE, .fd = STDERR_FILENO, .level = LOG_LEVEL_INFO };

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

static const int syslog_priorities[] = {
	[LOG_LEVEL_ERROR] = LOG_ERR,
	[LOG_LEVEL_WARNING] = LOG_WARNING,
	[LOG_LEVEL_INFO] = LOG_INFO,
	[LOG_LEVEL_DEBUG] = LOG_DEBUG,
};

/* One event on its way out; @err only for the error that ends the program. */
struct log_event {
	enum log_level level;
	const char *message;
	const struct error *err;
};

static void format_time(char *buffer, size_t size)
{
	time_t now = time(NULL);
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(buffer, size, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* Go's logrus writes text values in Go syntax, which JSON's is a part of. */
static size_t format_text(char *line, size_t size, const struct log_event *event)
{
	char now[32], quoted[JSON_QUOTED_MAX(MESSAGE_MAX)];

	format_time(now, sizeof(now));
	json_quote(quoted, sizeof(quoted), event->message);
	return (size_t)snprintf(line, size, "time=\"%s\" level=%s msg=%s\n", now,
		level_names[event->level], quoted);
}

static size_t format_origin(char *buffer, size_t size, const struct error *err)
{
	char pointer[JSON_QUOTED_MAX(sizeof(err->pointer))];
#ifdef HAVE_STRERRORNAME_NP
	const char *name = strerrorname_np(err->code);
#else
	const char *name = NULL; /* musl has no names of errors */
#endif
	size_t used = 0;

	if (name)
		used += (size_t)snprintf(buffer, size, "\"errno\":\"%s\",", name);
	if (err->pointer[0]) {
		json_quote(pointer, sizeof(pointer), err->pointer);
		used += (size_t)snprintf(buffer + used, size - used, "\"pointer\":%s,\"line\":%u,",
			pointer, err->line);
	}
	return used;
}

static size_t format_json(char *line, size_t size, const struct log_event *event)
{
	char now[32], quoted[JSON_QUOTED_MAX(MESSAGE_MAX)];
	char origin[JSON_QUOTED_MAX(sizeof(event->err->pointer)) + 96] = "";

	format_time(now, sizeof(now));
	json_quote(quoted, sizeof(quoted), event->message);
	if (event->err)
		format_origin(origin, sizeof(origin), event->err);
	return (size_t)snprintf(line, size, "{%s\"level\":\"%s\",\"msg\":%s,\"time\":\"%s\"}\n",
		origin, level_names[event->level], quoted, now);
}

/* systemd's native protocol: fields as lines in one datagram; a message is always one line here. */
static void send_to_journal(const struct log_event *event)
{
	char text[MESSAGE_MAX + 256];
	int length = snprintf(text, sizeof(text), "MESSAGE=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=%s\n",
		event->message, syslog_priorities[event->level], log_state.identifier);

	send(log_state.fd, text, (size_t)length, MSG_NOSIGNAL);
}

static void write_line(int fd, const char *line, size_t length)
{
	while (write(fd, line, length) < 0 && errno == EINTR)
		;
}

static void emit(const struct log_event *event)
{
	char line[LINE_MAX_BYTES];
	size_t length;

	if (log_state.target == LOG_TARGET_SYSLOG) {
		syslog(syslog_priorities[event->level], "%s", event->message);
		return;
	}
	if (log_state.target == LOG_TARGET_JOURNALD) {
		send_to_journal(event);
		return;
	}
	length = log_state.json ? format_json(line, sizeof(line), event) :
				  format_text(line, sizeof(line), event);
	write_line(log_state.fd, line, length);
}

static void log_message(enum log_level level, const char *format, va_list args)
{
	char message[MESSAGE_MAX];
	struct log_event event = { .level = level, .message = message };
	int saved = errno;

	if (level > log_state.level)
		return;
	vsnprintf(message, sizeof(message), format, args);
	for (char *c = message; *c; c++) {
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	}
	emit(&event);
	errno = saved;
}

void log_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_message(LOG_LEVEL_WARNING, format, args);
	va_end(args);
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_message(LOG_LEVEL_INFO, format, args);
	va_end(args);
}

void log_debug(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_message(LOG_LEVEL_DEBUG, format, args);
	va_end(args);
}

void log_fatal(const struct error *err)
{
	char message[MESSAGE_MAX];
	struct log_event event = { .level = LOG_LEVEL_ERROR, .message = message, .err = err };
	size_t length;

	error_text(err, message, sizeof(message) - 1);
	emit(&event);
	if (log_state.target == LOG_TARGET_FILE && log_state.fd == STDERR_FILENO)
		return;
	length = strlen(message);
	message[length] = '\n';
	write_line(STDERR_FILENO, message, length + 1);
}

static int open_journal(struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

	if (fd < 0)
		return error_set(err, errno, "make a socket for the journal");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		r = error_set(err, errno, "connect to the journal at %s", JOURNAL_SOCKET);
		close(fd);
		return r;
	}
	log_state.target = LOG_TARGET_JOURNALD;
	log_state.fd = fd;
	return 0;
}

static int open_file(const char *path, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);

	if (fd < 0)
		return error_set(err, errno, "open the log %s", path);
	log_state.fd = fd;
	return 0;
}

static int open_target(const char *target, const char *program, struct error *err)
{
	const char *colon = strchr(target, ':');
	size_t scheme = colon ? (size_t)(colon - target) : 0;

	/* A path may contain a colon: only a word without a slash in front of it is a scheme. */
	if (!colon || memchr(target, '/', scheme))
		return open_file(target, err);
	if (strncmp(target, "file:", scheme + 1) == 0)
		return open_file(colon + 1, err);
	log_state.identifier = colon[1] ? colon + 1 : program;
	if (strncmp(target, "journald:", scheme + 1) == 0)
		return open_journal(err);
	if (strncmp(target, "syslog:", scheme + 1) == 0) {
		openlog(log_state.identifier, LOG_NDELAY | LOG_PID, LOG_USER);
		log_state.target = LOG_TARGET_SYSLOG;
		return 0;
	}
	return error_say(err, EINVAL,
		"unknown log scheme \"%.*s\": use file:PATH, journald:ID or syslog:ID", (int)scheme,
		target);
}

static int set_level(const char *name, struct error *err)
{
	for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
		if (strcmp(level_names[i], name) == 0) {
			log_state.level = (enum log_level)i;
			return 0;
		}
	}
	return error_say(err, EINVAL, "unknown log level \"%s\": use error, warning, info or debug",
		name);
}

int log_open(const struct log_options *options, struct error *err)
{
	int r = 0;

	if (options->format && strcmp(options->format, "json") != 0 &&
		strcmp(options->format, "text") != 0)
		return error_say(err, EINVAL, "unknown log format \"%s\": use text or json",
			options->format);
	if (options->format)
		log_state.json = strcmp(options->format, "json") == 0;
	if (options->level)
		r = set_level(options->level, err);
	if (r == 0 && options->target)
		r = open_target(options->target, options->program, err);
	return r;
}
