/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What init and the host side say to each other, over a SOCK_SEQPACKET pair
 * (and over the start socket): one struct plan_message a packet. End of file
 * from init means that it has become the container's process if it has said
 * PLAN_MESSAGE_LAST before, and otherwise that it was killed on its way there.
 */
#ifndef SILO_PLAN_PROTOCOL_H
#define SILO_PLAN_PROTOCOL_H

#include <stdint.h>

/* Init's exit status for a plan that is damaged or of another version. */
#define PLAN_REFUSED 3

enum plan_message_type {
	PLAN_MESSAGE_REACHED = 1, /* init -> host: at the SYNC step of token; may carry a descriptor */
	PLAN_MESSAGE_GO,          /* host -> init: that token's work is done; start */
	PLAN_MESSAGE_CHILD,       /* init -> host: PLAN_CLONE made this child; carries its pidfd */
	PLAN_MESSAGE_WARNING,     /* init -> host: something worth a log line; goes on */
	PLAN_MESSAGE_FAILED,      /* init -> host: the step failed; init has ended */
	PLAN_MESSAGE_LAST,        /* init -> host: only the filter and execve(2) are left; FAILED may follow, if they do */
};

struct plan_message {
	uint32_t type;
	uint32_t token;   /* REACHED, GO */
	int32_t pid;      /* CHILD */
	int32_t error;    /* FAILED: positive errno */
	uint32_t step;    /* FAILED: index of the step; */
	uint32_t line;    /* FAILED: the step's line and pointer in config.json */
	char pointer[128];
	char what[256];   /* FAILED: the step's description */
	char detail[512]; /* FAILED, WARNING: which call on what */
};

#endif
