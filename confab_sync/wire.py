"""The HTTP API's names, limits and message texts, shared by client and server.

The API is confab-web's; the numbers in brackets are sections of its contract. What a
capability of ours stands for (below "Extensions") exists on `confab serve` only and is
never used unless the server advertises it.
"""

from __future__ import annotations

from typing import Final

# Routes (§2.1) ---------------------------------------------------------------------------
API: Final = "/api/v1"
INIT: Final = "/api/v1/sync/init"
CHUNK: Final = "/api/v1/sync/chunk"
EVENT: Final = "/api/v1/sync/event"
VALIDATE: Final = "/api/v1/auth/validate"
CAPABILITIES: Final = "/api/v1/capabilities"
SESSIONS: Final = "/api/v1/sessions"
"""Below it: `/{id}`, `/{id}/files`, `/{id}/files/download`, `/{external_id}/summary` …"""
KEYS: Final = "/api/v1/keys"
VERSION: Final = "/api/v1/version"
HEALTH: Final = "/health"
DEVICE: Final = "/auth/device"
DEVICE_CODE: Final = "/auth/device/code"
DEVICE_TOKEN: Final = "/auth/device/token"  # noqa: S105 - a route
DEVICE_VERIFY: Final = "/auth/device/verify"
SYNC_ROUTES: Final = frozenset({INIT, CHUNK, EVENT})
"""The only routes of confab-web where a body may be compressed (§1.4)."""

# Headers and media types (§1.2, §1.4) ------------------------------------------------------
JSON_TYPE: Final = "application/json"
TEXT_TYPE: Final = "text/plain; charset=utf-8"
BEARER: Final = "Bearer "
ZSTD: Final = "zstd"
COMPRESS_FROM: Final = 1024
"""Bytes: shorter bodies are sent as they are."""

# Keys (§1.3) -------------------------------------------------------------------------------
KEY_PREFIX: Final = "cfb_"
KEY_LENGTH: Final = 44
KEY_PATTERN: Final = r"cfb_[A-Za-z0-9_-]{40}"
MAX_KEYS: Final = 500
MAX_KEY_NAME: Final = 255

# Limits of decompressed bodies in bytes (§1.4) ---------------------------------------------
GET_BODY: Final = 2 * 1024
AUTH_BODY: Final = 16 * 1024
SMALL_BODY: Final = 128 * 1024
"""init, event, summary, links, keys."""
CHUNK_BODY: Final = 16 * 1024 * 1024
"""Exactly this many are accepted, one more is not."""

# Limits of fields in bytes of UTF-8 (§2.4 to §2.8) -----------------------------------------
MAX_EXTERNAL_ID: Final = 512
MAX_TRANSCRIPT_PATH: Final = 8192
MAX_CWD: Final = 8192
MAX_HOSTNAME: Final = 255
MAX_USERNAME: Final = 255
MAX_FILE_NAME: Final = 512
MAX_FILE_TYPE: Final = 50
MAX_SUMMARY: Final = 2048
MAX_FIRST_USER_MESSAGE: Final = 8192
MAX_MODEL: Final = 255
MAX_REMOTES: Final = 50
MAX_REMOTE_NAME: Final = 256
MAX_REMOTE_URL: Final = 2048
MAX_TRACKING_REMOTE: Final = 256
MAX_LINK_URL: Final = 2048
MAX_LINK_TITLE: Final = 500
MAX_CHUNKS: Final = 30_000
MAX_LINES: Final = 99_999_999
MAX_AHEAD_HOURS: Final = 48
"""Message times further in the future are ignored (§3.4)."""

PROVIDERS: Final = ("claude-code", "codex", "opencode", "cursor")
SESSION_END: Final = "session_end"
TRANSCRIPT: Final = "transcript"
AGENT: Final = "agent"
WORKFLOW_JOURNAL: Final = "workflow_journal"
LINK_TYPES: Final = ("commit", "pull_request")
LINK_SOURCES: Final = ("cli_hook", "manual")

# Messages of the API's layers before the handlers, as text (§1.7) --------------------------
MISSING_AUTHORIZATION: Final = "Missing Authorization header"
INVALID_AUTHORIZATION: Final = "Invalid Authorization header format"
INVALID_API_KEY: Final = "Invalid API key"
UNAUTHORIZED: Final = "Unauthorized"
ACCOUNT_DEACTIVATED: Final = "Account deactivated"
RATE_LIMITED: Final = "Rate limit exceeded. Please try again later."
ROUTE_NOT_FOUND: Final = "404 page not found"

# Messages of the handlers, as {"error": …} (§2, §3) ----------------------------------------
READ_ONLY_ERROR: Final = "read_only_user"
READ_ONLY_MESSAGE: Final = "This identity is read-only."
INVALID_BODY: Final = "Invalid request body"
INVALID_EVENT_BODY: Final = "Invalid JSON body"
UNSUPPORTED_ENCODING: Final = "Unsupported Content-Encoding: {value}"
UNKNOWN_PROVIDER: Final = (
    'unknown provider "{provider}": must be one of claude-code, codex, opencode, cursor'
)
FIELD_REQUIRED: Final = "{field} is required"
FIELD_TOO_LONG: Final = "{field} exceeds maximum length of {limit} characters"
SESSION_NOT_FOUND: Final = "Session not found"
ACCESS_DENIED: Final = "Access denied"
TODO_NOT_SUPPORTED: Final = "todo file sync is no longer supported"
FIRST_LINE_TOO_SMALL: Final = "first_line must be >= 1"
NO_LINES: Final = "lines array cannot be empty"
NOT_CONTIGUOUS: Final = "first_line must be {expected} (got {got}) - chunks must be contiguous"
NOT_CONTIGUOUS_PATTERN: Final = r"first_line must be (\d{1,9}) \(got \d+\)"
TOO_MANY_CHUNKS: Final = "File has too many chunks (limit: 30000). Consider starting a new session."
CODEX_ROLLOUT_ONLY: Final = "codex_rollout metadata is only supported for codex sessions"
INVALID_EVENT_TYPE: Final = "invalid event_type: must be 'session_end'"
TIMESTAMP_REQUIRED: Final = "timestamp is required"
INIT_FAILED: Final = "Failed to initialize sync session"
UPLOAD_FAILED: Final = "Failed to upload chunk"
SYNC_STATE_FAILED: Final = "Failed to update sync state"
EVENT_FAILED: Final = "Failed to record event"
STORAGE_UNAVAILABLE: Final = "Storage temporarily unavailable"
STORAGE_DENIED: Final = "Storage access denied"
STORAGE_MISSING: Final = "File not found in storage"
SESSION_UNAVAILABLE: Final = "This session is no longer available"
FILE_NAME_MISSING: Final = "Missing file_name query parameter"
FILE_NAME_REQUIRED: Final = "file_name is required"
FILE_NOT_FOUND: Final = "File not found"
OFFSET_NOT_AN_INTEGER: Final = "line_offset must be a valid integer"
OFFSET_NEGATIVE: Final = "line_offset must be non-negative"
MAX_CHARS_NOT_POSITIVE: Final = "max_chars must be a positive integer"
NO_TRANSCRIPT: Final = "No transcript available for this session"
URL_REQUIRED: Final = "URL is required"
INVALID_LINK_URL: Final = "invalid GitHub URL: must be a PR or commit URL"
INVALID_LINK_SOURCE: Final = "source must be 'cli_hook' or 'manual'"
LINK_TYPE_MISMATCH: Final = "link_type '{link_type}' doesn't match URL type '{url_type}'"
SESSION_DELETED: Final = "Session deleted successfully"
CSRF_FAILED: Final = "CSRF validation failed"

# Device-code login (§2.11) -----------------------------------------------------------------
AUTHORIZATION_PENDING: Final = "authorization_pending"
SLOW_DOWN: Final = "slow_down"
EXPIRED_TOKEN: Final = "expired_token"  # noqa: S105 - an error code
INVALID_GRANT: Final = "invalid_grant"
INVALID_REQUEST: Final = "invalid_request"
ACCESS_DENIED_CODE: Final = "access_denied"
API_KEY_LIMIT_EXCEEDED: Final = "api_key_limit_exceeded"
SERVER_ERROR: Final = "server_error"
DEVICE_EXPIRES_IN: Final = 300
DEVICE_INTERVAL: Final = 5
USER_CODE_ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"

# Capabilities (§2.3) -----------------------------------------------------------------------
WORKFLOW_FILES: Final = "workflow_files"
WORKFLOW_JOURNALS: Final = "workflow_journal"
OPENCODE_SUBAGENTS: Final = "opencode_subagents"

# Extensions of `confab serve` --------------------------------------------------------------
SIDE_FILES: Final = "side_files"
"""Capability: `SIDE_FILE` takes files that are kept whole, and `SIDE_FILES_BELOW` gives them."""
SIDE_FILE: Final = "/api/v1/sync/side-file"
"""POST with query `session_id`, `name` and `mtime_ns` (decimal), the raw bytes as the body
(`Content-Type: application/octet-stream`, `Content-Encoding: zstd` or none, the limit counts
decompressed bytes). 200 `{"success":true}`; 404 and 403 as for a chunk; a bad query, an
unclean name or a body over the limit is 400 `{"error":…}`. Repeating it is harmless."""
SIDE_FILES_BELOW: Final = "side-files"
"""GET `SESSIONS`/{id}/side-files → `{"side_files":[{"name","bytes","updated_at"}]}` by name;
below it `/download?name=…` → 200 with the raw bytes. 404 and 401 as for other files (§2.9)."""
SIDE_FILE_TYPE: Final = "application/octet-stream"
SIDE_FILE_BODY: Final = 128 * 1024 * 1024
LIVE: Final = "live"
"""Capability: `LIVE_HEADER` is read."""
LIVE_HEADER: Final = "Confab-Live"
"""On the three sync routes: one JSON object in ASCII, at most `MAX_LIVE` bytes, with any of
`phase`, `connection`, `lag_seconds`, `behind_bytes`, `context_used`, `context_size`,
`run_id`, `version`. A server ignores what it cannot read. One that reads it says so in the
answer to init as well, by a header of the same name with `LIVE_WANTED`, so that no client has to
ask for capabilities first."""
LIVE_WANTED: Final = "wanted"
MAX_LIVE: Final = 2048
LIST_WITH_KEY: Final = "list_with_key"
"""Capability: GET `SESSIONS` takes an API key as well as a cookie."""
SEARCH: Final = "search"
"""Capability: `SEARCH_ROUTE` searches the full text of one's own sessions."""
SEARCH_ROUTE: Final = "/api/v1/search"
"""GET with query `q` (words, `"a phrase"`, `begin*`, `-not`), any number of `project` (an absolute
path, or a directory's name), `since` (RFC 3339), `limit` (1 to `MAX_SEARCH_LIMIT`) and `offset`.
200 `{"sessions":[{"id","external_id","provider","cwd","title","last_message_at","matches",
"passages":[{"file_name","line","role","timestamp"?,"text"}]}],"total","is_all","is_up_to_date"}`,
the best first; `text` is the part around what was found. A query without a word is 400."""
MAX_SEARCH_LIMIT: Final = 100
MAX_QUERY: Final = 1024
DELETE_WITH_KEY: Final = "delete_with_key"
"""Capability: DELETE `SESSIONS`/{id} takes an API key as well as a cookie."""

# Of `confab serve` itself -------------------------------------------------------------------
FAILED: Final = "Internal server error"
"""What an error means that no other message fits; its cause is in the server's log."""
WRONG_MEDIA_TYPE: Final = "Content-Type must be {wanted}"
