/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What stands between words that are put together one by one, in the language of who reads them. */

/* Between names in a list, and between what is counted in one sentence: ", " in English. */
const char *vs_joint_names(void);
const char *vs_joint_parts(void);

/* Before a list: ": ". */
const char *vs_joint_list(void);

/* Between two statements in one line: "; ". */
const char *vs_joint_statements(void);

/* At a sentence's end: ".". */
const char *vs_joint_end(void);
