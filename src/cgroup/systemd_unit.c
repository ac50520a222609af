/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Units over D-Bus: made, changed, stopped. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/systemd_bus.h"
#include "util/log.h"

#define ERROR_NO_SUCH_UNIT SYSTEMD_SERVICE ".NoSuchUnit"
#define ERROR_UNIT_EXISTS SYSTEMD_SERVICE ".UnitExists"

static const char *const signatures[] = {
	[SYSTEMD_BOOLEAN] = "b",
	[SYSTEMD_INT32] = "i",
	[SYSTEMD_UINT32] = "u",
	[SYSTEMD_UINT64] = "t",
	[SYSTEMD_STRING] = "s",
	[SYSTEMD_STRINGS] = "as",
	[SYSTEMD_BYTES] = "ay",
	[SYSTEMD_NUMBERS] = "a(st)",
	[SYSTEMD_ACCESS] = "a(ss)",
};

static int append_items(
	const struct libsystemd *lib, sd_bus_message *message, const struct systemd_property *property)
{
	int r = lib->bus_message_open_container(
		message, SD_BUS_TYPE_ARRAY, signatures[property->type] + 1);

	for (size_t i = 0; r >= 0 && i < property->count; i++) {
		const struct systemd_item *item = &property->items[i];

		if (property->type == SYSTEMD_STRINGS)
			r = lib->bus_message_append(message, "s", item->text);
		else if (property->type == SYSTEMD_NUMBERS)
			r = lib->bus_message_append(message, "(st)", item->text, item->number);
		else
			r = lib->bus_message_append(message, "(ss)", item->text, item->access);
	}
	return r < 0 ? r : lib->bus_message_close_container(message);
}

static int append_value(
	const struct libsystemd *lib, sd_bus_message *message, const struct systemd_property *property)
{
	int narrow = (int)property->number;

	switch (property->type) {
	case SYSTEMD_BOOLEAN:
	case SYSTEMD_INT32:
	case SYSTEMD_UINT32:
		return lib->bus_message_append_basic(message, *signatures[property->type], &narrow);
	case SYSTEMD_UINT64:
		return lib->bus_message_append_basic(message, 't', &property->number);
	case SYSTEMD_STRING:
		return lib->bus_message_append_basic(message, 's', property->text);
	case SYSTEMD_BYTES:
		return lib->bus_message_append_array(message, 'y', property->bytes, property->count);
	case SYSTEMD_STRINGS:
	case SYSTEMD_NUMBERS:
	case SYSTEMD_ACCESS:
		return append_items(lib, message, property);
	}
	return -EINVAL;
}

static int append_property(
	const struct libsystemd *lib, sd_bus_message *message, const struct systemd_property *property)
{
	int r = lib->bus_message_open_container(message, SD_BUS_TYPE_STRUCT, "sv");

	if (r >= 0)
		r = lib->bus_message_append(message, "s", property->name);
	if (r >= 0)
		r = lib->bus_message_open_container(
			message, SD_BUS_TYPE_VARIANT, signatures[property->type]);
	if (r >= 0)
		r = append_value(lib, message, property);
	if (r >= 0)
		r = lib->bus_message_close_container(message);
	return r < 0 ? r : lib->bus_message_close_container(message);
}

static int append_list(struct systemd_bus *bus, sd_bus_message *message,
	const struct systemd_properties *properties)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < properties->count; i++) {
		const struct systemd_property *property = &properties->items[i];

		if (property->since && systemd_version(bus) < property->since)
			log_warning("systemd %u cannot be told of %s%s%s as %u can: it may set that back", bus->version,
				property->name, property->pointer ? " of " : "",
				property->pointer ? property->pointer : "", property->since);
		else
			r = append_property(bus->lib, message, property);
	}
	return r;
}

/* StartTransientUnit's arguments: the name, the mode, the properties, no other units. */
static int fill_start(struct systemd_bus *bus, sd_bus_message *message,
	const struct systemd_scope *scope, pid_t pid)
{
	const struct libsystemd *lib = bus->lib;
	int r = lib->bus_message_append(message, "ss", scope->unit.name, "fail");

	if (r >= 0)
		r = lib->bus_message_open_container(message, SD_BUS_TYPE_ARRAY, "(sv)");
	/* A container ends when its manager says so, rather than by the order of a shutdown; an
	 * annotation, which comes later, may say otherwise. A failure leaves no unit behind: who asked for it
	 * may not be there any more, or not have heard of it (org.freedesktop.systemd1(5), CollectMode, since 236). */
	if (r >= 0)
		r = lib->bus_message_append(message, "(sv)(sv)(sv)(sv)(sv)(sv)",
			"Description", "s", scope->description,
			"Slice", "s", scope->slice,
			"Delegate", "b", 1,
			"DefaultDependencies", "b", 0,
			"CollectMode", "s", "inactive-or-failed",
			"PIDs", "au", 1, (uint32_t)pid);
	if (r >= 0)
		r = append_list(bus, message, &scope->properties);
	if (r >= 0)
		r = lib->bus_message_close_container(message);
	return r < 0 ? r : lib->bus_message_append(message, "a(sa(sv))", 0);
}

/* Calls a method whose one argument is a unit's name. */
static int call_with_unit(struct systemd_bus *bus, const char *method, const char *unit,
	const char **name, struct error *err)
{
	sd_bus_message *message = NULL;
	char what[512];
	int r = systemd_method(bus, method, &message, err);

	snprintf(what, sizeof(what), "%s of %s", method, unit);
	if (r == 0)
		r = bus->lib->bus_message_append(message, "s", unit);
	if (r >= 0)
		r = systemd_call(bus, message, NULL, name, what, err);
	bus->lib->bus_message_unref(message);
	return r;
}

static int start_once(struct systemd_bus *bus, const struct systemd_scope *scope, pid_t pid,
	bool *exists, struct error *err)
{
	sd_bus_message *message = NULL, *reply = NULL;
	const char *name = "";
	char what[512];
	int r = systemd_method(bus, "StartTransientUnit", &message, err);

	snprintf(what, sizeof(what), "start the transient unit %s in %s", scope->unit.name, scope->slice);
	if (r == 0) {
		r = fill_start(bus, message, scope, pid);
		if (r < 0)
			error_set(err, -r, "%s: put its properties into a message", what);
	}
	if (r >= 0)
		r = systemd_call(bus, message, &reply, &name, what, err);
	*exists = r < 0 && strcmp(name, ERROR_UNIT_EXISTS) == 0;
	if (r == 0)
		r = systemd_wait_job(bus, reply, what, err);
	bus->lib->bus_message_unref(reply);
	bus->lib->bus_message_unref(message);
	return r;
}

/* A unit of that name may be there because it failed: what is left of it is only the failure. */
static int start(struct systemd_bus *bus, const struct systemd_scope *scope, pid_t pid, struct error *err)
{
	bool exists;
	int r = start_once(bus, scope, pid, &exists, err);

	if (!exists)
		return r;
	call_with_unit(bus, "ResetFailedUnit", scope->unit.name, NULL, NULL);
	r = start_once(bus, scope, pid, &exists, err);
	if (!exists)
		return r;
	return error_say(err, EEXIST,
		"systemd has a unit %s already, see `systemctl status %s`; end it, or name another in cgroupsPath",
		scope->unit.name, scope->unit.name);
}

static int read_cgroup(struct systemd_bus *bus, const char *unit, struct oci_arena *arena,
	const char **ret, struct error *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	char *path = NULL, *text = NULL;
	int r = bus->lib->bus_path_encode(SYSTEMD_PATH "/unit", unit, &path);

	if (r >= 0)
		r = bus->lib->bus_get_property_string(bus->bus, SYSTEMD_SERVICE, path,
			SYSTEMD_SERVICE ".Scope", "ControlGroup", &error, &text);
	if (r >= 0 && text[0] != '/')
		r = -ENOENT;
	if (r < 0)
		error_say(err, -r, "ask systemd for the cgroup of %s: %s", unit,
			error.message ? error.message : strerror(-r));
	else
		*ret = oci_arena_strdup(arena, text);
	bus->lib->bus_error_free(&error);
	free(path);
	free(text);
	return r < 0 ? r : *ret ? 0 : error_set(err, ENOMEM, "name the cgroup of %s", unit);
}

int systemd_start_scope(const struct systemd_scope *scope, pid_t pid, struct oci_arena *arena,
	const char **cgroup, struct error *err)
{
	struct systemd_bus bus;
	int r = systemd_connect(scope->unit.user, &bus, err);

	if (r < 0)
		return r;
	r = systemd_watch_jobs(&bus, err);
	if (r == 0)
		r = start(&bus, scope, pid, err);
	if (r == 0)
		r = read_cgroup(&bus, scope->unit.name, arena, cgroup, err);
	systemd_disconnect(&bus);
	return r;
}

int systemd_find_scope(const struct systemd_unit *unit, struct oci_arena *arena, const char **cgroup, struct error *err)
{
	struct systemd_bus bus;
	int r = systemd_connect(unit->user, &bus, err);

	if (r < 0)
		return r;
	r = read_cgroup(&bus, unit->name, arena, cgroup, err);
	systemd_disconnect(&bus);
	return r;
}

int systemd_attach(const struct systemd_unit *unit, const char *below, pid_t pid, struct error *err)
{
	sd_bus_message *message = NULL;
	struct systemd_bus bus;
	char what[512];
	int r = systemd_connect(unit->user, &bus, err);

	if (r < 0)
		return r;
	snprintf(what, sizeof(what), "move process %d into %s", pid, unit->name);
	r = systemd_method(&bus, "AttachProcessesToUnit", &message, err);
	if (r == 0)
		r = bus.lib->bus_message_append(message, "ssau", unit->name, below, 1, (uint32_t)pid);
	if (r >= 0)
		r = systemd_call(&bus, message, NULL, NULL, what, err);
	bus.lib->bus_message_unref(message);
	systemd_disconnect(&bus);
	return r;
}

static int stop(struct systemd_bus *bus, const char *unit, struct error *err)
{
	sd_bus_message *message = NULL, *reply = NULL;
	const char *name = "";
	char what[512];
	int r = systemd_method(bus, "StopUnit", &message, err);

	snprintf(what, sizeof(what), "stop %s", unit);
	if (r == 0)
		r = bus->lib->bus_message_append(message, "ss", unit, "replace");
	if (r >= 0)
		r = systemd_call(bus, message, &reply, &name, what, err);
	if (r < 0 && strcmp(name, ERROR_NO_SUCH_UNIT) == 0)
		r = 0;
	else if (r == 0)
		r = systemd_wait_job(bus, reply, what, err);
	bus->lib->bus_message_unref(reply);
	bus->lib->bus_message_unref(message);
	return r;
}

int systemd_stop_unit(const struct systemd_unit *unit, struct error *err)
{
	struct systemd_bus bus;
	int r = systemd_connect(unit->user, &bus, err);

	if (r < 0)
		return r;
	r = systemd_watch_jobs(&bus, err);
	if (r == 0)
		r = stop(&bus, unit->name, err);
	/* One that failed would stay, and its name with it; most are gone by now. */
	if (r == 0)
		call_with_unit(&bus, "ResetFailedUnit", unit->name, NULL, NULL);
	systemd_disconnect(&bus);
	return r;
}

int systemd_set_properties(const struct systemd_unit *unit, const struct systemd_properties *properties,
	struct error *err)
{
	sd_bus_message *message = NULL;
	struct systemd_bus bus;
	char what[512];
	int r = 0;

	if (!properties->count)
		return 0;
	r = systemd_connect(unit->user, &bus, err);
	if (r < 0)
		return r;
	snprintf(what, sizeof(what), "set the limits of %s", unit->name);
	r = systemd_method(&bus, "SetUnitProperties", &message, err);
	if (r == 0) {
		r = bus.lib->bus_message_append(message, "sb", unit->name, 1);
		if (r >= 0)
			r = bus.lib->bus_message_open_container(message, SD_BUS_TYPE_ARRAY, "(sv)");
		if (r >= 0)
			r = append_list(&bus, message, properties);
		if (r >= 0)
			r = bus.lib->bus_message_close_container(message);
		if (r < 0)
			error_set(err, -r, "%s: put them into a message", what);
	}
	if (r >= 0)
		r = systemd_call(&bus, message, NULL, NULL, what, err);
	bus.lib->bus_message_unref(message);
	systemd_disconnect(&bus);
	return r;
}
