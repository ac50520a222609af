/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection to a systemd manager. Everything on it ends at one deadline, which begins with the
 * connection: a manager that does not answer is an error, never a wait without end.
 */
#ifndef SILO_CGROUP_SYSTEMD_BUS_H
#define SILO_CGROUP_SYSTEMD_BUS_H

#include "cgroup/systemd.h"
#include "util/libsystemd.h"

#define SYSTEMD_SERVICE "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER "org.freedesktop.systemd1.Manager"

struct systemd_bus {
	const struct libsystemd *lib;
	sd_bus *bus;
	bool message_bus;	/* a bus with other peers, rather than systemd's own socket */
	uint64_t timeout_us, deadline_us; /* CLOCK_MONOTONIC */
	char address[256];	/* for messages */
	char job[128];		/* that is waited for */
	char result[32];	/* its result, once it is known */
	unsigned version;	/* systemd's; 0 until systemd_version() was asked */
};

/**
 * systemd_connect - connect to the system's manager, or the calling user's
 * Where DBUS_SYSTEM_BUS_ADDRESS or DBUS_SESSION_BUS_ADDRESS is set, over that bus; otherwise over
 * the manager's own socket, as systemctl does, and over the bus where there is none.
 *
 * Return: 0 with @bus to be given to systemd_disconnect(); a negative errno.
 */
int systemd_connect(bool user, struct systemd_bus *bus, struct error *err);

void systemd_disconnect(struct systemd_bus *bus);

/** systemd_version - the manager's version, "257.1-1" being 257; UINT_MAX if it does not say */
unsigned systemd_version(struct systemd_bus *bus);

/** systemd_method - a call of the manager to be filled; release with bus_message_unref() */
int systemd_method(
	struct systemd_bus *bus, const char *method, sd_bus_message **ret, struct error *err);

/**
 * systemd_call - make a call that was filled
 * @reply: receives the answer, to be released; may be NULL
 * @name: receives the D-Bus name of the error, in static memory until the next call; "" if none. May be NULL
 * @what: what was attempted, for the message
 */
int systemd_call(struct systemd_bus *bus, sd_bus_message *message, sd_bus_message **reply,
	const char **name, const char *what, struct error *err);

/** systemd_watch_jobs - be told of jobs' ends from now on; before the call that makes one */
int systemd_watch_jobs(struct systemd_bus *bus, struct error *err);

/**
 * systemd_wait_job - wait for a job's end
 * @reply: of the call that made it
 * Return: 0 if it was done; -ETIMEDOUT; another negative errno.
 */
int systemd_wait_job(
	struct systemd_bus *bus, sd_bus_message *reply, const char *what, struct error *err);

#endif
