"""What the catalogue's tests share: one running site a kind of database."""

from collections.abc import Iterator

import pytest
from live import KINDS
from ring import Ring, running_ring


@pytest.fixture(params=KINDS, scope="session")
def ring(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ring]:
    with running_ring(request.param, tmp_path_factory.mktemp(f"ring-{request.param}")) as ring:
        yield ring
