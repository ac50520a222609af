/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal's master where we serve it ourselves, in the foreground. */
#ifndef SILO_RUNTIME_TERMINAL_H
#define SILO_RUNTIME_TERMINAL_H

/**
 * terminal_keep - prepare a master that we serve ourselves, before the process writes its first line
 *
 * It gets the size of our own terminal. Whoever reads a pipe from us wants the program's own line ends, as from
 * runc: without ONLCR.
 */
void terminal_keep(int master);

/** terminal_copy_size - make our own terminal's size that of @master, if we have one, and it is not -1 */
void terminal_copy_size(int master);

#endif
