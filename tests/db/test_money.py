"""Money is exact on both data bases."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func
from sqlalchemy.exc import StatementError
from sqlmodel import select

from db.engine import reader, writer
from db.models import Account, Trade
from db.money import storable
from db.store.accounts import balance, default_account
from tests.factories import make_account, make_symbol, make_trade

D = Decimal
LARGEST = D("92233720368.54775807")
AMOUNTS = st.decimals(-LARGEST, LARGEST, places=8)
ON_BOTH = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ON_BOTH
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=20))
def test_what_goes_in_comes_out(engine, amounts):
    with reader(engine) as session:  # rolled back at the end: every example begins with nothing
        for number, amount in enumerate(amounts):
            make_account(session, f"{number}", initial_balance=amount)
        session.expire_all()
        query = select(Account.initial_balance).order_by(Account.id)
        assert list(session.exec(query)) == amounts


@ON_BOTH
@given(results=st.lists(st.decimals(-(10**7), 10**7, places=8), max_size=20))
def test_the_balance_is_the_exact_sum(engine, results):
    with reader(engine) as session:
        account, symbol = make_account(session, initial_balance=D("0.1")), make_symbol(session)
        for pnl in results:
            make_trade(session, account=account, symbol=symbol, status="closed", pnl=pnl)
        make_trade(session, account=account, symbol=symbol)
        assert balance(session, account.id) == D("0.1") + sum(results)


@ON_BOTH
@given(amounts=st.lists(AMOUNTS, min_size=2, max_size=10, unique=True))
def test_the_data_base_sorts_and_compares_like_numbers(engine, amounts):
    with reader(engine) as session:
        for number, amount in enumerate(amounts):
            make_account(session, f"{number}", initial_balance=amount)
        column = Account.initial_balance
        assert list(session.exec(select(column).order_by(column))) == sorted(amounts)
        middle = sorted(amounts)[len(amounts) // 2]
        assert session.exec(select(func.count()).where(column < middle)).one() == len(amounts) // 2


@pytest.mark.parametrize("amount", [LARGEST + D("0.00000001"), D("NaN"), D("Infinity"), D(10) ** 30])
def test_what_does_not_fit_is_refused(engine, amount):
    assert not storable(amount)
    with pytest.raises((StatementError, ValueError)), writer(engine) as session:
        make_account(session, initial_balance=amount)


def test_storable():
    assert storable(LARGEST)
    assert storable(D("-0.00000001"))
    assert not storable(D("0.000000001"))
    assert not storable(D(0))


def test_nothing_stays_nothing(engine):
    with writer(engine) as session:
        make_trade(session, account=make_account(session), symbol=make_symbol(session))
    with reader(engine) as session:
        assert session.exec(select(Trade.pnl)).one() is None


def test_the_default_account_is_the_first(engine):
    with reader(engine) as session:
        first = make_account(session, "Z")
        make_account(session, "A")
        assert default_account(session).id == first.id
