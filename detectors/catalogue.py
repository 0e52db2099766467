"""All detectors, found by their files: `detectors/<area>/<trouble>.py`."""

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

import detectors
from detectors.detector import Detector, Watcher

NO_AREAS = ("detectors.context.", "detectors.learning.")
"""Folders beside the areas; detection need not load what learns."""

NO_PARAMETERS: Mapping[str, dict[str, Any]] = {}


@cache
def detector_types() -> tuple[type[Detector[Any, Any]], ...]:
    """Every concrete detector class that a file of an area defines, by name."""
    return tuple(one for one in _types() if not issubclass(one, Watcher))


@cache
def watcher_types() -> tuple[type[Watcher[Any, Any]], ...]:
    """Those that only tell of cases, by name."""
    return tuple(one for one in _types() if issubclass(one, Watcher))


def watchers() -> list[Watcher[Any, Any]]:
    """One of each. Whoever runs detectors runs these beside them: they say what causes are made of."""
    return [one(one.params_type()) for one in watcher_types()]


@cache
def _types() -> tuple[type[Detector[Any, Any]], ...]:
    found: dict[str, type[Detector[Any, Any]]] = {}
    for module in pkgutil.walk_packages(detectors.__path__, "detectors."):
        if module.ispkg or module.name.count(".") != 2 or module.name.startswith(NO_AREAS):
            continue
        for thing in vars(importlib.import_module(module.name)).values():
            if _is_detector_of(thing, module.name):
                found[thing.name] = thing
    return tuple(found[name] for name in sorted(found))


def _is_detector_of(thing: Any, module: str) -> bool:
    is_class = inspect.isclass(thing) and issubclass(thing, Detector) and not inspect.isabstract(thing)
    return is_class and thing.__module__ == module


def all_detectors(params: Mapping[str, dict[str, Any]] = NO_PARAMETERS) -> list[Detector[Any, Any]]:
    """One of each, under the parameters given by name, else as shipped.

    Raises `ValueError` for a name that is no detector or for parameters that do not hold.
    """
    unknown = set(params) - {detector.name for detector in detector_types()}
    if unknown:
        raise ValueError(f"no such detector: {', '.join(sorted(unknown))}; see detectors/")
    return [_made(detector, params.get(detector.name, {})) for detector in detector_types()]


def _made(detector: type[Detector[Any, Any]], params: dict[str, Any]) -> Detector[Any, Any]:
    try:
        return detector(msgspec.convert(params, detector.params_type))
    except msgspec.ValidationError as error:
        raise ValueError(f"parameters of {detector.name}: {error}") from error
