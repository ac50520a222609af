/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/cli.h"
#include "util/number.h"

struct kill_options {
	bool all, regex;
};

static const struct cli_option kill_options[] = {
	{ "all", 'a', CLI_FLAG, offsetof(struct kill_options, all), NULL,
		"signal all processes of the container" },
	{ "regex", 'r', CLI_FLAG, offsetof(struct kill_options, regex), NULL,
		"CONTAINER is a regular expression: all that match" },
	{ 0 },
};

/* "RTMIN+3" and "RTMAX-3", as kill(1) takes them. */
static int parse_realtime(const char *name)
{
	bool from_top = strncasecmp(name, "RTMAX", 5) == 0;
	int base = from_top ? SIGRTMAX : SIGRTMIN;
	uint64_t offset;

	if (!from_top && strncasecmp(name, "RTMIN", 5) != 0)
		return -EINVAL;
	if (!name[5])
		return base;
	if (name[5] != (from_top ? '-' : '+') ||
		!number_parse(name + 6, (uint64_t)(SIGRTMAX - SIGRTMIN), &offset))
		return -EINVAL;
	return from_top ? base - (int)offset : base + (int)offset;
}

/* A number, or a name with or without "SIG", in any case (OPS-20). */
static int parse_signal(const char *text)
{
	const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
	uint64_t number;

	if (*text >= '0' && *text <= '9')
		return number_parse(text, (uint64_t)SIGRTMAX, &number) ? (int)number : -EINVAL;
	for (int signal = 1; signal < NSIG; signal++) {
		const char *known = sigabbrev_np(signal);

		if (known && strcasecmp(known, name) == 0)
			return signal;
	}
	if (strcasecmp(name, "IOT") == 0)
		return SIGABRT;
	if (strcasecmp(name, "CLD") == 0)
		return SIGCHLD;
	return parse_realtime(name);
}

static int send_one(const struct cli_call *call, const char *id, struct error *err)
{
	const struct kill_options *options = call->options;
	int signal = call->argument_count > 1 ? parse_signal(call->arguments[1]) : SIGTERM;

	return runtime_kill(call->context, id, signal, options->all, err);
}

static int send(struct cli_call *call, struct error *err)
{
	const struct kill_options *options = call->options;

	if (call->argument_count > 1 && parse_signal(call->arguments[1]) < 0)
		return error_say(err, EINVAL, "unknown signal \"%s\"", call->arguments[1]);
	return options->regex ? cli_each(call, call->arguments[0], send_one, err) :
				send_one(call, call->arguments[0], err);
}

const struct cli_command cli_kill = {
	.name = "kill",
	.summary = "send a signal (SIGTERM) to a container's process",
	.usage = "CONTAINER [SIGNAL]",
	.options = kill_options,
	.options_size = sizeof(struct kill_options),
	.arguments_min = 1,
	.arguments_max = 2,
	.function = send,
};
