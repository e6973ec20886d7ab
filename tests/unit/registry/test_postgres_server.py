"""Where the tests find no PostgreSQL: CI must not pass for want of it."""

from __future__ import annotations

import postgres_server
import pytest


def test_without_a_server_tests_fail_in_ci_and_are_skipped_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres_server, "_find_binaries", lambda: None)

    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="found none"):
        postgres_server.start_server()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="found none"):
        postgres_server.start_server()
