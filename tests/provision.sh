#!/bin/sh
# What the tests need besides Python: Chromium and Dovecot. Installed where we may; named where we may not.
set -u

# The shell is Chromium without the windows of a desktop: pages are drawn alike, for a third of the work.
SHELL_ONLY=chromium-headless-shell

has() { command -v "$1" >/dev/null; }
a_browser() { has "${CHROMIUM:-$SHELL_ONLY}" || has chromium || has google-chrome; }
a_mail_server() { has dovecot || [ -x /usr/sbin/dovecot ]; }
may_install() { [ "$(id -u)" = 0 ] && has apt-get; }
installed() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }

has "${CHROMIUM:-$SHELL_ONLY}" && a_mail_server && exit 0

if may_install; then
    echo "Installing for the tests: Chromium and Dovecot, as far as they are not here"
    DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null
    has "${CHROMIUM:-$SHELL_ONLY}" || installed $SHELL_ONLY || a_browser || installed chromium
    a_mail_server || installed dovecot-core dovecot-imapd
fi

a_browser || echo "Left out: the tests in a browser (tests/e2e). To get them: sudo apt install $SHELL_ONLY"
a_mail_server || echo "Left out: the tests against a real IMAP server. To get them: sudo apt install dovecot-core dovecot-imapd"
