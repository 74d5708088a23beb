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

/* Whether there are errors or warnings. */
bool vs_findings_any(const VsFindings *findings);

/* Whether nothing was left unchecked. */
bool vs_findings_complete(const VsFindings *findings);

/* The worst first: two lines each, or one JSON object each. */
void vs_findings_print(const VsFindings *findings, const VsCtl *ctl);
