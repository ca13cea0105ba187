"""All tables, with one naming convention for constraints so that migrations can name what they drop."""

from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

from db.models.accounts import (  # noqa: E402  (the convention must be set before the tables are defined)
    Account,
    CashMovement,
    Challenge,
    ChallengePhase,
    Clearing,
    DayNote,
    ImportBatch,
)
from db.models.analysis import (  # noqa: E402
    IndicatorSnapshot,
    PatternEvent,
    PatternLog,
    PatternReview,
    PatternStatus,
    Run,
    Signal,
    SignalOutcome,
    SignalVote,
    Strategy,
    StrategySymbol,
)
from db.models.charts import ChartExport, ChartImage, ChartPattern, DatasetBuild, EntryPoint  # noqa: E402
from db.models.desk import Revision, Setting  # noqa: E402
from db.models.journal import (  # noqa: E402
    Playbook,
    PlaybookRule,
    SavedFilter,
    Tag,
    Trade,
    TradeChange,
    TradeFill,
    TradeImage,
    TradeRule,
    TradeTag,
)
from db.models.lineage import LineageEdge, LineageStep  # noqa: E402
from db.models.market import FED, Bar, Symbol  # noqa: E402

__all__ = [
    "FED",
    "Account",
    "Bar",
    "CashMovement",
    "Challenge",
    "ChallengePhase",
    "ChartExport",
    "ChartImage",
    "ChartPattern",
    "Clearing",
    "DatasetBuild",
    "DayNote",
    "EntryPoint",
    "ImportBatch",
    "IndicatorSnapshot",
    "LineageEdge",
    "LineageStep",
    "PatternEvent",
    "PatternLog",
    "PatternReview",
    "PatternStatus",
    "Playbook",
    "PlaybookRule",
    "Revision",
    "Run",
    "SavedFilter",
    "Setting",
    "Signal",
    "SignalOutcome",
    "SignalVote",
    "Strategy",
    "StrategySymbol",
    "Symbol",
    "Tag",
    "Trade",
    "TradeChange",
    "TradeFill",
    "TradeImage",
    "TradeRule",
    "TradeTag",
]
