/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsystemd's sd-bus, loaded when the systemd cgroup manager is asked for: nobody else pays for it.
 */
#ifndef SILO_UTIL_LIBSYSTEMD_H
#define SILO_UTIL_LIBSYSTEMD_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "util/error.h"

/* The functions that are used, named as in sd-bus.h without "sd_". */
#define LIBSYSTEMD_FUNCTIONS(F) \
	F(bus_call) \
	F(bus_error_free) \
	F(bus_close_unref) \
	F(bus_get_method_call_timeout) \
	F(bus_get_property_string) \
	F(bus_is_ready) \
	F(bus_match_signal) \
	F(bus_message_append) \
	F(bus_message_append_array) \
	F(bus_message_append_basic) \
	F(bus_message_close_container) \
	F(bus_message_new_method_call) \
	F(bus_message_open_container) \
	F(bus_message_read) \
	F(bus_message_unref) \
	F(bus_new) \
	F(bus_open_system) \
	F(bus_open_user) \
	F(bus_path_encode) \
	F(bus_process) \
	F(bus_set_address) \
	F(bus_set_method_call_timeout) \
	F(bus_start) \
	F(bus_wait)

struct libsystemd {
#define LIBSYSTEMD_MEMBER(name) __typeof__(sd_##name) *name;
	LIBSYSTEMD_FUNCTIONS(LIBSYSTEMD_MEMBER)
#undef LIBSYSTEMD_MEMBER
};

/** libsystemd_load - the functions; loads the library once. Return: 0 or a negative errno */
int libsystemd_load(const struct libsystemd **ret, struct error *err);

/** libsystemd_loadable - whether this build can load it at all: a static one cannot */
bool libsystemd_loadable(void);

#endif
