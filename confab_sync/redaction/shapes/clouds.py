"""Keys of clouds, and of those who run programs for others."""

from __future__ import annotations

from confab_sync.redaction.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "AWS_KEY",
        "gitleaks:aws-access-token; AWS IAM, unique identifiers",
        r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
        ("a3t", "akia", "asia", "abia", "acca"),
    ),
    Rule(
        "AWS_SECRET",
        "AWS credentials files and CSV downloads: the secret follows the id",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}[\"']?+[\s,;:|]{1,4}+[\"']?+([A-Za-z0-9/+]{40})",
        ("akia", "asia"),
        trigger=r"(?:AKIA|ASIA)[A-Z0-9]{16}",
        group=1,
    ),
    Rule("API_KEY", "AWS Bedrock API keys", r"\bABSK[A-Za-z0-9+/]{100,}+={0,2}+", ("absk",)),
    Rule("GOOGLE_API_KEY", "gitleaks:gcp-api-key", r"\bAIza[A-Za-z0-9_-]{35}", ("aiza",)),
    Rule(
        "GOOGLE_API_KEY",
        "Google OAuth client secrets, access and refresh tokens",
        r"\b(?:GOCSPX-[A-Za-z0-9_-]{24,}+|ya29\.[A-Za-z0-9_-]{20,}+|1//0[A-Za-z0-9_-]{40,}+)",
        ("gocspx-", "ya29.", "1//0"),
        trigger=r"(?:GOCSPX-|ya29\.|1\\*/\\*/0)[A-Za-z0-9_-]{20}",
    ),
    Rule(
        "AZURE_KEY",
        "Azure storage and service bus connection strings",
        r"(?i:(?:Account|SharedAccess|SharedSecret|AccessKey)(?:Key)?)"
        r"[ \t]*+=[ \t]*+([A-Za-z0-9+/]{40,}+={0,2}+)",
        ("account", "sharedaccess", "sharedsecret", "accesskey"),
        trigger=r"(?i:(?:Account|SharedAccess|SharedSecret|AccessKey)(?:Key)?)[ \t]*=",
        group=1,
    ),
    Rule(
        "AZURE_SAS",
        "Azure shared access signatures",
        r"\bsig=([A-Za-z0-9%+/_-]{40,}+={0,2}+)",
        ("sig=",),
        trigger=r"sig(?:=|\\+u003[dD])[A-Za-z0-9%+/\\_-]{30}",
        group=1,
        check="generated",
    ),
    Rule(
        "AZURE_SECRET",
        "gitleaks:azure-ad-client-secret",
        r"Q~[A-Za-z0-9_~.-]{31,34}",
        ("q~",),
        lead=r"[A-Za-z0-9_~.]{3}[0-9]",
        lead_reach=4,
    ),
    Rule(
        "DIGITALOCEAN_TOKEN",
        "gitleaks:digitalocean-pat, digitalocean-access-token, digitalocean-refresh-token",
        r"\bdo[opr]_v1_[A-Fa-f0-9]{64}",
        ("doo_v1_", "dop_v1_", "dor_v1_"),
    ),
    Rule(
        "CLOUDFLARE_KEY",
        "gitleaks:cloudflare-origin-ca-key",
        r"\bv1\.0-[a-f0-9]{24}-[a-f0-9]{146}",
        ("v1.0-",),
        trigger=r"v1\.0-[a-f0-9]{24}-",
    ),
    Rule(
        "CLOUDFLARE_KEY",
        "gitleaks:cloudflare-api-key, cloudflare-global-api-key",
        r"(?i:cloudflare|\bcf[_. -])[A-Za-z0-9_ .-]{0,24}+[\"'`]?+[ \t]*+[:=][ \t]*+[\"'`]?+"
        r"([A-Za-z0-9_-]{40}|[a-f0-9]{37})\b",
        ("cloudflare", "cf_", "cf-", "cf.", "cf "),
        trigger=r"(?i:cloudflare|cf[_-])[A-Za-z0-9_ .-]{0,24}[\\\"'`]*[ \t]*[:=][ \t]*"
        r"[\\\"'`]*[A-Za-z0-9_-]{30}",
        group=1,
        check="generated",
    ),
    Rule(
        "CLOUDFLARE_KEY",
        "Cloudflare token prefixes",
        r"\bcf(?:k|ut|at)_[A-Za-z0-9]{40,}+",
        ("cfk_", "cfut_", "cfat_"),
    ),
    Rule(
        "DATABRICKS_TOKEN",
        "gitleaks:databricks-api-token",
        r"\bdapi[a-f0-9]{32}(?:-[0-9])?+",
        ("dapi",),
    ),
    Rule(
        "ALIBABA_KEY",
        "gitleaks:alibaba-access-key-id",
        r"\bLTAI[A-Za-z0-9]{20}",
        ("ltai",),
        lead=r"(?<![A-Za-z0-9+_.-])",
        lead_reach=1,
    ),
    Rule("HEROKU_KEY", "gitleaks:heroku-api-key-v2", r"\bHRKU-AA[A-Za-z0-9_-]{58}", ("hrku-aa",)),
    Rule(
        "FLY_TOKEN",
        "gitleaks:flyio-access-token",
        r"\b(?:fo1_[A-Za-z0-9_-]{43}|fm1[ar]_[A-Za-z0-9+/]{100,}+={0,3}+|fm2_[A-Za-z0-9+/]{100,}+={0,3}+)",
        ("fo1_", "fm1", "fm2_"),
        trigger=r"(?:fo1_|fm1[ar]_|fm2_)[A-Za-z0-9+/_-]{40}",
    ),
)
