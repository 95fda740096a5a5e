"""Keys of what takes payments, sells and ships."""

from __future__ import annotations

from confab_sync.redaction.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "STRIPE_KEY",
        "gitleaks:stripe-access-token; Stripe webhook secrets",
        r"\b(?:[sr]k_(?:test|live|prod)_[A-Za-z0-9]{10,}+|whsec_[A-Za-z0-9+/]{24,}+=*+)",
        ("sk_", "rk_", "whsec_"),
    ),
    Rule(
        "SQUARE_TOKEN",
        "gitleaks:square-access-token",
        r"\bsq0(?:atp|csp)-[A-Za-z0-9_-]{22,}+",
        ("sq0",),
    ),
    Rule(
        "SHOPIFY_TOKEN",
        "gitleaks:shopify-*",
        r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
        ("shp",),
    ),
    Rule(
        "FLUTTERWAVE_KEY",
        "gitleaks:flutterwave-*",
        r"\bFLWSECK(?:_TEST)?-[A-Za-z0-9]{12,}+(?:-X)?+",
        ("flwseck",),
    ),
    Rule(
        "EASYPOST_KEY",
        "gitleaks:easypost-*",
        r"\bEZ[AT]K[A-Za-z0-9]{54}",
        ("ezak", "eztk"),
        lead=r"(?<![A-Za-z0-9+_.-])",
        lead_reach=1,
    ),
    Rule(
        "DUFFEL_KEY",
        "gitleaks:duffel-api-token",
        r"\bduffel_(?:test|live)_[A-Za-z0-9_=-]{43}",
        ("duffel_",),
    ),
    Rule(
        "SHIPPO_KEY",
        "gitleaks:shippo-api-token",
        r"\bshippo_(?:live|test)_[a-fA-F0-9]{40}",
        ("shippo_",),
    ),
)
