"""The online store on a Redis or Valkey server: ``redis://``, ``rediss://`` or ``unix://``."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from featurectl.definitions.url import mask_url
from featurectl.errors import DefinitionError
from featurectl.online.keys import manifest_key, row_prefix, stamp_key, version_key
from featurectl.online.protocol import PutCount, Rows
from featurectl.online.records import read_stamp, read_stored_manifest, stamp_text
from featurectl.online.redis_errors import redis_errors, store_error
from featurectl.online.redis_scripts import PUBLISH, PUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from featurectl.definitions.manifest import Manifest
    from featurectl.online.protocol import Stamp

_ROWS_AT_ONCE = 250  # of one script: more is no faster, and others wait meanwhile (about 1 ms)
_BYTES_AT_ONCE = 1 << 20  # of one script, where rows are large
_BATCHES_AT_ONCE = 10  # of one round trip
_KEYS_AT_ONCE = 10_000  # of one MGET
_SCANNED_AT_ONCE = 1_000
_GLOB = re.compile(rb"([*?\[\]\\])")

Command = tuple[Any, ...]


class RedisOnline:
    """An :class:`~featurectl.online.protocol.Online` over a server; connected by the first call.

    It may be shared by threads. Options of the URL's query go to the client, such as
    ``?socket_timeout=0.2`` in place of the 10 s that an answer may take. A connection that was lost
    is opened again once; with a ``timeout_s`` of its own, for a look at it, it is not.
    """

    def __init__(self, url: str, timeout_s: float | None = None) -> None:
        self._url = url
        self._client: Any = client_of(url, timeout_s)  # Any: half of its methods have no hints

    def put(self, rows: Rows) -> PutCount:
        """Write rows in batches, each by one script; ten batches take a round trip."""
        expires = b"" if rows.expires_at_ms is None else rows.expires_at_ms
        batches = _batches(rows)
        written = created = 0
        with redis_errors(self._url):
            while some := list(islice(batches, _BATCHES_AT_ONCE)):
                for counts in self._run_put(some, expires):
                    written += counts[0]
                    created += counts[1]
        return PutCount(written, created)

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The values of keys, in order, by one MGET; more than 10,000 by several in one go."""
        if not keys:
            return []
        with redis_errors(self._url):
            if len(keys) <= _KEYS_AT_ONCE:
                found: list[bytes | None] = self._client.execute_command("MGET", *keys)
                return found
            commands = [("MGET", *part) for part in _parts(keys, _KEYS_AT_ONCE)]
            return [value for values in self._pipeline(commands) for value in values]

    def delete(self, keys: Sequence[bytes]) -> int:
        """Remove rows by key; how many there were."""
        commands = [("UNLINK", *part) for part in _parts(keys, _SCANNED_AT_ONCE)]
        with redis_errors(self._url):
            return sum(self._pipeline(commands))

    def ping(self) -> str:
        """``redis`` or ``valkey``, and the version."""
        with redis_errors(self._url):
            try:
                info = self._client.info("server")
            except redis.ResponseError:  # an ACL may keep INFO to itself
                self._client.ping()
                return "redis"
        name = "valkey" if "valkey_version" in info else "redis"
        return f"{name} {info[f'{name}_version']}"

    def close(self) -> None:
        """Close the connections; the next call opens one again."""
        self._client.close()

    def stamp(self, project: str, generation: str) -> Stamp | None:
        """What the generation says of itself."""
        (text,) = self.get([stamp_key(project, generation)])
        return None if text is None else read_stamp(text)

    def mark(self, project: str, generation: str, stamp: Stamp) -> None:
        """Write the stamp."""
        with redis_errors(self._url):
            self._client.set(stamp_key(project, generation), stamp_text(stamp))

    def count(self, project: str, generation: str) -> int:
        """The number of rows; SCAN looks at every key of the database.

        A row may be counted twice where the server shrinks its table meanwhile: to hold the keys
        against that would take a gigabyte for ten million.
        """
        with redis_errors(self._url):
            return sum(map(len, self._scan(project, generation)))

    def sample(self, project: str, generation: str, size: int) -> list[tuple[bytes, bytes]]:
        """Up to ``size`` rows, in the order in which SCAN finds them."""
        found: dict[bytes, bytes] = {}
        with redis_errors(self._url):
            for keys in self._scan(project, generation):
                pairs = zip(keys, self.get(keys), strict=True)
                found.update({key: value for key, value in pairs if value is not None})
                if len(found) >= size:
                    break
        return list(islice(found.items(), size))

    def sweep(self, project: str, generation: str) -> int:
        """Remove every row of the generation and, before them, its stamp."""
        with redis_errors(self._url):
            self._client.unlink(stamp_key(project, generation))
            return sum(self.delete(keys) for keys in self._scan(project, generation))

    def publish(self, manifest: Manifest) -> bool:
        """Store manifest and version in one script, unless a newer one of the lineage is there."""
        keys = [make(manifest.project, manifest.env) for make in (manifest_key, version_key)]
        with redis_errors(self._url):
            stored = self._client.execute_command(
                "EVAL", PUBLISH.text, 2, *keys, manifest.to_json(), manifest.version
            )
        return bool(stored)

    def read(self, project: str, env: str) -> Manifest | None:
        """The manifest that was published last."""
        (text,) = self.get([manifest_key(project, env)])
        return None if text is None else read_stored_manifest(text, mask_url(self._url))

    def _run_put(self, batches: list[Rows], expires: bytes | int) -> list[list[int]]:
        """What became of each batch: (written, created)."""
        # The first carries the script, after which the server knows it by its digest.
        commands = [
            ("EVALSHA" if i else "EVAL", PUT.digest if i else PUT.text, *_arguments(batch, expires))
            for i, batch in enumerate(batches)
        ]
        answers = self._pipeline(commands, forgiving=True)
        for i, answer in enumerate(answers):
            if isinstance(answer, redis.exceptions.NoScriptError):  # somebody made it forget
                again = ("EVAL", PUT.text, *_arguments(batches[i], expires))
                answers[i] = self._client.execute_command(*again)
            elif isinstance(answer, Exception):
                raise store_error(answer, self._url) from answer
        return answers

    def _pipeline(self, commands: Sequence[Command], *, forgiving: bool = False) -> list[Any]:
        """The answers of several commands, in one round trip and without a transaction."""
        with self._client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            answers: list[Any] = pipeline.execute(raise_on_error=not forgiving)
            return answers

    def _scan(self, project: str, generation: str) -> Iterator[list[bytes]]:
        """The keys of the generation's rows, some at a time; a key may come twice."""
        pattern = _GLOB.sub(rb"\\\1", row_prefix(project, generation)) + b"*"
        cursor = 0
        while True:
            cursor, keys = self._client.scan(cursor, match=pattern, count=_SCANNED_AT_ONCE)
            if keys:
                yield keys
            if cursor == 0:
                return


def client_of(url: str, timeout_s: float | None = None) -> redis.Redis:
    """A client with our time-outs, or ``timeout_s``; it connects with its first call.

    Raises:
        DefinitionError: FC122 it is no URL of a Redis.
    """
    try:
        # RESP2: no slower (measured), needs no HELLO, and every server has it.
        return redis.Redis.from_url(
            url,
            protocol=2,
            socket_connect_timeout=timeout_s or 5,
            socket_timeout=timeout_s or 10,
            retry=Retry(
                NoBackoff(), 0 if timeout_s else 1, supported_errors=(redis.ConnectionError,)
            ),
        )
    except ValueError as error:
        masked = mask_url(url)
        raise DefinitionError("FC122", f'"{masked}" is no URL of a Redis: {error}') from None


def _batches(rows: Rows) -> Iterator[Rows]:
    """The rows in the portions that one script takes."""
    start = size = 0
    for end, value in enumerate(rows.values):
        if end > start and (end - start == _ROWS_AT_ONCE or size + len(value) > _BYTES_AT_ONCE):
            yield Rows(rows.keys[start:end], rows.values[start:end])
            start, size = end, 0
        size += len(value)
    if len(rows.values) > start:
        yield Rows(rows.keys[start:], rows.values[start:])


def _arguments(batch: Rows, expires: bytes | int) -> Command:
    return (len(batch.keys), *batch.keys, expires, *batch.values)


def _parts(keys: Sequence[bytes], size: int) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]
