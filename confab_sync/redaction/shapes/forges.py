"""Tokens of forges, where code is kept, and of registries, where packages are."""

from __future__ import annotations

from confab_sync.redaction.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "GITHUB_TOKEN",
        "gitleaks:github-pat, github-oauth, github-app-token, github-refresh-token",
        r"gh[pousr]_[A-Za-z0-9_]{36,}+",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    ),
    Rule(
        "GITHUB_TOKEN",
        "gitleaks:github-fine-grained-pat",
        r"github_pat_[A-Za-z0-9_]{22,}+",
        ("github_pat_",),
    ),
    Rule(
        "GITLAB_TOKEN",
        "gitleaks:gitlab-* (personal, project, deploy, runner, job, feed, agent, OAuth)",
        r"\bgl(?:pat|ptt|dt|rt|rtr|cbt|ft|imt|agent|oas|soat|ffct|wt)-[A-Za-z0-9_-]{20,}+"
        r"(?:\.[A-Za-z0-9]{2}\.?[A-Za-z0-9_-]{7,}+)?+",
        (
            "glpat-",
            "glptt-",
            "gldt-",
            "glrt-",
            "glrtr-",
            "glcbt-",
            "glft-",
            "glimt-",
            "glagent-",
            "gloas-",
            "glsoat-",
            "glffct-",
            "glwt-",
        ),
    ),
    Rule("GITLAB_TOKEN", "gitleaks:gitlab-rrt", r"\bGR1348941[A-Za-z0-9_-]{20,}+", ("gr1348941",)),
    Rule(
        "GITLAB_TOKEN",
        "gitleaks:gitlab-session-cookie",
        r"_gitlab_session=([a-z0-9]{32})",
        ("_gitlab_session=",),
        group=1,
    ),
    Rule(
        "BITBUCKET_TOKEN",
        "Atlassian app passwords",
        r"\bATBB[A-Za-z0-9]{32}",
        ("atbb",),
        lead=r"(?<![A-Za-z0-9+_.-])",
        lead_reach=1,
    ),
    Rule(
        "ATLASSIAN_TOKEN",
        "gitleaks:atlassian-api-token",
        r"\bATATT3[A-Za-z0-9_=-]{60,}+",
        ("atatt3",),
    ),
    Rule("NPM_TOKEN", "gitleaks:npm-access-token", r"\bnpm_[A-Za-z0-9]{36,}+", ("npm_",)),
    Rule("PYPI_TOKEN", "gitleaks:pypi-upload-token", r"\bpypi-A[A-Za-z0-9_-]{50,}+", ("pypi-a",)),
    Rule(
        "RUBYGEMS_TOKEN", "gitleaks:rubygems-api-token", r"\brubygems_[a-f0-9]{48}", ("rubygems_",)
    ),
    Rule("CLOJARS_TOKEN", "gitleaks:clojars-api-token", r"CLOJARS_[A-Za-z0-9]{60}", ("clojars_",)),
    Rule("DOCKER_TOKEN", "docs.docker.com", r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}+", ("dckr_",)),
    Rule(
        "ARTIFACTORY_KEY",
        "gitleaks:artifactory-api-key, artifactory-reference-token",
        r"\b(?:AKCp[A-Za-z0-9]{69}|cmVmd[A-Za-z0-9]{59})\b",
        ("akcp", "cmvmd"),
        lead=r"(?<![A-Za-z0-9+_.-])",
        lead_reach=1,
    ),
)
