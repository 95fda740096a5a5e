"""The table of secrets that are known by their shape, each with its source.

A source `gitleaks:x` is the rule x of gitleaks 8.28 (config/gitleaks.toml), whose shapes are
the reference; many are wider here, because vendors make their keys longer without notice.
"""

from __future__ import annotations

from confab_sync.redaction.rule import Rule

_PEM_BREAK = (
    r"(?:[\s\x00\"'`+,>|*#:;]|\\+[nrt]|\xe2\x86\x92|\xff"
    r"|[0-9]{1,6}+(?:[ \t]*+\||\t|:|\xe2\x86\x92|\xff))"
)
"""What may stand between two lines of a key: line ends, escaped or not, quotes, list
punctuation, the marks of diffs and comments, and line numbers as tools print them, with an
arrow (which is \\xff where it was escaped, see `views`)."""

_PEM_GAP = rf"(?:{_PEM_BREAK}|-)"

_PEM_HEADER = r"(?:Proc-Type|DEK-Info|Comment|Version|Subject|X-[A-Za-z-]{1,30})[:][^\n\x00\\\"]*+"

_PEM = (
    r"-----BEGIN[A-Z0-9 _-]{0,40}?PRIVATE KEY(?: BLOCK)?-----"
    rf"(?:{_PEM_GAP}*+(?:[A-Za-z0-9/+=]{{16,}}+|{_PEM_HEADER}))++"
    rf"(?:{_PEM_GAP}*+[A-Za-z0-9/+]{{0,15}}={{1,2}}+)?+"
    rf"(?:{_PEM_BREAK}*+(?:[A-Za-z0-9/+=]{{1,15}}+{_PEM_BREAK}*+)?+"
    r"-{4,6}+END[A-Z0-9 _-]{0,40}?PRIVATE KEY(?: BLOCK)?-{4,5}+)?+"
)

RULES: tuple[Rule, ...] = (
    # --- model providers
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
    # --- clouds
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
    # --- forges and registries
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
    # --- messaging
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
    # --- money
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
    # --- secrets managers, infrastructure, monitoring
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
    # --- applications
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
    # --- shapes without a vendor
    Rule(
        "JWT",
        "gitleaks:jwt; RFC 7519, RFC 7516 (five parts)",
        r"\beyJ[A-Za-z0-9_-]{8,2000}+={0,2}+\.[A-Za-z0-9_-]{10,}+={0,2}+(?:\.[A-Za-z0-9_-]*+)*+",
        ("eyj",),
    ),
    Rule(
        "JWT",
        "gitleaks:jwt-base64",
        r"\bZXlK[A-Za-z0-9+/]{60,}+={0,2}+",
        ("zxlk",),
        check="jwt_in_base64",
    ),
    Rule(
        "BEARER_TOKEN",
        "RFC 6750; contract §4.8",
        r"(?i:\bbearer)[ \t]++([A-Za-z0-9_~.+/=-]{16,}+)",
        ("bearer",),
        trigger=r"(?i:bearer)(?:[ \t]|\\+t)+[A-Za-z0-9_~.+/=\\-]{8}",
        group=1,
        check="generated",
    ),
    Rule(
        "BASIC_AUTH",
        "RFC 7617",
        r"(?i:\bbasic)[ \t]++([A-Za-z0-9+/]{6,}+={0,2}+)",
        ("basic",),
        trigger=r"(?i:basic)(?:[ \t]|\\+t)+[A-Za-z0-9+/\\]{6}",
        group=1,
        check="user_and_password",
    ),
    Rule(
        "AUTHORIZATION",
        "gitleaks:curl-auth-header; RFC 9110 §11.6.2",
        r"(?i:authorization)[\"'`]?+[ \t]*+[:=,][ \t]*+[\"'`]?+"
        r"(?i:bearer|basic|token|apikey|api-key|digest|key)[ \t]++([A-Za-z0-9_~.+/=:-]{8,}+)",
        ("authorization",),
        trigger=r"(?i:authorization)[\\\"'`]*(?:[ \t]|\\+t)*[:=,][ \t]*[\\\"'`]*"
        r"(?i:bearer|basic|token|apikey|api-key|digest|key)",
        group=1,
        check="mixed",
    ),
    Rule(
        "PASSWORD",
        "gitleaks:curl-auth-user",
        r"(?:-u|--user|--proxy-user)[ =]{1,2}+[\"']?+[A-Za-z0-9_.@$+-]{0,200}+:"
        r"[\"']?+([^\s\"'\x00:]{3,}+)",
        ("-u", "--user", "--proxy-user"),
        trigger=r"-(?:u|-user|-proxy-user)[ =]+[\\\"']*[A-Za-z0-9_.@$+-]*:[^\s:]",
        group=1,
        check="after_curl",
    ),
    Rule(
        "PASSWORD",
        "RFC 3986 §3.2.1: userinfo in URLs and connection strings; contract §4.8",
        r"://[^\s\"'`<>/@:\x00]{0,200}+:((?:[^\s\"'`<>/@\x00]{0,500}+@)++)",
        ("://",),
        trigger=r":\\*/\\*/[^\s\"'`<>/@:]*:[^\s\"'`<>/@]+@",
        group=1,
        tail=1,
        check="url_password",
    ),
    Rule(
        "PASSWORD",
        "git over HTTPS: a token in the place of the user",
        r"://([A-Za-z0-9_-]{20,500}+)@[A-Za-z0-9]",
        ("://",),
        trigger=r":\\*/\\*/[A-Za-z0-9_-]{20,}@",
        group=1,
        check="generated",
    ),
    Rule(
        "PRIVATE_KEY",
        "gitleaks:private-key; RFC 7468, RFC 1421, OpenSSH, OpenPGP",
        _PEM,
        ("-----begin",),
        trigger=r"-----BEGIN[A-Z0-9 _-]{0,40}PRIVATE KEY",
    ),
    Rule(
        "PRIVATE_KEY",
        "PEM in base64, as in kubeconfig files and Kubernetes secrets",
        r"\bLS0tLS1CRUdJTi[A-Za-z0-9+/]{40,}+={0,2}+",
        ("ls0tls1crudjti",),
        check="key_in_base64",
    ),
    Rule(
        "PRIVATE_KEY",
        "PuTTY key files",
        rf"Private-Lines: [0-9]++(?:{_PEM_GAP}*+[A-Za-z0-9/+=]{{16,}}+)++"
        rf"(?:{_PEM_GAP}*+[A-Za-z0-9/+]{{1,15}}=*+)?+",
        ("private-lines: ",),
        trigger=r"Private-Lines: [0-9]",
    ),
)
