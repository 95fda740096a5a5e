"""Keys of what keeps a service running: secrets managers, infrastructure, monitoring."""

from __future__ import annotations

from confab_sync.redaction.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "VAULT_TOKEN",
        "gitleaks:vault-service-token, vault-batch-token; Vault recovery tokens",
        r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}+",
        ("hvs.", "hvb.", "hvr."),
    ),
    Rule(
        "VAULT_TOKEN",
        "gitleaks:vault-service-token (before Vault 1.10)",
        r"\bs\.[A-Za-z0-9]{24}\b",
        ("s.",),
        check="scattered",
    ),
    Rule(
        "TERRAFORM_TOKEN",
        "gitleaks:hashicorp-tf-api-token",
        r"\.atlasv1\.[A-Za-z0-9_=-]{60,}+",
        (".atlasv1.",),
        lead=r"[A-Za-z0-9]{14}",
        lead_reach=14,
    ),
    Rule("PULUMI_TOKEN", "gitleaks:pulumi-api-token", r"\bpul-[a-f0-9]{40}", ("pul-",)),
    Rule(
        "DOPPLER_TOKEN",
        "gitleaks:doppler-api-token",
        r"\bdp\.(?:pt|st|ct|sa)\.[A-Za-z0-9_.-]{40,}+",
        ("dp.",),
    ),
    Rule(
        "ONEPASSWORD_KEY",
        "gitleaks:1password-secret-key, 1password-service-account-token",
        r"\b(?:A3-[A-Z0-9]{6}-[A-Z0-9]{6}-?[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}\b"
        r"|ops_eyJ[A-Za-z0-9+/]{100,}+={0,3}+)",
        ("a3-", "ops_eyj"),
        trigger=r"(?:A3-[A-Z0-9]{6}-|ops_eyJ)",
    ),
    Rule(
        "AGE_KEY", "gitleaks:age-secret-key", r"AGE-SECRET-KEY-1[A-Z0-9]{58}", ("age-secret-key-1",)
    ),
    Rule(
        "TAILSCALE_KEY",
        "tailscale.com",
        r"\btskey-[a-z]{2,10}+-[A-Za-z0-9]{6,100}+-[A-Za-z0-9]{16,}+",
        ("tskey-",),
    ),
    Rule(
        "OPENSHIFT_TOKEN",
        "gitleaks:openshift-user-token",
        r"\bsha256~[A-Za-z0-9_-]{43}",
        ("sha256~",),
    ),
    Rule(
        "GRAFANA_TOKEN",
        "gitleaks:grafana-*",
        r"\b(?:glc_[A-Za-z0-9+/]{32,}+={0,3}+|glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"
        r"|eyJrIjoi[A-Za-z0-9]{60,}+={0,3}+)",
        ("glc_", "glsa_", "eyjrijoi"),
        trigger=r"(?:glc_|glsa_|eyJrIjoi)[A-Za-z0-9+/]{20}",
    ),
    Rule(
        "NEWRELIC_KEY",
        "gitleaks:new-relic-*",
        r"\bNR(?:AK-[A-Z0-9]{27}|II-[A-Za-z0-9-]{32}|JS-[a-f0-9]{19})",
        ("nrak-", "nrii-", "nrjs-"),
    ),
    Rule(
        "SENTRY_TOKEN",
        "gitleaks:sentry-org-token, sentry-user-token",
        r"\b(?:sntrys_eyJ[A-Za-z0-9+/=_-]{40,}+|sntryu_[a-f0-9]{64})",
        ("sntrys_", "sntryu_"),
        trigger=r"sntry[su]_[A-Za-z0-9]{20}",
    ),
    Rule(
        "DYNATRACE_TOKEN",
        "gitleaks:dynatrace-api-token",
        r"\bdt0c01\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}",
        ("dt0c01.",),
    ),
    Rule(
        "CLICKHOUSE_KEY",
        "gitleaks:clickhouse-cloud-api-secret-key",
        r"\b4b1d[A-Za-z0-9]{38}\b",
        ("4b1d",),
        check="generated",
    ),
)
