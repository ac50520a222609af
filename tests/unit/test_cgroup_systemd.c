/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The systemd cgroup manager, as far as no systemd is needed: names, values, properties, deadlines. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cgroup/systemd.h"
#include "cgroup/systemd_bus.h"
#include "cgroup_support.h"

static struct compiled *compile_systemd(const struct fake_host *host, const struct host_facts *facts,
	const char *members, const char *linux_json)
{
	static const struct plan_options options = { .id = "box1", .bundle = "/bundle", .systemd = true };

	return compile_with_options(host, facts, &options, members, linux_json);
}

Test(cgroup_systemd, slices)
{
	static const char *const rows[][2] = {
		{ "a.slice", "/a.slice" },
		{ "a-b.slice", "/a.slice/a-b.slice" },
		{ "a-b-c.slice", "/a.slice/a-b.slice/a-b-c.slice" },
		{ "user-1000.slice", "/user.slice/user-1000.slice" },
		{ "a\\x2db.slice", "/a\\x2db.slice" },
		{ "-.slice", "" },
		{ "", NULL },
		{ "slice", NULL },
		{ ".slice", NULL },
		{ "a", NULL },
		{ "a.slic", NULL },
		{ "-a.slice", NULL },
		{ "a-.slice", NULL },
		{ "a--b.slice", NULL },
		{ "--.slice", NULL },
		{ "a/b.slice", NULL },
		{ "../b.slice", NULL },
		{ "a b.slice", NULL },
	};
	struct oci_arena *arena = oci_arena_new();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *path = systemd_slice_path(arena, rows[i][0]);

		if (rows[i][1])
			cr_expect_str_eq(path, rows[i][1], "%s", rows[i][0]);
		else
			cr_expect_null(path, "%s", rows[i][0]);
	}
	oci_arena_free(arena);
}

Test(cgroup_systemd, paths)
{
	static const struct host_facts user = { .euid = 1000, .egid = 1000 };
	static const struct fake_host below = { BASE_MOUNTS
		"41 23 0:38 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n",
		"0::/user.slice/user-7.slice/user@7.service/app.slice/x.scope\n", "memory pids" };
	static const struct {
		const struct fake_host *host;
		const struct host_facts *facts;
		const char *path, *expected;
	} rows[] = {
		{ &host_v2, NULL, "s.slice:p:n", "/s.slice/p-n.scope/container" },
		{ &host_v2, NULL, "::n", "/system.slice/n.scope/container" },
		{ &host_v2, NULL, "", "/system.slice/silo-box1.scope/container" },
		{ &host_hybrid, NULL, "s.slice:p:n", "/s.slice/p-n.scope" },
		{ &host_v1, NULL, "-.slice:p:n", "/p-n.scope" },
		{ &host_v2, &user, ":p:n",
			"/user.slice/user-1000.slice/user@1000.service/user.slice/p-n.scope/container" },
		{ &below, &user, "x.slice:p:n",
			"/user.slice/user-7.slice/user@7.service/x.slice/p-n.scope/container" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char json[128];
		struct compiled *done;

		snprintf(json, sizeof(json), "\"cgroupsPath\": \"%s\"", rows[i].path);
		done = compile_systemd(rows[i].host, rows[i].facts, "", json);
		cr_assert_eq(done->result, 0, "%s: %s", rows[i].path, done->err.message);
		cr_expect_str_eq(done->c.cgroup->path, rows[i].expected);
	}
}

/* Values by type; NULL: refused. What was read is printed in one way. */
static const struct {
	enum systemd_type type;
	uint64_t scale;
	const char *text, *expected;
} values[] = {
	{ SYSTEMD_BOOLEAN, 1, "true", "1" },
	{ SYSTEMD_BOOLEAN, 1, " false ", "0" },
	{ SYSTEMD_BOOLEAN, 1, "truely", NULL },
	{ SYSTEMD_BOOLEAN, 1, "", NULL },
	{ SYSTEMD_BOOLEAN, 1, "1", NULL },
	{ SYSTEMD_UINT64, 1, "18446744073709551615", "18446744073709551615" },
	{ SYSTEMD_UINT64, 1, "18446744073709551616", NULL },
	{ SYSTEMD_UINT64, 1, "uint64 0x10", "16" },
	{ SYSTEMD_UINT64, 1, "uint64", NULL },
	{ SYSTEMD_UINT64, 1, "uint32 5", NULL },
	{ SYSTEMD_UINT64, 1, "0x", NULL },
	{ SYSTEMD_UINT64, 1, "+5", NULL },
	{ SYSTEMD_UINT64, 1, "-5", NULL },
	{ SYSTEMD_UINT64, 1, "5s", NULL },
	{ SYSTEMD_UINT64, 1, "5]", NULL },
	{ SYSTEMD_UINT64, 1000000, "5", "5000000" },
	{ SYSTEMD_UINT64, 1000000, "18446744073710", NULL },
	{ SYSTEMD_UINT32, 1, "4294967295", "4294967295" },
	{ SYSTEMD_UINT32, 1, "4294967296", NULL },
	{ SYSTEMD_INT32, 1, "int32 15", "15" },
	{ SYSTEMD_INT32, 1, "2147483648", NULL },
	{ SYSTEMD_STRING, 1, "'a'", "a" },
	{ SYSTEMD_STRING, 1, "\"it's\"", "it's" },
	{ SYSTEMD_STRING, 1, "'a\\'b\\\\c'", "a'b\\c" },
	{ SYSTEMD_STRING, 1, "''", "" },
	{ SYSTEMD_STRING, 1, "a", NULL },
	{ SYSTEMD_STRING, 1, "'a", NULL },
	{ SYSTEMD_STRING, 1, "'a\"", NULL },
	{ SYSTEMD_STRING, 1, "'a\\", NULL },
	{ SYSTEMD_STRING, 1, "'a\\n'", NULL },
	{ SYSTEMD_STRING, 1, "'a\nb'", NULL },
	{ SYSTEMD_STRING, 1, "'a' 'b'", NULL },
	{ SYSTEMD_STRINGS, 1, "['a', 'b']", "a|b|" },
	{ SYSTEMD_STRINGS, 1, "[]", "" },
	{ SYSTEMD_STRINGS, 1, "@as []", "" },
	{ SYSTEMD_STRINGS, 1, "@as ['x']", "x|" },
	{ SYSTEMD_STRINGS, 1, "@ay ['x']", NULL },
	{ SYSTEMD_STRINGS, 1, "['a',]", NULL },
	{ SYSTEMD_STRINGS, 1, "['a'", NULL },
	{ SYSTEMD_STRINGS, 1, "'a'", NULL },
	{ SYSTEMD_STRINGS, 1, "['a'] x", NULL },
	{ SYSTEMD_STRINGS, 1, "[", NULL },
	{ SYSTEMD_STRINGS, 1, "[[]]", NULL },
	{ SYSTEMD_BYTES, 1, "[byte 0x03, 0]", "3|0|" },
	{ SYSTEMD_BYTES, 1, "[3,0xff]", "3|255|" },
	{ SYSTEMD_BYTES, 1, "[256]", NULL },
	{ SYSTEMD_BYTES, 1, "[1 2]", NULL },
	{ SYSTEMD_ACCESS, 1, "[('/dev/null', 'rw')]", NULL },
};

static const char *value_text(const struct systemd_property *p)
{
	static char text[256];
	size_t length = 0;

	snprintf(text, sizeof(text), "%s", p->text ? p->text : "");
	if (p->type <= SYSTEMD_UINT64)
		snprintf(text, sizeof(text), "%llu", (unsigned long long)p->number);
	for (size_t i = 0; i < p->count; i++)
		length += (size_t)(p->bytes ? snprintf(text + length, sizeof(text) - length, "%u|", p->bytes[i]) :
				   p->items[i].access ?
					      snprintf(text + length, sizeof(text) - length, "%s=%s|",
						      p->items[i].text, p->items[i].access) :
				   p->type == SYSTEMD_NUMBERS ?
					      snprintf(text + length, sizeof(text) - length, "%s=%llu|",
						      p->items[i].text, (unsigned long long)p->items[i].number) :
					      snprintf(text + length, sizeof(text) - length, "%s|",
						      p->items[i].text));
	return text;
}

Test(cgroup_systemd, values)
{
	struct oci_arena *arena = oci_arena_new();

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct systemd_property property = { .name = "x", .type = values[i].type };
		int r = systemd_parse_value(arena, values[i].text, values[i].scale, &property);

		cr_expect_eq(r == 0, values[i].expected != NULL, "<%s>: %d", values[i].text, r);
		if (r == 0 && values[i].expected)
			cr_expect_str_eq(value_text(&property), values[i].expected, "<%s>", values[i].text);
	}
	oci_arena_free(arena);
}

/* linux.resources, and the properties on v2 and v1: "Name=value\n". */
static const struct {
	const char *resources, *v2, *v1;
} limits[] = {
	{ "\"memory\": {\"limit\": 4096, \"swap\": 12288, \"reservation\": 1024}",
		"MemoryMax=4096\nMemorySwapMax=8192\nMemoryLow=1024\n", "MemoryLimit=4096\n" },
	{ "\"memory\": {\"limit\": -1}", "MemoryMax=18446744073709551615\n",
		"MemoryLimit=18446744073709551615\n" },
	{ "\"cpu\": {\"shares\": 1024}", "CPUWeight=100\n", "CPUShares=1024\n" },
	{ "\"cpu\": {\"quota\": 50000, \"period\": 100000}",
		"CPUQuotaPeriodUSec=100000\nCPUQuotaPerSecUSec=500000\n",
		"CPUQuotaPeriodUSec=100000\nCPUQuotaPerSecUSec=500000\n" },
	{ "\"cpu\": {\"quota\": 10000, \"period\": 30000}",
		"CPUQuotaPeriodUSec=30000\nCPUQuotaPerSecUSec=333334\n",
		"CPUQuotaPeriodUSec=30000\nCPUQuotaPerSecUSec=333334\n" },
	{ "\"cpu\": {\"quota\": 200000}", "CPUQuotaPerSecUSec=2000000\n", "CPUQuotaPerSecUSec=2000000\n" },
	{ "\"cpu\": {\"quota\": -1}", "CPUQuotaPerSecUSec=18446744073709551615\n",
		"CPUQuotaPerSecUSec=18446744073709551615\n" },
	/* An idle scope has no weight; systemd's quota, which knows of no burst, stays out of the way of the one below. */
	{ "\"cpu\": {\"shares\": 1024, \"idle\": 1}", "CPUWeight=0\n", NULL },
	{ "\"cpu\": {\"shares\": 1024, \"idle\": 0}", "CPUWeight=100\n", NULL },
	{ "\"cpu\": {\"idle\": 0}", "CPUWeight=100\n", NULL },
	{ "\"cpu\": {\"quota\": 50000, \"burst\": 10000}", "CPUQuotaPerSecUSec=18446744073709551615\n",
		"CPUQuotaPerSecUSec=500000\n" },
	{ "\"cpu\": {\"quota\": 50000, \"burst\": 0}", "CPUQuotaPerSecUSec=500000\n", NULL },
	{ "\"unified\": {\"memory.zswap.max\": \"4096\", \"memory.zswap.writeback\": \"0\"}",
		"MemoryZSwapMax=4096\nMemoryZSwapWriteback=0\n", NULL },
	{ "\"cpu\": {\"cpus\": \"0-2,8\", \"mems\": \"0\"}", "AllowedCPUs=7|1|\nAllowedMemoryNodes=1|\n",
		"AllowedCPUs=7|1|\nAllowedMemoryNodes=1|\n" },
	{ "\"pids\": {\"limit\": 7}", "TasksMax=7\n", "TasksMax=7\n" },
	{ "\"pids\": {\"limit\": -1}", "TasksMax=18446744073709551615\n", "TasksMax=18446744073709551615\n" },
	{ "\"blockIO\": {\"weight\": 500}", "IOWeight=4950\n", "BlockIOWeight=500\n" },
	{ "\"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": 8, \"minor\": 0, \"rate\": 9}]}",
		"IOReadBandwidthMax=/dev/block/8:0=9|\n", "BlockIOReadBandwidth=/dev/block/8:0=9|\n" },
	{ "\"unified\": {\"memory.high\": \"max\", \"io.max\": \"8:16 rbps=5 wiops=max\"}",
		"MemoryHigh=18446744073709551615\nIOReadBandwidthMax=/dev/block/8:16=5|\n"
		"IOWriteIOPSMax=/dev/block/8:16=18446744073709551615|\n", NULL },
	{ "\"devices\": [{\"allow\": false, \"access\": \"rwm\"}, {\"allow\": true, \"type\": \"b\", \"major\": 8, \"access\": \"r\"}]",
		"DevicePolicy=strict\nDeviceAllow=\nDeviceAllow=char-*=m|block-*=m|/dev/char/1:3=rwm|/dev/char/1:5=rwm|"
		"/dev/char/1:7=rwm|/dev/char/1:8=rwm|/dev/char/1:9=rwm|/dev/char/5:0=rwm|/dev/char/5:2=rwm|"
		"char-136=rwm|block-8=r|\n", NULL },
	{ "\"devices\": [{\"allow\": false, \"access\": \"rwm\"}, {\"allow\": false, \"type\": \"c\", \"major\": 1, \"access\": \"r\"}]",
		"DevicePolicy=auto\nDeviceAllow=\n", "DevicePolicy=auto\nDeviceAllow=\n" },
	{ "\"devices\": [{\"allow\": true, \"access\": \"rwm\"}]", "DevicePolicy=auto\nDeviceAllow=\n",
		"DevicePolicy=auto\nDeviceAllow=\n" },
};

static const char *properties_text(const struct compiled *done)
{
	static char text[2048];
	const struct systemd_properties *list;

	snprintf(text, sizeof(text), "refused: %s", done->err.message);
	if (done->result < 0)
		return text;
	list = &done->c.cgroup->scope->properties;
	text[0] = '\0';
	for (size_t i = 0; i < list->count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s=%s\n", list->items[i].name,
			value_text(&list->items[i]));
	return text;
}

Test(cgroup_systemd, limits)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		char json[512];

		snprintf(json, sizeof(json), "\"resources\": {%s}", limits[i].resources);
		cr_expect_str_eq(properties_text(compile_systemd(&host_v2, NULL, "", json)), limits[i].v2, "%s",
			json);
		if (limits[i].v1)
			cr_expect_str_eq(properties_text(compile_systemd(&host_v1, NULL, "", json)),
				limits[i].v1, "v1: %s", json);
	}
}

/* A socket that takes connections and says nothing. */
static int deaf_socket(char *address, size_t size)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "/tmp/silo-deaf-%d", getpid());
	unlink(name.sun_path);
	cr_assert_eq(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	cr_assert_eq(listen(fd, 4), 0);
	snprintf(address, size, "unix:path=%s", name.sun_path);
	return fd;
}

Test(cgroup_systemd, deadline, .timeout = 20)
{
	char address[128];
	int fd = deaf_socket(address, sizeof(address));
	const struct systemd_unit unit = { "x.scope", false };
	struct error err = { 0 };
	time_t start = time(NULL);

	setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
	setenv("SYSTEMD_BUS_TIMEOUT", "1", 1);
	cr_expect_eq(systemd_stop_unit(&unit, &err), -ETIMEDOUT, "%s", err.message);
	cr_expect(strstr(err.message, "did not answer"), "%s", err.message);
	cr_expect_lt(time(NULL) - start, 10);
	unlink(address + strlen("unix:path="));
	close(fd);
}

Test(cgroup_systemd, no_bus)
{
	const struct systemd_unit unit = { "x.scope", false };
	struct error err = { 0 };

	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
	cr_expect_lt(systemd_stop_unit(&unit, &err), 0);
	cr_expect(strstr(err.message, "/nonexistent/bus"), "%s", err.message);
}
