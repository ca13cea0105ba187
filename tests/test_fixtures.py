"""What the fixtures promise to every other test."""

import pytest
from redis import Redis
from sqlalchemy import text
from sqlmodel import select

from db.engine import engine_for, reader, writer
from db.models import Symbol
from tests.factories import make_symbol
from tests.redis_server import RedisServer


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_begins_with_an_empty_data_base(engine, turn):
    with reader(engine) as session:
        assert session.exec(select(Symbol)).all() == [], turn
    with writer(engine) as session:
        assert make_symbol(session).id == 1


def test_a_data_base_is_used_again_only_with_all_its_tables(postgresql_server):
    seen = []
    for command in (
        "INSERT INTO setting (key, value, updated_at) VALUES ('a', '1', now())",
        "DROP TABLE setting",
        None,
    ):
        with postgresql_server.empty() as url:
            seen.append(url)
            engine = engine_for(url)
            with engine.begin() as connection:
                assert connection.execute(text("SELECT count(*) FROM setting")).scalar_one() == 0
                if command:
                    connection.execute(text(command))
            engine.dispose()
    assert len(set(seen)) == 3


def test_redis_keeps_its_data_over_a_restart(tmp_path):
    with RedisServer(tmp_path) as server:
        Redis.from_url(server.url).set("desk", "open")
        server.stop()
        server.start()
        assert Redis.from_url(server.url).get("desk") == b"open"


def test_redis_is_empty_at_first(redis_connection):
    assert redis_connection.keys() == []
