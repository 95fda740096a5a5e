"""Keys of applications, and of services of all other kinds."""

from __future__ import annotations

from confab_sync.redaction.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "LINEAR_KEY", "gitleaks:linear-api-key", r"\blin_(?:api|oauth)_[A-Za-z0-9]{40,}+", ("lin_",)
    ),
    Rule(
        "NOTION_TOKEN",
        "gitleaks:notion-api-token; Notion before 2024",
        r"\b(?:ntn_[A-Za-z0-9]{40,}+|secret_[A-Za-z0-9]{43}\b)",
        ("ntn_", "secret_"),
    ),
    Rule(
        "POSTMAN_KEY", "gitleaks:postman-api-token", r"\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}", ("pmak-",)
    ),
    Rule("FIGMA_TOKEN", "figma.com/developers", r"\bfigd_[A-Za-z0-9_-]{30,}+", ("figd_",)),
    Rule("TYPEFORM_TOKEN", "gitleaks:typeform-api-token", r"\btfp_[A-Za-z0-9_.=-]{59}", ("tfp_",)),
    Rule("NETLIFY_TOKEN", "docs.netlify.com", r"\bnfp_[A-Za-z0-9]{36,}+", ("nfp_",)),
    Rule(
        "SUPABASE_KEY",
        "supabase.com",
        r"\b(?:sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{20,}+)",
        ("sbp_", "sb_secret_"),
    ),
    Rule(
        "PLANETSCALE_KEY",
        "gitleaks:planetscale-*",
        r"\bpscale_(?:tkn|oauth|pw)_[A-Za-z0-9_=.-]{32,}+",
        ("pscale_",),
    ),
    Rule("PREFECT_KEY", "gitleaks:prefect-api-token", r"\bpnu_[A-Za-z0-9]{36}", ("pnu_",)),
    Rule("README_KEY", "gitleaks:readme-api-token", r"\brdme_[a-z0-9]{70}", ("rdme_",)),
    Rule(
        "SOURCEGRAPH_TOKEN",
        "gitleaks:sourcegraph-access-token",
        r"\bsgp_(?:[a-fA-F0-9]{16}_|local_)?+[a-fA-F0-9]{40}",
        ("sgp_",),
    ),
    Rule("FRAMEIO_TOKEN", "gitleaks:frameio-api-token", r"\bfio-u-[A-Za-z0-9_=-]{64}", ("fio-u-",)),
    Rule(
        "INFRACOST_KEY",
        "gitleaks:infracost-api-token",
        r"\bico-[A-Za-z0-9]{32}\b",
        ("ico-",),
        lead=r"(?<![A-Za-z0-9+_.-])",
        lead_reach=1,
    ),
    Rule("ADOBE_SECRET", "gitleaks:adobe-client-secret", r"\bp8e-[A-Za-z0-9]{32}\b", ("p8e-",)),
    Rule(
        "MAXMIND_KEY",
        "gitleaks:maxmind-license-key",
        r"_mmk\b",
        ("_mmk",),
        lead=r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}",
        lead_reach=36,
    ),
    Rule(
        "SCALINGO_TOKEN", "gitleaks:scalingo-api-token", r"\btk-us-[A-Za-z0-9_-]{48}", ("tk-us-",)
    ),
    Rule(
        "OCTOPUS_KEY",
        "gitleaks:octopus-deploy-api-key",
        r"\bAPI-[A-Z0-9]{26}\b",
        ("api-",),
        check="mixed",
    ),
    Rule(
        "HARNESS_KEY",
        "gitleaks:harness-api-key",
        r"\b[ps]at\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}",
        ("pat.", "sat."),
        trigger=r"[ps]at\.[A-Za-z0-9_-]{22}\.",
    ),
    Rule("SETTLEMINT_TOKEN", "gitleaks:settlemint-*", r"\bsm_[aps]at_[A-Za-z0-9]{16}", ("sm_",)),
    Rule(
        "INTRA42_SECRET",
        "gitleaks:intra42-client-secret",
        r"\bs-s4t2(?:ud|af)-[a-fA-F0-9]{64}",
        ("s-s4t2",),
    ),
    Rule(
        "YANDEX_KEY",
        "gitleaks:yandex-*",
        r"\b(?:AQVN[A-Za-z0-9_-]{35,}+|t1\.[A-Z0-9a-z_-]{1,500}+={0,2}+\.[A-Z0-9a-z_-]{86}={0,2}+)",
        ("aqvn", "t1."),
        trigger=r"(?:AQVN[A-Za-z0-9_-]{30}|t1\.[A-Z0-9a-z_-]{20})",
    ),
    Rule(
        "FACEBOOK_TOKEN",
        "gitleaks:facebook-access-token",
        r"(?:[|]|%7[cC])[A-Za-z0-9_-]{27}\b",
        ("|", "%7c"),
        trigger=r"[0-9](?:[|]|%7[cC])[A-Za-z0-9_-]{27}",
        lead=r"(?<![0-9])[0-9]{15,16}",
        lead_reach=16,
        check="generated",
    ),
    Rule(
        "FACEBOOK_TOKEN",
        "gitleaks:facebook-page-access-token",
        r"\bEAA[MC][A-Za-z0-9]{100,}+",
        ("eaa",),
        check="dense",
    ),
    Rule(
        "DROPBOX_TOKEN",
        "gitleaks:dropbox-short-lived-api-token",
        r"\bsl\.[A-Za-z0-9_=-]{120,}+",
        ("sl.",),
    ),
    Rule("CONFAB_KEY", "contract §1.3", r"\bcfb_[A-Za-z0-9_-]{16,}+", ("cfb_",)),
)
