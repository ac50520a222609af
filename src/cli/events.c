/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events: one JSON object a line, as runc prints them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/stats.h"
#include "cli/cli.h"

#define DEFAULT_INTERVAL "5s"

/* A day; more is a mistake. */
#define INTERVAL_MAX 86400000.0

struct events_options {
	const char *interval;
	bool stats;
};

static const struct cli_option options[] = {
	{ "interval", 0, CLI_STRING, offsetof(struct events_options, interval), "DURATION",
		"time between statistics, like 500ms or 1m30s (" DEFAULT_INTERVAL ")" },
	{ "stats", 0, CLI_FLAG, offsetof(struct events_options, stats), NULL,
		"print the statistics once, and nothing else" },
	{ 0 },
};

/* As Go reads durations: numbers with units, one after another. In milliseconds. */
static int parse_duration(const char *text, unsigned *ret, struct error *err)
{
	static const struct {
		const char *name;
		double milliseconds;
	} units[] = { { "ns", 1e-6 }, { "us", 1e-3 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		{ "h", 3600000 } };
	double sum = 0;

	for (const char *at = text; at == text || *at;) {
		size_t digits = strspn(at, "0123456789."), length, i = 0;
		char *end;
		double number = strtod(at, &end);
		bool whole = digits && end == at + digits;

		at += digits;
		length = strcspn(at, "0123456789.");
		while (i < 6 && (strlen(units[i].name) != length || memcmp(units[i].name, at, length) != 0))
			i++;
		if (!whole || i == 6)
			return error_say(err, EINVAL,
				"--interval: \"%s\" is no duration like 500ms, 5s or 1m30s", text);
		sum += number * units[i].milliseconds;
		at += length;
	}
	if (sum <= 0 || sum > INTERVAL_MAX)
		return error_say(err, EINVAL, "--interval: duration interval must be greater than 0, "
			"and a day at most: \"%s\"", text);
	*ret = sum < 1 ? 1 : (unsigned)sum;
	return 0;
}

/* The status as a shell has it. */
static void write_exit(int code, struct json_writer *w)
{
	int signal = code & 0x7f;

	json_open(w, "data", '{');
	json_number(w, "status", (unsigned long long)(signal ? 128 + signal : code >> 8 & 0xff));
	if (signal)
		json_number(w, "signal", (unsigned long long)signal);
	json_close(w, '}');
}

static int print_event(const struct event *event, void *data, struct error *err)
{
	static const char *const names[] = { [EVENT_STATS] = "stats", [EVENT_OOM] = "oom",
		[EVENT_EXIT] = "exit" };
	struct json_writer w = { .stream = stdout };

	json_open(&w, NULL, '{');
	json_string(&w, "type", names[event->type]);
	json_string(&w, "id", data);
	if (event->type == EVENT_STATS)
		cgroup_stats(event->cgroup, &w);
	if (event->type == EVENT_EXIT && event->exit_known)
		write_exit(event->exit_code, &w);
	json_close(&w, '}');
	putchar('\n');
	return cli_flush(err);
}

static int show_events(struct cli_call *call, struct error *err)
{
	const struct events_options *given = call->options;
	unsigned interval = 0;
	int r = parse_duration(given->interval ? given->interval : DEFAULT_INTERVAL, &interval, err);

	if (r < 0)
		return r;
	return runtime_events(call->context, call->arguments[0], given->stats ? 0 : interval, print_event,
		call->arguments[0], err);
}

const struct cli_command cli_events = {
	.name = "events",
	.summary = "print a container's statistics, and what happens to it",
	.usage = "CONTAINER",
	.options = options,
	.options_size = sizeof(struct events_options),
	.arguments_min = 1,
	.arguments_max = 1,
	.function = show_events,
};
