"""One exception tree. Each error says what is wrong and what to do, and carries the offending object."""

from __future__ import annotations


class ChartroomError(Exception):
    """Base of every error Chartroom raises on purpose.

    `subject` is the offending object (a path, a row number, a status ...), for callers that want to act on it.
    """

    def __init__(self, message: str, subject: object = None) -> None:
        super().__init__(message)
        self.message = message
        self.subject = subject


class SettingsError(ChartroomError):
    """A setting or the machine it describes cannot be used as it is."""


class BarsError(ChartroomError):
    """Bars break the OHLCV contract of `core.bars`."""


class ParameterError(ChartroomError):
    """A strategy, indicator or command was given a parameter outside its range."""


class StrategyError(ChartroomError):
    """A strategy of the user's own cannot be loaded, or failed while it judged."""


class MarketDataError(ChartroomError):
    """A market data source refused, or answered with something that is no bar."""


class MarketDataUnavailableError(MarketDataError):
    """A market data source could not be reached or asked us to slow down: worth another try later."""


class DeskError(ChartroomError):
    """A change asked for by a person cannot be made; the data base is as it was."""


class ConflictError(DeskError):
    """Somebody else made the change first."""


class EditConflictError(ConflictError):
    """Somebody else edited the row since it was read. `fields` has (theirs, yours) of each field that differs."""

    def __init__(self, message: str, fields: dict[str, tuple[object, object]], subject: object = None) -> None:
        super().__init__(message, subject)
        self.fields = fields


class LimitError(DeskError):
    """A rule of the account or of its challenge does not allow it; `subject` is the name of the rule."""


class NotFoundError(DeskError):
    """The row asked for does not exist."""


class RenderError(ChartroomError):
    """A chart could not be turned into an image."""


class OrderError(ChartroomError):
    """An order is not one a broker could work: the sentence names the field and what to change."""


class IllegalTransitionError(OrderError):
    """An order was told something that cannot happen in the state it is in; it stays as it was."""


class LedgerError(ChartroomError):
    """The records of an account contradict each other, or one is missing that a figure needs."""


class LineageError(ChartroomError):
    """A step of the lineage is of no known kind, or comes from nothing."""


class LineageExportError(ChartroomError):
    """An event of the lineage could not be delivered: worth another try later."""


class LineageRefusedError(LineageExportError):
    """The endpoint would not have this event, and will not have it later."""


class BrokerError(ChartroomError):
    """A broker refused, or said something that has to be looked at by a person."""


class BrokerUnavailableError(BrokerError):
    """A broker could not be reached or did not answer in time: worth another try later."""


class ClientInUseError(BrokerUnavailableError):
    """Another program is connected to the gateway under the same client id."""


class DatasetError(ChartroomError):
    """A set of chart images cannot be written, or is not what it was."""


class PromptError(ChartroomError):
    """A prompt cannot be used as it is written; the sentence names the place and what to change."""


class AnalystError(ChartroomError):
    """The local model gave no usable answer. `reason` is the stored word, `raw` the last text, `tries` their number."""

    reason = "unavailable"

    def __init__(self, message: str, subject: object = None, raw: str = "", tries: int = 0) -> None:
        super().__init__(message, subject)
        self.raw = raw
        self.tries = tries


class AnalystOffError(AnalystError):
    """The person has switched the analyst off."""

    reason = "off"


class AnalystUnavailableError(AnalystError):
    """No model server answers, or it fails by itself."""

    reason = "unavailable"


class ModelMissingError(AnalystError):
    """The server does not have the model."""

    reason = "missing_model"


class AnalystTimeoutError(AnalystError):
    """The model did not come to an end in time."""

    reason = "timeout"


class AnalystJunkError(AnalystError):
    """What the model wrote is no answer, also after it was told what was wrong."""

    reason = "junk"


class AnalystRefusedError(AnalystError):
    """The model does not want to answer, or the server does not take the question."""

    reason = "refused"
