/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the hierarchies, and the container's place in them (CGP-*). */
#include <criterion/criterion.h>
#include <errno.h>

#include "cgroup_support.h"

static struct cgroup_layout *parse(const char *mountinfo, const char *own)
{
	struct cgroup_layout *layout = NULL;
	struct error err;

	cr_assert_eq(cgroup_layout_parse(oci_arena_new(), mountinfo, own, &layout, &err), 0);
	return layout;
}

Test(cgroup_layout, v1_with_named_and_comounted)
{
	const struct cgroup_layout *layout = parse(host_v1.mountinfo, host_v1.own);
	ssize_t cpu = cgroup_find(layout, "cpu", false);

	cr_assert_eq(layout->count, 10);
	cr_expect_not(layout->unified_only);
	cr_assert_geq(cpu, 0);
	cr_expect_eq(cgroup_find(layout, "cpuacct", false), cpu);
	cr_expect_str_eq(layout->items[cpu].mountpoint, "/sys/fs/cgroup/cpu,cpuacct");
	cr_expect_geq(cgroup_find(layout, "name=systemd", false), 0);
	cr_expect_str_eq(layout->items[cgroup_find(layout, "memory", false)].own, "/box/a");
	cr_expect_eq(cgroup_find(layout, "memory", true), -1);
	cr_expect_eq(cgroup_find(layout, "mem", false), -1);
	cr_expect_eq(cgroup_find(layout, "", true), -1);
}

Test(cgroup_layout, hybrid_and_v2)
{
	const struct cgroup_layout *layout = parse(host_hybrid.mountinfo, host_hybrid.own);
	ssize_t v2 = cgroup_find(layout, "", true);

	cr_assert_geq(v2, 0);
	cr_expect_str_eq(layout->items[v2].mountpoint, "/sys/fs/cgroup/unified");
	cr_expect_not(layout->unified_only);
	layout = parse(host_v2.mountinfo, host_v2.own);
	cr_assert_eq(layout->count, 1);
	cr_expect(layout->unified_only);
	cr_expect_str_eq(layout->items[0].own, "/user/shell");
	cr_expect_eq(parse("", "")->count, 0);
	cr_expect_eq(parse(BASE_MOUNTS "garbage\n1 2\n", "x\n0:\n:::\n")->count, 0);
}

/* cgroup2 mounted over the directory that holds the v1 mounts: only it can be reached. */
Test(cgroup_layout, hidden_mounts_are_left_out)
{
	const struct cgroup_layout *layout = parse(
		V1_MOUNTS "50 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", V1_OWN "0::/\n");

	cr_assert_eq(layout->count, 1, "%zu", layout->count);
	cr_expect(layout->unified_only);
	/* something over one hierarchy */
	layout =
		parse(V1_MOUNTS "50 34 0:99 / /sys/fs/cgroup/memory rw - tmpfs tmpfs rw\n", V1_OWN);
	cr_expect_eq(layout->count, 9);
	cr_expect_eq(cgroup_find(layout, "memory", false), -1);
	/* a mount elsewhere with a name that begins alike hides nothing */
	layout = parse(V1_MOUNTS "50 31 0:99 / /sys/fs/cgroup/mem rw - tmpfs tmpfs rw\n", V1_OWN);
	cr_expect_eq(layout->count, 10);
	/* /sys covered as a whole */
	layout = parse(V1_MOUNTS
		"1 0 0:1 / / rw - ext4 x rw\n60 1 0:99 / /sys rw - tmpfs tmpfs rw\n",
		V1_OWN);
	cr_expect_eq(layout->count, 10, "a sibling at the same path is not above it");
	layout = parse(V1_MOUNTS "60 23 0:99 / /sys/fs rw - tmpfs tmpfs rw\n", V1_OWN);
	cr_expect_eq(layout->count, 0);
}

Test(cgroup_layout, own_is_seen_from_the_mount_point)
{
	const char *mounts =
		BASE_MOUNTS "41 23 0:38 /pod/c1 /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";

	cr_expect_str_eq(parse(mounts, "0::/pod/c1\n")->items[0].own, "/");
	cr_expect_str_eq(parse(mounts, "0::/pod/c1/sub\n")->items[0].own, "/sub");
	cr_expect_str_eq(parse(mounts, "0::/pod/c10\n")->items[0].own, "/");
	cr_expect_str_eq(parse(mounts, "0::/../x\n")->items[0].own, "/");
	mounts = BASE_MOUNTS
		"41 23 0:38 / /sys/my\\040groups rw shared:4 master:2 - cgroup2 cgroup2 rw\n";
	cr_expect_str_eq(parse(mounts, "0::/\n")->items[0].mountpoint, "/sys/my groups");
}

Test(cgroup_path, absolute_is_below_the_mount_points)
{
	struct compiled *done = compile_linux(&host_hybrid, "\"cgroupsPath\": \"//a/./b/\"");

	cr_assert_eq(done->result, 0, "%s", done->err.message);
	for (size_t i = 0; i < done->c.cgroup->layout->count; i++)
		cr_expect_str_eq(done->c.cgroup->paths[i], "/a/b");
	cr_expect_str_eq(done->c.cgroup->path, "/a/b");
	cr_expect_str_eq(done->c.cgroup->saved, "/a/b");
	cr_assert_eq(done->plan.host_count, 2);
	cr_expect_eq(done->plan.host[0].kind, HOST_CGROUP);
	cr_expect_eq(done->plan.host[0].phase, HOST_BEFORE_CLONE);
	cr_expect_eq(done->plan.host[1].kind, HOST_CGROUP_JOIN);
	cr_expect_eq(done->plan.host[1].phase, HOST_BEFORE_CLONE);
}

Test(cgroup_path, default_and_relative_begin_at_the_own_cgroup)
{
	struct compiled *done = compile_linux(&host_hybrid, "");
	const struct cgroup_spec *spec = done->c.cgroup;

	cr_assert_eq(done->result, 0, "%s", done->err.message);
	cr_expect_str_eq(spec->paths[cgroup_find(spec->layout, "cpu", false)], "/box1");
	cr_expect_str_eq(spec->paths[cgroup_find(spec->layout, "memory", false)], "/box/a/box1");
	cr_expect_str_eq(spec->path, "/box1");
	cr_expect(strstr(spec->saved, "\nmemory:/box/a/box1\n"), "%s", spec->saved);
	cr_expect(strstr(spec->saved, "\n:/box1\n"), "%s", spec->saved);
	done = compile_linux(&host_hybrid, "\"cgroupsPath\": \"x/y\"");
	spec = done->c.cgroup;
	cr_expect_str_eq(spec->paths[cgroup_find(spec->layout, "memory", false)], "/box/a/x/y");
	/* in v2 beside it, since it holds processes */
	cr_expect_str_eq(compile_linux(&host_v2, "")->c.cgroup->path, "/user/box1");
}

Test(cgroup_path, bad_ones_are_refused)
{
	static const char *const bad[][2] = {
		{ "/a/../b", "\"..\"" },
		{ "..", "\"..\"" },
		{ "a/..", "\"..\"" },
		{ "system.slice:silo:x", "--systemd-cgroup" },
		{ ":silo:x", "--systemd-cgroup" },
		{ "/", "root cgroup" },
		{ "/./", "root cgroup" },
		{ "/a\\nb", "newline" },
	};
	char json[1024];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct compiled *done;

		snprintf(json, sizeof(json), "\"cgroupsPath\": \"%s\"", bad[i][0]);
		done = compile_linux(&host_hybrid, json);
		cr_expect_eq(done->result, -EINVAL, "%s", bad[i][0]);
		cr_expect(strstr(done->err.message, bad[i][1]), "%s: %s", bad[i][0],
			done->err.message);
		cr_expect_str_eq(done->err.pointer, "/linux/cgroupsPath");
	}
	snprintf(json, sizeof(json), "\"cgroupsPath\": \"/%0300d\"", 0);
	cr_expect_eq(compile_linux(&host_hybrid, json)->result, -ENAMETOOLONG);
	cr_expect_eq(compile_linux(&host_hybrid, "\"cgroupsPath\": \"/a..b/..c/d..\"")->result, 0);
	cr_expect_eq(compile_linux(&host_hybrid, "\"cgroupsPath\": \"/a:b:c\"")->result, 0);
}

/* CGP-08..CGP-11 */
Test(cgroup_path, owner_only_of_a_writable_v2_view)
{
	static const char fresh[] =
		"\"namespaces\": [{\"type\": \"cgroup\"}, {\"type\": \"user\"}], "
		"\"uidMappings\": [{\"containerID\": 0, \"hostID\": 5000, \"size\": 10}]";
	static const char mount[] =
		"\"mounts\": [{\"destination\": \"/sys/fs/cgroup\", \"type\": \"cgroup\", "
		"\"source\": \"cgroup\", \"options\": [\"nosuid\"]}],";
	static const char readonly[] =
		"\"mounts\": [{\"destination\": \"/sys/fs/cgroup\", \"type\": \"cgroup\", "
		"\"source\": \"cgroup\", \"options\": [\"nosuid\", \"ro\"]}],";

	cr_expect_eq(compile_config(&host_v2, NULL, mount, fresh)->c.cgroup->owner, 5000);
	cr_expect_eq(compile_config(&host_v2, NULL, "", fresh)->c.cgroup->owner, (uid_t)-1,
		"no cgroup mount");
	cr_expect_eq(compile_config(&host_v2, NULL, readonly, fresh)->c.cgroup->owner, (uid_t)-1,
		"read-only");
	cr_expect_eq(compile_config(&host_v2, NULL, mount, "")->c.cgroup->owner, (uid_t)-1,
		"no cgroup namespace");
	cr_expect_eq(compile_config(&host_v1, NULL, mount, fresh)->c.cgroup->owner, (uid_t)-1,
		"v1 (CGP-09)");
	cr_expect_eq(compile_config(&host_hybrid, NULL, mount, fresh)->c.cgroup->owner, (uid_t)-1,
		"v1 (CGP-09)");
}
