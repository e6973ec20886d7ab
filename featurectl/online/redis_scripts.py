"""The Lua scripts that make writes atomic inside a Redis server."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Script:
    """A script, and the digest that a server knows it by once it has run."""

    text: str

    @cached_property
    def digest(self) -> str:
        """SHA-1, as the server computes it."""
        return hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()


# Keys are those of rows; the arguments: the expiry in Unix ms, or nothing, then the rows. Answers
# how many were written, and how many of those created. Event and created time are the bytes 4 to 20
# of a row (see online/codec.py), compared as (high, low) halves: numbers in Lua are doubles, which
# lose an int64 beyond 2^53, and strings compare by the server's locale. SET takes an expiry away;
# PEXPIREAT after it gives the row its full one back, in every version of the server. What is too
# short to be a row is replaced.
PUT = Script("""
local expires_at_ms = ARGV[1]
local written, created = 0, 0
for i, key in ipairs(KEYS) do
  local row = ARGV[i + 1]
  local held = redis.call('GETRANGE', key, 4, 19)
  local wins = #held < 16
  if held == '' then created = created + 1 end
  if not wins then
    local el, eh, cl, ch = struct.unpack('<I4i4I4i4', row, 5)
    local hel, heh, hcl, hch = struct.unpack('<I4i4I4i4', held)
    if eh ~= heh then wins = eh > heh
    elseif el ~= hel then wins = el > hel
    elseif ch ~= hch then wins = ch > hch
    else wins = cl >= hcl end
  end
  if wins then
    written = written + 1
    redis.call('SET', key, row)
    if expires_at_ms ~= '' then redis.call('PEXPIREAT', key, expires_at_ms) end
  end
end
return {written, created}
""")

# Keys: the manifest's and its version's; arguments: their texts. Answers 1 when they were stored, 0
# when the version that is held is of the same lineage and a greater revision.
PUBLISH = Script("""
local held = redis.call('GET', KEYS[2])
if held then
  local lineage, revision = string.match(held, '^(.*):(%d+)$')
  local offered_lineage, offered_revision = string.match(ARGV[2], '^(.*):(%d+)$')
  if lineage == offered_lineage and tonumber(revision) > tonumber(offered_revision) then
    return 0
  end
end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2])
return 1
""")
