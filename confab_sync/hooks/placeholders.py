"""Placeholders for standard modules of which hooks need little, until more is asked for.

`import os` takes a hook a tenth of an interpreter's start, nearly all of it for the abstract
classes behind `os.environ`; what hooks call is in `posix` and `posixpath`. A placeholder
that is asked for anything else becomes the real module, so whoever imports it may use all.
"""

import gc
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from types import ModuleType
else:
    ModuleType = type(sys)


class Placeholder(ModuleType):
    """A module with a few of its names at hand, in the place of the real one."""

    def __getattr__(self, name: str) -> object:
        """Become the real module. Raises `AttributeError` when that has no `name` either."""
        if name == "__path__":  # which every `from ... import` asks for, and only packages have
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
            vars(self).update(vars(__import__(self.__name__)))
        return getattr(sys.modules[self.__name__], name)


def install() -> None:
    """Spare this process what it will most likely not need: two modules, collected garbage.

    Modules that are loaded already stay.
    """
    gc.disable()  # a process of milliseconds has no time for cycles
    features = Placeholder("__future__")
    vars(features).update(annotations=None)
    sys.modules.setdefault("__future__", features)
    if "os" not in sys.modules:
        _install_os()


def _install_os() -> None:
    system = Placeholder("os")
    names = vars(system)
    names.update({name: value for name, value in vars(posix).items() if name[:2] != "__"})
    names.update(environ=_decoded(posix.environ), fsencode=_fsencode, devnull="/dev/null")
    sys.modules["os"] = system
    import posixpath  # finds the placeholder where it imports `os`

    sys.modules["os.path"] = posixpath
    names.update(path=posixpath)


def _decoded(environ: dict[bytes, bytes]) -> dict[str, str]:
    how = (sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())
    return {name.decode(*how): value.decode(*how) for name, value in environ.items()}


def _fsencode(filename: "str | bytes | os.PathLike[str] | os.PathLike[bytes]") -> bytes:
    path = posix.fspath(filename)
    if isinstance(path, bytes):
        return path
    return path.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())
