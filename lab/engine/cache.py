"""The engine's part of the cache folder."""

from lab.cache import Cache

_CACHE = Cache("engine", holds="the engine")

folder = _CACHE.folder
locked = _CACHE.locked
scratch = _CACHE.scratch
