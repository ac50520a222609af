/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup/systemd_bus.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* sd_booted(3): this directory is there exactly when systemd is the init. */
#define BOOTED_WITH_SYSTEMD "/run/systemd/system"
#define SYSTEM_SOCKET "/run/systemd/private"

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t time_left(const struct systemd_bus *bus)
{
	uint64_t now = now_us();

	return now < bus->deadline_us ? bus->deadline_us - now : 0;
}

static int out_of_time(const struct systemd_bus *bus, const char *what, struct error *err)
{
	return error_say(err, ETIMEDOUT, "%s: systemd did not answer at %s within %llu seconds", what,
		bus->address, (unsigned long long)bus->timeout_us / 1000000);
}

/* Where a manager's own socket is; its path as an address has other characters escaped (D-Bus
 * specification, Server Addresses). Return: whether there is one. */
static bool own_socket(bool user, char *address, size_t size)
{
	const char *runtime = user ? secure_getenv("XDG_RUNTIME_DIR") : NULL;
	char path[PATH_MAX];
	size_t length;

	if (user && !runtime)
		return false;
	snprintf(path, sizeof(path), "%s", SYSTEM_SOCKET);
	if (user)
		snprintf(path, sizeof(path), "%s/systemd/private", runtime);
	if (access(path, F_OK) < 0)
		return false;
	length = (size_t)snprintf(address, size, "unix:path=");
	for (const char *p = path; *p && length + 4 < size; p++) {
		bool plain = strchr("-_/.", *p) || (*p >= '0' && *p <= '9') ||
			((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z');

		length += (size_t)snprintf(
			address + length, size - length, plain ? "%c" : "%%%02x", (unsigned char)*p);
	}
	return true;
}

static int open_own_socket(struct systemd_bus *bus)
{
	int r = bus->lib->bus_new(&bus->bus);

	if (r >= 0)
		r = bus->lib->bus_set_address(bus->bus, bus->address);
	return r < 0 ? r : bus->lib->bus_start(bus->bus);
}

static int open_message_bus(struct systemd_bus *bus, bool user, const char *given)
{
	bus->message_bus = true;
	snprintf(bus->address, sizeof(bus->address), "%s", given ? given : user ?
		"the session bus" : "the system bus");
	return user ? bus->lib->bus_open_user(&bus->bus) : bus->lib->bus_open_system(&bus->bus);
}

/* Until the other side has let us in. */
static int wait_until_ready(struct systemd_bus *bus)
{
	for (;;) {
		int r = bus->lib->bus_is_ready(bus->bus);

		if (r != 0)
			return r < 0 ? r : 0;
		r = bus->lib->bus_process(bus->bus, NULL);
		if (r == 0 && !time_left(bus))
			return -ETIMEDOUT;
		if (r == 0)
			r = bus->lib->bus_wait(bus->bus, time_left(bus));
		if (r < 0 && r != -EINTR)
			return r;
	}
}

/* Says whose systemd is missing, and what can be done. */
static int explain(const struct systemd_bus *bus, bool user, const char *given, int r, struct error *err)
{
	static const char advice[] = "use --cgroup-manager=cgroupfs";

	if (r == -ETIMEDOUT)
		return out_of_time(bus, "connect to systemd", err);
	if (!given && !user && access(BOOTED_WITH_SYSTEMD, F_OK) < 0)
		return error_say(err, ENOTSUP,
			"the systemd cgroup manager cannot be used: this host does not run systemd; %s",
			advice);
	if (!given && user)
		return error_say(err, -r,
			"the systemd cgroup manager cannot be used: no systemd of user %u answers (is XDG_RUNTIME_DIR set, and the user logged in or lingering? see loginctl(1)): %s; %s",
			(unsigned)geteuid(), strerror(-r), advice);
	return error_say(err, -r, "connect to systemd at %s: %s; %s", bus->address, strerror(-r), advice);
}

int systemd_connect(bool user, struct systemd_bus *bus, struct error *err)
{
	const char *given =
		secure_getenv(user ? "DBUS_SESSION_BUS_ADDRESS" : "DBUS_SYSTEM_BUS_ADDRESS");
	int r;

	memset(bus, 0, sizeof(*bus));
	r = libsystemd_load(&bus->lib, err);
	if (r < 0)
		return r;
	if (!given && own_socket(user, bus->address, sizeof(bus->address)))
		r = open_own_socket(bus);
	else
		r = open_message_bus(bus, user, given);
	if (r < 0)
		return explain(bus, user, given, r, err);
	/* 25 seconds, but for what SYSTEMD_BUS_TIMEOUT says. */
	bus->lib->bus_get_method_call_timeout(bus->bus, &bus->timeout_us);
	bus->deadline_us = now_us() + bus->timeout_us;
	r = wait_until_ready(bus);
	if (r < 0) {
		systemd_disconnect(bus);
		return explain(bus, user, given, r, err);
	}
	return 0;
}

void systemd_disconnect(struct systemd_bus *bus)
{
	if (bus->bus)
		bus->bus = bus->lib->bus_close_unref(bus->bus);
}

unsigned systemd_version(struct systemd_bus *bus)
{
	char *text = NULL;

	if (bus->version)
		return bus->version;
	bus->version = UINT_MAX;
	if (bus->lib->bus_get_property_string(bus->bus, SYSTEMD_SERVICE, SYSTEMD_PATH, SYSTEMD_MANAGER, "Version", NULL,
		    &text) >= 0) {
		unsigned long number = strtoul(text + strcspn(text, "0123456789"), NULL, 10);

		bus->version = number && number < UINT_MAX ? (unsigned)number : UINT_MAX;
	}
	free(text);
	return bus->version;
}

int systemd_method(
	struct systemd_bus *bus, const char *method, sd_bus_message **ret, struct error *err)
{
	int r = bus->lib->bus_message_new_method_call(
		bus->bus, ret, SYSTEMD_SERVICE, SYSTEMD_PATH, SYSTEMD_MANAGER, method);

	return r < 0 ? error_set(err, -r, "make a call of systemd's %s", method) : 0;
}

int systemd_call(struct systemd_bus *bus, sd_bus_message *message, sd_bus_message **reply,
	const char **name, const char *what, struct error *err)
{
	static char name_of_error[128];
	sd_bus_error error = SD_BUS_ERROR_NULL;
	uint64_t left = time_left(bus);
	int r;

	/* Zero would mean the default. */
	r = bus->lib->bus_call(bus->bus, message, left ? left : 1, &error, reply);
	snprintf(name_of_error, sizeof(name_of_error), "%s", r < 0 && error.name ? error.name : "");
	if (name)
		*name = name_of_error;
	if (r == -ETIMEDOUT || strcmp(name_of_error, SD_BUS_ERROR_NO_REPLY) == 0)
		r = out_of_time(bus, what, err);
	else if (r < 0)
		error_say(err, -r, "%s: systemd says: %s", what,
			error.message ? error.message : strerror(-r));
	bus->lib->bus_error_free(&error);
	return r < 0 ? r : 0;
}

static int on_job_removed(sd_bus_message *message, void *data, sd_bus_error *error)
{
	struct systemd_bus *bus = data;
	const char *job, *unit, *result;
	uint32_t id;

	(void)error;
	if (bus->lib->bus_message_read(message, "uoss", &id, &job, &unit, &result) >= 0 &&
		strcmp(job, bus->job) == 0)
		snprintf(bus->result, sizeof(bus->result), "%s", result);
	return 0;
}

int systemd_watch_jobs(struct systemd_bus *bus, struct error *err)
{
	sd_bus_message *message = NULL;
	int r;

	/* AddMatch is a call, too. Over the manager's own socket all signals come by themselves. */
	bus->lib->bus_set_method_call_timeout(bus->bus, time_left(bus) ? time_left(bus) : 1);
	r = bus->lib->bus_match_signal(bus->bus, NULL, bus->message_bus ? SYSTEMD_SERVICE : NULL,
		SYSTEMD_PATH, SYSTEMD_MANAGER, "JobRemoved", on_job_removed, bus);
	if (r == -ETIMEDOUT)
		return out_of_time(bus, "watch systemd's jobs", err);
	if (r < 0)
		return error_set(err, -r, "watch systemd's jobs at %s", bus->address);
	if (!bus->message_bus)
		return 0;
	r = systemd_method(bus, "Subscribe", &message, err);
	if (r == 0)
		r = systemd_call(bus, message, NULL, NULL, "subscribe to systemd's signals", err);
	bus->lib->bus_message_unref(message);
	return r;
}

int systemd_wait_job(
	struct systemd_bus *bus, sd_bus_message *reply, const char *what, struct error *err)
{
	const char *job;
	int r = bus->lib->bus_message_read(reply, "o", &job);

	if (r < 0)
		return error_set(err, -r, "%s: read systemd's answer", what);
	snprintf(bus->job, sizeof(bus->job), "%s", job);
	while (!bus->result[0]) {
		r = bus->lib->bus_process(bus->bus, NULL);
		if (r == 0 && !time_left(bus))
			return out_of_time(bus, what, err);
		if (r == 0)
			r = bus->lib->bus_wait(bus->bus, time_left(bus));
		if (r < 0 && r != -EINTR)
			return error_set(err, -r, "%s: wait for systemd's job", what);
	}
	if (strcmp(bus->result, "done") == 0)
		return 0;
	return error_say(err, EIO, "%s: systemd's job ended as \"%s\", see journalctl(1)", what, bus->result);
}
