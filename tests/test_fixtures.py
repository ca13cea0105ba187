"""What the fixtures promise to every other test."""

import pytest
from redis import Redis
from sqlmodel import select

from db.engine import reader, writer
from db.models import Symbol
from tests.factories import make_symbol
from tests.redis_server import RedisServer


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_begins_with_an_empty_data_base(engine, turn):
    with reader(engine) as session:
        assert session.exec(select(Symbol)).all() == [], turn
    with writer(engine) as session:
        make_symbol(session)


def test_redis_keeps_its_data_over_a_restart(tmp_path):
    with RedisServer(tmp_path) as server:
        Redis.from_url(server.url).set("desk", "open")
        server.stop()
        server.start()
        assert Redis.from_url(server.url).get("desk") == b"open"


def test_redis_is_empty_at_first(redis_connection):
    assert redis_connection.keys() == []
