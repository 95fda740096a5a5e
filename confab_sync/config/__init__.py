"""config.json: what the user has decided, in the schema that the Go CLI shares.

Nothing is ever guessed: a file that cannot be used is an error, not a default.
Source: contract §4.1 and §1.1.
"""

from confab_sync.config.file import change_config, load_config, write_config
from confab_sync.config.reading import parse_config
from confab_sync.config.values import Binding, Config, Redaction, Send

__all__ = [
    "Binding",
    "Config",
    "Redaction",
    "Send",
    "change_config",
    "load_config",
    "parse_config",
    "write_config",
]
