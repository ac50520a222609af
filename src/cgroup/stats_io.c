/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics by device and by page size: blkio and hugetlb. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/files.h"
#include "cgroup/stats.h"
#include "util/cleanup.h"

/* v1's counters by device and operation; BFQ's names are taken where its files have anything. */
static const struct {
	const char *key, *files[3];
} counters[] = {
	{ "ioServiceBytesRecursive", { "blkio.bfq.io_service_bytes_recursive",
		"blkio.io_service_bytes_recursive", "blkio.throttle.io_service_bytes_recursive" } },
	{ "ioServicedRecursive", { "blkio.bfq.io_serviced_recursive", "blkio.io_serviced_recursive",
		"blkio.throttle.io_serviced_recursive" } },
	{ "ioQueueRecursive", { "blkio.bfq.io_queued_recursive", "blkio.io_queued_recursive", NULL } },
	{ "ioServiceTimeRecursive", { "blkio.bfq.io_service_time_recursive",
		"blkio.io_service_time_recursive", NULL } },
	{ "ioWaitTimeRecursive", { "blkio.bfq.io_wait_time_recursive", "blkio.io_wait_time_recursive", NULL } },
	{ "ioMergedRecursive", { "blkio.bfq.io_merged_recursive", "blkio.io_merged_recursive", NULL } },
};

static void write_entry(unsigned major, unsigned minor, const char *op, unsigned long long value,
	struct json_writer *w)
{
	json_open(w, NULL, '{');
	if (major)
		json_number(w, "major", major);
	if (minor)
		json_number(w, "minor", minor);
	json_string(w, "op", op);
	if (value)
		json_number(w, "value", value);
	json_close(w, '}');
}

/* "8:0 Read 4096" a line; the sum, "Total 4096", has no device. Return: whether there was any. */
static bool write_counter(int dir, const char *key, const char *file, struct json_writer *w)
{
	_cleanup_free_ char *text = NULL;
	unsigned major, minor;
	unsigned long long value;
	bool any = false;
	char op[16];

	if (!file || cgroup_read_text(dir, file, &text) < 0)
		return false;
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		if (sscanf(line, "%u:%u %15s %llu", &major, &minor, op, &value) != 4)
			continue;
		if (!any)
			json_open(w, key, '[');
		any = true;
		write_entry(major, minor, op, value, w);
	}
	if (any)
		json_close(w, ']');
	return any;
}

/* io.stat: "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6" */
static void write_io_stat(const char *text, const char *key, const char *suffix, struct json_writer *w)
{
	static const char *const ops[] = { "r", "Read", "w", "Write", "d", "Discard" };

	if (!text || !*text)
		return;
	json_open(w, key, '[');
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		unsigned major, minor;

		if (sscanf(line, "%u:%u", &major, &minor) != 2)
			continue;
		for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i += 2) {
			char name[16];
			const char *at;

			snprintf(name, sizeof(name), " %s%s=", ops[i], suffix);
			at = strstr(line, name);
			if (at && at < line + strcspn(line, "\n"))
				write_entry(major, minor, ops[i + 1], strtoull(at + strlen(name), NULL, 10), w);
		}
	}
	json_close(w, ']');
}

void stats_blkio(const struct cgroup *cgroup, struct json_writer *w)
{
	struct stats_dir v1 = stats_find(cgroup, "blkio"), v2 = stats_find(cgroup, "io");
	_cleanup_free_ char *text = NULL;

	json_open(w, "blkio", '{');
	for (size_t i = 0; v1.fd >= 0 && i < sizeof(counters) / sizeof(counters[0]); i++) {
		for (size_t k = 0; k < 3; k++) {
			if (write_counter(v1.fd, counters[i].key, counters[i].files[k], w))
				break;
		}
	}
	if (v1.fd < 0 && v2.fd >= 0 && cgroup_read_text(v2.fd, "io.stat", &text) == 0) {
		write_io_stat(text, "ioServiceBytesRecursive", "bytes", w);
		write_io_stat(text, "ioServicedRecursive", "ios", w);
	}
	stats_pressure(cgroup, "io.pressure", w);
	json_close(w, '}');
}

/* The pages reserved, where the kernel counts these, are what can run out. */
static void write_page_size(struct stats_dir dir, const char *size, struct json_writer *w)
{
	static const char *const keys[] = { "usage", "max", "failcnt" };
	static const char *const v1_files[] = { "usage_in_bytes", "max_usage_in_bytes", "failcnt" };
	char name[128];

	json_open(w, size, '{');
	for (size_t i = 0; i < 3; i++) {
		long long value = -1;

		if (!dir.v2) {
			snprintf(name, sizeof(name), "hugetlb.%s.%s", size, v1_files[i]);
			value = cgroup_read_number(dir.fd, name);
		} else if (i == 0) {
			snprintf(name, sizeof(name), "hugetlb.%s.rsvd.current", size);
			value = cgroup_read_number(dir.fd, name);
			if (value < 0) {
				snprintf(name, sizeof(name), "hugetlb.%s.current", size);
				value = cgroup_read_number(dir.fd, name);
			}
		} else if (i == 2) {
			_cleanup_free_ char *events = NULL;

			snprintf(name, sizeof(name), "hugetlb.%s.events", size);
			if (cgroup_read_text(dir.fd, name, &events) == 0)
				value = cgroup_key_value(events, "max");
		}
		if (value > 0 || i == 2)
			json_number(w, keys[i], value > 0 ? (unsigned long long)value : 0);
	}
	json_close(w, '}');
}

void stats_hugetlb(const struct cgroup *cgroup, struct json_writer *w)
{
	struct stats_dir dir = stats_find(cgroup, "hugetlb");
	const char *suffix = dir.v2 ? ".max" : ".limit_in_bytes";
	int copy = dir.fd < 0 ? -1 : openat(dir.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	json_open(w, "hugetlb", '{');
	/* The page sizes are those that have files: "hugetlb.2MB.max", but not "hugetlb.2MB.rsvd.max". */
	while (stream && (entry = readdir(stream))) {
		char size[32];
		int used = 0;

		if (sscanf(entry->d_name, "hugetlb.%31[0-9A-Z]%n", size, &used) == 1 &&
			strcmp(entry->d_name + used, suffix) == 0)
			write_page_size(dir, size, w);
	}
	json_close(w, '}');
	if (stream)
		closedir(stream);
	else if (copy >= 0)
		close(copy);
}
