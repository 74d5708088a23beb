/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/finding.h"
#include "ctl/ctl.h"

/* What doctor found: each what is wrong, and what to do about it. */

typedef struct VsFindings VsFindings;

VsFindings *vs_findings_new(void);
void vs_findings_free(VsFindings *findings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VsFindings, vs_findings_free)

/* @check is its name for scripts, @domain the guest's (NULL: the host's). Takes over @what and
 * @todo. */
void vs_findings_add(VsFindings *findings, VsFindingLevel level, const char *check,
                     const char *domain, char *what, char *todo);

/* What can be pasted into root's shell, on the host that is looked at, to mend what was added last;
 * taken over. NULL: there is nothing. */
void vs_findings_paste(VsFindings *findings, char *line);

/* What was added last is told with others of which the same @many is said, in one sentence: "2
 * guests have no ACPI: “db1”, “db2”". */
typedef char *(*VsFindingsMany)(unsigned n, const char *names);
void vs_findings_group(VsFindings *findings, VsFindingsMany many);

/* Whether something was found by that check. */
bool vs_findings_has(const VsFindings *findings, const char *check);

/* Whether there are errors or warnings. */
bool vs_findings_any(const VsFindings *findings);

/* Whether nothing was left unchecked. */
bool vs_findings_complete(const VsFindings *findings);

/* The worst first: two lines each, or one JSON object each. */
void vs_findings_print(const VsFindings *findings, const VsCtl *ctl);
