/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ps: the container's processes, as numbers or as ps(1) describes them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "util/cleanup.h"

extern char **environ;

struct ps_options {
	const char *format;
};

static const struct cli_option options[] = {
	{ "format", 'f', CLI_STRING, offsetof(struct ps_options, format), "FORMAT",
		"table (what ps prints) or json (the pids)" },
	{ 0 },
};

static int print_json(const pid_t *pids, size_t count, struct error *err)
{
	putchar('[');
	for (size_t i = 0; i < count; i++)
		printf("%s%d", i ? "," : "", pids[i]);
	puts("]");
	return cli_flush(err);
}

/* Number of the column headed PID, from 0; -1 without one. Changes the line. */
static int find_column(char *heading)
{
	char *rest;
	int column = 0;

	for (char *word = strtok_r(heading, " \t\n", &rest); word; word = strtok_r(NULL, " \t\n", &rest)) {
		if (strcmp(word, "PID") == 0)
			return column;
		column++;
	}
	return -1;
}

static bool is_listed(const char *line, int column, const pid_t *pids, size_t count)
{
	long pid;

	line += strspn(line, " \t");
	while (column-- > 0) {
		line += strcspn(line, " \t");
		line += strspn(line, " \t");
	}
	pid = strtol(line, NULL, 10);
	for (size_t i = 0; i < count; i++) {
		if (pids[i] == pid)
			return true;
	}
	return false;
}

/* Passes on ps's heading and the lines of the container's processes. */
static int filter(FILE *stream, const pid_t *pids, size_t count, struct error *err)
{
	_cleanup_free_ char *line = NULL;
	_cleanup_free_ char *heading = NULL;
	size_t size = 0;
	int column;

	if (getline(&line, &size, stream) < 0)
		return error_say(err, ENODATA, "ps printed nothing");
	heading = strdup(line);
	if (!heading)
		return error_set(err, ENOMEM, "read the output of ps");
	column = find_column(heading);
	if (column < 0)
		return error_say(err, EINVAL, "couldn't find PID field in ps output: its heading is \"%.*s\"",
			(int)strcspn(line, "\n"), line);
	fputs(line, stdout);
	while (getline(&line, &size, stream) >= 0) {
		if (is_listed(line, column, pids, count))
			fputs(line, stdout);
	}
	return cli_flush(err);
}

/* Starts ps, with its output in a pipe that is @stream's. */
static int start_ps(char *const *arguments, int argument_count, FILE **stream, pid_t *pid,
	struct error *err)
{
	_cleanup_free_ char **argv = calloc((size_t)argument_count + 3, sizeof(*argv));
	posix_spawn_file_actions_t actions;
	int ends[2], code;

	if (!argv || posix_spawn_file_actions_init(&actions) != 0)
		return error_set(err, ENOMEM, "execute ps");
	argv[0] = "ps";
	argv[1] = "-ef";
	for (int i = 0; i < argument_count; i++)
		argv[1 + i] = arguments[i];
	code = pipe2(ends, O_CLOEXEC) < 0 ? errno : 0;
	if (code == 0) {
		*stream = fdopen(ends[0], "r");
		code = *stream ? posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO) : ENOMEM;
		if (code == 0)
			code = posix_spawnp(pid, "ps", &actions, NULL, argv, environ);
		close(ends[1]);
		if (code && *stream)
			fclose(*stream);
	}
	posix_spawn_file_actions_destroy(&actions);
	return code ? error_set(err, code, "execute ps") : 0;
}

static int print_table(char *const *arguments, int argument_count, const pid_t *pids, size_t count,
	struct error *err)
{
	FILE *stream = NULL;
	pid_t child;
	int status = 0;
	int r = start_ps(arguments, argument_count, &stream, &child, err);

	if (r < 0)
		return r;
	r = filter(stream, pids, count, err);
	fclose(stream);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	/* A ps that failed has said why on its own. */
	if (r == -ENODATA || (r == 0 && status))
		r = error_say(err, EIO, "ps failed with status %d",
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return r;
}

static int show_processes(struct cli_call *call, struct error *err)
{
	const struct ps_options *given = call->options;
	const char *format = given->format ? given->format : "table";
	_cleanup_free_ pid_t *pids = NULL;
	size_t count;
	int r;

	if (strcmp(format, "table") != 0 && strcmp(format, "json") != 0)
		return error_say(err, EINVAL, "--format: \"%s\" is neither table nor json", format);
	r = runtime_processes(call->context, call->arguments[0], &pids, &count, err);
	if (r < 0)
		return r;
	if (strcmp(format, "json") == 0)
		return print_json(pids, count, err);
	return print_table(call->arguments + 1, call->argument_count - 1, pids, count, err);
}

const struct cli_command cli_ps = {
	.name = "ps",
	.summary = "show the processes of a container",
	.usage = "CONTAINER [PS-OPTION...]",
	.options = options,
	.options_size = sizeof(struct ps_options),
	.options_first = true,
	.arguments_min = 1,
	.arguments_max = INT_MAX,
	.function = show_processes,
};
