"""Keys of model providers."""

from __future__ import annotations

from confab_sync.redaction.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "API_KEY",
        "gitleaks:anthropic-api-key, anthropic-admin-api-key; OAuth tokens of Claude Code",
        r"\bsk-ant-[A-Za-z0-9_-]{20,}+",
        ("sk-ant-",),
    ),
    Rule(
        "API_KEY",
        "gitleaks:openai-api-key (project, service account, admin); openrouter.ai, langfuse.com",
        r"\bsk-(?:proj|svcacct|admin|None|or-v1|lf)-[A-Za-z0-9_-]{20,}+",
        ("sk-",),
    ),
    Rule("API_KEY", "gitleaks:openai-api-key (old)", r"\bsk-[A-Za-z0-9]{32,}+", ("sk-",)),
    Rule("API_KEY", "console.groq.com", r"\bgsk_[A-Za-z0-9]{40,}+", ("gsk_",)),
    Rule("API_KEY", "x.ai", r"\bxai-[A-Za-z0-9]{60,}+", ("xai-",)),
    Rule("API_KEY", "gitleaks:perplexity-api-key", r"\bpplx-[A-Za-z0-9]{40,}+", ("pplx-",)),
    Rule("API_KEY", "replicate.com", r"\br8_[A-Za-z0-9]{37,}+", ("r8_",)),
    Rule(
        "HUGGINGFACE_TOKEN",
        "gitleaks:huggingface-access-token, huggingface-organization-api-token",
        r"\b(?:hf|api_org)_[A-Za-z0-9]{34}\b",
        ("hf_", "api_org_"),
    ),
)
