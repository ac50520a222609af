/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup/stats.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/files.h"
#include "util/cleanup.h"

#define NANOSECONDS_PER_MICROSECOND 1000ULL

/* A member that is one file with one number. */
struct number_file {
	const char *key, *file;
	bool always; /* written even if it is 0 or cannot be read */
};

struct stats_dir stats_find(const struct cgroup *cgroup, const char *controller)
{
	struct stats_dir dir = { .fd = -1 };
	ssize_t found = cgroup_find(cgroup->layout, controller, false);

	dir.v2 = found < 0;
	if (dir.v2)
		found = cgroup_find(cgroup->layout, controller, true);
	if (found >= 0 && cgroup->paths[found])
		dir.fd = cgroup_dir(cgroup, (size_t)found);
	return dir;
}

/* "max" is the largest number, as Go has it. */
static bool read_limit(int dir, const char *file, unsigned long long *ret)
{
	_cleanup_free_ char *text = NULL;

	*ret = 0;
	if (dir < 0 || cgroup_read_text(dir, file, &text) < 0)
		return false;
	*ret = strcmp(text, "max") == 0 ? UINT64_MAX : strtoull(text, NULL, 10);
	return true;
}

static void write_numbers(int dir, const struct number_file *files, struct json_writer *w)
{
	for (; files->key; files++) {
		unsigned long long number;

		read_limit(dir, files->file, &number);
		if (number || files->always)
			json_number(w, files->key, number);
	}
}

static unsigned long long value_of(const char *text, const char *key)
{
	long long value = text ? cgroup_key_value(text, key) : 0;

	return value > 0 ? (unsigned long long)value : 0;
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0", and the same with "full" */
static void write_pressure_line(const char *line, struct json_writer *w)
{
	char key[16], value[32];
	int used;

	if (sscanf(line, "%15s%n", key, &used) != 1)
		return;
	json_open(w, key, '{');
	for (line += used; sscanf(line, " %15[a-z0-9]=%31[0-9.]%n", key, value, &used) == 2; line += used)
		json_literal(w, key, value);
	json_close(w, '}');
}

void stats_pressure(const struct cgroup *cgroup, const char *file, struct json_writer *w)
{
	_cleanup_free_ char *text = NULL;

	if (cgroup->v2_fd < 0 || cgroup_read_text(cgroup->v2_fd, file, &text) < 0 || !*text)
		return;
	json_open(w, "psi", '{');
	for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
		write_pressure_line(line, w);
	json_close(w, '}');
}

/* One column of cpuacct.usage_all, "cpu user system", a CPU a line. */
static void write_column(const char *text, const char *key, int column, struct json_writer *w)
{
	json_open(w, key, '[');
	while (text && (text = strchr(text, '\n'))) {
		unsigned long long number[3];

		if (sscanf(++text, "%llu %llu %llu", &number[0], &number[1], &number[2]) == 3)
			json_number(w, NULL, number[column]);
	}
	json_close(w, ']');
}

static void write_usage_v1(int dir, struct json_writer *w)
{
	_cleanup_free_ char *percpu = NULL;
	_cleanup_free_ char *all = NULL;
	_cleanup_free_ char *stat = NULL;
	unsigned long long tick = 1000000000ULL / (unsigned long long)sysconf(_SC_CLK_TCK);
	unsigned long long total;

	if (read_limit(dir, "cpuacct.usage", &total) && total)
		json_number(w, "total", total);
	if (dir >= 0 && cgroup_read_text(dir, "cpuacct.usage_percpu", &percpu) == 0) {
		char *rest = percpu, *end;

		json_open(w, "percpu", '[');
		for (;; rest = end) {
			unsigned long long number = strtoull(rest, &end, 10);

			if (end == rest)
				break;
			json_number(w, NULL, number);
		}
		json_close(w, ']');
	}
	if (dir >= 0 && cgroup_read_text(dir, "cpuacct.usage_all", &all) == 0) {
		write_column(all, "percpu_kernel", 2, w);
		write_column(all, "percpu_user", 1, w);
	}
	if (dir >= 0)
		cgroup_read_text(dir, "cpuacct.stat", &stat);
	json_number(w, "kernel", value_of(stat, "system") * tick);
	json_number(w, "user", value_of(stat, "user") * tick);
}

static void write_usage_v2(const char *stat, struct json_writer *w)
{
	json_number(w, "total", value_of(stat, "usage_usec") * NANOSECONDS_PER_MICROSECOND);
	json_number(w, "kernel", value_of(stat, "system_usec") * NANOSECONDS_PER_MICROSECOND);
	json_number(w, "user", value_of(stat, "user_usec") * NANOSECONDS_PER_MICROSECOND);
}

static void write_cpu(const struct cgroup *cgroup, struct json_writer *w)
{
	struct stats_dir dir = stats_find(cgroup, "cpu"), usage = stats_find(cgroup, "cpuacct");
	_cleanup_free_ char *stat = NULL;
	unsigned long long periods;

	/* The v2 tree counts usage even without the cpu controller. */
	if (dir.v2)
		dir.fd = cgroup->v2_fd;
	if (dir.fd >= 0)
		cgroup_read_text(dir.fd, "cpu.stat", &stat);
	json_open(w, "cpu", '{');
	json_open(w, "usage", '{');
	if (usage.fd >= 0)
		write_usage_v1(usage.fd, w);
	else
		write_usage_v2(dir.v2 ? stat : NULL, w);
	json_close(w, '}');
	periods = value_of(stat, "nr_periods");
	if (periods) {
		json_open(w, "throttling", '{');
		json_number(w, "periods", periods);
		json_number(w, "throttledPeriods", value_of(stat, "nr_throttled"));
		json_number(w, "throttledTime",
			dir.v2 ? value_of(stat, "throttled_usec") * NANOSECONDS_PER_MICROSECOND :
				 value_of(stat, "throttled_time"));
		json_close(w, '}');
	}
	stats_pressure(cgroup, "cpu.pressure", w);
	json_close(w, '}');
}

/* "0-1,4" as an array. */
static void write_set(int dir, const char *key, const char *file, struct json_writer *w)
{
	_cleanup_free_ char *text = NULL;
	char *rest;

	if (dir < 0 || cgroup_read_text(dir, file, &text) < 0 || !*text)
		return;
	json_open(w, key, '[');
	for (rest = text; *rest >= '0' && *rest <= '9'; rest += *rest == ',') {
		unsigned long first = strtoul(rest, &rest, 10), last = first;

		if (*rest == '-')
			last = strtoul(rest + 1, &rest, 10);
		for (; first <= last; first++)
			json_number(w, NULL, first);
	}
	json_close(w, ']');
}

static void write_cpuset(const struct cgroup *cgroup, struct json_writer *w)
{
	static const struct number_file before[] = {
		{ "cpu_exclusive", "cpuset.cpu_exclusive", true },
		{ 0 },
	};
	static const struct number_file after[] = {
		{ "mem_hardwall", "cpuset.mem_hardwall", true },
		{ "mem_exclusive", "cpuset.mem_exclusive", true },
		{ "memory_migrate", "cpuset.memory_migrate", true },
		{ "memory_spread_page", "cpuset.memory_spread_page", true },
		{ "memory_spread_slab", "cpuset.memory_spread_slab", true },
		{ "memory_pressure", "cpuset.memory_pressure", true },
		{ "sched_load_balance", "cpuset.sched_load_balance", true },
		{ 0 },
	};
	struct stats_dir dir = stats_find(cgroup, "cpuset");
	int v1 = dir.v2 ? -1 : dir.fd;
	_cleanup_free_ char *level = NULL;

	json_open(w, "cpuset", '{');
	write_set(dir.fd, "cpus", dir.v2 ? "cpuset.cpus.effective" : "cpuset.cpus", w);
	write_numbers(v1, before, w);
	write_set(dir.fd, "mems", dir.v2 ? "cpuset.mems.effective" : "cpuset.mems", w);
	write_numbers(v1, after, w);
	if (v1 >= 0)
		cgroup_read_text(v1, "cpuset.sched_relax_domain_level", &level);
	json_literal(w, "sched_relax_domain_level", level && *level ? level : "0");
	json_close(w, '}');
}

struct memory_entry {
	unsigned long long limit, usage, max, failcnt;
};

static void write_entry(const char *key, const struct memory_entry *entry, struct json_writer *w)
{
	json_open(w, key, '{');
	json_number(w, "limit", entry->limit);
	if (entry->usage)
		json_number(w, "usage", entry->usage);
	if (entry->max)
		json_number(w, "max", entry->max);
	json_number(w, "failcnt", entry->failcnt);
	json_close(w, '}');
}

static void read_entry_v1(int dir, const char *kind, struct memory_entry *entry)
{
	static const char *const files[] = { "limit_in_bytes", "usage_in_bytes", "max_usage_in_bytes", "failcnt" };
	unsigned long long *const values[] = { &entry->limit, &entry->usage, &entry->max, &entry->failcnt };

	for (size_t i = 0; i < 4; i++) {
		char name[64];

		snprintf(name, sizeof(name), "memory.%s%s", kind, files[i]);
		read_limit(dir, name, values[i]);
	}
}

/* Swap includes memory, as in v1. */
static void read_entries_v2(int dir, struct memory_entry *memory, struct memory_entry *swap)
{
	_cleanup_free_ char *events = NULL;

	read_limit(dir, "memory.max", &memory->limit);
	read_limit(dir, "memory.current", &memory->usage);
	read_limit(dir, "memory.peak", &memory->max); /* since 5.19 */
	if (dir >= 0)
		cgroup_read_text(dir, "memory.events", &events);
	memory->failcnt = value_of(events, "max");
	read_limit(dir, "memory.swap.max", &swap->limit);
	read_limit(dir, "memory.swap.current", &swap->usage);
	swap->usage += memory->usage;
	if (swap->limit != UINT64_MAX && memory->limit != UINT64_MAX)
		swap->limit += memory->limit;
	else
		swap->limit = dir < 0 ? 0 : UINT64_MAX;
}

static void write_memory(const struct cgroup *cgroup, struct json_writer *w)
{
	struct stats_dir dir = stats_find(cgroup, "memory");
	struct memory_entry memory = { 0 }, swap = { 0 }, kernel = { 0 }, tcp = { 0 };
	_cleanup_free_ char *stat = NULL;
	unsigned long long cache;

	if (dir.fd >= 0)
		cgroup_read_text(dir.fd, "memory.stat", &stat);
	if (dir.v2) {
		read_entries_v2(dir.fd, &memory, &swap);
	} else {
		read_entry_v1(dir.fd, "", &memory);
		read_entry_v1(dir.fd, "memsw.", &swap);
		read_entry_v1(dir.fd, "kmem.", &kernel);
		read_entry_v1(dir.fd, "kmem.tcp.", &tcp);
	}
	json_open(w, "memory", '{');
	cache = value_of(stat, dir.v2 ? "file" : "cache");
	if (cache)
		json_number(w, "cache", cache);
	write_entry("usage", &memory, w);
	write_entry("swap", &swap, w);
	write_entry("kernel", &kernel, w);
	write_entry("kernelTCP", &tcp, w);
	if (stat && *stat) {
		json_open(w, "raw", '{');
		for (const char *line = stat; *line; line += strcspn(line, "\n"), line += *line == '\n') {
			unsigned long long value;
			char key[64];

			if (sscanf(line, "%63s %llu", key, &value) == 2)
				json_number(w, key, value);
		}
		json_close(w, '}');
	}
	stats_pressure(cgroup, "memory.pressure", w);
	json_close(w, '}');
}

static void write_pids(const struct cgroup *cgroup, struct json_writer *w)
{
	struct stats_dir dir = stats_find(cgroup, "pids");
	unsigned long long number;

	json_open(w, "pids", '{');
	if (read_limit(dir.fd, "pids.current", &number) && number)
		json_number(w, "current", number);
	if (read_limit(dir.fd, "pids.max", &number) && number != UINT64_MAX)
		json_number(w, "limit", number);
	json_close(w, '}');
}

void cgroup_stats(const struct cgroup *cgroup, struct json_writer *w)
{
	json_open(w, "data", '{');
	write_cpu(cgroup, w);
	write_cpuset(cgroup, w);
	write_memory(cgroup, w);
	write_pids(cgroup, w);
	stats_blkio(cgroup, w);
	stats_hugetlb(cgroup, w);
	json_open(w, "intel_rdt", '{');
	json_close(w, '}');
	json_literal(w, "network_interfaces", "null");
	json_close(w, '}');
}
