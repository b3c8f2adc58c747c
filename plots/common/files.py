"""Files that are written whole or not at all."""
import os
import pathlib
import tempfile


def write_all(contents):
    """Writes files, a dictionary of bytes by path: each beside its place first, and when all are there, into their places.
    Where one cannot be written, all stay as they were."""
    beside = {}
    try:
        for path, content in contents.items():
            path = pathlib.Path(path)
            if path.is_dir():
                raise IsADirectoryError(f"{path} is a directory, and would be a file")
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            beside[path] = name
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(name, 0o666 & ~current_umask())
        for path, name in beside.items():
            os.replace(name, path)
    finally:
        for name in beside.values():
            if os.path.exists(name):
                os.remove(name)


def current_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
