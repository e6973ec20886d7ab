"""pyarrow loads pandas with the first array it makes, unless it finds none."""

from __future__ import annotations

import subprocess
import sys

_LOADED = "import pyarrow as pa; pa.array([1]); import sys; print('pandas' in sys.modules)"
_SPARED = "from featurectl.cli.without_pandas import without_pandas; without_pandas(); "


def printed(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return run.stdout.strip()


def test_arrays_are_made_without_pandas():
    assert printed(_LOADED) == "True"
    assert printed(_SPARED + _LOADED) == "False"


def test_pandas_can_be_loaded_afterwards():
    assert printed(_SPARED + "import pandas; print(pandas.Series([1]).sum())") == "1"


def test_pandas_that_is_loaded_stays_known_to_pyarrow():
    code = (
        "import pandas as pd; " + _SPARED + "import pyarrow as pa; print(pa.array(pd.Series([1])))"
    )
    assert "1" in printed(code)
