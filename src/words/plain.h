/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* @text for a person's terminal: where the locale's characters aren't UTF-8, with the quotes and
 * signs of our messages as ASCII has them. What else is in it stays. The caller owns it. */
char *vs_plain_text(const char *text);
