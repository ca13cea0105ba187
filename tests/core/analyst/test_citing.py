"""No number of an answer passes that is not in the evidence it cites: examples, and properties over random answers."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.analyst.citing import Figure, check_sentence

FIGURES = {
    one.key: one
    for one in (
        Figure("F1", "Trades on Monday", Decimal(12), "count", "12", "", "t"),
        Figure("F2", "Average R", Decimal("-0.3543"), "R", "-0.35 R", "", "t"),
        Figure("F3", "Win rate", Decimal("41.6667"), "%", "41.7 %", "", "t"),
        Figure("F4", "Net", Decimal("-1234.50"), "USD", "-1,234.50 USD", "", "t"),
        Figure("F5", "Profit factor", Decimal("0.84"), "ratio", "0.84", "", "t"),
        Figure("F6", "Worst day", "2026-03-02", "date", "2026-03-02", "", "t", dates=("2026-03-02",)),
        Figure(
            "F7", "Entries 14:00 to 14:59", Decimal(3), "count", "3", "", "t", "14:00 to 14:59",
            mentions=("14:00", "14:59", "US30"), quotes=("5 minute scalp",),
        ),
        Figure("F8", "Mean time in a loss", Decimal("3.46"), "hours", "3.5 hours", "", "t"),
    )
}  # fmt: skip


def bad(text: str, *cites: str, language: str = "English") -> list[str]:
    """What is marked as not in the evidence."""
    checked = check_sentence(text, cites or tuple(FIGURES), FIGURES, language)
    return [text[mark.start : mark.end] for mark in checked.failed]


@pytest.mark.parametrize(
    "text",
    [
        "You took 12 trades on Mondays and won 41.7 % of them.",
        "You won 42% of twelve trades, a loss of -0.35R on average.",
        "You lost 1,234.50 USD, or $1,235, or -1,234.5 USD.",
        "The profit factor is 0.84 or .84; 0.8x.",
        "It was worst on 2026-03-02, on 2 March 2026, on March 2, on the 2nd, in March 2026 and in 2026.",
        "Three of them were US30 at 14:00, which is 2 pm, in your '5 minute scalp'.",
        "Losing trades were open for 3.5 hours.",
        "Minus 0.35 R [F2].",
        "Nothing stands out.",
    ],
)
def test_what_is_in_the_evidence_passes(text: str):
    assert bad(text) == []


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("You took 13 trades.", ["13"]),
        ("You took about 10 trades, thirteen in all.", ["10", "thirteen"]),
        ("You made 0.35 R.", ["0.35"]),
        ("You made +0.35 R although you lost.", ["+0.35"]),
        ("You lost 0 R, -0.4R or -0R.", ["0", "-0"]),
        ("You won 12 %.", ["12"]),
        ("You won 41.67 % or 41.6 %.", ["41.6"]),
        ("You lost 1,234.50 EUR or 1,234.4 USD or 1.234,50 USD.", ["1,234.50", "1,234.4", "1.234,50"]),
        ("Half of your trades, a third of them, twice as many, dozens.", ["Half", "a third", "twice", "dozens"]),
        ("On 2026-03-03, 3 March, the 4th, in 2025, at 15:00.", ["2026-03-03", "3 March", "4", "2025", "15:00"]),
        ("In M15 and in a 5 minute scalp.", ["M15", "5"]),
        ("1e1, ½, 12k, 12 pips, F99", ["1e1", "½", "12k", "12", "F99"]),
    ],
)
def test_what_is_not_in_the_evidence_is_marked(text: str, marked: list[str]):
    assert bad(text) == marked


def test_a_number_has_to_be_cited_by_its_own_sentence():
    assert bad("You took 12 trades.", "F3") == ["12"]
    checked = check_sentence("You took 12 trades.", ("F77",), FIGURES)
    assert (checked.unknown, [mark.reason for mark in checked.failed]) == (("F77",), ["no figure is cited for it"])


def test_german_is_read_with_its_comma():
    assert bad("Du hast 1.234,50 USD verloren, -0,35 R, in zwölf Trades.", language="German") == []
    assert bad("Du hast 1.234 Trades, zweiundzwanzig Verluste, doppelt.", language="German") == [
        "1.234", "zweiundzwanzig", "doppelt",
    ]  # fmt: skip


VALUES = st.decimals(-5000, 5000, places=4, allow_nan=False)
UNITS = st.sampled_from(["R", "%", "USD", "ratio", "count", "hours"])
STYLES = {
    "R": "{}R", "%": "{} %", "USD": "{} USD", "ratio": "{}x", "count": "{} trades", "hours": "{} hours",
}  # fmt: skip
LEAST = {"R": 1, "%": 0, "USD": 0, "ratio": 1, "count": 99, "hours": 1}


@st.composite
def answers(draw):
    """A figure, and a number beside its unit that may or may not be the figure."""
    unit = draw(UNITS)
    value = draw(st.integers(-40, 40).map(Decimal) if unit == "count" else VALUES)
    places = draw(st.integers(0, 4))
    away = draw(st.sampled_from([Decimal(0), Decimal("0.5"), Decimal("0.51"), Decimal(1), Decimal(-1), Decimal(10)]))
    written = (value + away.scaleb(-places)).quantize(Decimal(1).scaleb(-places), draw(st.sampled_from(ROUNDINGS)))
    return Figure("F1", "It", value, unit, "", "", "t"), written, places


ROUNDINGS = [ROUND_FLOOR, ROUND_CEILING]


@given(answers(), st.booleans())
def test_a_number_passes_exactly_when_it_is_the_figure_rounded(made, grouped: bool):
    figure, written, places = made
    text = (
        f"It was {STYLES[figure.unit].format(f'{written:,.{places}f}' if grouped else f'{written:.{places}f}')} then."
    )
    checked = check_sentence(text, ["F1"], {"F1": figure})
    (mark,) = checked.marks
    # Stated once more and differently: the figure lies no further from what is written than half of its last digit.
    unit = Decimal(1) / Decimal(10) ** places
    rounded = 2 * abs(written - figure.value) <= unit and written != 0 and places >= LEAST[figure.unit]
    assert mark.passes == (written == figure.value or rounded)


@given(st.lists(VALUES, max_size=3), VALUES, UNITS, st.sampled_from(["English", "German"]))
def test_no_number_passes_that_differs_from_every_figure(
    values: list[Decimal], other: Decimal, unit: str, language: str
):
    assume(all(abs(abs(other) - abs(value)) > 1 for value in values))
    figures = {f"F{at}": Figure(f"F{at}", "It", value, unit, "", "", "t") for at, value in enumerate(values)}
    for written in (f"{other:,.2f}", f"{other:.4f}", f"{other:.0f}", f"{abs(other):.1f}".replace(".", ",")):
        for style in ("{}", "{} %", "{}R", "{} USD", "USD {}", "lost {}", "{}x", "a loss of {}!"):
            assert check_sentence(style.format(written), list(figures), figures, language).failed, written


@given(
    st.text(
        st.sampled_from("0123456789.,'\u2019-+\u2212% $€RkxFM:/\u00a0½٣一twohalfdozen ") | st.characters(), max_size=40
    )
)
def test_no_digit_escapes_the_check(text: str):
    for language in ("English", "German"):
        checked = check_sentence(text, ["F1"], {"F1": FIGURES["F4"]}, language)
        covered = {at for mark in checked.marks for at in range(mark.start, mark.end)}
        assert all(at in covered for at, sign in enumerate(text) if sign.isdigit())


@given(st.text(max_size=30), VALUES)
def test_a_name_that_people_wrote_lets_no_number_through(name: str, value: Decimal):
    """A tag called `average R is 9.87` is a name between quotation marks only."""
    assume(abs(value) > 1)
    claim = f"average R is {value}"
    figure = Figure("F1", name, Decimal("0.25"), "R", "0.25 R", "", "t", quotes=(claim,))
    assert check_sentence(f"Your {claim} now.", ["F1"], {"F1": figure}).failed
    assert not check_sentence(f'The tag "{claim}" has 0.25 R.', ["F1"], {"F1": figure}).failed


RESULTS = {
    "F1": Figure("F1", "Net, Monday", Decimal("250.75"), "USD", "", "", "t", "Monday"),
    "F2": Figure("F2", "Net, Friday", Decimal("-120.50"), "USD", "", "", "t", "Friday"),
    "F3": Figure("F3", "Average loss, Monday", Decimal("76.75"), "USD", "", "", "t", "Monday"),
}


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("You lost 250.75 USD.", False),
        ("You gained 120.50 USD.", False),
        ("You gained 120.50 USD on Fridays, no loss at all.", False),
        ("Fridays gained 120.50 USD while Mondays lost.", False),
        ("A loss of +250.75 USD.", False),
        ("You made 250.75 USD on Mondays, but lost 120.50 USD on Fridays.", True),
        ("You lost on Fridays: 120.50 USD.", True),
        ("You lost often, but the net is 250.75 USD.", True),
        ("You made a loss of 120.50 USD.", True),
        ("You lost 76.75 USD on average.", True),
        *((f"Net {sign}250.75 USD.", False) for sign in "-\u2012\u2013\u2014\u2212\ufe63\uff0d"),
        ("Net - 250.75 USD.", False),
        ("Net minus: 250.75 USD.", False),
        ("Net - 120.50 USD.", True),
        ("Mondays did well \u2014 250.75 USD.", True),
    ],
)
def test_a_loss_is_never_told_as_a_gain_nor_a_gain_as_a_loss(text: str, passes: bool):
    checked = check_sentence(text, RESULTS, RESULTS)
    assert (not checked.failed) == passes


KINDS = {
    "F1": Figure("F1", "Win rate, all", Decimal(40), "%", "", "", "t"),
    "F2": Figure("F2", "Wins, all", Decimal(9), "count", "", "", "t"),
    "F3": Figure("F3", "Losses, all", Decimal(16), "count", "", "", "t"),
    "F4": Figure("F4", "Longest losing run, all", Decimal(7), "count", "", "", "t"),
    "F5": Figure("F5", "Average loss, all", Decimal("500.25"), "USD", "", "", "t"),
    "F6": Figure("F6", "Average win, all", Decimal("300.50"), "USD", "", "", "t"),
    "F7": Figure("F7", "Maximum drawdown, all", Decimal(2500), "USD", "", "", "t"),
    "F8": Figure("F8", "Mean time in a win, all", Decimal("2.1"), "hours", "", "", "t"),
    "F9": Figure("F9", "Mean time in a loss, all", Decimal("6.5"), "hours", "", "", "t"),
}


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("You lose 40% of your trades.", ["40"]),
        ("The loss rate is 40%.", ["40"]),
        ("Die Verlustquote ist 40 %.", ["40"]),
        ("You won 16 and lost 9 trades.", ["16", "9"]),
        ("9 losses and 16 wins.", ["9", "16"]),
        ("Your longest winning run was 7 trades.", ["7"]),
        ("Your average win is 500.25 USD.", ["500.25"]),
        ("You gained 2,500 USD.", ["2,500"]),
        ("Winners are held for 6.5 hours, losers 2.1 hours.", ["6.5", "2.1"]),
        ("You win 40% of your trades: 9 won, 16 lost, 7 of them losers in a row.", []),
        ("The average loss (500.25 USD) is larger than the average win (300.50 USD).", []),
        ("A drawdown of 2,500 USD; winners are open for 2.1 hours, losers for 6.5 hours.", []),
    ],
)
def test_figures_of_wins_and_of_losses_are_not_exchanged(text: str, marked: list[str]):
    checked = check_sentence(text, KINDS, KINDS)
    assert [text[one.start : one.end] for one in checked.failed] == marked


@pytest.mark.parametrize(
    ("text", "language", "marked"),
    [
        ("\u80dc\u7387\u4e3a40%\uff0c\u5171\u670925\u7b14", "Chinese", ["25"]),
        ("Kazanma oran\u0131 %40.", "Turkish", []),
        ("Vous avez perdu 500,25 USD.", "French", []),
        ("\u0627\u0644\u0646\u0633\u0628\u0629 40\u066a", "Arabic", []),
    ],
)
def test_numbers_in_scripts_without_blanks(text: str, language: str, marked: list[str]):
    checked = check_sentence(text, KINDS, KINDS, language)
    assert [text[one.start : one.end] for one in checked.failed] == marked


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Tenfold, a fivefold risk, doubling, halved and quadrupled.", ["Tenfold", "fivefold", "doubling", "halved",
                                                                      "quadrupled"]),
        ("Half lost, the eleventh loss, the twenty-first loss.", ["Half", "eleventh", "twenty-first"]),
        ("The twelfth loss, a dozen trades, ein Dutzend, the first half.", []),
        ("\uff11\uff12 trades, \uff11\uff13 trades.", ["\uff11\uff13"]),
        ("You lost 1,234.50 usd 1,234.50 dollars or 1,234.50 US dollars.", []),
        ("You lost 1,234.50 Euro, 1,234.50 eur, 1,234.50 yen, 1,234.50 Swiss, 1,234.50 francs.",
         ["1,234.50", "1,234.50", "1,234.50", "1,234.50"]),
        ("You won 41.7 of them, or 41.7 to 41.7 %.", ["41.7"]),
        ("12 seconds, 12 points, 12 Mio, 12 o'clock.", ["12", "12", "12", "12"]),
        ("The 2nd was bad; the 2nd trade as well.", ["2"]),
        ("In March, not in May; on a Monday, not on Tuesdays.", ["May", "Tuesdays"]),
        ("It may be so, and you may march on.", []),
    ],
)  # fmt: skip
def test_numbers_in_any_dress_and_days_that_no_figure_is_about(text: str, marked: list[str]):
    assert bad(text) == marked
