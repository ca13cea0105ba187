"""Runs as OpenLineage events (specification 2-0-2), with the classes of openlineage-python. Pure: facts in, events out.

A scan is a run of the job `scan.STRATEGY.SYMBOL`, reads the data sets `bars.SYMBOL.TIMEFRAME` and writes
`votes.STRATEGY.SYMBOL` and `signals.STRATEGY.SYMBOL`; an import reads a file and writes bars. Each run is two events:
START, then COMPLETE or FAIL. A run has the same id whenever it is told again, unless it was run anew.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.generated.dataset_version_dataset import DatasetVersionDatasetFacet
from openlineage.client.generated.datasource_dataset import DatasourceDatasetFacet
from openlineage.client.generated.documentation_job import DocumentationJobFacet
from openlineage.client.generated.error_message_run import ErrorMessageRunFacet
from openlineage.client.generated.execution_parameters_run import ExecutionParameter, ExecutionParametersRunFacet
from openlineage.client.generated.input_statistics_input_dataset import InputStatisticsInputDatasetFacet
from openlineage.client.generated.job_type_job import JobTypeJobFacet
from openlineage.client.generated.nominal_time_run import NominalTimeRunFacet
from openlineage.client.generated.output_statistics_output_dataset import OutputStatisticsOutputDatasetFacet
from openlineage.client.generated.processing_engine_run import ProcessingEngineRunFacet
from openlineage.client.generated.schema_dataset import SchemaDatasetFacet, SchemaDatasetFacetFields
from openlineage.client.generated.source_code_job import SourceCodeJobFacet
from openlineage.client.uuid import generate_static_uuid

import core
from core.lineage import canonical_json
from db.views.lineage.events import BarsRead, RunFacts

PRODUCER: Final = f"urn:chartroom:{core.__version__}"
NAMESPACE: Final = "chartroom"
_BARS = (
    ("time", "BIGINT", "Open time, UTC ms"),
    ("open", "DOUBLE", ""),
    ("high", "DOUBLE", ""),
    ("low", "DOUBLE", ""),
    ("close", "DOUBLE", ""),
    ("volume", "DOUBLE", ""),
)
_SIGNALS = (
    ("direction", "SMALLINT", "+1 long, -1 short"),
    ("entry_type", "VARCHAR", ""),
    ("entry", "DOUBLE", ""),
    ("stop", "DOUBLE", ""),
    ("target", "DOUBLE", ""),
    ("reward_risk", "DOUBLE", ""),
    ("confidence", "DOUBLE", "0..1"),
    ("as_of", "BIGINT", "Close of the last bar it saw, UTC ms"),
)
_VOTES = (
    ("family", "VARCHAR", ""),
    ("name", "VARCHAR", ""),
    ("vote", "SMALLINT", "-1, 0 or +1 for the signal's direction"),
    ("weight", "DOUBLE", ""),
    ("strength", "DOUBLE", "0..1"),
)


def events(facts: RunFacts, source_code: str | None = None) -> list[RunEvent]:
    """START and the end of one run. `source_code` is the text of the strategy's code, told with the start."""
    run, failed = facts.run, facts.run.status == "failed"
    inputs, outputs = _datasets(facts)
    ended = RunState.FAIL if failed else RunState.COMPLETE
    told = {"errorMessage": _facet(ErrorMessageRunFacet, message=run.error or "unknown", programmingLanguage="PYTHON")}
    return [
        _event(facts, RunState.START, run.started_at, inputs, [], _job(facts, source_code), {}),
        _event(facts, ended, run.finished_at, inputs, [] if failed else outputs, _job(facts), told if failed else {}),
    ]


def job_name(facts: RunFacts) -> str:
    """`scan.SMC intraday.SIM-EURUSD`."""
    parts = (facts.run.kind, facts.strategy and facts.strategy.name, facts.symbol and facts.symbol.name)
    return ".".join(part for part in parts if part)


def _event(
    facts: RunFacts,
    state: RunState,
    at: datetime,
    inputs: list[InputDataset],
    outputs: list[OutputDataset],
    job: Job,
    told: dict[str, Any],
) -> RunEvent:
    return RunEvent(
        eventType=state,
        eventTime=_iso(at),
        run=Run(runId=_run_id(facts), facets=_run_facets(facts) | told),
        job=job,
        inputs=inputs,
        outputs=outputs,
        producer=PRODUCER,
    )


def _run_id(facts: RunFacts) -> str:
    return str(generate_static_uuid(facts.run.started_at, f"{NAMESPACE}:run:{facts.run.id}".encode()))


def _run_facets(facts: RunFacts) -> dict[str, Any]:
    run = facts.run
    facets: dict[str, Any] = {
        "processing_engine": _facet(ProcessingEngineRunFacet, version=run.code_version, name="Chartroom")
    }
    if run.slot is not None:
        facets["nominalTime"] = _facet(NominalTimeRunFacet, nominalStartTime=_iso(run.slot))
    if facts.strategy is not None:
        values: dict[str, Any] = {"version": run.result.get("version")}
        # Of a later version than the run's the parameters would be wrong.
        same = run.result.get("version") == facts.strategy.version
        values |= facts.strategy.parameters if same else {}
        parameters = [
            ExecutionParameter(key=key, value=_text(value)) for key, value in values.items() if value is not None
        ]
        facets["executionParameters"] = _facet(ExecutionParametersRunFacet, parameters=parameters)
    return facets


def _job(facts: RunFacts, source_code: str | None = None) -> Job:
    kind = _facet(JobTypeJobFacet, processingType="BATCH", integration="CHARTROOM", jobType=facts.run.kind.upper())
    facets: dict[str, Any] = {"jobType": kind}
    if facts.strategy is not None:
        words = f"Scan with the strategy {facts.strategy.name} ({facts.strategy.kind}), {facts.strategy.schedule} UTC"
        facets["documentation"] = _facet(DocumentationJobFacet, description=words)
    if source_code:
        facets["sourceCode"] = _facet(SourceCodeJobFacet, language="PYTHON", sourceCode=source_code)
    return Job(NAMESPACE, job_name(facts), facets)


def _datasets(facts: RunFacts) -> tuple[list[InputDataset], list[OutputDataset]]:
    if facts.run.kind == "import":
        file, sha = str(facts.run.result.get("file") or "file"), facts.run.result.get("sha256")
        version = {"version": _facet(DatasetVersionDatasetFacet, datasetVersion=str(sha))} if sha else {}
        rows = _facet(OutputStatisticsOutputDatasetFacet, rowCount=int(facts.run.result.get("inserted") or 0))
        made = [
            OutputDataset(
                NAMESPACE, _bars_name(facts, one), {"outputStatistics": rows}, facets=_bars_facets(facts, one)
            )
            for one in facts.bars
        ]
        return [InputDataset("file", file, facets=version)], made
    read = [
        InputDataset(
            NAMESPACE,
            _bars_name(facts, one),
            {"inputStatistics": _facet(InputStatisticsInputDatasetFacet, rowCount=one.count)},
            facets=_bars_facets(facts, one),
        )
        for one in facts.bars
    ]
    return read, [_made(facts, "votes", facts.votes, _VOTES), _made(facts, "signals", facts.signals, _SIGNALS)]


def _made(facts: RunFacts, name: str, hashes: list[str], fields: tuple[tuple[str, str, str], ...]) -> OutputDataset:
    """What a scan wrote; a version only where it wrote something."""
    facets: dict[str, Any] = {"schema": _schema(fields)}
    if hashes:
        facets["version"] = _facet(DatasetVersionDatasetFacet, datasetVersion=hashes[-1])
    rows = _facet(OutputStatisticsOutputDatasetFacet, rowCount=len(hashes))
    tail = job_name(facts).partition(".")[2]
    return OutputDataset(NAMESPACE, f"{name}.{tail}", {"outputStatistics": rows}, facets=facets)


def _bars_name(facts: RunFacts, one: BarsRead) -> str:
    return ".".join(part for part in ("bars", facts.symbol.name if facts.symbol else "", one.timeframe) if part)


def _bars_facets(facts: RunFacts, one: BarsRead) -> dict[str, Any]:
    facets: dict[str, Any] = {"schema": _schema(_BARS)}
    version = one.content_hash or (None if one.as_of is None else _iso(one.as_of))
    if version is not None:
        facets["version"] = _facet(DatasetVersionDatasetFacet, datasetVersion=version)
    if facts.symbol is not None:
        source = facts.symbol.source
        facets["dataSource"] = _facet(DatasourceDatasetFacet, name=source, uri=f"urn:chartroom:source:{source}")
    return facets


def _schema(fields: tuple[tuple[str, str, str], ...]) -> SchemaDatasetFacet:
    made = [
        SchemaDatasetFacetFields(name=name, type=kind, description=words or None, ordinal_position=place)
        for place, (name, kind, words) in enumerate(fields, start=1)
    ]
    found: SchemaDatasetFacet = _facet(SchemaDatasetFacet, fields=made)
    return found


def _facet(kind: Any, **values: Any) -> Any:
    return kind(**values, producer=PRODUCER)


def _text(value: object) -> str:
    return value if isinstance(value, str) else canonical_json(value)


def _iso(moment: datetime | int) -> str:
    known = datetime.fromtimestamp(moment / 1000, UTC) if isinstance(moment, int) else moment.astimezone(UTC)
    return known.isoformat(timespec="milliseconds").replace("+00:00", "Z")
