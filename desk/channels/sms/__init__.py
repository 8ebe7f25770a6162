"""Text messages (SMS, MMS, WhatsApp) by way of Twilio."""
