/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Update: what a file holds against what is written, device lists by difference, merged resources. */
#include <criterion/criterion.h>

#include "cgroup/compare.h"
#include "runtime/merge.h"
#include "tests/unit/cgroup_support.h"

static const struct {
	const char *file, *wanted, *found;
	bool held;
} values[] = {
	{ "pids.max", "8", "8", true },
	{ "pids.max", "8", "9", false },
	{ "pids.max", "8", "max", false },
	{ "pids.max", "max", "max", true },
	{ "pids.max", "8", "", false },
	{ "memory.limit_in_bytes", "-1", "9223372036854771712", true },
	{ "memory.limit_in_bytes", "67108864", "9223372036854771712", false },
	{ "memory.limit_in_bytes", "1000001", "999424", true }, /* whole pages */
	{ "memory.limit_in_bytes", "999424", "1000001", false },
	{ "memory.max", "1000001", "900000", false },
	{ "memory.max", "max", "67108864", false },
	{ "memory.max", "67108864", "max", false },
	{ "pids.max", "1000001", "999424", false },
	{ "hugetlb.2MB.max", "3000000", "2097152", true },
	{ "cpu.max", "max 100000", "max 100000", true },
	{ "cpu.max", "50000", "50000 100000", true },
	{ "cpu.max", "50000", "max 100000", false },
	{ "cpu.max", "50000 100000", "50000 50000", false },
	{ "cpu.cfs_quota_us", "-1", "-1", true },
	{ "cpu.cfs_quota_us", "-1", "20000", false },
	{ "cpuset.cpus", "0,1", "0-1", true },
	{ "cpuset.cpus", "0-3,8", "0,1,2-3,8", true },
	{ "cpuset.cpus", "0", "0-1", false },
	{ "cpuset.cpus", "0", "", false },
	{ "cpuset.cpus", "9999999999", "0", false },
	{ "cpuset.cpus", "nonsense", "0", false },
	{ "io.max", "8:0 rbps=1048576", "8:0 rbps=1048576 wbps=max riops=max wiops=max", true },
	{ "io.max", "8:0 wiops=5", "8:0 rbps=max wbps=max riops=max wiops=6", false },
	{ "io.max", "8:0 rbps=1", "8:16 rbps=1 wbps=max riops=max wiops=max", false },
	{ "io.max", "8:0 rbps=max", "", true },
	{ "io.max", "8:0 rbps=1", "", false },
	{ "blkio.throttle.read_bps_device", "8:0 5", "7:0 4\n8:0 5\n9:0 6", true },
	{ "blkio.throttle.read_bps_device", "8:0 5", "18:0 5", false },
	{ "blkio.throttle.read_bps_device", "8:0 0", "7:0 4", true },
	{ "blkio.throttle.read_bps_device", "8:0 0", "8:0 4", false },
	{ "io.bfq.weight", "300", "default 300\n8:0 20", true },
	{ "io.weight", "default 300", "default 300", true },
	{ "io.weight", "default 300", "default 100", false },
	{ "rdma.max", "mlx hca_handle=3", "mlx hca_handle=3 hca_object=max", true },
	{ "rdma.max", "mlx hca_handle=3 hca_object=4", "mlx hca_handle=3 hca_object=max", false },
	{ "net_prio.ifpriomap", "lo 5", "eth0 1\nlo 5", true },
};

Test(cgroup_update, values)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		cr_expect_eq(cgroup_value_held(values[i].file, values[i].wanted, values[i].found),
			values[i].held, "%s: wanted \"%s\", found \"%s\"", values[i].file,
			values[i].wanted, values[i].found);
}

#define DEFAULTS                                                                                   \
	"c *:* m\nb *:* m\nc 1:3 rwm\nc 1:5 rwm\nc 1:7 rwm\nc 1:8 rwm\nc 1:9 rwm\nc 5:0 rwm\nc 5:2 rwm\n"  \
	"c 136:* rwm"

static const struct {
	const char *list, *rules, *lines;
} changes[] = {
	{ DEFAULTS, "{\"allow\": false}", "" },
	{ DEFAULTS "\nc 10:229 rw", "{\"allow\": false}", "devices.deny=c 10:229 rw\n" },
	{ DEFAULTS, "{\"allow\": false}, {\"allow\": true, \"type\": \"c\", \"major\": 10, \"minor\": 229}",
		"devices.allow=c 10:229 rwm\n" },
	{ DEFAULTS "\nc 10:229 rwm",
		"{\"allow\": false}, {\"allow\": true, \"type\": \"c\", \"major\": 10, \"minor\": 229, \"access\": \"r\"}",
		"devices.deny=c 10:229 wm\n" },
	/* new ones before old ones go */
	{ DEFAULTS "\nb 7:0 rwm",
		"{\"allow\": false}, {\"allow\": true, \"type\": \"c\", \"major\": 10, \"access\": \"rw\"}",
		"devices.allow=c 10:* rw\ndevices.deny=b 7:0 rwm\n" },
	{ DEFAULTS, "{\"allow\": true}", "devices.allow=a\n" },
	{ "a *:* rwm", "{\"allow\": true}", "devices.allow=a\n" },
	{ "", "{\"allow\": true}, {\"allow\": false, \"type\": \"b\", \"major\": 8}",
		"devices.allow=a\ndevices.deny=b 8:* rwm\n" },
};

/* Resources as update compiles them. */
static struct compiled *compile_update(const char *list, const char *resources)
{
	struct compiled *done = compile_linux(&host_v1, "\"resources\": {}");
	struct cgroup_spec *spec = calloc(1, sizeof(*spec));
	struct oci_error error = { 0 };
	struct oci_document *document;

	cr_assert_eq(oci_read(&oci_resources_type, resources, strlen(resources), 0, &document, &error), 0,
		"%s: %s", resources, error.message);
	spec->layout = done->facts.cgroups;
	spec->device_list = list;
	done->c.document = document;
	done->result = cgroup_settings(&done->c, document->root, spec);
	done->c.cgroup = spec;
	return done;
}

Test(cgroup_update, device_lists)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		char *json;
		struct compiled *done;

		cr_assert(asprintf(&json, "{\"devices\": [%s]}", changes[i].rules) > 0);
		done = compile_update(changes[i].list, json);
		cr_assert_eq(done->result, 0, "%s: %s", json, done->err.message);
		cr_expect_str_eq(settings_text(done), changes[i].lines, "%s after %s", json, changes[i].list);
		free(json);
	}
}

static const struct {
	const char *base, *over, *result;
} merges[] = {
	{ "{}", "{\"pids\": {\"limit\": 5}}", "{\"pids\":{\"limit\":5}}" },
	{ "{\"memory\": {\"limit\": 5, \"swap\": 7}}", "{\"memory\": {\"limit\": 6}}",
		"{\"memory\":{\"limit\":6,\"swap\":7}}" },
	{ "{\"memory\": {\"limit\": 5}}", "{\"memory\": {\"limit\": 0}}", "{\"memory\":{\"limit\":5}}" },
	{ "{\"pids\": {\"limit\": 5}}", "{\"pids\": {\"limit\": 0}}", "{\"pids\":{\"limit\":0}}" },
	{ "{\"cpu\": {\"cpus\": \"0\", \"quota\": 5}}", "{\"cpu\": {\"cpus\": \"\", \"quota\": 0, \"idle\": 0}}",
		"{\"cpu\":{\"quota\":5,\"cpus\":\"0\",\"idle\":0}}" },
	{ "{\"devices\": [{\"allow\": true}, {\"allow\": true}]}", "{\"devices\": [{\"allow\": true, \"major\": 1}]}",
		"{\"devices\":[{\"allow\":true,\"major\":1}]}" },
	{ "{\"devices\": [{\"allow\": true}]}", "{}", "{\"devices\":[{\"allow\":true}]}" },
	{ "{\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 1}]}",
		"{\"hugepageLimits\": [{\"pageSize\": \"1GB\", \"limit\": 2}, {\"pageSize\": \"2MB\", \"limit\": 3}]}",
		"{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":3},{\"pageSize\":\"1GB\",\"limit\":2}]}" },
	{ "{\"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": 8, \"minor\": 0, \"rate\": 1}]}}",
		"{\"blockIO\": {\"weight\": 0, \"throttleReadBpsDevice\": [{\"major\": 8, \"minor\": 0, \"rate\": 2}]}}",
		"{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":2}]}}" },
	{ "{\"unified\": {\"a.b\": \"1\", \"c.d\": \"2\"}}", "{\"unified\": {\"c.d\": \"3\", \"e.f\": \"4\"}}",
		"{\"unified\":{\"a.b\":\"1\",\"c.d\":\"3\",\"e.f\":\"4\"}}" },
	{ "{\"rdma\": {\"x\": {\"hcaHandles\": 1}}}", "{\"rdma\": {\"x\": {\"hcaObjects\": 2}}}",
		"{\"rdma\":{\"x\":{\"hcaObjects\":2}}}" },
	{ "{\"network\": {\"classID\": 3, \"priorities\": [{\"name\": \"lo\", \"priority\": 1}]}}",
		"{\"network\": {\"priorities\": [{\"name\": \"eth0\", \"priority\": 2}]}}",
		"{\"network\":{\"classID\":3,\"priorities\":[{\"name\":\"lo\",\"priority\":1},"
		"{\"name\":\"eth0\",\"priority\":2}]}}" },
};

Test(cgroup_update, merges)
{
	for (size_t i = 0; i < sizeof(merges) / sizeof(merges[0]); i++) {
		struct oci_document *base, *over;
		struct oci_error error = { 0 };
		const struct oci_resources *merged;
		const char *text;

		cr_assert_eq(oci_read(&oci_resources_type, merges[i].base, strlen(merges[i].base), 0, &base, &error),
			0, "%s: %s", merges[i].base, error.message);
		cr_assert_eq(oci_read(&oci_resources_type, merges[i].over, strlen(merges[i].over), 0, &over, &error),
			0, "%s: %s", merges[i].over, error.message);
		merged = resources_merge(base->root, over->root, over->arena);
		cr_assert_not_null(merged);
		cr_assert_eq(oci_write(&oci_resources_type, merged, 0, over->arena, &text, NULL, &error), 0,
			"%s", error.message);
		cr_expect_str_eq(text, merges[i].result);
		oci_document_free(over);
		oci_document_free(base);
	}
}
