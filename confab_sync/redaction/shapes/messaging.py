"""Tokens of what sends messages: chats, their webhooks, telephony, mail."""

from __future__ import annotations

from confab_sync.redaction.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "SLACK_TOKEN",
        "gitleaks:slack-bot-token, slack-user-token, slack-legacy-*, slack-config-*",
        r"xox(?:[a-eprs](?:\.xox[bp])?+-[A-Za-z0-9]|o-[0-9])[A-Za-z0-9-]{9,}+",
        ("xox",),
    ),
    Rule(
        "SLACK_TOKEN",
        "gitleaks:slack-app-token",
        r"\bxapp-[0-9]-[A-Za-z0-9]{1,100}+-[0-9]{1,100}+-[A-Za-z0-9]++",
        ("xapp-",),
    ),
    Rule(
        "SLACK_WEBHOOK",
        "gitleaks:slack-webhook-url",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/+_-]{20,}+)",
        ("hooks.slack.com",),
        trigger=r"hooks\.slack\.com",
        group=1,
    ),
    Rule(
        "TEAMS_WEBHOOK",
        "gitleaks:microsoft-teams-webhook",
        r"\.webhook\.office\.com/webhookb2/([A-Za-z0-9@/-]{40,}+)",
        (".webhook.office.com",),
        trigger=r"\.webhook\.office\.com",
        group=1,
    ),
    Rule(
        "DISCORD_WEBHOOK",
        "discord.com/developers, webhooks",
        r"discord(?:app)?\.com/api/(?:v[0-9]{1,2}/)?webhooks/[0-9]{1,100}+/([A-Za-z0-9_-]{60,}+)",
        ("discord",),
        trigger=r"discord(?:app)?\.com\\*/api",
        group=1,
    ),
    Rule(
        "DISCORD_TOKEN",
        "discord.com/developers: base64 of the user id, a time stamp, a signature",
        r"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}",
        (".",),
        lead=r"(?:^|(?<=[^A-Za-z0-9_.-]))[MNO][A-Za-z0-9_-]{22,27}",
        lead_reach=28,
        check="generated",
    ),
    Rule(
        "TELEGRAM_TOKEN",
        "gitleaks:telegram-bot-api-token",
        r":A[A-Za-z0-9_-]{34}",
        (":a",),
        lead=r"(?<![A-Za-z0-9])[0-9]{5,16}",
        lead_reach=16,
        check="generated",
        trigger=r"[0-9]:A[A-Za-z0-9_-]{34}",
    ),
    Rule("TWILIO_KEY", "gitleaks:twilio-api-key", r"\bSK[0-9a-fA-F]{32}\b", ("sk",)),
    Rule(
        "SENDGRID_KEY",
        "gitleaks:sendgrid-api-token",
        r"\bSG\.[A-Za-z0-9_-]{16,100}+\.[A-Za-z0-9_-]{30,}+",
        ("sg.",),
        trigger=r"SG\.[A-Za-z0-9_-]{16}",
    ),
    Rule(
        "MAILCHIMP_KEY",
        "gitleaks:mailchimp-api-key",
        r"-us[0-9]{1,2}+\b",
        ("-us",),
        lead=r"\b[0-9a-f]{32}",
        lead_reach=33,
        trigger=r"[0-9a-f]-us[0-9]",
    ),
    Rule(
        "MAILGUN_KEY",
        "gitleaks:mailgun-private-api-token",
        r"\bkey-[0-9a-f]{32}\b",
        ("key-",),
        lead=r"(?<![A-Za-z0-9_-])",
        lead_reach=1,
    ),
    Rule(
        "BREVO_KEY",
        "gitleaks:sendinblue-api-token",
        r"\bxkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}",
        ("xkeysib-",),
    ),
)
