/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the smaller parts of process and linux compile to, and what is refused, and where. */
#include <errno.h>
#include <linux/mempolicy.h>
#include <sys/resource.h>

#include "process_help.h"

#define UTS ",{\"type\":\"uts\"}"
#define IPC ",{\"type\":\"ipc\"}"
#define NET ",{\"type\":\"network\"}"
#define TIME ",{\"type\":\"time\"}"
#define SYSCTL(key, value) ",\"sysctl\":{\"" key "\":\"" value "\"}"
#define RLIMIT(type, soft, hard) "{\"type\":\"" type "\",\"soft\":" soft ",\"hard\":" hard "}"
#define SCHED(members) ",\"scheduler\":{" members "}"
#define POLICY(members) ",\"memoryPolicy\":{" members "}"

static const struct {
	const char *process, *namespaces, *linux_, *top;
	const char *pointer; /* NULL: accepted */
} table[] = {
	/* hostname, domainname (UTS) */
	{ "", UTS, "", ",\"hostname\":\"box\"", NULL },
	{ "", "", "", ",\"hostname\":\"box\"", "/hostname" },
	{ "", "", "", ",\"domainname\":\"box\"", "/domainname" },
	{ "", UTS, "", ",\"hostname\":\"0123456789012345678901234567890123456789012345678901234567890123\"",
		NULL },
	{ "", UTS, "", ",\"hostname\":\"01234567890123456789012345678901234567890123456789012345678901234\"",
		"/hostname" },
	/* SYS-02, CVE-2022-0811 */
	{ "", IPC, SYSCTL("kernel.msgmax", "1"), "", NULL },
	{ "", "", SYSCTL("kernel.msgmax", "1"), "", "/linux/sysctl/kernel.msgmax" },
	{ "", IPC, SYSCTL("fs.mqueue.msg_max", "1"), "", NULL },
	{ "", NET, SYSCTL("net.ipv4.conf.eth0/1.forwarding", "1"), "", NULL },
	{ "", NET, SYSCTL("net/ipv4/ip_forward", "1"), "", NULL },
	{ "", "", SYSCTL("net.ipv4.ip_forward", "1"), "", "/linux/sysctl/net.ipv4.ip_forward" },
	{ "", NET, SYSCTL("kernel.core_pattern", "x"), "", "/linux/sysctl/kernel.core_pattern" },
	{ "", IPC, SYSCTL("kernel.shm_rmid_forced", "1+kernel.core_pattern=x"), "", NULL },
	{ "", IPC, SYSCTL("kernel.shm_rmid_forced+kernel.core_pattern", "1"), "", "/linux/sysctl/" },
	{ "", NET, SYSCTL("net/../kernel/core_pattern", "x"), "", "/linux/sysctl/" },
	{ "", NET, SYSCTL("net.//.kernel.core_pattern", "x"), "", "/linux/sysctl/" },
	{ "", NET, SYSCTL("net//ipv4", "x"), "", "/linux/sysctl/" },
	{ "", NET, SYSCTL("net.", "x"), "", "/linux/sysctl/" },
	{ "", UTS, SYSCTL("kernel.hostname", "x"), "", "/linux/sysctl/kernel.hostname" },
	{ "", UTS, SYSCTL("kernel.domainname", "x"), "", NULL },
	{ "", UTS, SYSCTL("kernel.domainname", "x"), ",\"domainname\":\"y\"",
		"/linux/sysctl/kernel.domainname" },
	/* RLM-02, RLM-05, RLM-06 */
	{ ",\"rlimits\":[" RLIMIT("RLIMIT_CORE", "1", "2") "," RLIMIT("RLIMIT_CPU", "3", "3") "]", "", "",
		"", NULL },
	{ ",\"rlimits\":[" RLIMIT("RLIMIT_CORE", "2", "1") "]", "", "", "", "/process/rlimits/0/soft" },
	{ ",\"rlimits\":[" RLIMIT("RLIMIT_BOGUS", "1", "1") "]", "", "", "", "/process/rlimits/0/type" },
	{ ",\"rlimits\":[" RLIMIT("RLIMIT_CORE", "1", "1") "," RLIMIT("RLIMIT_CORE", "1", "1") "]", "", "",
		"", "/process/rlimits" },
	/* oomScoreAdj */
	{ ",\"oomScoreAdj\":-1000", "", "", "", NULL },
	{ ",\"oomScoreAdj\":1001", "", "", "", "/process/oomScoreAdj" },
	/* SCH-02..07 */
	{ SCHED("\"policy\":\"SCHED_BATCH\",\"nice\":19"), "", "", "", NULL },
	{ SCHED("\"policy\":\"SCHED_BATCH\",\"nice\":20"), "", "", "", "/process/scheduler/nice" },
	{ SCHED("\"policy\":\"SCHED_OTHER\",\"priority\":1"), "", "", "", "/process/scheduler/priority" },
	{ SCHED("\"policy\":\"SCHED_FIFO\",\"priority\":99"), "", "", "", NULL },
	{ SCHED("\"policy\":\"SCHED_FIFO\",\"priority\":100"), "", "", "", "/process/scheduler" },
	{ SCHED("\"policy\":\"SCHED_ISO\""), "", "", "", "/process/scheduler/policy" },
	{ SCHED("\"policy\":\"SCHED_OTHER\",\"runtime\":5"), "", "", "", "/process/scheduler" },
	{ SCHED("\"policy\":\"SCHED_DEADLINE\",\"runtime\":1024,\"deadline\":2048"), "", "", "", NULL },
	{ SCHED("\"policy\":\"SCHED_DEADLINE\",\"runtime\":4096,\"deadline\":2048"), "", "", "",
		"/process/scheduler/runtime" },
	/* IOP-02, IOP-03 */
	{ ",\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":7}", "", "", "", NULL },
	{ ",\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":8}", "", "", "",
		"/process/ioPriority/priority" },
	{ ",\"ioPriority\":{\"class\":\"IOPRIO_CLASS_NONE\"}", "", "", "", "/process/ioPriority/class" },
	/* MPO-02..04 */
	{ "", "", POLICY("\"mode\":\"MPOL_BIND\",\"nodes\":\"0\""), "", NULL },
	{ "", "", POLICY("\"mode\":\"MPOL_BIND\""), "", "/linux/memoryPolicy/mode" },
	{ "", "", POLICY("\"mode\":\"MPOL_LOCAL\",\"nodes\":\"0\""), "", "/linux/memoryPolicy/nodes" },
	{ "", "", POLICY("\"mode\":\"MPOL_LOCAL\",\"nodes\":\"\""), "", NULL },
	{ "", "", POLICY("\"mode\":\"MPOL_BIND\",\"nodes\":\"3-1\""), "", "/linux/memoryPolicy/nodes" },
	{ "", "", POLICY("\"mode\":\"MPOL_BIND\",\"nodes\":\"1,\""), "", "/linux/memoryPolicy/nodes" },
	{ "", "", POLICY("\"mode\":\"MPOL_BIND\",\"nodes\":\"99999999999999999999\""), "",
		"/linux/memoryPolicy/nodes" },
	{ "", "", POLICY("\"mode\":\"MPOL_BIND\",\"nodes\":\"1023\""), "", NULL },
	{ "", "", POLICY("\"mode\":\"MPOL_BIND\",\"nodes\":\"1024\""), "", "/linux/memoryPolicy/nodes" },
	/* PER-01, PER-02 */
	{ "", "", ",\"personality\":{\"domain\":\"LINUX32\"}", "", NULL },
	{ "", "", ",\"personality\":{\"domain\":\"BSD\"}", "", "/linux/personality/domain" },
	{ "", "", ",\"personality\":{\"domain\":\"LINUX\",\"flags\":[\"X\"]}", "", "/linux/personality/flags" },
	/* PSL-02, PSL-03: neither is enabled on the made-up machine */
	{ ",\"apparmorProfile\":\"\",\"selinuxLabel\":\"\"", "", "", "", NULL },
	{ ",\"apparmorProfile\":\"p\"", "", "", "", "/process/apparmorProfile" },
	{ ",\"selinuxLabel\":\"l\"", "", "", "", "/process/selinuxLabel" },
	/* TIM */
	{ "", TIME, ",\"timeOffsets\":{\"boottime\":{\"secs\":-5,\"nanosecs\":6}}", "", NULL },
	{ "", "", ",\"timeOffsets\":{\"boottime\":{\"secs\":1}}", "", "/linux/timeOffsets" },
	{ "", TIME, ",\"timeOffsets\":{\"realtime\":{\"secs\":1}}", "", "/linux/timeOffsets/realtime" },
	{ "", TIME, ",\"timeOffsets\":{\"boottime\":{\"nanosecs\":1000000000}}", "",
		"/linux/timeOffsets/boottime/nanosecs" },
};

Test(process_aspects, accepted_or_refused_by_name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct compiled result = compile_config(table[i].process, table[i].namespaces,
			table[i].linux_, table[i].top);

		cr_expect(!result.plan == !!table[i].pointer, "case %zu: %s%s%s: %s", i,
			table[i].process, table[i].linux_, table[i].top,
			result.plan ? "was accepted" : result.err.message);
		if (table[i].pointer)
			cr_expect(strncmp(result.err.pointer, table[i].pointer,
					  strlen(table[i].pointer)) == 0,
				"case %zu: refused at \"%s\" instead of \"%s\": %s", i,
				result.err.pointer, table[i].pointer, result.err.message);
		compiled_free(&result);
	}
}

static const struct host_step *host_step(const struct plan *plan, enum host_kind kind)
{
	for (size_t i = 0; i < plan->host_count; i++) {
		if (plan->host[i].kind == kind)
			return &plan->host[i];
	}
	return NULL;
}

Test(process_aspects, values)
{
	struct compiled result = compile_config(
		",\"rlimits\":[" RLIMIT("RLIMIT_CORE", "1", "2") "," RLIMIT("RLIMIT_CPU", "3",
			"18446744073709551615") "],\"oomScoreAdj\":-7,"
		"\"scheduler\":{\"policy\":\"SCHED_RR\",\"priority\":5,\"flags\":[\"SCHED_FLAG_RESET_ON_FORK\"]},"
		"\"ioPriority\":{\"class\":\"IOPRIO_CLASS_IDLE\",\"priority\":3}", UTS NET TIME,
		POLICY("\"mode\":\"MPOL_INTERLEAVE\",\"nodes\":\"0-2,65\",\"flags\":[\"MPOL_F_STATIC_NODES\"]")
		",\"timeOffsets\":{\"boottime\":{\"secs\":-5,\"nanosecs\":6}},\"personality\":{\"domain\":\"LINUX32\"}"
		SYSCTL("net.ipv4.conf.eth0/1.forwarding", "1"), ",\"hostname\":\"box\"");
	const struct plan_rlimit *limit;
	const struct plan_scheduler *scheduler;
	const struct plan_memory_policy *policy;
	const struct plan_sysctl *sysctl;
	const struct plan_text *text;
	const unsigned long *nodes;
	const struct host_file *file;

	cr_assert(result.plan, "%s: %s", result.err.pointer, result.err.message);
	limit = step_args(result.plan, PLAN_RLIMIT, 1);
	cr_expect(limit->resource == RLIMIT_CPU && limit->soft == 3 && limit->hard == UINT64_MAX);
	scheduler = step_args(result.plan, PLAN_SCHEDULER, 0);
	cr_expect(scheduler->policy == 2 && scheduler->priority == 5 && scheduler->flags == 1);
	cr_expect(((const struct plan_io_priority *)step_args(result.plan, PLAN_IO_PRIORITY, 0))->value ==
		(3 << 13 | 3));
	cr_expect(((const struct plan_personality *)step_args(result.plan, PLAN_PERSONALITY, 0))->domain == 8);
	policy = step_args(result.plan, PLAN_MEMORY_POLICY, 0);
	cr_expect(policy->mode == (MPOL_INTERLEAVE | MPOL_F_STATIC_NODES));
	nodes = (const void *)(result.plan->blob + policy->nodes);
	cr_expect(nodes[0] == 7 && nodes[1] == 2);
	cr_expect(policy->max_node == 1025);
	sysctl = step_args(result.plan, PLAN_SYSCTL, 0);
	cr_expect_str_eq(blob_text(result.plan, sysctl->path), "net/ipv4/conf/eth0.1/forwarding");
	text = step_args(result.plan, PLAN_HOSTNAME, 0);
	cr_expect(text->length == 3);
	cr_expect_str_eq(blob_text(result.plan, text->text), "box");
	text = step_args(result.plan, PLAN_KEYRING, 0);
	cr_expect_str_eq(blob_text(result.plan, text->text), "_ses.c1");
	file = host_step(result.plan, HOST_OOM_SCORE)->data;
	cr_expect_str_eq(file->text, "-7");
	file = host_step(result.plan, HOST_TIME_OFFSETS)->data;
	cr_expect_str_eq(file->text, "boottime -5 6\n");
	compiled_free(&result);
}

/* CAP-02..05: the made-up machine cannot grant CAP_SYS_RESOURCE (24). */
Test(process_aspects, capabilities)
{
	struct compiled result = compile_config(",\"capabilities\":{"
		"\"bounding\":[\"CAP_CHOWN\",\"CAP_SYS_RESOURCE\",\"CAP_BOGUS\"],"
		"\"effective\":[\"CAP_CHOWN\"],\"permitted\":[\"CAP_CHOWN\",\"CAP_KILL\"],"
		"\"inheritable\":[\"CAP_KILL\"],\"ambient\":[\"CAP_KILL\",\"CAP_CHOWN\"]}", "", "", "");
	const struct plan_capabilities *caps;

	cr_assert(result.plan, "%s", result.err.message);
	caps = step_args(result.plan, PLAN_CAPABILITIES, 0);
	cr_expect(caps->bounding == 1);
	cr_expect(caps->effective == 1);
	cr_expect(caps->permitted == (1 | 1 << 5));
	cr_expect(caps->inheritable == 1 << 5);
	cr_expect(caps->ambient == 1 << 5);
	cr_expect(result.plan->warning_count == 3, "%zu warnings", result.plan->warning_count);
	caps = step_args(result.plan, PLAN_BOUNDING, 0);
	cr_expect(caps->bounding == (((1ULL << 41) - 1) & ~(1ULL << 24) & ~1ULL));
	compiled_free(&result);
}

Test(process_aspects, no_capabilities_is_none)
{
	struct compiled result = compile_config("", "", "", "");
	const struct plan_capabilities *caps;

	cr_assert(result.plan, "%s", result.err.message);
	caps = step_args(result.plan, PLAN_CAPABILITIES, 0);
	cr_expect(!(caps->bounding | caps->effective | caps->permitted | caps->inheritable | caps->ambient));
	compiled_free(&result);
}
