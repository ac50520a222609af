/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.rlimits, oomScoreAdj; linux.personality (RLM-*, PSL-04, PER-*). */
#include "aspects/aspects.h"

#include <errno.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>

static const uint32_t resource[] = {
	[OCI_RLIMIT_AS] = RLIMIT_AS,           [OCI_RLIMIT_CORE] = RLIMIT_CORE,
	[OCI_RLIMIT_CPU] = RLIMIT_CPU,         [OCI_RLIMIT_DATA] = RLIMIT_DATA,
	[OCI_RLIMIT_FSIZE] = RLIMIT_FSIZE,     [OCI_RLIMIT_LOCKS] = RLIMIT_LOCKS,
	[OCI_RLIMIT_MEMLOCK] = RLIMIT_MEMLOCK, [OCI_RLIMIT_MSGQUEUE] = RLIMIT_MSGQUEUE,
	[OCI_RLIMIT_NICE] = RLIMIT_NICE,       [OCI_RLIMIT_NOFILE] = RLIMIT_NOFILE,
	[OCI_RLIMIT_NPROC] = RLIMIT_NPROC,     [OCI_RLIMIT_RSS] = RLIMIT_RSS,
	[OCI_RLIMIT_RTPRIO] = RLIMIT_RTPRIO,   [OCI_RLIMIT_RTTIME] = RLIMIT_RTTIME,
	[OCI_RLIMIT_SIGPENDING] = RLIMIT_SIGPENDING, [OCI_RLIMIT_STACK] = RLIMIT_STACK,
};

int aspect_rlimits(struct compile *c)
{
	const struct oci_process *process = c->config->process;

	for (size_t i = 0; process && i < process->rlimits.len; i++) {
		const struct oci_rlimit *limit = process->rlimits.items[i];
		struct plan_rlimit args = { .resource = resource[limit->type], .soft = limit->soft,
			.hard = limit->hard };

		if (limit->soft > limit->hard)
			return plan_refuse(c, &limit->soft, EINVAL,
				"%s: the soft limit %llu is above the hard limit %llu",
				oci_enum_name(&oci_rlimit_type_enum, (int)limit->type),
				(unsigned long long)limit->soft, (unsigned long long)limit->hard);
		plan_add_privileged(c, PLAN_RLIMIT, &process->rlimits.items[i], &args, sizeof(args),
			"limit %s to %llu, at most %llu",
			oci_enum_name(&oci_rlimit_type_enum, (int)limit->type),
			(unsigned long long)limit->soft, (unsigned long long)limit->hard);
	}
	return 0;
}

/* By the host side: lowering it takes a capability over the host's user namespace. */
/*
 * Having joined a user namespace, init's files in /proc are closed to the ordinary user who started it: it
 * raises its score itself, before. Anywhere else the host side does it, which may also lower it.
 */
static bool init_sets_score(const struct compile *c)
{
	return c->host->euid != 0 && (c->joined_namespaces || c->options->entered);
}

int aspect_own_oom_score(struct compile *c)
{
	const struct oci_process *process = c->config->process;
	struct plan_text args = { 0 };
	const char *text;

	if (!process || !process->oomScoreAdj || !init_sets_score(c))
		return 0;
	text = oci_arena_printf(c->arena, "%d", *process->oomScoreAdj);
	if (!text)
		return error_set(c->err, ENOMEM, "compile oomScoreAdj");
	args.text = plan_put_string(c, text);
	args.length = (uint32_t)strlen(text);
	plan_add(c, PLAN_OOM_SCORE, &process->oomScoreAdj, &args, sizeof(args), "set oom_score_adj to %s", text);
	return 0;
}

int aspect_oom_score(struct compile *c)
{
	const struct oci_process *process = c->config->process;
	struct host_file *file;

	if (!process || !process->oomScoreAdj)
		return 0;
	if (*process->oomScoreAdj < -1000 || *process->oomScoreAdj > 1000)
		return plan_refuse(c, &process->oomScoreAdj, ERANGE,
			"oomScoreAdj %d is not within -1000..1000", *process->oomScoreAdj);
	if (init_sets_score(c))
		return 0;
	file = oci_arena_alloc(c->arena, sizeof(*file));
	if (!file)
		return error_set(c->err, ENOMEM, "compile oomScoreAdj");
	file->name = "oom_score_adj";
	file->text = oci_arena_printf(c->arena, "%d", *process->oomScoreAdj);
	plan_add_host(c, HOST_OOM_SCORE, HOST_AFTER_CLONE, &process->oomScoreAdj, file,
		"set oom_score_adj to %d", *process->oomScoreAdj);
	return 0;
}

int aspect_personality(struct compile *c)
{
	const struct oci_linux *os = c->config->linux;
	struct plan_personality args;

	if (!os || !os->personality)
		return 0;
	if (os->personality->flags.len)
		return plan_refuse(c, &os->personality->flags, EINVAL,
			"no personality flag is supported: the list must be empty");
	args.domain = os->personality->domain == OCI_PERSONALITY_LINUX32 ? PER_LINUX32 : PER_LINUX;
	plan_add(c, PLAN_PERSONALITY, &os->personality, &args, sizeof(args), "set the personality %s",
		oci_enum_name(&oci_personality_domain_enum, (int)os->personality->domain));
	return 0;
}
