#!/bin/sh
# What the tests need besides Python: Chromium and Dovecot. Installed where we may; named where we may not.
set -u

missing=""
command -v "${CHROMIUM:-chromium}" >/dev/null || command -v google-chrome >/dev/null || missing="chromium"
command -v dovecot >/dev/null || [ -x /usr/sbin/dovecot ] || missing="$missing dovecot-core dovecot-imapd"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing for the tests: $missing"
    # shellcheck disable=SC2086  # a list of packages
    if DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null; then
        exit 0
    fi
    echo "That did not work."
fi

case "$missing" in *chromium*) echo "Left out: the tests in a browser (tests/e2e). They need Chromium." ;; esac
case "$missing" in *dovecot*) echo "Left out: the tests against a real IMAP server. They need Dovecot." ;; esac
echo "To get them: sudo apt install $missing"
