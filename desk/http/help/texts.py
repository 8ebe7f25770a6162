"""Every text of the help centre's own pages, in one place; articles bring their own."""

from __future__ import annotations

LANGUAGE = "en"

TEXTS = {
    "site": "{name} help",
    "skip": "Skip to the content",
    "home": "Help",
    "where": "Where you are",
    "my_cases": "My cases",
    "write_to_us": "Write to us",
    "back_home": "All topics",
    # finding
    "ask": "What can we help you with?",
    "search": "Search",
    "search_label": "Search for an answer",
    "search_hint": "For example: where is my parcel",
    "search_found": "{count} answers to “{question}”",
    "search_found_one": "One answer to “{question}”",
    "search_read_as": "Read as “{question}”",
    "search_empty": "No answer to “{question}” yet",
    "search_empty_text": "Try other words, look through the topics, or write to us: a person will answer.",
    "search_nothing": "Type a few words, such as what happened.",
    "suggestions": "Suggestions",
    "suggestions_none": "No suggestion. Press Enter to search.",
    "topics": "Topics",
    "articles": "{count} articles",
    "articles_one": "1 article",
    "helped_most": "What helped others",
    "nothing_fits": "Nothing fits?",
    "nothing_fits_text": "Write to us. A person reads it and answers by email.",
    "nothing_yet": "There is nothing to read here yet.",
    # an article
    "updated": "Updated",
    "contents": "On this page",
    "more_in": "More in {title}",
    "helpful": "Did this help?",
    "yes": "Yes",
    "no": "No",
    "thanks_yes": "Thank you. Good to know.",
    "thanks_no": "Thank you. We will make it better.",
    "reason": "Why not? (not required)",
    "reason_missing": "Something is missing",
    "reason_unclear": "It is hard to follow",
    "reason_wrong": "It is wrong or out of date",
    "reason_other_question": "It answers another question",
    "comment_yes": "Anything to add? (not required)",
    "comment_no": "What was missing? (not required)",
    "comment_hint": "We read this, and do not answer it. If you need help, write to us.",
    "comment_send": "Send",
    "comment_kept": "Thank you, we have your comment.",
    # writing to us
    "contact_title": "Write to us",
    "contact_about": "A person reads your message and answers by email.",
    "contact_name": "Your name",
    "contact_email": "Your email address",
    "contact_email_hint": "The answer goes there.",
    "contact_subject": "What is it about?",
    "contact_message": "Your message",
    "contact_files": "Files",
    "contact_files_hint": "Up to {count} files, 20 MB together.",
    "contact_send": "Send the message",
    "contact_suggestions": "Perhaps this helps at once",
    "contact_trap": "Leave this empty",
    "optional": "not required",
    "sent_title": "We have your message",
    "sent_text": "A person will read it and answer by email, to the address that you gave.",
    "sent_more": "There is no need to write twice: what you send later is added by answering our email.",
    "no_form": "There is no form at the moment.",
    "no_form_mail": "Write an email instead, to",
    # my cases
    "cases_title": "My cases",
    "link_about": "Give the address that you wrote to us from. We mail you a link that opens your cases.",
    "link_email": "Email address",
    "link_send": "Send me the link",
    "link_sent_title": "Look into your mailbox",
    "link_sent_text": (
        "If we know this address, a mail with a link is on its way. "
        "The link works once, for {minutes} minutes. "
        "No mail? Look into the spam folder, or try the address that you used before."
    ),
    "link_away": "Signing in by mail is not possible at the moment.",
    "confirm_title": "Open your cases",
    "confirm_text": "You asked to see your cases in this browser.",
    "confirm_button": "Open my cases",
    "link_over_title": "This link has ended",
    "link_over_text": "A link works once, and for {minutes} minutes. Ask for a new one.",
    "cases_of": "Signed in as {address}",
    "sign_out": "Sign out",
    "cases_empty": "There is nothing here yet.",
    "cases_unproven": (
        "This address stands on a customer with other addresses. "
        "A person must confirm that it is yours before we show anything: write to us."
    ),
    "status_open": "We are at it",
    "status_waiting": "Waiting for you",
    "status_resolved": "Solved",
    "case_last": "Last message",
    "case_back": "All my cases",
    "case_you": "You",
    "case_us": "Us",
    "case_files": "Attached",
    "case_reply": "Your answer",
    "case_reply_send": "Send the answer",
    "case_reply_done": "Your answer has arrived.",
    "case_reply_anew": "That case is over for good, so your answer began a new one.",
    "case_reply_away": "Answer by email to add something.",
    "case_failed": "This message could not be delivered by email.",
    # what goes wrong
    "missing_title": "Nothing here",
    "missing_text": "This page does not exist, or does not exist any more. Search for what you need:",
    "trouble_title": "That did not work",
    "needs_email": "Give an email address, so that we can answer.",
    "needs_message": "Write what it is about.",
    "too_long": "Make it shorter: up to {most} letters are possible here.",
    "too_many_files": "Attach up to {count} files.",
    "files_too_large": "The files have more than 20 MB together. Share the largest one by a link.",
    "trapped": (
        "A field was filled in that people do not see; a program may have done it. Empty it and send again."
    ),
}


LANGUAGE_NAMES = {
    "ar": "العربية",
    "da": "Dansk",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fi": "Suomi",
    "fr": "Français",
    "he": "עברית",
    "it": "Italiano",
    "nb": "Norsk",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "sv": "Svenska",
    "tr": "Türkçe",
    "uk": "Українська",
    "zh": "中文",
}
"""Each language as those who speak it call it."""


def language_name(code: str) -> str:
    """The name of a language in itself; a code that we do not know stays as it is."""
    return LANGUAGE_NAMES.get(code, LANGUAGE_NAMES.get(code.partition("-")[0], code))


def t(key: str, **values: object) -> str:
    """The text; a key that is not there is a fault."""
    return TEXTS[key].format(**values) if values else TEXTS[key]
