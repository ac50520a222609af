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

/* By number, as the kernel has them. Not sigabbrev_np(3), which only glibc has. */
static const char *const signal_names[] = {
	[SIGHUP] = "HUP", [SIGINT] = "INT", [SIGQUIT] = "QUIT", [SIGILL] = "ILL",
	[SIGTRAP] = "TRAP", [SIGABRT] = "ABRT", [SIGBUS] = "BUS", [SIGFPE] = "FPE",
	[SIGKILL] = "KILL", [SIGUSR1] = "USR1", [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2",
	[SIGPIPE] = "PIPE", [SIGALRM] = "ALRM", [SIGTERM] = "TERM", [SIGSTKFLT] = "STKFLT",
	[SIGCHLD] = "CHLD", [SIGCONT] = "CONT", [SIGSTOP] = "STOP", [SIGTSTP] = "TSTP",
	[SIGTTIN] = "TTIN", [SIGTTOU] = "TTOU", [SIGURG] = "URG", [SIGXCPU] = "XCPU",
	[SIGXFSZ] = "XFSZ", [SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF", [SIGWINCH] = "WINCH",
	[SIGIO] = "POLL", [SIGPWR] = "PWR", [SIGSYS] = "SYS",
};

/* Other names of the same (signal(7)). */
static const struct {
	const char *name;
	int signal;
} signal_synonyms[] = { { "IOT", SIGABRT }, { "CLD", SIGCHLD }, { "IO", SIGIO } };

/*
 * The first signal that glibc leaves to programs, which is what "SIGRTMIN+3" of a systemd in a container and of an image's
 * STOPSIGNAL mean; musl's SIGRTMIN is another.
 */
#define REALTIME_MIN 34
#define REALTIME_MAX 64

/* "RTMIN+3" and "RTMAX-3", as kill(1) takes them. */
static int parse_realtime(const char *name)
{
	bool from_top = strncasecmp(name, "RTMAX", 5) == 0;
	int base = from_top ? REALTIME_MAX : REALTIME_MIN;
	uint64_t offset;

	if (!from_top && strncasecmp(name, "RTMIN", 5) != 0)
		return -EINVAL;
	if (!name[5])
		return base;
	if (name[5] != (from_top ? '-' : '+') ||
		!number_parse(name + 6, REALTIME_MAX - REALTIME_MIN, &offset))
		return -EINVAL;
	return from_top ? base - (int)offset : base + (int)offset;
}

/* A number, or a name with or without "SIG", in any case (OPS-20). */
static int parse_signal(const char *text)
{
	const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
	uint64_t number;

	if (*text >= '0' && *text <= '9')
		return number_parse(text, REALTIME_MAX, &number) ? (int)number : -EINVAL;
	for (size_t i = 0; i < sizeof(signal_names) / sizeof(signal_names[0]); i++) {
		if (signal_names[i] && strcasecmp(signal_names[i], name) == 0)
			return (int)i;
	}
	for (size_t i = 0; i < sizeof(signal_synonyms) / sizeof(signal_synonyms[0]); i++) {
		if (strcasecmp(signal_synonyms[i].name, name) == 0)
			return signal_synonyms[i].signal;
	}
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
