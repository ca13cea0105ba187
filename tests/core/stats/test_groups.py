"""Groups and calendar: the same figures as the whole journal's, cut by local time and by what trades bear."""

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from core.errors import ParameterError
from core.stats.closed import closed_trades
from core.stats.groups import Key, by, calendar
from core.stats.trades import trade_stats

D = Decimal
SETUPS = ["break", "", None, "retest"]


@pytest.fixture(scope="module")
def trades():
    rng = np.random.default_rng(5)
    count = 400
    closed = pd.Timestamp("2027-11-01", tz="UTC") + pd.to_timedelta(np.sort(rng.integers(0, 300 * 86_400, count)), "s")
    return pd.DataFrame(
        {
            "status": np.where(rng.random(count) < 0.05, "open", "closed"),
            "opened_at": closed - pd.to_timedelta(rng.integers(60, 86_400, count), "s"),
            "closed_at": closed,
            "pnl": [D(int(one)) / 4 for one in rng.integers(-300, 400, count)],
            "r_multiple": np.where(rng.random(count) < 0.2, np.nan, rng.normal(0.1, 1, count)),
            "symbol": rng.choice(["EURUSD", "NQ", "XAUUSD"], count),
            "direction": rng.choice([-1, 1], count),
            "setup": rng.choice(np.array(SETUPS, dtype=object), count),
            "strategy": rng.choice(np.array(["smc", None], dtype=object), count),
            "band": rng.choice(["HIGH", "LOW"], count),
            "tags": [tuple(t for t in ("news", "fomo") if rng.random() < 0.3) or None for _ in range(count)],
        }
    )


def part_of(trades, key, group):
    """The rows of a group, found another way than the groups are made."""
    local = trades["opened_at"].dt.tz_convert("America/New_York")
    return {
        "hour": lambda: local.dt.hour == group,
        "weekday": lambda: local.dt.day_name() == group,
        "side": lambda: trades["direction"].map({1: "Long", -1: "Short"}) == group,
        "tag": lambda: trades["tags"].map(lambda tags: group in (tags or ("-",))),
    }.get(key, lambda: trades[key].fillna("").replace("", "-") == group)()


@pytest.mark.parametrize("key", [key for key in Key if key != "session"])
def test_a_group_has_the_figures_of_its_trades(trades, key):
    table = by(trades, key, "America/New_York", closed_trades(trades))
    assert len(table) > 1
    assert key == "tag" or table["trades"].sum() == (trades["status"] == "closed").sum()
    for group, row in table.iterrows():
        stats = trade_stats(trades[part_of(trades, key.value, group)])
        assert (row["trades"], row["wins"], row["losses"]) == (stats.closed, stats.wins, stats.losses)
        assert (row["net"], row["win_rate_low"]) == (stats.net, stats.win_rate_low)
        for name in ("win_rate", "expectancy", "expectancy_low", "expectancy_high", "net_r", "average_r"):
            known = getattr(stats, name)
            assert row[name] == pytest.approx(np.nan if known is None else known, nan_ok=True), (group, name)
        assert row["profit_factor"] == pytest.approx(stats.profit_factor or np.nan, nan_ok=True)


def test_hours_and_weekdays_follow_the_clock_through_the_change():
    times = pd.to_datetime(["2026-03-29 00:30", "2026-03-29 01:30", "2026-10-25 00:30", "2026-10-25 01:30"], utc=True)
    frame = pd.DataFrame({"opened_at": times, "closed_at": times, "pnl": [D(1), D(2), D(4), D(8)]})
    assert by(frame, "hour", "Europe/London")["net"].to_dict() == {0: 1, 1: 12, 2: 2}
    assert by(frame, "weekday", "Pacific/Auckland").index.tolist() == ["Sunday"]


def test_sessions_that_were_open_at_the_entry():
    times = [f"2026-01-12 {hour}:00" for hour in (14, 15, 17, "01")] + ["2026-01-10 15:00", "2026-07-13 13:45"]
    moments = pd.to_datetime(times, utc=True)
    frame = pd.DataFrame({"opened_at": moments, "closed_at": moments, "pnl": [D(10**at) for at in range(6)]})
    assert by(frame, "session")["net"].to_dict() == {
        "-": 10_000,
        "Tokyo": 1_000,
        "London": 1,
        "New York": 100,
        "London, New York": 100_010,
    }


def test_calendar_by_local_date_with_a_leap_day():
    times = pd.to_datetime(["2028-02-28 16:00", "2028-02-29 14:59", "2028-02-29 15:00", "2028-12-31 15:00"], utc=True)
    frame = pd.DataFrame({"closed_at": times, "pnl": [D(1), D(2), D(4), D(8)]})
    tokyo = {period: calendar(frame, period, "Asia/Tokyo")["net"].to_dict() for period in ("day", "month", "year")}
    assert tokyo["day"] == {date(2028, 2, 29): 3, date(2028, 3, 1): 4, date(2029, 1, 1): 8}
    assert tokyo["month"] == {date(2028, 2, 1): 3, date(2028, 3, 1): 4, date(2029, 1, 1): 8}
    assert tokyo["year"] == {date(2028, 1, 1): 7, date(2029, 1, 1): 8}


def test_without_trades_there_are_no_groups(trades):
    for key in Key:
        assert by(trades[:0], key).empty
    assert calendar(trades[:0]).empty
    assert list(by(trades[:0], "hour").columns) == list(by(trades, "hour").columns)


def test_what_trades_cannot_be_grouped_by(trades):
    with pytest.raises(ParameterError, match="choose one of hour"):
        by(trades, "mood")
    with pytest.raises(ParameterError, match="no column 'band'"):
        by(trades.drop(columns="band"), "band")
