"""Runs as OpenLineage events: what the specification asks for, and endpoints that fail."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import Engine
from typer.testing import CliRunner

from core import jobs
from core.errors import LineageExportError, SettingsError
from core.settings import Settings
from db.engine import reader, writer
from db.models import Run
from db.store.lineage.export import export_states
from db.store.lineage.steps import Step, add_step
from db.version import code_version
from tests.factories import HOUR, NOW, NOW_MS, make_run, make_strategy, make_symbol
from tests.fakes.openlineage_endpoint import OpenLineageEndpoint
from workers.cli import app
from workers.lineage.openlineage_due import due_lineage_export
from workers.lineage.openlineage_export import export_due, export_runs
from workers.lineage.openlineage_places import FilePlace, UrlPlace

SCHEMA = json.loads((Path(__file__).parent / "openlineage-2-0-2.json").read_text("utf-8"))
SEEN = {"H4": {"bars": 500, "as_of": NOW_MS - HOUR}, "M5": {"bars": 480, "as_of": NOW_MS}}
MINUTE = timedelta(minutes=1)


def validate(event: dict[str, Any]) -> None:
    """Against the specification, and every facet against the schema that it names."""
    Draft202012Validator(SCHEMA).validate(event)
    datasets = [*event["inputs"], *event["outputs"]]
    facets = [*event["run"]["facets"].values(), *event["job"]["facets"].values()]
    facets += [one for data in datasets for key in data if key.lower().endswith("facets") for one in data[key].values()]
    for facet in facets:
        name = facet["_schemaURL"].rpartition("/")[2]
        assert name in SCHEMA["$defs"], name
        Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]}).validate(facet)


def fill(engine: Engine) -> list[int]:
    """A scan that made a signal, one that made none, one that failed, and an import; their ids."""
    with writer(engine) as session:
        symbol, strategy = make_symbol(session), make_strategy(session, parameters={"entry": "M5"})
        plain = {"strategy_id": strategy.id, "symbol_id": symbol.id, "code_version": code_version()}
        result = {"reason": "Long.", "seen": SEEN, "version": 1}
        made = make_run(session, slot=NOW_MS, result=result, **plain)
        now = {"started_at": NOW, "finished_at": NOW, "run_id": made.id}
        bars = add_step(session, Step("bars", "M5", inputs={"timeframe": "M5"}, content=[1], **now))
        votes = add_step(session, Step("votes", "Votes", content=[2], **now), [bars])
        add_step(session, Step("signal", "Signal 1", content=[3], **now), [votes])
        quiet = make_run(session, slot=NOW_MS + HOUR, result=result, **plain)
        error = "MarketDataError: the provider is gone"
        failed = make_run(session, slot=NOW_MS + 2 * HOUR, status="failed", error=error, **plain)
        told = {"file": "eurusd.csv", "sha256": "ab" * 32, "rows": 9, "inserted": 7, "last": NOW_MS, "timeframe": "M1"}
        imported = make_run(session, kind="import", symbol_id=symbol.id, result=told)
    return [one.id or 0 for one in (made, quiet, failed, imported)]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_every_event_is_what_the_specification_asks_for(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    assert export_runs(engine, FilePlace(tmp_path / "events.jsonl"), None, None) == 4
    events = lines(tmp_path / "events.jsonl")
    for event in events:
        validate(event)
    assert [one["eventType"] for one in events] == ["START", "COMPLETE"] * 2 + ["START", "FAIL", "START", "COMPLETE"]
    assert set(Counter(one["run"]["runId"] for one in events).values()) == {2}

    start, complete = events[:2]
    assert start["job"]["name"] == "scan.SMC intraday.SIM-EURUSD"
    assert "class" in start["job"]["facets"]["sourceCode"]["sourceCode"]
    assert start["run"]["facets"]["nominalTime"]["nominalStartTime"] == "2026-11-20T12:00:00.000Z"
    assert {one["key"]: one["value"] for one in start["run"]["facets"]["executionParameters"]["parameters"]} == {
        "version": "1",
        "entry": "M5",
    }
    assert [one["name"] for one in complete["inputs"]] == ["bars.SIM-EURUSD.H4", "bars.SIM-EURUSD.M5"]
    assert [one["inputFacets"]["inputStatistics"]["rowCount"] for one in complete["inputs"]] == [500, 480]
    # The bars' own hash where a step recorded it, else the moment up to which they were read.
    versions = [one["facets"]["version"]["datasetVersion"] for one in complete["inputs"]]
    assert versions[0] == "2026-11-20T11:00:00.000Z"
    assert len(versions[1]) == 64
    assert [one["name"] for one in complete["outputs"]] == [
        "votes.SMC intraday.SIM-EURUSD",
        "signals.SMC intraday.SIM-EURUSD",
    ]
    rows = [[one["outputFacets"]["outputStatistics"]["rowCount"] for one in events[at]["outputs"]] for at in (1, 3, 5)]
    assert rows == [[1, 1], [0, 0], []]
    assert events[5]["run"]["facets"]["errorMessage"]["message"] == "MarketDataError: the provider is gone"
    assert (events[7]["inputs"][0]["namespace"], events[7]["outputs"][0]["name"]) == ("file", "bars.SIM-EURUSD.M1")


def test_a_run_keeps_its_id_unless_it_is_run_anew(sqlite_engine: Engine, tmp_path: Path) -> None:
    ids = fill(sqlite_engine)
    for name in ("one", "two"):
        export_runs(sqlite_engine, FilePlace(tmp_path / name), ids[2], None)
    with writer(sqlite_engine) as session:
        session.get_one(Run, ids[2]).started_at = NOW + MINUTE
    export_runs(sqlite_engine, FilePlace(tmp_path / "three"), ids[2], None)
    first, second, third = ({one["run"]["runId"] for one in lines(tmp_path / name)} for name in ("one", "two", "three"))
    assert first == second
    assert len(first) == len(third) == 1
    assert first != third


def test_the_schema_of_the_test_refuses_what_is_wrong(sqlite_engine: Engine, tmp_path: Path) -> None:
    export_runs(sqlite_engine, FilePlace(tmp_path / "events"), fill(sqlite_engine)[0], None)
    event = lines(tmp_path / "events")[0]
    for change in (
        {"eventType": "DONE"},
        {"eventTime": "2026-11-20"},
        {"run": {"runId": "7"}},
        {"job": {"namespace": "chartroom"}},
    ):
        assert not Draft202012Validator(SCHEMA).is_valid(event | change)


def settings(tmp_path: Path, **env: str) -> Settings:
    return Settings.from_mapping({"CHARTROOM_HOME": str(tmp_path)} | env)


def later(minutes: int) -> datetime:
    return NOW + minutes * MINUTE


def test_an_endpoint_that_fails_is_tried_again_and_misses_nothing(engine: Engine, tmp_path: Path) -> None:
    with OpenLineageEndpoint() as endpoint:
        env = settings(tmp_path, OPENLINEAGE_URL=f"{endpoint.url}/proxy", OPENLINEAGE_FOLDER="openlineage")
        # What there was before the export was switched on is told by hand only.
        fill(engine)
        assert export_due(engine, env, NOW) == 0
        assert due_lineage_export(engine, env, NOW_MS) == []

        with writer(engine) as session:
            run = make_run(session, result={"seen": SEEN})
        minute = int(later(1).timestamp() * 1000)
        assert due_lineage_export(engine, env, minute) == [jobs.openlineage(minute)]
        endpoint.fail = 503
        assert export_due(engine, env, later(1)) == 1  # into the file
        with reader(engine) as session:
            state = export_states(session)["url"]
        assert (state.sent, state.tries) == (0, 1)
        assert "answers HTTP 503" in (state.error or "")
        assert state.failing_since == minute

        endpoint.fail = None
        assert export_due(engine, env, later(1)) == 0  # not before the next try is due
        assert export_due(engine, env, later(2)) == 1
        assert export_due(engine, env, later(3)) == 0
        with reader(engine) as session:
            states = export_states(session)
        assert (states["url"].error, states["url"].sent, states["file"].sent) == (None, 1, 1)
        assert endpoint.paths[-1] == "/proxy/api/v1/lineage"
        assert lines(tmp_path / "openlineage" / f"{run.started_at:%Y-%m-%d}.jsonl") == endpoint.events
    for event in endpoint.events:
        validate(event)


def test_a_failed_run_that_was_taken_over_is_told_again(sqlite_engine: Engine, tmp_path: Path) -> None:
    env = settings(tmp_path, OPENLINEAGE_FOLDER="openlineage")
    export_due(sqlite_engine, env, NOW)
    failed = fill(sqlite_engine)[2]
    assert export_due(sqlite_engine, env, later(1)) == 4
    with writer(sqlite_engine) as session:
        row = session.get_one(Run, failed)
        row.status, row.error, row.started_at, row.finished_at = "done", None, later(2), later(2)
        make_run(session)
    assert export_due(sqlite_engine, env, later(3)) == 2
    told = lines(tmp_path / "openlineage" / "2026-11-20.jsonl")[-4:]
    assert [one["eventType"] for one in told] == ["START", "COMPLETE"] * 2


def test_an_event_that_is_refused_does_not_hold_up_the_others(sqlite_engine: Engine, tmp_path: Path) -> None:
    with OpenLineageEndpoint() as endpoint:
        env = settings(tmp_path, OPENLINEAGE_URL=endpoint.url)
        export_due(sqlite_engine, env, NOW)
        fill(sqlite_engine)
        endpoint.fail = 422
        assert export_due(sqlite_engine, env, later(1)) == 0
        endpoint.fail = None
        assert export_due(sqlite_engine, env, later(2)) == 0
    with reader(sqlite_engine) as session:
        state = export_states(session)["url"]
    assert (state.rejected, state.tries, state.after) == (4, 0, 4)


def test_only_one_process_at_a_time_sends(engine: Engine, tmp_path: Path) -> None:
    from db.actions.lineage_export import LEASE_MS, begin_export, end_export

    held = begin_export(engine, "url", NOW)
    assert held is not None
    assert begin_export(engine, "url", later(1)) is None
    assert begin_export(engine, "file", later(1)) is not None
    assert begin_export(engine, "url", NOW + timedelta(milliseconds=LEASE_MS)) is not None
    end_export(engine, "url", held, None, later(4))
    assert begin_export(engine, "url", later(4)) is not None


@pytest.mark.parametrize(
    ("fail", "words"),
    [
        (500, "answers HTTP 500"),
        (401, "answers HTTP 401"),
        ("slow", "does not answer within 0.2 s"),
        ("moved", "leads elsewhere"),
    ],
)
def test_ways_in_which_an_endpoint_fails(fail: int | str, words: str, sqlite_engine: Engine) -> None:
    run_id = fill(sqlite_engine)[0]
    with OpenLineageEndpoint(fail) as endpoint, pytest.raises(LineageExportError, match=words):
        export_runs(sqlite_engine, UrlPlace(endpoint.url, 0.2), run_id, None)
    assert endpoint.events == []
    assert len(endpoint.paths) == 1


def test_an_endpoint_that_is_down_is_named_without_its_password(sqlite_engine: Engine) -> None:
    run_id = fill(sqlite_engine)[0]
    with OpenLineageEndpoint() as endpoint:
        port = endpoint.server.server_port
    with pytest.raises(LineageExportError) as caught:
        export_runs(sqlite_engine, UrlPlace(f"http://me:secret@127.0.0.1:{port}"), run_id, None)
    assert caught.value.message.startswith(f"The OpenLineage endpoint 127.0.0.1:{port} cannot be reached")


def test_the_command(sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(sqlite_engine)
    monkeypatch.setenv("DATABASE_URL", sqlite_engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "key")
    day = f"{NOW.astimezone(UTC) + timedelta(days=1):%Y-%m-%d}"
    with OpenLineageEndpoint() as endpoint:
        for options, count in (([], 4), (["--run", "1"], 1), (["--since", day], 0)):
            said = CliRunner().invoke(app, ["openlineage", "--url", endpoint.url, *options])
            assert said.output == f"{count} runs, {2 * count} events to the endpoint\n"
        assert len(endpoint.events) == 10
        assert set(endpoint.keys) == {"Bearer key"}
    monkeypatch.delenv("OPENLINEAGE_URL", raising=False)
    for options, words in (
        (["--run", "99", "--file", "x"], "There is no run 99"),
        ([], "Say where the events go"),
        (["--since", "yesterday", "--file", "x"], "'yesterday' is no day"),
    ):
        caught = CliRunner().invoke(app, ["openlineage", *options]).exception
        assert words in str(caught)


@pytest.mark.parametrize("env", [{"OPENLINEAGE_URL": "example"}, {"OPENLINEAGE_FOLDER": "../out"}])
def test_places_that_cannot_be(env: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=next(iter(env))):
        settings(tmp_path, **env)
