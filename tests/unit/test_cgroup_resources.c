/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.resources to settings, on v1, hybrid and v2 hosts (RES-*, RME-*, RCP-*, RBI-*, RHP-*, RNW-*, RPI-*, RRD-*, RUN-*). */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>

#include "cgroup/resources.h"
#include "cgroup_support.h"

struct row {
	const char *resources;
	const char *v1;   /* settings; NULL if refused */
	const char *v2;
	const char *why;  /* part of the message, where one refuses */
};

static const struct row rows[] = {
	/* memory */
	{ "\"memory\": {\"limit\": 4096}", "memory.limit_in_bytes=4096\n", "@memory.max=4096\n", NULL },
	{ "\"memory\": {\"limit\": -1}", "memory.limit_in_bytes=-1\n", "@memory.max=max\n", NULL },
	{ "\"memory\": {\"limit\": 0, \"swap\": 0, \"reservation\": 0}", "", "", NULL },
	{ "\"memory\": {\"limit\": -2}", NULL, NULL, "-2" },
	{ "\"memory\": {\"limit\": 4096, \"swap\": 12288}",
		"memory.limit_in_bytes=4096\nmemory.memsw.limit_in_bytes=12288\n",
		"@memory.max=4096\n@memory.swap.max=8192\n", NULL },
	{ "\"memory\": {\"limit\": 4096, \"swap\": 4096}",
		"memory.limit_in_bytes=4096\nmemory.memsw.limit_in_bytes=4096\n",
		"@memory.max=4096\n@memory.swap.max=0\n", NULL },
	{ "\"memory\": {\"limit\": 4096, \"swap\": -1}",
		"memory.limit_in_bytes=4096\nmemory.memsw.limit_in_bytes=-1\n",
		"@memory.max=4096\n@memory.swap.max=max\n", NULL },
	{ "\"memory\": {\"limit\": 4096, \"swap\": 4095}", NULL, NULL, "less than memory.limit" },
	{ "\"memory\": {\"swap\": 4096}", "memory.memsw.limit_in_bytes=4096\n", NULL, "needs memory.limit" },
	{ "\"memory\": {\"limit\": -1, \"swap\": 4096}", "memory.limit_in_bytes=-1\nmemory.memsw.limit_in_bytes=4096\n",
		NULL, "needs memory.limit" },
	{ "\"memory\": {\"reservation\": 8192}", "memory.soft_limit_in_bytes=8192\n", "@memory.low=8192\n", NULL },
	{ "\"memory\": {\"kernel\": 8192}", "memory.kmem.limit_in_bytes=8192\n", NULL, "nothing like it" },
	{ "\"memory\": {\"kernel\": -1, \"kernelTCP\": -1}",
		"memory.kmem.limit_in_bytes=-1\nmemory.kmem.tcp.limit_in_bytes=-1\n", "", NULL },
	{ "\"memory\": {\"kernelTCP\": 8192}", "memory.kmem.tcp.limit_in_bytes=8192\n", NULL, "kernelTCP" },
	{ "\"memory\": {\"swappiness\": 0}", "memory.swappiness=0\n", NULL, "swappiness" },
	{ "\"memory\": {\"swappiness\": 101}", NULL, NULL, "swappiness" },
	{ "\"memory\": {\"disableOOMKiller\": true}", "memory.oom_control=1\n", NULL, "disableOOMKiller" },
	{ "\"memory\": {\"disableOOMKiller\": false}", "", "", NULL },
	{ "\"memory\": {\"useHierarchy\": true}", "memory.use_hierarchy=1\n", "", NULL },
	{ "\"memory\": {\"useHierarchy\": false}", "memory.use_hierarchy=0\n", NULL, "useHierarchy" },
	/* cpu */
	{ "\"cpu\": {\"shares\": 1024}", "cpu.shares=1024\n", "@cpu.weight=100\n", NULL },
	{ "\"cpu\": {\"shares\": 0}", "", "", NULL },
	{ "\"cpu\": {\"shares\": 1}", NULL, "@cpu.weight=1\n", "2..262144" },
	{ "\"cpu\": {\"shares\": 262145}", NULL, "@cpu.weight=10000\n", "2..262144" },
	{ "\"cpu\": {\"shares\": 18446744073709551615}", NULL, NULL, "too large" },
	{ "\"cpu\": {\"quota\": 5000, \"period\": 10000}", "cpu.cfs_period_us=10000\ncpu.cfs_quota_us=5000\n",
		"@cpu.max=5000 10000\n", NULL },
	{ "\"cpu\": {\"quota\": -1}", "cpu.cfs_quota_us=-1\n", "@cpu.max=max\n", NULL },
	{ "\"cpu\": {\"quota\": 0}", "cpu.cfs_quota_us=-1\n", "@cpu.max=max\n", NULL },
	{ "\"cpu\": {\"quota\": 5000}", "cpu.cfs_quota_us=5000\n", "@cpu.max=5000\n", NULL },
	{ "\"cpu\": {\"period\": 10000}", "cpu.cfs_period_us=10000\n", "@cpu.max=max 10000\n", NULL },
	{ "\"cpu\": {\"quota\": 5000, \"burst\": 4000}", "cpu.cfs_quota_us=5000\ncpu.cfs_burst_us=4000\n",
		"@cpu.max=5000\n@cpu.max.burst=4000\n", NULL },
	{ "\"cpu\": {\"quota\": 5000, \"burst\": 5001}", NULL, NULL, "cpu.burst" },
	{ "\"cpu\": {\"idle\": 1, \"shares\": 2}", "cpu.shares=2\ncpu.idle=1\n", "@cpu.weight=1\n@cpu.idle=1\n", NULL },
	{ "\"cpu\": {\"idle\": 2}", NULL, NULL, "0 or 1" },
	{ "\"cpu\": {\"realtimeRuntime\": 500, \"realtimePeriod\": 1000}",
		"cpu.rt_period_us=1000\ncpu.rt_runtime_us=500\n", NULL, "realtimePeriod" },
	{ "\"cpu\": {\"cpus\": \"0-1\", \"mems\": \"0\"}", "cpuset.cpus=0-1\ncpuset.mems=0\n",
		"@cpuset.cpus=0-1\n@cpuset.mems=0\n", NULL },
	{ "\"cpu\": {\"cpus\": \"\"}", "", "", NULL },
	/* pids (RPI-01: 0 is a limit) */
	{ "\"pids\": {\"limit\": 0}", "pids.max=0\n", "@pids.max=0\n", NULL },
	{ "\"pids\": {\"limit\": -1}", "pids.max=max\n", "@pids.max=max\n", NULL },
	{ "\"pids\": {\"limit\": 20}", "pids.max=20\n", "@pids.max=20\n", NULL },
	{ "\"pids\": {\"limit\": -2}", NULL, NULL, "-2" },
	/* blockIO */
	{ "\"blockIO\": {\"weight\": 500}", "blkio.weight=500\n", "@io.bfq.weight=500\n", NULL },
	{ "\"blockIO\": {\"weight\": 0}", "", "", NULL },
	{ "\"blockIO\": {\"weight\": 9}", NULL, NULL, "10..1000" },
	{ "\"blockIO\": {\"leafWeight\": 500}", "blkio.leaf_weight=500\n", NULL, "leafWeight" },
	{ "\"blockIO\": {\"weightDevice\": [{\"major\": 8, \"minor\": 0, \"weight\": 10}]}",
		"blkio.weight_device=8:0 10\n", "@io.bfq.weight=8:0 10\n", NULL },
	{ "\"blockIO\": {\"weightDevice\": [{\"major\": 8, \"minor\": 0, \"leafWeight\": 10}]}",
		"blkio.leaf_weight_device=8:0 10\n", NULL, "leafWeight" },
	{ "\"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": 8, \"minor\": 1, \"rate\": 600}]}",
		"blkio.throttle.read_bps_device=8:1 600\n", "@io.max=8:1 rbps=600\n", NULL },
	{ "\"blockIO\": {\"throttleWriteBpsDevice\": [{\"major\": 8, \"minor\": 1, \"rate\": 600}]}",
		"blkio.throttle.write_bps_device=8:1 600\n", "@io.max=8:1 wbps=600\n", NULL },
	{ "\"blockIO\": {\"throttleReadIOPSDevice\": [{\"major\": 8, \"minor\": 1, \"rate\": 6}]}",
		"blkio.throttle.read_iops_device=8:1 6\n", "@io.max=8:1 riops=6\n", NULL },
	{ "\"blockIO\": {\"throttleWriteIOPSDevice\": [{\"major\": 8, \"minor\": 1, \"rate\": 0}]}",
		"blkio.throttle.write_iops_device=8:1 0\n", "@io.max=8:1 wiops=max\n", NULL },
	/* hugetlb: the v1 host here lacks it */
	{ "\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 9}]", NULL,
		"@hugetlb.2MB.max=9\n@hugetlb.2MB.rsvd.max=9\n", "controller hugetlb is not available" },
	/* rdma, network */
	{ "\"rdma\": {\"mlx\": {\"hcaHandles\": 3, \"hcaObjects\": 4}}", "rdma.max=mlx hca_handle=3 hca_object=4\n",
		"@rdma.max=mlx hca_handle=3 hca_object=4\n", NULL },
	{ "\"rdma\": {\"m x\": {\"hcaHandles\": 3}}", NULL, NULL, "device name" },
	{ "\"network\": {\"classID\": 1048577}", "net_cls.classid=1048577\n", NULL, "network.classID" },
	{ "\"network\": {\"priorities\": [{\"name\": \"lo\", \"priority\": 5}]}", "net_prio.ifpriomap=lo 5\n", NULL,
		"network.priorities" },
	/* unified */
	{ "\"unified\": {\"memory.high\": \"4096\", \"cgroup.max.depth\": \"3\"}", NULL,
		"@memory.high=4096\n@cgroup.max.depth=3\n", "invalid configuration" },
	{ "\"unified\": {\"foo.bar\": \"1\"}", NULL, NULL, "invalid configuration" },
	{ "\"unified\": {\"../memory.max\": \"1\"}", NULL, NULL, "not the name of a file" },
	{ "\"unified\": {\"a/memory.max\": \"1\"}", NULL, NULL, "not the name of a file" },
	{ "\"unified\": {\"..\": \"1\"}", NULL, NULL, "not the name of a file" },
	{ "\"unified\": {\"memory\": \"1\"}", NULL, NULL, "not the name of a file" },
};

static void check_row(const struct row *row, const struct fake_host *host, const char *expected)
{
	char json[1024];
	struct compiled *done;

	snprintf(json, sizeof(json), "\"resources\": {%s}", row->resources);
	done = compile_linux(host, json);
	if (expected) {
		cr_expect_eq(done->result, 0, "%s: %s", row->resources, done->err.message);
		cr_expect_str_eq(settings_text(done), expected, "%s gives %s", row->resources, settings_text(done));
		return;
	}
	cr_expect_lt(done->result, 0, "%s is not refused, but gives %s", row->resources, settings_text(done));
	cr_expect(strstr(done->err.message, row->why), "%s: \"%s\" does not say \"%s\"", row->resources,
		done->err.message, row->why);
}

Test(cgroup_resources, table_v1)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i], &host_v1, rows[i].v1);
}

Test(cgroup_resources, table_v2)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i], &host_v2, rows[i].v2);
}

Test(cgroup_resources, hybrid_goes_where_the_controller_is)
{
	struct compiled *done = compile_linux(&host_hybrid,
		"\"resources\": {\"memory\": {\"limit\": 4096}, \"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 2}],"
		"\"unified\": {\"hugetlb.1GB.max\": \"0\"}}");

	cr_assert_eq(done->result, 0, "%s", done->err.message);
	cr_expect_str_eq(settings_text(done),
		"memory.limit_in_bytes=4096\n@hugetlb.2MB.max=2\n@hugetlb.2MB.rsvd.max=2\n@hugetlb.1GB.max=0\n");
	cr_expect_str_eq(done->c.cgroup->enable, "hugetlb");
	done = compile_linux(&host_hybrid, "\"resources\": {\"unified\": {\"memory.min\": \"1\"}}");
	cr_expect_eq(done->result, -ENODEV);
	cr_expect(strstr(done->err.message, "a v1 hierarchy has it"), "%s", done->err.message);
}

Test(cgroup_resources, enables_just_what_is_needed_and_wants_the_rest)
{
	struct compiled *done = compile_linux(&host_v2,
		"\"resources\": {\"memory\": {\"limit\": 4096}, \"pids\": {\"limit\": 3}, \"cpu\": {\"shares\": 0}}");

	cr_assert_eq(done->result, 0);
	cr_expect_str_eq(done->c.cgroup->enable, "memory pids");
	cr_expect_str_eq(done->c.cgroup->wanted, host_v2.v2_controllers);
}

Test(cgroup_resources, errors_name_property_and_line)
{
	struct compiled *done = compile_linux(&host_v2, "\"resources\": {\"cpu\": {\n\"idle\":\n7}}");

	cr_expect_eq(done->result, -EINVAL);
	cr_expect_str_eq(done->err.pointer, "/linux/resources/cpu/idle");
	cr_expect_eq(done->err.line, 5, "line %u", done->err.line);
	done = compile_linux(&host_v2, "\"resources\": {\"pids\": {\n\"limit\": 7}}");
	cr_assert_eq(done->result, 0);
	cr_expect_str_eq(done->c.cgroup->settings[0].pointer, "/linux/resources/pids/limit");
	cr_expect_eq(done->c.cgroup->settings[0].line, 4, "line %u", done->c.cgroup->settings[0].line);
}

Test(cgroup_resources, only_a_v2_pids_limit_of_zero_is_late)
{
	cr_expect(compile_linux(&host_v2, "\"resources\": {\"pids\": {\"limit\": 0}}")->c.cgroup->settings[0].late);
	cr_expect_not(compile_linux(&host_v2, "\"resources\": {\"pids\": {\"limit\": 1}}")->c.cgroup->settings[0].late);
	cr_expect_not(compile_linux(&host_v1, "\"resources\": {\"pids\": {\"limit\": 0}}")->c.cgroup->settings[0].late);
}

Test(cgroup_resources, check_before_update_and_fallback_files)
{
	const struct cgroup_setting *setting =
		compile_linux(&host_v2, "\"resources\": {\"memory\": {\"limit\": 9, \"checkBeforeUpdate\": true}}")
			->c.cgroup->settings;

	cr_expect_str_eq(setting->usage_file, "memory.current");
	setting = compile_linux(&host_v2, "\"resources\": {\"memory\": {\"limit\": 9}}")->c.cgroup->settings;
	cr_expect_null(setting->usage_file);
	setting = compile_linux(&host_v2, "\"resources\": {\"blockIO\": {\"weight\": 1000}}")->c.cgroup->settings;
	cr_expect_str_eq(setting->other_file, "io.weight");
	cr_expect_str_eq(setting->other_value, "default 10000");
	setting = compile_linux(&host_v1, "\"resources\": {\"blockIO\": {\"weight\": 1000}}")->c.cgroup->settings;
	cr_expect_str_eq(setting->other_file, "blkio.bfq.weight");
	cr_expect_str_eq(setting->other_value, "1000");
}

Test(cgroup_resources, no_cgroups_at_all)
{
	struct compiled *done = compile_linux(&host_none, "");

	cr_expect_eq(done->result, 0);
	cr_expect_null(done->c.cgroup);
	done = compile_linux(&host_none, "\"resources\": {\"memory\": {\"limit\": 4096}}");
	cr_expect_eq(done->result, -ENODEV);
	cr_expect(strstr(done->err.message, "memory.limit"), "%s", done->err.message);
	cr_expect(strstr(done->err.message, "mount cgroup2"), "%s", done->err.message);
}

/* The published formula, with libm. */
Test(cgroup_convert, cpu_weight_is_the_formula_everywhere)
{
	unsigned previous = 0;

	cr_expect_eq(cpu_weight(0), 0);
	cr_expect_eq(cpu_weight(1), 1);
	cr_expect_eq(cpu_weight(2), 1);
	cr_expect_eq(cpu_weight(1024), 100);
	cr_expect_eq(cpu_weight(512), 59);
	cr_expect_eq(cpu_weight(2048), 174, "%u", cpu_weight(2048));
	cr_expect_eq(cpu_weight(262144), 10000);
	cr_expect_eq(cpu_weight(~0ULL), 10000);
	for (unsigned shares = 3; shares < 262144; shares++) {
		double l = log2(shares);
		double weight = pow(10, (l * l + 125 * l) / 612 - 7.0 / 34);
		unsigned expected = (unsigned)ceil(weight - 1e-9);

		cr_assert_eq(cpu_weight(shares), expected, "%u: %u, not %u", shares, cpu_weight(shares), expected);
		cr_assert_geq(expected, previous);
		previous = expected;
	}
}

Test(cgroup_convert, io_weight_ends)
{
	cr_expect_eq(io_weight(10), 1);
	cr_expect_eq(io_weight(1000), 10000);
	cr_expect_eq(io_weight(500), 4950);
}
